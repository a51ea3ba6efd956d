/*
 * Range and sigma. The exact engine's own search (theta.c) runs on lattices that it does in a moment: the whole area in blocks, at
 * most WHOLE_MAX of them, from coarse to fine, each handing its optimum and curvature on; then, where the range is not yet
 * resolved, windows of finer and finer cells around the most finds. What is left of the error, a coarse lattice's
 * bias or a window's chance, goes with Newton steps on the whole lattice's stochastic score (lattice_score.c), whose
 * noise is a small part of theta's own sd.
 *
 * A grid that the exact engine takes whole gets its theta from there, with the same design of integration points. Beyond, theta is mostly
 * sharp: one point, and its uncertainty by first-order corrections (lattice_node.c). Where few items leave it wide, its posterior is far from
 * normal (the priors' tails), and the design is the exact engine's on blocks, moved to where the score finds the best theta of the cells.
 */
#include <math.h>
#include <string.h>

#include "field/lattice.h"
#include "par/par.h"

enum {
    WHOLE_MAX = 20000,  /* cells that the exact engine takes */
    COARSEST = 900,     /* cells of the first lattice */
    FINE_DESIGN = 4500, /* as field.c: a grid of integration points up to here */
    WINDOW = 64,        /* blocks of a window's side */
    BLOCKS_MAX = 5000,  /* of the whole area, where its own cells are too many */
    BLOCKS_FEW =
        2500, /* the same, where the score's search begins on a window: this one runs on one thread */
    SCORES_MAX = 6,
    SCORE_DRAWS = 8,
    PREPARE_DRAWS = 4,   /* on the window: their noise goes with the step that the whole takes */
    PREPARE_LEAST = 256, /* side of the window that the score's search begins on */
    PREPARE_MOST = 512,
    PREPARE_ITEMS = 500, /* in it */
    BLOCKS_GRID = 9000,  /* with the margin, that get a grid of points where theta is flat */
    PILOT_DRAWS = 16     /* of a design's move: its noise stays in the answer */
};

static const double least_curvature = 0.6;

/* As field.c: of a lattice whose optimum is only a start, of one that gets a design's grid around it. */
static const double coarse_gain = 0.02, small_gain = 0.01;

static const double resolved_cells = 10.0, step_max = 0.6;

/* Of theta's step on the whole lattice: short enough for a curvature that a window's scores have measured. */
static const double step_sure = 0.04;

/* A mode whose last step moved no cell by more than this is good enough for a score. */
static const double mode_ok = 0.1;

static double longer_side_m(const struct tl_lattice_data *d)
{
    return d->step_m * (double)(d->n_x > d->n_y ? d->n_x : d->n_y);
}

int64_t tl_lattice_theta_pad(const struct tl_lattice_data *d, const struct tl_field_options *o,
                             double range_m)
{
    double pad_m = o->pad_m >= 0.0 ? o->pad_m : fmin(range_m, 0.25 * longer_side_m(d));
    return (int64_t)ceil(pad_m / d->step_m - 1e-9);
}

void tl_lattice_theta_priors(const struct tl_lattice_data *d,
                             const struct tl_field_options *options, struct tl_lattice_theta *f)
{
    struct tl_field_options o = *options;
    if (!(o.range_prior_m > 0.0)) {
        o.range_prior_m = fmax(2.0 * d->step_m, longer_side_m(d) / 50.0);
        o.range_prior_p = 0.1;
    }
    if (!(o.sigma_prior > 0.0)) {
        o.sigma_prior = 2.0;
        o.sigma_prior_p = 0.1;
    }
    f->prior.lambda_range = -log(o.range_prior_p) * o.range_prior_m;
    f->prior.lambda_sigma = -log(o.sigma_prior_p) / o.sigma_prior;
    f->limits.low[0] = log(0.2 * d->step_m);
    f->limits.high[0] = log(2000.0 * d->step_m);
    f->limits.low[1] = log(1e-3);
    f->limits.high[1] = log(30.0);
    f->fixed = o.fixed_range_m > 0.0;
    f->start[0] = log(f->fixed ? o.fixed_range_m : fmax(5.0 * o.range_prior_m, 4.0 * d->step_m));
    f->start[1] = log(f->fixed ? o.fixed_sigma : 1.0);
}

