/*
 * The window's frame and its ground: cells, land, and pieces. P takes part in the arrangement as one polygon more, so that the part of
 * each set of searches that lies in P is exact too. In cells at the edge of the area of interest the sets are scaled
 * to the land (as the residual is), and what of the land lies in P comes from an arrangement of P with the area of interest.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "evidence/effort.h"
#include "evidence/local_base.h"
#include "geo/geom.h"

static tl_err check_polygon(struct tl_ctx *ctx, struct tl_local_window *w, const void *wkb,
                            int64_t wkb_bytes)
{
    tl_err err = TL_OK;
    struct tl_geom_info info;
    TL_TRY(tl_geom_info(ctx, wkb, wkb_bytes, &info));
    if (info.kind != TL_GEOM_POLYGON || info.is_empty)
        TL_THROW(ctx, TL_EDATA, "the area is not a polygon");
    if (!info.is_finite)
        TL_THROW(ctx, TL_EDATA, "the area's polygon: a coordinate is not a finite number");
    if (!info.is_valid)
        TL_THROW(ctx, TL_EDATA,
                 "the area's polygon is not valid: %s (longitude, latitude); its parts may not "
                 "cross or overlap",
                 info.why);
    if (!(info.area > 0.0))
        TL_THROW(ctx, TL_EDATA, "the area's polygon encloses no ground");
    memcpy(w->polygon_deg, info.box, sizeof w->polygon_deg);
    TL_TRY(
        tl_geom_transform(ctx, w->base->g.to_grid, wkb, wkb_bytes, &w->polygon, &w->polygon_bytes));
    TL_TRY(tl_geom_info(ctx, w->polygon, w->polygon_bytes, &info));
    w->polygon_m2 = info.area;
    memcpy(w->polygon_box, info.box, sizeof w->polygon_box);
done:
    return err;
}

static int64_t clamp(double i, int64_t least, int64_t most)
{
    return !(i > (double)least) ? least : i > (double)most ? most : (int64_t)i;
}

tl_err tl_local_make_frame(struct tl_ctx *ctx, struct tl_local_window *w, const void *wkb,
                           int64_t wkb_bytes, double margin_m)
{
    tl_err err = TL_OK;
    const struct tl_grid *g = &w->base->g.grid;
    const double *box = w->polygon_box;
    struct tl_local *out = w->out;
    if (!(margin_m >= 0.0) || !isfinite(margin_m))
        TL_THROW(ctx, TL_EUSAGE, "the margin is %g m; 0 or more is expected", margin_m);
    TL_TRY(check_polygon(ctx, w, wkb, wkb_bytes));
    if (box[2] <= g->x0_m || box[0] >= g->x0_m + (double)g->n_x * g->step_m ||
        box[3] <= g->y0_m - (double)g->n_y * g->step_m || box[1] >= g->y0_m)
        TL_THROW(ctx, TL_EDATA, "the area lies wholly outside the project's area of interest");
    out->column = clamp(floor((box[0] - margin_m - g->x0_m) / g->step_m), 0, g->n_x - 1);
    out->row = clamp(floor((g->y0_m - box[3] - margin_m) / g->step_m), 0, g->n_y - 1);
    int64_t end_x = clamp(ceil((box[2] + margin_m - g->x0_m) / g->step_m), out->column + 1, g->n_x);
    int64_t end_y = clamp(ceil((g->y0_m - box[1] + margin_m) / g->step_m), out->row + 1, g->n_y);
    out->grid = (struct tl_grid){g->x0_m + (double)out->column * g->step_m,
                                 g->y0_m - (double)out->row * g->step_m, g->step_m,
                                 end_x - out->column, end_y - out->row};
    w->box[0] = out->grid.x0_m;
    w->box[1] = out->grid.y0_m - (double)out->grid.n_y * g->step_m;
    w->box[2] = out->grid.x0_m + (double)out->grid.n_x * g->step_m;
    w->box[3] = out->grid.y0_m;
    TL_TRY_ALLOC(ctx, out->cell_area, tl_grid_n_cells(&out->grid));
    TL_TRY_ALLOC(ctx, out->inside_area, tl_grid_n_cells(&out->grid));
    for (int64_t row = 0; row < out->grid.n_y; row++)
        tl_land_row(&w->base->land, (out->row + row) * g->n_x + out->column, out->grid.n_x,
                    out->cell_area + row * out->grid.n_x);
done:
    return err;
}

/* Searches that touch the window: by their boxes those that take effort, by their polygon those that do not. */
static tl_err find_searches(struct tl_ctx *ctx, struct tl_local_window *w)
{
    tl_err err = TL_OK;
    const struct tl_gather *g = &w->base->g;
    const struct tl_attribute *a = &w->base->a;
    void *frame = NULL;
    int64_t frame_bytes = 0, s = 0;
    char wkt[400];
    const double *b = w->box;
    snprintf(wkt, sizeof wkt, "POLYGON((%.9f %.9f,%.9f %.9f,%.9f %.9f,%.9f %.9f,%.9f %.9f))", b[0],
             b[1], b[2], b[1], b[2], b[3], b[0], b[3], b[0], b[1]);
    TL_TRY(tl_geom_from_wkt(ctx, wkt, &frame, &frame_bytes));
    TL_TRY_ALLOC(ctx, w->shapes, g->n[TL_KIND_SEARCH]);
    TL_TRY_ALLOC(ctx, w->search, g->n[TL_KIND_SEARCH]);
    TL_TRY_ALLOC(ctx, w->touch, g->n[TL_KIND_SEARCH]);
    for (int64_t i = 0; i < g->n[TL_KIND_SEARCH]; i++) {
        const struct tl_gather_shape *shape = &g->shapes[TL_KIND_SEARCH][i];
        while (s < a->n_searches && a->searches[s].shape < shape)
            s++;
        bool takes = s < a->n_searches && a->searches[s].shape == shape;
        double area = 0.0;
        if (!tl_local_meets(shape->box, b))
            continue;
        err = tl_geom_overlap(ctx, shape->wkb, shape->wkb_bytes, frame, frame_bytes, &area);
        if (err != TL_OK && err != TL_EDATA)
            goto done;
        if (!(area > 0.0))
            continue;
        if (takes)
            w->touch[w->n_touch++] = w->n_shapes;
        w->shapes[w->n_shapes] = i;
        w->search[w->n_shapes++] = takes ? s : -1;
    }
    err = TL_OK;
done:
    tl_free(frame);
    return err;
}

