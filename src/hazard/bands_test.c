#include "unit.h"

#include "hazard/map_rows.h"

enum { X = 7, Y = 9, N = X * Y, CHANNELS = 2, SAMPLES = 3 };

static float values[TL_HAZARD_SHARES + CHANNELS + SAMPLES][N];

static void fill(void)
{
    for (int k = 0; k < TL_HAZARD_SHARES + CHANNELS + SAMPLES; k++)
        for (int i = 0; i < N; i++)
            values[k][i] = i % 11 == 3 ? NAN : (float)sin(k + 0.37 * i);
}

static tl_err put(struct tl_ctx *ctx, struct tl_hazard_bands *bands)
{
    tl_err err = TL_OK;
    for (int64_t y = 0; y < Y && err == TL_OK; y += 4) {
        int64_t n = Y - y < 4 ? Y - y : 4, at = y * X;
        const float *const shares[CHANNELS] = {values[8] + at, values[9] + at};
        const struct tl_lattice_bands b = {values[0] + at, values[1] + at, values[2] + at,
                                           values[3] + at, values[4] + at, values[5] + at,
                                           values[6] + at, values[7] + at, shares};
        err = tl_hazard_bands_put(ctx, bands, y, n, &b);
        for (int s = SAMPLES - 1; s >= 0 && err == TL_OK; s--)
            err = tl_hazard_bands_put_sample(ctx, bands, s, y, n, values[10 + s] + at);
    }
    return err;
}

static tl_err all(struct tl_ctx *ctx, struct tl_hazard_result *r)
{
    tl_err err = tl_hazard_bands_open(ctx, &r->evidence, ".", SAMPLES, &r->bands);
    if (err == TL_OK)
        err = put(ctx, r->bands);
    if (err != TL_OK) {
        tl_hazard_bands_close(r->bands);
        r->bands = NULL;
    }
    return err;
}

static bool is_same(const float *a, const double *b)
{
    for (int x = 0; x < X; x++)
        if (isnan(a[x]) ? !isnan(b[x]) : (double)a[x] != b[x])
            return false;
    return true;
}

TEST(rows_of_bands_shares_and_samples_come_back_from_a_file_and_from_arrays)
{
    struct tl_hazard_result r = {.evidence = {.grid = {0, 0, 1, X, Y}, .n_channels = CHANNELS}};
    double row[X], copy[TL_HAZARD_SHARES + CHANNELS][N];
    fill();
    CHECK_EVERY_ALLOC(ctx, all(ctx, &r));
    for (int k = 0; k < TL_HAZARD_SHARES + CHANNELS; k++)
        for (int64_t y = Y - 1; y >= 0; y--) {
            CHECK_OK(tl_hazard_row(ctx, &r, k, y, row));
            CHECK(is_same(values[k] + y * X, row));
        }
    for (int s = 0; s < SAMPLES; s++)
        for (int64_t y = 0; y < Y; y++) {
            CHECK_OK(tl_hazard_sample_row(ctx, &r, s, y, row));
            CHECK(is_same(values[10 + s] + y * X, row));
        }
    CHECK(tl_hazard_bands_memory(r.bands) > 0);
    tl_hazard_bands_close(r.bands);
    r.bands = NULL;
    for (int k = 0; k < TL_HAZARD_SHARES + CHANNELS; k++)
        for (int i = 0; i < N; i++)
            copy[k][i] = (double)values[k][i];
    double *const *of[] = {&r.field.log_density_mean,
                           &r.field.log_density_sd,
                           &r.field.density_mean,
                           &r.field.density_q05,
                           &r.field.density_q50,
                           &r.field.density_q95,
                           &r.field.p_any,
                           &r.field.field};
    for (int k = 0; k < TL_HAZARD_SHARES; k++)
        *(double **)(uintptr_t)of[k] = copy[k];
    r.field.shares = copy[TL_HAZARD_SHARES];
    r.field.samples = values[10];
    r.field.n_cells = N;
    for (int k = 0; k < TL_HAZARD_SHARES + CHANNELS; k++) {
        CHECK_OK(tl_hazard_row(ctx, &r, k, 5, row));
        CHECK(is_same(values[k] + 5 * X, row));
    }
    CHECK_OK(tl_hazard_sample_row(ctx, &r, 2, 8, row));
    CHECK(is_same(values[12] + 8 * X, row));
}
