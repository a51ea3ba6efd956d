/*
 * Draws in blocks of 256, blocks in four strands, each with sketches of its own that are merged in order: the number of strands does not depend on
 * the threads, so neither do the bits, and memory depends on scenarios, classes and years only. A pilot block gives the sketches their ends.
 * All scenarios of a block are run one after the other on the same random numbers.
 */
#include "forecast/run.h"

#include <math.h>
#include <string.h>

#include "par/par.h"

const enum tl_forecast_series tl_run_differences[TL_RUN_DIFFERENCES] = {
    TL_FORECAST_CASUALTIES_SUM, TL_FORECAST_COST_SUM, TL_FORECAST_LIVE};
const double tl_run_lefts[TL_RUN_LEFTS] = {0.5, 0.1, 0.01};

void tl_run_values(const struct tl_forecast_scenario *s, enum tl_simd kind, uint64_t seed,
                   int64_t first, int topic, tl_kernel_lanes *values)
{
    tl_kernel_lanes z;
    for (int q = 0; q < s->n_quantities; q++) {
        const struct tl_scenario_quantity *quantity = &s->quantities[q];
        if (topic >= 0 && quantity->topic != (enum tl_scenario_topic)topic)
            continue;
        if (quantity->is_uncertain)
            tl_noise_quantity(kind, seed, quantity->stream, first, z);
        tl_scenario_quantity_lanes(quantity, kind, z, values[q]);
    }
}

tl_err tl_run_noise_init(struct tl_ctx *ctx, const struct tl_forecast *f,
                         struct tl_run_noise *noise)
{
    tl_err err = TL_OK;
    noise->n_years = f->n_years;
    noise->streams[noise->n_slots++] = tl_scenario_stream("deminers");
    for (int64_t s = 0; s < f->n_scenarios; s++)
        for (int c = 0; c < f->scenarios[s]->n_classes; c++) {
            uint64_t stream = f->scenarios[s]->classes[c].stream;
            int64_t slot = 0;
            while (slot < noise->n_slots && noise->streams[slot] != stream)
                slot++;
            noise->streams[slot] = stream;
            noise->n_slots += slot == noise->n_slots;
        }
    int64_t n = noise->n_slots * f->n_years * 2 * TL_LANES;
    TL_TRY_ALLOC(ctx, noise->bits, n);
    TL_TRY_ALLOC(ctx, noise->z, n);
    TL_TRY_ALLOC(ctx, noise->level, f->n_years * TL_LANES);
    TL_TRY_ALLOC(ctx, noise->of, 4);
done:
    return err;
}

void tl_run_noise_fini(struct tl_run_noise *noise)
{
    tl_free(noise->bits);
    tl_free(noise->z);
    tl_free(noise->level);
    tl_free(noise->of);
}

void tl_run_noise_clear(struct tl_run_noise *noise)
{
    memset(noise->filled, 0, sizeof noise->filled);
    noise->has_level = false;
}

static int64_t slot_of(struct tl_run_noise *noise, enum tl_simd kind, uint64_t seed, int64_t first,
                       uint64_t stream)
{
    int64_t slot = 0, size = noise->n_years * 2 * TL_LANES;
    while (noise->streams[slot] != stream)
        slot++;
    if (!noise->filled[slot])
        tl_noise_counts(kind, seed, stream, first, noise->n_years, noise->bits + slot * size,
                        noise->z + slot * size);
    noise->filled[slot] = true;
    return slot * size;
}

void tl_run_noise_use(struct tl_run_noise *noise, uint64_t seed, int64_t first, struct tl_kernel *k)
{
    const struct tl_forecast_scenario *s = k->s;
    const tl_scenario_id ids[4] = {s->dispersion, s->step, s->trend, s->damping};
    bool same = noise->has_level;
    for (int c = 0; c <= s->n_classes; c++) {
        bool last = c == s->n_classes;
        int64_t at =
            slot_of(noise, k->kind, seed, first, last ? noise->streams[0] : s->classes[c].stream);
        k->bits[last ? TL_FORECAST_CLASSES_MAX : c] = noise->bits + at;
        k->z[last ? TL_FORECAST_CLASSES_MAX : c] = noise->z + at;
    }
    for (int j = 0; j < 4; j++) {
        same = same && memcmp(noise->of[j], k->values[ids[j]], sizeof noise->of[j]) == 0;
        memcpy(noise->of[j], k->values[ids[j]], sizeof noise->of[j]);
    }
    if (!same)
        tl_noise_level(
            k->kind, seed, first, noise->n_years,
            (const double *const[]){noise->of[0], noise->of[1], noise->of[2], noise->of[3]},
            noise->level);
    noise->has_level = true;
    k->level = noise->level;
}

