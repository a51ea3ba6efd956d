/** What this machine can do, and what each of the solver's kernels does of it. A bench: it prints. */
#ifndef TL_BENCH_LATTICE_ROOFLINE_H
#define TL_BENCH_LATTICE_ROOFLINE_H

#include "tilth/ctx.h"

/** Bytes a second of a = b + 3 c over arrays far larger than the caches, 12 a cell as such figures count them; on the context's threads. */
double roofline_triad(struct tl_ctx *ctx);

/** Of one core: multiply-adds on registers [operations/s], and triads over arrays that fit the second cache [bytes/s]. */
double roofline_peak(void);
double roofline_second_cache(struct tl_ctx *ctx);

/** One line for each kernel, on one thread: over a grid that lies in memory. */
void roofline_kernels(struct tl_ctx *ctx, int64_t side, double triad, double peak, double cache);

#endif
