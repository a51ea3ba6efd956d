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

void tl_run_values(const struct tl_forecast_scenario *s, uint64_t seed, int64_t first, int topic,
                   tl_kernel_lanes *values)
{
    double z[TL_NOISE_LANES];
    for (int q = 0; q < s->n_quantities; q++) {
        const struct tl_scenario_quantity *quantity = &s->quantities[q];
        if (topic >= 0 && quantity->topic != (enum tl_scenario_topic)topic)
            continue;
        if (quantity->is_uncertain)
            tl_noise_quantity(seed, quantity->stream, first, z);
        else
            memset(z, 0, sizeof z);
        for (int i = 0; i < TL_NOISE_LANES; i++)
            values[q][i] = tl_scenario_quantity_at(quantity, z[i]);
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
    int64_t n = noise->n_slots * f->n_years * 2 * TL_NOISE_LANES;
    TL_TRY_ALLOC(ctx, noise->bits, n);
    TL_TRY_ALLOC(ctx, noise->z, n);
    TL_TRY_ALLOC(ctx, noise->level, f->n_years * TL_NOISE_LANES);
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

static int64_t slot_of(struct tl_run_noise *noise, uint64_t seed, int64_t first, uint64_t stream)
{
    int64_t slot = 0, size = noise->n_years * 2 * TL_NOISE_LANES;
    while (noise->streams[slot] != stream)
        slot++;
    if (!noise->filled[slot])
        tl_noise_counts(seed, stream, first, noise->n_years, noise->bits + slot * size,
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
        int64_t at = slot_of(noise, seed, first, last ? noise->streams[0] : s->classes[c].stream);
        k->bits[last ? TL_FORECAST_CLASSES_MAX : c] = noise->bits + at;
        k->z[last ? TL_FORECAST_CLASSES_MAX : c] = noise->z + at;
    }
    for (int j = 0; j < 4; j++) {
        same = same && memcmp(noise->of[j], k->values[ids[j]], sizeof noise->of[j]) == 0;
        memcpy(noise->of[j], k->values[ids[j]], sizeof noise->of[j]);
    }
    if (!same)
        tl_noise_level(seed, first, noise->n_years, noise->of[0], noise->of[1], noise->of[2],
                       noise->of[3], noise->level);
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
};

static void feed(const struct run *run, struct tl_sketch *sketch, const double *x, int n)
{
    if (run->is_pilot)
        tl_sketch_pilot(sketch, x, n);
    else
        tl_sketch_add(sketch, x, n);
}

static void feed_year(const struct run *run, struct strand *strand, int64_t s, int set, int64_t t,
                      int n)
{
    const struct tl_run_place *place = &run->f->places[s];
    const struct tl_kernel *k = strand->kernel;
    struct tl_sketch *to = strand->sketches + place->first[set] + t * place->n_series;
    for (int o = 0; o < TL_FORECAST_SERIES; o++)
        feed(run, to++, k->out[o], n);
    for (int c = 0; c < k->s->n_classes; c++)
        for (int o = 0; o < TL_KERNEL_OUTPUTS; o++)
            feed(run, to++, k->classes[c].out[o], n);
    for (int d = 0; d < TL_RUN_DIFFERENCES; d++)
        memcpy(strand->kept[(set * run->f->n_years + t) * TL_RUN_DIFFERENCES + d],
               k->out[tl_run_differences[d]], sizeof(tl_kernel_lanes));
}

static void note_left(const struct tl_kernel *k, int64_t t, tl_kernel_lanes *years)
{
    for (int l = 0; l < TL_RUN_LEFTS; l++)
        for (int i = 0; i < TL_NOISE_LANES; i++)
            if (years[l][i] == 0.0 && k->hazard[i] <= tl_run_lefts[l] * k->hazard_0[i])
                years[l][i] = (double)(t + 1);
}

static void run_set(const struct run *run, struct strand *strand, int64_t s, int set, int64_t first,
                    int n)
{
    struct tl_kernel *k = strand->kernel;
    const struct tl_forecast *f = run->f;
    tl_kernel_lanes years[TL_RUN_LEFTS];
    memset(years, 0, sizeof years);
    k->s = f->scenarios[s];
    k->set = (enum tl_forecast_set)set;
    k->values = strand->values;
    tl_run_noise_use(&strand->noise, f->seed, first, k);
    tl_kernel_start(k);
    for (int64_t t = 0; t < f->n_years; t++) {
        tl_kernel_year(k, (int)t);
        note_left(k, t, years);
        feed_year(run, strand, s, set, t, n);
    }
    for (int l = 0; l < TL_RUN_LEFTS; l++) {
        for (int i = 0; i < TL_NOISE_LANES; i++)
            if (years[l][i] == 0.0)
                years[l][i] = (double)(f->n_years + 1); /* beyond the end */
        feed(run,
             strand->sketches + f->places[s].first[set] + f->n_years * f->places[s].n_series + l,
             years[l], n);
    }
}

static void feed_difference(const struct run *run, struct strand *strand, int64_t place,
                            const tl_kernel_lanes *a, const tl_kernel_lanes *b, int n)
{
    for (int64_t j = 0; j < run->f->n_years * TL_RUN_DIFFERENCES; j++) {
        double difference[TL_NOISE_LANES];
        for (int i = 0; i < TL_NOISE_LANES; i++)
            difference[i] = a[j][i] - b[j][i];
        feed(run, strand->sketches + place + j, difference, n);
    }
}

static void run_block(const struct run *run, struct strand *strand, int64_t block)
{
    const struct tl_forecast *f = run->f;
    int64_t first = block * TL_NOISE_LANES, rest = f->n_draws - first;
    int64_t size = f->n_years * TL_RUN_DIFFERENCES;
    int n = rest < TL_NOISE_LANES ? (int)rest : TL_NOISE_LANES;
    tl_run_noise_clear(&strand->noise);
    for (int64_t s = 0; s < f->n_scenarios; s++) {
        const struct tl_run_place *place = &f->places[s];
        bool split = f->scenarios[s]->is_split;
        tl_run_values(f->scenarios[s], f->seed, first, -1, strand->values);
        for (int set = split ? 0 : 1; set < TL_FORECAST_SETS; set++)
            run_set(run, strand, s, set, first, n);
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
    int64_t n_blocks = (run->f->n_draws + TL_NOISE_LANES - 1) / TL_NOISE_LANES;
    (void)chunk;
    for (int64_t strand = first; strand < last; strand++)
        for (int64_t b = strand; b < n_blocks && !tl_is_cancelled(run->ctx); b += TL_RUN_STRANDS)
            run_block(run, &run->strands[strand], b);
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

/* Gives every sketch its place, counting them; and, once they are there, its kind. */
static void lay_out(struct tl_forecast *f)
{
    int64_t n = 0;
    for (int64_t s = 0; s < f->n_scenarios; s++) {
        struct tl_run_place *place = &f->places[s];
        bool split = f->scenarios[s]->is_split;
        place->n_series = TL_FORECAST_SERIES + TL_KERNEL_OUTPUTS * f->scenarios[s]->n_classes;
        for (int set = 0; set < TL_FORECAST_SETS; set++) {
            if (set == 0 || split) {
                place->first[set] = n;
                n += f->n_years * place->n_series + TL_RUN_LEFTS;
            } else {
                place->first[set] = place->first[0]; /* one set serves both columns */
            }
            place->against_first[set] = s == 0 ? -1 : n;
            n += s == 0 ? 0 : f->n_years * TL_RUN_DIFFERENCES;
        }
        place->against_claimed = split ? n : -1;
        n += split ? f->n_years * TL_RUN_DIFFERENCES : 0;
    }
    f->n_sketches = n;
}

static void begin_sketches(struct tl_forecast *f)
{
    for (int64_t j = 0; j < f->n_sketches; j++)
        tl_sketch_begin(&f->sketches[j], TL_SKETCH_SIGNED);
    for (int64_t s = 0; s < f->n_scenarios; s++)
        for (int set = 0; set < TL_FORECAST_SETS; set++) {
            const struct tl_run_place *place = &f->places[s];
            int64_t n = f->n_years * place->n_series;
            for (int64_t j = 0; j < n + TL_RUN_LEFTS; j++)
                tl_sketch_begin(&f->sketches[place->first[set] + j],
                                j < n ? kind_of((int)(j % place->n_series)) : TL_SKETCH_COUNT);
        }
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
    for (int s = 1; s < TL_RUN_STRANDS; s++)
        memcpy(run.strands[s].sketches, f->sketches, (size_t)f->n_sketches * sizeof f->sketches[0]);
    run.is_pilot = false;
    tl_par_for(ctx, TL_RUN_STRANDS, 1, run_strand, &run);
    TL_TRY(tl_cancelled(ctx));
    for (int s = 1; s < TL_RUN_STRANDS; s++)
        for (int64_t j = 0; j < f->n_sketches; j++)
            tl_sketch_merge(&f->sketches[j], &run.strands[s].sketches[j]);
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
    f->n_shares = (f->n_shares + TL_NOISE_LANES - 1) / TL_NOISE_LANES * TL_NOISE_LANES;
    f->seed = options->seed;
    if (f->n_years > TL_FORECAST_YEARS_MAX)
        return tl_fail(ctx, TL_EDATA, "%lld years; expected 1 to %d", (long long)f->n_years,
                       TL_FORECAST_YEARS_MAX);
    if (f->n_draws < TL_NOISE_LANES || f->n_draws > 1000000000)
        return tl_fail(ctx, TL_EDATA, "%lld draws; expected %d to 1000000000",
                       (long long)f->n_draws, TL_NOISE_LANES);
    return TL_OK;
}

tl_err tl_forecast_run(struct tl_ctx *ctx, int64_t n_scenarios,
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
    return &f->sketches[place->first[set] + year * place->n_series + series];
}

const struct tl_sketch *tl_run_left(const struct tl_forecast *f, int64_t scenario,
                                    enum tl_forecast_set set, int left)
{
    const struct tl_run_place *place = &f->places[scenario];
    return &f->sketches[place->first[set] + f->n_years * place->n_series + left];
}
