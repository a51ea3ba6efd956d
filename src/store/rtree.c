/*
 * The R-tree in bulk. Entries of new records wait in a queue; at the end of the transaction they go in along a Hilbert curve. When they are many beside what is there already, the whole tree is written anew, node by node and bottom up, into
 * the module's own tables (their form is documented in SQLite's R-tree manual, "Shadow tables", and checked by its rtreecheck()):
 * full nodes, near things together; 1.4 to 1.7 us an entry, where SQLite's own inserts took 8 us (200,000 random points). The queue sorts on disk when it must, so
 * memory stays flat.
 */
#include "store/store.h"

#include <math.h>
#include <string.h>

enum { PACK_MIN = 2000, CELL_BYTES = 24, CELLS_MAX = 51, LEVELS_MAX = 12, KEY_BITS = 16 };

/* Place of a point on the Hilbert curve over the whole world. */
static int64_t hilbert(double lon, double lat)
{
    double fx = (lon + 180.0) / 360.0, fy = (lat + 90.0) / 180.0;
    const uint32_t side = 1u << KEY_BITS;
    uint32_t x = (uint32_t)(fmin(fmax(fx, 0.0), 1.0) * (side - 1));
    uint32_t y = (uint32_t)(fmin(fmax(fy, 0.0), 1.0) * (side - 1));
    int64_t key = 0;
    for (uint32_t s = side / 2; s > 0; s /= 2) {
        uint32_t rx = (x & s) > 0, ry = (y & s) > 0;
        key += (int64_t)s * s * ((3 * rx) ^ ry);
        if (ry == 0) {
            if (rx == 1) {
                x = side - 1 - x;
                y = side - 1 - y;
            }
            uint32_t t = x;
            x = y;
            y = t;
        }
    }
    return key;
}

/* Rounded outwards, so that the single-precision box holds the double one. */
static float down(double value)
{
    float f = (float)value;
    return (double)f > value ? nextafterf(f, -INFINITY) : f;
}

static float up(double value)
{
    float f = (float)value;
    return (double)f < value ? nextafterf(f, INFINITY) : f;
}

static tl_err add(struct tl_ctx *ctx, struct tl_rtree *rtree, int64_t id,
                  const struct tl_gpb_box *box)
{
    struct tl_queue_entry entry = {
        .key = hilbert((box->west + box->east) / 2, (box->south + box->north) / 2),
        .id = id,
        .box = {down(box->west), up(box->east), down(box->south), up(box->north)}};
    return tl_queue_add(ctx, &rtree->queue, &entry);
}

tl_err tl_rtree_queue(struct tl_ctx *ctx, struct tl_rtree *rtree, int64_t id,
                      const struct tl_gpb_box *box)
{
    tl_err err = TL_OK;
    if (box->west > box->east) /* empty */
        return TL_OK;
    TL_TRY(add(ctx, rtree, id, box));
    rtree->min_id = rtree->n == 0 || id < rtree->min_id ? id : rtree->min_id;
    rtree->max_id = rtree->n == 0 || id > rtree->max_id ? id : rtree->max_id;
    rtree->n++;
done:
    return err;
}

/* One open node a level, filled from the left; closed nodes are on disk. */
struct level {
    uint8_t cells[CELLS_MAX * CELL_BYTES];
    int n;
    int64_t node;     /* number of the open node */
    int64_t n_closed; /* nodes of this level that are written */
    float box[4];     /* of the open node: min x, max x, min y, max y */
};

struct packer {
    struct tl_ctx *ctx;
    sqlite3_stmt *node, *rowid, *parent;
    int64_t next_node;
    int capacity, node_bytes, n_levels;
    struct level levels[LEVELS_MAX];
};

static void put_u32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void put_float(uint8_t *at, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, 4);
    put_u32(at, bits);
}

static tl_err write_node(struct packer *p, const struct level *level, int64_t number, int depth)
{
    uint8_t data[4 + CELLS_MAX * CELL_BYTES] = {0};
    data[0] = (uint8_t)(depth >> 8);
    data[1] = (uint8_t)depth;
    data[3] = (uint8_t)level->n;
    memcpy(data + 4, level->cells, (size_t)level->n * CELL_BYTES);
    sqlite3_bind_int64(p->node, 1, number);
    tl_sql_bind_blob(p->node, 2, data, p->node_bytes);
    return tl_sql_run(p->ctx, p->node);
}

static tl_err push(struct packer *p, int l, int64_t id, const float box[4]);

