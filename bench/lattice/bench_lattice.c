/*
 * tl_bench_lattice sim SIDE SEED FILE [--rows ROWS]: a simulated area of any size (as the peers' simulator: range 12 cells, sd 1, 60 % of
 *   8 x 8 blocks searched with 0.8, one covariate), drawn with the multigrid solver; rows of eta, z, counts, effort as floats.
 * tl_bench_lattice fit FILE FOLDER [--threads N] [--samples N] [--memory GIB] [--seed N] [--pad M] [--keep]: fits it row by row and prints
 *   one RES line: seconds, RMSE, coverage, theta, bytes. FOLDER takes the engine's files; --keep writes the samples there.
   --phases adds a table of where the time went; --verbose tells the stages as they come.
 * tl_bench_lattice compare FILE FOLDER [--range M --sigma S] [...]: the lattice engine and the exact one on the same area, each in a process
 *   of its own: time, memory, theta, RMSE, coverage, and the largest differences of mean and sd. Given both, theta is held there.
 * A bench: it may print.
 */
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/core.h"
#include "core/rng.h"
#include "field/multigrid.h"
#include "compare.h"
#include "hazard/hazard.h"
#include "phases.h"
#include "tilth/lattice.h"

enum { ETA, Z, COUNT, EFFORT, N_ARRAYS };

struct header {
    int64_t n_x, n_y;
};

/* A draw of the prior: Q x = Q^(1/2) z. */
static tl_err draw(struct tl_ctx *ctx, struct tl_multigrid *mg, int64_t n, double range,
                   uint64_t seed, const float *zero, float *rhs, float *out)
{
    tl_err err = TL_OK;
    struct tl_multigrid_report report;
    TL_TRY(tl_multigrid_set(ctx, mg, tl_stencil_q_of(1.0, range, 1.0), zero));
    tl_multigrid_draw(ctx, mg, tl_rng_make(seed, 0x6265), rhs);
    memset(out, 0, (size_t)n * sizeof *out);
    TL_TRY(tl_multigrid_solve(ctx, mg, 1, (const float *const *)&rhs, &out, 1e-4, 200, &report));
done:
    return err;
}

static tl_err simulate(struct tl_ctx *ctx, int64_t n_x, int64_t n_y, uint64_t seed, FILE *file)
{
    tl_err err = TL_OK;
    struct tl_stencil_grid grid = tl_stencil_grid_of(n_x, n_y);
    struct tl_multigrid *mg = NULL;
    float *zero = NULL, *rhs = NULL, *eta = NULL, *z = NULL;
    float *row = NULL;
    struct tl_rng rng = tl_rng_make(seed, 0x6266);
    const struct header header = {n_x, n_y};
    TL_TRY_ALLOC(ctx, zero, grid.n);
    TL_TRY_ALLOC(ctx, rhs, grid.n);
    TL_TRY_ALLOC(ctx, eta, grid.n);
    TL_TRY_ALLOC(ctx, z, grid.n);
    TL_TRY_ALLOC(ctx, row, N_ARRAYS * n_x);
    TL_TRY(tl_multigrid_create(ctx, &grid, 1, TL_MULTIGRID_BEST, &mg));
    TL_TRY(draw(ctx, mg, grid.n, 12.0, 2 * seed, zero, rhs, eta));
    TL_TRY(draw(ctx, mg, grid.n, 20.0, 2 * seed + 1, zero, rhs, z));
    fwrite(&header, sizeof header, 1, file);
    for (int64_t y = 0; y < n_y; y++) {
        for (int64_t x = 0; x < n_x; x++) {
            int64_t i = y * n_x + x, block = y / 8 * (n_x / 8 + 1) + x / 8;
            double e = -1.5 + 0.5 * (double)z[i] + (double)eta[i];
            double effort = tl_rng_uniform(rng, (uint64_t)block) < 0.6 ? 0.8 : 0.0;
            row[ETA * n_x + x] = (float)e;
            row[Z * n_x + x] = z[i];
            row[COUNT * n_x + x] =
                (float)tl_rng_poisson(tl_rng_fork(rng, 1), (uint64_t)i, effort * exp(e));
            row[EFFORT * n_x + x] = (float)effort;
        }
        if (fwrite(row, sizeof *row, (size_t)(N_ARRAYS * n_x), file) != (size_t)(N_ARRAYS * n_x))
            TL_THROW(ctx, TL_EIO, "the simulated area cannot be written");
    }
done:
    tl_multigrid_free(mg);
    tl_free(zero);
    tl_free(rhs);
    tl_free(eta);
    tl_free(z);
    tl_free(row);
    return err;
}

