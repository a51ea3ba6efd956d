/*
 * What the register holds for the progress tables. Of a date only the year counts, except for the order of releases. A record's district
 * is that of the nearest place with an administrative level, on the plane, as far as 50 km: the same rule as of plans.
 */
#include <limits.h>
#include <math.h>
#include <string.h>

#include "core/text.h"
#include "evidence/date.h"
#include "evidence/region.h"
#include "evidence/tally.h"

static const char *text_of(const struct tl_cursor *cursor, enum tl_kind kind, const char *column)
{
    return tl_cursor_text(cursor, tl_kind_column(kind, column));
}

static double real_of(const struct tl_cursor *cursor, enum tl_kind kind, const char *column)
{
    return tl_cursor_real(cursor, tl_kind_column(kind, column));
}

/* Year of a date, 0 = not known; widens the years on record. */
static int year_of(struct tl_tally_maker *m, const char *date)
{
    double year = date == NULL ? NAN : tl_date_year(date);
    if (!isfinite(year))
        return 0;
    int y = (int)floor(year);
    m->first_year = m->first_year == 0 || y < m->first_year ? y : m->first_year;
    m->last_year = y > m->last_year ? y : m->last_year;
    return y;
}

static void put_apart(struct tl_tally_maker *m, int apart, double area_m2, int64_t number)
{
    struct tl_tally_sum *sum = &m->tally->apart[apart];
    sum->records++;
    sum->area_m2 += isfinite(area_m2) ? area_m2 : 0.0;
    sum->number += number;
}

/* Room for one more in a list that doubles. */
static tl_err grow(struct tl_ctx *ctx, void **list, int64_t n, int64_t *room, size_t size)
{
    char *more = NULL;
    tl_err err = TL_OK;
    if (n < *room)
        return TL_OK;
    int64_t wanted = *room == 0 ? 64 : 2 * *room;
    TL_TRY_ALLOC(ctx, more, wanted * (int64_t)size);
    if (n > 0)
        memcpy(more, *list, (size_t)n * size);
    tl_free(*list);
    *list = more;
    *room = wanted;
done:
    return err;
}

/* Districts */

static tl_err district_named(struct tl_tally_maker *m, const char *name, int *district)
{
    struct tl_tally *t = m->tally;
    tl_err err = TL_OK;
    for (int64_t d = 0; d < t->n_districts; d++)
        if (strcmp(t->districts[d], name) == 0) {
            *district = (int)d;
            return TL_OK;
        }
    TL_TRY(grow(m->ctx, (void **)&t->districts, t->n_districts, &m->districts_room,
                sizeof *t->districts));
    TL_TRY_ALLOC(m->ctx, t->districts[t->n_districts], (int64_t)strlen(name) + 1);
    strcpy(t->districts[t->n_districts], name);
    *district = (int)t->n_districts++;
done:
    return err;
}

static tl_err read_place(struct tl_tally_maker *m, const struct tl_cursor *cursor)
{
    struct tl_tally_place place;
    struct tl_geom_info info;
    int64_t bytes = 0;
    tl_err err = TL_OK;
    const void *wkb = tl_cursor_wkb(cursor, &bytes);
    const char *name = text_of(cursor, TL_KIND_PLACE, "admin2");
    name = name != NULL && name[0] != '\0' ? name : text_of(cursor, TL_KIND_PLACE, "admin1");
    if (name == NULL || name[0] == '\0' || wkb == NULL)
        return TL_OK;
    TL_TRY(tl_geom_info(m->ctx, wkb, bytes, &info));
    place.x = info.x;
    place.y = info.y;
    tl_crs_map_points(m->to_grid, 1, &place.x, &place.y, NULL);
    if (!isfinite(place.x))
        return TL_OK;
    TL_TRY(district_named(m, name, &place.district));
    TL_TRY(grow(m->ctx, (void **)&m->places, m->n_places, &m->places_room, sizeof *m->places));
    m->places[m->n_places++] = place;
done:
    return err;
}

