/*
 * Which searches lie over which ground: the exact arrangement of polygons within every cell.
 *
 * The grid is worked through in bands of rows, so that memory is bounded by a band. A cell that polygons cover wholly or not at
 * all is one class; with one partial cover there are two, by its area. With several, the arrangement of their edges within
 * the cell is resolved exactly: the cell is cut into slabs at every end and every crossing of edges; within a slab edges do
 * not cross, so between two neighbours lies a trapezoid over which the set of polygons is the same, and whose area is its width
 * at mid-height times the slab's height. The trapezoids tile the cell whatever the rounding, so the classes of a cell add up to it
 * by construction, and there is no overlay to fail on slivers or shared edges. Trapezoids of one set become one class.
 *
 * What of a polygon lies at a cell's west side comes as a profile: the stretches of that side which are inside, kept
 * along the row from cell to cell. They enter as edges along the side itself.
 *
 * Cost: O(boundary pieces log + cells x polygons over them); in a cell with n edges of several polygons, O(n (a + x))
 * where a is the number of edges in a slab and x the number of crossings.
 */
#include "geo/cover.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "geo/cover_edges.h"

static const double NOISE = 1e-12;
enum { BAND_CELLS = 1 << 18 };

struct edge { /* in units of the cell; v0 < v1 */
    double u0, v0, u1, v1;
    int32_t sign, who;
};

struct record {   /* a polygon on a cell */
    int64_t next; /* next record of the cell, -1 at the end */
    int64_t search;
    double share;     /* of the cell */
    int64_t first, n; /* its edges, n = 0 for a whole cell */
};

struct active {
    int64_t edge;
    double u;
};

/* Growing arrays of one kind each; all owned by the work below. */
struct records {
    struct record *items;
    int64_t n, room;
};
struct edges {
    struct edge *items;
    int64_t n, room;
};
struct numbers {
    double *items;
    int64_t n, room;
};
struct actives {
    struct active *items;
    int64_t n, room;
};

struct class
{ /* of the cell at hand */
    double share;
    int64_t first; /* its set, as bits over the partial polygons of the cell */
    uint64_t sum;  /* of the set, to tell sets apart fast */
};
struct classes {
    struct class *items;
    int64_t n, room;
};
struct words {
    uint64_t *items;
    int64_t n, room;
};

struct work {
    struct tl_ctx *ctx;         /* borrows */
    const struct tl_grid *grid; /* borrows */
    const struct tl_cover_search *searches;
    tl_cover_class_fn fn;
    void *user;
    struct tl_cover_shape *shapes; /* owns: [n_searches] */
    int64_t n_searches;
    int64_t *head; /* owns: [cells of a band] */
    int64_t row_first, row_end;
    struct records records;
    struct edges band_edges; /* of the records */
    struct edges cell_edges; /* of the cell being resolved */
    struct edges profile, merged;
    struct numbers cuts;
    struct actives active;
    struct tl_cover_pieces pieces;
    struct classes classes; /* of the cell being resolved */
    struct words sets;      /* their sets */
    uint64_t *here;         /* owns: set at the place being looked at */
    int64_t n_words;        /* of a set */
    int64_t *whole;         /* owns: polygons that cover the cell wholly, ascending */
    int64_t n_whole, room_whole;
    int64_t *set;     /* owns: polygons of the class being told */
    int64_t *partial; /* owns: polygon of each partial record of the cell, ascending */
    int32_t *winding; /* owns: the same */
    int64_t n_partial, room_partial;
};

/* Makes room for one more element. */
#define TRY_ROOM(w, array)                                                                         \
    do {                                                                                           \
        if ((array)->n == (array)->room) {                                                         \
            int64_t room_ = (array)->room < 8 ? 16 : 2 * (array)->room;                            \
            void *grown_ =                                                                         \
                tl_regrow((w)->ctx, (array)->items, (array)->n, room_, sizeof *(array)->items);    \
            if (grown_ == NULL)                                                                    \
                return TL_ENOMEM;                                                                  \
            (array)->items = grown_;                                                               \
            (array)->room = room_;                                                                 \
        }                                                                                          \
    } while (0)

