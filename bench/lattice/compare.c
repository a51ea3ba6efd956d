/*
 * Each engine runs in a process of its own, so that peak memory and processor time are its own; it leaves mean and sd in a file,
 * and this one compares.
 */
#include "compare.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/core.h"

enum { ETA, Z, COUNT, EFFORT, N_ARRAYS };

struct area {
    int64_t n_x, n_y, n;
    double *value[N_ARRAYS]; /* owns: [n] */
};

struct outcome {
    double seconds, range, sigma, log_likelihood, log_likelihood_error;
    int64_t n_theta, n_newton, n_factorisations;
    double peak_mib, cpu_s; /* filled in by the process that waited */
};

static void area_fini(struct area *a)
{
    for (int k = 0; k < N_ARRAYS; k++)
        tl_free(a->value[k]);
}

static tl_err area_read(struct tl_ctx *ctx, const char *path, struct area *a)
{
    tl_err err = TL_OK;
    float *row = NULL;
    FILE *file = fopen(path, "rb");
    int64_t size[2];
    if (file == NULL || fread(size, sizeof size, 1, file) != 1)
        TL_THROW(ctx, TL_EIO, "%s: not a simulated area", path);
    a->n_x = size[0];
    a->n_y = size[1];
    a->n = a->n_x * a->n_y;
    for (int k = 0; k < N_ARRAYS; k++)
        TL_TRY_ALLOC(ctx, a->value[k], a->n);
    TL_TRY_ALLOC(ctx, row, a->n_x);
    for (int64_t i = 0; i < a->n_y * N_ARRAYS; i++) {
        double *to = a->value[i % N_ARRAYS] + i / N_ARRAYS * a->n_x;
        if (fread(row, sizeof *row, (size_t)a->n_x, file) != (size_t)a->n_x)
            TL_THROW(ctx, TL_EIO, "%s: ends early", path);
        for (int64_t x = 0; x < a->n_x; x++)
            to[x] = (double)row[x];
    }
done:
    tl_free(row);
    if (file != NULL)
        fclose(file);
    return err;
}

/* In the child: fits, writes outcome, mean, sd. */
static tl_err fit_here(struct tl_ctx *ctx, const char *path, const char *to,
                       const struct tl_field_options *options)
{
    tl_err err = TL_OK;
    struct area a = {0};
    struct tl_field_result r = {0};
    FILE *file = NULL;
    TL_TRY(area_read(ctx, path, &a));
    struct tl_field_channel channel = {
        .name = "search", .counts = a.value[COUNT], .effort = a.value[EFFORT]};
    struct tl_field_covariate covariate = {.name = "z", .values = a.value[Z]};
    struct tl_field_input in = {.n_x = a.n_x,
                                .n_y = a.n_y,
                                .step_m = 1.0,
                                .n_channels = 1,
                                .channels = &channel,
                                .n_covariates = 1,
                                .covariates = &covariate};
    double began = tl_clock_s();
    TL_TRY(tl_field_fit(ctx, &in, options, &r));
    struct outcome o = {.seconds = tl_clock_s() - began,
                        .range = r.range_m.q50,
                        .sigma = r.sigma.q50,
                        .log_likelihood = r.log_marginal_likelihood,
                        .log_likelihood_error = r.log_marginal_likelihood_error,
                        .n_theta = r.n_theta,
                        .n_newton = r.n_newton,
                        .n_factorisations = r.n_factorisations};
    file = fopen(to, "wb");
    size_t n = (size_t)a.n;
    if (file == NULL || fwrite(&o, sizeof o, 1, file) != 1 ||
        fwrite(r.log_density_mean, sizeof(double), n, file) != n ||
        fwrite(r.log_density_sd, sizeof(double), n, file) != n)
        TL_THROW(ctx, TL_EIO, "%s: cannot be written", to);
done:
    if (file != NULL && fclose(file) != 0 && err == TL_OK)
        err = tl_fail(ctx, TL_EIO, "%s: cannot be written", to);
    tl_field_result_fini(&r);
    area_fini(&a);
    return err;
}

static tl_err fit_apart(struct tl_ctx *ctx, const char *path, const char *to,
                        const struct tl_field_options *options, struct rusage *usage)
{
    int status = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        tl_err err = fit_here(ctx, path, to, options);
        if (err != TL_OK)
            fprintf(stderr, "%s\n", tl_ctx_message(ctx));
        _exit(tl_err_exit(err));
    }
    if (child < 0 || wait4(child, &status, 0, usage) != child || !WIFEXITED(status) ||
        WEXITSTATUS(status) != 0)
        return tl_fail(ctx, TL_EIO, "the %s engine came to no answer",
                       options->engine == TL_ENGINE_EXACT ? "exact" : "lattice");
    return TL_OK;
}