static int district_at(const struct tl_tally_maker *m, double x, double y)
{
    double best = TL_REGION_AROUND_M * TL_REGION_AROUND_M;
    int district = 0;
    for (int64_t i = 0; i < m->n_places; i++) {
        double dx = m->places[i].x - x, dy = m->places[i].y - y, d = dx * dx + dy * dy;
        district = d < best ? m->places[i].district : district;
        best = d < best ? d : best;
    }
    return district;
}

/* Polygons */

/* The record's polygon on the grid's plane; wkb stays NULL where it has none. */
static tl_err take_polygon(struct tl_tally_maker *m, const struct tl_cursor *cursor,
                           struct tl_tally_shape *shape)
{
    struct tl_geom_info info;
    int64_t bytes = 0, mended_bytes = 0;
    void *mended = NULL;
    tl_err err = TL_OK;
    const void *wkb = tl_cursor_wkb(cursor, &bytes);
    if (wkb == NULL)
        return TL_OK;
    TL_TRY(tl_geom_info(m->ctx, wkb, bytes, &info));
    if (info.kind != TL_GEOM_POLYGON || info.is_empty)
        return TL_OK;
    if (!info.is_valid) {
        TL_TRY(tl_geom_repair(m->ctx, wkb, bytes, &mended, &mended_bytes));
        wkb = mended;
        bytes = mended_bytes;
    }
    TL_TRY(tl_geom_transform(m->ctx, m->to_grid, wkb, bytes, &shape->wkb, &shape->wkb_bytes));
    TL_TRY(tl_geom_info(m->ctx, shape->wkb, shape->wkb_bytes, &info));
    shape->area_m2 = info.area;
    memcpy(shape->box, info.box, sizeof shape->box);
    shape->district = district_at(m, info.x, info.y);
done:
    tl_free(mended);
    return err;
}

/* Takes the shape over. */
static tl_err keep(struct tl_tally_maker *m, struct tl_tally_shapes *shapes,
                   struct tl_tally_shape *shape)
{
    tl_err err = grow(m->ctx, (void **)&shapes->list, shapes->n, &shapes->room, sizeof *shape);
    if (err != TL_OK)
        return err;
    shape->order = shapes->n;
    shapes->list[shapes->n++] = *shape;
    shape->wkb = NULL;
    return TL_OK;
}

static int product_of(const char *text)
{
    for (int p = 0; text != NULL && p < TL_TALLY_PRODUCTS; p++)
        if (strcmp(text, tl_tally_product_name((enum tl_tally_product)p)) == 0)
            return p;
    return -1;
}

/* Keeps released land, or counts it apart. `reported_m2` where there is no polygon. */
static tl_err release(struct tl_tally_maker *m, const struct tl_tally_shape *from, int product,
                      const char *date, double reported_m2)
{
    struct tl_tally_shape shape = *from;
    tl_err err = TL_OK;
    shape.wkb = NULL;
    shape.product = product;
    shape.year = year_of(m, date);
    if (from->wkb == NULL) {
        put_apart(m, TL_TALLY_CANCELLED_NO_POLYGON + product, reported_m2, 0);
        return TL_OK;
    }
    if (shape.year == 0) {
        put_apart(m, TL_TALLY_CANCELLED_NO_DATE + product, from->area_m2, 0);
        return TL_OK;
    }
    strncpy(shape.when, date, sizeof shape.when - 1);
    TL_TRY_ALLOC(m->ctx, shape.wkb, from->wkb_bytes);
    memcpy(shape.wkb, from->wkb, (size_t)from->wkb_bytes);
    TL_TRY(keep(m, &m->releases, &shape));
done:
    tl_free(shape.wkb);
    return err;
}

