/** Files that only their owner may read: changed under a lock, replaced whole or not at all. For accounts and keys beside a project. */
#ifndef TL_CORE_PRIVATE_H
#define TL_CORE_PRIVATE_H

#include "core/core.h"

/** Locks the file at a path, made (empty) where there is none; waits for others. owns: the caller, close(*file). Errors: TL_EIO. */
TL_MUST_USE tl_err tl_private_lock(struct tl_ctx *ctx, const char *path, int *file);

/** Puts a new file in its place, mode 0600 from its first byte on, on the disk when this returns. Errors: TL_EIO. */
TL_MUST_USE tl_err tl_private_write(struct tl_ctx *ctx, const char *path, const char *text);

#endif
