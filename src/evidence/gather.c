#include "evidence/gather.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "evidence/date.h"
#include "geo/geom.h"

/* Columns of the kind at hand; -1 = it has none such. */
struct columns {
    int category, number, date, how, search, demining, type, status, evidence, method, passes,
        found, depth;
};

static struct columns columns_of(enum tl_kind kind)
{
    struct columns c = {.category = tl_kind_column(kind, "category"),
                        .number = tl_kind_column(kind, "number"),
                        .date = tl_kind_column(kind, "date"),
                        .how = tl_kind_column(kind, "how"),
                        .search = tl_kind_column(kind, "search"),
                        .demining = tl_kind_column(kind, "during_demining"),
                        .type = tl_kind_column(kind, "type"),
                        .status = tl_kind_column(kind, "status"),
                        .evidence = tl_kind_column(kind, "evidence"),
                        .method = tl_kind_column(kind, "method"),
                        .passes = tl_kind_column(kind, "passes"),
                        .found = tl_kind_column(kind, "found"),
                        .depth = tl_kind_column(kind, "depth_cm")};
    if (kind == TL_KIND_PLACE)
        c.number = tl_kind_column(kind, "population");
    if (kind == TL_KIND_HAZARD_AREA)
        c.type = tl_kind_column(kind, "classification");
    if (kind == TL_KIND_SEARCH)
        c.date = tl_kind_column(kind, "date_end");
    return c;
}

int tl_gather_choice(enum tl_kind kind, const char *column, const char *text)
{
    int number = 0, c = tl_kind_column(kind, column);
    size_t n = text == NULL ? 0 : strlen(text);
    const char *at = c < 0 || text == NULL ? NULL : tl_kind_info(kind)->columns[c].choices;
    while (at != NULL && *at != '\0') {
        size_t length = strcspn(at, "|");
        if (length == n && strncmp(at, text, n) == 0)
            return number;
        number++;
        at += length + (at[length] == '|');
    }
    return -1;
}

double tl_gather_land(const struct tl_gather *gather, int64_t cell)
{
    return gather->cell_area != NULL ? gather->cell_area[cell] : tl_land_area(gather->land, cell);
}

static const char *text_of(const struct tl_cursor *cursor, int column)
{
    return column < 0 ? NULL : tl_cursor_text(cursor, column);
}

static double real_of(const struct tl_cursor *cursor, int column, double none)
{
    double value = column < 0 ? NAN : tl_cursor_real(cursor, column);
    return isfinite(value) ? value : none;
}

static bool says(const char *text, const char *word)
{
    return text != NULL && strcmp(text, word) == 0;
}

static tl_err read_point(struct tl_ctx *ctx, struct tl_gather *g, enum tl_kind kind,
                         const struct columns *c, const struct tl_cursor *cursor,
                         struct tl_gather_point *point)
{
    struct tl_geom_info info;
    int64_t bytes = 0;
    const void *wkb = tl_cursor_wkb(cursor, &bytes);
    tl_err err = tl_geom_info(ctx, wkb, bytes, &info);
    if (err != TL_OK)
        return tl_fail_at(ctx, err, "%s", tl_cursor_code(cursor));
    *point = (struct tl_gather_point){.x_m = info.x, .y_m = info.y, .cell = -1};
    tl_crs_map_points(g->to_grid, 1, &point->x_m, &point->y_m, NULL);
    point->accuracy_m = tl_cursor_accuracy_m(cursor);
    point->number = real_of(cursor, c->number, kind == TL_KIND_PLACE ? 0.0 : 1.0);
    point->year = tl_date_year(text_of(cursor, c->date));
    point->depth_cm = real_of(cursor, c->depth, NAN);
    point->id = tl_cursor_id(cursor);
    const char *how = text_of(cursor, c->how), *search = text_of(cursor, c->search);
    if (says(how, "search") || says(text_of(cursor, c->demining), "1"))
        point->how = TL_HOW_SEARCH;
    else if (says(how, "spot find"))
        point->how = TL_HOW_SPOT;
    tl_cell cell;
    if (isfinite(point->x_m) && isfinite(point->y_m) &&
        tl_grid_cell_at(ctx, &g->grid, point->x_m, point->y_m, &cell) == TL_OK &&
        tl_gather_land(g, cell.i) > 0.0)
        point->cell = cell.i;
    point->search = tl_strdup(ctx, search);
    return search != NULL && point->search == NULL ? TL_ENOMEM : TL_OK;
}

