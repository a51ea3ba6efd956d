/** One file for GDAL by its descriptor: under the name it is given and no other, and nothing is opened to read it. */
#ifndef TL_GEO_ONEFILE_H
#define TL_GEO_ONEFILE_H

#include "core/core.h"

#define TL_ONEFILE_FOLDER "/vsitilth/"

/**
 * From now on TL_ONEFILE_FOLDER and the name is the file. Once in a process: GDAL never forgets a folder of its own.
 * Errors: TL_EIO (not a file), TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_onefile_put(struct tl_ctx *ctx, int fd, const char *name);

#endif
