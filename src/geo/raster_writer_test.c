#include "unit.h"

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/hash.h"
#include "core/rng.h"
#include "tilth/raster.h"

enum { N_BANDS = 3, NX = 1100, NY = 700, N = NX * NY };

static float floats[N_BANDS][N];
static const char *const names[N_BANDS] = {"log_density_mean", "p_any", "c"};

static void fill(int n_x)
{
    struct tl_rng rng = tl_rng_make(3, 3);
    for (int k = 0; k < N_BANDS; k++)
        for (int i = 0; i < N; i++)
            floats[k][i] = i % 97 == 0 || i % n_x > 1000
                               ? NAN
                               : (float)(sin(i * 0.001 + k) +
                                         0.01 * tl_rng_uniform(rng, (uint64_t)(k * N + i)));
}

/* Rows in uneven pieces; the last band's all first, the others' mixed. */
static tl_err by_rows(struct tl_ctx *ctx, const char *path, const struct tl_grid *grid,
                      int64_t piece)
{
    struct tl_raster_writer *w = NULL;
    tl_err err = tl_raster_writer_begin(ctx, path, grid, "EPSG:32636", N_BANDS, names, &w);
    if (err != TL_OK)
        return err;
    err = tl_raster_writer_rows(ctx, w, 2, 0, grid->n_y, floats[2]);
    for (int64_t y = 0; y < grid->n_y && err == TL_OK; y += piece)
        for (int64_t k = 0; k < 2 && err == TL_OK; k++)
            err = tl_raster_writer_rows(ctx, w, k, y, y + piece < grid->n_y ? piece : grid->n_y - y,
                                        floats[k] + y * grid->n_x);
    if (err == TL_OK)
        return tl_raster_writer_finish(ctx, w);
    tl_raster_writer_abort(w);
    return err;
}

static tl_err whole(struct tl_ctx *ctx, const char *path, const struct tl_grid *grid)
{
    struct tl_raster_band bands[N_BANDS];
    for (int k = 0; k < N_BANDS; k++)
        bands[k] = (struct tl_raster_band){.name = names[k], .floats = floats[k]};
    return tl_raster_write(ctx, path, grid, "EPSG:32636", N_BANDS, bands);
}

static bool folder_is_left(void)
{
    DIR *dir = opendir(".");
    struct dirent *entry;
    bool left = false;
    while ((entry = readdir(dir)) != NULL)
        left = left || strncmp(entry->d_name, ".tilth-", 7) == 0;
    closedir(dir);
    return left;
}

TEST(rows_give_the_bytes_that_the_whole_gives_on_any_number_of_threads)
{
    const struct tl_grid grids[] = {{500000.0, 5000000.0, 100.0, NX, NY},
                                    {500000.0, 5000000.0, 100.0, 3, 3},
                                    {500000.0, 5000000.0, 100.0, 1, 700},
                                    {500000.0, 5000000.0, 100.0, 1100, 1}};
    char first[TL_HASH_HEX], second[TL_HASH_HEX];
    for (int g = 0; g < 4; g++) {
        fill((int)grids[g].n_x);
        tl_ctx_set_threads(ctx, 1);
        CHECK_OK(whole(ctx, "writer_a.tif", &grids[g]));
        CHECK_OK(tl_hash_file(ctx, "writer_a.tif", first));
        for (int threads = 1; threads <= 5; threads += 2) {
            tl_ctx_set_threads(ctx, threads);
            CHECK_OK(by_rows(ctx, "writer_b.tif", &grids[g], 1 + 36 * threads));
            CHECK_OK(tl_hash_file(ctx, "writer_b.tif", second));
            CHECK_STR(first, second);
        }
    }
    CHECK(!folder_is_left());
    unlink("writer_a.tif");
    unlink("writer_b.tif");
}

TEST(failing_and_cancelled_writers_leave_the_old_file_and_nothing_else)
{
    const struct tl_grid grid = {500000.0, 5000000.0, 100.0, NX, NY};
    const long limits[] = {200000, 9600000}; /* in the rows' file; in the last one */
    struct stat info;
    struct rlimit before, small;
    fill(NX);
    CHECK_FAILS(by_rows(ctx, "no/such/folder/x.tif", &grid, 50), TL_EIO, "no/such/folder/x.tif");
    FILE *file = fopen("writer_c.tif", "w");
    fputs("old", file);
    fclose(file);
    getrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_IGN);
    for (int k = 0; k < 2; k++) {
        small = (struct rlimit){(rlim_t)limits[k], before.rlim_max};
        setrlimit(RLIMIT_FSIZE, &small);
        tl_err err = by_rows(ctx, "writer_c.tif", &grid, 50);
        setrlimit(RLIMIT_FSIZE, &before);
        CHECK(k == 1 || err == TL_EIO);
        CHECK(err == TL_OK || strstr(tl_ctx_message(ctx), "writer_c.tif") != NULL);
        CHECK(err == TL_OK || (stat("writer_c.tif", &info) == 0 && info.st_size == 3));
        CHECK(!folder_is_left());
    }
    signal(SIGXFSZ, SIG_DFL);
    file = fopen("writer_c.tif", "w");
    fputs("old", file);
    fclose(file);
    tl_ctx_cancel(ctx);
    CHECK_FAILS(by_rows(ctx, "writer_c.tif", &grid, 50), TL_ECANCELLED, "stopped");
    CHECK(stat("writer_c.tif", &info) == 0 && info.st_size == 3);
    CHECK(!folder_is_left());
    unlink("writer_c.tif");
}

TEST(rows_out_of_turn_and_missing_ones_are_refused)
{
    const struct tl_grid grid = {0.0, 0.0, 1.0, 4, 4};
    struct tl_raster_writer *w = NULL;
    CHECK_OK(tl_raster_writer_begin(ctx, "writer_d.tif", &grid, "EPSG:32636", 1, names, &w));
    CHECK_OK(tl_raster_writer_rows(ctx, w, 0, 0, 2, floats[0]));
    CHECK_FAILS(tl_raster_writer_rows(ctx, w, 0, 1, 1, floats[0]), TL_EBUG, "row 1 came");
    CHECK_FAILS(tl_raster_writer_rows(ctx, w, 0, 2, 3, floats[0]), TL_EBUG, "row 2 came");
    CHECK_FAILS(tl_raster_writer_finish(ctx, w), TL_EBUG, "has 2 of its 4 rows");
    CHECK_FAILS(tl_raster_writer_begin(ctx, "writer_d.tif", &grid, "no system", 1, names, &w),
                TL_EDATA, "reference system");
    CHECK(access("writer_d.tif", F_OK) != 0 && !folder_is_left());
    tl_raster_writer_abort(NULL);
}

static tl_err write_small(struct tl_ctx *ctx)
{
    const struct tl_grid small = {0.0, 0.0, 1.0, 3, 3};
    return by_rows(ctx, "writer_e.tif", &small, 2);
}

TEST(every_allocation_may_fail)
{
    CHECK_EVERY_ALLOC(ctx, write_small(ctx));
    CHECK(!folder_is_left());
    unlink("writer_e.tif");
}
