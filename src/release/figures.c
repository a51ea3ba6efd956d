/*
 * From draws to figures. Each draw gives the mean of a Poisson number of items that remain, so chances and quantiles are averages over
 * draws of the Poisson's own (Rao-Blackwell): a chance of one in ten thousand is seen without ten thousand draws. Errors are
 * those of means over batches of draws that follow each other, which takes in that neighbours are alike.
 */
#include <math.h>

#include "core/rng.h"
#include "par/par.h"
#include "release/figures.h"

enum { BATCHES = 4, STREAM_NEW = 0x6e65 };
static const double SMALL_ERROR = 1e-5;
static const double DIRECT_MAX = 60.0, UPPER = 0.95, LOWER = 0.05;

/* ---- what remains, draw by draw ---- */

static void new_work(const struct tl_release_model *m, const struct tl_release_draws *d,
                     const struct tl_release_step *step, uint64_t seed, int64_t draw,
                     struct tl_release_more *more)
{
    const struct tl_method *method = &m->local->methods[step->method];
    struct tl_rng rng = tl_rng_make(seed, STREAM_NEW + (uint64_t)step->method);
    *more = (struct tl_release_more){.passes = step->passes,
                                     .n_layers = step->n_layers,
                                     .row = step->row,
                                     .p_failed = method->process_failure_p};
    /* The same numbers whatever else is planned: programmes are compared on the same luck. */
    more->failed = tl_rng_uniform(rng, (uint64_t)draw) < method->process_failure;
    if (step->row >= 0) {
        more->d = d->d[draw * m->n_rows + step->row];
        more->q = d->q[draw * m->n_rows + step->row] * step->detect;
        return;
    }
    more->d = tl_rng_beta(tl_rng_fork(rng, 1 + 2 * (uint64_t)draw), 0, method->detectable_a,
                          method->detectable_b);
    more->q = step->detect * tl_rng_beta(tl_rng_fork(rng, 2 + 2 * (uint64_t)draw), 0,
                                         method->per_pass_a, method->per_pass_b);
}

static void state_of(const struct tl_release_model *m, const struct tl_release_draws *d,
                     int64_t draw, struct tl_release_state *state)
{
    for (int64_t r = 0; r < m->n_rows; r++) {
        state->d[r] = d->d[draw * m->n_rows + r];
        state->q[r] = d->q[draw * m->n_rows + r];
        tl_release_state_fill(state, r);
    }
    for (int l = 0; l < m->n_layers; l++)
        state->share[l] = d->share[draw * m->n_layers + l];
    state->failed = d->failed + draw * m->n_lots;
}

struct remaining {
    const struct tl_release_model *m;
    const struct tl_release_draws *d;
    const struct tl_release_options_of *o;
    int n_steps;
    const struct tl_release_step *steps;
    double *out;
};

static void some_draws(void *user, int64_t first, int64_t last, int64_t chunk)
{
    const struct remaining *r = user;
    const struct tl_release_model *m = r->m;
    const struct tl_release_draws *d = r->d;
    struct tl_release_more more[TL_RELEASE_STEPS_MAX];
    struct tl_release_state state;
    double left[TL_RELEASE_LAYERS_MAX];
    (void)chunk;
    for (int64_t draw = first; draw < last; draw++) {
        double sum = 0.0;
        state_of(m, d, draw, &state);
        for (int k = 0; k < r->n_steps; k++)
            new_work(m, d, &r->steps[k], r->o->seed, draw, &more[k]);
        for (int64_t g = 0; g < d->n_inside; g++) {
            int64_t group = r->o->nothing_done ? 0 : d->group[g];
            if (r->o->independent)
                tl_release_left_alone(m, group, left);
            else
                tl_release_left(m, &state, group, r->n_steps, more, left);
            double share = 0.0;
            for (int l = 0; l < m->n_asked; l++)
                share += state.share[l] * left[l];
            sum += share * d->ground[draw * d->n_inside + g];
        }
        r->out[draw] = sum;
    }
}

void tl_release_remaining(struct tl_ctx *ctx, const struct tl_release_model *model,
                          const struct tl_release_draws *draws,
                          const struct tl_release_options_of *options, int n_steps,
                          const struct tl_release_step *steps, double *remaining)
{
    struct remaining job = {model, draws, options, n_steps, steps, remaining};
    tl_par_for(ctx, draws->n, 64, some_draws, &job);
}

static void some_finds(void *user, int64_t first, int64_t last, int64_t chunk)
{
    const struct remaining *r = user;
    const struct tl_release_model *m = r->m;
    const struct tl_release_draws *d = r->d;
    struct tl_release_state state;
    double left[TL_RELEASE_LAYERS_MAX];
    (void)chunk;
    for (int64_t draw = first; draw < last; draw++) {
        double sum = 0.0;
        state_of(m, d, draw, &state);
        for (int64_t g = 0; g < d->n_inside; g++) {
            double found = 0.0;
            tl_release_left(m, &state, d->group[g], 0, NULL, left);
            for (int l = 0; l < m->n_layers; l++)
                found += state.share[l] * (1.0 - left[l]);
            sum += found * d->ground[draw * d->n_inside + g];
        }
        r->out[draw] = sum;
    }
}

