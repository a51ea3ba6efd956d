#include "unit.h"

#include "core/rowfile.h"

enum { X = 37, Y = 23, PLANES = 4 };

/* Runs, numbers that single precision holds, numbers that it does not, and what compares badly. */
static void fill(int64_t plane, int64_t y, double *row)
{
    for (int64_t x = 0; x < X; x++) {
        double t = (double)(plane * 1000 + y * X + x);
        row[x] = plane == 0   ? (x < y ? 0.0 : 2.5)
                 : plane == 1 ? t / 8.0
                 : plane == 2 ? sin(t)
                 : x % 5 == 0 ? NAN
                 : x % 5 == 1 ? -0.0
                 : x % 5 == 2 ? INFINITY
                              : 0.0;
    }
}

static tl_err put_all(struct tl_ctx *ctx, struct tl_rowfile *f)
{
    tl_err err = TL_OK;
    double rows[3 * X];
    for (int64_t y = 0; y < Y && err == TL_OK; y += 3)
        for (int64_t plane = PLANES - 1; plane >= 0 && err == TL_OK; plane--) {
            int64_t n = Y - y < 3 ? Y - y : 3;
            for (int64_t r = 0; r < n; r++)
                fill(plane, y + r, rows + r * X);
            err = tl_rowfile_put(ctx, f, plane, y, n, rows);
        }
    return err;
}

static void check(struct tl_ctx *ctx, const char *folder)
{
    struct tl_rowfile *f = NULL;
    double row[X], got[X];
    CHECK_OK(tl_rowfile_open(ctx, folder, X, Y, PLANES, &f));
    CHECK_OK(put_all(ctx, f));
    for (int64_t plane = 0; plane < PLANES; plane++)
        for (int64_t y = Y - 1; y >= 0; y--) {
            fill(plane, y, row);
            CHECK_OK(tl_rowfile_get(ctx, f, plane, y, got));
            CHECK(memcmp(row, got, sizeof row) == 0);
        }
    CHECK((tl_rowfile_disk(f) > 0) == (folder != NULL) && tl_rowfile_memory(f) > 0);
    tl_rowfile_close(f);
}

TEST(what_is_read_is_what_was_put_to_the_bit)
{
    check(ctx, NULL);
    check(ctx, ".");
}

TEST(a_row_that_was_not_put_is_zero_and_floats_are_kept_as_they_are)
{
    struct tl_rowfile *f = NULL;
    float in[X];
    double got[X];
    for (int x = 0; x < X; x++)
        in[x] = x == 3 ? NAN : (float)sin((double)x);
    CHECK_OK(tl_rowfile_open(ctx, NULL, X, Y, 2, &f));
    CHECK_OK(tl_rowfile_put_floats(ctx, f, 1, 4, 1, in));
    CHECK_OK(tl_rowfile_get(ctx, f, 1, 4, got));
    for (int x = 0; x < X; x++)
        CHECK(isnan(in[x]) ? isnan(got[x]) : got[x] == (double)in[x]);
    CHECK_OK(tl_rowfile_get(ctx, f, 1, 5, got));
    for (int x = 0; x < X; x++)
        CHECK(got[x] == 0.0);
    tl_rowfile_close(f);
}

/* More than the buffer of a file, so that rows are read from both. */
TEST(a_forgotten_plane_gives_its_room_back_when_it_was_the_last)
{
    struct tl_rowfile *f = NULL;
    enum { WIDE = 20000, ROWS = 30 };
    double *row = calloc(WIDE, sizeof *row), *got = calloc(WIDE, sizeof *got);
    CHECK(row != NULL && got != NULL);
    CHECK_OK(tl_rowfile_open(ctx, ".", WIDE, ROWS, 3, &f));
    for (int plane = 0; plane < 2; plane++)
        for (int y = 0; y < ROWS; y++) {
            for (int x = 0; x < WIDE; x++)
                row[x] = sin((double)(plane + 2) * (double)x * (double)(y + 1));
            CHECK_OK(tl_rowfile_put(ctx, f, plane, y, 1, row));
        }
    CHECK(tl_rowfile_disk(f) >= 2 * ROWS * WIDE * 8);
    tl_rowfile_forget(f, 1);
    CHECK(tl_rowfile_disk(f) < ROWS * (WIDE * 8 + 10));
    for (int y = 0; y < ROWS; y++) {
        for (int x = 0; x < WIDE; x++)
            row[x] = cos((double)x * (double)(y + 1));
        CHECK_OK(tl_rowfile_put(ctx, f, 2, y, 1, row));
    }
    for (int y = 0; y < ROWS; y++) {
        CHECK_OK(tl_rowfile_get(ctx, f, 0, y, got));
        CHECK(got[7] == sin(2.0 * 7.0 * (double)(y + 1)));
        CHECK_OK(tl_rowfile_get(ctx, f, 2, y, got));
        CHECK(got[19999] == cos(19999.0 * (double)(y + 1)));
        CHECK_OK(tl_rowfile_get(ctx, f, 1, y, got));
        CHECK(got[7] == 0.0);
    }
    tl_rowfile_forget(f, 0); /* not the last: its room stays */
    CHECK(tl_rowfile_disk(f) >= 2 * ROWS * WIDE * 8);
    tl_rowfile_close(f);
    free(row);
    free(got);
}

static tl_err all(struct tl_ctx *ctx)
{
    struct tl_rowfile *f = NULL;
    tl_err err = tl_rowfile_open(ctx, NULL, X, Y, PLANES, &f);
    if (err == TL_OK)
        err = put_all(ctx, f);
    tl_rowfile_close(f);
    return err;
}

TEST(a_folder_that_is_none_and_every_allocation_failing_are_errors)
{
    struct tl_rowfile *f = NULL;
    CHECK_FAILS(tl_rowfile_open(ctx, "no/such/folder", X, Y, 1, &f), TL_EIO, "no/such/folder");
    CHECK(f == NULL);
    CHECK_EVERY_ALLOC(ctx, all(ctx));
}
