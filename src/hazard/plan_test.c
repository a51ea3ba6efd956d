#include <unistd.h>

#include "unit.h"

#include "hazard/hazard.h"
#include "tilth/raster.h"

enum { SIDE = 220 };

TEST(a_plan_tells_cells_bytes_and_seconds_and_makes_nothing)
{
    static double zero[SIDE * SIDE];
    struct tl_grid grid = {.x0_m = 0.0, .y0_m = 0.0, .step_m = 25.0, .n_x = SIDE, .n_y = SIDE};
    const struct tl_raster_band band = {.name = "y", .values = zero};
    struct tl_hazard_named_file y = {.path = "plan_y.tif"};
    struct tl_hazard_field_options o = {.n_counts = 1,
                                        .n_effort = 1,
                                        .counts = &y,
                                        .effort = &y,
                                        .field = tl_field_options_default()};
    char *text = NULL;
    CHECK_OK(tl_raster_write(ctx, "plan_y.tif", &grid, "EPSG:32636", 1, &band));
    CHECK_OK(tl_hazard_field_plan(ctx, &o, &text));
    CHECK(strstr(text, "\"engine\": \"lattice\"") != NULL);
    CHECK(strstr(text, "\"cells\": 48400") != NULL);
    CHECK(strstr(text, "\"phase\": \"variances\"") != NULL);
    CHECK(strstr(text, "\"program_bytes\"") != NULL);
    tl_free(text);
    text = NULL;
    o.field.engine = TL_ENGINE_EXACT;
    CHECK_OK(tl_hazard_field_plan(ctx, &o, &text));
    CHECK(strstr(text, "\"engine\": \"exact\"") != NULL);
    tl_free(text);
    text = NULL;
    o.field.engine = TL_ENGINE_LATTICE;
    o.field.memory_bytes = 200 << 20;
    CHECK_FAILS(tl_hazard_field_plan(ctx, &o, &text), TL_ENOMEM,
                "a field of 220 x 220 cells needs");
    o.field.memory_bytes = 1 << 20;
    CHECK_FAILS(tl_hazard_field_plan(ctx, &o, &text), TL_ENOMEM, "the rows of its rasters alone");
    y.path = "plan_none.tif";
    CHECK_FAILS(tl_hazard_field_plan(ctx, &o, &text), TL_ENOTFOUND, "plan_none.tif");
    CHECK(text == NULL);
    unlink("plan_y.tif");
}
