/*
 * Forward migrations. A step is SQL; one that adds a column to a logged table must also drop its three log triggers and have them
 * made anew, or the column's changes are not logged (`check` compares the schema with the program's and says so).
 */
#include "store/migrate.h"

/* Version 1 is the first; a step joins here together with the new TL_STORE_VERSION. */
const struct tl_migration tl_migrations[] = {{0, NULL}};

static const struct tl_migration *step_from(const struct tl_migration *steps, int64_t from)
{
    for (; steps->sql != NULL; steps++)
        if (steps->from == from)
            return steps;
    return NULL;
}

static tl_err run(struct tl_ctx *ctx, sqlite3 *db, const struct tl_migration *steps, int target)
{
    int64_t version = 0;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_exec(ctx, db,
                       "INSERT OR REPLACE INTO tilth_state VALUES ('actor', 'tilth (migration)')"));
    TL_TRY(tl_sql_int(ctx, db, "SELECT schema_version FROM tilth_project", 0, &version));
    for (; version < target; version++) {
        const struct tl_migration *step = step_from(steps, version);
        if (step == NULL)
            TL_THROW(ctx, TL_EBUG, "no step leads from version %lld of the schema to %d",
                     (long long)version, target);
        TL_TRY(tl_sql_exec(ctx, db, step->sql));
        TL_TRY(tl_sql_execf(ctx, db,
                            "UPDATE tilth_project SET schema_version = %lld, program_version = %Q",
                            (long long)version + 1, TILTH_VERSION));
    }
    TL_TRY(tl_sql_exec(ctx, db, "DELETE FROM tilth_state WHERE key = 'actor'"));
done:
    return err;
}

tl_err tl_migrate(struct tl_ctx *ctx, sqlite3 *db, const struct tl_migration *steps, int target)
{
    tl_err err = tl_sql_exec(ctx, db, "BEGIN IMMEDIATE");
    if (err != TL_OK)
        return err;
    err = run(ctx, db, steps, target);
    if (err == TL_OK)
        err = tl_sql_exec(ctx, db, "COMMIT");
    if (err != TL_OK && sqlite3_get_autocommit(db) == 0)
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return err;
}
