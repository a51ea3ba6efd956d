#include "unit.h"

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/rng.h"
#include "hazard/raster_rows.h"

enum { NX = 60, NY = 50, N = NX * NY, N_SAMPLES = 5 };

static double counts[2][N], effort[2][N], slope[N], residual[N];

static tl_err save(struct tl_ctx *ctx, const char *path, const double *values)
{
    struct tl_grid grid = {.x0_m = 500000, .y0_m = 200000, .step_m = 100.0, .n_x = NX, .n_y = NY};
    struct tl_raster_band band = {.name = "v", .values = values};
    return tl_raster_write(ctx, path, &grid, "EPSG:32633", 1, &band);
}

static const char *const inputs[] = {"rr_y0.tif", "rr_y1.tif", "rr_e0.tif",
                                     "rr_e1.tif", "rr_z.tif",  "rr_r.tif"};

/* Two channels; a corner outside both, another outside one only; a covariate that is not known everywhere. */
static tl_err make(struct tl_ctx *ctx)
{
    tl_err err = TL_OK;
    struct tl_rng rng = tl_rng_make(5, 1);
    for (int i = 0; i < N; i++) {
        slope[i] = i % 41 == 0 ? NAN : (double)(i % NX) / NX;
        residual[i] = 3000.0;
        for (int c = 0; c < 2; c++) {
            effort[c][i] = (i + c) % 3 == 0 ? 0.0 : 8000.0;
            if (i % NX < 9 && i / NX < 9)
                effort[c][i] = NAN;
            if (c == 1 && i / NX > 40)
                effort[c][i] = NAN;
            counts[c][i] =
                isnan(effort[c][i])
                    ? NAN
                    : (double)tl_rng_poisson(tl_rng_fork(rng, (uint64_t)c), (uint64_t)i,
                                             effort[c][i] * exp(-9.0 + 2.0 * (i % NX) / NX));
        }
        if (isnan(effort[0][i]))
            residual[i] = NAN;
    }
    const double *values[] = {counts[0], counts[1], effort[0], effort[1], slope, residual};
    for (int k = 0; k < 6; k++)
        TL_TRY(save(ctx, inputs[k], values[k]));
done:
    return err;
}

static bool remove_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    char path[600];
    if (dir == NULL)
        return false;
    while ((entry = readdir(dir)) != NULL) {
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            unlink(path) != 0)
            remove_folder(path);
    }
    closedir(dir);
    return rmdir(folder) == 0;
}

static void clean(void)
{
    for (int k = 0; k < 6; k++)
        unlink(inputs[k]);
    remove_folder("rr_o");
}

static struct tl_hazard_named_file y[2] = {{.name = "a", .path = "rr_y0.tif"},
                                           {.name = "b", .path = "rr_y1.tif", .effect_sd = 0.5}},
                                   e[2] = {{.name = "b", .path = "rr_e1.tif"},
                                           {.name = "a", .path = "rr_e0.tif"}},
                                   z = {.name = "slope", .path = "rr_z.tif"};

static struct tl_hazard_field_options job(void)
{
    struct tl_hazard_field_options options = {.n_counts = 2,
                                              .n_effort = 2,
                                              .n_covariates = 1,
                                              .counts = y,
                                              .effort = e,
                                              .covariates = &z,
                                              .residual = "rr_r.tif",
                                              .field = tl_field_options_default()};
    options.field.engine = TL_ENGINE_LATTICE;
    options.field.n_samples = N_SAMPLES;
    return options;
}

/* The array form of the same job: what tl_field_fit gives. */
static tl_err fit_arrays(struct tl_ctx *ctx, const struct tl_hazard_field_options *options,
                         struct tl_field_result *result)
{
    static uint8_t inside[N];
    static double z_all[N], counts_in[2][N], effort_in[2][N];
    for (int i = 0; i < N; i++) {
        z_all[i] = isnan(slope[i]) ? NAN : (double)(float)slope[i];
        inside[i] = !isnan(effort[0][i]) || !isnan(effort[1][i]);
        for (int c = 0; c < 2; c++) {
            effort_in[c][i] = isnan(effort[c][i]) ? 0.0 : effort[c][i];
            counts_in[c][i] = isnan(counts[c][i]) ? 0.0 : counts[c][i];
        }
    }
    const struct tl_field_channel channels[] = {
        {.name = "a", .counts = counts_in[0], .effort = effort_in[0]},
        {.name = "b", .counts = counts_in[1], .effort = effort_in[1], .effect_sd = 0.5}};
    const struct tl_field_covariate covariate = {.name = "slope", .values = z_all};
    const struct tl_field_input input = {.n_x = NX,
                                         .n_y = NY,
                                         .step_m = 100.0,
                                         .inside = inside,
                                         .n_channels = 2,
                                         .channels = channels,
                                         .n_covariates = 1,
                                         .covariates = &covariate,
                                         .residual = residual};
    return tl_field_fit(ctx, &input, &options->field, result);
}

