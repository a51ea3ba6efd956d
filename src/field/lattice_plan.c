/*
 * Memory is planned, not met. Bytes per cell by phase are counted from what the engine allocates (a test holds them against what
 * it does allocate); what is chosen by them: how many right-hand sides are solved at once, whether the draws stay in memory or
 * go to the store, and how many rows of variances are done at a time.
 */
#include <math.h>

#include "field/lattice.h"
#include "field/loggain.h"
#include "par/par.h"

enum { BATCH_MAX = 4, BAND_CELLS = 1 << 21 };

/* Of smaller lattices the draws are made again after a stop, in a second or two: putting them would be a tenth of every fit. */
static const double KEEP_CELLS = 3e6;

struct need {
    double cells, padded, k; /* cells of the grid, of the lattice; fixed effects */
    double data, mode, batch, solver, draws, variances, slopes, points, held, evidence;
};

static struct need need_of(const struct tl_lattice_source *s, const struct tl_field_options *o,
                           int64_t pad, int batch, bool on_disk, int n_threads)
{
    struct need n = {.cells = (double)s->n_x * (double)s->n_y};
    struct tl_stencil_grid grid = tl_stencil_grid_of(s->n_x + 2 * pad, s->n_y + 2 * pad);
    double k = 1.0 + (double)s->n_covariates, n_effects = 0.0;
    /* Of a size alone (`new` asks before there is evidence) no channel is known: none has an effect. */
    for (int64_t c = 0; s->channels != NULL && c < s->n_channels; c++)
        n_effects += s->channels[c].effect_sd > 0.0;
    k += n_effects;
    n.padded = (double)grid.n;
    n.k = k;
    /* effort, a count in a tenth of the cells, covariates, inside, wanted; shares */
    n.data = n.cells * (4.8 * (double)s->n_channels + 4.0 * (double)s->n_covariates + 1.0 +
                        4.0 * (double)(s->n_channels - 1));
    n.mode = n.padded * (16.0 + 4.0 * k) + n.cells * 4.0 * n_effects;
    n.batch = n.padded * 4.0 * batch;
    n.solver = (double)tl_multigrid_bytes(&grid, batch);
    n.draws = n.padded * 4.0 * (on_disk ? (double)(batch - 1) : (double)TL_LATTICE_DRAWS);
    struct tl_blockvar_plan plan = tl_blockvar_plan_of(40.0, 0.0, TL_LATTICE_DRAWS);
    int64_t step = tl_blockvar_step(&plan), rows = BAND_CELLS / grid.n_x / step * step;
    rows = rows < step ? step : rows > grid.n_y ? grid.n_y : rows;
    n.variances = (double)tl_blockvar_bytes(&grid, &plan, TL_LATTICE_DRAWS, rows, n_threads) +
                  8.0 * (double)rows * (double)grid.n_x + n.padded;
    /* How sure theta is will tell what its doubt wants: nothing, derivatives, or mean and sd at each of its points. */
    bool points = n.cells <= (double)TL_LATTICE_POINTS_CELLS;
    if (!on_disk && !(o->fixed_range_m > 0.0)) {
        n.slopes = 8.0 * n.cells;
        n.points = points ? 8.0 * (TL_LATTICE_POINTS - 1) * n.cells - n.slopes : 0.0;
    }
    struct tl_loggain_plan strips = tl_loggain_plan_of(40.0);
    n.evidence = (double)tl_loggain_bytes(&grid, &strips, n_threads);
    n.held = o->n_samples > TL_LATTICE_DRAWS && !on_disk ? 4.0 * n.padded : 0.0;
    return n;
}

static void put_phase(struct tl_lattice_plan *p, int k, const char *name, double bytes)
{
    p->phases[k] = (struct tl_lattice_phase){.name = name, .bytes = (int64_t)bytes};
    if (p->phases[k].bytes > p->memory_bytes)
        p->memory_bytes = p->phases[k].bytes;
}

