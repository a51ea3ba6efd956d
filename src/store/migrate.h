/** Schema versions and the steps between them. For this room. */
#ifndef TL_STORE_MIGRATE_H
#define TL_STORE_MIGRATE_H

#include "store/sql.h"

/** Brings a schema from version `from` to `from + 1`. */
struct tl_migration {
    int from;
    const char *sql;
    tl_err (*then)(struct tl_ctx *ctx, sqlite3 *db); /* what SQL alone cannot say; NULL = nothing */
};
extern const struct tl_migration tl_migrations[]; /* ends with sql = NULL */

/**
 * Runs all steps from the file's version to `target` in one transaction: all or nothing. Lines that the triggers log are the
 * actor's "tilth (migration)". Errors: TL_EBUG (a step is missing), TL_ELOCKED, TL_EIO.
 */
TL_MUST_USE tl_err tl_migrate(struct tl_ctx *ctx, sqlite3 *db, const struct tl_migration *steps,
                              int target);

#endif
