/*
 * Covariates and use of land, from what is near. Kernels end at 4 ranges, so records beyond have no say. The nearest line or place
 * may lie far away: kept is all that could be nearest to some point of the window, that is, whatever begins no farther away than
 * the one that is nearest when all are taken at their far ends. The answer is the same as from all records.
 */
#include <math.h>
#include <string.h>

#include "evidence/local_base.h"

static const double KERNEL_REACH = 4.0 * (1.0 + 1e-9);

/* Least and greatest distance between points of two boxes. */
static double least(const double a[4], const double b[4])
{
    return hypot(fmax(fmax(b[0] - a[2], a[0] - b[2]), 0.0),
                 fmax(fmax(b[1] - a[3], a[1] - b[3]), 0.0));
}

static double greatest(const double a[4], const double b[4])
{
    return hypot(fmax(b[2] - a[0], a[2] - b[0]), fmax(b[3] - a[1], a[3] - b[1]));
}

static bool box_of(const struct tl_gather_point *point, double box[4])
{
    box[0] = box[2] = point->x_m;
    box[1] = box[3] = point->y_m;
    return isfinite(point->x_m) && isfinite(point->y_m);
}

static tl_err take_areas(struct tl_ctx *ctx, struct tl_local_window *w)
{
    tl_err err = TL_OK;
    const struct tl_gather *g = &w->base->g;
    enum tl_kind kind = TL_KIND_HAZARD_AREA;
    TL_TRY_ALLOC(ctx, w->sub.shapes[kind], g->n[kind]);
    for (int64_t i = 0; i < g->n[kind]; i++)
        if (tl_local_meets(g->shapes[kind][i].box, w->box)) {
            w->sub.shapes[kind][w->sub.n[kind]++] = g->shapes[kind][i];
            tl_hash_add(&w->hash, g->shapes[kind][i].key, sizeof g->shapes[kind][i].key);
        }
done:
    return err;
}

static tl_err take_lines(struct tl_ctx *ctx, struct tl_local_window *w)
{
    enum { TYPES_MAX = 16 };
    tl_err err = TL_OK;
    const struct tl_local_base *base = w->base;
    double reach[TYPES_MAX];
    for (int t = 0; t < TYPES_MAX; t++)
        reach[t] = INFINITY;
    TL_TRY_ALLOC(ctx, w->sub.shapes[TL_KIND_LINE], base->n_stretches);
    for (int64_t k = 0; k < base->n_stretches; k++) {
        int t = base->stretches[k].type;
        if (t >= 0 && t < TYPES_MAX)
            reach[t] = fmin(reach[t], greatest(base->stretches[k].box, w->box));
    }
    for (int64_t k = 0; k < base->n_stretches; k++) {
        const struct tl_local_stretch *s = &base->stretches[k];
        if (s->type >= 0 && s->type < TYPES_MAX &&
            least(s->box, w->box) <= reach[s->type] * (1.0 + 1e-9))
            w->sub.shapes[TL_KIND_LINE][w->sub.n[TL_KIND_LINE]++] =
                (struct tl_gather_shape){.wkb = s->wkb, .wkb_bytes = s->wkb_bytes, .type = s->type};
    }
done:
    return err;
}

static tl_err take_reports(struct tl_ctx *ctx, struct tl_local_window *w, double range_m)
{
    tl_err err = TL_OK;
    const struct tl_gather *g = &w->base->g;
    enum tl_kind kind = TL_KIND_REPORT;
    double box[4];
    TL_TRY_ALLOC(ctx, w->sub.points[kind], g->n[kind]);
    for (int64_t i = 0; i < g->n[kind]; i++) {
        const struct tl_gather_point *report = &g->points[kind][i];
        double vague = isfinite(report->accuracy_m) ? report->accuracy_m : 0.0;
        if (box_of(report, box) && least(box, w->box) <= KERNEL_REACH * hypot(range_m, vague))
            w->sub.points[kind][w->sub.n[kind]++] = *report;
    }
done:
    return err;
}

