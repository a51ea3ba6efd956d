#include "unit.h"

#include "store/fixture.h"
#include "tile/tile.h"

TEST(a_stamp_changes_with_its_own_kind_only)
{
    static const char path[] = "tiles_test.gpkg";
    struct tl_project *project = NULL;
    struct tl_tiles *tiles = NULL;
    struct tl_tiles_stamp accident, item, again;
    enum tl_put put;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_tiles_create(ctx, NULL, &tiles));
    CHECK_OK(tl_tiles_stamp(ctx, tiles, project, TL_KIND_ACCIDENT, &accident));
    CHECK_OK(tl_tiles_stamp(ctx, tiles, project, TL_KIND_ITEM, &item));
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(fixture_put(ctx, project, 0, 1, true, "AP mine", &put, NULL));
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK_OK(tl_tiles_stamp(ctx, tiles, project, TL_KIND_ITEM, &again));
    CHECK(memcmp(&again, &item, sizeof item) == 0);
    CHECK_OK(tl_tiles_stamp(ctx, tiles, project, TL_KIND_ACCIDENT, &again));
    CHECK(again.line > accident.line);
    tl_tiles_free(tiles);
    tl_project_close(project);
}

TEST(a_tile_that_is_held_outlives_the_set)
{
    struct tl_tiles *tiles = NULL;
    struct tl_tile tile = {0}, same = {0};
    struct tl_tile facts = {.bytes = "hello", .n_bytes = 5, .is_gzip = true};
    struct tl_cache_key key = {{1}}, other = {{2}};
    struct tl_tiles_counts counts;
    CHECK_OK(tl_tiles_create(ctx, NULL, &tiles));
    CHECK_OK(tl_tiles_keep(ctx, tiles, &key, &facts, &tile));
    CHECK(tl_tiles_find(ctx, tiles, &key, &same) && !tl_tiles_find(ctx, tiles, &other, &same));
    CHECK(same.bytes == tile.bytes && strlen(tile.etag) == 32);
    tl_tiles_counts(tiles, &counts);
    CHECK(counts.n_hits == 1 && counts.n_made == 1 && counts.tile_bytes > 5);
    tl_tiles_free(tiles);
    CHECK(memcmp(tile.bytes, "hello", 5) == 0 && tile.is_gzip && !tile.is_empty);
    tl_tile_release(&tile);
    tl_tile_release(&tile);
    tl_tile_release(&same);
    tiles = NULL;
    CHECK_EVERY_ALLOC(ctx,
                      (tl_tiles_free(tiles), tiles = NULL, tl_tiles_create(ctx, NULL, &tiles)));
    tl_tiles_free(tiles);
}