static int64_t blocks(const struct tl_lattice_data *d, int64_t coarse)
{
    return ((d->n_x + coarse - 1) / coarse) * ((d->n_y + coarse - 1) / coarse);
}

/* Of the window that the score's search begins on; 0 = none, the lattice is small itself. */
static int64_t prepare_side(const struct tl_lattice_data *d)
{
    int64_t side = (int64_t)(0.5 * sqrt((double)d->n_x * (double)d->n_y));
    return side < PREPARE_LEAST ? 0 : side > PREPARE_MOST ? PREPARE_MOST : side;
}

static int64_t stage_rhs(const struct tl_lattice_data *d)
{
    return d->scale.n_fixed > 4 ? d->scale.n_fixed : 4;
}

/* The exact engine's lattice on a cut; `before` hands its mode on when it is of the whole area too. */
static tl_err enter(struct tl_ctx *ctx, const struct tl_lattice_data *d,
                    const struct tl_lattice_cut *cut, struct tl_lattice_theta *f, int64_t coarse,
                    int64_t pad, bool whole, struct tl_stage *stage)
{
    tl_err err = tl_stage_init(ctx, &cut->input, &d->scale, f->prior, 1, pad, stage_rhs(d), stage);
    if (err != TL_OK)
        return err;
    stage->coarse = coarse;
    if (whole && f->stage.plan != NULL)
        tl_stage_warm_start(&f->stage, stage);
    return TL_OK;
}

static void keep_stage(struct tl_lattice_theta *f, struct tl_stage *stage, int64_t coarse)
{
    tl_stage_fini(&f->stage);
    f->stage = *stage; /* only values are read from it from here on, or it is entered in place */
    f->coarse = coarse;
    *stage = (struct tl_stage){0};
}

static int64_t pad_blocks(const struct tl_lattice_data *d, const struct tl_field_options *o,
                          double range_m, int64_t coarse)
{
    int64_t pad = tl_lattice_theta_pad(d, o, range_m);
    return (pad + coarse - 1) / coarse;
}

/*
 * `again`: another search follows, for which this one only finds the margin; field.c does the same, so that both find the same one.
 * `last`: of the whole area, so that its curvature is what says how much is known of theta: what a search's updates make of a curvature may be
 * ten times too sharp along a ridge.
 */
static tl_err whole_search(struct tl_ctx *ctx, struct tl_stage *stage, bool again, bool last,
                           struct tl_lattice_theta *f)
{
    bool fine = stage->coarse == 1 && !again && stage->model.grid.n <= FINE_DESIGN;
    return tl_theta_maximise(ctx, &stage->laplace, &f->limits, fine ? small_gain : coarse_gain,
                             stage->coarse == 1 || last, &f->theta);
}

/* The whole area in blocks. The last one of a small grid is the grid itself, with its design of integration points. */
static tl_err whole_level(struct tl_ctx *ctx, const struct tl_lattice_data *d,
                          const struct tl_field_options *o, int64_t coarse, bool first, bool last,
                          struct tl_lattice_theta *f)
{
    tl_err err = TL_OK;
    struct tl_lattice_cut cut = {0};
    struct tl_stage *stage = NULL;
    double range = exp(f->theta.best.t[0]);
    int64_t pad = first && o->pad_m < 0.0 ? 0 : pad_blocks(d, o, range, coarse);
    TL_TRY_ALLOC(ctx, stage, 1);
    TL_TRY(tl_lattice_cut_init(ctx, d, 0, 0, d->n_x, d->n_y, coarse, &cut));
    TL_TRY(enter(ctx, d, &cut, f, coarse, pad, true, stage));
    bool again = coarse == 1 && first && o->pad_m < 0.0;
    TL_TRY(whole_search(ctx, stage, again, last, f));
    if (again) {
        /* Now that the range is known: once more, with the margin that goes with it. */
        tl_stage_fini(stage);
        pad = pad_blocks(d, o, exp(f->theta.best.t[0]), 1);
        TL_TRY(enter(ctx, d, &cut, f, 1, pad, false, stage));
        TL_TRY(whole_search(ctx, stage, false, last, f));
    }
    f->n_newton += stage->mode.n_newton;
    keep_stage(f, stage, coarse);
done:
    if (stage != NULL)
        tl_stage_fini(stage);
    tl_free(stage);
    tl_lattice_cut_fini(&cut);
    return err;
}