static tl_err add_edge(struct work *w, struct edges *edges, struct edge edge)
{
    TRY_ROOM(w, edges);
    edges->items[edges->n++] = edge;
    return TL_OK;
}

static tl_err add_record(struct work *w, int64_t cell, struct record record)
{
    TRY_ROOM(w, &w->records);
    record.next = w->head[cell];
    w->head[cell] = w->records.n;
    w->records.items[w->records.n++] = record;
    return TL_OK;
}

static tl_err add_cut(struct work *w, double v)
{
    TRY_ROOM(w, &w->cuts);
    w->cuts.items[w->cuts.n++] = v;
    return TL_OK;
}

/* One cell with several partial searches. */

static int by_top(const void *a, const void *b)
{
    const struct edge *p = a, *q = b;
    if (p->v0 != q->v0)
        return p->v0 < q->v0 ? -1 : 1;
    if (p->u0 != q->u0)
        return p->u0 < q->u0 ? -1 : 1;
    return (p->who > q->who) - (p->who < q->who);
}

static int by_value(const void *a, const void *b)
{
    double p = *(const double *)a, q = *(const double *)b;
    return (p > q) - (p < q);
}

static double edge_at(const struct edge *e, double v)
{
    double u = e->u0 + (v - e->v0) / (e->v1 - e->v0) * (e->u1 - e->u0);
    return fmin(fmax(u, fmin(e->u0, e->u1)), fmax(e->u0, e->u1));
}

/* Height at which two edges cross, NaN when they do not within both. */
static double crossing(const struct edge *a, const struct edge *b)
{
    double top = fmax(a->v0, b->v0), bottom = fmin(a->v1, b->v1);
    double d0 = edge_at(a, top) - edge_at(b, top), d1 = edge_at(a, bottom) - edge_at(b, bottom);
    if (!((d0 < 0.0 && d1 > 0.0) || (d0 > 0.0 && d1 < 0.0)))
        return NAN;
    return top + (bottom - top) * (d0 / (d0 - d1));
}

static tl_err collect_cuts(struct work *w)
{
    tl_err err = TL_OK;
    const struct edge *e = w->cell_edges.items;
    int64_t n = w->cell_edges.n;
    w->cuts.n = 0;
    TL_TRY(add_cut(w, 0.0));
    TL_TRY(add_cut(w, 1.0));
    for (int64_t i = 0; i < n; i++) {
        TL_TRY(add_cut(w, e[i].v0));
        TL_TRY(add_cut(w, e[i].v1));
        for (int64_t j = i + 1; j < n && e[j].v0 < e[i].v1; j++) {
            double v = e[i].who == e[j].who ? NAN : crossing(&e[i], &e[j]);
            if (!isnan(v))
                TL_TRY(add_cut(w, v));
        }
    }
    qsort(w->cuts.items, (size_t)w->cuts.n, sizeof *w->cuts.items, by_value);
done:
    return err;
}

/* Edges that span the slab, with their place at its middle, from west to east (nearly sorted from the slab above). */
static tl_err update_active(struct work *w, double top, double bottom, int64_t *next_edge)
{
    const struct edge *e = w->cell_edges.items;
    struct actives *a = &w->active;
    int64_t kept = 0;
    for (int64_t k = 0; k < a->n; k++)
        if (e[a->items[k].edge].v1 >= bottom)
            a->items[kept++] = a->items[k];
    a->n = kept;
    for (; *next_edge < w->cell_edges.n && e[*next_edge].v0 <= top; (*next_edge)++) {
        if (e[*next_edge].v1 < bottom)
            continue;
        TRY_ROOM(w, a);
        a->items[a->n++] = (struct active){*next_edge, 0.0};
    }
    for (int64_t k = 0; k < a->n; k++) {
        struct active moved = a->items[k];
        moved.u = edge_at(&e[moved.edge], 0.5 * (top + bottom));
        int64_t at = k;
        for (; at > 0 && a->items[at - 1].u > moved.u; at--)
            a->items[at] = a->items[at - 1];
        a->items[at] = moved;
    }
    return TL_OK;
}

