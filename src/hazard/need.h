/** What a map will need besides its engine: memory by phase, disk. Not for other rooms. */
#ifndef TL_HAZARD_NEED_H
#define TL_HAZARD_NEED_H

#include "hazard/hazard.h"
#include "tilth/lattice.h"

/** What is known of a map before it is made; counts of what may be there, where that is not known. */
struct tl_hazard_need_of {
    int64_t n_x, n_y;
    double step_m;
    int n_channels, n_covariates; /* of the evidence */
    int64_t n_rasters;            /* of the covariates, imported */
    int64_t n_samples;            /* to be written */
    int64_t n_records;
};

struct tl_hazard_need {
    int64_t before_bytes; /* while evidence is gathered */
    int64_t held_bytes;   /* besides the engine's, while it runs */
    int64_t after_bytes;  /* while files are written and the project keeps the map */
    int64_t disk_bytes;   /* at most, besides the engine's */
};

struct tl_hazard_need tl_hazard_need(const struct tl_hazard_need_of *of);

/** Joint draws behind the totals of a map of so many cells that writes so many samples. */
int64_t tl_hazard_need_draws(int64_t n_cells, int64_t n_samples);

/** Input of its size for an engine's plan; `channels` [TL_EVIDENCE_CHANNELS_MAX] and `covariates` [TL_EVIDENCE_COVARIATES_MAX] are filled. */
struct tl_field_input tl_hazard_need_input(const struct tl_hazard_need_of *of,
                                           struct tl_field_channel *channels,
                                           struct tl_field_covariate *covariates);

/**
 * Most bytes of memory that a map will hold at one time.
 * @param options  memory_bytes is the limit; 0 = what the machine has
 * @param[out] bytes  set on TL_ENOMEM too: the least that would do
 * Errors: TL_ENOMEM (does not fit), TL_EDATA.
 */
TL_MUST_USE tl_err tl_hazard_need_memory(struct tl_ctx *ctx, const struct tl_hazard_need_of *of,
                                         const struct tl_field_options *options, int64_t *bytes);

#endif