/* Window of `side` cells with most items, and how many. */
static tl_err best_window(struct tl_ctx *ctx, const struct tl_lattice_data *d, int64_t side,
                          int64_t at[2], double *items)
{
    tl_err err = TL_OK;
    double *bins = NULL;
    int64_t n_x = d->n_x > side ? d->n_x / side : 1, n_y = d->n_y > side ? d->n_y / side : 1;
    int64_t best = 0;
    TL_TRY_ALLOC(ctx, bins, n_x * n_y);
    for (int64_t c = 0; c < d->n_channels; c++)
        for (int64_t y = 0; y < d->n_y; y++) {
            int64_t by = y / side < n_y ? y / side : n_y - 1;
            for (int64_t k = d->count_at[c][y]; k < d->count_at[c][y + 1]; k++) {
                int64_t bx = d->count_x[c][k] / side;
                bins[by * n_x + (bx < n_x ? bx : n_x - 1)] += (double)d->count[c][k];
            }
        }
    for (int64_t b = 1; b < n_x * n_y; b++)
        if (bins[b] > bins[best])
            best = b;
    at[0] = best % n_x * side;
    at[1] = best / n_x * side;
    *items = bins[best];
done:
    tl_free(bins);
    return err;
}

static tl_err window_level(struct tl_ctx *ctx, const struct tl_lattice_data *d, int64_t coarse,
                           struct tl_lattice_theta *f)
{
    tl_err err = TL_OK;
    struct tl_lattice_cut cut = {0};
    struct tl_stage *stage = NULL;
    int64_t side = WINDOW * coarse, at[2];
    double share = 1.0, items;
    TL_TRY_ALLOC(ctx, stage, 1);
    TL_TRY(best_window(ctx, d, side, at, &items));
    TL_TRY(tl_lattice_cut_init(ctx, d, at[0], at[1], at[0] + side < d->n_x ? side : d->n_x - at[0],
                               at[1] + side < d->n_y ? side : d->n_y - at[1], coarse, &cut));
    if (!(cut.count > 50.0))
        goto done; /* says nothing that the whole area in blocks does not say better */
    TL_TRY(enter(ctx, d, &cut, f, coarse, 0, false, stage));
    /* The whole area knows more than its window, as the items say; the search wants the window's own curvature. */
    share = fmax(1.0, d->scale.total_count / cut.count);
    for (int j = 0; j < 3; j++)
        f->theta.curvature[j] /= share;
    TL_TRY(tl_theta_maximise(ctx, &stage->laplace, &f->limits, coarse_gain, false, &f->theta));
    f->n_newton += stage->mode.n_newton;
    for (int j = 0; j < 3; j++)
        f->theta.curvature[j] *= share;
done:
    if (stage != NULL)
        tl_stage_fini(stage);
    tl_free(stage);
    tl_lattice_cut_fini(&cut);
    return err;
}

static tl_err no_visit(struct tl_ctx *ctx, void *user, const struct tl_theta_node *node,
                       int64_t index)
{
    (void)user;
    (void)node;
    (void)index;
    return tl_cancelled(ctx);
}

/*
 * Marginals from a grid of points, corners and tails included: on blocks they cost little, while each point of f->design becomes a posterior of the
 * whole lattice. Leaves theta as it is.
 */
static tl_err flat_marginals(struct tl_ctx *ctx, struct tl_lattice_theta *f, double *log_evidence)
{
    tl_err err = TL_OK;
    struct tl_theta theta = f->theta;
    struct tl_theta_design grid = {0};
    TL_TRY(tl_theta_integrate(ctx, &f->stage.laplace, &f->limits, &theta, true, no_visit, NULL,
                              &grid));
    TL_TRY(tl_theta_marginals(ctx, &theta, &grid, f->marginals));
    *log_evidence = grid.log_evidence;
done:
    tl_theta_design_fini(&grid);
    return err;
}

static bool is_flat(const struct tl_theta_design *d)
{
    return fmax(hypot(d->axes[0][0], d->axes[1][0]), hypot(d->axes[0][1], d->axes[1][1])) >
           TL_THETA_FLAT_SD;
}

