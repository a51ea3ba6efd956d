#include "unit.h"

#include <fcntl.h>
#include <unistd.h>

#include "store/fixture.h"
#include "tile/tile.h"

static const struct tl_tile_layer accidents = {TL_KIND_ACCIDENT, false};

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

/* A tile of accidents: its bytes hashed, and how it was had. */
static tl_err look(struct tl_ctx *ctx, struct tl_tiles *tiles, struct tl_project *project,
                   char etag[TL_TILE_ETAG_BYTES], int64_t n[3])
{
    struct tl_tile tile = {0};
    struct tl_tiles_counts counts;
    tl_err err =
        tl_tiles_vector(ctx, tiles, project, &accidents, (struct tl_tile_id){0, 0, 0}, &tile);
    if (err == TL_OK)
        memcpy(etag, tile.etag, sizeof tile.etag);
    tl_tile_release(&tile);
    tl_tiles_counts(tiles, &counts);
    n[0] = counts.n_hits, n[1] = counts.n_read, n[2] = counts.n_made;
    return err;
}

static tl_err put_one(struct tl_ctx *ctx, struct tl_project *project, int number)
{
    enum tl_put put;
    tl_err err = tl_project_begin(ctx, project);
    if (err == TL_OK)
        err = fixture_put(ctx, project, 0, number, true, "AP mine", &put, NULL);
    return err == TL_OK ? tl_project_commit(ctx, project) : err;
}

TEST(a_new_start_reads_from_disk_what_was_made_and_never_what_is_out_of_date)
{
    static const char path[] = "tiles_disk.gpkg";
    const struct tl_tiles_options options = {.project = path};
    struct tl_project *project = NULL;
    struct tl_tiles *tiles = NULL;
    char first[TL_TILE_ETAG_BYTES], etag[TL_TILE_ETAG_BYTES];
    int64_t n[3];
    CHECK(system("rm -rf tiles_disk.gpkg.tiles") == 0);
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(put_one(ctx, project, 0));
    CHECK_OK(tl_tiles_create(ctx, &options, &tiles));
    CHECK_OK(look(ctx, tiles, project, first, n));
    CHECK(n[0] == 0 && n[1] == 0 && n[2] == 1);
    tl_tiles_free(tiles);
    CHECK_OK(tl_tiles_create(ctx, &options, &tiles)); /* started again */
    CHECK_OK(look(ctx, tiles, project, etag, n));
    CHECK(n[0] == 0 && n[1] == 1 && n[2] == 0 && strcmp(etag, first) == 0);
    CHECK_OK(look(ctx, tiles, project, etag, n));
    CHECK(n[0] == 1 && n[1] == 1 && n[2] == 0);
    CHECK_OK(put_one(ctx, project, 1)); /* while it runs: made anew */
    CHECK_OK(look(ctx, tiles, project, etag, n));
    CHECK(n[1] == 1 && n[2] == 1 && strcmp(etag, first) != 0);
    memcpy(first, etag, sizeof first);
    tl_tiles_free(tiles);
    CHECK_OK(put_one(ctx, project, 2)); /* while nobody looked */
    CHECK_OK(tl_tiles_create(ctx, &options, &tiles));
    CHECK_OK(look(ctx, tiles, project, etag, n));
    CHECK(n[1] == 0 && n[2] == 1 && strcmp(etag, first) != 0);
    tl_tiles_free(tiles);
    tl_project_close(project);
}

TEST(a_change_past_the_log_is_seen_while_the_set_is_used_and_after)
{
    static const char path[] = "tiles_past.gpkg";
    const struct tl_tiles_options options = {.project = path};
    struct tl_project *project = NULL;
    struct tl_tiles *tiles = NULL;
    struct sqlite3 *db = NULL;
    char first[TL_TILE_ETAG_BYTES], etag[TL_TILE_ETAG_BYTES];
    int64_t n[3];
    CHECK(system("rm -rf tiles_past.gpkg.tiles") == 0);
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(put_one(ctx, project, 0));
    tl_project_close(project);
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_READ, &project));
    for (int way = 0; way < 2; way++) {
        CHECK_OK(tl_tiles_create(ctx, &options, &tiles));
        CHECK_OK(look(ctx, tiles, project, first, n));
        if (way == 1) {
            tl_tiles_free(tiles);
            tiles = NULL;
        }
        CHECK(sqlite3_open(path, &db) == SQLITE_OK);
        sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
        CHECK(sqlite3_exec(db,
                           way == 0 ? "UPDATE accident SET code = 'AC-9998'"
                                    : "UPDATE accident SET code = 'AC-9999'",
                           NULL, NULL, NULL) == SQLITE_OK);
        sqlite3_close(db);
        if (way == 1)
            CHECK_OK(tl_tiles_create(ctx, &options, &tiles));
        CHECK_OK(look(ctx, tiles, project, etag, n));
        CHECK(strcmp(etag, first) != 0 && n[0] == 0 && n[1] == 0);
        tl_tiles_free(tiles);
    }
    tl_project_close(project);
}

TEST(a_damaged_folder_gives_the_same_tiles_as_none)
{
    static const char path[] = "tiles_bad.gpkg";
    const struct tl_tiles_options options = {.project = path};
    struct tl_project *project = NULL;
    struct tl_tiles *tiles = NULL;
    char first[TL_TILE_ETAG_BYTES], etag[TL_TILE_ETAG_BYTES];
    int64_t n[3], n_made = 0;
    CHECK(system("rm -rf tiles_bad.gpkg.tiles") == 0);
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(put_one(ctx, project, 0));
    for (int trial = 0; trial < 60; trial++) {
        CHECK_OK(tl_tiles_create(ctx, &options, &tiles));
        CHECK_OK(look(ctx, tiles, project, etag, n));
        n_made += n[2];
        if (trial == 0)
            memcpy(first, etag, sizeof etag);
        CHECK(strcmp(etag, first) == 0);
        tl_tiles_free(tiles);
        int file = open(
            trial % 2 == 0 ? "tiles_bad.gpkg.tiles/tiles-0" : "tiles_bad.gpkg.tiles/head", O_RDWR);
        uint8_t byte = 0;
        CHECK(file >= 0 && pread(file, &byte, 1, 2 * trial) == 1);
        byte ^= 1;
        CHECK(pwrite(file, &byte, 1, 2 * trial) == 1);
        close(file);
    }
    CHECK(n_made > 50);
    tl_project_close(project);
}