/* Writes the open node of a level and hangs it into the level above. */
static tl_err close_node(struct packer *p, int l)
{
    struct level *level = &p->levels[l];
    tl_err err = write_node(p, level, level->node, 0);
    if (err == TL_OK)
        err = push(p, l + 1, level->node, level->box);
    level->n = 0;
    level->n_closed++;
    return err;
}

static tl_err push(struct packer *p, int l, int64_t id, const float box[4])
{
    struct level *level = &p->levels[l];
    tl_err err = TL_OK;
    TL_ASSERT(p->ctx, l < LEVELS_MAX);
    p->n_levels = l + 1 > p->n_levels ? l + 1 : p->n_levels;
    if (level->n == p->capacity)
        TL_TRY(close_node(p, l));
    if (level->n == 0) {
        level->node = p->next_node++;
        memcpy(level->box, box, sizeof level->box);
    }
    uint8_t *cell = level->cells + level->n * CELL_BYTES;
    put_u32(cell, (uint32_t)((uint64_t)id >> 32));
    put_u32(cell + 4, (uint32_t)id);
    for (int i = 0; i < 4; i++) {
        put_float(cell + 8 + 4 * i, box[i]);
        bool wider = i % 2 == 0 ? box[i] < level->box[i] : box[i] > level->box[i];
        level->box[i] = wider ? box[i] : level->box[i];
    }
    level->n++;
    sqlite3_stmt *stmt = l == 0 ? p->rowid : p->parent;
    sqlite3_bind_int64(stmt, 1, id);
    sqlite3_bind_int64(stmt, 2, level->node);
    TL_TRY(tl_sql_run(p->ctx, stmt));
done:
    return err;
}

/* Closes levels from below until one has a single node: that is the root, and the root is node 1. */
static tl_err finish(struct packer *p, sqlite3 *db, const char *table)
{
    tl_err err = TL_OK;
    int l = 0;
    for (; p->levels[l].n_closed > 0; l++)
        TL_TRY(close_node(p, l));
    TL_TRY(write_node(p, &p->levels[l], 1, l));
    TL_TRY(tl_sql_execf(p->ctx, db, "UPDATE \"rtree_%w_geom_%s = 1 WHERE %s = %lld", table,
                        l == 0 ? "rowid\" SET nodeno" : "parent\" SET parentnode",
                        l == 0 ? "nodeno" : "parentnode", (long long)p->levels[l].node));
done:
    return err;
}

/* Size of the module's nodes, as its own root shows it. */
static tl_err node_size(struct tl_ctx *ctx, sqlite3 *db, const char *table, int *node_bytes)
{
    int64_t found = 0;
    char *sql =
        sqlite3_mprintf("SELECT length(data) FROM \"rtree_%w_geom_node\" WHERE nodeno = 1", table);
    tl_err err = TL_OK;
    if (sql == NULL)
        return tl_fail(ctx, TL_ENOMEM, "no memory for a statement");
    TL_TRY(tl_sql_int(ctx, db, sql, 0, &found));
    if (found < 4 + 2 * CELL_BYTES || found > 4 + CELLS_MAX * CELL_BYTES)
        TL_THROW(ctx, TL_EDATA, "the R-tree of %s has nodes of %lld bytes", table,
                 (long long)found);
    *node_bytes = (int)found;
done:
    sqlite3_free(sql);
    return err;
}

static tl_err empty(struct tl_ctx *ctx, sqlite3 *db, const char *table)
{
    return tl_sql_execf(
        ctx, db,
        "DELETE FROM \"rtree_%w_geom_node\"; DELETE FROM \"rtree_%w_geom_rowid\"; DELETE "
        "FROM \"rtree_%w_geom_parent\"",
        table, table, table);
}

tl_err tl_rtree_clear(struct tl_ctx *ctx, sqlite3 *db, const char *table)
{
    int node_bytes = 0;
    tl_err err = TL_OK;
    TL_TRY(node_size(ctx, db, table, &node_bytes));
    TL_TRY(empty(ctx, db, table));
    TL_TRY(tl_sql_execf(ctx, db, "INSERT INTO \"rtree_%w_geom_node\" VALUES (1, zeroblob(%d))",
                        table, node_bytes));
done:
    return err;
}

