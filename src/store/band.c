/*
 * A block is 128 by 128 cells (fewer rows and more columns where the grid is wide, so that a row of blocks stays within 32 MiB): byte planes,
 * deflated (blob.c), 64 KiB before. A click touches one block of each band, 121 by 121 cells (explain's window) at most four; inflating one takes
 * some 0.3 ms. As one blob, as versions before 6 kept a band, any look took all of it. What a band comes to is kept beside it: a legend of 24
 * bands of 1e8 cells would read 10 GB otherwise.
 *
 * A window is read by one statement, so that it is of one map even while another takes its place.
 */
#include "store/band.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "store/blob.h"
#include "store/store.h"

enum { BLOCK_CELLS = 1 << 14, BLOCK_ROWS = 128, STRIPE_CELLS = 1 << 23 };

/* How a grid is cut. Part of the file's format: another cut needs another version of the schema. */
struct cut {
    int64_t n_x, n_y;       /* cells */
    int64_t side_x, side_y; /* cells of a block; less at the eastern and southern edge */
    int64_t blocks_x;
};

static struct cut cut_of(const struct tl_grid *grid)
{
    struct cut cut = {.n_x = grid->n_x, .n_y = grid->n_y, .side_y = BLOCK_ROWS};
    while (cut.side_y > 1 && cut.side_y * cut.n_x > STRIPE_CELLS)
        cut.side_y /= 2;
    cut.side_x = BLOCK_CELLS / cut.side_y;
    cut.blocks_x = (cut.n_x + cut.side_x - 1) / cut.side_x;
    return cut;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t tl_project_map_rows(const struct tl_project *project)
{
    return cut_of(&project->grid).side_y;
}

struct tl_band_writer {
    sqlite3 *db; /* borrows */
    struct cut cut;
    int64_t band, y;      /* its row; rows that came */
    float *rows, *block;  /* owns: [side_y * n_x]; [BLOCK_CELLS] */
    sqlite3_stmt *insert; /* owns */
    struct tl_spread_sum sum;
};

tl_err tl_band_begin_db(struct tl_ctx *ctx, sqlite3 *db, const struct tl_grid *grid, int64_t run_id,
                        const char *name, struct tl_band_writer **writer)
{
    struct tl_band_writer *w = NULL;
    sqlite3_stmt *stmt = NULL;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, w, 1);
    w->db = db;
    w->cut = cut_of(grid);
    TL_TRY_ALLOC(ctx, w->rows, least(w->cut.side_y, w->cut.n_y) * w->cut.n_x);
    TL_TRY_ALLOC(ctx, w->block, BLOCK_CELLS);
    TL_TRY(tl_spread_begin(ctx, tl_grid_n_cells(grid), &w->sum));
    TL_TRY(tl_sql_prepare(ctx, db, "INSERT INTO map_band (run_id, name, n) VALUES (?1, ?2, ?3)",
                          &stmt));
    sqlite3_bind_int64(stmt, 1, run_id);
    tl_sql_bind_text(stmt, 2, name);
    sqlite3_bind_int64(stmt, 3, tl_grid_n_cells(grid));
    TL_TRY(tl_sql_run(ctx, stmt));
    w->band = sqlite3_last_insert_rowid(db);
    TL_TRY(tl_sql_prepare(ctx, db,
                          "INSERT INTO map_block (band_id, number, \"values\") VALUES (?1, ?2, ?3)",
                          &w->insert));
    *writer = w;
    w = NULL;
done:
    sqlite3_finalize(stmt);
    tl_band_free(w);
    return err;
}

tl_err tl_band_begin(struct tl_ctx *ctx, struct tl_project *project, int64_t run_id,
                     const char *name, struct tl_band_writer **writer)
{
    tl_err err = tl_store_writing(ctx, project);
    if (err != TL_OK)
        return err;
    return tl_band_begin_db(ctx, project->db, &project->grid, run_id, name, writer);
}

void tl_band_free(struct tl_band_writer *w)
{
    if (w == NULL)
        return;
    sqlite3_finalize(w->insert);
    tl_spread_drop(&w->sum);
    tl_free(w->rows);
    tl_free(w->block);
    tl_free(w);
}

static tl_err put_block(struct tl_ctx *ctx, struct tl_band_writer *w, int64_t first, int64_t n_y,
                        int64_t bx)
{
    const struct cut *cut = &w->cut;
    int64_t x0 = bx * cut->side_x, n_x = least(cut->side_x, cut->n_x - x0), n = 0;
    void *blob = NULL;
    tl_err err = TL_OK;
    for (int64_t y = 0; y < n_y; y++)
        memcpy(w->block + y * n_x, w->rows + y * cut->n_x + x0, (size_t)n_x * sizeof *w->block);
    TL_TRY(tl_blob_pack(ctx, w->block, 4 * n_x * n_y, 4, &blob, &n));
    sqlite3_bind_int64(w->insert, 1, w->band);
    sqlite3_bind_int64(w->insert, 2, first / cut->side_y * cut->blocks_x + bx);
    tl_sql_bind_blob(w->insert, 3, blob, n);
    TL_TRY(tl_sql_run(ctx, w->insert));
done:
    sqlite3_clear_bindings(w->insert);
    tl_free(blob);
    return err;
}