struct job {
    FILE *file, *samples;
    struct header header;
    float *row; /* one row of all arrays */
    double square, covered, n;
};

static tl_err seek_row(struct tl_ctx *ctx, struct job *j, int64_t y)
{
    int64_t bytes = N_ARRAYS * j->header.n_x * (int64_t)sizeof(float);
    if (fseeko(j->file, (off_t)((int64_t)sizeof j->header + y * bytes), SEEK_SET) != 0 ||
        fread(j->row, 1, (size_t)bytes, j->file) != (size_t)bytes)
        return tl_fail(ctx, TL_EIO, "the simulated area ends early");
    return TL_OK;
}

static tl_err read_row(struct tl_ctx *ctx, void *user, int64_t y, struct tl_lattice_row *row)
{
    struct job *j = user;
    int64_t n_x = j->header.n_x;
    tl_err err = seek_row(ctx, j, y);
    for (int64_t x = 0; err == TL_OK && x < n_x; x++) {
        row->counts[0][x] = (double)j->row[COUNT * n_x + x];
        row->effort[0][x] = (double)j->row[EFFORT * n_x + x];
        row->covariates[0][x] = (double)j->row[Z * n_x + x];
    }
    return err;
}

static tl_err take_rows(struct tl_ctx *ctx, void *user, int64_t y, int64_t n_rows,
                        const struct tl_lattice_bands *bands)
{
    struct job *j = user;
    int64_t n_x = j->header.n_x;
    for (int64_t r = 0; r < n_rows; r++) {
        tl_err err = seek_row(ctx, j, y + r);
        if (err != TL_OK)
            return err;
        for (int64_t x = 0; x < n_x; x++) {
            double off = (double)(bands->log_density_mean[r * n_x + x] - j->row[ETA * n_x + x]);
            j->square += off * off;
            j->covered += fabs(off) < 1.959964 * (double)bands->log_density_sd[r * n_x + x];
            j->n += 1.0;
        }
    }
    return TL_OK;
}

static tl_err take_sample(struct tl_ctx *ctx, void *user, int64_t sample, int64_t y, int64_t n_rows,
                          const float *eta)
{
    struct job *j = user;
    int64_t n = n_rows * j->header.n_x;
    if (j->samples == NULL)
        return TL_OK;
    int64_t at = (sample * j->header.n_y + y) * j->header.n_x * (int64_t)sizeof *eta;
    if (fseeko(j->samples, (off_t)at, SEEK_SET) != 0 ||
        fwrite(eta, sizeof *eta, (size_t)n, j->samples) != (size_t)n)
        return tl_fail(ctx, TL_EIO, "the samples cannot be written");
    return TL_OK;
}

static void report(const struct job *j, double seconds, const struct tl_lattice_summary *s)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("RES,lattice,%lld,s=%.2f,us_per_cell=%.3f,cpu_s=%.2f,peak_MiB=%.0f,planned_MiB=%.0f,"
           "rmse=%.4f,cov95=%.4f,range=%.3f(%.3f..%.3f),sd=%.4f(%.4f..%.4f),b0=%.3f,b1=%.4f,"
           "mcse_sd=%.4f,newton=%lld,iterations=%lld,GB_moved=%.1f,theta=%lld,pad=%lld\n",
           (long long)(j->header.n_x * j->header.n_y), seconds, 1e6 * seconds / j->n,
           (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
               1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec),
           (double)usage.ru_maxrss / 1024.0, (double)s->memory_bytes / 1048576.0,
           sqrt(j->square / j->n), j->covered / j->n, s->range_m.mean, s->range_m.q025,
           s->range_m.q975, s->sigma.mean, s->sigma.q025, s->sigma.q975, s->intercept.mean,
           s->coefficients[0].mean, s->mcse_sd_relative, (long long)s->n_newton,
           (long long)s->n_iterations, (double)s->bytes_moved / 1e9, (long long)s->n_theta,
           (long long)s->pad_cells);
}

