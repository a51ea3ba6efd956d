/*
 * What a set of searches leaves unsearched: integral over each cell of R = prod_m miss_m(k_m), summed over the classes of the
 * arrangement (cover_classes.c), over each of which R is constant. The classes tile the cell, so effort + residual = area
 * holds by construction.
 */
#include "geo/cover.h"

#include <math.h>
#include <string.h>

enum { MISS_KNOWN = 64 };

struct work {
    struct tl_ctx *ctx; /* borrows */
    int64_t n_searches;
    const struct tl_cover_search *searches;
    int32_t n_methods;
    const struct tl_cover_method *methods;
    const double *cell_area;
    int64_t first;     /* cell of the grid that the arrays begin with */
    double *miss;      /* owns: [n_methods][MISS_KNOWN] */
    int64_t *passes;   /* owns: [n_methods] at the place being looked at */
    int64_t last_cell; /* that was begun */
    double *residual;  /* owns */
};

static double miss_of(const struct work *w, int32_t m, int64_t k)
{
    if (k < MISS_KNOWN)
        return w->miss[m * MISS_KNOWN + k];
    const struct tl_cover_method *method = &w->methods[m];
    return 1.0 - method->detectable + method->detectable * pow(1.0 - method->per_pass, (double)k);
}

static tl_err add_class(void *user, int64_t cell, double share, int64_t n, const int64_t *set)
{
    struct work *w = user;
    double product = 1.0;
    for (int64_t k = 0; k < n; k++)
        w->passes[w->searches[set[k]].method] += w->searches[set[k]].n_passes;
    for (int64_t k = 0; k < n; k++) {
        int32_t m = w->searches[set[k]].method;
        if (w->passes[m] > 0)
            product *= miss_of(w, m, w->passes[m]);
        w->passes[m] = 0;
    }
    int64_t at = cell - w->first;
    if (cell != w->last_cell)
        w->residual[at] = 0.0;
    w->last_cell = cell;
    w->residual[at] += w->cell_area[at] * share * product;
    return TL_OK;
}

static tl_err check_input(struct work *w)
{
    for (int32_t m = 0; m < w->n_methods; m++) {
        const struct tl_cover_method *method = &w->methods[m];
        if (!(method->detectable >= 0.0 && method->detectable <= 1.0))
            return tl_fail(w->ctx, TL_EDATA,
                           "method %d: the detectable share is %g; 0 to 1 is expected", m,
                           method->detectable);
        if (!(method->per_pass >= 0.0 && method->per_pass <= 1.0))
            return tl_fail(w->ctx, TL_EDATA,
                           "method %d: the probability per pass is %g; 0 to 1 is expected", m,
                           method->per_pass);
    }
    for (int64_t s = 0; s < w->n_searches; s++) {
        const struct tl_cover_search *search = &w->searches[s];
        if (search->method < 0 || search->method >= w->n_methods)
            return tl_fail(w->ctx, TL_EDATA, "search %lld: there is no method %d; there are %d",
                           (long long)s, search->method, w->n_methods);
        if (search->n_passes < 1)
            return tl_fail(w->ctx, TL_EDATA, "search %lld: %d passes; at least 1 is expected",
                           (long long)s, search->n_passes);
    }
    return TL_OK;
}

tl_err tl_cover_residual_rows(struct tl_ctx *ctx, const struct tl_grid *grid, int64_t row_first,
                              int64_t row_end, const double *cell_area, int64_t n_searches,
                              const struct tl_cover_search *searches, int32_t n_methods,
                              const struct tl_cover_method *methods, double *residual)
{
    tl_err err = TL_OK;
    struct work w = {.ctx = ctx,
                     .n_searches = n_searches,
                     .searches = searches,
                     .n_methods = n_methods,
                     .methods = methods,
                     .cell_area = cell_area,
                     .first = row_first * grid->n_x,
                     .last_cell = -1};
    int64_t n_cells = (row_end - row_first) * grid->n_x;
    TL_TRY(check_input(&w));
    TL_TRY_ALLOC(ctx, w.miss, (int64_t)n_methods * MISS_KNOWN);
    TL_TRY_ALLOC(ctx, w.passes, n_methods);
    TL_TRY_ALLOC(ctx, w.residual, n_cells);
    for (int32_t m = 0; m < n_methods; m++)
        for (int32_t k = 0; k < MISS_KNOWN; k++)
            w.miss[m * MISS_KNOWN + k] =
                1.0 - methods[m].detectable +
                methods[m].detectable * pow(1.0 - methods[m].per_pass, (double)k);
    memcpy(w.residual, cell_area, (size_t)n_cells * sizeof *cell_area);
    TL_TRY(
        tl_cover_classes_rows(ctx, grid, row_first, row_end, n_searches, searches, add_class, &w));
    memcpy(residual, w.residual, (size_t)n_cells * sizeof *residual);
done:
    tl_free(w.miss);
    tl_free(w.passes);
    tl_free(w.residual);
    return err;
}

tl_err tl_cover_residual(struct tl_ctx *ctx, const struct tl_grid *grid, const double *cell_area,
                         int64_t n_searches, const struct tl_cover_search *searches,
                         int32_t n_methods, const struct tl_cover_method *methods, double *residual)
{
    return tl_cover_residual_rows(ctx, grid, 0, grid->n_y, cell_area, n_searches, searches,
                                  n_methods, methods, residual);
}