static tl_err enter_design(struct tl_ctx *ctx, struct tl_lattice_theta *f)
{
    tl_err err = TL_OK;
    struct tl_stage *s = &f->stage;
    struct tl_theta found = f->theta;
    double log_evidence;
    /* The stage was moved; its members point at each other. */
    s->factor.plan = s->plan;
    s->mode.model = &s->model;
    s->mode.factor = &s->factor;
    s->laplace.mode = &s->mode;
    bool fine = f->coarse == 1 && s->model.grid.n <= FINE_DESIGN;
    TL_TRY(tl_theta_integrate(ctx, &s->laplace, &f->limits, &f->theta, fine, no_visit, NULL,
                              &f->design));
    TL_TRY(tl_theta_marginals(ctx, &f->theta, &f->design, f->marginals));
    if (!fine && f->coarse > 1 && s->model.grid.n <= BLOCKS_GRID && is_flat(&f->design)) {
        struct tl_theta moved = f->theta;
        f->theta = found;
        TL_TRY(flat_marginals(ctx, f, &log_evidence));
        f->theta = moved;
        f->design.log_evidence = log_evidence;
    }
done:
    return err;
}

/* theta's covariance. A curvature that is none would say that theta is known without any doubt. */
static tl_err invert(struct tl_ctx *ctx, const double c[3], double inverse[3])
{
    double det = c[0] * c[2] - c[1] * c[1];
    if (!(c[0] > 0.0) || !(det > 0.0))
        return tl_fail(ctx, TL_ENUMERIC,
                       "range and sigma: the search ended where there is no maximum");
    inverse[0] = c[2] / det;
    inverse[1] = -c[1] / det;
    inverse[2] = c[0] / det;
    return TL_OK;
}

static bool is_wide(const double curvature[3], double sd)
{
    double det = curvature[0] * curvature[2] - curvature[1] * curvature[1];
    return !(det > 0.0 && fmax(curvature[0], curvature[2]) < sd * sd * det);
}

/* The area in blocks, from `coarse` on, finer and finer up to `most` of them. */
static tl_err climb_whole(struct tl_ctx *ctx, const struct tl_lattice_data *d,
                          const struct tl_field_options *o, int64_t *coarse, int64_t most,
                          bool first, struct tl_lattice_theta *f)
{
    tl_err err = TL_OK;
    for (; *coarse >= 1 && blocks(d, *coarse) <= most; *coarse /= 2) {
        bool last = *coarse > 1 && blocks(d, *coarse / 2) > most;
        TL_TRY(whole_level(ctx, d, o, *coarse, first, last, f));
        first = false;
    }
done:
    return err;
}

/*
 * Whether theta stays wide: blocks say so, and no window of cells holds enough items to know better (blocks wider than the range know little of it,
 * whatever the number of items).
 */
static tl_err wants_design(struct tl_ctx *ctx, const struct tl_lattice_data *d,
                           const struct tl_lattice_theta *f, bool *wants)
{
    int64_t side = prepare_side(d), at[2];
    double items = 0.0;
    *wants = f->coarse > 1 && blocks(d, 1) <= TL_LATTICE_POINTS_CELLS &&
             is_wide(f->theta.curvature, TL_LATTICE_WIDE_SD);
    if (!*wants || side == 0)
        return TL_OK;
    tl_err err = best_window(ctx, d, side, at, &items);
    *wants = items <= PREPARE_ITEMS;
    return err;
}

static tl_err climb(struct tl_ctx *ctx, const struct tl_lattice_data *d,
                    const struct tl_field_options *o, struct tl_lattice_theta *f)
{
    tl_err err = TL_OK;
    int64_t coarse = 1;
    int64_t most = blocks(d, 1) <= WHOLE_MAX ? WHOLE_MAX
                   : prepare_side(d) == 0    ? BLOCKS_MAX
                                             : BLOCKS_FEW;
    /* The whole area is looked at once at least, whatever its shape: windows may hold nothing. */
    while (blocks(d, 2 * coarse) >= COARSEST || blocks(d, coarse) > most)
        coarse *= 2;
    TL_TRY(climb_whole(ctx, d, o, &coarse, most, true, f));
    bool wide = false;
    TL_TRY(wants_design(ctx, d, f, &wide));
    if (wide && !is_wide(f->theta.curvature, TL_THETA_FLAT_SD))
        TL_TRY(climb_whole(ctx, d, o, &coarse, WHOLE_MAX, false, f));
    /* Differences of a flat posterior err; it is not flatter than its priors, whose curvature is 1 at their modes. */
    for (int j = 0; wide && j < 3; j += 2)
        f->theta.curvature[j] = fmax(f->theta.curvature[j], least_curvature);
    if (f->coarse == 1 || wide) {
        TL_TRY(enter_design(ctx, f));
        goto done;
    }
    for (; coarse >= 1; coarse /= 2) {
        double range_blocks = exp(f->theta.best.t[0]) / (d->step_m * 2.0 * (double)coarse);
        if (range_blocks >= resolved_cells || coarse == 1)
            break;
        /* A window of the whole area would be the lattice of blocks that was too many. */
        if (prepare_side(d) > 0 && WINDOW * coarse >= d->n_x && WINDOW * coarse >= d->n_y)
            continue;
        TL_TRY(window_level(ctx, d, coarse, f));
    }
done:
    return err;
}

