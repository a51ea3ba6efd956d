/* Maps: runs with what they rest on, the bands of the latest one, and the layer of cells that QGIS shows. */
#include "store/store.h"

#include <math.h>
#include <string.h>

#include "store/band.h"

tl_err tl_project_map_band_put(struct tl_ctx *ctx, struct tl_project *project, int64_t run_id,
                               const struct tl_map_band *band)
{
    struct tl_band_writer *writer = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_band_begin(ctx, project, run_id, band->name, &writer));
    TL_TRY(tl_band_rows(ctx, writer, project->grid.n_y, band->values));
    TL_TRY(tl_band_finish(ctx, writer, (double)NAN));
done:
    tl_band_free(writer);
    return err;
}

tl_err tl_project_map_new(struct tl_ctx *ctx, struct tl_project *project, const char *json,
                          int64_t *run_id)
{
    sqlite3_stmt *stmt = NULL;
    int64_t id = 0;
    tl_err err = TL_OK;
    TL_TRY(tl_store_writing(ctx, project));
    TL_TRY(tl_store_triggers(ctx, project, true));
    TL_TRY(tl_sql_prepare(ctx, project->db,
                          "INSERT INTO map_run (at, actor, json) VALUES (?1, ?2, ?3)", &stmt));
    tl_sql_bind_text(stmt, 1, project->at);
    tl_sql_bind_text(stmt, 2, project->actor);
    tl_sql_bind_text(stmt, 3, json);
    TL_TRY(tl_sql_run(ctx, stmt));
    id = sqlite3_last_insert_rowid(project->db);
    TL_TRY(tl_sql_exec(ctx, project->db, "DELETE FROM map_block; DELETE FROM map_band"));
    *run_id = id;
done:
    sqlite3_finalize(stmt);
    return err;
}

tl_err tl_project_map_save(struct tl_ctx *ctx, struct tl_project *project, const char *json,
                           int64_t n_bands, const struct tl_map_band *bands, int64_t *run_id)
{
    int64_t id = 0;
    tl_err err = tl_project_map_new(ctx, project, json, &id);
    for (int64_t i = 0; i < n_bands && err == TL_OK; i++)
        err = tl_project_map_band_put(ctx, project, id, &bands[i]);
    if (err == TL_OK && run_id != NULL)
        *run_id = id;
    return err;
}

tl_err tl_project_map_load(struct tl_ctx *ctx, struct tl_project *project, int64_t *run_id,
                           char **json)
{
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    char *text = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(ctx, project->db, "SELECT id, json FROM map_run ORDER BY id DESC LIMIT 1",
                          &stmt));
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    if (row)
        TL_TRY(tl_sql_copy(ctx, stmt, 1, &text));
    if (run_id != NULL)
        *run_id = row ? sqlite3_column_int64(stmt, 0) : 0;
    *json = text;
done:
    sqlite3_finalize(stmt);
    return err;
}

tl_err tl_project_map_same(struct tl_ctx *ctx, struct tl_project *project, int64_t run_id)
{
    int64_t latest = 0;
    tl_err err = tl_sql_int(ctx, project->db, "SELECT max(id) FROM map_run", 0, &latest);
    if (err == TL_OK && latest != run_id)
        err = tl_fail(ctx, TL_ECONFLICT,
                      "%s: another map took the place of the one that was being read; do it again",
                      project->path);
    return err;
}

tl_err tl_project_map_band(struct tl_ctx *ctx, struct tl_project *project, const char *name,
                           float *values)
{
    const int64_t all[4] = {0, 0, project->grid.n_x, project->grid.n_y};
    return tl_project_map_box(ctx, project, name, all, values);
}

tl_err tl_project_map_bands(struct tl_ctx *ctx, struct tl_project *project, char ***names,
                            int64_t *n)
{
    sqlite3_stmt *stmt = NULL;
    char **made = NULL;
    int64_t n_bands = 0, n_made = 0;
    bool row = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_int(ctx, project->db,
                      "SELECT count(*) FROM map_band WHERE run_id = (SELECT max(id) FROM map_run)",
                      0, &n_bands));
    TL_TRY_ALLOC(ctx, made, n_bands);
    TL_TRY(tl_sql_prepare(ctx, project->db,
                          "SELECT name FROM map_band WHERE run_id = (SELECT max(id) FROM map_run) "
                          "ORDER BY id",
                          &stmt));
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    for (; row && n_made < n_bands; n_made++) {
        TL_TRY(tl_sql_copy(ctx, stmt, 0, &made[n_made]));
        TL_TRY(tl_sql_step(ctx, stmt, &row));
    }
    *names = made;
    *n = n_made;
    made = NULL;
