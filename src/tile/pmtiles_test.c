#include "unit.h"

#include "tile/pmtiles.h"
#include "tile/pmtiles_fixture.h"

/* The order of the specification: zoom 0, then 1 from the north-west by the south-west; a number that its reference writers print. */
TEST(tiles_are_numbered_along_hilberts_curve)
{
    CHECK(tl_pmtiles_id(0, 0, 0) == 0);
    CHECK(tl_pmtiles_id(1, 0, 0) == 1 && tl_pmtiles_id(1, 0, 1) == 2);
    CHECK(tl_pmtiles_id(1, 1, 1) == 3 && tl_pmtiles_id(1, 1, 0) == 4);
    CHECK(tl_pmtiles_id(2, 0, 0) == 5);
    CHECK(tl_pmtiles_id(12, 3423, 1763) == 19078479);
}

/* Each number once, and neighbours on the curve are neighbours on the map: that is Hilbert's curve, in one of eight ways; the test above says which. */
TEST(the_curve_goes_through_every_tile_once_in_single_steps)
{
    for (int z = 1; z <= 6; z++) {
        int64_t side = INT64_C(1) << z;
        uint64_t first = ((UINT64_C(1) << 2 * z) - 1) / 3;
        static int64_t at[64 * 64][2];
        static bool seen[64 * 64];
        memset(seen, 0, sizeof seen);
        for (int64_t x = 0; x < side; x++)
            for (int64_t y = 0; y < side; y++) {
                uint64_t i = tl_pmtiles_id(z, x, y) - first;
                CHECK(i < (uint64_t)(side * side) && !seen[i]);
                seen[i] = true;
                at[i][0] = x;
                at[i][1] = y;
            }
        for (int64_t i = 1; i < side * side; i++)
            CHECK(llabs(at[i][0] - at[i - 1][0]) + llabs(at[i][1] - at[i - 1][1]) == 1);
    }
}

static const struct fixture_tile three[] = {{0, 1, "whole", 5}, {1, 3, "west", 4}, {9, 1, "z2", 2}};

TEST(tiles_are_found_flat_and_through_leaves_packed_and_plain)
{
    for (int way = 0; way < 4; way++) {
        const struct fixture_pmtiles f = {.n = 3,
                                          .tiles = three,
                                          .leaves = way & 1,
                                          .gzip = way & 2,
                                          .max_zoom = 2,
                                          .json = "{\"name\": \"n\"}",
                                          .box_deg = {-10.5, -20, 30, 40.25}};
        struct tl_pmtiles *p = NULL;
        struct tl_pmtiles_facts facts;
        struct tl_buf file = {0}, bytes = {0};
        bool there = false;
        fixture_pmtiles(ctx, &f, &file);
        CHECK(fixture_write("a.pmtiles", file.text, file.size_bytes));
        CHECK_OK(tl_pmtiles_open(ctx, "a.pmtiles", &p));
        tl_pmtiles_facts(p, &facts);
        CHECK(facts.max_zoom == 2 && facts.box_deg[0] == -10.5 && facts.box_deg[3] == 40.25);
        const struct {
            int z, x, y;
            const char *expected;
        } cases[] = {{0, 0, 0, "whole"}, {1, 0, 0, "west"}, {1, 0, 1, "west"}, {1, 1, 1, "west"},
                     {1, 1, 0, NULL},    {2, 0, 0, NULL},   {2, 4, 0, NULL},   {27, 0, 0, NULL}};
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            tl_buf_clear(&bytes);
            CHECK_OK(tl_pmtiles_tile(ctx, p, cases[i].z, cases[i].x, cases[i].y, &bytes, &there));
            CHECK(there == (cases[i].expected != NULL));
            CHECK(!there || strcmp(bytes.text, cases[i].expected) == 0);
        }
        tl_buf_clear(&bytes);
        CHECK_OK(tl_pmtiles_any(ctx, p, &bytes, &there));
        CHECK(there && strcmp(bytes.text, "whole") == 0);
        tl_buf_clear(&bytes);
        CHECK_OK(tl_pmtiles_metadata(ctx, p, &bytes));
        CHECK_STR(bytes.text, "{\"name\": \"n\"}");
        tl_buf_fini(&file);
        tl_buf_fini(&bytes);
        tl_pmtiles_close(p);
    }
}

/* Writes the file of `three` with one thing changed and says what opening it gives. */
static tl_err changed(struct tl_ctx *ctx, int64_t at, int64_t n, const void *with, int64_t cut)
{
    const struct fixture_pmtiles f = {.n = 3, .tiles = three, .max_zoom = 2};
    struct tl_pmtiles *p = NULL;
    struct tl_buf file = {0};
    fixture_pmtiles(ctx, &f, &file);
    if (n > 0)
        memcpy(file.text + at, with, (size_t)n);
    bool good = fixture_write("b.pmtiles", file.text, file.size_bytes - cut);
    tl_buf_fini(&file);
    tl_err err = good ? tl_pmtiles_open(ctx, "b.pmtiles", &p) : TL_EIO;
    tl_pmtiles_close(p);
    return err;
}