/* Hash of all that a record says. */
static tl_err read_key(struct tl_ctx *ctx, enum tl_kind kind, const struct tl_cursor *cursor,
                       struct tl_buf *buf, uint8_t key[TL_HASH_ID_BYTES])
{
    tl_err err = TL_OK;
    const struct tl_kind_info *info = tl_kind_info(kind);
    double accuracy = tl_cursor_accuracy_m(cursor);
    int64_t bytes = 0;
    const void *wkb = tl_cursor_wkb(cursor, &bytes);
    tl_buf_clear(buf);
    for (int k = -1; k < info->n_columns; k++) {
        const char *text = k < 0 ? tl_cursor_source_id(cursor) : tl_cursor_text(cursor, k);
        TL_TRY(tl_buf_add_bytes(ctx, buf, text == NULL ? "\x01" : "\x02", 1));
        if (text != NULL)
            TL_TRY(tl_buf_add_bytes(ctx, buf, text, (int64_t)strlen(text) + 1));
    }
    accuracy = isnan(accuracy) ? -1.0 : accuracy;
    TL_TRY(tl_buf_add_bytes(ctx, buf, &accuracy, sizeof accuracy));
    TL_TRY(tl_buf_add_bytes(ctx, buf, wkb, bytes));
    tl_hash_id(buf->text, buf->size_bytes, key);
done:
    return err;
}

/* Everything that computes with a polygon sees the same valid one. */
static tl_err repair(struct tl_ctx *ctx, struct tl_gather_shape *shape)
{
    struct tl_geom_info info;
    void *valid = NULL;
    int64_t bytes = 0;
    tl_err err = tl_geom_info(ctx, shape->wkb, shape->wkb_bytes, &info);
    if (err != TL_OK)
        return err;
    memcpy(shape->box, info.box, sizeof shape->box);
    if (info.kind != TL_GEOM_POLYGON || info.is_valid)
        return TL_OK;
    err = tl_geom_repair(ctx, shape->wkb, shape->wkb_bytes, &valid, &bytes);
    if (err != TL_OK)
        return err;
    tl_free(shape->wkb);
    shape->wkb = valid;
    shape->wkb_bytes = bytes;
    return TL_OK;
}

static tl_err copy_text(struct tl_ctx *ctx, const char *text, char **copy)
{
    *copy = tl_strdup(ctx, text);
    return text != NULL && *copy == NULL ? TL_ENOMEM : TL_OK;
}

static const char *const search_texts[TL_GATHER_TEXTS] = {[TL_GATHER_TYPE] = "type",
                                                          [TL_GATHER_ORGANISATION] = "organisation",
                                                          [TL_GATHER_TEAM] = "team",
                                                          [TL_GATHER_TASK] = "task",
                                                          [TL_GATHER_DATE_START] = "date_start",
                                                          [TL_GATHER_DATE_END] = "date_end",
                                                          [TL_GATHER_RELEASED_AS] = "released_as"};

static tl_err read_shape(struct tl_ctx *ctx, struct tl_gather *g, enum tl_kind kind,
                         const struct columns *c, const struct tl_cursor *cursor,
                         struct tl_gather_shape *shape)
{
    tl_err err = TL_OK;
    int64_t bytes = 0;
    const void *wkb = tl_cursor_wkb(cursor, &bytes);
    const char *type = kind == TL_KIND_HAZARD_AREA ? "classification" : "type";
    *shape = (struct tl_gather_shape){
        .type = tl_gather_choice(kind, type, text_of(cursor, c->type)),
        .status = tl_gather_choice(kind, "status", text_of(cursor, c->status)),
        .direct = says(text_of(cursor, c->evidence), "direct"),
        .n_passes = (int32_t)real_of(cursor, c->passes, 1.0),
        .found = real_of(cursor, c->found, NAN),
        .depth_cm = real_of(cursor, c->depth, NAN),
        .id = tl_cursor_id(cursor),
        .year = tl_date_year(text_of(cursor, c->date))};
    if (kind == TL_KIND_SEARCH && isnan(shape->year)) /* only the first day is known */
        shape->year = tl_date_year(text_of(cursor, tl_kind_column(kind, "date_start")));
    err = tl_geom_transform(ctx, g->to_grid, wkb, bytes, &shape->wkb, &shape->wkb_bytes);
    if (err != TL_OK)
        return tl_fail_at(ctx, err, "%s", tl_cursor_code(cursor));
    err = repair(ctx, shape);
    if (err != TL_OK)
        return tl_fail_at(ctx, err, "%s", tl_cursor_code(cursor));
    TL_TRY(copy_text(ctx, text_of(cursor, c->method), &shape->method));
    TL_TRY(copy_text(ctx, tl_cursor_code(cursor), &shape->code));
    TL_TRY(copy_text(ctx, tl_cursor_source_id(cursor), &shape->source_id));
    for (int i = 0; i < TL_GATHER_TEXTS && kind == TL_KIND_SEARCH; i++)
        TL_TRY(copy_text(ctx, text_of(cursor, tl_kind_column(kind, search_texts[i])),
                         &shape->texts[i]));
done:
    return err;
}