static void fill_plan(struct tl_lattice_plan *p, const struct need *n,
                      const struct tl_field_options *o)
{
    double standing = n->data + n->mode + n->batch, variance = 4.0 * n->cells;
    double side = TL_LATTICE_SCORE_SIDE;
    double on_score = n->padded > (double)TL_LATTICE_SCORE_CELLS ? side * side : n->padded;
    double score = 2.0 * 4.0 * on_score * (double)p->batch + 8.0 * on_score;
    /* The exact engine's lattice of 20,000 cells takes some 150 MB; a window's search, its own arrays. */
    double theta = n->padded > (double)TL_LATTICE_SCORE_CELLS
                       ? n->data + (standing + n->solver) * on_score / n->padded + score
                       : standing + n->solver + score;
    p->memory_bytes = 0;
    put_phase(p, 0, "data", n->data);
    put_phase(p, 1, "range and sigma",
              o->fixed_range_m > 0.0 ? n->data : fmax(theta, n->data + 1.5e8));
    put_phase(p, 2, "mode", standing + n->solver + n->slopes + n->evidence);
    put_phase(p, 3, "draws", standing + n->solver + n->draws + n->slopes + n->points);
    put_phase(p, 4, "variances",
              standing + variance + n->variances + n->draws + n->slopes + n->points);
    put_phase(p, 5, "mean, samples, rows",
              standing + variance + n->solver + n->held + n->draws + n->slopes + n->points);
    /* Start and mode with their V, the mean, variances; the draws. */
    double draws = (double)(o->n_samples > TL_LATTICE_DRAWS ? o->n_samples : TL_LATTICE_DRAWS);
    p->disk_bytes = (int64_t)(4.0 * n->padded *
                                  (3.0 + 2.0 * n->k + (p->on_disk || p->keep_draws ? draws : 0.0)) +
                              4.0 * n->cells);
}

/* The margin is chosen by a range that is not known yet: a tenth of the longer side, at most 32 cells, is typical. */
static int64_t margin_of(const struct tl_lattice_source *s, const struct tl_field_options *o)
{
    double longer = s->step_m * (double)(s->n_x > s->n_y ? s->n_x : s->n_y);
    double pad_m = o->pad_m >= 0.0          ? o->pad_m
                   : o->fixed_range_m > 0.0 ? fmin(o->fixed_range_m, 0.25 * longer)
                                            : fmin(0.1 * longer, 32.0 * s->step_m);
    return (int64_t)fmin(ceil(pad_m / s->step_m - 1e-9), 1e6);
}

void tl_lattice_plan_of(const struct tl_lattice_source *s, const struct tl_field_options *o,
                        int n_threads, int64_t batch, bool on_disk, struct tl_lattice_plan *plan)
{
    int64_t pad = margin_of(s, o);
    struct need n = need_of(s, o, pad, (int)batch, on_disk, n_threads);
    *plan = (struct tl_lattice_plan){.n_cells = s->n_x * s->n_y,
                                     .n_padded = (s->n_x + 2 * pad) * (s->n_y + 2 * pad),
                                     .batch = batch,
                                     .on_disk = on_disk,
                                     .keep_draws = n.padded > KEEP_CELLS,
                                     .band = BAND_CELLS / (s->n_x + 2 * pad) + 1};
    fill_plan(plan, &n, o);
}

tl_err tl_lattice_plan_make(struct tl_ctx *ctx, const struct tl_lattice_source *s,
                            const struct tl_field_options *o, bool has_store,
                            struct tl_lattice_plan *plan)
{
    if (s->n_x < 1 || s->n_y < 1)
        return tl_fail(ctx, TL_EDATA, "the grid has %lld x %lld cells", (long long)s->n_x,
                       (long long)s->n_y);
    int64_t limit = o->memory_bytes > 0 ? o->memory_bytes : tl_memory_available();
    struct tl_lattice_plan p = {0};
    for (int on_disk = 0; on_disk <= (has_store ? 1 : 0); on_disk++)
        for (int batch = BATCH_MAX; batch >= 1; batch /= 2) {
            tl_lattice_plan_of(s, o, tl_ctx_threads(ctx), batch, on_disk != 0, &p);
            if (p.memory_bytes <= limit) {
                *plan = p;
                plan->disk_bytes = has_store ? p.disk_bytes : 0;
                return TL_OK;
            }
        }
    return tl_fail(ctx, TL_ENOMEM,
                   "a field of %lld x %lld cells needs about %.2f GiB; %.2f GiB may be used: take "
                   "larger cells or a smaller area",
                   (long long)s->n_x, (long long)s->n_y, (double)p.memory_bytes / 1073741824.0,
                   (double)limit / 1073741824.0);
}
