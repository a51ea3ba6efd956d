/*
 * A = S M^-1 S + diag(w) with S = root_c (a M + K / a), which has at most five entries in a row: A is the sum over cells of outer products of
 * S's rows. Numbered along the shorter axis, the band is twice that axis. Of the coarsest level a few hundred cells, microseconds a solve; of a strip all cells, some 20 ns each.
 */
#include "field/mgdirect.h"

#include <math.h>

tl_err tl_mgdirect_init(struct tl_ctx *ctx, const struct tl_mgkernel_level *level,
                        struct tl_mgdirect *direct)
{
    tl_err err = TL_OK;
    int64_t n_x = level->x.n, n_y = level->y.n;
    *direct = (struct tl_mgdirect){.n = n_x * n_y, .across = n_y < n_x};
    direct->band = 2 * (direct->across ? n_y : n_x);
    TL_TRY_ALLOC(ctx, direct->factor, direct->n * (direct->band + 1));
done:
    return err;
}

int64_t tl_mgdirect_bytes(int64_t n_x, int64_t n_y, int k)
{
    int64_t band = 2 * (n_x < n_y ? n_x : n_y);
    return n_x * n_y * (band + 1 + k) * (int64_t)sizeof(double);
}

void tl_mgdirect_fini(struct tl_mgdirect *direct)
{
    tl_free(direct->factor);
    direct->factor = NULL;
}

static int64_t number(const struct tl_mgdirect *direct, const struct tl_mgkernel_level *level,
                      int64_t x, int64_t y)
{
    return direct->across ? x * level->y.n + y : y * level->x.n + x;
}

static double width(const struct tl_mgkernel_axis *axis, int64_t i)
{
    return i == axis->n - 1 ? axis->last : 1.0;
}

/* Distance between cells i and i + 1. */
static double gap(const struct tl_mgkernel_axis *axis, int64_t i)
{
    return (width(axis, i) + width(axis, i + 1)) / 2.0;
}

/* Row of S of a cell: its own entry first. */
static int row_of(const struct tl_mgdirect *direct, const struct tl_mgkernel_level *level,
                  int64_t x, int64_t y, int64_t cell[5], double entry[5])
{
    const struct tl_mgkernel_axis *ax = &level->x, *ay = &level->y;
    double wx = width(ax, x), wy = width(ay, y), root_c = sqrt(level->c), sum = 0.0;
    double near[4] = {x > 0 ? wy / gap(ax, x - 1) : 0.0, x + 1 < ax->n ? wy / gap(ax, x) : 0.0,
                      y > 0 ? wx / gap(ay, y - 1) : 0.0, y + 1 < ay->n ? wx / gap(ay, y) : 0.0};
    int64_t to[4][2] = {{x - 1, y}, {x + 1, y}, {x, y - 1}, {x, y + 1}};
    int n = 1;
    for (int k = 0; k < 4; k++) {
        if (near[k] == 0.0)
            continue;
        cell[n] = number(direct, level, to[k][0], to[k][1]);
        entry[n++] = -root_c * near[k] / level->a;
        sum += near[k];
    }
    cell[0] = number(direct, level, x, y);
    entry[0] = root_c * (level->a * wx * wy + sum / level->a);
    return n;
}

static void fill(const struct tl_mgkernel_level *level, struct tl_mgdirect *direct)
{
    int64_t band = direct->band;
    for (int64_t i = 0; i < direct->n * (band + 1); i++)
        direct->factor[i] = 0.0;
    for (int64_t at = 0; at < direct->n; at++) {
        int64_t x = at % level->x.n, y = at / level->x.n, cell[5];
        double entry[5], area = width(&level->x, x) * width(&level->y, y);
        int n = row_of(direct, level, x, y, cell, entry);
        for (int p = 0; p < n * n; p++) {
            int64_t i = cell[p / n], j = cell[p % n];
            if (j <= i)
                direct->factor[i * (band + 1) + band - (i - j)] +=
                    entry[p / n] * entry[p % n] / area;
        }
        direct->factor[cell[0] * (band + 1) + band] += level->w[y * level->w_stride + x];
    }
}

tl_err tl_mgdirect_set(struct tl_ctx *ctx, const struct tl_mgkernel_level *level,
                       struct tl_mgdirect *direct)
{
    int64_t band = direct->band, row = band + 1;
    fill(level, direct);
    for (int64_t i = 0; i < direct->n; i++) {
        double *a = direct->factor + i * row;
        int64_t first = i < band ? 0 : i - band;
        for (int64_t j = first; j <= i; j++) {
            const double *b = direct->factor + j * row;
            int64_t from = j < band ? 0 : j - band;
            double sum = a[band - (i - j)];
            for (int64_t k = from > first ? from : first; k < j; k++)
                sum -= a[band - (i - k)] * b[band - (j - k)];
            if (j < i)
                a[band - (i - j)] = sum / b[band];
            else if (sum > 0.0 && isfinite(sum))
                a[band] = sqrt(sum);
            else
                return tl_fail(ctx, TL_ENUMERIC, "coarsest level: pivot %g of cell %lld", sum,
                               (long long)i);
        }
    }
    return TL_OK;
}

void tl_mgdirect_solve(const struct tl_mgdirect *direct, const struct tl_mgkernel_level *level,
                       const float *b, float *e, double *work)
{
    int64_t n = direct->n, band = direct->band, row = band + 1, n_x = level->x.n;
    for (int64_t at = 0; at < n; at++)
        work[number(direct, level, at % n_x, at / n_x)] = b[at / n_x * level->stride + at % n_x];
    for (int64_t i = 0; i < n; i++) {
        const double *a = direct->factor + i * row;
        for (int64_t k = i < band ? 0 : i - band; k < i; k++)
            work[i] -= a[band - (i - k)] * work[k];
        work[i] /= a[band];
    }
    for (int64_t i = n - 1; i >= 0; i--) {
        const double *a = direct->factor + i * row;
        work[i] /= a[band];
        for (int64_t k = i < band ? 0 : i - band; k < i; k++)
            work[k] -= a[band - (i - k)] * work[i];
    }
    for (int64_t at = 0; at < n; at++)
        e[at / n_x * level->stride + at % n_x] =
            (float)work[number(direct, level, at % n_x, at / n_x)];
}