static void free_point(struct tl_gather_point *point)
{
    tl_free(point->search);
}

static void free_shape(struct tl_gather_shape *shape)
{
    tl_free(shape->wkb);
    tl_free(shape->method);
    tl_free(shape->code);
    tl_free(shape->source_id);
    for (int i = 0; i < TL_GATHER_TEXTS; i++)
        tl_free(shape->texts[i]);
}

static int compare_numbers(const double *a, const double *b, int n)
{
    for (int i = 0; i < n; i++) {
        if (isnan(a[i]) != isnan(b[i]))
            return isnan(a[i]) ? 1 : -1;
        if (a[i] != b[i] && !isnan(a[i]))
            return a[i] < b[i] ? -1 : 1;
    }
    return 0;
}

static int compare_texts(const char *a, const char *b)
{
    return strcmp(a == NULL ? "" : a, b == NULL ? "" : b);
}

static int compare_points(const void *left, const void *right)
{
    const struct tl_gather_point *a = left, *b = right;
    const double na[] = {a->x_m,  a->y_m,         a->accuracy_m,      a->number,
                         a->year, (double)a->how, (double)a->is_other};
    const double nb[] = {b->x_m,  b->y_m,         b->accuracy_m,      b->number,
                         b->year, (double)b->how, (double)b->is_other};
    int order = compare_numbers(na, nb, 7);
    order = order != 0 ? order : compare_texts(a->search, b->search);
    return order != 0 ? order : memcmp(a->key, b->key, sizeof a->key);
}

static int compare_shapes(const void *left, const void *right)
{
    const struct tl_gather_shape *a = left, *b = right;
    const double na[] = {(double)a->wkb_bytes,
                         (double)a->type,
                         (double)a->status,
                         (double)a->direct,
                         (double)a->n_passes,
                         a->found,
                         a->year};
    const double nb[] = {(double)b->wkb_bytes,
                         (double)b->type,
                         (double)b->status,
                         (double)b->direct,
                         (double)b->n_passes,
                         b->found,
                         b->year};
    int order = compare_numbers(na, nb, 7);
    order = order != 0 ? order : memcmp(a->wkb, b->wkb, (size_t)a->wkb_bytes);
    order = order != 0 ? order : compare_texts(a->method, b->method);
    order = order != 0 ? order : compare_texts(a->source_id, b->source_id);
    return order != 0 ? order : memcmp(a->key, b->key, sizeof a->key);
}

static bool is_shape(enum tl_kind kind)
{
    return kind == TL_KIND_HAZARD_AREA || kind == TL_KIND_SEARCH || kind == TL_KIND_LINE;
}

static tl_err grow(struct tl_ctx *ctx, struct tl_gather *g, enum tl_kind kind, int64_t *room)
{
    if (g->n[kind] < *room)
        return TL_OK;
    int64_t more = *room == 0 ? 256 : 2 * *room;
    if (is_shape(kind)) {
        void *p = tl_regrow(ctx, g->shapes[kind], *room, more, sizeof *g->shapes[kind]);
        if (p == NULL)
            return TL_ENOMEM;
        g->shapes[kind] = p;
    } else {
        void *p = tl_regrow(ctx, g->points[kind], *room, more, sizeof *g->points[kind]);
        if (p == NULL)
            return TL_ENOMEM;
        g->points[kind] = p;
    }
    *room = more;
    return TL_OK;
}