static tl_err start(struct packer *p, sqlite3 *db, const char *table)
{
    tl_err err = TL_OK;
    TL_TRY(node_size(p->ctx, db, table, &p->node_bytes));
    p->capacity = (p->node_bytes - 4) / CELL_BYTES;
    p->next_node = 2;
    TL_TRY(empty(p->ctx, db, table));
    TL_TRY(tl_sql_preparef(p->ctx, db, &p->node,
                           "INSERT INTO \"rtree_%w_geom_node\" VALUES (?1, ?2)", table));
    TL_TRY(tl_sql_preparef(p->ctx, db, &p->rowid,
                           "INSERT INTO \"rtree_%w_geom_rowid\" VALUES (?1, ?2)", table));
    TL_TRY(tl_sql_preparef(p->ctx, db, &p->parent,
                           "INSERT INTO \"rtree_%w_geom_parent\" VALUES (?1, ?2)", table));
done:
    return err;
}

/* What is in the tree already joins the queue. */
static tl_err take_back(struct tl_ctx *ctx, sqlite3 *db, struct tl_rtree *rtree)
{
    sqlite3_stmt *stmt = NULL;
    bool more = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_preparef(
        ctx, db, &stmt, "SELECT id, minx, maxx, miny, maxy FROM \"rtree_%w_geom\"", rtree->table));
    for (;;) {
        TL_TRY(tl_sql_step(ctx, stmt, &more));
        if (!more)
            break;
        struct tl_gpb_box box = {sqlite3_column_double(stmt, 1), sqlite3_column_double(stmt, 2),
                                 sqlite3_column_double(stmt, 3), sqlite3_column_double(stmt, 4)};
        TL_TRY(add(ctx, rtree, sqlite3_column_int64(stmt, 0), &box));
    }
done:
    sqlite3_finalize(stmt);
    return err;
}

static tl_err pack(struct tl_ctx *ctx, sqlite3 *db, struct tl_rtree *rtree)
{
    struct packer *p = NULL;
    struct tl_queue_entry entry;
    bool more = false;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, p, 1);
    p->ctx = ctx;
    TL_TRY(take_back(ctx, db, rtree));
    TL_TRY(start(p, db, rtree->table));
    TL_TRY(tl_queue_rewind(ctx, &rtree->queue));
    for (;;) {
        TL_TRY(tl_queue_next(ctx, &rtree->queue, &entry, &more));
        if (!more)
            break;
        TL_TRY(push(p, 0, entry.id, entry.box));
    }
    TL_TRY(finish(p, db, rtree->table));
done:
    if (p != NULL) {
        sqlite3_finalize(p->node);
        sqlite3_finalize(p->rowid);
        sqlite3_finalize(p->parent);
    }
    tl_free(p);
    return err;
}

/* A few entries beside many: through the module, one by one. */
static tl_err insert(struct tl_ctx *ctx, sqlite3 *db, struct tl_rtree *rtree)
{
    sqlite3_stmt *stmt = NULL;
    struct tl_queue_entry entry;
    bool more = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_preparef(ctx, db, &stmt,
                           "INSERT OR REPLACE INTO \"rtree_%w_geom\" VALUES (?1, ?2, ?3, ?4, ?5)",
                           rtree->table));
    TL_TRY(tl_queue_rewind(ctx, &rtree->queue));
    for (;;) {
        TL_TRY(tl_queue_next(ctx, &rtree->queue, &entry, &more));
        if (!more)
            break;
        sqlite3_bind_int64(stmt, 1, entry.id);
        for (int i = 0; i < 4; i++)
            sqlite3_bind_double(stmt, 2 + i, (double)entry.box[i]);
        TL_TRY(tl_sql_run(ctx, stmt));
    }
done:
    sqlite3_finalize(stmt);
    return err;
}

void tl_rtree_fini(struct tl_rtree *rtree)
{
    tl_queue_fini(&rtree->queue);
    rtree->n = 0;
}

tl_err tl_rtree_flush(struct tl_ctx *ctx, sqlite3 *db, struct tl_rtree *rtree)
{
    char *sql = NULL;
    int64_t n_there = 0;
    tl_err err = TL_OK;
    if (rtree->n == 0)
        return TL_OK;
    sql = sqlite3_mprintf("SELECT count(*) FROM \"rtree_%w_geom_rowid\"", rtree->table);
    if (sql == NULL)
        TL_THROW(ctx, TL_ENOMEM, "no memory for a statement");
    TL_TRY(tl_sql_int(ctx, db, sql, 0, &n_there));
    if (rtree->n >= PACK_MIN && rtree->n >= n_there / 4)
        TL_TRY(pack(ctx, db, rtree));
    else
        TL_TRY(insert(ctx, db, rtree));
    tl_rtree_fini(rtree);
done:
    sqlite3_free(sql);
    return err;
}