struct strand {
    struct tl_kernel *kernel;    /* owns */
    tl_kernel_lanes *values;     /* owns: [n_quantities] */
    tl_kernel_lanes *kept;       /* owns: [SETS, n_years, DIFFERENCES] of the present scenario */
    tl_kernel_lanes *kept_first; /* owns: of the first scenario */
    struct tl_run_noise noise;
    struct tl_sketch *sketches; /* owns, but for the first strand's, which are the forecast's */
};

struct run {
    struct tl_ctx *ctx;
    struct tl_forecast *f;
    struct strand strands[TL_RUN_STRANDS];
    bool is_pilot;
    int64_t from, to; /* blocks of this round; `from` is a multiple of TL_RUN_STRANDS */
};

static void feed(const struct run *run, struct tl_sketch *sketch, const double *x, int n)
{
    if (run->is_pilot)
        tl_sketch_pilot(sketch, x, n);
    else
        tl_sketch_add(run->f->kind, sketch, x, n);
}

/* The figures that stand with a set: all with the observed one, with the claimed one what differs. */
static void feed_year(const struct run *run, struct strand *strand, int64_t s, int set, int64_t t,
                      int n)
{
    const struct tl_run_place *place = &run->f->places[s];
    const struct tl_kernel *k = strand->kernel;
    bool all = set == TL_FORECAST_OBSERVED;
    struct tl_sketch *year = strand->sketches + place->first + t * place->stride;
    for (int o = 0; o < TL_FORECAST_SERIES; o++)
        if (all || tl_kernel_of_set(o))
            feed(run, year + place->of[set][o], k->out[set][o], n);
    for (int c = 0; c < k->s->n_classes; c++)
        for (int o = 0; (all || k->s->classes[c].is_split) && o < TL_KERNEL_OUTPUTS; o++)
            feed(run, year + place->of[set][TL_FORECAST_SERIES + TL_KERNEL_OUTPUTS * c + o],
                 k->classes[set][c].out[o], n);
    for (int d = 0; d < TL_RUN_DIFFERENCES; d++) {
        int o = (int)tl_run_differences[d], of = tl_kernel_of_set(o) ? set : TL_FORECAST_OBSERVED;
        memcpy(strand->kept[(set * run->f->n_years + t) * TL_RUN_DIFFERENCES + d], k->out[of][o],
               sizeof(tl_kernel_lanes));
    }
}

static void note_left(const struct tl_kernel *k, int set, int64_t t, tl_kernel_lanes *years)
{
    double now = (double)(t + 1);
    for (int l = 0; l < TL_RUN_LEFTS; l++)
        for (int i = 0; i < TL_LANES; i++) {
            bool is_left = k->hazard[set][i] > tl_run_lefts[l] * k->hazard_0[set][i];
            years[l][i] = years[l][i] != 0.0 || is_left ? years[l][i] : now;
        }
}

static void feed_left(const struct run *run, struct strand *strand, int64_t s, int set,
                      tl_kernel_lanes *years, int n)
{
    for (int l = 0; l < TL_RUN_LEFTS; l++) {
        for (int i = 0; i < TL_LANES; i++)
            if (years[l][i] == 0.0)
                years[l][i] = (double)(run->f->n_years + 1); /* beyond the end */
        feed(run, strand->sketches + run->f->places[s].left[set] + l, years[l], n);
    }
}

/* A scenario through its years, both sets side by side. */
static void run_scenario(const struct run *run, struct strand *strand, int64_t s, int64_t first,
                         int n)
{
    struct tl_kernel *k = strand->kernel;
    const struct tl_forecast *f = run->f;
    tl_kernel_lanes left[TL_FORECAST_SETS][TL_RUN_LEFTS];
    memset(left, 0, sizeof left);
    tl_run_values(f->scenarios[s], f->kind, f->seed, first, -1, strand->values);
    k->s = f->scenarios[s];
    k->kind = f->kind;
    k->values = strand->values;
    tl_run_noise_use(&strand->noise, f->seed, first, k);
    tl_kernel_start(k);
    for (int64_t t = 0; t < f->n_years; t++) {
        tl_kernel_year(k, (int)t);
        for (int set = tl_kernel_from(k); set < TL_FORECAST_SETS; set++) {
            note_left(k, set, t, left[set]);
            feed_year(run, strand, s, set, t, n);
        }
    }
    for (int set = tl_kernel_from(k); set < TL_FORECAST_SETS; set++)
        feed_left(run, strand, s, set, left[set], n);
}

