#include "unit.h"

#include "tile/chunk.h"
#include "tile/fixture.h"

static const struct tl_grid grid = {477000, 783000, 1000, 10, 8};
static const double area[4] = {-75.2, 7.0, -75.1, 7.08};

static tl_err fill_points(struct tl_ctx *ctx, struct tl_project *project, int n)
{
    tl_err err = TL_OK;
    enum tl_put put;
    TL_TRY(tl_project_begin(ctx, project));
    for (int i = 0; i < n; i++) {
        unsigned char wkb[21];
        char id[32];
        snprintf(id, sizeof id, "P%d", i);
        struct tl_record record = {
            .source = "t", .source_id = id, .accuracy_m = NAN, .wkb = wkb, .wkb_bytes = 21};
        tl_geom_point(-75.2 + 0.1 * (i % 317) / 317, 7.0 + 0.08 * (i % 211) / 211, wkb);
        record.values[tl_kind_column(TL_KIND_ITEM, "category")] = "AP mine";
        TL_TRY(tl_register_put(ctx, project, TL_KIND_ITEM, &record, false, &put, NULL));
    }
    TL_TRY(tl_project_commit(ctx, project));
done:
    return err;
}

static tl_err count(struct tl_ctx *ctx, const struct tl_chunk *chunk, void *user)
{
    (void)ctx;
    *(int64_t *)user += chunk->n_records;
    return TL_OK;
}

TEST(one_chunk_serves_the_tiles_of_its_square_and_too_large_ones_give_way_to_smaller)
{
    struct tl_project *project = NULL;
    struct tl_tiles *tiles = NULL;
    struct tl_tiles_options options = {.record_bytes = 600000}; /* chunks up to 50 KB */
    struct tl_chunk *a = NULL, *b = NULL;
    struct tl_tiles_stamp stamp = {1, 0};
    int64_t n = 0;
    CHECK_OK(fixture_project(ctx, "chunk_test.gpkg", "EPSG:32618", grid, area, &project));
    CHECK_OK(fill_points(ctx, project, 3000));
    CHECK_OK(tl_tiles_create(ctx, NULL, &tiles));
    CHECK_OK(
        tl_chunk_get(ctx, tiles, project, TL_KIND_ITEM, &stamp, fixture_at(14, -75.15, 7.04), &a));
    CHECK_OK(
        tl_chunk_get(ctx, tiles, project, TL_KIND_ITEM, &stamp, fixture_at(12, -75.15, 7.04), &b));
    CHECK(a == b && a->n_records > 100);
    tl_cache_drop(&a->thing);
    tl_cache_drop(&b->thing);
    CHECK_OK(
        tl_chunk_get(ctx, tiles, project, TL_KIND_ITEM, &stamp, fixture_at(3, -75.15, 7.04), &a));
    CHECK(a->n_records == 3000 && a->records[0].n_props > 8);
    tl_cache_drop(&a->thing);
    tl_tiles_free(tiles);
    CHECK_OK(tl_tiles_create(ctx, &options, &tiles));
    CHECK_OK(
        tl_chunk_get(ctx, tiles, project, TL_KIND_ITEM, &stamp, fixture_at(3, -75.15, 7.04), &a));
    CHECK(a->is_too_large && a->n_records == 0);
    tl_cache_drop(&a->thing);
    CHECK_OK(
        tl_chunk_each(ctx, tiles, project, TL_KIND_ITEM, fixture_at(3, -75.15, 7.04), count, &n));
    CHECK(n == 3000);
    CHECK_OK(
        tl_chunk_get(ctx, tiles, project, TL_KIND_ITEM, &stamp, fixture_at(15, -75.15, 7.04), &a));
    CHECK(!a->is_too_large && a->n_records > 0 && a->n_records < 3000);
    tl_cache_drop(&a->thing);
    tl_tiles_free(tiles);
    tl_project_close(project);
}

TEST(long_edges_get_points_where_mercator_bends_them)
{
    struct tl_project *project = NULL;
    struct tl_tiles *tiles = NULL;
    struct tl_chunk *c = NULL;
    struct tl_tiles_stamp stamp = {1, 0};
    CHECK_OK(fixture_project(ctx, "chunk_edge.gpkg", "EPSG:32618", grid, area, &project));
    CHECK_OK(fixture_put(ctx, project, TL_KIND_HAZARD_AREA,
                         "POLYGON((-75 5,-70 5,-70 9,-75 6,-75 5))", NULL, NULL));
    CHECK_OK(tl_tiles_create(ctx, NULL, &tiles));
    CHECK_OK(
        tl_chunk_get(ctx, tiles, project, TL_KIND_HAZARD_AREA, &stamp, fixture_at(4, -72, 6), &c));
    CHECK(c->n_records == 1 &&
          c->n_xy == 1 + 1 + 1 + 150 +
                         1); /* 3 degrees in steps of 0.02, upright and level edges as they are */
    for (int64_t i = 0; i < c->n_xy; i++) { /* on the straight line of longitude and latitude */
        double lon = tl_tile_lon(c->xy[i][0]), lat = tl_tile_lat(c->xy[i][1]);
        CHECK(fabs(lat - 5) < 1e-9 || fabs(lon + 75) < 1e-9 ||
              fabs((lat - 6) - (lon + 75) * 0.6) < 1e-9);
    }
    tl_cache_drop(&c->thing);
    CHECK_EVERY_ALLOC(ctx,
                      (tl_tiles_clear(tiles), tl_chunk_get(ctx, tiles, project, TL_KIND_HAZARD_AREA,
                                                           &stamp, fixture_at(4, -72, 6), &c)));
    tl_cache_drop(&c->thing);
    CHECK(!tl_chunk_has_column(TL_KIND_REPORT, tl_kind_column(TL_KIND_REPORT, "description")));
    CHECK(tl_chunk_has_column(TL_KIND_REPORT, tl_kind_column(TL_KIND_REPORT, "date")));
    tl_tiles_free(tiles);
    tl_project_close(project);
}
