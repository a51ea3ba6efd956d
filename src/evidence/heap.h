/**
 * Positions that several records share. Who writes down the village of an accident, and not the spot, gives all of them the village's
 * coordinates; a map in fine cells then shows a heap of items where the village is said to be.
 */
#ifndef TL_EVIDENCE_HEAP_H
#define TL_EVIDENCE_HEAP_H

#include "evidence/gather.h"
#include "tilth/evidence.h"

struct tl_heap {
    int64_t n;      /* records of the kind inside the area that people met, not a search's */
    int64_t heaped; /* of them, at positions that three or more share to the millimetre */
    int64_t most;   /* at one of these; 0 = none */
};

/** Of accidents or items, which come sorted by position. */
struct tl_heap tl_heap_of(const struct tl_gather *gather, enum tl_kind kind);

/** Says so in the evidence's notes where it is a twentieth of a kind's records, and ten of them at least. */
void tl_heap_note(const struct tl_gather *gather, struct tl_evidence *evidence);

#endif
