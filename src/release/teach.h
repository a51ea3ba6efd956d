/** What the register's own suspected areas teach of suspicions; docs/rationale/0010. Not for other rooms. */
#ifndef TL_RELEASE_TEACH_H
#define TL_RELEASE_TEACH_H

#include "release/assess.h"

/**
 * Reads, once a call, the suspected areas that were searched, and fills shared->lessons: the same whichever area is asked about. Areas that the map does not
 * reach or whose polygon is no good teach nothing. Errors: TL_ENOMEM, TL_ECANCELLED, those of the project.
 */
TL_MUST_USE tl_err tl_release_teach(struct tl_ctx *ctx, struct tl_release_shared *shared);

#endif