tl_err tl_lattice_theta_coarse(struct tl_ctx *ctx, const struct tl_lattice_data *d,
                               const struct tl_field_options *o, struct tl_lattice_theta *theta)
{
    tl_err err = TL_OK;
    struct tl_lattice_theta f = {0};
    struct tl_lattice_cut cut = {0};
    tl_lattice_theta_priors(d, o, &f);
    memcpy(f.theta.best.t, f.start, sizeof f.start);
    tl_progress_begin(ctx, "estimating range and sigma on coarse cells");
    if (!f.fixed) {
        TL_TRY(climb(ctx, d, o, &f));
        if (!tl_lattice_theta_is_whole(&f))
            TL_TRY(invert(ctx, f.theta.curvature, f.covariance));
    } else {
        f.coarse = 1;
        while (blocks(d, f.coarse) > BLOCKS_MAX)
            f.coarse *= 2;
        TL_TRY(tl_lattice_cut_init(ctx, d, 0, 0, d->n_x, d->n_y, f.coarse, &cut));
        TL_TRY(enter(ctx, d, &cut, &f, f.coarse, pad_blocks(d, o, exp(f.theta.best.t[0]), f.coarse),
                     false, &f.stage));
        /* Blocks of more than a range have nothing to tell of the field between them: then from the prior. */
        if (exp(f.theta.best.t[0]) > 2.0 * d->step_m * (double)f.coarse)
            TL_TRY(tl_laplace_mode_at(ctx, &f.stage.laplace, f.theta.best.t));
        f.n_newton = f.stage.mode.n_newton;
    }
    *theta = f;
    f = (struct tl_lattice_theta){0};
done:
    tl_progress_end(ctx);
    tl_lattice_cut_fini(&cut);
    tl_lattice_theta_fini(&f);
    return err;
}

bool tl_lattice_theta_is_whole(const struct tl_lattice_theta *f)
{
    return f->design.n > 0 && f->coarse == 1;
}

void tl_lattice_theta_fini(struct tl_lattice_theta *f)
{
    tl_theta_design_fini(&f->design);
    tl_stage_fini(&f->stage);
    *f = (struct tl_lattice_theta){0};
}

struct start_job {
    const struct tl_lattice_theta *f;
    struct tl_lattice_mode *m;
    int64_t x0, y0; /* of the mode's data in the whole's */
};

static void start_rows(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct start_job *job = user;
    const struct tl_lattice_data *d = job->m->data;
    double scale = 1.0 / (double)job->f->coarse, pad = (double)job->f->stage.pad;
    (void)chunk;
    for (int64_t y = first; y < last; y++)
        for (int64_t x = 0; x < d->grid.n_x; x++)
            job->m->u[y * d->grid.n_x + x] = (float)tl_stage_value(
                &job->f->stage, ((double)(job->x0 + x - d->pad) + 0.5) * scale + pad,
                ((double)(job->y0 + y - d->pad) + 0.5) * scale + pad);
}

static void start_at(struct tl_ctx *ctx, const struct tl_lattice_theta *f, int64_t x0, int64_t y0,
                     struct tl_lattice_mode *m)
{
    struct start_job job = {f, m, x0, y0};
    tl_lattice_mode_start(m);
    if (f->stage.plan == NULL)
        return;
    tl_par_for(ctx, m->data->grid.n_y, 16, start_rows, &job);
    for (int64_t j = 0; j < m->k; j++)
        m->g[j] = f->stage.mode.x[f->stage.mode.n + j];
}

