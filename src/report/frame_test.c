#include "unit.h"

#include "report/frame.h"

TEST(corners_of_the_grid_are_corners_of_the_box)
{
    struct tl_report_map map = {
        .grid = {.x0_m = 1000, .y0_m = 9000, .step_m = 10, .n_x = 20, .n_y = 30}};
    struct tl_frame frame = {.map = &map, .box = {100, 50, 200, 300}};
    double x, y;
    tl_frame_point(&frame, 1000, 9000, &x, &y);
    CHECK(x == 100 && y == 50);
    tl_frame_point(&frame, 1200, 8700, &x, &y);
    CHECK_NEAR(x, 300, 1e-9);
    CHECK_NEAR(y, 350, 1e-9);
}

/* Colour of a page's pixel at a point [pt]. */
static uint32_t pixel_at(struct tl_page *page, double x, double y)
{
    uint32_t pixel;
    double scale = TL_PAGE_PNG_DPI / 72.0;
    cairo_surface_flush(page->surface);
    const unsigned char *data = cairo_image_surface_get_data(page->surface);
    memcpy(&pixel,
           data + (int)(y * scale) * cairo_image_surface_get_stride(page->surface) +
               4 * (int)(x * scale),
           4);
    return pixel & 0xFFFFFF;
}

TEST(each_cell_is_a_crisp_square_of_its_own_colour_with_north_up)
{
    static const double values[] = {1e-6, 1e-5, 1e-4, 1e-3};
    struct tl_report_map map = {
        .grid = {.step_m = 100, .n_x = 2, .n_y = 2}, .mean = values, .sd = values};
    struct tl_page page;
    CHECK_OK(tl_page_open(ctx, "frame_crisp.png", NULL, &page));
    struct tl_frame frame = {
        .page = &page, .map = &map, .values = values, .factor = 1e4, .box = {100, 100, 200, 200}};
    CHECK_OK(tl_scale_fit(ctx, TL_SCALE_DENSITY, true, values, 4, 1e4, &frame.scale));
    CHECK_OK(tl_frame_draw(&frame));
    for (int i = 0; i < 4; i++) {
        uint32_t expected =
            tl_scale_colour(TL_SCALE_DENSITY, tl_scale_share(&frame.scale, 1e4 * values[i]));
        double left = 100 + 100 * (i % 2), top = 100 + 100 * (i / 2);
        CHECK(pixel_at(&page, left + 50, top + 50) == expected);
        CHECK(pixel_at(&page, left + 3, top + 3) == expected);
        CHECK(pixel_at(&page, left + 97, top + 97) == expected);
    }
    tl_page_fini(&page);
}

TEST(a_cell_without_a_value_is_hatched_not_coloured)
{
    static const double values[] = {NAN, 1e-4};
    struct tl_report_map map = {.grid = {.step_m = 100, .n_x = 2, .n_y = 1}};
    struct tl_page page;
    int n_pale = 0;
    CHECK_OK(tl_page_open(ctx, "frame_hatch.png", NULL, &page));
    struct tl_frame frame = {
        .page = &page, .map = &map, .values = values, .factor = 1e4, .box = {100, 100, 200, 100}};
    CHECK_OK(tl_scale_fit(ctx, TL_SCALE_DENSITY, true, values, 2, 1e4, &frame.scale));
    CHECK_OK(tl_frame_draw(&frame));
    for (int k = 0; k < 50; k++)
        n_pale += pixel_at(&page, 110 + k, 140) == 0xF4F4F2;
    tl_page_fini(&page);
    CHECK(n_pale > 10 && n_pale < 50);
}
