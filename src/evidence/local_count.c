/* Counts: which items and accidents are counted in which cell of the window, by which search, or met by people. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/effort.h"
#include "evidence/local_base.h"

struct numbers {
    int64_t *items; /* owns */
    int64_t n, room;
};

static tl_err add_number(struct tl_ctx *ctx, struct numbers *numbers, int64_t i)
{
    if (numbers->n == numbers->room) {
        int64_t room = numbers->room == 0 ? 64 : 2 * numbers->room;
        int64_t *grown = tl_regrow(ctx, numbers->items, numbers->n, room, sizeof *grown);
        if (grown == NULL)
            return TL_ENOMEM;
        numbers->items = grown;
        numbers->room = room;
    }
    numbers->items[numbers->n++] = i;
    return TL_OK;
}

static int by_number(const void *a, const void *b)
{
    int64_t p = *(const int64_t *)a, q = *(const int64_t *)b;
    return (p > q) - (p < q);
}

static void sort_once(struct numbers *numbers)
{
    int64_t n = 0;
    if (numbers->n > 1)
        qsort(numbers->items, (size_t)numbers->n, sizeof *numbers->items, by_number);
    for (int64_t k = 0; k < numbers->n; k++)
        if (k == 0 || numbers->items[k] != numbers->items[n - 1])
            numbers->items[n++] = numbers->items[k];
    numbers->n = n;
}

/* Records in a box; points are sorted from west to east. */
static tl_err add_in_box(struct tl_ctx *ctx, const struct tl_local_base *base, enum tl_kind kind,
                         const double box[4], struct numbers *numbers)
{
    tl_err err = TL_OK;
    const struct tl_gather_point *points = base->g.points[kind];
    int64_t low = 0, high = base->g.n[kind];
    while (low < high) { /* first that is not west of the box; NaN comes last */
        int64_t middle = (low + high) / 2;
        if (points[middle].x_m < box[0])
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < base->g.n[kind] && points[low].x_m <= box[2]; low++)
        if (points[low].y_m >= box[1] && points[low].y_m <= box[3])
            TL_TRY(add_number(ctx, numbers, low));
done:
    return err;
}