static void same_band(struct tl_ctx *ctx, const char *path, int band, const double *values,
                      const float *floats)
{
    struct tl_raster r = {0};
    CHECK_OK(tl_raster_read(ctx, path, band, &r));
    for (int i = 0; i < N; i++) {
        double there = values != NULL ? (double)(float)values[i] : (double)floats[i];
        CHECK(isnan(there) ? isnan(r.values[i]) : there == r.values[i]);
    }
    tl_raster_fini(&r);
}

TEST(rows_and_arrays_give_the_same_bits)
{
    struct tl_hazard_field_options options = job();
    struct tl_field_result a = {0};
    char *text = NULL;
    CHECK_OK(make(ctx));
    CHECK_OK(fit_arrays(ctx, &options, &a));
    CHECK_OK(tl_hazard_field(ctx, &options, "rr_o", &text));
    const double *bands[TL_HAZARD_BANDS] = {
        a.log_density_mean, a.log_density_sd, a.density_mean, a.density_q05,
        a.density_q50,      a.density_q95,    a.p_any};
    for (int k = 0; k < TL_HAZARD_BANDS; k++)
        same_band(ctx, "rr_o/posterior.tif", k + 1, bands[k], NULL);
    for (int s = 0; s < N_SAMPLES; s++)
        same_band(ctx, "rr_o/samples.tif", s + 1, NULL, a.samples + (int64_t)s * N);
    json_t *json = json_loads(text, 0, NULL);
    double range = json_number_value(json_object_get(json_object_get(json, "range_m"), "mean"));
    CHECK_NEAR(range, a.range_m.mean, 1e-5 * range);
    CHECK(json_integer_value(json_object_get(json, "iterations")) == a.n_newton);
    CHECK(json_object_get(json_object_get(json, "channels"), "b") != NULL);
    CHECK(json_object_get(json_object_get(json, "centres"), "slope") != NULL);
    json_decref(json);
    tl_free(text);
    tl_field_result_fini(&a);
    clean();
}

/* The same fault through either engine's form. */
static void both_refuse(struct tl_ctx *ctx, const char *words)
{
    struct tl_hazard_field_options options = job();
    char *text = NULL;
    CHECK_FAILS(tl_hazard_field(ctx, &options, "rr_o", &text), TL_EDATA, words);
    options.field.engine = TL_ENGINE_EXACT;
    CHECK_FAILS(tl_hazard_field(ctx, &options, "rr_o", &text), TL_EDATA, words);
    CHECK(text == NULL && access("rr_o", F_OK) != 0);
}

TEST(values_that_cannot_be_have_the_same_words_in_both_forms)
{
    CHECK_OK(make(ctx));
    effort[1][1234] = -2.0;
    CHECK_OK(save(ctx, "rr_e1.tif", effort[1]));
    both_refuse(ctx, "rr_e1.tif: row 20, column 34: -2: effort must be 0 or more");
    CHECK_OK(make(ctx));
    counts[0][1200] = 1.0;
    CHECK(effort[0][1200] == 0.0);
    CHECK_OK(save(ctx, "rr_y0.tif", counts[0]));
    both_refuse(ctx, "rr_y0.tif: row 20, column 0: 1: counts where the effort is zero");
    counts[0][1200] = 0.0;
    counts[0][1201] = NAN;
    CHECK_OK(save(ctx, "rr_y0.tif", counts[0]));
    both_refuse(ctx, "rr_y0.tif: row 20, column 1: nan: no count where there is effort");
    CHECK_OK(make(ctx));
    counts[1][2900] = 1.0;
    CHECK_OK(save(ctx, "rr_y1.tif", counts[1]));
    both_refuse(ctx, "rr_y1.tif: row 48, column 20: 1: counts where the effort is nodata");
    CHECK_OK(make(ctx));
    residual[1500] = -1.0;
    CHECK_OK(save(ctx, "rr_r.tif", residual));
    both_refuse(ctx, "rr_r.tif: row 25, column 0: -1: a residual area");
    clean();
}

static void write_text(const char *path, int nan_at)
{
    FILE *file = fopen(path, "w");
    fprintf(file, "ncols %d\nnrows %d\nxllcorner 500000\nyllcorner 195000\ncellsize 100\n", NX, NY);
    for (int i = 0; i < N; i++)
        fprintf(file, "%s%c", i == nan_at ? "nan" : "2.5", i % NX == NX - 1 ? '\n' : ' ');
    fclose(file);
}

