/**
 * Which positions (or shapes) with which date have been seen: a table of fixed size, so that an
 * import of any length runs in the same memory. Beyond its size the oldest are forgotten: a doubt
 * may then be missed, never a false one told but for a chance of about 1e-13 a row.
 */
#ifndef TL_EVIDENCE_SEEN_H
#define TL_EVIDENCE_SEEN_H

#include "core/core.h"

struct tl_seen {
    uint64_t *slots; /* owns: [buckets][ways]; 0 = free */
};

TL_MUST_USE tl_err tl_seen_init(struct tl_ctx *ctx, struct tl_seen *seen);
void tl_seen_fini(struct tl_seen *seen);

/** Adds a fingerprint (not 0); true when it was there already. */
bool tl_seen_add(struct tl_seen *seen, uint64_t fingerprint);

#endif