static tl_err read_area(struct tl_tally_maker *m, const struct tl_cursor *cursor)
{
    enum tl_kind kind = TL_KIND_HAZARD_AREA;
    struct tl_tally_shape shape = {0};
    tl_err err = TL_OK;
    const char *class = text_of(cursor, kind, "classification"),
               *evidence = text_of(cursor, kind, "evidence");
    const char *status = text_of(cursor, kind, "status"),
               *closed = text_of(cursor, kind, "date_closed");
    bool is_open = status == NULL || strcmp(status, "open") == 0;
    int product = product_of(status);
    TL_TRY(take_polygon(m, cursor, &shape));
    shape.year_recorded = year_of(m, text_of(cursor, kind, "date"));
    shape.year_closed = is_open ? INT_MAX : year_of(m, closed);
    shape.is_confirmed = class != NULL ? strcmp(class, "CHA") == 0
                                       : evidence != NULL && strcmp(evidence, "direct") == 0;
    shape.has_class = class != NULL || evidence != NULL;
    if (product >= 0)
        TL_TRY(release(m, &shape, product, closed, NAN));
    if (m->open_only) {
        if (is_open && shape.wkb != NULL)
            TL_TRY(keep(m, &m->areas, &shape));
    } else if (shape.wkb == NULL)
        put_apart(m, TL_TALLY_AREA_NO_POLYGON, 0.0, 0);
    else if (!shape.has_class)
        put_apart(m, TL_TALLY_AREA_NO_CLASS, shape.area_m2, 0);
    else if (shape.year_recorded == 0)
        put_apart(m, TL_TALLY_AREA_NO_DATE, shape.area_m2, 0);
    else if (shape.year_closed == 0)
        put_apart(m, TL_TALLY_AREA_CLOSED_NO_DATE, shape.area_m2, 0);
    else {
        shape.product = is_open ? TL_TALLY_PRODUCTS : product;
        TL_TRY(keep(m, &m->areas, &shape));
    }
done:
    tl_free(shape.wkb);
    return err;
}

static tl_err read_search(struct tl_tally_maker *m, const struct tl_cursor *cursor)
{
    enum tl_kind kind = TL_KIND_SEARCH;
    struct tl_tally_shape shape = {0};
    tl_err err = TL_OK;
    int product = product_of(text_of(cursor, kind, "released_as"));
    const char *date = text_of(cursor, kind, "date_end");
    if (product < 0)
        return TL_OK;
    date = date != NULL ? date : text_of(cursor, kind, "date_start");
    TL_TRY(take_polygon(m, cursor, &shape));
    TL_TRY(release(m, &shape, product, date, real_of(cursor, kind, "area_m2")));
done:
    tl_free(shape.wkb);
    return err;
}

/* Points */

/* What was done with an item: destroyed, as far as the words say so. */
static bool is_destroyed(const char *disposal)
{
    static const char *const words[] = {"destr",   "demol",  "deton", "blown", "burn",
                                        "neutral", "disarm", "знищ",  "уничт", "знешкодж"};
    char folded[128];
    if (disposal == NULL)
        return false;
    size_t n = strlen(disposal);
    n = n < sizeof folded - 1 ? n : sizeof folded - 1;
    memcpy(folded, disposal, n);
    folded[n] = '\0';
    tl_text_fold(folded, folded);
    if (strncmp(folded, "not ", 4) == 0 || strncmp(folded, "не ", 5) == 0)
        return false;
    for (size_t k = 0; k < sizeof words / sizeof words[0]; k++)
        if (strstr(folded, words[k]) != NULL)
            return true;
    return false;
}

static int64_t count_of(const struct tl_cursor *cursor, enum tl_kind kind, const char *column,
                        int64_t fallback)
{
    double value = real_of(cursor, kind, column);
    return isfinite(value) ? (int64_t)value : fallback;
}

