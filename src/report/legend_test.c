#include "unit.h"

#include "report/frame.h"

static double draw(struct tl_ctx *ctx, bool is_empty, bool as_factor)
{
    struct tl_page page;
    if (tl_page_open(ctx, "legend.png", NULL, &page) != TL_OK)
        return NAN;
    struct tl_frame frame = {.page = &page,
                             .has_nodata = true,
                             .scale = {.colours = TL_SCALE_UNCERTAINTY,
                                       .is_empty = is_empty,
                                       .is_above = true,
                                       .lo = 0.2,
                                       .hi = 2.0}};
    double height =
        tl_legend_draw(&frame, (struct tl_box){50, 50, 300, 0}, "Unit", "Detail", as_factor);
    tl_err err = tl_page_write(&page);
    tl_page_fini(&page);
    return err == TL_OK ? height : NAN;
}

TEST(a_second_row_makes_the_legend_higher_and_an_empty_one_is_drawn)
{
    double one = draw(ctx, false, false), two = draw(ctx, false, true),
           none = draw(ctx, true, true);
    CHECK(one > 20.0 && one < 50.0);
    CHECK(two > one + 5.0 && two < 60.0);
    CHECK(none > 10.0);
}