/* Places that could be nearest, or that reach the window with their people; at least one, for with none the use is full. */
static tl_err take_places(struct tl_ctx *ctx, struct tl_local_window *w, double range_m)
{
    tl_err err = TL_OK;
    const struct tl_gather *g = &w->base->g;
    enum tl_kind kind = TL_KIND_PLACE;
    double box[4], reach = INFINITY;
    TL_TRY_ALLOC(ctx, w->sub.points[kind], g->n[kind]);
    for (int64_t i = 0; i < g->n[kind]; i++)
        if (box_of(&g->points[kind][i], box))
            reach = fmin(reach, greatest(box, w->box));
    reach = fmax(reach * (1.0 + 1e-9), KERNEL_REACH * range_m);
    for (int64_t i = 0; i < g->n[kind]; i++)
        if (box_of(&g->points[kind][i], box) && least(box, w->box) <= reach)
            w->sub.points[kind][w->sub.n[kind]++] = g->points[kind][i];
done:
    return err;
}

/* Effort of people: integral of what was left over the years, times the use of land. */
static tl_err make_use(struct tl_ctx *ctx, struct tl_local_window *w, double range_m)
{
    static const struct {
        enum tl_kind kind;
        const char *name;
        double rate;
    } channels[] = {{TL_KIND_ACCIDENT, "accident", TL_USE_ACCIDENT_RATE},
                    {TL_KIND_ITEM, "spot", TL_USE_SPOT_RATE}};
    tl_err err = TL_OK;
    double *use = NULL;
    int64_t n_cells = tl_grid_n_cells(&w->out->grid);
    TL_TRY_ALLOC(ctx, use, n_cells);
    TL_TRY(tl_use_intensity(ctx, &w->sub, range_m, use));
    tl_hash_add(&w->hash, use, n_cells * (int64_t)sizeof *use);
    for (int k = 0; k < 2; k++) {
        struct tl_evidence_channel *channel = tl_local_channel(w, channels[k].name);
        if (channel == NULL)
            continue;
        memcpy(channel->effort, w->integral[channels[k].kind],
               (size_t)n_cells * sizeof *channel->effort);
        tl_use_effort(n_cells, w->out->cell_area, use, &w->base->people[channels[k].kind].span,
                      channels[k].rate, channel->effort);
    }
done:
    tl_free(use);
    return err;
}

tl_err tl_local_make_near(struct tl_ctx *ctx, struct tl_local_window *w, int64_t n_names,
                          const char *const *names)
{
    tl_err err = TL_OK;
    struct tl_local_base *base = w->base;
    const struct tl_evidence_options *o = &base->options;
    struct tl_evidence *e = &w->out->evidence;
    double step = w->out->grid.step_m;
    double use_range = o->use_range_m > 0.0 ? o->use_range_m : fmax(5000.0, 2.0 * step);
    struct tl_covariate_window window = {.all = &base->g,
                                         .grid = &base->g.grid,
                                         .column = w->out->column,
                                         .row = w->out->row,
                                         .n_names = n_names,
                                         .names = names,
                                         .n_rasters = base->n_rasters,
                                         .infos = base->infos,
                                         .rasters = base->rasters};
    struct tl_covariate_options c = {
        .report_range_m = o->report_range_m > 0.0 ? o->report_range_m : fmax(1000.0, 1.5 * step),
        .no_defaults = o->no_default_covariates,
        .with_places = base->has_search,
        .window = &window};
    TL_TRY(take_areas(ctx, w));
    TL_TRY(take_lines(ctx, w));
    TL_TRY(take_reports(ctx, w, c.report_range_m));
    TL_TRY(take_places(ctx, w, use_range));
    TL_TRY(make_use(ctx, w, use_range));
    TL_TRY(tl_covariate_fill(ctx, base->project, &w->sub, &c, e));
    for (int k = 0; k < e->n_covariates; k++) {
        const double prior[] = {e->covariates[k].prior_mean, e->covariates[k].prior_sd};
        tl_hash_add(&w->hash, e->covariates[k].name, (int64_t)strlen(e->covariates[k].name) + 1);
        tl_hash_add(&w->hash, prior, sizeof prior);
        tl_hash_add(&w->hash, e->covariates[k].values,
                    tl_grid_n_cells(&w->out->grid) * (int64_t)sizeof(double));
    }
done:
    return err;
}
