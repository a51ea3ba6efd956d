/** A folder of results that appears whole or not at all: files are made aside and moved into place at the end. */
#ifndef TILTH_OUTDIR_H
#define TILTH_OUTDIR_H

#include <stdbool.h>

#include "tilth/ctx.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tl_outdir;

/**
 * Begins. The folder is made when it is not there (its parent must be).
 * @param names      files that will be written, NULL-terminated: looked for now, before the work, not after it
 * @param overwrite  replace those that are there
 * Errors: TL_EEXISTS (names the file), TL_EIO (cannot be written to), TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_outdir_begin(struct tl_ctx *ctx, const char *folder, const char *const *names,
                                   bool overwrite, struct tl_outdir **outdir);

/** Folder to write the files into meanwhile. */
const char *tl_outdir_path(const struct tl_outdir *outdir);

/** Path of one file in that folder; valid until the next call. */
const char *tl_outdir_file(struct tl_outdir *outdir, const char *name);

/** Moves every file into place and frees `outdir` in any case. Errors: TL_EIO. */
TL_MUST_USE tl_err tl_outdir_commit(struct tl_ctx *ctx, struct tl_outdir *outdir);

/** Removes what was made and frees `outdir`; NULL is fine. */
void tl_outdir_abort(struct tl_outdir *outdir);

#ifdef __cplusplus
}
#endif
#endif
