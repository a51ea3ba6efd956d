/*
 * The engine against a published posterior (Flagg, Hoegh 2022): 3,604 trees on Barro Colorado Island, in full and as seen
 * through 20 transects. Their mesh is not a lattice, so agreement is asked within a third of the published 95 % interval's
 * width. Priors as theirs: flat coefficients, P(range < 5 m) = 0.1, P(sigma > 2) = 0.1.
 */
#include "unit.h"

#include "tilth/field.h"

enum { N_X = 100, N_Y = 50, CELLS = N_X * N_Y, NODES_X = 201, NODES_Y = 101 };

static double counts[CELLS], effort[CELLS], covs[2][CELLS], nodes[2][NODES_Y][NODES_X];

static FILE *open_csv(const char *name)
{
    char path[4200], header[256];
    snprintf(path, sizeof path, "%s/bei/%s", unit_data_dir(), name);
    FILE *file = fopen(path, "r");
    if (file != NULL && fgets(header, sizeof header, file) == NULL) {
        fclose(file);
        file = NULL;
    }
    return file;
}

/* Row 0 is in the north. */
static int cell_of(double x, double y)
{
    int column = (int)fmin(x / 10.0, N_X - 1), row = (int)fmin((500.0 - y) / 10.0, N_Y - 1);
    return row * N_X + column;
}

static int read_points(const char *name)
{
    double x, y;
    int n = 0;
    FILE *file = open_csv(name);
    memset(counts, 0, sizeof counts);
    while (file != NULL && fscanf(file, "%lf,%lf", &x, &y) == 2) {
        counts[cell_of(x, y)] += 1.0;
        n++;
    }
    if (file != NULL)
        fclose(file);
    return n;
}

/* Mean over a cell of the surface that is bilinear between the 5 m nodes. */
static int read_covariates(void)
{
    double x, y, v[2];
    int n = 0;
    FILE *file = open_csv("bei_covariates_5m.csv");
    while (file != NULL && fscanf(file, "%lf,%lf,%lf,%lf", &x, &y, &v[0], &v[1]) == 4) {
        for (int k = 0; k < 2; k++)
            nodes[k][(int)(y / 5.0 + 0.5)][(int)(x / 5.0 + 0.5)] = v[k];
        n++;
    }
    if (file != NULL)
        fclose(file);
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < CELLS; i++) {
            int x0 = i % N_X * 2, y0 = (N_Y - 1 - i / N_X) * 2;
            covs[k][i] = 0.0;
            for (int j = 0; j < 9; j++)
                covs[k][i] += (j % 3 == 1 ? 0.5 : 0.25) * (j / 3 == 1 ? 0.5 : 0.25) *
                              nodes[k][y0 + j / 3][x0 + j % 3];
        }
    return n;
}

static int read_transects(void)
{
    double x, half, y0, y1;
    int n = 0;
    FILE *file = open_csv("bei_transects.csv");
    memset(effort, 0, sizeof effort);
    while (file != NULL && fscanf(file, "%lf,%lf,%lf,%lf", &x, &half, &y0, &y1) == 4) {
        for (int i = 0; i < CELLS; i++) {
            double left = i % N_X * 10.0;
            effort[i] += 10.0 * fmax(0.0, fmin(left + 10.0, x + half) - fmax(left, x - half));
        }
        n++;
    }
    if (file != NULL)
        fclose(file);
    return n;
}

/* Published mean and 95 % interval: intercept, elevation, gradient, sigma, range. */
struct published {
    double triple[5][3];
};

static const char *const names[] = {"intercept", "elevation", "gradient", "sigma", "range"};
static const struct published full = {{{-10.9, -14.2, -7.63},
                                       {0.0328, 0.0112, 0.0547},
                                       {4.44, 2.42, 6.46},
                                       {1.30, 1.05, 1.63},
                                       {176, 137, 229}}};
static const struct published transect = {{{-12.7, -18.6, -7.10},
                                           {0.0444, 0.00686, 0.0836},
                                           {6.21, 3.24, 9.20},
                                           {1.27, 0.956, 1.70},
                                           {232, 161, 340}}};

static tl_err fit(struct tl_ctx *ctx, struct tl_field_result *result)
{
    struct tl_field_channel channel = {.name = "trees", .counts = counts, .effort = effort};
    struct tl_field_covariate x[2] = {{.name = "elev", .values = covs[0], .prior_sd = 1e4},
                                      {.name = "grad", .values = covs[1], .prior_sd = 1e4}};
    struct tl_field_input input = {.n_x = N_X, .n_y = N_Y, .step_m = 10.0, .n_channels = 1,
                                   .channels = &channel, .n_covariates = 2, .covariates = x};
    struct tl_field_options options = tl_field_options_default();
    options.range_prior_m = 5.0;
    options.range_prior_p = 0.1;
    options.sigma_prior = 2.0;
    options.sigma_prior_p = 0.1;
    return tl_field_fit(ctx, &input, &options, result);
}

static int compare(const struct tl_field_result *r, const struct published *p)
{
    const struct tl_estimate ours[] = {r->intercept, r->coefficients[0], r->coefficients[1], r->sigma, r->range_m};
    int n_off = 0;
    for (int k = 0; k < 5; k++) {
        const double mine[] = {ours[k].mean, ours[k].q025, ours[k].q975};
        double width = p->triple[k][2] - p->triple[k][1];
        printf("  %-10s %9.4g (%9.4g .. %9.4g)  published %9.4g (%9.4g .. %9.4g)  off by %5.2f %5.2f %5.2f widths\n",
               names[k], mine[0], mine[1], mine[2], p->triple[k][0], p->triple[k][1], p->triple[k][2],
               (mine[0] - p->triple[k][0]) / width, (mine[1] - p->triple[k][1]) / width,
               (mine[2] - p->triple[k][2]) / width);
        for (int j = 0; j < 3; j++)
            n_off += !(fabs(mine[j] - p->triple[k][j]) <= width / 3.0);
    }
    return n_off;
}

TEST(full_forest_agrees_with_the_published_posterior)
{
    struct tl_field_result r;
    if (unit_data_dir() == NULL)
        SKIP("no real data (TILTH_DATA)");
    CHECK(read_covariates() == NODES_X * NODES_Y);
    CHECK(read_points("bei_points.csv") == 3604);
    for (int i = 0; i < CELLS; i++)
        effort[i] = 100.0;
    CHECK_OK(fit(ctx, &r));
    CHECK(compare(&r, &full) == 0);
    tl_field_result_fini(&r);
}

TEST(transects_agree_with_the_published_posterior)
{
    struct tl_field_result r;
    if (unit_data_dir() == NULL)
        SKIP("no real data (TILTH_DATA)");
    CHECK(read_covariates() == NODES_X * NODES_Y);
    CHECK(read_points("bei_points_transect.csv") == 710);
    CHECK(read_transects() == 20);
    CHECK_OK(fit(ctx, &r));
    CHECK(compare(&r, &transect) == 0);
    tl_field_result_fini(&r);
}