/* Pieces. */

struct part {             /* class of the cell at hand, P taken out of its set */
    double share, inside; /* of the cell; part of it in P */
    int64_t first, n;     /* its set; n < 0: joined to another */
};

/* Polygons that share an edge leave slivers by rounding; below this share of a cell they are given to the other pieces. */
static const double SLIVER = 1e-9;

struct cutting {
    struct tl_ctx *ctx;
    struct tl_local_window *w;
    int64_t cell;       /* whose classes are being collected */
    struct part *parts; /* owns */
    int64_t n_parts, room_parts;
    int64_t *sets; /* owns */
    int64_t n_sets, room_sets;
    double square;
};

/* Makes room for `more` elements beyond n. */
static tl_err reserve(struct tl_ctx *ctx, void *array, int64_t n, int64_t more, size_t size,
                      int64_t *room)
{
    void *old = *(void **)array;
    if (n + more <= *room)
        return TL_OK;
    int64_t wanted = 2 * (n + more) + 64;
    void *grown = tl_regrow(ctx, old, n, wanted, size);
    if (grown == NULL)
        return TL_ENOMEM;
    *(void **)array = grown;
    *room = wanted;
    return TL_OK;
}

static tl_err add_piece(struct cutting *c, int64_t cell, double share, double inside,
                        const int64_t *set, int64_t n)
{
    tl_err err = TL_OK;
    struct tl_local_window *w = c->w;
    struct tl_local *out = w->out;
    if (!(out->cell_area[cell] > 0.0))
        return TL_OK;
    int64_t room = w->room_pieces;
    TL_TRY(reserve(c->ctx, &out->pieces, out->n_pieces, 1, sizeof *out->pieces, &room));
    w->room_pieces = room;
    TL_TRY(reserve(c->ctx, &out->piece_search, w->n_piece_search, n + 1, sizeof *out->piece_search,
                   &w->room_piece_search));
    out->pieces[out->n_pieces++] =
        (struct tl_local_piece){.cell = (int32_t)cell,
                                .inside = (float)(share > 0.0 ? fmin(inside / share, 1.0) : 0.0),
                                .area_m2 = share * out->cell_area[cell],
                                .first = (int32_t)w->n_piece_search,
                                .n = (int32_t)n};
    for (int64_t k = 0; k < n; k++)
        out->piece_search[w->n_piece_search++] = (int32_t)w->touch[set[k]];
done:
    return err;
}