static uint64_t mixed(uint64_t bit)
{
    bit =
        (bit + 1) *
        0x9e3779b97f4a7c15u; /* splitmix64: sums of such numbers tell sets apart but once in 2^64 */
    bit = (bit ^ (bit >> 30)) * 0xbf58476d1ce4e5b9u;
    bit = (bit ^ (bit >> 27)) * 0x94d049bb133111ebu;
    return bit ^ (bit >> 31);
}

/* Adds area to the class of the set at hand. */
static tl_err add_class(struct work *w, uint64_t sum, double share)
{
    size_t bytes = (size_t)w->n_words * sizeof *w->here;
    if (!(share > 0.0))
        return TL_OK;
    for (int64_t k = w->classes.n - 1; k >= 0; k--)
        if (w->classes.items[k].sum == sum &&
            memcmp(w->sets.items + w->classes.items[k].first, w->here, bytes) == 0) {
            w->classes.items[k].share += share;
            return TL_OK;
        }
    TRY_ROOM(w, &w->classes);
    int64_t first = w->sets.n;
    for (int64_t k = 0; k < w->n_words; k++) {
        TRY_ROOM(w, &w->sets);
        w->sets.items[w->sets.n++] = w->here[k];
    }
    w->classes.items[w->classes.n++] = (struct class){share, first, sum};
    return TL_OK;
}

static tl_err slab_classes(struct work *w, double height)
{
    tl_err err = TL_OK;
    double at = 0.0;
    uint64_t sum = 0;
    memset(w->here, 0, (size_t)w->n_words * sizeof *w->here);
    for (int64_t k = 0; k < w->active.n; k++) {
        const struct edge *e = &w->cell_edges.items[w->active.items[k].edge];
        double u = fmin(fmax(w->active.items[k].u, at), 1.0);
        TL_TRY(add_class(w, sum, height * (u - at)));
        at = u;
        bool was = w->winding[e->who] != 0;
        w->winding[e->who] += e->sign;
        bool is = w->winding[e->who] != 0;
        if (was != is) {
            w->here[e->who / 64] ^= (uint64_t)1 << (e->who % 64);
            sum = is ? sum + mixed((uint64_t)e->who) : sum - mixed((uint64_t)e->who);
        }
    }
    err = add_class(w, sum, height * (1.0 - at));
done:
    for (int64_t k = 0; k < w->active.n; k++)
        w->winding[w->cell_edges.items[w->active.items[k].edge].who] = 0;
    return err;
}

static tl_err resolve_cell(struct work *w)
{
    tl_err err = TL_OK;
    int64_t next_edge = 0;
    qsort(w->cell_edges.items, (size_t)w->cell_edges.n, sizeof *w->cell_edges.items, by_top);
    TL_TRY(collect_cuts(w));
    w->active.n = 0;
    for (int64_t k = 0; k + 1 < w->cuts.n; k++) {
        double top = w->cuts.items[k], bottom = w->cuts.items[k + 1];
        if (!(bottom > top))
            continue;
        TL_TRY(update_active(w, top, bottom, &next_edge));
        TL_TRY(slab_classes(w, bottom - top));
    }
done:
    return err;
}