void tl_lattice_theta_start(struct tl_ctx *ctx, const struct tl_lattice_theta *f,
                            struct tl_lattice_mode *m)
{
    start_at(ctx, f, 0, 0, m);
}

static double newton(const double c[3], const double s[2], double step[2])
{
    double det = c[0] * c[2] - c[1] * c[1];
    step[0] = (c[2] * s[0] - c[1] * s[1]) / det;
    step[1] = (c[0] * s[1] - c[1] * s[0]) / det;
    double squared = step[0] * s[0] + step[1] * s[1];
    double far = fmax(fabs(step[0]), fabs(step[1]));
    for (int j = 0; j < 2 && far > step_max; j++)
        step[j] *= step_max / far;
    return squared;
}

static tl_err mode_at(struct tl_ctx *ctx, struct tl_lattice_mode *m, const double t[2])
{
    tl_err err = TL_OK;
    m->longest_ok = mode_ok;
    err =
        tl_lattice_mode_find(ctx, m, tl_stencil_q_of(m->data->step_m, exp(t[0]), exp(t[1])), false);
    m->longest_ok = 0.0;
    TL_TRY(err);
    TL_TRY(tl_lattice_mode_border(ctx, m, 1e-3));
done:
    return err;
}

/* Draws grow fewer with the lattice: the score's noise against theta's own sd does not depend on its size, and theta's sd falls. */
static int draws_of(int64_t n)
{
    return n < 1000000 ? SCORE_DRAWS : n < 20000000 ? SCORE_DRAWS / 2 : SCORE_DRAWS / 4;
}

struct ascent {
    struct tl_lattice_mode *m;
    uint64_t seed;
    double enough;  /* squared length of a step, in theta's own sd, that ends it */
    bool confirmed; /* the curvature is one that scores have measured */
    int n_draws;
};

static tl_err score_at(struct tl_ctx *ctx, const struct ascent *a, const double t[2],
                       struct tl_lattice_theta *f, struct tl_laplace_point *point)
{
    tl_err err = TL_OK;
    *point = (struct tl_laplace_point){.t = {t[0], t[1]}};
    TL_TRY(mode_at(ctx, a->m, point->t));
    TL_TRY(tl_lattice_score(ctx, a->m, &f->prior, point->t, a->seed, a->n_draws, point->gradient));
done:
    return err;
}

static tl_err ascend(struct tl_ctx *ctx, const struct ascent *a, struct tl_lattice_theta *f)
{
    tl_err err = TL_OK;
    struct tl_laplace_point *best = &f->theta.best, last = {0}, now;
    for (int k = 0; k < SCORES_MAX; k++) {
        double step[2];
        TL_TRY(score_at(ctx, a, best->t, f, &now));
        if (k > 0)
            tl_theta_update_curvature(f->theta.curvature, &last, &now);
        double squared = newton(f->theta.curvature, now.gradient, step);
        last = now;
        tl_progress_set(ctx, (double)(k + 1) / SCORES_MAX);
        /* Within a third of theta's own sd, which is what the draws' noise is worth; a curvature that no two scores
           have confirmed is not believed, though, unless the step is nothing by itself. */
        double far = fmax(fabs(step[0]), fabs(step[1]));
        for (int j = 0; j < 2; j++)
            best->t[j] = fmin(fmax(now.t[j] + step[j], f->limits.low[j]), f->limits.high[j]);
        /* The last step is taken too: the mode moves so little with it that the node's own search begins where it ends. */
        if (squared < a->enough && (k > 0 || a->confirmed || far < 0.005))
            break;
        if (a->confirmed && far < step_sure)
            break;
    }
done:
    return err;
}

/* The curvature from two more scores of the same draws, a sd of the window's posterior away: beyond its rounding, within its bend. */
static tl_err measure_curvature(struct tl_ctx *ctx, const struct ascent *a,
                                const struct tl_laplace_point *at, struct tl_lattice_theta *f)
{
    tl_err err = TL_OK;
    double rows[2][2];
    for (int j = 0; j < 2; j++) {
        struct tl_laplace_point beside;
        double away = fmin(fmax(1.0 / sqrt(f->theta.curvature[2 * j]), 0.01), 0.1);
        double to[2] = {at->t[0], at->t[1]};
        to[j] += away;
        TL_TRY(score_at(ctx, a, to, f, &beside));
        for (int k = 0; k < 2; k++)
            rows[j][k] = (at->gradient[k] - beside.gradient[k]) / away;
        tl_theta_update_curvature(f->theta.curvature, at, &beside);
    }
    /* As it stands, where it is one; else what the updates made of it, which stay positive definite. */
    double off = 0.5 * (rows[0][1] + rows[1][0]);
    if (rows[0][0] > 0.0 && rows[0][0] * rows[1][1] > 1.05 * off * off) {
        f->theta.curvature[0] = rows[0][0];
        f->theta.curvature[1] = off;
        f->theta.curvature[2] = rows[1][1];
    }
done:
    return err;
}

