/* Covariates: rasters on the project's grid, kept as deflated doubles. */
#include "store/store.h"

#include <stdio.h>
#include <string.h>

#include "store/blob.h"

static int64_t n_cells(const struct tl_project *project)
{
    return project->grid.n_x * project->grid.n_y;
}

static void bind_covariate(sqlite3_stmt *stmt, const struct tl_covariate_info *info,
                           const void *blob, int64_t n)
{
    tl_sql_bind_text(stmt, 1, info->name);
    tl_sql_bind_text(stmt, 2, info->sha256);
    tl_sql_bind_text(stmt, 3, info->source);
    sqlite3_bind_double(stmt, 4, info->prior_mean);
    sqlite3_bind_double(stmt, 5, info->prior_sd);
    tl_sql_bind_blob(stmt, 6, blob, n);
}

/* Whether a covariate is there, and whether it is the same. */
static tl_err compare(struct tl_ctx *ctx, struct tl_project *project,
                      const struct tl_covariate_info *info, const void *blob, int64_t n,
                      bool *there, bool *same)
{
    sqlite3_stmt *stmt = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(
        ctx, project->db,
        "SELECT sha256 IS ?2 AND source IS ?3 AND prior_mean IS ?4 AND prior_sd IS ?5 AND "
        "\"values\" IS ?6 FROM covariate WHERE name = ?1",
        &stmt));
    bind_covariate(stmt, info, blob, n);
    TL_TRY(tl_sql_step(ctx, stmt, there));
    *same = *there && sqlite3_column_int(stmt, 0) != 0;
done:
    sqlite3_finalize(stmt);
    return err;
}

tl_err tl_project_covariate_put(struct tl_ctx *ctx, struct tl_project *project,
                                const struct tl_covariate_info *info, const double *values,
                                bool *added, bool *changed)
{
    sqlite3_stmt *stmt = NULL;
    void *blob = NULL;
    int64_t n = 0;
    bool there = false, same = false;
    tl_err err = TL_OK;
    TL_TRY(tl_store_writing(ctx, project));
    TL_TRY(tl_store_triggers(ctx, project, true));
    TL_TRY(tl_blob_pack(ctx, values, 8 * n_cells(project), 8, &blob, &n));
    TL_TRY(compare(ctx, project, info, blob, n, &there, &same));
    if (!same) {
        TL_TRY(tl_sql_prepare(
            ctx, project->db,
            "INSERT INTO covariate (name, sha256, source, prior_mean, prior_sd, \"values\") "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (name) DO UPDATE SET sha256 = "
            "excluded.sha256, source = excluded.source, prior_mean = excluded.prior_mean, "
            "prior_sd = excluded.prior_sd, \"values\" = excluded.\"values\"",
            &stmt));
        bind_covariate(stmt, info, blob, n);
        TL_TRY(tl_sql_run(ctx, stmt));
    }
    *added = !there;
    *changed = there && !same;
done:
    sqlite3_finalize(stmt);
    tl_free(blob);
    return err;
}

static void copy_text(char *to, size_t room, sqlite3_stmt *stmt, int column)
{
    const char *text = (const char *)sqlite3_column_text(stmt, column);
    snprintf(to, room, "%s", text == NULL ? "" : text);
}

tl_err tl_project_covariates(struct tl_ctx *ctx, struct tl_project *project,
                             struct tl_covariate_info **infos, int64_t *n)
{
    struct tl_covariate_info *made = NULL;
    sqlite3_stmt *stmt = NULL;
    int64_t count = 0, i = 0;
    bool more = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_int(ctx, project->db, "SELECT count(*) FROM covariate", 0, &count));
    TL_TRY_ALLOC(ctx, made, count);
    TL_TRY(tl_sql_prepare(
        ctx, project->db,
        "SELECT name, source, sha256, prior_mean, prior_sd FROM covariate ORDER BY name", &stmt));
    for (; i < count; i++) {
        TL_TRY(tl_sql_step(ctx, stmt, &more));
        if (!more)
            break;
        copy_text(made[i].name, sizeof made[i].name, stmt, 0);
        copy_text(made[i].source, sizeof made[i].source, stmt, 1);
        copy_text(made[i].sha256, sizeof made[i].sha256, stmt, 2);
        made[i].prior_mean = sqlite3_column_double(stmt, 3);
        made[i].prior_sd = sqlite3_column_double(stmt, 4);
    }
    *infos = made;
    *n = i;
    made = NULL;
done:
    sqlite3_finalize(stmt);
    tl_free(made);
    return err;
}

tl_err tl_project_covariate_get(struct tl_ctx *ctx, struct tl_project *project, const char *name,
                                double *values)
{
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(ctx, project->db, "SELECT \"values\" FROM covariate WHERE name = ?1",
                          &stmt));
    tl_sql_bind_text(stmt, 1, name);
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    if (!row)
        TL_THROW(ctx, TL_ENOTFOUND, "%s: there is no covariate \"%s\"", project->path, name);
    TL_TRY(tl_blob_unpack(ctx, sqlite3_column_blob(stmt, 0), sqlite3_column_bytes(stmt, 0), 8,
                          values, 8 * n_cells(project)));
done:
    sqlite3_finalize(stmt);
    return err;
}