/* Room for the polygons of a cell: n_whole and n_partial are upper bounds of what follows. */
static tl_err make_room(struct work *w, int64_t n_whole, int64_t n_partial)
{
    tl_err err = TL_OK;
    if (n_whole + n_partial > w->room_whole) {
        w->room_whole = 0;
        tl_free(w->whole);
        tl_free(w->set);
        w->whole = w->set = NULL;
        TL_TRY_ALLOC(w->ctx, w->whole, 2 * (n_whole + n_partial) + 16);
        TL_TRY_ALLOC(w->ctx, w->set, 2 * (n_whole + n_partial) + 16);
        w->room_whole = 2 * (n_whole + n_partial) + 16;
    }
    if (n_partial > w->room_partial) {
        w->room_partial = 0;
        tl_free(w->partial);
        tl_free(w->winding);
        tl_free(w->here);
        w->partial = NULL;
        w->winding = NULL;
        w->here = NULL;
        TL_TRY_ALLOC(w->ctx, w->partial, 2 * n_partial + 16);
        TL_TRY_ALLOC(w->ctx, w->winding, 2 * n_partial + 16);
        TL_TRY_ALLOC(w->ctx, w->here, (2 * n_partial + 16) / 64 + 1);
        w->room_partial = 2 * n_partial + 16;
    }
done:
    return err;
}

/* Polygons of a cell. Its list has the last first, so the arrays are filled from their ends. */
static tl_err gather_cell(struct work *w, int64_t cell)
{
    tl_err err = TL_OK;
    int64_t n_whole = 0, n_partial = 0;
    for (int64_t k = w->head[cell]; k >= 0; k = w->records.items[k].next)
        *(w->records.items[k].n == 0 ? &n_whole : &n_partial) += 1;
    TL_TRY(make_room(w, n_whole, n_partial));
    w->n_whole = n_whole;
    w->n_partial = n_partial;
    w->n_words = n_partial / 64 + 1;
    w->cell_edges.n = w->classes.n = w->sets.n = 0;
    for (int64_t k = w->head[cell]; k >= 0; k = w->records.items[k].next) {
        const struct record r = w->records.items[k];
        if (r.n == 0) {
            w->whole[--n_whole] = r.search;
            continue;
        }
        w->partial[--n_partial] = r.search;
        for (int64_t i = 0; i < r.n && w->n_partial > 1; i++) {
            struct edge e = w->band_edges.items[r.first + i];
            e.who = (int32_t)n_partial;
            TL_TRY(add_edge(w, &w->cell_edges, e));
        }
    }
done:
    return err;
}

static tl_err tell_class(struct work *w, int64_t cell, const uint64_t *bits, double share)
{
    int64_t n = 0, i = 0;
    for (int64_t p = 0; p < w->n_partial; p++) {
        if ((bits[p / 64] >> (p % 64) & 1) == 0)
            continue;
        for (; i < w->n_whole && w->whole[i] < w->partial[p]; i++)
            w->set[n++] = w->whole[i];
        w->set[n++] = w->partial[p];
    }
    for (; i < w->n_whole; i++)
        w->set[n++] = w->whole[i];
    return w->fn(w->user, cell, share, n, w->set);
}

static tl_err do_cell(struct work *w, int64_t at, int64_t cell)
{
    tl_err err = TL_OK;
    const uint64_t none = 0, one = 1;
    TL_TRY(gather_cell(w, at));
    if (w->n_partial == 0)
        return tell_class(w, cell, &none, 1.0);
    if (w->n_partial == 1) {
        double share = 0.0;
        for (int64_t k = w->head[at]; k >= 0; k = w->records.items[k].next)
            share += w->records.items[k].n > 0 ? w->records.items[k].share : 0.0;
        if (share < 1.0)
            TL_TRY(tell_class(w, cell, &none, 1.0 - share));
        return share > 0.0 ? tell_class(w, cell, &one, share) : TL_OK;
    }
    TL_TRY(resolve_cell(w));
    for (int64_t k = 0; k < w->classes.n; k++)
        TL_TRY(tell_class(w, cell, w->sets.items + w->classes.items[k].first,
                          w->classes.items[k].share));
done:
    return err;
}

/* One search on a band. */

