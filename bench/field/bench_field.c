/*
 * tl_bench_field FILE.bin [--pad M] [--plain] [--threads N] [--name NAME]: fits the peers' simulated data (int32 n, then y, E,
 * z, eta as n^2 doubles) and prints one RES line like the peers' own. A bench: it may print.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "tilth/field.h"

static double *read_bin(struct tl_ctx *ctx, const char *path, int *n)
{
    double *data = NULL;
    FILE *file = fopen(path, "rb");
    if (file == NULL || fread(n, sizeof *n, 1, file) != 1 || *n < 1 || *n > 8192) {
        fprintf(stderr, "%s: not a file of the peers' simulator\n", path);
    } else {
        size_t count = 4 * (size_t)*n * (size_t)*n;
        data = tl_alloc(ctx, (int64_t)count, sizeof *data);
        if (data != NULL && fread(data, sizeof *data, count, file) != count) {
            fprintf(stderr, "%s: ends early\n", path);
            tl_free(data);
            data = NULL;
        }
    }
    if (file != NULL)
        fclose(file);
    return data;
}

struct score {
    double square, covered, n;
};

static void add(struct score *s, double error, double sd)
{
    s->square += error * error;
    s->covered += fabs(error) < 1.959964 * sd;
    s->n += 1.0;
}

static void report(const char *name, int n, const double *data, double seconds,
                   const struct tl_field_result *r)
{
    int64_t cells = (int64_t)n * n;
    const double *effort = data + cells, *eta = data + 3 * cells;
    struct score all = {0}, swept = {0}, unswept = {0};
    for (int64_t i = 0; i < cells; i++) {
        double error = r->log_density_mean[i] - eta[i], sd = r->log_density_sd[i];
        add(&all, error, sd);
        add(effort[i] > 0.0 ? &swept : &unswept, error, sd);
    }
    printf("RES,%s,%d,fit_s=%.3f,rmse=%.4f,rmse_swept=%.4f,rmse_unswept=%.4f,cov95=%.4f,cov_sw=%."
           "3f,cov_un=%.3f,"
           "range=%.2f(%.2f..%.2f),sd=%.3f(%.3f..%.3f),b0=%.3f,b1=%.3f,theta=%lld,newton=%lld,"
           "factor=%lld,pad=%lld,"
           "own_MB=%.0f,lml=%.3f\n",
           name, n, seconds, sqrt(all.square / all.n), sqrt(swept.square / swept.n),
           sqrt(unswept.square / unswept.n), all.covered / all.n, swept.covered / swept.n,
           unswept.covered / unswept.n, r->range_m.mean, r->range_m.q025, r->range_m.q975,
           r->sigma.mean, r->sigma.q025, r->sigma.q975, r->intercept.mean, r->coefficients[0].mean,
           (long long)r->n_theta, (long long)r->n_newton, (long long)r->n_factorisations,
           (long long)r->pad_cells, (double)r->memory_bytes / 1e6, r->log_marginal_likelihood);
}

static tl_err bench(struct tl_ctx *ctx, const char *path, const char *name,
                    const struct tl_field_options *options)
{
    int n = 0;
    double *data = read_bin(ctx, path, &n);
    if (data == NULL)
        return TL_EIO;
    int64_t cells = (int64_t)n * n;
    struct tl_field_channel channel = {.name = "search", .counts = data, .effort = data + cells};
    struct tl_field_covariate z = {.name = "z", .values = data + 2 * cells};
    struct tl_field_input input = {.n_x = n,
                                   .n_y = n,
                                   .step_m = 1.0,
                                   .n_channels = 1,
                                   .channels = &channel,
                                   .n_covariates = 1,
                                   .covariates = &z};
    struct tl_field_result result;
    double start = tl_clock_s();
    tl_err err = tl_field_fit(ctx, &input, options, &result);
    if (err == TL_OK) {
        report(name, n, data, tl_clock_s() - start, &result);
        tl_field_result_fini(&result);
    } else {
        fprintf(stderr, "%s: %s\n", path, tl_ctx_message(ctx));
    }
    tl_free(data);
    return err;
}

int main(int argc, char **argv)
{
    struct tl_ctx *ctx = tl_ctx_create();
    struct tl_field_options options = tl_field_options_default();
    const char *path = NULL, *name = "tilth";
    if (ctx == NULL)
        return 1;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--plain") == 0)
            options.plain_mode = true;
        else if (strcmp(argv[i], "--engine") == 0 && i + 1 < argc)
            options.engine = strcmp(argv[++i], "lattice") == 0 ? TL_ENGINE_LATTICE
                             : strcmp(argv[i], "exact") == 0   ? TL_ENGINE_EXACT
                                                               : TL_ENGINE_AUTO;
        else if (strcmp(argv[i], "--pad") == 0 && i + 1 < argc)
            options.pad_m = atof(argv[++i]);
        else if (strcmp(argv[i], "--samples") == 0 && i + 1 < argc)
            options.n_samples = atoi(argv[++i]);
        else if (strcmp(argv[i], "--threads") == 0 && i + 1 < argc)
            tl_ctx_set_threads(ctx, atoi(argv[++i]));
        else if (strcmp(argv[i], "--name") == 0 && i + 1 < argc)
            name = argv[++i];
        else
            path = argv[i];
    }
    int code = path == NULL ? 2 : tl_err_exit(bench(ctx, path, name, &options));
    tl_ctx_free(ctx);
    return code;
}