/* The rows that wait, as blocks. */
static tl_err put_blocks(struct tl_ctx *ctx, struct tl_band_writer *w)
{
    const struct cut *cut = &w->cut;
    int64_t first = (w->y - 1) / cut->side_y * cut->side_y;
    for (int64_t i = first * cut->n_x; i < w->y * cut->n_x; i++)
        tl_spread_add(&w->sum, i, w->rows[i - first * cut->n_x]);
    for (int64_t bx = 0; bx < cut->blocks_x; bx++) {
        tl_err err = put_block(ctx, w, first, w->y - first, bx);
        if (err != TL_OK)
            return err;
    }
    return TL_OK;
}

tl_err tl_band_rows(struct tl_ctx *ctx, struct tl_band_writer *w, int64_t n_rows,
                    const float *values)
{
    const struct cut *cut = &w->cut;
    tl_err err = TL_OK;
    if (n_rows < 0 || n_rows > cut->n_y - w->y)
        TL_THROW(ctx, TL_EBUG, "%lld rows of a band after %lld of %lld", (long long)n_rows,
                 (long long)w->y, (long long)cut->n_y);
    for (int64_t k = 0; k < n_rows; k++) {
        memcpy(w->rows + w->y % cut->side_y * cut->n_x, values + k * cut->n_x,
               (size_t)cut->n_x * sizeof *values);
        w->y++;
        if (w->y % cut->side_y == 0 || w->y == cut->n_y)
            TL_TRY(put_blocks(ctx, w));
    }
done:
    return err;
}

tl_err tl_band_finish(struct tl_ctx *ctx, struct tl_band_writer *w, double average)
{
    struct tl_spread spread;
    sqlite3_stmt *stmt = NULL;
    tl_err err = TL_OK;
    if (w->y != w->cut.n_y)
        TL_THROW(ctx, TL_EBUG, "a band of %lld rows, expected %lld", (long long)w->y,
                 (long long)w->cut.n_y);
    tl_spread_end(&w->sum, &spread);
    TL_TRY(tl_sql_prepare(ctx, w->db,
                          "UPDATE map_band SET least = ?2, most = ?3, least_positive = ?4, average "
                          "= ?5, quantiles = ?6 WHERE id = ?1",
                          &stmt));
    sqlite3_bind_int64(stmt, 1, w->band);
    tl_sql_bind_real(stmt, 2, spread.min);
    tl_sql_bind_real(stmt, 3, spread.max);
    tl_sql_bind_real(stmt, 4, spread.min_positive);
    tl_sql_bind_real(stmt, 5, average);
    tl_sql_bind_blob(stmt, 6, spread.quantiles, (int64_t)sizeof spread.quantiles);
    TL_TRY(tl_sql_run(ctx, stmt));
done:
    sqlite3_finalize(stmt);
    return err;
}

/* A row's number, NaN for NULL. */
static double real_of(sqlite3_stmt *stmt, int column)
{
    return sqlite3_column_type(stmt, column) == SQLITE_NULL ? (double)NAN
                                                            : sqlite3_column_double(stmt, column);
}

static tl_err no_band(struct tl_ctx *ctx, const struct tl_project *project, const char *name)
{
    return tl_fail(ctx, TL_ENOTFOUND, "%s: the latest map has no band \"%s\"", project->path, name);
}

tl_err tl_band_spread(struct tl_ctx *ctx, struct tl_project *project, const char *name,
                      struct tl_spread *spread, double *average)
{
    sqlite3_stmt *stmt = NULL;
    struct tl_spread made;
    bool row = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(ctx, project->db,
                          "SELECT least, most, least_positive, average, quantiles FROM map_band "
                          "WHERE name = ?1 AND run_id = (SELECT max(id) FROM map_run)",
                          &stmt));
    tl_sql_bind_text(stmt, 1, name);
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    if (!row)
        TL_TRY(no_band(ctx, project, name));
    if (sqlite3_column_bytes(stmt, 4) != (int)sizeof made.quantiles)
        TL_THROW(ctx, TL_EDATA, "%s: the band \"%s\" of the map is damaged", project->path, name);
    made.min = real_of(stmt, 0);
    made.max = real_of(stmt, 1);
    made.min_positive = real_of(stmt, 2);
    memcpy(made.quantiles, sqlite3_column_blob(stmt, 4), sizeof made.quantiles);
    if (average != NULL)
        *average = real_of(stmt, 3);
    *spread = made;
