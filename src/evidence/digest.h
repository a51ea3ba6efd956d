/** SHA-256 of what an import reads: a file with its companions (a Shapefile's), or a folder (a File
 * Geodatabase). */
#ifndef TL_EVIDENCE_DIGEST_H
#define TL_EVIDENCE_DIGEST_H

#include "core/hash.h"

/** Hash in hex; "" where the source is not a file of this machine ("/vsizip/..."). Errors:
 * TL_ENOTFOUND, TL_EIO, TL_ENOMEM. */
TL_MUST_USE tl_err tl_digest_source(struct tl_ctx *ctx, const char *path, char hex[TL_HASH_HEX]);

#endif
