/*
 * An item can only be met while it is there: on ground that was cleared in the third of ten years,
 * people could meet what was there for three years and what the clearance left for seven. So effort
 * adds up the residual area over the years, in at most TL_USE_SLICES steps at the dates of the searches.
 * Searches without a date count as done before: that gives less effort, hence a higher density from
 * the same accidents, which errs towards caution.
 */
#include "evidence/use.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/kernel.h"

static const double TWO_PI = 6.283185307179586;

double tl_use_of(double people_per_km2)
{
    return fmax(people_per_km2 / (people_per_km2 + TL_USE_HALF_PER_KM2), TL_USE_FLOOR);
}

tl_err tl_use_intensity_box(struct tl_ctx *ctx, const struct tl_gather *gather, double range_m,
                            const int64_t box[4], double *use)
{
    tl_err err = TL_OK;
    struct tl_kernel_point *points = NULL;
    int64_t n = gather->n[TL_KIND_PLACE], m = 0, n_cells = box[2] * box[3];
    TL_TRY_ALLOC(ctx, points, n);
    for (int64_t i = 0; i < n; i++) {
        const struct tl_gather_point *place = &gather->points[TL_KIND_PLACE][i];
        double people = place->number > 0.0 ? place->number : TL_USE_UNKNOWN_POPULATION;
        if (isfinite(place->x_m) && isfinite(place->y_m))
            points[m++] = (struct tl_kernel_point){
                place->x_m, place->y_m, people / (TWO_PI * range_m * range_m) * 1e6, range_m};
    }
    memset(use, 0, (size_t)n_cells * sizeof *use);
    tl_kernel_add_box(ctx, &gather->grid, box, m, points, use);
    for (int64_t i = 0; i < n_cells; i++)
        use[i] = m == 0 ? 1.0 : tl_use_of(use[i]);
done:
    tl_free(points);
    return err;
}

tl_err tl_use_intensity_rows(struct tl_ctx *ctx, const struct tl_gather *gather, double range_m,
                             int64_t row_first, int64_t row_end, double *use)
{
    const int64_t box[4] = {0, row_first, gather->grid.n_x, row_end - row_first};
    return tl_use_intensity_box(ctx, gather, range_m, box, use);
}

tl_err tl_use_intensity(struct tl_ctx *ctx, const struct tl_gather *gather, double range_m,
                        double *use)
{
    return tl_use_intensity_rows(ctx, gather, range_m, 0, gather->grid.n_y, use);
}

struct tl_use_span tl_use_years(const struct tl_gather *gather, enum tl_kind kind,
                                const bool *not_wanted)
{
    double first = INFINITY, last = -INFINITY;
    int64_t n_dated = 0;
    for (int64_t i = 0; i < gather->n[kind]; i++) {
        const struct tl_gather_point *point = &gather->points[kind][i];
        if (point->cell < 0 || point->is_other || !isfinite(point->year) ||
            (not_wanted != NULL && not_wanted[i]))
            continue;
        first = fmin(first, floor(point->year));
        last = fmax(last, floor(point->year) + 1.0);
        n_dated++;
    }
    if (n_dated == 0)
        return (struct tl_use_span){0.0, 1.0, 0};
    return (struct tl_use_span){first, last, n_dated};
}

static int compare_years(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

tl_err tl_use_slice(struct tl_ctx *ctx, const struct tl_attribute *searches,
                    const struct tl_use_span *span, struct tl_use_times *times)
{
    double *years = NULL;
    int64_t n = 0;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, years, searches->n_searches);
    for (int64_t s = 0; s < searches->n_searches; s++) {
        double year = searches->searches[s].shape->year;
        if (year > span->from && year < span->to)
            years[n++] = year;
    }
    qsort(years, (size_t)n, sizeof *years, compare_years);
    int64_t n_different = 0;
    for (int64_t i = 0; i < n; i++)
        if (n_different == 0 || years[i] > years[n_different - 1])
            years[n_different++] = years[i];
    int64_t wanted = n_different < TL_USE_SLICES ? n_different : TL_USE_SLICES;
    times->n = 0;
    times->at[times->n++] = span->from;
    for (int64_t i = 0; i < wanted; i++)
        times->at[times->n++] = years[i * n_different / wanted];
    times->at[times->n++] = span->to;
done:
    tl_free(years);
    return err;
}

void tl_use_effort(int64_t n_cells, const double *cell_area, const double *use,
                   const struct tl_use_span *span, double rate, double *effort)
{
    for (int64_t i = 0; i < n_cells; i++) {
        double least = 1e-6 * cell_area[i] * (span->to - span->from);
        effort[i] = rate * use[i] * fmax(effort[i], least);
    }
}
