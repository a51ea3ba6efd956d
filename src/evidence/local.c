/*
 * One window, step by step. The same parts that count the whole project (attribute.c, miss.c, use.c, covariate.c) are asked
 * about the window's cells, so that the figures are slices of tl_evidence_build's.
 */
#include "tilth/local.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "evidence/effort.h"
#include "evidence/local_base.h"

double tl_local_depth_share(const struct tl_local *local, double depth_cm, double *a, double *b)
{
    return tl_depth_share(local->depths_cm, local->n_depths, depth_cm, a, b);
}

struct tl_evidence_channel *tl_local_channel(struct tl_local_window *w, const char *name)
{
    struct tl_evidence *e = &w->out->evidence;
    for (int c = 0; c < e->n_channels; c++)
        if (strcmp(e->channels[c].name, name) == 0)
            return &e->channels[c];
    return NULL;
}

static tl_err add_channel(struct tl_ctx *ctx, struct tl_evidence *e, const char *name, double sd)
{
    tl_err err = TL_OK;
    struct tl_evidence_channel *channel = &e->channels[e->n_channels++];
    int64_t n_cells = tl_grid_n_cells(&e->grid);
    snprintf(channel->name, sizeof channel->name, "%s", name);
    channel->effect_sd = sd;
    TL_TRY_ALLOC(ctx, channel->counts, n_cells);
    TL_TRY_ALLOC(ctx, channel->effort, n_cells);
done:
    return err;
}

static tl_err make_channels(struct tl_ctx *ctx, struct tl_local_window *w)
{
    tl_err err = TL_OK;
    const struct tl_local_base *base = w->base;
    struct tl_evidence *e = &w->out->evidence;
    double people_sd = base->options.accident_sd > 0.0 ? base->options.accident_sd : 1.5;
    double search_sd = base->options.search_sd > 0.0 ? base->options.search_sd : 0.2;
    int64_t n_cells = tl_grid_n_cells(&w->out->grid);
    double *effort = NULL;
    e->grid = w->out->grid;
    TL_TRY_ALLOC(ctx, e->cell_area, n_cells);
    memcpy(e->cell_area, w->out->cell_area, (size_t)n_cells * sizeof *e->cell_area);
    if (base->has_search)
        TL_TRY(add_channel(ctx, e, "search", search_sd));
    if (base->people[TL_KIND_ACCIDENT].is_there)
        TL_TRY(add_channel(ctx, e, "accident", people_sd));
    if (base->people[TL_KIND_ITEM].is_there)
        TL_TRY(add_channel(ctx, e, "spot", people_sd));
    if (e->n_channels == 0)
        TL_THROW(ctx, TL_EDATA,
                 "there is no record in the area of interest that counts as evidence: import "
                 "accidents, items found, or searches with their polygons");
    TL_TRY_ALLOC(ctx, effort, n_cells);
    tl_effort_settle(n_cells, e->cell_area, e->residual,
                     base->has_search ? e->channels[0].effort : effort);
done:
    tl_free(effort);
    return err;
}

static tl_err copy_tables(struct tl_ctx *ctx, struct tl_local_window *w)
{
    tl_err err = TL_OK;
    struct tl_local *out = w->out;
    const struct tl_attribute *a = &w->base->a;
    TL_TRY_ALLOC(ctx, out->methods, a->n_methods);
    memcpy(out->methods, a->methods, (size_t)a->n_methods * sizeof *out->methods);
    out->n_methods = a->n_methods;
    TL_TRY_ALLOC(ctx, out->depths_cm, a->depth.n);
    memcpy(out->depths_cm, a->depth.depths_cm, (size_t)a->depth.n * sizeof *out->depths_cm);
    out->n_depths = a->depth.n;
done:
    return err;
}

static tl_err make_window(struct tl_ctx *ctx, struct tl_local_window *w, const void *wkb,
                          int64_t wkb_bytes, double margin_m, int64_t n_names,
                          const char *const *names)
{
    tl_err err = TL_OK;
    uint8_t sum[TL_HASH_BYTES];
    tl_hash_init(&w->hash);
    tl_hash_add(&w->hash, w->base->common, sizeof w->base->common);
    tl_hash_add(&w->hash, wkb, wkb_bytes);
    TL_TRY(tl_local_make_frame(ctx, w, wkb, wkb_bytes, margin_m));
    w->sub.grid = w->out->grid;
    w->sub.cell_area = w->out->cell_area;
    TL_TRY(tl_local_make_pieces(ctx, w));
    TL_TRY(make_channels(ctx, w));
    TL_TRY(tl_local_make_counts(ctx, w));
    TL_TRY(tl_cancelled(ctx));
    TL_TRY(tl_local_make_near(ctx, w, n_names, names));
    TL_TRY(tl_local_make_searches(ctx, w));
    TL_TRY(tl_local_make_items(ctx, w));
    TL_TRY(copy_tables(ctx, w));
    tl_covariate_note_depth(&w->base->a, &w->out->evidence);
    tl_hash_add(&w->hash, w->out->cell_area,
                tl_grid_n_cells(&w->out->grid) * (int64_t)sizeof(double));
    tl_hash_done(&w->hash, sum);
    tl_hash_hex(sum, w->out->hash);
    memcpy(w->out->evidence.hash, w->out->hash, sizeof w->out->hash);
done:
    return err;
}

tl_err tl_local_window(struct tl_ctx *ctx, struct tl_local_base *base, const void *wkb,
                       int64_t wkb_bytes, double margin_m, int64_t n_names,
                       const char *const *names, struct tl_local *local)
{
    tl_err err = TL_OK;
    struct tl_local_window w = {.base = base};
    TL_TRY_ALLOC(ctx, w.out, 1);
    TL_TRY(make_window(ctx, &w, wkb, wkb_bytes, margin_m, n_names, names));
    *local = *w.out;
    memset(w.out, 0, sizeof *w.out);
done:
    if (w.out != NULL)
        tl_local_fini(w.out);
    tl_free(w.out);
    tl_free(w.polygon);
    tl_free(w.shapes);
    tl_free(w.search);
    tl_free(w.touch);
    tl_free(w.piece_left);
    for (int k = 0; k < TL_KIND_COUNT; k++) {
        tl_free(w.integral[k]);
        tl_free(w.sub.points[k]);
        tl_free(w.sub.shapes[k]);
    }
    return err;
}

void tl_local_fini(struct tl_local *local)
{
    for (int64_t k = 0; k < local->n_searches; k++) {
        struct tl_local_search *s = &local->searches[k];
        char *const texts[] = {s->code, s->type,       s->method,   s->organisation, s->team,
                               s->task, s->date_start, s->date_end, s->released_as};
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
            tl_free(texts[i]);
    }
    for (int64_t k = 0; k < local->n_items; k++) {
        tl_free(local->items[k].code);
        tl_free(local->items[k].category);
        tl_free(local->items[k].date);
    }
    tl_free(local->cell_area);
    tl_free(local->inside_area);
    tl_free(local->searches);
    tl_free(local->pieces);
    tl_free(local->piece_search);
    tl_free(local->finds);
    tl_free(local->items);
    tl_free(local->methods);
    tl_free(local->depths_cm);
    tl_evidence_fini(&local->evidence);
    memset(local, 0, sizeof *local);
}
