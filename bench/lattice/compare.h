/** The two engines on one simulated area, side by side. A bench: it may print. */
#ifndef TL_BENCH_LATTICE_COMPARE_H
#define TL_BENCH_LATTICE_COMPARE_H

#include "tilth/field.h"

/** `path`: an area of `tl_bench_lattice sim`; `folder` takes the engines' answers while it runs. */
TL_MUST_USE tl_err compare_engines(struct tl_ctx *ctx, const char *path, const char *folder,
                                   const struct tl_field_options *options);

#endif
