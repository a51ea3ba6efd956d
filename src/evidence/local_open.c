/*
 * The base reads each record once and keeps it in the grid's system; nothing in it goes with the number of cells but the runs of
 * the land. What a window needs of the whole project is found here: whether a channel exists, and over which years people met
 * items. For the years only the first and the last record that no search found matter, so records are looked at from both
 * ends of time until one is met.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/local_base.h"
#include "geo/wkb.h"

static const char *const VERSION = "tilth.local/1";
enum { STRETCH_POINTS = 32 };

tl_err tl_local_known(struct tl_ctx *ctx, struct tl_local_base *base, enum tl_kind kind, int64_t i,
                      struct tl_attribute_result *result)
{
    struct tl_local_known *known = &base->known[kind][i];
    const struct tl_gather_point *point = &base->g.points[kind][i];
    tl_err err = TL_OK;
    if (!known->is_known && kind == TL_KIND_ACCIDENT && point->how != TL_HOW_SEARCH)
        known->result = (struct tl_attribute_result){-1, -1, false};
    else if (!known->is_known)
        err = tl_attribute_point(ctx, &base->a, point, &known->result);
    known->is_known = err == TL_OK;
    if (err == TL_OK)
        *result = known->result;
    return err;
}

/* Records by time and by id. */

struct keyed {
    double key;
    int64_t i;
};

static int by_key(const void *a, const void *b)
{
    const struct keyed *p = a, *q = b;
    if (p->key != q->key)
        return p->key < q->key ? -1 : 1;
    return (p->i > q->i) - (p->i < q->i);
}

static tl_err is_met(struct tl_ctx *ctx, struct tl_local_base *base, enum tl_kind kind, int64_t i,
                     bool *met)
{
    struct tl_attribute_result r;
    tl_err err = tl_local_known(ctx, base, kind, i, &r);
    *met = err == TL_OK && r.cell < 0;
    return err;
}

/* First (or last) record of `by` that people met, -1 = none. */
static tl_err seek(struct tl_ctx *ctx, struct tl_local_base *base, enum tl_kind kind,
                   const struct keyed *by, int64_t n, bool from_end, int64_t *found)
{
    tl_err err = TL_OK;
    *found = -1;
    for (int64_t k = 0; k < n && *found < 0; k++) {
        int64_t at = from_end ? n - 1 - k : k;
        bool met = false;
        TL_TRY(is_met(ctx, base, kind, by[at].i, &met));
        *found = met ? at : -1;
        if (k % 256 == 0)
            TL_TRY(tl_cancelled(ctx));
    }
done:
    return err;
}

static tl_err find_people(struct tl_ctx *ctx, struct tl_local_base *base, enum tl_kind kind)
{
    tl_err err = TL_OK;
    struct tl_local_people *people = &base->people[kind];
    struct keyed *dated = NULL, *undated = NULL;
    int64_t n_dated = 0, n_undated = 0, first = -1, last = -1, any = -1;
    people->span = (struct tl_use_span){0.0, 1.0, 0};
    TL_TRY_ALLOC(ctx, dated, base->g.n[kind]);
    TL_TRY_ALLOC(ctx, undated, base->g.n[kind]);
    for (int64_t i = 0; i < base->g.n[kind]; i++) {
        const struct tl_gather_point *point = &base->g.points[kind][i];
        if (point->cell < 0 || point->is_other)
            continue;
        if (isfinite(point->year))
            dated[n_dated++] = (struct keyed){point->year, i};
        else
            undated[n_undated++] = (struct keyed){0.0, i};
    }
    qsort(dated, (size_t)n_dated, sizeof *dated, by_key);
    TL_TRY(seek(ctx, base, kind, dated, n_dated, false, &first));
    if (first >= 0) {
        TL_TRY(seek(ctx, base, kind, dated, n_dated, true, &last));
        people->span =
            (struct tl_use_span){floor(dated[first].key), floor(dated[last].key) + 1.0, 1};
    } else {
        TL_TRY(seek(ctx, base, kind, undated, n_undated, false, &any));
    }
    people->is_there = first >= 0 || any >= 0;
    TL_TRY(tl_use_slice(ctx, &base->a, &people->span, &people->times));
done:
    tl_free(dated);
    tl_free(undated);
    return err;
}

static tl_err find_search(struct tl_ctx *ctx, struct tl_local_base *base)
{
    tl_err err = TL_OK;
    for (int64_t s = 0; s < base->a.n_searches && !base->has_search; s++) {
        TL_TRY(tl_attribute_cells(ctx, &base->a, s));
        for (int64_t k = 0; k < base->a.searches[s].n_cells && !base->has_search; k++)
            TL_TRY(tl_attribute_worked(ctx, &base->a, s, base->a.searches[s].cells[k].i,
                                       &base->has_search));
    }
done:
    return err;
}

