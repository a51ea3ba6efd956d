/** The district's files: what a user would have, and the truth. */
#ifndef TL_SIMULATE_FILES_H
#define TL_SIMULATE_FILES_H

#include "simulate/dirt.h"
#include "simulate/history.h"

/** Names, in the order of writing; NULL-terminated. Those of the folder itself, and those of its truth/. */
extern const char *const tl_files_names[];
extern const char *const tl_files_truth_names[];

/** What is in a file, in a few words. */
const char *tl_files_meaning(const char *name);

/** Writes what a user would have into `folder`; what was made dirty goes to the ledger. Errors: TL_EIO, TL_ENOMEM. */
TL_MUST_USE tl_err tl_files_write(struct tl_ctx *ctx, const struct tl_history *history,
                                  const char *folder, struct tl_table *ledger);

/** Writes the truth into `folder`. */
TL_MUST_USE tl_err tl_truth_write(struct tl_ctx *ctx, const struct tl_history *history,
                                  const char *folder, const struct tl_table *ledger);

#endif