/* Adds the pieces of a cell to the profile at its west side: the profile at its east side. */
static tl_err advance_profile(struct work *w, int64_t first, int64_t end)
{
    tl_err err = TL_OK;
    const struct tl_cover_piece *p = w->pieces.items;
    w->merged.n = 0;
    w->cuts.n = 0;
    for (int64_t k = first; k < end; k++)
        TL_TRY(add_edge(w, &w->profile, (struct edge){0.0, p[k].v0, 0.0, p[k].v1, p[k].sign, 0}));
    for (int64_t k = 0; k < w->profile.n; k++) {
        TL_TRY(add_cut(w, w->profile.items[k].v0));
        TL_TRY(add_cut(w, w->profile.items[k].v1));
    }
    qsort(w->cuts.items, (size_t)w->cuts.n, sizeof *w->cuts.items, by_value);
    qsort(w->profile.items, (size_t)w->profile.n, sizeof *w->profile.items, by_top);
    for (int64_t k = 0; k + 1 < w->cuts.n; k++) {
        double top = w->cuts.items[k], bottom = w->cuts.items[k + 1];
        int32_t winding = 0;
        if (!(bottom > top))
            continue;
        for (int64_t j = 0; j < w->profile.n && w->profile.items[j].v0 <= top; j++)
            winding += w->profile.items[j].v1 >= bottom ? w->profile.items[j].sign : 0;
        struct edge *last = w->merged.n > 0 ? &w->merged.items[w->merged.n - 1] : NULL;
        if (winding != 0 && last != NULL && last->v1 == top)
            last->v1 = bottom;
        else if (winding != 0)
            TL_TRY(add_edge(w, &w->merged, (struct edge){0.0, top, 0.0, bottom, 1, 0}));
    }
    struct edges swap = w->profile;
    w->profile = w->merged;
    w->merged = swap;
done:
    return err;
}

/* Stores the profile (and pieces, for a cell with some) as a record's edges. */
static tl_err store_edges(struct work *w, int64_t first, int64_t end, struct record *record)
{
    tl_err err = TL_OK;
    record->first = w->band_edges.n;
    for (int64_t k = 0; k < w->profile.n && err == TL_OK; k++)
        err = add_edge(w, &w->band_edges, w->profile.items[k]);
    for (int64_t k = first; k < end && err == TL_OK; k++) {
        const struct tl_cover_piece *p = &w->pieces.items[k];
        err = add_edge(w, &w->band_edges, (struct edge){p->u0, p->v0, p->u1, p->v1, p->sign, 0});
    }
    record->n = w->band_edges.n - record->first;
    return err;
}

static double profile_share(const struct work *w)
{
    double sum = 0.0;
    for (int64_t k = 0; k < w->profile.n; k++)
        sum += w->profile.items[k].v1 - w->profile.items[k].v0;
    return sum;
}

/* Cells from `cell` to `end` of a row without pieces: the profile goes straight through them. */
static tl_err add_run(struct work *w, int64_t search, int64_t cell, int64_t end)
{
    tl_err err = TL_OK;
    double share = profile_share(w);
    if (share < NOISE || cell >= end)
        return TL_OK;
    struct record record = {.search = search, .share = share > 1.0 - NOISE ? 1.0 : share};
    if (record.share < 1.0)
        err = store_edges(w, 0, 0, &record);
    for (; cell < end && err == TL_OK; cell++)
        err = add_record(w, cell, record);
    return err;
}

static tl_err add_search(struct work *w, int64_t search)
{
    tl_err err = TL_OK;
    int64_t n_x = w->grid->n_x;
    TL_TRY(tl_cover_walk(w->ctx, &w->shapes[search], n_x, w->row_first, w->row_end, &w->pieces));
    const struct tl_cover_piece *p = w->pieces.items;
    w->profile.n = 0;
    for (int64_t k = 0; k < w->pieces.n;) {
        int64_t cell = p[k].cell, first = k;
        struct record record = {.search = search, .share = profile_share(w)};
        for (; k < w->pieces.n && p[k].cell == cell; k++)
            record.share += tl_cover_piece_own(&p[k]);
        record.share = fmin(fmax(record.share, 0.0), 1.0);
        if (record.share < 1.0 - NOISE)
            TL_TRY(store_edges(w, first, k, &record));
        TL_TRY(add_record(w, cell, record));
        TL_TRY(advance_profile(w, first, k));
        int64_t row_end = (cell / n_x + 1) * n_x;
        bool ends = k == w->pieces.n || p[k].cell >= row_end;
        TL_TRY(add_run(w, search, cell + 1, ends ? row_end : p[k].cell));
        if (ends)
            w->profile.n = 0;
    }
done:
    return err;
}