static int by_name(const void *a, const void *b)
{
    const struct tl_local_by_name *p = a, *q = b;
    int order = strcmp(p->name, q->name);
    return order != 0 ? order : (p->item > q->item) - (p->item < q->item);
}

static tl_err index_records(struct tl_ctx *ctx, struct tl_local_base *base)
{
    static const enum tl_kind kinds[] = {TL_KIND_ITEM, TL_KIND_ACCIDENT};
    tl_err err = TL_OK;
    struct keyed *by = NULL;
    const struct tl_gather *g = &base->g;
    for (int k = 0; k < 2; k++) {
        int64_t n = g->n[kinds[k]];
        TL_TRY_ALLOC(ctx, base->known[kinds[k]], n);
        TL_TRY_ALLOC(ctx, base->by_id[kinds[k]], n);
        TL_TRY_ALLOC(ctx, by, n);
        for (int64_t i = 0; i < n; i++)
            by[i] = (struct keyed){(double)g->points[kinds[k]][i].id, i};
        qsort(by, (size_t)n, sizeof *by, by_key);
        for (int64_t i = 0; i < n; i++)
            base->by_id[kinds[k]][i] = by[i].i;
        tl_free(by);
        by = NULL;
    }
    TL_TRY_ALLOC(ctx, base->rests, base->a.n_searches);
    TL_TRY_ALLOC(ctx, base->by_name, g->n[TL_KIND_ITEM]);
    for (int64_t i = 0; i < g->n[TL_KIND_ITEM]; i++)
        if (g->points[TL_KIND_ITEM][i].search != NULL)
            base->by_name[base->n_by_name++] =
                (struct tl_local_by_name){g->points[TL_KIND_ITEM][i].search, i};
    qsort(base->by_name, (size_t)base->n_by_name, sizeof *base->by_name, by_name);
done:
    tl_free(by);
    return err;
}

int64_t tl_local_by_id(const struct tl_local_base *base, enum tl_kind kind, int64_t id)
{
    int64_t low = 0, high = base->g.n[kind];
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (base->g.points[kind][base->by_id[kind][middle]].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == base->g.n[kind] || base->g.points[kind][base->by_id[kind][low]].id != id)
        return -1;
    return base->by_id[kind][low];
}

/* Lines in stretches. */

static tl_err add_stretch(struct tl_ctx *ctx, struct tl_local_base *base, int type,
                          const double *xy, int64_t n)
{
    static const uint8_t little = 1;
    const uint32_t kind = 2, count = (uint32_t)(n < 2 ? 2 : n);
    if (base->n_stretches == base->room_stretches) {
        int64_t room = base->room_stretches == 0 ? 64 : 2 * base->room_stretches;
        void *p = tl_regrow(ctx, base->stretches, base->n_stretches, room, sizeof *base->stretches);
        if (p == NULL)
            return TL_ENOMEM;
        base->stretches = p;
        base->room_stretches = room;
    }
    struct tl_local_stretch s = {.wkb_bytes = 9 + 16 * (int64_t)count,
                                 .type = type,
                                 .box = {INFINITY, INFINITY, -INFINITY, -INFINITY}};
    unsigned char *at = tl_alloc(ctx, s.wkb_bytes, 1);
    if (at == NULL)
        return TL_ENOMEM;
    memcpy(at, &little, 1);
    memcpy(at + 1, &kind, 4);
    memcpy(at + 5, &count, 4);
    for (int64_t i = 0; i < (int64_t)count; i++) {
        const double *point = xy + 2 * (i < n ? i : n - 1);
        memcpy(at + 9 + 16 * i, point, 16);
        s.box[0] = fmin(s.box[0], point[0]);
        s.box[1] = fmin(s.box[1], point[1]);
        s.box[2] = fmax(s.box[2], point[0]);
        s.box[3] = fmax(s.box[3], point[1]);
    }
    s.wkb = at;
    base->stretches[base->n_stretches++] = s;
    return TL_OK;
}

static tl_err cut_path(struct tl_ctx *ctx, struct tl_local_base *base, int type, const double *xy,
                       int64_t count)
{
    tl_err err = TL_OK;
    for (int64_t k = 0; k < count && (k == 0 || k + 1 < count) && err == TL_OK;
         k += STRETCH_POINTS - 1) {
        int64_t n = count - k < STRETCH_POINTS ? count - k : STRETCH_POINTS;
        err = add_stretch(ctx, base, type, xy + 2 * k, n);
    }
    return err;
}

tl_err tl_local_cut_lines(struct tl_ctx *ctx, struct tl_local_base *base)
{
    tl_err err = TL_OK;
    struct tl_wkb wkb = {0};
    for (int64_t i = 0; i < base->g.n[TL_KIND_LINE]; i++) {
        const struct tl_gather_shape *line = &base->g.shapes[TL_KIND_LINE][i];
        TL_TRY(tl_wkb_read(ctx, line->wkb, line->wkb_bytes, &wkb));
        for (int64_t p = 0; p < wkb.n_paths; p++)
            TL_TRY(cut_path(ctx, base, line->type, wkb.xy + 2 * wkb.paths[p].first,
                            wkb.paths[p].count));
        tl_wkb_fini(&wkb);
        memset(&wkb, 0, sizeof wkb);
    }
done:
    tl_wkb_fini(&wkb);
    return err;
}