static void feed_difference(const struct run *run, struct strand *strand, int64_t place,
                            const tl_kernel_lanes *a, const tl_kernel_lanes *b, int n)
{
    for (int64_t j = 0; j < run->f->n_years * TL_RUN_DIFFERENCES; j++) {
        double difference[TL_LANES];
        for (int i = 0; i < TL_LANES; i++)
            difference[i] = a[j][i] - b[j][i];
        feed(run, strand->sketches + place + j, difference, n);
    }
}

static void run_block(const struct run *run, struct strand *strand, int64_t block)
{
    const struct tl_forecast *f = run->f;
    int64_t first = block * TL_LANES, rest = f->n_draws - first;
    int64_t size = f->n_years * TL_RUN_DIFFERENCES;
    int n = rest < TL_LANES ? (int)rest : TL_LANES;
    tl_run_noise_clear(&strand->noise);
    for (int64_t s = 0; s < f->n_scenarios; s++) {
        const struct tl_run_place *place = &f->places[s];
        bool split = f->scenarios[s]->is_split;
        run_scenario(run, strand, s, first, n);
        if (!split)
            memcpy(strand->kept, strand->kept + size, (size_t)size * sizeof strand->kept[0]);
        if (split)
            feed_difference(run, strand, place->against_claimed, strand->kept + size, strand->kept,
                            n);
        if (s == 0)
            memcpy(strand->kept_first, strand->kept, (size_t)(2 * size) * sizeof strand->kept[0]);
        for (int set = 0; s > 0 && set < TL_FORECAST_SETS; set++)
            feed_difference(run, strand, place->against_first[set], strand->kept + set * size,
                            strand->kept_first + set * size, n);
    }
}

static void run_strand(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct run *run = user;
    (void)chunk;
    for (int64_t strand = first; strand < last; strand++) {
        for (int64_t j = 0; run->from == 0 && strand > 0 && j < run->f->n_sketches; j++)
            tl_sketch_like(&run->strands[strand].sketches[j], &run->f->sketches[j]);
        for (int64_t b = run->from + strand; b < run->to && !tl_is_cancelled(run->ctx);
             b += TL_RUN_STRANDS)
            run_block(run, &run->strands[strand], b);
    }
}

static tl_err strand_init(struct run *run, int number)
{
    struct tl_ctx *ctx = run->ctx;
    struct strand *strand = &run->strands[number];
    struct tl_forecast *f = run->f;
    int64_t n_quantities = 0, n_kept = TL_FORECAST_SETS * f->n_years * TL_RUN_DIFFERENCES;
    tl_err err = TL_OK;
    for (int64_t s = 0; s < f->n_scenarios; s++)
        if (f->scenarios[s]->n_quantities > n_quantities)
            n_quantities = f->scenarios[s]->n_quantities;
    TL_TRY_ALLOC(ctx, strand->kernel, 1);
    TL_TRY_ALLOC(ctx, strand->values, n_quantities);
    TL_TRY_ALLOC(ctx, strand->kept, n_kept);
    TL_TRY_ALLOC(ctx, strand->kept_first, n_kept);
    TL_TRY(tl_run_noise_init(ctx, f, &strand->noise));
    if (number == 0)
        strand->sketches = f->sketches;
    else
        TL_TRY_ALLOC(ctx, strand->sketches, f->n_sketches);
done:
    return err;
}

static void strand_fini(struct run *run, int number)
{
    struct strand *strand = &run->strands[number];
    tl_free(strand->kernel);
    tl_free(strand->values);
    tl_free(strand->kept);
    tl_free(strand->kept_first);
    tl_run_noise_fini(&strand->noise);
    if (number > 0)
        tl_free(strand->sketches);
}

static enum tl_sketch_kind kind_of(int series)
{
    bool count =
        series == TL_FORECAST_KILLED || series == TL_FORECAST_INJURED ||
        series == TL_FORECAST_CASUALTIES || series == TL_FORECAST_CASUALTIES_SUM ||
        series == TL_FORECAST_DEMINERS ||
        (series >= TL_FORECAST_SERIES && (series - TL_FORECAST_SERIES) % TL_KERNEL_OUTPUTS >= 2);
    return count ? TL_SKETCH_COUNT : TL_SKETCH_POSITIVE;
}