TEST(headers_that_cannot_be_are_said)
{
    static const uint8_t huge[8] = {255, 255, 255, 255, 255, 255, 255, 255};
    CHECK_OK(changed(ctx, 0, 0, "", 0));
    CHECK_FAILS(changed(ctx, 0, 1, "Q", 0), TL_EDATA, "not a PMTiles");
    CHECK_FAILS(changed(ctx, 7, 1, "\2", 0), TL_EDATA, "version 2");
    CHECK_FAILS(changed(ctx, 97, 1, "\3", 0), TL_EDATA, "brotli");
    CHECK_FAILS(changed(ctx, 98, 1, "\4", 0), TL_EDATA, "zstd");
    CHECK_FAILS(changed(ctx, 101, 1, "\x1f", 0), TL_EDATA, "zooms");
    CHECK_FAILS(changed(ctx, 100, 1, "\3", 0), TL_EDATA, "zooms");
    for (int i = 0; i < 8; i++)
        CHECK_FAILS(changed(ctx, 8 + 8 * i, 8, huge, 0), TL_EDATA, "cut off");
    CHECK_FAILS(changed(ctx, 0, 0, "", 1), TL_EDATA, "cut off");
    CHECK_FAILS(changed(ctx, 0, 0, "", 60), TL_EDATA, "PMTiles");
    CHECK_FAILS(tl_pmtiles_open(ctx, "none.pmtiles", &(struct tl_pmtiles *){NULL}), TL_ENOTFOUND,
                "none.pmtiles");
}

TEST(directories_that_cannot_be_are_said)
{
    /* The root directory begins at 127: 3 entries, numbers 0 +1 +8, runs 1 3 1, lengths 5 4 2, offsets 1 0 0. */
    CHECK_FAILS(changed(ctx, 127, 1, "\x7f", 0), TL_EDATA, "cut off");
    CHECK_FAILS(changed(ctx, 129, 1, "\0", 0), TL_EDATA, "damaged");   /* the same tile twice */
    CHECK_FAILS(changed(ctx, 134, 1, "\0", 0), TL_EDATA, "damaged");   /* no bytes */
    CHECK_FAILS(changed(ctx, 134, 1, "\x70", 0), TL_EDATA, "damaged"); /* beyond the section */
    CHECK_FAILS(changed(ctx, 137, 1, "\0", 0), TL_EDATA, "damaged");   /* right after nothing */
    CHECK_FAILS(changed(ctx, 139, 1, "\x60", 0), TL_EDATA, "damaged");
    CHECK_FAILS(changed(ctx, 131, 1, "\0", 0), TL_EDATA, "damaged");   /* a leaf where none are */
    CHECK_FAILS(changed(ctx, 139, 1, "\x80", 0), TL_EDATA, "damaged"); /* a number cut off */
}

/* A leaf directory that leads to itself: an end after four, not a loop. */
TEST(leaves_that_lead_to_themselves_end)
{
    uint8_t h[160] = "PMTiles\3";
    struct tl_pmtiles *p = NULL;
    struct tl_buf bytes = {0};
    bool there = false;
    static const uint8_t self[] = {1, 0, 0, 5, 1}; /* one entry: tile 0, run 0, 5 bytes, offset 0 */
    fixture_le(h + 8, 127, 8);
    fixture_le(h + 16, 5, 8);
    fixture_le(h + 40, 127, 8);
    fixture_le(h + 48, 5, 8);
    h[97] = h[98] = 1;
    memcpy(h + 127, self, 5);
    CHECK(fixture_write("c.pmtiles", h, 132));
    CHECK_OK(tl_pmtiles_open(ctx, "c.pmtiles", &p));
    CHECK_FAILS(tl_pmtiles_tile(ctx, p, 0, 0, 0, &bytes, &there), TL_EDATA, "deep");
    CHECK(!there && bytes.size_bytes == 0);
    CHECK_OK(tl_pmtiles_any(ctx, p, &bytes, &there));
    CHECK(!there);
    tl_pmtiles_close(p);
}

TEST(a_file_that_becomes_shorter_while_it_is_open_is_an_error)
{
    const struct fixture_pmtiles f = {.n = 3, .tiles = three, .leaves = true, .max_zoom = 2};
    struct tl_pmtiles *p = NULL;
    struct tl_buf file = {0}, bytes = {0};
    bool there = false;
    fixture_pmtiles(ctx, &f, &file);
    CHECK(fixture_write("d.pmtiles", file.text, file.size_bytes));
    CHECK_OK(tl_pmtiles_open(ctx, "d.pmtiles", &p));
    CHECK(fixture_write("d.pmtiles", file.text, 130));
    CHECK_FAILS(tl_pmtiles_tile(ctx, p, 0, 0, 0, &bytes, &there), TL_EDATA, "shorter");
    tl_buf_fini(&file);
    tl_buf_fini(&bytes);
    tl_pmtiles_close(p);
}

TEST(every_allocation_may_fail)
{
    const struct fixture_pmtiles f = {
        .n = 3, .tiles = three, .leaves = true, .gzip = true, .max_zoom = 2};
    struct tl_pmtiles *p = NULL;
    struct tl_buf file = {0}, bytes = {0};
    bool there = false;
    fixture_pmtiles(ctx, &f, &file);
    CHECK(fixture_write("e.pmtiles", file.text, file.size_bytes));
    CHECK_EVERY_ALLOC(ctx, (tl_pmtiles_close(p), p = NULL, tl_pmtiles_open(ctx, "e.pmtiles", &p)));
    CHECK_EVERY_ALLOC(ctx, (tl_buf_fini(&bytes), tl_pmtiles_tile(ctx, p, 0, 0, 0, &bytes, &there)));
    tl_buf_fini(&file);
    tl_buf_fini(&bytes);
    tl_pmtiles_close(p);
}