/* Joins the parts of a set inside and outside of P; `inside` is kept beside the share. */
static double join_parts(struct cutting *c)
{
    double sum = 0.0;
    for (int64_t i = 0; i < c->n_parts; i++) {
        struct part *p = &c->parts[i];
        if (p->n < 0)
            continue;
        for (int64_t j = i + 1; j < c->n_parts; j++) {
            struct part *q = &c->parts[j];
            if (q->n != p->n ||
                memcmp(c->sets + q->first, c->sets + p->first, (size_t)p->n * sizeof *c->sets) != 0)
                continue;
            p->share += q->share;
            p->inside += q->inside;
            q->n = -1;
        }
        if (p->share < SLIVER)
            p->n = -1;
        else
            sum += p->share;
    }
    return sum;
}

static tl_err end_cell(struct cutting *c)
{
    tl_err err = TL_OK;
    double in_polygon = 0.0;
    for (int64_t i = 0; i < c->n_parts; i++)
        in_polygon += c->parts[i].inside;
    double sum = join_parts(c);
    for (int64_t i = 0; i < c->n_parts; i++) {
        const struct part *p = &c->parts[i];
        if (p->n >= 0)
            TL_TRY(
                add_piece(c, c->cell, p->share / sum, p->inside / sum, c->sets + p->first, p->n));
    }
    if (c->cell >= 0)
        c->w->out->inside_area[c->cell] = fmin(in_polygon, 1.0) * c->w->out->cell_area[c->cell];
    c->n_parts = c->n_sets = 0;
done:
    return err;
}

/* Cells from the last one on that nothing lies over. */
static tl_err skip_to(struct cutting *c, int64_t cell)
{
    tl_err err = end_cell(c);
    for (int64_t i = c->cell + 1; i < cell && err == TL_OK; i++)
        err = add_piece(c, i, 1.0, 0.0, NULL, 0);
    c->cell = cell;
    return err;
}

static tl_err take_class(void *user, int64_t cell, double share, int64_t n, const int64_t *set)
{
    tl_err err = TL_OK;
    struct cutting *c = user;
    if (cell != c->cell)
        TL_TRY(skip_to(c, cell));
    bool in = n > 0 && set[n - 1] == c->w->n_touch; /* P comes last */
    TL_TRY(reserve(c->ctx, &c->parts, c->n_parts, 1, sizeof *c->parts, &c->room_parts));
    TL_TRY(reserve(c->ctx, &c->sets, c->n_sets, n, sizeof *c->sets, &c->room_sets));
    c->parts[c->n_parts++] = (struct part){share, in ? share : 0.0, c->n_sets, n - in};
    for (int64_t k = 0; k < n - in; k++)
        c->sets[c->n_sets++] = set[k];
done:
    return err;
}

static tl_err take_inside(void *user, int64_t cell, double share, int64_t n, const int64_t *set)
{
    struct cutting *c = user;
    (void)set;
    if (n == 2)
        c->w->out->inside_area[cell] = share * c->square;
    return TL_OK;
}

/* At the edge of the area of interest: what of the land lies in P, exactly, and pieces' shares to match. */
static tl_err settle_edge(struct cutting *c)
{
    tl_err err = TL_OK;
    struct tl_local_window *w = c->w;
    struct tl_local *out = w->out;
    double *before = NULL;
    bool any = false;
    int64_t n = tl_grid_n_cells(&out->grid);
    for (int64_t i = 0; i < n && !any; i++)
        any = out->inside_area[i] > 0.0 && out->cell_area[i] < (1.0 - 1e-12) * c->square;
    if (!any)
        return TL_OK;
    const struct tl_cover_search covers[2] = {{w->polygon, w->polygon_bytes, 0, 1},
                                              {w->base->land.wkb, w->base->land.wkb_bytes, 0, 1}};
    TL_TRY_ALLOC(c->ctx, before, n);
    memcpy(before, out->inside_area, (size_t)n * sizeof *before);
    memset(out->inside_area, 0, (size_t)n * sizeof *before);
    TL_TRY(tl_cover_classes(c->ctx, &out->grid, 2, covers, take_inside, c));
    for (int64_t i = 0; i < n; i++)
        out->inside_area[i] = fmin(out->inside_area[i], out->cell_area[i]);
    for (int64_t p = 0; p < out->n_pieces; p++) {
        int32_t i = out->pieces[p].cell;
        double scale = before[i] > 0.0 ? out->inside_area[i] / before[i] : 0.0;
        out->pieces[p].inside = (float)fmin((double)out->pieces[p].inside * scale, 1.0);
    }
done:
    tl_free(before);
    return err;
}

