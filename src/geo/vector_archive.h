/** What is meant in an archive: a zip with a shapefile, a KMZ. Nothing is unpacked to a disk. */
#ifndef TL_GEO_VECTOR_ARCHIVE_H
#define TL_GEO_VECTOR_ARCHIVE_H

#include "core/core.h"

/**
 * @param path         any path
 * @param[out] inside  what GDAL is to open: the path itself, or a place in the archive. owns: the caller, tl_free
 * Errors: TL_EDATA (nothing that can be read in it, more than one, a name that leads out of it), TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_vector_archive(struct tl_ctx *ctx, const char *path, char **inside);

#endif
