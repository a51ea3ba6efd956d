/** What the files of this room share; not for other rooms. */
#ifndef TL_HAZARD_HAZARD_H
#define TL_HAZARD_HAZARD_H

#include "core/json.h"
#include "core/text.h"
#include "tilth/crs.h"
#include "tilth/hazard.h"

enum { TL_HAZARD_LOOK_DEFAULT = 10, TL_HAZARD_M2_PER_HA = 10000 };

/** A record near a place, nearest first. */
struct tl_hazard_near {
    enum tl_kind kind;
    int64_t id;
    char code[32];
    char what[160]; /* "2005, AP mine" */
    char name[100]; /* of a place or an area, "" when it has none */
    double distance_m;
    double azimuth_deg;
    double lon_deg, lat_deg;
    bool holds; /* a polygon that holds the place */
};

/** Records of a kind within a distance, nearest first, at most `max`; *n_all counts all of them. */
TL_MUST_USE tl_err tl_hazard_around(struct tl_ctx *ctx, struct tl_project *project,
                                    enum tl_kind kind, const double at_deg[2], double distance_m,
                                    int64_t max, struct tl_hazard_near *near, int64_t *n_near,
                                    int64_t *n_all);

/** "3.2 km NE of Granada" for a place of the register within 50 km, "" when there is none. `text` of 160 bytes. */
TL_MUST_USE tl_err tl_hazard_near_place(struct tl_ctx *ctx, struct tl_project *project,
                                        const double at_deg[2], char *text);

/** "NE" for 45. */
const char *tl_hazard_compass(double azimuth_deg);

/** {"mean": .., "sd": .., "q025": .., "q50": .., "q975": ..} */
json_t *tl_hazard_estimate(const struct tl_estimate *estimate);

/**
 * JSON of the latest map in the project; owns: the caller, json_decref. NULL when there is none and none is `needed`.
 * Errors: TL_ENOTFOUND (none, but needed: says how to make one), TL_EINTEGRITY (not readable).
 */
TL_MUST_USE tl_err tl_hazard_last_map(struct tl_ctx *ctx, struct tl_project *project, bool needed,
                                      json_t **map);

/** Fills result->json, words and changes from all else. */
TL_MUST_USE tl_err tl_hazard_describe(struct tl_ctx *ctx, struct tl_project *project,
                                      const struct tl_hazard_options *options,
                                      struct tl_hazard_result *result);

/** JSON of the summary that `map` and `field` share: intercept, coefficients, range_m, sigma, channels, log_marginal_likelihood. */
json_t *tl_hazard_summary(const struct tl_field_input *input, const struct tl_field_result *field);

struct tl_hazard_scratch;
struct tl_lattice_store;

/** The lattice engine's files in an output folder (which is there when the first is written). Errors: TL_ENOMEM, TL_EUSAGE. */
TL_MUST_USE tl_err tl_hazard_scratch_open(struct tl_ctx *ctx, const char *folder,
                                          struct tl_hazard_scratch **scratch,
                                          const struct tl_lattice_store **store);

/** Removes the folder when nothing is left in it; true = a state to go on from is. NULL is fine. */
bool tl_hazard_scratch_close(struct tl_hazard_scratch *scratch);

#endif