/* Opening and closing. */

static void hash_text(struct tl_hash *hash, const char *text)
{
    tl_hash_add(hash, text == NULL ? "" : text, text == NULL ? 1 : (int64_t)strlen(text) + 1);
}

static tl_err hash_common(struct tl_ctx *ctx, struct tl_local_base *base)
{
    tl_err err = TL_OK;
    char *soil = NULL;
    struct tl_hash hash;
    const struct tl_evidence_options *o = &base->options;
    const struct tl_grid *grid = &base->g.grid;
    const double figures[] = {grid->x0_m,
                              grid->y0_m,
                              grid->step_m,
                              (double)grid->n_x,
                              (double)grid->n_y,
                              o->accident_sd,
                              o->search_sd,
                              o->report_range_m,
                              o->use_range_m,
                              (double)o->no_default_covariates,
                              (double)base->has_search};
    TL_TRY(tl_project_get(ctx, base->project, "soil", &soil));
    tl_hash_init(&hash);
    hash_text(&hash, VERSION);
    hash_text(&hash, o->group);
    hash_text(&hash, soil);
    hash_text(&hash, tl_project_crs(base->project));
    tl_hash_add(&hash, figures, sizeof figures);
    for (int64_t m = 0; m < base->a.n_methods; m++)
        tl_attribute_hash_method(&hash, &base->a.methods[m]);
    for (int k = 0; k < TL_KIND_COUNT; k++) {
        const struct tl_local_people *p = &base->people[k];
        const double span[] = {(double)p->is_there, p->span.from, p->span.to};
        tl_hash_add(&hash, span, sizeof span);
        tl_hash_add(&hash, p->times.at, (int64_t)sizeof(double) * p->times.n);
    }
    tl_hash_add(&hash, base->a.depth.depths_cm, (int64_t)sizeof(double) * base->a.depth.n);
    tl_hash_done(&hash, base->common);
done:
    tl_free(soil);
    return err;
}

static tl_err open_base(struct tl_ctx *ctx, struct tl_project *project, struct tl_local_base *base)
{
    tl_err err = TL_OK;
    enum tl_group group = TL_GROUP_ALL;
    TL_TRY(tl_group_find(ctx, base->options.group, &group));
    snprintf(base->group, sizeof base->group, "%s",
             base->options.group == NULL ? "all" : base->options.group);
    base->options.group = base->group;
    base->project = project;
    TL_TRY(tl_land_init(ctx, project, &base->land));
    TL_TRY(tl_gather_init(ctx, project, group, NULL, &base->land, &base->g));
    TL_TRY(tl_attribute_init(ctx, project, &base->g, &base->a));
    TL_TRY(index_records(ctx, base));
    TL_TRY(tl_project_covariates(ctx, project, &base->infos, &base->n_rasters));
    TL_TRY_ALLOC(ctx, base->rasters, base->n_rasters);
    TL_TRY(tl_local_cut_lines(ctx, base));
    TL_TRY(find_search(ctx, base));
    TL_TRY(find_people(ctx, base, TL_KIND_ITEM));
    TL_TRY(find_people(ctx, base, TL_KIND_ACCIDENT));
    TL_TRY(hash_common(ctx, base));
done:
    return err;
}

tl_err tl_local_open(struct tl_ctx *ctx, struct tl_project *project,
                     const struct tl_evidence_options *options, struct tl_local_base **base)
{
    tl_err err = TL_OK;
    struct tl_local_base *made = NULL;
    TL_TRY_ALLOC(ctx, made, 1);
    if (options != NULL)
        made->options = *options;
    TL_TRY(open_base(ctx, project, made));
    *base = made;
    made = NULL;
done:
    tl_local_close(made);
    return err;
}

void tl_local_close(struct tl_local_base *base)
{
    if (base == NULL)
        return;
    for (int64_t k = 0; k < base->n_stretches; k++)
        tl_free(base->stretches[k].wkb);
    for (int64_t k = 0; k < base->n_rasters && base->rasters != NULL; k++)
        tl_free(base->rasters[k].values);
    for (int k = 0; k < TL_KIND_COUNT; k++) {
        tl_free(base->known[k]);
        tl_free(base->by_id[k]);
    }
    tl_free(base->stretches);
    tl_free(base->rasters);
    tl_free(base->infos);
    tl_free(base->rests);
    tl_free(base->by_name);
    tl_attribute_fini(&base->a);
    tl_gather_fini(&base->g);
    tl_land_fini(&base->land);
    tl_free(base);
}
