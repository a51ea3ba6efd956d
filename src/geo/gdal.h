/** GDAL made quiet: its messages are caught for ours, nothing goes to stderr. */
#ifndef TL_GEO_GDAL_H
#define TL_GEO_GDAL_H

#include <gdal.h>

#include "core/core.h"

struct tl_gdal_quiet {
    char why[512]; /* first failure since the beginning; "" when there was none */
    int n_failures;
};

/** Begins a stretch in which this thread's GDAL messages go to `quiet`; registers the drivers at the first call. */
void tl_gdal_begin(struct tl_gdal_quiet *quiet);
void tl_gdal_end(void);

/** The caught message, or `otherwise` when GDAL said nothing. */
const char *tl_gdal_why(const struct tl_gdal_quiet *quiet, const char *otherwise);

/** Where a file is made: a folder of its own beside the target, so that a file of many parts is there whole or not. */
struct tl_gdal_aside {
    char *folder; /* owns */
    char *path;   /* owns: the file's final name, in the folder */
    char *target; /* owns */
};

/** Errors: TL_EIO (cannot write there), TL_ENOMEM. */
TL_MUST_USE tl_err tl_gdal_aside_init(struct tl_ctx *ctx, const char *target,
                                      struct tl_gdal_aside *aside);

/** Moves all that was made beside the target, the target last (keep), or removes it; frees. Errors: TL_EIO. */
TL_MUST_USE tl_err tl_gdal_aside_finish(struct tl_ctx *ctx, struct tl_gdal_aside *aside, bool keep);

#endif
