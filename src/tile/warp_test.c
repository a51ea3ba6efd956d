#include "unit.h"

#include "tile/warp.h"

static const struct {
    const char *crs;
    struct tl_grid grid;
    double lon, lat; /* a place in it */
    double box[4];
} places[] = {
    {"EPSG:32618", {400000, 900000, 100, 3000, 3000}, -74.9, 7.5, {-76.2, 5.2, -73.0, 8.3}},
    {"EPSG:32636", {300000, 5500000, 20, 10000, 10000}, 31.6, 48.9, {30.1, 47.6, 33.2, 49.8}},
    {"+proj=laea +lat_0=52 +lon_0=20 +type=crs",
     {-2000000, 2000000, 1000, 4000, 4000},
     3.0,
     60.0,
     {-30.0, 30.0, 70.0, 72.0}},
    {"EPSG:3413", {-3000000, 3000000, 1000, 6000, 6000}, 120.0, 84.0, {-180, -90, 180, 90}},
    {"EPSG:4326", {-10, 60, 0.01, 4000, 3000}, 5.0, 45.0, {-10, 30, 30, 60}},
    {"EPSG:3832",
     {2000000, 1000000, 2000, 1500, 1000},
     179.9,
     2.0,
     {-180, -90, 180, 90}}, /* across the antimeridian */
    {"EPSG:32760", {400000, 9000000, 50, 4000, 4000}, 177.3, -9.8, {176, -12, 180, -8}},
};

/* Error at every pixel, in pixels; pixels that the patches leave out must lie outside of the box or nowhere. */
static double worst_at(struct tl_ctx *ctx, size_t p, struct tl_tile_id id, bool *complete)
{
    static double x[TL_TILE_PIXELS * TL_TILE_PIXELS], y[TL_TILE_PIXELS * TL_TILE_PIXELS];
    static bool seen[TL_TILE_PIXELS * TL_TILE_PIXELS];
    struct tl_crs_map *map = NULL;
    struct tl_warp warp = {0};
    double worst = 0.0, size = (double)((int64_t)1 << id.z) * TL_TILE_PIXELS;
    int first[2], end[2];
    const struct tl_grid *grid = &places[p].grid;
    if (tl_crs_map_create(ctx, "EPSG:4326", places[p].crs, &map) != TL_OK ||
        tl_warp_make(ctx, id, places[p].box, grid, map, &warp) != TL_OK)
        return INFINITY;
    for (int i = 0; i < TL_TILE_PIXELS * TL_TILE_PIXELS; i++) {
        x[i] = tl_tile_lon(((double)id.x * TL_TILE_PIXELS + i % TL_TILE_PIXELS + 0.5) / size);
        y[i] = tl_tile_lat(((double)id.y * TL_TILE_PIXELS + i / TL_TILE_PIXELS + 0.5) / size);
        seen[i] = false;
    }
    tl_crs_map_points(map, TL_TILE_PIXELS * TL_TILE_PIXELS, x, y, NULL);
    for (int64_t k = 0; k < warp.n; k++) {
        const struct tl_warp_patch *q = &warp.patches[k];
        for (int j = 0; j < q->size * q->size; j++) {
            double s = (j % q->size + 0.5) / q->size, t = (j / q->size + 0.5) / q->size;
            double col = (1 - t) * ((1 - s) * q->col[0] + s * q->col[1]) +
                         t * ((1 - s) * q->col[2] + s * q->col[3]);
            double row = (1 - t) * ((1 - s) * q->row[0] + s * q->row[1]) +
                         t * ((1 - s) * q->row[2] + s * q->row[3]);
            int i = (q->v + j / q->size) * TL_TILE_PIXELS + q->u + j % q->size;
            double dc = col - (x[i] - grid->x0_m) / grid->step_m,
                   dr = row - (grid->y0_m - y[i]) / grid->step_m;
            /* A pixel's step here, from the neighbours' true places. */
            int n = i % TL_TILE_PIXELS > 0 ? i - 1 : i + 1;
            double step = hypot(x[n] - x[i], y[n] - y[i]) / grid->step_m;
            seen[i] = true;
            if (isfinite(step) && step > 0.0)
                worst = fmax(worst, hypot(dc, dr) / step);
        }
    }
    *complete = true;
    bool any = tl_warp_pixels(id, places[p].box, first, end);
    for (int i = 0; any && i < TL_TILE_PIXELS * TL_TILE_PIXELS; i++) {
        int u = i % TL_TILE_PIXELS, v = i / TL_TILE_PIXELS;
        bool within = u >= first[0] && u < end[0] && v >= first[1] && v < end[1];
        *complete = *complete && (seen[i] || !within || isnan(x[i]));
    }
    tl_warp_fini(&warp);
    tl_crs_map_free(map);
    return worst;
}

TEST(every_pixel_lies_within_an_eighth_of_a_pixel_at_all_zooms)
{
    for (size_t p = 0; p < sizeof places / sizeof places[0]; p++)
        for (int z = 0; z <= TL_TILE_ZOOM_MAX; z += z < 8 ? 1 : 3) {
            double n = (double)((int64_t)1 << z);
            struct tl_tile_id id = {z, (int64_t)(tl_tile_x(places[p].lon) * n),
                                    (int64_t)(tl_tile_y(places[p].lat) * n)};
            bool complete = false;
            double worst = worst_at(ctx, p, id, &complete);
            if (!(worst < 0.125) || !complete)
                printf("  %s zoom %d: %g px\n", places[p].crs, z, worst);
            CHECK(worst < 0.125 && complete);
        }
}

TEST(a_tile_of_one_zone_takes_few_positions)
{
    struct tl_crs_map *map = NULL;
    struct tl_warp warp = {0};
    struct tl_tile_id id = {14, 9629, 5624};
    CHECK_OK(tl_crs_map_create(ctx, "EPSG:4326", "EPSG:32636", &map));
    CHECK_OK(tl_warp_make(ctx, id, places[1].box, &places[1].grid, map, &warp));
    CHECK(warp.n >= 1 && warp.n <= 64);
    double pixel_m =
        40075016.7 / 256 / 16384 * cos(tl_tile_lat((5624.5) / 16384) * 3.14159265 / 180);
    CHECK_NEAR(warp.need * places[1].grid.step_m, pixel_m, 0.1 * pixel_m);
    tl_warp_fini(&warp);
    CHECK_EVERY_ALLOC(ctx, (tl_warp_fini(&warp),
                            tl_warp_make(ctx, id, places[1].box, &places[1].grid, map, &warp)));
    tl_warp_fini(&warp);
    tl_crs_map_free(map);
}