done:
    sqlite3_finalize(stmt);
    return err;
}

/* The part of a block that lies in a box. */
static void take_part(const struct cut *cut, int64_t number, const float *block,
                      const int64_t box[4], float *values)
{
    int64_t bx = number % cut->blocks_x * cut->side_x, by = number / cut->blocks_x * cut->side_y;
    int64_t n_x = least(cut->side_x, cut->n_x - bx), n_y = least(cut->side_y, cut->n_y - by);
    int64_t x0 = bx > box[0] ? bx : box[0], x1 = least(bx + n_x, box[0] + box[2]);
    int64_t y0 = by > box[1] ? by : box[1], y1 = least(by + n_y, box[1] + box[3]);
    for (int64_t y = y0; y < y1; y++)
        memcpy(values + (y - box[1]) * box[2] + x0 - box[0], block + (y - by) * n_x + x0 - bx,
               (size_t)(x1 - x0) * sizeof *values);
}

/* Numbers of the blocks that a box meets: rows of blocks first to last, of each columns west to east. */
struct met {
    int64_t west, east, first, last;
};

static struct met met_by(const struct cut *cut, const int64_t box[4])
{
    return (struct met){box[0] / cut->side_x, (box[0] + box[2] - 1) / cut->side_x,
                        box[1] / cut->side_y, (box[1] + box[3] - 1) / cut->side_y};
}

/* The statement that gives a box's blocks; those beside it are passed over by the index alone. */
static tl_err blocks_of(struct tl_ctx *ctx, struct tl_project *project, const char *name,
                        const struct cut *cut, const struct met *met, sqlite3_stmt **stmt)
{
    tl_err err = tl_sql_prepare(
        ctx, project->db,
        "SELECT k.number, k.\"values\" FROM map_band b JOIN map_block k ON k.band_id = b.id WHERE "
        "b.name = ?1 AND b.run_id = (SELECT max(id) FROM map_run) AND k.number BETWEEN ?2 AND ?3 "
        "AND k.number % ?4 BETWEEN ?5 AND ?6 ORDER BY k.number",
        stmt);
    if (err != TL_OK)
        return err;
    tl_sql_bind_text(*stmt, 1, name);
    sqlite3_bind_int64(*stmt, 2, met->first * cut->blocks_x + met->west);
    sqlite3_bind_int64(*stmt, 3, met->last * cut->blocks_x + met->east);
    sqlite3_bind_int64(*stmt, 4, cut->blocks_x);
    sqlite3_bind_int64(*stmt, 5, met->west);
    sqlite3_bind_int64(*stmt, 6, met->east);
    return TL_OK;
}

/* None of a box's blocks is there: no such band, or one that lost them. */
static tl_err missing(struct tl_ctx *ctx, struct tl_project *project, const char *name)
{
    struct tl_spread spread;
    tl_err err = tl_band_spread(ctx, project, name, &spread, NULL);
    return err != TL_OK ? err
                        : tl_fail(ctx, TL_EDATA, "%s: blocks of the band \"%s\" are missing",
                                  project->path, name);
}

tl_err tl_project_map_box(struct tl_ctx *ctx, struct tl_project *project, const char *name,
                          const int64_t box[4], float *values)
{
    const struct cut cut = cut_of(&project->grid);
    sqlite3_stmt *stmt = NULL;
    float *block = NULL;
    bool more = false;
    int64_t n = 0;
    tl_err err = TL_OK;
    if (box[0] < 0 || box[1] < 0 || box[2] < 1 || box[3] < 1 || box[2] > cut.n_x - box[0] ||
        box[3] > cut.n_y - box[1])
        TL_THROW(ctx, TL_EBUG, "a box that does not lie in the grid");
    const struct met met = met_by(&cut, box);
    TL_TRY_ALLOC(ctx, block, BLOCK_CELLS);
    TL_TRY(blocks_of(ctx, project, name, &cut, &met, &stmt));
    for (;; n++) {
        TL_TRY(tl_sql_step(ctx, stmt, &more));
        if (!more)
            break;
        int64_t number = sqlite3_column_int64(stmt, 0);
        int64_t n_x = least(cut.side_x, cut.n_x - number % cut.blocks_x * cut.side_x);
        int64_t n_y = least(cut.side_y, cut.n_y - number / cut.blocks_x * cut.side_y);
        TL_TRY(tl_blob_unpack(ctx, sqlite3_column_blob(stmt, 1), sqlite3_column_bytes(stmt, 1), 4,
                              block, 4 * n_x * n_y));
        take_part(&cut, number, block, box, values);
    }
    if (n != (met.east - met.west + 1) * (met.last - met.first + 1))
        TL_TRY(missing(ctx, project, name));
done:
    sqlite3_finalize(stmt);
    tl_free(block);
    return err;
}