static tl_err read_kind(struct tl_ctx *ctx, struct tl_project *project, struct tl_gather *g,
                        enum tl_kind kind)
{
    tl_err err = TL_OK;
    struct tl_cursor *cursor = NULL;
    struct columns c = columns_of(kind);
    struct tl_buf buf = {0};
    int64_t room = 0;
    bool more = false;
    TL_TRY(tl_register_select(ctx, project, kind, NULL, &cursor));
    for (;;) {
        TL_TRY(tl_cursor_next(ctx, cursor, &more));
        if (!more)
            break;
        int64_t bytes = 0;
        if (tl_cursor_wkb(cursor, &bytes) == NULL)
            continue;
        bool is_other = !tl_group_takes(g->group, text_of(cursor, c.category));
        g->n_other_group += is_other;
        if (is_other && kind != TL_KIND_ITEM)
            continue;
        TL_TRY(grow(ctx, g, kind, &room));
        int64_t i = g->n[kind]++; /* counted first, so that a half-read one is freed too */
        if (is_shape(kind))
            TL_TRY(read_shape(ctx, g, kind, &c, cursor, &g->shapes[kind][i]));
        else
            TL_TRY(read_point(ctx, g, kind, &c, cursor, &g->points[kind][i]));
        if (is_other)
            g->points[kind][i].is_other = true;
        TL_TRY(read_key(ctx, kind, cursor, &buf,
                        is_shape(kind) ? g->shapes[kind][i].key : g->points[kind][i].key));
        if (i % 1024 == 0)
            TL_TRY(tl_cancelled(ctx));
    }
    if (is_shape(kind) && g->n[kind] > 1)
        qsort(g->shapes[kind], (size_t)g->n[kind], sizeof *g->shapes[kind], compare_shapes);
    else if (g->n[kind] > 1)
        qsort(g->points[kind], (size_t)g->n[kind], sizeof *g->points[kind], compare_points);
done:
    tl_buf_fini(&buf);
    tl_cursor_free(cursor);
    return err;
}

tl_err tl_gather_init(struct tl_ctx *ctx, struct tl_project *project, enum tl_group group,
                      const double *cell_area, const struct tl_land *land, struct tl_gather *gather)
{
    tl_err err = TL_OK;
    memset(gather, 0, sizeof *gather);
    gather->grid = tl_project_grid(project);
    gather->cell_area = cell_area;
    gather->land = land;
    gather->group = group;
    TL_TRY(tl_crs_map_create(ctx, "EPSG:4326", tl_project_crs(project), &gather->to_grid));
    for (int k = 0; k < TL_KIND_COUNT; k++)
        TL_TRY(read_kind(ctx, project, gather, (enum tl_kind)k));
done:
    if (err != TL_OK)
        tl_gather_fini(gather);
    return err;
}

void tl_gather_fini(struct tl_gather *gather)
{
    for (int k = 0; k < TL_KIND_COUNT; k++) {
        for (int64_t i = 0; i < gather->n[k]; i++) {
            if (is_shape((enum tl_kind)k))
                free_shape(&gather->shapes[k][i]);
            else
                free_point(&gather->points[k][i]);
        }
        tl_free(gather->points[k]);
        tl_free(gather->shapes[k]);
    }
    tl_crs_map_free(gather->to_grid);
    memset(gather, 0, sizeof *gather);
}

static int compare_depths(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

tl_err tl_gather_depths(struct tl_ctx *ctx, const struct tl_gather *gather, struct tl_depth *depth)
{
    tl_err err = TL_OK;
    const struct tl_gather_point *items = gather->points[TL_KIND_ITEM];
    struct tl_depth made = {0};
    TL_TRY_ALLOC(ctx, made.depths_cm, gather->n[TL_KIND_ITEM]);
    for (int64_t i = 0; i < gather->n[TL_KIND_ITEM]; i++)
        if (!items[i].is_other && isfinite(items[i].depth_cm))
            made.depths_cm[made.n++] = items[i].depth_cm;
    qsort(made.depths_cm, (size_t)made.n, sizeof *made.depths_cm, compare_depths);
    *depth = made;
done:
    return err;
}
