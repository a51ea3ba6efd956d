#include "unit.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "store/band.h"
#include "store/fixture.h"

static const char path[] = "band_test.gpkg";

/* Cells of 10 m; blocks at the eastern and southern edge are narrow. */
enum { N_X = 300, N_Y = 290, N = N_X * N_Y };

static tl_err open_grid(struct tl_ctx *ctx, int64_t n_x, int64_t n_y, struct tl_project **project)
{
    static const double ring[10] = {-75.2, 7.0, -75.1, 7.0, -75.1, 7.08, -75.2, 7.08, -75.2, 7.0};
    unsigned char wkb[sizeof fixture_area + sizeof ring];
    struct tl_project_new options = {.crs = "EPSG:32618",
                                     .overwrite = true,
                                     .grid = {477000, 783000, 10, n_x, n_y},
                                     .area_deg = {-75.2, 7.0, -75.1, 7.08}};
    memcpy(wkb, fixture_area, sizeof fixture_area);
    memcpy(wkb + sizeof fixture_area, ring, sizeof ring);
    options.area_wkb = wkb;
    options.area_wkb_bytes = sizeof wkb;
    tl_err err = tl_project_create(ctx, path, &options);
    return err == TL_OK ? tl_project_open(ctx, path, TL_PROJECT_WRITE, project) : err;
}

static float value_at(int64_t i, int seed)
{
    return i % 89 == 3 ? NAN : (float)((uint32_t)(i + seed) * 2654435761U >> 8) - 1000.0F;
}

static float *make(struct tl_ctx *ctx, int64_t n, int seed)
{
    float *values = tl_alloc(ctx, n, sizeof *values);
    for (int64_t i = 0; values != NULL && i < n; i++)
        values[i] = value_at(i, seed);
    return values;
}

static tl_err save(struct tl_ctx *ctx, struct tl_project *project, int64_t n, int seed)
{
    float *values = make(ctx, n, seed);
    const struct tl_map_band bands[2] = {{"one", values}, {"two", values}};
    int64_t run = 0;
    tl_err err = values == NULL ? TL_ENOMEM : TL_OK;
    if (err == TL_OK)
        err = tl_project_begin(ctx, project);
    if (err == TL_OK)
        err = tl_project_map_save(ctx, project, seed == 0 ? "{\"seed\":0}" : "{\"seed\":1}", 2,
                                  bands, &run);
    if (err == TL_OK)
        err = tl_project_commit(ctx, project);
    if (err != TL_OK)
        tl_project_rollback(project);
    tl_free(values);
    return err;
}