static bool of_set(const struct tl_forecast_scenario *s, int series)
{
    if (!s->is_split || series < TL_FORECAST_SERIES)
        return s->is_split && tl_kernel_of_set(series);
    return s->classes[(series - TL_FORECAST_SERIES) / TL_KERNEL_OUTPUTS].is_split;
}

/* Gives every sketch its place, counting them. */
static void lay_out(struct tl_forecast *f)
{
    int64_t n = 0;
    for (int64_t s = 0; s < f->n_scenarios; s++) {
        struct tl_run_place *place = &f->places[s];
        const struct tl_forecast_scenario *scenario = f->scenarios[s];
        place->n_series = TL_FORECAST_SERIES + TL_KERNEL_OUTPUTS * scenario->n_classes;
        for (int series = 0; series < place->n_series; series++) {
            place->of[TL_FORECAST_OBSERVED][series] = (int16_t)place->stride++;
            place->of[TL_FORECAST_CLAIMED][series] =
                of_set(scenario, series) ? (int16_t)place->stride++ : (int16_t)(place->stride - 1);
        }
        place->first = n;
        n += f->n_years * place->stride;
        for (int set = TL_FORECAST_SETS - 1; set >= 0; set--) {
            bool own = scenario->is_split || set == TL_FORECAST_OBSERVED;
            place->left[set] = own ? n : place->left[TL_FORECAST_OBSERVED];
            n += own ? TL_RUN_LEFTS : 0;
            place->against_first[set] = s == 0 ? -1 : n;
            n += s == 0 ? 0 : f->n_years * TL_RUN_DIFFERENCES;
        }
        place->against_claimed = scenario->is_split ? n : -1;
        n += scenario->is_split ? f->n_years * TL_RUN_DIFFERENCES : 0;
    }
    f->n_sketches = n;
}

static void begin_set(struct tl_forecast *f, const struct tl_run_place *place, int set)
{
    for (int64_t t = 0; t < f->n_years; t++)
        for (int o = 0; o < place->n_series; o++)
            tl_sketch_begin(&f->sketches[place->first + t * place->stride + place->of[set][o]],
                            kind_of(o));
    for (int l = 0; l < TL_RUN_LEFTS; l++)
        tl_sketch_begin(&f->sketches[place->left[set] + l], TL_SKETCH_COUNT);
}

/* Of what is counted the differences are whole numbers too. */
static void begin_differences(struct tl_forecast *f, int64_t place)
{
    for (int64_t j = 0; place >= 0 && j < f->n_years * TL_RUN_DIFFERENCES; j++)
        tl_sketch_begin(&f->sketches[place + j],
                        kind_of((int)tl_run_differences[j % TL_RUN_DIFFERENCES]) == TL_SKETCH_COUNT
                            ? TL_SKETCH_SIGNED_COUNT
                            : TL_SKETCH_SIGNED);
}

static void begin_sketches(struct tl_forecast *f)
{
    for (int64_t s = 0; s < f->n_scenarios; s++) {
        const struct tl_run_place *place = &f->places[s];
        for (int set = 0; set < TL_FORECAST_SETS; set++) {
            begin_set(f, place, set);
            begin_differences(f, place->against_first[set]);
        }
        begin_differences(f, place->against_claimed);
    }
}

static void merge_strands(void *user, int64_t first, int64_t last, int64_t chunk)
{
    const struct run *run = user;
    (void)chunk;
    for (int64_t j = first; j < last; j++)
        for (int s = 1; s < TL_RUN_STRANDS; s++)
            tl_sketch_merge(&run->f->sketches[j], &run->strands[s].sketches[j]);
}

/* In rounds, so that somebody can be told how far it is; each strand has the same blocks in the same order as without. */
static void run_rounds(struct run *run)
{
    enum { ROUNDS = 50 };
    int64_t n_blocks = (run->f->n_draws + TL_LANES - 1) / TL_LANES;
    int64_t step = (n_blocks / ROUNDS / TL_RUN_STRANDS + 1) * TL_RUN_STRANDS;
    tl_progress_begin(run->ctx, "running scenarios");
    for (run->from = 0; run->from < n_blocks; run->from = run->to) {
        run->to = run->from + step < n_blocks ? run->from + step : n_blocks;
        tl_par_for(run->ctx, TL_RUN_STRANDS, 1, run_strand, run);
        tl_progress_set(run->ctx, (double)run->to / (double)n_blocks);
    }
    tl_progress_end(run->ctx);
}

