#include "evidence/bins.h"

#include <math.h>
#include <string.h>

enum { SIDE_MAX = 128 };

static int64_t clamp(double at, int64_t n)
{
    return !(at > 0.0) ? 0 : at >= (double)n ? n - 1 : (int64_t)at;
}

/* Bins that a box meets: first column, first row, last column, last row. */
static void meet(const struct tl_bins *b, const double box[4], int64_t of[4])
{
    of[0] = clamp((box[0] - b->x0) / b->width, b->n_side);
    of[1] = clamp((box[1] - b->y0) / b->height, b->n_side);
    of[2] = clamp((box[2] - b->x0) / b->width, b->n_side);
    of[3] = clamp((box[3] - b->y0) / b->height, b->n_side);
}

static void count(struct tl_bins *b, int64_t n, const double (*boxes)[4])
{
    for (int64_t k = 0; k < n; k++) {
        int64_t of[4];
        meet(b, boxes[k], of);
        for (int64_t row = of[1]; row <= of[3]; row++)
            for (int64_t column = of[0]; column <= of[2]; column++)
                b->first[row * b->n_side + column + 1]++;
    }
}

static void fill(const struct tl_bins *b, int64_t n, const double (*boxes)[4], int64_t *next)
{
    for (int64_t k = 0; k < n; k++) {
        int64_t of[4];
        meet(b, boxes[k], of);
        for (int64_t row = of[1]; row <= of[3]; row++)
            for (int64_t column = of[0]; column <= of[2]; column++)
                b->boxes[next[row * b->n_side + column]++] = (int32_t)k;
    }
}

tl_err tl_bins_init(struct tl_ctx *ctx, const double box[4], int64_t n, const double (*boxes)[4],
                    struct tl_bins *bins)
{
    tl_err err = TL_OK;
    int64_t *next = NULL;
    int64_t side = clamp(sqrt((double)n), SIDE_MAX) + 1;
    struct tl_bins made = {.x0 = box[0],
                           .y0 = box[1],
                           .width = (box[2] - box[0]) / (double)side,
                           .height = (box[3] - box[1]) / (double)side,
                           .n_side = side};
    TL_TRY_ALLOC(ctx, made.first, side * side + 1);
    count(&made, n, boxes);
    for (int64_t k = 0; k < side * side; k++)
        made.first[k + 1] += made.first[k];
    TL_TRY_ALLOC(ctx, made.boxes, made.first[side * side]);
    TL_TRY_ALLOC(ctx, next, side * side);
    memcpy(next, made.first, (size_t)(side * side) * sizeof *next);
    fill(&made, n, boxes, next);
    *bins = made;
    memset(&made, 0, sizeof made);
done:
    tl_free(next);
    tl_bins_fini(&made);
    return err;
}

void tl_bins_fini(struct tl_bins *bins)
{
    tl_free(bins->first);
    tl_free(bins->boxes);
    memset(bins, 0, sizeof *bins);
}

const int32_t *tl_bins_at(const struct tl_bins *bins, double x, double y, int64_t *n)
{
    int64_t of[4];
    const double box[4] = {x, y, x, y};
    meet(bins, box, of);
    int64_t k = of[1] * bins->n_side + of[0];
    *n = bins->first[k + 1] - bins->first[k];
    return bins->boxes + bins->first[k];
}