/* A step with the curvature that the coarse lattices gave, then with the measured one, until it is short enough for that. */
static tl_err ascend_measured(struct tl_ctx *ctx, const struct ascent *a,
                              struct tl_lattice_theta *f)
{
    enum { ROUNDS = 3 };
    tl_err err = TL_OK;
    double *best = f->theta.best.t, step[2];
    struct tl_laplace_point at, next;
    TL_TRY(score_at(ctx, a, best, f, &at));
    for (int k = 0; k < ROUNDS; k++) {
        (void)newton(f->theta.curvature, at.gradient, step);
        for (int j = 0; j < 2; j++)
            best[j] = fmin(fmax(at.t[j] + step[j], f->limits.low[j]), f->limits.high[j]);
        if (k > 0 && fmax(fabs(step[0]), fabs(step[1])) < 2.0 * step_sure)
            break;
        TL_TRY(score_at(ctx, a, best, f, &next));
        tl_theta_update_curvature(f->theta.curvature, &at, &next);
        TL_TRY(measure_curvature(ctx, a, &next, f));
        at = next;
        tl_progress_set(ctx, (double)(k + 1) / ROUNDS);
    }
done:
    return err;
}

/* The design of blocks, moved as its best theta has moved. */
static void move_design(struct tl_lattice_theta *f, const double from[2])
{
    for (int j = 0; j < 2; j++) {
        double by = f->theta.best.t[j] - from[j];
        struct tl_estimate *e = &f->marginals[j];
        double *told[] = {&e->mean, &e->sd, &e->q025, &e->q50, &e->q975};
        for (int64_t k = 0; k < f->design.n; k++) {
            double *t = &f->design.nodes[k].point.t[j];
            *t = fmin(fmax(*t + by, f->limits.low[j]), f->limits.high[j]);
        }
        for (size_t k = 0; k < sizeof told / sizeof told[0]; k++)
            *told[k] *= exp(by);
    }
}

/* A step along those axes of the design that are not flat; its squared length in them. */
static double step_along(const struct tl_theta_design *design, const double gradient[2],
                         double step[2])
{
    double squared = 0.0;
    step[0] = step[1] = 0.0;
    for (int j = 0; j < 2; j++) {
        double x = design->axes[0][j], y = design->axes[1][j];
        double along = x * gradient[0] + y * gradient[1];
        if (hypot(x, y) > TL_THETA_FLAT_SD)
            continue;
        squared += along * along;
        step[0] += along * x;
        step[1] += along * y;
    }
    return squared;
}

/* Where the design lies, by scores of the cells; its shape is the blocks'. */
static tl_err finish_design(struct tl_ctx *ctx, struct tl_lattice_mode *m, uint64_t seed,
                            struct tl_lattice_theta *f)
{
    enum { ROUNDS = 4 };
    tl_err err = TL_OK;
    struct ascent a = {m, seed, 0.1, true, PILOT_DRAWS};
    struct tl_laplace_point at;
    double *best = f->theta.best.t, from[2] = {best[0], best[1]}, squared = INFINITY, curvature[3];
    bool flat = is_flat(&f->design);
    memcpy(curvature, f->theta.curvature, sizeof curvature);
    if (!flat)
        TL_TRY(ascend(ctx, &a, f));
    /* Along a flat axis it stays: what blocks do to a range is little beside that, and a step there as uncertain as its curvature. */
    for (int k = 0; flat && k < ROUNDS && squared > a.enough; k++) {
        double step[2];
        TL_TRY(score_at(ctx, &a, best, f, &at));
        squared = step_along(&f->design, at.gradient, step);
        for (int j = 0; j < 2; j++)
            best[j] =
                fmin(fmax(best[j] + fmin(fmax(step[j], -step_max), step_max), f->limits.low[j]),
                     f->limits.high[j]);
    }
    memcpy(f->theta.curvature, curvature, sizeof curvature);
    move_design(f, from);
done:
    return err;
}