/* Items that name a search. */
static tl_err add_named(struct tl_ctx *ctx, const struct tl_local_base *base, const char *name,
                        struct numbers *numbers)
{
    tl_err err = TL_OK;
    int64_t low = 0, high = base->n_by_name;
    if (name == NULL)
        return TL_OK;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (strcmp(base->by_name[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < base->n_by_name && strcmp(base->by_name[low].name, name) == 0; low++)
        TL_TRY(add_number(ctx, numbers, base->by_name[low].item));
done:
    return err;
}

/* Records that a search may have found: those that name it and those in its box. */
static tl_err add_of_search(struct tl_ctx *ctx, const struct tl_local_base *base, int64_t search,
                            enum tl_kind kind, struct numbers *numbers)
{
    tl_err err = TL_OK;
    const struct tl_gather_shape *shape = base->a.searches[search].shape;
    if (kind == TL_KIND_ITEM) {
        TL_TRY(add_named(ctx, base, shape->code, numbers));
        TL_TRY(add_named(ctx, base, shape->source_id, numbers));
    }
    err = add_in_box(ctx, base, kind, shape->box, numbers);
done:
    return err;
}

/* What is left of a search's number once the records that it found are taken off. */
static tl_err find_rest(struct tl_ctx *ctx, struct tl_local_base *base, int64_t search)
{
    static const enum tl_kind kinds[] = {TL_KIND_ITEM, TL_KIND_ACCIDENT};
    tl_err err = TL_OK;
    struct numbers numbers = {0};
    struct tl_local_rest *rest = &base->rests[search];
    double number = base->a.searches[search].shape->found, n_items = 0.0, weight = 0.0, sum = 0.0;
    if (rest->is_known)
        return TL_OK;
    for (int k = 0; k < 2 && number > 0.0; k++) {
        numbers.n = 0;
        TL_TRY(add_of_search(ctx, base, search, kinds[k], &numbers));
        sort_once(&numbers);
        for (int64_t i = 0; i < numbers.n; i++) {
            struct tl_attribute_result r;
            TL_TRY(tl_local_known(ctx, base, kinds[k], numbers.items[i], &r));
            if (r.search == search)
                n_items += base->g.points[kinds[k]][numbers.items[i]].number;
        }
    }
    if (number - n_items > 0.0) {
        TL_TRY(tl_attribute_cells(ctx, &base->a, search));
        const struct tl_attribute_search *s = &base->a.searches[search];
        for (int64_t k = 0; k < s->n_cells; k++) {
            TL_TRY(tl_effort_weight(ctx, &base->a, search, &s->cells[k], &weight));
            sum += weight;
        }
    }
    *rest = (struct tl_local_rest){sum > 0.0 ? number - n_items : 0.0, sum, true};
done:
    tl_free(numbers.items);
    return err;
}

/* Cell of the window, -1 when it lies outside. */
static int64_t window_cell(const struct tl_local_window *w, int64_t cell)
{
    int64_t n_x = w->base->g.grid.n_x, column = cell % n_x - w->out->column,
            row = cell / n_x - w->out->row;
    bool is_in =
        cell >= 0 && column >= 0 && row >= 0 && column < w->out->grid.n_x && row < w->out->grid.n_y;
    return is_in ? row * w->out->grid.n_x + column : -1;
}

static tl_err add_find(struct tl_ctx *ctx, struct tl_local_window *w, int64_t cell, int64_t search,
                       double number)
{
    struct tl_local *out = w->out;
    if (out->n_finds == w->room_finds) {
        int64_t room = w->room_finds == 0 ? 64 : 2 * w->room_finds;
        void *grown = tl_regrow(ctx, out->finds, out->n_finds, room, sizeof *out->finds);
        if (grown == NULL)
            return TL_ENOMEM;
        out->finds = grown;
        w->room_finds = room;
    }
    int32_t local = -1;
    for (int64_t k = 0; k < w->n_touch && search >= 0; k++)
        if (w->search[w->touch[k]] == search)
            local = (int32_t)w->touch[k];
    out->finds[out->n_finds++] = (struct tl_local_find){(int32_t)cell, local, number};
    return TL_OK;
}

static tl_err count_point(struct tl_ctx *ctx, struct tl_local_window *w, enum tl_kind kind,
                          int64_t i)
{
    struct tl_attribute_result r;
    const struct tl_gather_point *point = &w->base->g.points[kind][i];
    struct tl_evidence_channel *search = tl_local_channel(w, "search");
    struct tl_evidence_channel *people =
        tl_local_channel(w, kind == TL_KIND_ITEM ? "spot" : "accident");
    if (point->is_other)
        return TL_OK;
    tl_err err = tl_local_known(ctx, w->base, kind, i, &r);
    if (err != TL_OK)
        return err;
    struct tl_evidence_channel *channel = r.cell >= 0 ? search : people;
    int64_t cell = window_cell(w, r.cell >= 0 ? r.cell : point->cell);
    if (cell < 0 || channel == NULL)
        return TL_OK;
    tl_hash_add(&w->hash, point->key, sizeof point->key);
    channel->counts[cell] += point->number;
    channel->n_records++;
    return r.cell >= 0 ? add_find(ctx, w, cell, r.search, point->number) : TL_OK;
}

static tl_err spread(struct tl_ctx *ctx, struct tl_local_window *w)
{
    tl_err err = TL_OK;
    struct tl_evidence_channel *channel = tl_local_channel(w, "search");
    for (int64_t t = 0; t < w->n_touch && channel != NULL; t++) {
        int64_t s = w->search[w->touch[t]];
        TL_TRY(find_rest(ctx, w->base, s));
        const struct tl_local_rest *rest = &w->base->rests[s];
        const struct tl_attribute_search *search = &w->base->a.searches[s];
        double number[2] = {rest->number, rest->weight};
        tl_hash_add(&w->hash, number, sizeof number);
        for (int64_t k = 0; k < search->n_cells && rest->number > 0.0; k++) {
            double weight = 0.0;
            int64_t cell = window_cell(w, search->cells[k].i);
            if (cell < 0)
                continue;
            TL_TRY(tl_effort_weight(ctx, &w->base->a, s, &search->cells[k], &weight));
            double share = rest->number * weight / rest->weight;
            channel->counts[cell] += share;
            if (share > 0.0)
                TL_TRY(add_find(ctx, w, cell, s, share));
        }
    }
done:
    return err;
}

static int by_cell(const void *a, const void *b)
{
    const struct tl_local_find *p = a, *q = b;
    if (p->cell != q->cell)
        return p->cell < q->cell ? -1 : 1;
    if (p->search != q->search)
        return p->search < q->search ? -1 : 1;
    return (p->number > q->number) - (p->number < q->number);
}

static void join_finds(struct tl_local *out)
{
    int64_t n = 0;
    if (out->n_finds > 1)
        qsort(out->finds, (size_t)out->n_finds, sizeof *out->finds, by_cell);
    for (int64_t k = 0; k < out->n_finds; k++) {
        struct tl_local_find *last = n > 0 ? &out->finds[n - 1] : NULL;
        if (last != NULL && last->cell == out->finds[k].cell &&
            last->search == out->finds[k].search)
            last->number += out->finds[k].number;
        else
            out->finds[n++] = out->finds[k];
    }
    out->n_finds = n;
}

tl_err tl_local_make_counts(struct tl_ctx *ctx, struct tl_local_window *w)
{
    static const enum tl_kind kinds[] = {TL_KIND_ITEM, TL_KIND_ACCIDENT};
    tl_err err = TL_OK;
    struct numbers numbers = {0};
    for (int k = 0; k < 2; k++) {
        numbers.n = 0;
        TL_TRY(add_in_box(ctx, w->base, kinds[k], w->box, &numbers));
        for (int64_t t = 0; t < w->n_touch && kinds[k] == TL_KIND_ITEM; t++) {
            const struct tl_gather_shape *shape = w->base->a.searches[w->search[w->touch[t]]].shape;
            TL_TRY(add_named(ctx, w->base, shape->code, &numbers));
            TL_TRY(add_named(ctx, w->base, shape->source_id, &numbers));
        }
        sort_once(&numbers);
        for (int64_t i = 0; i < numbers.n; i++)
            TL_TRY(count_point(ctx, w, kinds[k], numbers.items[i]));
    }
    TL_TRY(spread(ctx, w));
    join_finds(w->out);
done:
    tl_free(numbers.items);
    return err;
}