TEST(a_stray_nan_is_named_with_its_cell)
{
    struct tl_hazard_field_options options = job();
    struct tl_hazard_named_file found = {.path = "rr_y.asc"}, looked = {.path = "rr_e.asc"};
    char *text = NULL;
    options.n_counts = options.n_effort = 1;
    options.n_covariates = 0;
    options.residual = NULL;
    options.counts = &found;
    options.effort = &looked;
    write_text("rr_y.asc", -1);
    write_text("rr_e.asc", 1502);
    for (int k = 0; k < 2; k++) {
        options.field.engine = k == 0 ? TL_ENGINE_LATTICE : TL_ENGINE_EXACT;
        CHECK_FAILS(tl_hazard_field(ctx, &options, "rr_o", &text), TL_EDATA,
                    "rr_e.asc: row 25, column 2: nan: effort must be a number");
    }
    unlink("rr_y.asc");
    unlink("rr_e.asc");
}

static void keep_warning(void *user, const char *message)
{
    if (strstr(message, "nothing was found anywhere") != NULL)
        ++*(int *)user;
}

TEST(an_area_where_nothing_was_found_is_told)
{
    struct tl_hazard_field_options options = job();
    char *text = NULL;
    CHECK_OK(make(ctx));
    for (int c = 0; c < 2; c++) {
        for (int i = 0; i < N; i++)
            counts[c][i] = isnan(effort[c][i]) ? NAN : 0.0;
        CHECK_OK(save(ctx, inputs[c], counts[c]));
    }
    options.field.fixed_range_m = 500.0;
    options.field.fixed_sigma = 1.0;
    int n_told = 0;
    tl_ctx_set_warn(ctx, keep_warning, &n_told);
    tl_err err = tl_hazard_field(ctx, &options, "rr_o", &text);
    tl_ctx_set_warn(ctx, NULL, NULL);
    CHECK(err == TL_OK && n_told == 1);
    tl_free(text);
    clean();
}

TEST(a_full_disk_and_a_stop_leave_no_half_file)
{
    struct tl_hazard_field_options options = job();
    struct rlimit before, small;
    char *text = NULL;
    CHECK_OK(make(ctx));
    getrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_IGN);
    small = (struct rlimit){60000, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    tl_err err = tl_hazard_field(ctx, &options, "rr_o", &text);
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_DFL);
    CHECK(err == TL_EIO);
    CHECK(access("rr_o/posterior.tif", F_OK) != 0 && access("rr_o/samples.tif", F_OK) != 0);
    tl_ctx_cancel(ctx);
    CHECK_FAILS(tl_hazard_field(ctx, &options, "rr_o", &text), TL_ECANCELLED, "stopped");
    CHECK(text == NULL && access("rr_o/posterior.tif", F_OK) != 0);
    clean();
}

struct killer {
    const char *stage;
};

static void kill_at(void *user, const struct tl_progress *progress)
{
    if (strcmp(progress->stage, ((struct killer *)user)->stage) == 0)
        kill(getpid(), SIGKILL);
}

/* Parts of the killed run are tidied by the next one, which goes on from its state. */
TEST(a_kill_during_the_write_leaves_no_half_file_and_the_next_run_goes_on)
{
    struct tl_hazard_field_options options = job();
    const char *const stages[] = {"writing posterior.tif", "writing samples.tif"};
    char *text = NULL;
    CHECK_OK(make(ctx));
    for (int k = 0; k < 2; k++) {
        fflush(NULL);
        pid_t child = fork();
        if (child == 0) {
            struct tl_ctx *own = tl_ctx_create();
            struct killer killer = {stages[k]};
            tl_ctx_set_threads(own, 1);
            tl_ctx_set_progress(own, kill_at, &killer);
            tl_err err = tl_hazard_field(own, &options, "rr_o", &text);
            _exit(err == TL_OK ? 0 : 1);
        }
        int status = 0;
        CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
        CHECK(access("rr_o/posterior.tif", F_OK) != 0 && access("rr_o/summary.json", F_OK) != 0);
    }
    CHECK_OK(tl_hazard_field(ctx, &options, "rr_o", &text));
    DIR *dir = opendir("rr_o");
    int n = 0;
    while (readdir(dir) != NULL)
        n++;
    closedir(dir);
    CHECK(n == 5); /* two dots, three files */
    tl_free(text);
    clean();
}

TEST(memory_that_the_rows_alone_fill_is_refused_with_both_figures)
{
    struct tl_hazard_field_options options = job();
    char *text = NULL;
    CHECK_OK(make(ctx));
    options.field.memory_bytes = 64 << 20;
    CHECK_FAILS(tl_hazard_field(ctx, &options, "rr_o", &text), TL_ENOMEM, "0.06 GiB");
    clean();
}

static tl_err open_once(struct tl_ctx *ctx, const struct tl_hazard_field_options *options)
{
    struct tl_hazard_rows *rows = NULL;
    tl_err err = tl_hazard_rows_open(ctx, options, &rows);
    tl_hazard_rows_close(rows);
    return err;
}

TEST(every_allocation_may_fail)
{
    struct tl_hazard_field_options options = job();
    CHECK_OK(make(ctx));
    CHECK_EVERY_ALLOC(ctx, open_once(ctx, &options));
    clean();
}