tl_err tl_lattice_theta_finish(struct tl_ctx *ctx, struct tl_lattice_mode *m, uint64_t seed,
                               struct tl_lattice_theta *f)
{
    tl_err err = TL_OK;
    struct ascent a = {m, seed, 0.1, f->confirmed, draws_of(m->n)};
    tl_progress_begin(ctx, "range and sigma on the whole lattice");
    if (f->design.n > 0) {
        TL_TRY(finish_design(ctx, m, seed, f));
    } else {
        TL_TRY(ascend(ctx, &a, f));
        TL_TRY(invert(ctx, f->theta.curvature, f->covariance));
    }
done:
    tl_progress_end(ctx);
    return err;
}

/* A window of the data with most items, its mode started from the coarse lattice, and the whole's curvature as the window's. */
struct part {
    struct tl_lattice_data data; /* owns */
    struct tl_lattice_mode mode; /* owns */
    double count, share;         /* its items; the whole's to them */
};

static void part_fini(struct part *p)
{
    tl_lattice_mode_fini(&p->mode);
    tl_lattice_data_fini(&p->data);
}

static tl_err part_init(struct tl_ctx *ctx, const struct tl_lattice_data *d, int64_t side,
                        int batch, struct tl_lattice_theta *f, struct part *p)
{
    tl_err err = TL_OK;
    int64_t at[2];
    double items;
    TL_TRY(best_window(ctx, d, side, at, &items));
    TL_TRY(tl_lattice_data_window(ctx, d, at[0], at[1],
                                  at[0] + side < d->n_x ? side : d->n_x - at[0],
                                  at[1] + side < d->n_y ? side : d->n_y - at[1], &p->data));
    for (int64_t c = 0; c < p->data.n_channels; c++)
        for (int64_t k = 0; k < p->data.count_at[c][p->data.n_y]; k++)
            p->count += (double)p->data.count[c][k];
    p->share = fmax(1.0, d->scale.total_count / fmax(p->count, 1.0));
    TL_TRY(tl_lattice_mode_init(ctx, &p->data, batch, &p->mode));
    start_at(ctx, f, at[0], at[1], &p->mode);
    for (int j = 0; j < 3; j++)
        f->theta.curvature[j] /= p->share;
done:
    return err;
}

tl_err tl_lattice_theta_prepare(struct tl_ctx *ctx, const struct tl_lattice_data *d, int batch,
                                uint64_t seed, struct tl_lattice_theta *f)
{
    tl_err err = TL_OK;
    struct part part = {0};
    int64_t side = prepare_side(d);
    if (side == 0 || f->stage.plan == NULL || f->design.n > 0)
        return TL_OK;
    tl_progress_begin(ctx, "range and sigma on a window");
    TL_TRY(part_init(ctx, d, side, batch, f, &part));
    /* A window that says little about theta says less about its curvature. */
    f->confirmed = part.count > PREPARE_ITEMS;
    struct ascent a = {&part.mode, seed, 0.0, false, PREPARE_DRAWS};
    if (f->confirmed)
        TL_TRY(ascend_measured(ctx, &a, f));
    for (int j = 0; j < 3; j++)
        f->theta.curvature[j] *= part.share;
    f->n_newton += part.mode.n_newton;
done:
    tl_progress_end(ctx);
    part_fini(&part);
    return err;
}

/*
 * A window of a million cells knows theta to a hundredth or so, which no cell's answer can tell from all that the
 * whole knows. Its covariance is the window's own, which errs to the careful side.
 */
tl_err tl_lattice_theta_finish_window(struct tl_ctx *ctx, const struct tl_lattice_data *d,
                                      int batch, uint64_t seed, struct tl_lattice_theta *f)
{
    tl_err err = TL_OK;
    struct part part = {0};
    if (f->design.n > 0)
        return TL_OK; /* few items: the whole in blocks knows more than a window of cells */
    TL_TRY(part_init(ctx, d, TL_LATTICE_SCORE_SIDE, batch, f, &part));
    TL_TRY(tl_lattice_theta_finish(ctx, &part.mode, seed, f));
    f->n_newton += part.mode.n_newton;
    f->share = part.share;
done:
    part_fini(&part);
    return err;
}