static tl_err read_point(struct tl_tally_maker *m, const struct tl_cursor *cursor,
                         enum tl_kind kind)
{
    struct tl_tally_point point = {.is_accident = kind == TL_KIND_ACCIDENT};
    struct tl_geom_info info = {0};
    int64_t bytes = 0;
    tl_err err = TL_OK;
    const void *wkb = tl_cursor_wkb(cursor, &bytes);
    point.number = point.is_accident ? 0 : count_of(cursor, kind, "number", 1);
    point.year = year_of(m, text_of(cursor, kind, "date"));
    if (point.year == 0) {
        put_apart(m, point.is_accident ? TL_TALLY_ACCIDENT_NO_DATE : TL_TALLY_ITEM_NO_DATE, 0.0,
                  point.number);
        return TL_OK;
    }
    if (wkb != NULL) {
        TL_TRY(tl_geom_info(m->ctx, wkb, bytes, &info));
        tl_crs_map_points(m->to_grid, 1, &info.x, &info.y, NULL);
        point.district = isfinite(info.x) ? district_at(m, info.x, info.y) : 0;
    }
    if (point.is_accident) {
        point.killed = count_of(cursor, kind, "killed", 0);
        point.injured = count_of(cursor, kind, "injured", 0);
        point.during_demining = count_of(cursor, kind, "during_demining", 0) == 1;
    } else {
        point.category = (int)tl_tally_category_of(text_of(cursor, kind, "category"));
        point.is_destroyed = is_destroyed(text_of(cursor, kind, "disposal"));
    }
    TL_TRY(grow(m->ctx, (void **)&m->points, m->n_points, &m->points_room, sizeof *m->points));
    m->points[m->n_points++] = point;
done:
    return err;
}

static tl_err read_record(struct tl_tally_maker *m, const struct tl_cursor *cursor,
                          enum tl_kind kind)
{
    if (kind == TL_KIND_PLACE)
        return read_place(m, cursor);
    if (kind == TL_KIND_HAZARD_AREA)
        return read_area(m, cursor);
    return kind == TL_KIND_SEARCH ? read_search(m, cursor) : read_point(m, cursor, kind);
}

static tl_err read_kind(struct tl_tally_maker *m, enum tl_kind kind)
{
    struct tl_cursor *cursor = NULL;
    bool more = true;
    tl_err err = TL_OK;
    TL_TRY(tl_register_select(m->ctx, m->project, kind, NULL, &cursor));
    for (;;) {
        TL_TRY(tl_cursor_next(m->ctx, cursor, &more));
        if (!more)
            break;
        TL_TRY(read_record(m, cursor, kind));
        TL_TRY(tl_cancelled(m->ctx));
    }
done:
    tl_cursor_free(cursor);
    return err;
}

tl_err tl_tally_read(struct tl_tally_maker *m)
{
    static const enum tl_kind kinds[] = {TL_KIND_PLACE, TL_KIND_HAZARD_AREA, TL_KIND_SEARCH,
                                         TL_KIND_ITEM, TL_KIND_ACCIDENT};
    int unknown = 0;
    tl_err err = district_named(m, "", &unknown);
    for (int k = 0; err == TL_OK && k < (int)(sizeof kinds / sizeof kinds[0]); k++)
        err = read_kind(m, kinds[k]);
    return err;
}

void tl_tally_shapes_cover(const struct tl_tally_shapes *shapes, struct tl_cover_search *searches,
                           double box[4])
{
    for (int64_t i = 0; i < shapes->n; i++) {
        const struct tl_tally_shape *s = &shapes->list[i];
        searches[i] =
            (struct tl_cover_search){.wkb = s->wkb, .wkb_bytes = s->wkb_bytes, .n_passes = 1};
        for (int k = 0; k < 2; k++) {
            box[k] = fmin(box[k], s->box[k]);
            box[k + 2] = fmax(box[k + 2], s->box[k + 2]);
        }
    }
}

void tl_tally_shapes_fini(struct tl_tally_shapes *shapes)
{
    for (int64_t i = 0; i < shapes->n; i++)
        tl_free(shapes->list[i].wkb);
    tl_free(shapes->list);
}