void tl_release_finds(struct tl_ctx *ctx, const struct tl_release_model *model,
                      const struct tl_release_draws *draws, double *finds)
{
    struct remaining job = {.m = model, .d = draws, .out = finds};
    tl_par_for(ctx, draws->n, 64, some_finds, &job);
}

/* ---- figures ---- */

static double normal_below(double z)
{
    return 0.5 * erfc(-z / sqrt(2.0));
}

/* P(N <= n), N Poisson; above DIRECT_MAX by Wilson and Hilferty's cube root (error under 1e-3). */
static double poisson_below(double n, double mean)
{
    if (n < 0.0)
        return 0.0;
    if (mean > DIRECT_MAX) {
        double k = n + 1.0;
        return normal_below(3.0 * sqrt(k) * (1.0 - 1.0 / (9.0 * k) - cbrt(mean / k)));
    }
    double term = exp(-mean), sum = term;
    for (double k = 1.0; k <= n && k < 10.0 * DIRECT_MAX; k++) {
        term *= mean / k;
        sum += term;
    }
    return fmin(sum, 1.0);
}

static double below(const double *mean, int64_t first, int64_t last, double n)
{
    double sum = 0.0;
    for (int64_t k = first; k < last; k++)
        sum += poisson_below(n, mean[k]);
    return sum / (double)(last - first);
}

static double quantile(const double *mean, int64_t n_draws, double p)
{
    double low = -1.0, high = 1.0;
    while (below(mean, 0, n_draws, high) < p && high < 1e15)
        high *= 2.0;
    while (high - low > 1.0) {
        double middle = floor(0.5 * (low + high));
        if (below(mean, 0, n_draws, middle) < p)
            low = middle;
        else
            high = middle;
    }
    return high;
}

/* What is averaged over draws. */
static double value_of(int which, double mean, double at)
{
    return which == 0 ? mean : which == 1 ? -expm1(-mean) : poisson_below(at, mean);
}

static struct tl_release_figure average(const double *mean, int64_t n, int64_t n_chains, int which,
                                        double at)
{
    int64_t n_batches = n_chains * BATCHES, size = n / n_batches;
    double sum = 0.0, squares = 0.0, total = 0.0;
    for (int64_t k = 0; k < n; k++)
        total += value_of(which, mean[k], at);
    total /= (double)n;
    if (size < 1)
        return (struct tl_release_figure){total, NAN};
    for (int64_t b = 0; b < n_batches; b++) {
        double one = 0.0;
        int64_t first = b / BATCHES * (n / n_chains) + b % BATCHES * size;
        for (int64_t k = first; k < first + size; k++)
            one += value_of(which, mean[k], at);
        one /= (double)size;
        sum += one;
        squares += one * one;
    }
    double batches = (double)n_batches, centre = sum / batches;
    double variance = fmax(squares / batches - centre * centre, 0.0) / (batches - 1.0);
    return (struct tl_release_figure){total, sqrt(variance)};
}

/* Independent draws that would be as good: of the chance of any and of the expected number the worse. */
static double effective(const double *mean, int64_t n, const struct tl_release_figures *f)
{
    double worst = (double)n;
    for (int which = 0; which < 2; which++) {
        const struct tl_release_figure *of = which == 0 ? &f->expected : &f->p_any;
        double squares = 0.0;
        for (int64_t k = 0; k < n; k++) {
            double off = value_of(which, mean[k], 0.0) - of->value;
            squares += off * off;
        }
        if (of->mcse < SMALL_ERROR) /* a chance of next to 1 or 0: any draws are good enough */
            continue;
        double wanted = squares / (double)n / (of->mcse * of->mcse);
        if (isfinite(wanted))
            worst = fmin(worst, wanted);
    }
    return worst;
}

struct tl_release_figures tl_release_figures_of(const double *mean, int64_t n, int64_t n_chains)
{
    struct tl_release_figures f = {0};
    f.expected = average(mean, n, n_chains, 0, 0.0);
    f.p_any = average(mean, n, n_chains, 1, 0.0);
    f.median = quantile(mean, n, 0.5);
    f.q05 = quantile(mean, n, LOWER);
    f.upper95.value = quantile(mean, n, UPPER);
    struct tl_release_figure share = average(mean, n, n_chains, 2, f.upper95.value);
    /* An error of the share reached is one of the bound by the chance of its last number. */
    double step = share.value - below(mean, 0, n, f.upper95.value - 1.0);
    f.upper95.mcse = step > 0.0 ? share.mcse / step : 0.0;
    f.n_draws = n;
    f.effective_draws = effective(mean, n, &f);
    return f;
}
