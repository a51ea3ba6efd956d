/* What a person wants to know of the searches and the items: who, when, with what, how deep, and what they found in P. */
#include <math.h>
#include <string.h>

#include "evidence/local_base.h"
#include "geo/geom.h"

static tl_err copy(struct tl_ctx *ctx, const char *text, char **out)
{
    *out = tl_strdup(ctx, text == NULL ? "" : text);
    return *out == NULL ? TL_ENOMEM : TL_OK;
}

static tl_err tell_search(struct tl_ctx *ctx, const struct tl_local_window *w, int64_t k,
                          const char *soil)
{
    static const char *const groups[] = {"", "mines", "erw"};
    tl_err err = TL_OK;
    const struct tl_attribute *a = &w->base->a;
    const struct tl_gather_shape *shape = &w->base->g.shapes[TL_KIND_SEARCH][w->shapes[k]];
    struct tl_local_search *s = &w->out->searches[k];
    bool known = false;
    int64_t row = tl_method_pick(a->methods, a->n_methods, shape->method, groups[w->base->g.group],
                                 shape->depth_cm, soil, &known);
    s->id = shape->id;
    s->row = (int32_t)row;
    s->passes = shape->n_passes;
    s->depth_cm = shape->depth_cm;
    s->takes_effort = w->search[k] >= 0;
    s->is_inspection = shape->texts[TL_GATHER_TYPE] != NULL &&
                       strcmp(shape->texts[TL_GATHER_TYPE], "inspection") == 0;
    char **const texts[] = {&s->code, &s->method,     &s->type,     &s->organisation, &s->team,
                            &s->task, &s->date_start, &s->date_end, &s->released_as};
    const char *const from[] = {shape->code,
                                shape->method,
                                shape->texts[TL_GATHER_TYPE],
                                shape->texts[TL_GATHER_ORGANISATION],
                                shape->texts[TL_GATHER_TEAM],
                                shape->texts[TL_GATHER_TASK],
                                shape->texts[TL_GATHER_DATE_START],
                                shape->texts[TL_GATHER_DATE_END],
                                shape->texts[TL_GATHER_RELEASED_AS]};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        TL_TRY(copy(ctx, from[i], texts[i]));
    if (!s->takes_effort) { /* those that do are in the pieces */
        err = tl_geom_overlap(ctx, shape->wkb, shape->wkb_bytes, w->polygon, w->polygon_bytes,
                              &s->area_m2);
        err = err == TL_EDATA ? TL_OK : err;
    }
done:
    return err;
}

/* Work of one team on one task is one lot; what says neither is a lot of its own. */
static void make_lots(struct tl_local *out)
{
    for (int64_t k = 0; k < out->n_searches; k++) {
        struct tl_local_search *s = &out->searches[k];
        bool is_named = s->team[0] != '\0' || s->task[0] != '\0';
        s->lot = -1;
        for (int64_t j = 0; j < k && is_named && s->lot < 0; j++) {
            const struct tl_local_search *t = &out->searches[j];
            if (strcmp(s->team, t->team) == 0 && strcmp(s->task, t->task) == 0 &&
                strcmp(s->organisation, t->organisation) == 0)
                s->lot = t->lot;
        }
        if (s->lot < 0)
            s->lot = (int32_t)out->n_lots++;
    }
}

/* Ground and finds of each search inside P. */
static void sum_inside(struct tl_local_window *w)
{
    struct tl_local *out = w->out;
    for (int64_t p = 0; p < out->n_pieces; p++) {
        const struct tl_local_piece *piece = &out->pieces[p];
        for (int32_t i = 0; i < piece->n; i++)
            out->searches[out->piece_search[piece->first + i]].area_m2 +=
                piece->area_m2 * (double)piece->inside;
    }
    for (int64_t t = 0; t < w->n_touch; t++) {
        const struct tl_local_rest *rest = &w->base->rests[w->search[w->touch[t]]];
        struct tl_local_search *s = &out->searches[w->touch[t]];
        if (rest->number > 0.0)
            s->found += rest->number * s->area_m2 / rest->weight;
    }
}