static tl_err do_band(struct work *w)
{
    tl_err err = TL_OK;
    int64_t n = (w->row_end - w->row_first) * w->grid->n_x, base = w->row_first * w->grid->n_x;
    for (int64_t i = 0; i < n; i++)
        w->head[i] = -1;
    w->records.n = w->band_edges.n = 0;
    for (int64_t s = 0; s < w->n_searches; s++)
        if (w->shapes[s].v_max > (double)w->row_first && w->shapes[s].v_min < (double)w->row_end)
            TL_TRY(add_search(w, s));
    for (int64_t i = 0; i < n; i++)
        if (w->head[i] >= 0)
            TL_TRY(do_cell(w, i, base + i));
done:
    return err;
}

static tl_err prepare(struct work *w, int64_t band_rows)
{
    tl_err err = TL_OK;
    TL_TRY_ALLOC(w->ctx, w->shapes, w->n_searches);
    TL_TRY_ALLOC(w->ctx, w->head, band_rows * w->grid->n_x);
    for (int64_t s = 0; s < w->n_searches; s++) {
        err = tl_cover_shape_init(w->ctx, w->grid, w->searches[s].wkb, w->searches[s].wkb_bytes,
                                  &w->shapes[s]);
        if (err != TL_OK)
            return tl_fail_at(w->ctx, err, "search %lld", (long long)s);
    }
done:
    return err;
}

static void work_fini(struct work *w)
{
    for (int64_t s = 0; s < w->n_searches && w->shapes != NULL; s++)
        tl_cover_shape_fini(&w->shapes[s]);
    tl_free(w->shapes);
    tl_free(w->head);
    tl_free(w->records.items);
    tl_free(w->band_edges.items);
    tl_free(w->cell_edges.items);
    tl_free(w->profile.items);
    tl_free(w->merged.items);
    tl_free(w->cuts.items);
    tl_free(w->active.items);
    tl_free(w->pieces.items);
    tl_free(w->classes.items);
    tl_free(w->sets.items);
    tl_free(w->here);
    tl_free(w->whole);
    tl_free(w->set);
    tl_free(w->partial);
    tl_free(w->winding);
}

tl_err tl_cover_classes_rows(struct tl_ctx *ctx, const struct tl_grid *grid, int64_t row_first,
                             int64_t row_end, int64_t n_searches,
                             const struct tl_cover_search *searches, tl_cover_class_fn fn,
                             void *user)
{
    tl_err err = TL_OK;
    struct work w = {.ctx = ctx,
                     .grid = grid,
                     .searches = searches,
                     .n_searches = n_searches,
                     .fn = fn,
                     .user = user};
    int64_t band_rows = BAND_CELLS / grid->n_x < 1 ? 1 : BAND_CELLS / grid->n_x;
    band_rows = band_rows > row_end - row_first ? row_end - row_first : band_rows;
    TL_TRY(prepare(&w, band_rows));
    for (int64_t row = row_first; row < row_end; row += band_rows) {
        TL_TRY(tl_cancelled(ctx));
        w.row_first = row;
        w.row_end = row + band_rows < row_end ? row + band_rows : row_end;
        TL_TRY(do_band(&w));
    }
done:
    work_fini(&w);
    return err;
}

tl_err tl_cover_classes(struct tl_ctx *ctx, const struct tl_grid *grid, int64_t n_searches,
                        const struct tl_cover_search *searches, tl_cover_class_fn fn, void *user)
{
    return tl_cover_classes_rows(ctx, grid, 0, grid->n_y, n_searches, searches, fn, user);
}