static bool same(float a, float b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

TEST(a_window_has_the_bits_of_the_whole)
{
    static const int64_t boxes[][4] = {
        {0, 0, N_X, N_Y},    {0, 0, 1, 1},      {N_X - 1, N_Y - 1, 1, 1}, {127, 127, 2, 2},
        {100, 60, 121, 121}, {256, 0, 44, N_Y}, {0, 255, N_X, 3},         {130, 250, 100, 7}};
    struct tl_project *project = NULL;
    float *values = tl_alloc(ctx, N, sizeof *values);
    CHECK(values != NULL);
    CHECK_OK(open_grid(ctx, N_X, N_Y, &project));
    CHECK_OK(save(ctx, project, N, 0));
    CHECK(tl_project_map_rows(project) == 128);
    for (size_t b = 0; b < sizeof boxes / sizeof boxes[0]; b++) {
        const int64_t *box = boxes[b];
        CHECK_OK(tl_project_map_box(ctx, project, "two", box, values));
        for (int64_t i = 0; i < box[2] * box[3]; i++)
            CHECK(same(values[i], value_at((box[1] + i / box[2]) * N_X + box[0] + i % box[2], 0)));
    }
    CHECK_OK(tl_project_map_band(ctx, project, "one", values));
    for (int64_t i = 0; i < N; i++)
        CHECK(same(values[i], value_at(i, 0)));
    static const int64_t out[] = {N_X - 3, 0, 4, 1};
    CHECK_FAILS(tl_project_map_box(ctx, project, "one", out, values), TL_EBUG, "grid");
    CHECK_FAILS(tl_project_map_box(ctx, project, "three", boxes[1], values), TL_ENOTFOUND,
                "no band \"three\"");
    tl_free(values);
    tl_project_close(project);
}

/* A row of blocks stays small on a grid that is very wide, and one that is higher than wide is no different. */
TEST(wide_and_high_grids_come_back_as_they_were)
{
    static const int64_t sizes[][2] = {{200001, 5}, {3, 3000}, {1, 1}, {70000, 130}};
    for (int k = 0; k < 4; k++) {
        int64_t n_x = sizes[k][0], n_y = sizes[k][1];
        struct tl_project *project = NULL;
        float *values = tl_alloc(ctx, n_x * n_y, sizeof *values);
        CHECK(values != NULL);
        CHECK_OK(open_grid(ctx, n_x, n_y, &project));
        CHECK_OK(save(ctx, project, n_x * n_y, 0));
        CHECK(tl_project_map_rows(project) * n_x <= 1 << 23 || tl_project_map_rows(project) == 1);
        CHECK_OK(tl_project_map_band(ctx, project, "one", values));
        for (int64_t i = 0; i < n_x * n_y; i++)
            CHECK(same(values[i], value_at(i, 0)));
        const int64_t box[4] = {n_x / 2, n_y / 2, 1 + n_x / 3, 1};
        CHECK_OK(tl_project_map_box(ctx, project, "one", box, values));
        for (int64_t i = 0; i < box[2]; i++)
            CHECK(same(values[i], value_at(box[1] * n_x + box[0] + i, 0)));
        tl_free(values);
        tl_project_close(project);
    }
}

TEST(what_a_band_comes_to_is_kept_with_it)
{
    struct tl_project *project = NULL;
    struct tl_band_writer *writer = NULL;
    struct tl_spread_sum sum;
    struct tl_spread want, got;
    float *values = make(ctx, N, 0);
    double average = 0.0;
    int64_t run = 0;
    CHECK(values != NULL);
    CHECK_OK(tl_spread_begin(ctx, N, &sum));
    for (int64_t i = 0; i < N; i++)
        tl_spread_add(&sum, i, values[i]);
    tl_spread_end(&sum, &want);
    CHECK_OK(open_grid(ctx, N_X, N_Y, &project));
    CHECK_FAILS(tl_band_spread(ctx, project, "one", &got, NULL), TL_ENOTFOUND, "\"one\"");
    CHECK_FAILS(tl_band_begin(ctx, project, 1, "one", &writer), TL_EBUG, "");
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(tl_project_map_new(ctx, project, "{}", &run));
    CHECK_OK(tl_band_begin(ctx, project, run, "one", &writer));
    for (int64_t y = 0; y < N_Y; y += 7) /* rows come as they do */
        CHECK_OK(tl_band_rows(ctx, writer, y + 7 < N_Y ? 7 : N_Y - y, values + y * N_X));
    CHECK_FAILS(tl_band_rows(ctx, writer, 1, values), TL_EBUG, "rows of a band");
    CHECK_OK(tl_band_finish(ctx, writer, 2.5));
    tl_band_free(writer);
    CHECK_OK(tl_band_begin(ctx, project, run, "half", &writer));
    CHECK_OK(tl_band_rows(ctx, writer, 10, values));
    CHECK_FAILS(tl_band_finish(ctx, writer, 0.0), TL_EBUG, "a band of 10 rows");
    tl_band_free(writer);
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK_OK(tl_band_spread(ctx, project, "one", &got, &average));
    CHECK(got.min == want.min && got.max == want.max && got.min_positive == want.min_positive);
    CHECK(memcmp(got.quantiles, want.quantiles, sizeof got.quantiles) == 0 && average == 2.5);
    tl_free(values);
    tl_project_close(project);
}

TEST(damaged_and_missing_blocks_are_told)
{
    static const int64_t there[4] = {0, 0, 5, 5}, gone[4] = {200, 200, 5, 5},
                         both[4] = {0, 0, N_X, N_Y};
    struct tl_project *project = NULL;
    struct tl_spread spread;
    float *values = tl_alloc(ctx, N, sizeof *values);
    CHECK(values != NULL);
    CHECK_OK(open_grid(ctx, N_X, N_Y, &project));
    CHECK_OK(save(ctx, project, N, 0));
    CHECK_OK(
        tl_sql_exec(ctx, project->db,
                    "DELETE FROM map_block WHERE number = 4; UPDATE map_block SET \"values\" = "
                    "x'0102' WHERE number = 8; UPDATE map_band SET quantiles = x'00'"));
    CHECK_OK(tl_project_map_box(ctx, project, "one", there, values));
    CHECK_FAILS(tl_band_spread(ctx, project, "one", &spread, NULL), TL_EDATA, "\"one\"");
    CHECK_FAILS(tl_project_map_box(ctx, project, "one", gone, values), TL_EDATA, "damaged");
    CHECK_OK(tl_sql_exec(ctx, project->db, "UPDATE map_band SET quantiles = zeroblob(1028)"));
    CHECK_FAILS(tl_project_map_box(ctx, project, "one", gone, values), TL_EDATA, "missing");
    CHECK(tl_project_map_box(ctx, project, "one", both, values) == TL_EDATA);
    tl_free(values);
    tl_project_close(project);
}

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static tl_err save_again(struct tl_ctx *ctx)
{
    struct tl_project *project = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_project_open(ctx, path, TL_PROJECT_WRITE, &project));
    /* a small cache, so that pages reach the disk long before the commit */
    TL_TRY(tl_sql_exec(ctx, project->db, "PRAGMA cache_size = 20"));
    TL_TRY(save(ctx, project, N, 1));
done:
    tl_project_close(project);
    return err;
}