static tl_err take(struct tl_ctx *ctx, const char *from, int64_t n, const struct rusage *usage,
                   struct outcome *o, double **mean_sd)
{
    tl_err err = TL_OK;
    FILE *file = fopen(from, "rb");
    TL_TRY_ALLOC(ctx, *mean_sd, 2 * n);
    if (file == NULL || fread(o, sizeof *o, 1, file) != 1 ||
        fread(*mean_sd, sizeof(double), (size_t)(2 * n), file) != (size_t)(2 * n))
        TL_THROW(ctx, TL_EIO, "%s: ends early", from);
    o->peak_mib = (double)usage->ru_maxrss / 1024.0;
    o->cpu_s = (double)usage->ru_utime.tv_sec + (double)usage->ru_stime.tv_sec +
               1e-6 * (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec);
done:
    if (file != NULL)
        fclose(file);
    unlink(from);
    return err;
}

static void print_engine(const char *name, const struct area *a, const struct outcome *o,
                         const double *mean_sd)
{
    double square = 0.0, covered = 0.0;
    for (int64_t i = 0; i < a->n; i++) {
        double off = mean_sd[i] - a->value[ETA][i];
        square += off * off;
        covered += fabs(off) < 1.959964 * mean_sd[a->n + i];
    }
    printf("| %s | %lld | %.2f | %.2f | %.0f | %.4f | %.4f | %.3f | %.4f | %lld | %lld | %lld |\n",
           name, (long long)a->n, o->seconds, o->cpu_s, o->peak_mib, sqrt(square / (double)a->n),
           covered / (double)a->n, o->range, o->sigma, (long long)o->n_theta,
           (long long)o->n_newton, (long long)o->n_factorisations);
    printf("%s: log marginal likelihood %.6f, said to be within %.2g\n", name, o->log_likelihood,
           o->log_likelihood_error);
    fflush(stdout);
}

static void print_differences(int64_t n, const double *lattice, const double *exact)
{
    double mean = 0.0, mean_square = 0.0, sd = 0.0, sd_square = 0.0;
    for (int64_t i = 0; i < n; i++) {
        double off = (lattice[i] - exact[i]) / exact[n + i];
        double wider = lattice[n + i] / exact[n + i] - 1.0;
        mean = fmax(mean, fabs(off));
        sd = fmax(sd, fabs(wider));
        mean_square += off * off;
        sd_square += wider * wider;
    }
    printf("lattice against exact: mean differs by at most %.4f sd (root mean square %.5f), sd by "
           "at most %.2f %% "
           "(root mean square %.3f %%)\n",
           mean, sqrt(mean_square / (double)n), 100.0 * sd, 100.0 * sqrt(sd_square / (double)n));
}

tl_err compare_engines(struct tl_ctx *ctx, const char *path, const char *folder,
                       const struct tl_field_options *options)
{
    static const char *const names[2] = {"lattice", "exact"};
    static const enum tl_engine engines[2] = {TL_ENGINE_LATTICE, TL_ENGINE_EXACT};
    tl_err err = TL_OK;
    struct area a = {0};
    double *mean_sd[2] = {NULL, NULL};
    char to[4096];
    printf("| engine | cells | wall s | processor s | peak MiB | RMSE | coverage 95 %% | range | "
           "sd | points of theta | "
           "Newton steps | factors |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n");
    struct rusage usage[2];
    for (int k = 0; k < 2; k++) {
        struct tl_field_options o = *options;
        struct outcome outcome;
        o.engine = engines[k];
        snprintf(to, sizeof to, "%s/%s.raw", folder, names[k]);
        TL_TRY(fit_apart(ctx, path, to, &o, &usage[k]));
        if (a.n == 0)
            TL_TRY(area_read(ctx, path, &a));
        TL_TRY(take(ctx, to, a.n, &usage[k], &outcome, &mean_sd[k]));
        print_engine(names[k], &a, &outcome, mean_sd[k]);
    }
    print_differences(a.n, mean_sd[0], mean_sd[1]);
done:
    area_fini(&a);
    tl_free(mean_sd[0]);
    tl_free(mean_sd[1]);
    return err;
}