static tl_err cut(struct tl_ctx *ctx, struct tl_local_window *w)
{
    tl_err err = TL_OK;
    double step = w->out->grid.step_m;
    struct cutting c = {.ctx = ctx, .w = w, .cell = -1, .square = step * step};
    struct tl_cover_search *covers = NULL;
    TL_TRY_ALLOC(ctx, covers, w->n_touch + 1);
    for (int64_t k = 0; k < w->n_touch; k++)
        covers[k] = w->base->a.covers[w->search[w->touch[k]]];
    covers[w->n_touch] = (struct tl_cover_search){w->polygon, w->polygon_bytes, 0, 1};
    TL_TRY(tl_cover_classes(ctx, &w->out->grid, w->n_touch + 1, covers, take_class, &c));
    TL_TRY(skip_to(&c, tl_grid_n_cells(&w->out->grid)));
    TL_TRY(settle_edge(&c));
done:
    tl_free(covers);
    tl_free(c.parts);
    tl_free(c.sets);
    return err;
}

/* What is left on each piece now, and over the years in which people met items. */
static tl_err make_residual(struct tl_ctx *ctx, struct tl_local_window *w)
{
    static const enum tl_kind kinds[] = {TL_KIND_ITEM, TL_KIND_ACCIDENT};
    tl_err err = TL_OK;
    struct tl_local *out = w->out;
    int64_t *set = NULL, n_cells = tl_grid_n_cells(&out->grid);
    TL_TRY_ALLOC(ctx, set, w->n_touch);
    TL_TRY_ALLOC(ctx, w->piece_left, out->n_pieces);
    TL_TRY_ALLOC(ctx, out->evidence.residual, n_cells);
    for (int k = 0; k < 2; k++)
        TL_TRY_ALLOC(ctx, w->integral[kinds[k]], n_cells);
    for (int64_t p = 0; p < out->n_pieces; p++) {
        const struct tl_local_piece *piece = &out->pieces[p];
        for (int32_t i = 0; i < piece->n; i++)
            set[i] = w->search[out->piece_search[piece->first + i]];
        w->piece_left[p] =
            piece->n == 0 ? 1.0 : tl_miss_left(&w->base->a.miss, piece->n, set, INFINITY);
        out->evidence.residual[piece->cell] += piece->area_m2 * w->piece_left[p];
        for (int k = 0; k < 2; k++) {
            const struct tl_use_times *t = &w->base->people[kinds[k]].times;
            if (w->base->people[kinds[k]].is_there)
                w->integral[kinds[k]][piece->cell] +=
                    piece->area_m2 * tl_miss_integral(&w->base->a.miss, piece->n, set, t->n, t->at);
        }
    }
done:
    tl_free(set);
    return err;
}

tl_err tl_local_make_pieces(struct tl_ctx *ctx, struct tl_local_window *w)
{
    tl_err err = TL_OK;
    struct tl_local *out = w->out;
    TL_TRY(find_searches(ctx, w));
    TL_TRY(cut(ctx, w));
    TL_TRY(make_residual(ctx, w));
    for (int64_t i = 0; i < tl_grid_n_cells(&out->grid); i++)
        out->area_m2 += out->inside_area[i];
    if (!(out->area_m2 > 0.0))
        TL_THROW(ctx, TL_EDATA, "the area lies wholly outside the project's area of interest");
    double outside = w->polygon_m2 - out->area_m2;
    out->outside_m2 = outside > 1e-9 * w->polygon_m2 ? outside : 0.0;
done:
    return err;
}
