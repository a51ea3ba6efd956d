/** What the importers share. */
#ifndef TL_EVIDENCE_IMPORT_H
#define TL_EVIDENCE_IMPORT_H

#include "tilth/evidence.h"

/** Name of a file without its folder. */
const char *tl_import_file_name(const char *path);

/** Imports a raster as a covariate (options as = "covariate"). Errors: as tl_import_file. */
TL_MUST_USE tl_err tl_import_covariate(struct tl_ctx *ctx, struct tl_project *project,
                                       const char *path, const struct tl_import_options *options,
                                       struct tl_import_report *report);

#endif
