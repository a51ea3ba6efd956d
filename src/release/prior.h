/** The latest map as the prior of a local solve; not for other rooms. */
#ifndef TL_RELEASE_PRIOR_H
#define TL_RELEASE_PRIOR_H

#include "release/release.h"

struct tl_release_map {
    int64_t run;
    json_t *json; /* owns */
    char group[16];
    double range_m, sigma;
    struct tl_evidence_options evidence; /* as the map was made; group borrows from here */
    int n_names;
    const char *names[TL_EVIDENCE_COVARIATES_MAX]; /* borrows from json: covariates, in order */
};

/** Errors: TL_ENOTFOUND (no map yet, or one of another group: says how to make one), TL_EINTEGRITY (not readable). */
TL_MUST_USE tl_err tl_release_map_load(struct tl_ctx *ctx, struct tl_project *project,
                                       const char *group, struct tl_release_map *map);
void tl_release_map_fini(struct tl_release_map *map);

/** Share of the map's data that lies in a window, 0 to 0.98. */
double tl_release_map_share(const struct tl_release_map *map, const struct tl_local *local);

/** Errors: TL_EINTEGRITY. */
TL_MUST_USE tl_err tl_release_prior_of(struct tl_ctx *ctx, const struct tl_release_map *map,
                                       const struct tl_local *local,
                                       struct tl_release_prior *prior);

#endif