done:
    for (int64_t i = 0; made != NULL && i < n_bands; i++)
        tl_free(made[i]);
    tl_free(made);
    sqlite3_finalize(stmt);
    return err;
}

enum { POLYGON_BYTES = 1 + 4 + 4 + 4 + 5 * 16 };

static void put_u32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

/* WKB of a cell: NW, NE, SE, SW given; the ring runs the other way, as polygons' outer rings should. */
static void outline(const struct tl_hazard_cell *cell, uint8_t wkb[POLYGON_BYTES])
{
    static const int order[] = {0, 3, 2, 1, 0};
    wkb[0] = 1;
    put_u32(wkb + 1, 3);
    put_u32(wkb + 5, 1);
    put_u32(wkb + 9, 5);
    for (int i = 0; i < 5; i++)
        memcpy(wkb + 13 + 16 * i, &cell->corner_deg[2 * order[i]], 16);
}

static tl_err put_cell(struct tl_ctx *ctx, struct tl_project *project, sqlite3_stmt *stmt,
                       int64_t id, const struct tl_hazard_cell *cell, struct tl_gpb_box *box)
{
    const double numbers[] = {cell->density_per_ha,
                              cell->density_q05_per_ha,
                              cell->density_q95_per_ha,
                              cell->log_density_sd,
                              cell->p_any,
                              cell->residual_ha};
    uint8_t wkb[POLYGON_BYTES];
    tl_err err = TL_OK;
    outline(cell, wkb);
    TL_TRY(tl_gpb_make(ctx, TL_GPB_ANY, wkb, sizeof wkb, &project->geom, box));
    sqlite3_bind_int64(stmt, 1, id);
    tl_sql_bind_blob(stmt, 2, project->geom.text, project->geom.size_bytes);
    sqlite3_bind_int64(stmt, 3, cell->cell);
    for (int k = 0; k < 6; k++)
        tl_sql_bind_real(stmt, 4 + k, numbers[k]);
    if (cell->rank > 0)
        sqlite3_bind_int64(stmt, 10, cell->rank);
    else
        sqlite3_bind_null(stmt, 10);
    TL_TRY(tl_sql_run(ctx, stmt));
done:
    return err;
}

tl_err tl_project_hazard_cells(struct tl_ctx *ctx, struct tl_project *project, int64_t n,
                               const struct tl_hazard_cell *cells)
{
    struct tl_rtree rtree = {.table = "hazard_cell"};
    struct tl_gpb_box all = {INFINITY, -INFINITY, INFINITY, -INFINITY}, box;
    sqlite3_stmt *stmt = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_store_writing(ctx, project));
    TL_TRY(tl_store_triggers(ctx, project, false));
    TL_TRY(tl_sql_exec(ctx, project->db, "DELETE FROM hazard_cell"));
    TL_TRY(tl_rtree_clear(ctx, project->db, "hazard_cell"));
    TL_TRY(tl_sql_prepare(
        ctx, project->db,
        "INSERT INTO hazard_cell (id, geom, cell, density_per_ha, density_q05_per_ha, "
        "density_q95_per_ha, log_density_sd, p_any, residual_ha, rank) VALUES (?1, ?2, ?3, ?4, "
        "?5, ?6, ?7, ?8, ?9, ?10)",
        &stmt));
    for (int64_t i = 0; i < n; i++) {
        TL_TRY(put_cell(ctx, project, stmt, i + 1, &cells[i], &box));
        TL_TRY(tl_rtree_queue(ctx, &rtree, i + 1, &box));
        all.west = fmin(all.west, box.west);
        all.east = fmax(all.east, box.east);
        all.south = fmin(all.south, box.south);
        all.north = fmax(all.north, box.north);
    }
    TL_TRY(tl_rtree_flush(ctx, project->db, &rtree));
    TL_TRY(tl_store_extent(ctx, project, "hazard_cell", &all));
done:
    sqlite3_finalize(stmt);
    tl_rtree_fini(&rtree);
    return err;
}
