#include "unit.h"

#include "store/mbtiles.h"
#include "store/sql.h"

static bool made(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    remove(path);
    bool good = sqlite3_open(path, &db) == SQLITE_OK &&
                sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
    sqlite3_close(db);
    return good;
}

static const char plain[] =
    "CREATE TABLE metadata(name TEXT, value TEXT); INSERT INTO metadata VALUES('name', 'Поле');"
    "CREATE TABLE tiles(zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB);"
    "CREATE UNIQUE INDEX i ON tiles(zoom_level, tile_column, tile_row);"
    "INSERT INTO tiles VALUES(2, 1, 0, x'0102'), (2, 1, 3, x'09'), (5, 0, 0, x'');";

TEST(rows_count_from_the_south)
{
    struct tl_mbtiles *m = NULL;
    struct tl_buf bytes = {0};
    bool there = false;
    int min = 0, max = 0;
    CHECK(made("a.mbtiles", plain));
    CHECK_OK(tl_mbtiles_open(ctx, "a.mbtiles", &m));
    CHECK_OK(tl_mbtiles_tile(ctx, m, 2, 1, 3, &bytes, &there));
    CHECK(there && bytes.size_bytes == 2 && memcmp(bytes.text, "\1\2", 2) == 0);
    tl_buf_clear(&bytes);
    CHECK_OK(tl_mbtiles_tile(ctx, m, 2, 1, 0, &bytes, &there));
    CHECK(there && bytes.size_bytes == 1 && bytes.text[0] == 9);
    CHECK_OK(tl_mbtiles_tile(ctx, m, 2, 2, 0, &bytes, &there));
    CHECK(!there && bytes.size_bytes == 1);
    CHECK_OK(tl_mbtiles_zooms(ctx, m, &min, &max));
    CHECK(min == 2 && max == 5);
    tl_buf_fini(&bytes);
    tl_mbtiles_close(m);
}

TEST(tiles_that_cannot_be_are_not_there)
{
    struct tl_mbtiles *m = NULL;
    struct tl_buf bytes = {0};
    bool there = true;
    CHECK(made("b.mbtiles", plain));
    CHECK_OK(tl_mbtiles_open(ctx, "b.mbtiles", &m));
    const int64_t bad[][3] = {{-1, 0, 0}, {31, 0, 0}, {2, 4, 0}, {2, 0, 4}, {2, -1, 0}, {63, 1, 1}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        there = true;
        CHECK_OK(tl_mbtiles_tile(ctx, m, (int)bad[i][0], bad[i][1], bad[i][2], &bytes, &there));
        CHECK(!there && bytes.size_bytes == 0);
    }
    tl_mbtiles_close(m);
}

TEST(metadata_is_text_or_nothing)
{
    struct tl_mbtiles *m = NULL;
    char *value = NULL;
    CHECK(made("c.mbtiles", plain));
    CHECK_OK(tl_mbtiles_open(ctx, "c.mbtiles", &m));
    CHECK_OK(tl_mbtiles_metadata(ctx, m, "name", &value));
    CHECK_STR(value, "Поле");
    tl_free(value);
    CHECK_OK(tl_mbtiles_metadata(ctx, m, "bounds", &value));
    CHECK(value == NULL);
    tl_mbtiles_close(m);
    CHECK(made("d.mbtiles", "CREATE TABLE metadata(name TEXT, value TEXT);"
                            "INSERT INTO metadata VALUES('name', CAST(x'ff61' AS TEXT));"
                            "CREATE TABLE tiles(zoom_level, tile_column, tile_row, tile_data);"
                            "INSERT INTO tiles VALUES(0, 0, 0, 'text')"));
    CHECK_OK(tl_mbtiles_open(ctx, "d.mbtiles", &m));
    CHECK_FAILS(tl_mbtiles_metadata(ctx, m, "name", &value), TL_EDATA, "UTF-8");
    struct tl_buf bytes = {0};
    bool there = false;
    CHECK_FAILS(tl_mbtiles_tile(ctx, m, 0, 0, 0, &bytes, &there), TL_EDATA, "no bytes");
    tl_mbtiles_close(m);
}

