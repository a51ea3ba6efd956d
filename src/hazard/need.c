/*
 * Bytes are counted from what is allocated (docs/rooms/hazard.md has what was measured): by rows there are no arrays of the whole grid
 * besides the engine's.
 */
#include "hazard/need.h"

#include <math.h>

#include "hazard/map_rows.h"
#include "hazard/raster_rows.h"

/* Joint draws: enough for quantiles of the totals, within 1e8 numbers. */
enum { DRAWS = 400, DRAWS_MIN = 20 };
static const double DRAW_NUMBERS_MAX = 1e8;

/* A record with its geometry, an entry of a row, runs of land and stripes of evidence, a page's squares. */
enum { RECORD_BYTES = 1500, ENTRY_BYTES = 16, LAND_BYTES = 240, STRIPE_CELLS = 3 << 20 };
/* The database's pages, a row of a band's blocks (src/store/band.c), the cells of the layer. */
enum { KEEP_BYTES = (64 + 32 + 48) << 20 };
static const double PAGE_CELLS = 4096.0 * 4096.0;

int64_t tl_hazard_need_draws(int64_t n_cells, int64_t n_samples)
{
    double n = DRAW_NUMBERS_MAX / (double)n_cells;
    int64_t draws = n >= DRAWS ? DRAWS : n <= DRAWS_MIN ? DRAWS_MIN : (int64_t)n;
    return draws < n_samples ? n_samples : draws;
}

struct tl_field_input tl_hazard_need_input(const struct tl_hazard_need_of *of,
                                           struct tl_field_channel *channels,
                                           struct tl_field_covariate *covariates)
{
    for (int c = 0; c < TL_EVIDENCE_CHANNELS_MAX; c++)
        channels[c] = (struct tl_field_channel){.effect_sd = 1.0};
    for (int k = 0; k < TL_EVIDENCE_COVARIATES_MAX; k++)
        covariates[k] = (struct tl_field_covariate){0};
    return (struct tl_field_input){.n_x = of->n_x,
                                   .n_y = of->n_y,
                                   .step_m = of->step_m,
                                   .n_channels = of->n_channels,
                                   .channels = channels,
                                   .n_covariates = of->n_covariates,
                                   .covariates = covariates};
}

/* Files on disk: evidence and results by rows, rasters with their overviews and the rows of the largest, the project's copy. */
static double disk_of(const struct tl_hazard_need_of *of, double evidence, double results)
{
    double cells = (double)of->n_x * (double)of->n_y, c = of->n_channels, k = of->n_covariates;
    double layers = 2.0 * c + 2.0 + k, samples = (double)of->n_samples;
    double most = fmax(fmax((double)TL_HAZARD_BANDS, layers), samples);
    double files = (TL_HAZARD_BANDS + layers + samples + most) * (4.0 / 3.0);
    double kept = TL_HAZARD_SHARES + c + layers;
    return evidence + results + 4.0 * cells * (files + kept);
}

struct tl_hazard_need tl_hazard_need(const struct tl_hazard_need_of *of)
{
    const struct tl_grid grid = {0.0, 0.0, 1.0, of->n_x, of->n_y};
    double cells = (double)of->n_x * (double)of->n_y, c = of->n_channels, k = of->n_covariates;
    double bands = TL_HAZARD_SHARES + c + (double)of->n_samples;
    bool on_disk = cells > (double)TL_EVIDENCE_MEMORY_CELLS;
    /* In memory a list grows by half when it is full. */
    double evidence = 8.0 * cells * (c + k) * (on_disk ? 1.0 : 1.5);
    double results = 4.0 * cells * bands * (on_disk ? 1.0 : 1.5);
    double rows =
        (double)of->n_y *
            (ENTRY_BYTES * (TL_EVIDENCE_CHANNELS_MAX + TL_EVIDENCE_COVARIATES_MAX + 1 + bands) +
             LAND_BYTES) +
        72.0 * (double)of->n_records + (on_disk ? 2e6 : evidence + results);
    double program = TL_HAZARD_PROGRAM_BYTES;
    double gather = program + rows + cells / 8.0 + (double)RECORD_BYTES * (double)of->n_records +
                    8.0 * STRIPE_CELLS + (of->n_rasters > 0 ? 24.0 * cells : 0.0);
    double keep = program + rows + KEEP_BYTES;
    double draw = program + rows + TL_RASTER_CACHE_BYTES + 16.0 * fmin(cells, PAGE_CELLS);
    return (struct tl_hazard_need){
        .before_bytes = (int64_t)gather,
        .held_bytes = tl_hazard_map_rows_bytes(&grid) + (int64_t)rows,
        .after_bytes = (int64_t)fmax(keep, draw),
        .disk_bytes = (int64_t)disk_of(of, on_disk ? evidence : 0.0, on_disk ? results : 0.0)};
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* The engine's bytes within a limit; where that is too little, the least limit that is not. */
static tl_err engine_bytes(struct tl_ctx *ctx, const struct tl_lattice_source *source,
                           struct tl_field_options *o, int64_t *bytes)
{
    struct tl_lattice_plan plan;
    int64_t low = o->memory_bytes, high;
    tl_err err = tl_lattice_plan(ctx, source, o, true, NULL, &plan);
    *bytes = plan.memory_bytes;
    if (err != TL_ENOMEM)
        return err;
    o->memory_bytes = INT64_MAX;
    if (tl_lattice_plan(ctx, source, o, true, NULL, &plan) != TL_OK)
        return err;
    for (high = plan.memory_bytes; high - low > (high >> 8);) {
        o->memory_bytes = low + (high - low) / 2;
        if (tl_lattice_plan(ctx, source, o, true, NULL, &plan) == TL_OK)
            high = plan.memory_bytes;
        else
            low = o->memory_bytes;
    }
    *bytes = high;
    return err;
}

tl_err tl_hazard_need_memory(struct tl_ctx *ctx, const struct tl_hazard_need_of *of,
                             const struct tl_field_options *options, int64_t *bytes)
{
    struct tl_field_channel channels[TL_EVIDENCE_CHANNELS_MAX];
    struct tl_field_covariate covariates[TL_EVIDENCE_COVARIATES_MAX];
    struct tl_field_input input = tl_hazard_need_input(of, channels, covariates);
    struct tl_field_options o = *options;
    struct tl_hazard_need need = tl_hazard_need(of);
    int64_t limit = o.memory_bytes > 0 ? o.memory_bytes : tl_memory_available();
    tl_err err;
    o.n_samples = tl_hazard_need_draws(of->n_x * of->n_y, of->n_samples);
    if (tl_field_engine(&input, &o) == TL_ENGINE_LATTICE) {
        struct tl_lattice_source source = {.n_x = of->n_x,
                                           .n_y = of->n_y,
                                           .step_m = of->step_m,
                                           .n_channels = input.n_channels,
                                           .channels = channels,
                                           .n_covariates = input.n_covariates,
                                           .covariates = covariates,
                                           .has_residual = true};
        o.memory_bytes = larger(limit - need.held_bytes, 1);
        err = engine_bytes(ctx, &source, &o, bytes);
        *bytes += need.held_bytes;
    } else {
        err = tl_field_plan(ctx, &input, &o, bytes);
        *bytes += 8 * of->n_x * of->n_y * (2 + 2 * of->n_channels + of->n_covariates);
        return err != TL_OK || *bytes <= limit ? err : TL_ENOMEM;
    }
    if (err != TL_OK && err != TL_ENOMEM)
        return err;
    *bytes = larger(*bytes, larger(need.before_bytes, need.after_bytes));
    return *bytes <= limit ? err : TL_ENOMEM;
}