tl_err tl_local_make_searches(struct tl_ctx *ctx, struct tl_local_window *w)
{
    tl_err err = TL_OK;
    struct tl_local *out = w->out;
    char *soil = NULL;
    TL_TRY(tl_project_get(ctx, w->base->project, "soil", &soil));
    TL_TRY_ALLOC(ctx, out->searches, w->n_shapes);
    out->n_searches = w->n_shapes;
    for (int64_t k = 0; k < w->n_shapes; k++) {
        TL_TRY(tell_search(ctx, w, k, soil == NULL ? "" : soil));
        tl_hash_add(&w->hash, w->base->g.shapes[TL_KIND_SEARCH][w->shapes[k]].key,
                    TL_HASH_ID_BYTES);
    }
    make_lots(out);
    sum_inside(w);
done:
    tl_free(soil);
    return err;
}

static tl_err tell_item(struct tl_ctx *ctx, struct tl_local_window *w, enum tl_kind kind, int64_t i,
                        const struct tl_cursor *cursor)
{
    tl_err err = TL_OK;
    struct tl_local *out = w->out;
    const struct tl_gather_point *point = &w->base->g.points[kind][i];
    struct tl_attribute_result r;
    struct tl_geom_info info;
    int64_t bytes = 0;
    const void *wkb = tl_cursor_wkb(cursor, &bytes);
    TL_TRY(tl_local_known(ctx, w->base, kind, i, &r));
    TL_TRY(tl_geom_info(ctx, wkb, bytes, &info));
    struct tl_local_item *items =
        tl_regrow(ctx, out->items, out->n_items, out->n_items + 1, sizeof *items);
    if (items == NULL)
        return TL_ENOMEM;
    out->items = items;
    struct tl_local_item *item = &items[out->n_items++]; /* counted first: freed when half made */
    *item = (struct tl_local_item){.lon_deg = info.x,
                                   .lat_deg = info.y,
                                   .depth_cm = point->depth_cm,
                                   .number = point->number,
                                   .kind = kind,
                                   .by_search = r.cell >= 0};
    TL_TRY(copy(ctx, tl_cursor_code(cursor), &item->code));
    TL_TRY(copy(ctx, tl_cursor_text(cursor, tl_kind_column(kind, "category")), &item->category));
    TL_TRY(copy(ctx, tl_cursor_text(cursor, tl_kind_column(kind, "date")), &item->date));
    for (int64_t t = 0; t < w->n_touch && r.cell >= 0; t++)
        if (w->search[w->touch[t]] == r.search)
            out->searches[w->touch[t]].found += point->number;
done:
    return err;
}

tl_err tl_local_make_items(struct tl_ctx *ctx, struct tl_local_window *w)
{
    static const enum tl_kind kinds[] = {TL_KIND_ITEM, TL_KIND_ACCIDENT};
    tl_err err = TL_OK;
    struct tl_cursor *cursor = NULL;
    for (int k = 0; k < 2; k++) {
        bool more = false;
        TL_TRY(tl_register_select(ctx, w->base->project, kinds[k], w->polygon_deg, &cursor));
        for (;;) {
            bool holds = false;
            TL_TRY(tl_cursor_next(ctx, cursor, &more));
            if (!more)
                break;
            int64_t i = tl_local_by_id(w->base, kinds[k], tl_cursor_id(cursor));
            const struct tl_gather_point *point = i < 0 ? NULL : &w->base->g.points[kinds[k]][i];
            if (point == NULL || point->is_other || point->cell < 0)
                continue;
            TL_TRY(
                tl_geom_holds(ctx, w->polygon, w->polygon_bytes, point->x_m, point->y_m, &holds));
            if (holds)
                TL_TRY(tell_item(ctx, w, kinds[k], i, cursor));
        }
        tl_cursor_free(cursor);
        cursor = NULL;
    }
done:
    tl_cursor_free(cursor);
    return err;
}