static tl_err run_draws(struct tl_ctx *ctx, struct tl_forecast *f)
{
    struct run run = {.ctx = ctx, .f = f, .is_pilot = true};
    tl_err err = TL_OK;
    for (int s = 0; s < TL_RUN_STRANDS; s++)
        TL_TRY(strand_init(&run, s));
    begin_sketches(f);
    run_block(&run, &run.strands[0], 0);
    for (int64_t j = 0; j < f->n_sketches; j++)
        tl_sketch_ready(&f->sketches[j]);
    run.is_pilot = false;
    run_rounds(&run);
    TL_TRY(tl_cancelled(ctx));
    tl_par_for(ctx, f->n_sketches, 1024, merge_strands, &run);
done:
    for (int s = 0; s < TL_RUN_STRANDS; s++)
        strand_fini(&run, s);
    return err;
}

static tl_err take_options(struct tl_ctx *ctx, const struct tl_forecast_options *options,
                           struct tl_forecast *f)
{
    int64_t years = 0;
    f->start = f->scenarios[0]->start;
    for (int64_t s = 0; s < f->n_scenarios; s++) {
        if (f->scenarios[s]->start != f->start)
            return tl_fail(
                ctx, TL_EDATA, "\"%.60s\" starts in %d and \"%.60s\" in %d; expected one start",
                f->scenarios[0]->title, f->start, f->scenarios[s]->title, f->scenarios[s]->start);
        if (f->scenarios[s]->years > years)
            years = f->scenarios[s]->years;
    }
    f->n_years = options->n_years > 0 ? options->n_years : years > 0 ? years : 50;
    f->n_draws = options->n_draws > 0 ? options->n_draws : 10000;
    f->n_shares = options->n_shares == 0 ? 1024 : options->n_shares < 0 ? 0 : options->n_shares;
    f->n_shares = (f->n_shares + TL_LANES - 1) / TL_LANES * TL_LANES;
    f->seed = options->seed;
    if (f->n_years > TL_FORECAST_YEARS_MAX)
        return tl_fail(ctx, TL_EDATA, "%lld years; expected 1 to %d", (long long)f->n_years,
                       TL_FORECAST_YEARS_MAX);
    if (f->n_draws < TL_LANES || f->n_draws > 1000000000)
        return tl_fail(ctx, TL_EDATA, "%lld draws; expected %d to 1000000000",
                       (long long)f->n_draws, TL_LANES);
    return TL_OK;
}

tl_err tl_run_on(struct tl_ctx *ctx, enum tl_simd kind, int64_t n_scenarios,
                 struct tl_forecast_scenario *const *scenarios,
                 const struct tl_forecast_options *options, struct tl_forecast **forecast)
{
    struct tl_forecast *f = NULL;
    tl_err err = TL_OK;
    if (n_scenarios < 1 || n_scenarios > TL_FORECAST_SCENARIOS_MAX)
        return tl_fail(ctx, TL_EDATA, "%lld scenarios; expected 1 to %d", (long long)n_scenarios,
                       TL_FORECAST_SCENARIOS_MAX);
    TL_TRY_ALLOC(ctx, f, 1);
    f->n_scenarios = n_scenarios;
    f->kind = kind;
    for (int64_t s = 0; s < n_scenarios; s++)
        f->scenarios[s] = scenarios[s];
    TL_TRY(take_options(ctx, options, f));
    lay_out(f);
    TL_TRY_ALLOC(ctx, f->sketches, f->n_sketches);
    TL_TRY(run_draws(ctx, f));
    TL_TRY(tl_sobol_run(ctx, f));
    *forecast = f;
    f = NULL;
done:
    tl_forecast_free(f);
    return err;
}

tl_err tl_forecast_run(struct tl_ctx *ctx, int64_t n_scenarios,
                       struct tl_forecast_scenario *const *scenarios,
                       const struct tl_forecast_options *options, struct tl_forecast **forecast)
{
    return tl_run_on(ctx, tl_simd_best(), n_scenarios, scenarios, options, forecast);
}

void tl_forecast_free(struct tl_forecast *f)
{
    if (f == NULL)
        return;
    tl_free(f->sketches);
    tl_free(f);
}

const struct tl_sketch *tl_run_sketch(const struct tl_forecast *f, int64_t scenario,
                                      enum tl_forecast_set set, int series, int64_t year)
{
    const struct tl_run_place *place = &f->places[scenario];
    return &f->sketches[place->first + year * place->stride + place->of[set][series]];
}

const struct tl_sketch *tl_run_left(const struct tl_forecast *f, int64_t scenario,
                                    enum tl_forecast_set set, int left)
{
    return &f->sketches[f->places[scenario].left[set] + left];
}
