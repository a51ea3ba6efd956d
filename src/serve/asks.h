/** Assessments that stay in memory, so that what-ifs are answered without drawing anew: a few, the least recently used goes first. */
#ifndef TL_SERVE_ASKS_H
#define TL_SERVE_ASKS_H

#include "serve/serve.h"
#include "tilth/release.h"

enum { TL_ASKS_MAX = 4 };

struct tl_asks;

TL_MUST_USE tl_err tl_asks_create(struct tl_ctx *ctx, struct tl_asks **asks);
void tl_asks_free(struct tl_asks *asks);

/**
 * What would remain after a programme of work. The assessment of this key and stamp is opened when it is not there: then it takes as long as an
 * assessment. Two questions to one assessment wait for each other.
 * @param[out] json  tilth.what-if/1; owns: the caller, tl_free
 */
TL_MUST_USE tl_err tl_asks_what_if(struct tl_ctx *ctx, struct tl_asks *asks,
                                   struct tl_project *project, const char *key,
                                   const struct tl_seat_stamp *stamp,
                                   const struct tl_release_options *options, int64_t n,
                                   const struct tl_release_what_if *steps, char **json);

/** The project changed by us in a way that no assessment rests on: what was of one stamp is of another now. */
void tl_asks_restamp(struct tl_asks *asks, const struct tl_seat_stamp *from,
                     const struct tl_seat_stamp *to);

#endif