static tl_err fit(struct tl_ctx *ctx, const char *path, const char *folder,
                  const struct tl_field_options *options, bool keep, struct phases *phases)
{
    tl_err err = TL_OK;
    static const struct tl_field_channel channel = {.name = "search"};
    static const struct tl_field_covariate covariate = {.name = "z"};
    struct job j = {.file = fopen(path, "rb")};
    struct tl_hazard_scratch *scratch = NULL;
    const struct tl_lattice_store *store = NULL;
    struct tl_lattice_summary summary = {0};
    char name[4096];
    if (j.file == NULL || fread(&j.header, sizeof j.header, 1, j.file) != 1)
        TL_THROW(ctx, TL_EIO, "%s: not a simulated area", path);
    struct tl_lattice_source source = {.n_x = j.header.n_x,
                                       .n_y = j.header.n_y,
                                       .step_m = 1.0,
                                       .n_channels = 1,
                                       .channels = &channel,
                                       .n_covariates = 1,
                                       .covariates = &covariate,
                                       .user = &j,
                                       .read = read_row};
    struct tl_lattice_sink sink = {&j, take_rows, take_sample};
    TL_TRY_ALLOC(ctx, j.row, N_ARRAYS * j.header.n_x);
    TL_TRY(tl_hazard_scratch_open(ctx, folder, &scratch, &store));
    snprintf(name, sizeof name, "%s/samples.raw", folder);
    if (keep)
        j.samples = fopen(name, "wb");
    if (phases != NULL) {
        phases_begin(phases);
        tl_ctx_set_progress(ctx, phases_listen, phases);
    }
    double began = tl_clock_s();
    TL_TRY(tl_lattice_fit(ctx, &source, options, &sink, store, &summary));
    report(&j, tl_clock_s() - began, &summary);
    if (phases != NULL)
        phases_print(phases, tl_ctx_threads(ctx));
done:
    tl_hazard_scratch_close(scratch);
    tl_lattice_summary_fini(&summary);
    if (j.file != NULL)
        fclose(j.file);
    if (j.samples != NULL)
        fclose(j.samples);
    tl_free(j.row);
    return err;
}

struct call {
    struct tl_field_options options;
    struct phases phases;
    bool keep, by_phase;
    int64_t rows;
};

static void take_number(struct tl_ctx *ctx, struct call *c, const char *name, double value)
{
    if (strcmp(name, "--threads") == 0)
        tl_ctx_set_threads(ctx, (int)value);
    else if (strcmp(name, "--samples") == 0)
        c->options.n_samples = (int64_t)value;
    else if (strcmp(name, "--memory") == 0)
        c->options.memory_bytes = (int64_t)(value * 1073741824.0);
    else if (strcmp(name, "--seed") == 0)
        c->options.seed = (uint64_t)value;
    else if (strcmp(name, "--pad") == 0)
        c->options.pad_m = value;
    else if (strcmp(name, "--rows") == 0)
        c->rows = (int64_t)value;
    else if (strcmp(name, "--range") == 0)
        c->options.fixed_range_m = value;
    else if (strcmp(name, "--sigma") == 0)
        c->options.fixed_sigma = value;
}

int main(int argc, char **argv)
{
    struct tl_ctx *ctx = tl_ctx_create();
    struct call c = {.options = tl_field_options_default()};
    tl_err err = TL_EUSAGE;
    if (ctx == NULL || argc < 3)
        return 2;
    c.options.pad_m = 0.0;
    for (int i = 3; i < argc; i++) {
        c.keep = c.keep || strcmp(argv[i], "--keep") == 0;
        c.phases.verbose = c.phases.verbose || strcmp(argv[i], "--verbose") == 0;
        c.by_phase = c.by_phase || c.phases.verbose || strcmp(argv[i], "--phases") == 0;
        if (i + 1 < argc)
            take_number(ctx, &c, argv[i], atof(argv[i + 1]));
    }
    if (strcmp(argv[1], "sim") == 0 && argc >= 5) {
        int64_t side = atoll(argv[2]);
        FILE *file = fopen(argv[4], "wb");
        err = file == NULL
                  ? TL_EIO
                  : simulate(ctx, side, c.rows > 0 ? c.rows : side, (uint64_t)atoll(argv[3]), file);
        if (file != NULL)
            fclose(file);
    } else if (strcmp(argv[1], "fit") == 0 && argc >= 4) {
        err = fit(ctx, argv[2], argv[3], &c.options, c.keep, c.by_phase ? &c.phases : NULL);
    } else if (strcmp(argv[1], "compare") == 0 && argc >= 4) {
        err = compare_engines(ctx, argv[2], argv[3], &c.options);
    }
    if (err != TL_OK)
        fprintf(stderr, "%s\n", tl_ctx_message(ctx));
    tl_ctx_free(ctx);
    return tl_err_exit(err);
}