TEST(a_view_over_pictures_works_and_one_that_does_more_is_refused)
{
    struct tl_mbtiles *m = NULL;
    struct tl_buf bytes = {0};
    bool there = false;
    CHECK(made("e.mbtiles",
               "CREATE TABLE map(zoom_level, tile_column, tile_row, tile_id TEXT);"
               "CREATE TABLE images(tile_id TEXT, tile_data BLOB);"
               "INSERT INTO map VALUES(0, 0, 0, 'a'); INSERT INTO images VALUES('a', x'07');"
               "CREATE VIEW tiles AS SELECT map.zoom_level AS zoom_level, map.tile_column AS "
               "tile_column, map.tile_row AS tile_row, images.tile_data AS tile_data FROM map JOIN "
               "images ON images.tile_id = map.tile_id"));
    CHECK_OK(tl_mbtiles_open(ctx, "e.mbtiles", &m));
    CHECK_OK(tl_mbtiles_any(ctx, m, &bytes, &there));
    CHECK(there && bytes.size_bytes == 1 && bytes.text[0] == 7);
    tl_buf_fini(&bytes);
    tl_mbtiles_close(m);
    CHECK(made("f.mbtiles", "CREATE VIEW tiles AS SELECT 0 AS zoom_level, 0 AS tile_column, 0 AS "
                            "tile_row, zeroblob(1000000000) AS tile_data"));
    CHECK_FAILS(tl_mbtiles_open(ctx, "f.mbtiles", &m), TL_EDATA, "f.mbtiles");
    CHECK(
        made("g.mbtiles",
             "CREATE VIEW tiles AS WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM "
             "n) SELECT i AS zoom_level, i AS tile_column, i AS tile_row, i AS tile_data FROM n"));
    CHECK_FAILS(tl_mbtiles_open(ctx, "g.mbtiles", &m), TL_EDATA, "g.mbtiles");
}

TEST(a_search_without_an_end_is_cut)
{
    struct tl_mbtiles *m = NULL;
    struct tl_buf bytes = {0};
    bool there = false;
    CHECK(
        made("h.mbtiles",
             "CREATE TABLE t(i); INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT "
             "i + 1 FROM n WHERE i < 999) SELECT i FROM n;"
             "CREATE VIEW tiles AS SELECT a.i AS zoom_level, b.i AS tile_column, c.i AS tile_row, "
             "a.i + b.i + c.i + d.i AS tile_data FROM t a, t b, t c, t d WHERE d.i + a.i < -1"));
    CHECK_OK(tl_mbtiles_open(ctx, "h.mbtiles", &m));
    CHECK_FAILS(tl_mbtiles_any(ctx, m, &bytes, &there), TL_EDATA, "longer than");
    tl_mbtiles_close(m);
}

TEST(what_is_no_such_file_is_said)
{
    struct tl_mbtiles *m = NULL;
    CHECK_FAILS(tl_mbtiles_open(ctx, "none.mbtiles", &m), TL_ENOTFOUND, "none.mbtiles");
    FILE *file = fopen("noise.mbtiles", "wb");
    for (int i = 0; i < 5000; i++)
        fputc(i * i % 251, file);
    fclose(file);
    CHECK_FAILS(tl_mbtiles_open(ctx, "noise.mbtiles", &m), TL_EDATA, "noise.mbtiles");
    CHECK(made("other.mbtiles", "CREATE TABLE x(y)"));
    CHECK_FAILS(tl_mbtiles_open(ctx, "other.mbtiles", &m), TL_EDATA, "other.mbtiles");
    int min, max;
    CHECK(
        made("empty.mbtiles", "CREATE TABLE tiles(zoom_level, tile_column, tile_row, tile_data)"));
    CHECK_OK(tl_mbtiles_open(ctx, "empty.mbtiles", &m));
    CHECK_FAILS(tl_mbtiles_zooms(ctx, m, &min, &max), TL_EDATA, "no tiles");
    tl_mbtiles_close(m);
}

/* Bytes are changed one after the other all over the file: an error or an answer, and no crash. */
TEST(damaged_files_are_an_error_or_an_answer)
{
    CHECK(made("i.mbtiles", plain));
    FILE *file = fopen("i.mbtiles", "rb");
    static unsigned char whole[65536];
    size_t n = fread(whole, 1, sizeof whole, file);
    fclose(file);
    for (size_t at = 16; at < n; at += at < 200 ? 1 : 37) {
        struct tl_mbtiles *m = NULL;
        struct tl_buf bytes = {0};
        bool there = false;
        unsigned char before = whole[at];
        whole[at] = (unsigned char)(before ^ 0x5d);
        file = fopen("j.mbtiles", "wb");
        CHECK(fwrite(whole, 1, n, file) == n);
        fclose(file);
        whole[at] = before;
        if (tl_mbtiles_open(ctx, "j.mbtiles", &m) == TL_OK)
            (void)!tl_mbtiles_tile(ctx, m, 2, 1, 3, &bytes, &there);
        tl_mbtiles_close(m);
        tl_buf_fini(&bytes);
    }
    CHECK(true);
}

TEST(every_allocation_may_fail)
{
    struct tl_mbtiles *m = NULL;
    struct tl_buf bytes = {0};
    bool there = false;
    CHECK(made("k.mbtiles", plain));
    CHECK_EVERY_ALLOC(ctx, (tl_mbtiles_close(m), m = NULL, tl_mbtiles_open(ctx, "k.mbtiles", &m)));
    CHECK_EVERY_ALLOC(ctx, (tl_buf_fini(&bytes), tl_mbtiles_tile(ctx, m, 2, 1, 3, &bytes, &there)));
    tl_buf_fini(&bytes);
    tl_mbtiles_close(m);
}