/* Killed while a map takes the place of another: all of one map is there. */
TEST(killed_in_the_middle_one_map_is_there_whole)
{
    enum { TRIALS = 12 };
    struct tl_project *project = NULL;
    float *values = tl_alloc(ctx, N, sizeof *values);
    double whole_ms = 0.0;
    int n_of[2] = {0, 0};
    CHECK(values != NULL);
    for (int t = 0; t < TRIALS; t++) {
        int status = 0, seed = 0;
        char *json = NULL;
        CHECK_OK(open_grid(ctx, N_X, N_Y, &project));
        CHECK_OK(save(ctx, project, N, 0));
        tl_project_close(project);
        fflush(stdout);
        double began = now_ms();
        pid_t child = fork();
        if (child == 0)
            _exit(save_again(ctx) == TL_OK ? 0 : 1);
        if (t > 0) { /* the first runs to its end, to learn how long that takes */
            long us = (long)(1e3 * whole_ms * (t + 0.5) / TRIALS);
            struct timespec wait = {us / 1000000, us % 1000000 * 1000};
            nanosleep(&wait, NULL);
            kill(child, SIGKILL);
        }
        CHECK(waitpid(child, &status, 0) == child);
        whole_ms = t == 0 ? now_ms() - began : whole_ms;
        CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_READ, &project));
        CHECK_OK(tl_project_map_load(ctx, project, NULL, &json));
        seed = strcmp(json, "{\"seed\":1}") == 0;
        for (int b = 0; b < 2; b++) {
            CHECK_OK(tl_project_map_band(ctx, project, b == 0 ? "one" : "two", values));
            for (int64_t i = 0; i < N; i++)
                CHECK(same(values[i], value_at(i, seed)));
        }
        n_of[seed]++;
        tl_free(json);
        tl_project_close(project);
    }
    printf("  %d times the old map, %d times the new\n", n_of[0], n_of[1]);
    CHECK(n_of[0] > 0 && n_of[1] > 0);
    tl_free(values);
}

static tl_err once(struct tl_ctx *ctx, struct tl_project *project, float *values)
{
    static const int64_t box[4] = {100, 100, 60, 60};
    struct tl_spread spread;
    tl_err err = TL_OK;
    TL_TRY(save(ctx, project, N, 0));
    TL_TRY(tl_project_map_box(ctx, project, "two", box, values));
    TL_TRY(tl_band_spread(ctx, project, "two", &spread, NULL));
done:
    return err;
}

TEST(every_allocation_may_fail)
{
    struct tl_project *project = NULL;
    static float values[3600];
    CHECK_OK(open_grid(ctx, N_X, N_Y, &project));
    CHECK_EVERY_ALLOC(ctx, once(ctx, project, values));
    CHECK(same(values[0], value_at(100 * N_X + 100, 0)));
    tl_project_close(project);
}
