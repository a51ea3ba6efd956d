#include "evidence/mapping.h"

#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/text.h"
#include "evidence/date.h"
#include "evidence/value.h"

static const char *const field_names[TL_FIELD_COLUMNS] = {
    "lon", "lat", "position", "x", "y", "wkt", "id", "remarks", "accuracy", "date_format"};

/* Names that say by themselves what they are, beside the field's own. x and y do not: they need a
 * system. */
static const struct {
    int field;
    const char *name;
} aliases[] = {{TL_FIELD_LON, "longitude"}, {TL_FIELD_LON, "lng"}, {TL_FIELD_LON, "long"},
               {TL_FIELD_LAT, "latitude"},  {TL_FIELD_ID, "id"},   {TL_FIELD_REMARKS, "remarks"}};

enum { N_ALIASES = sizeof aliases / sizeof *aliases };

void tl_mapping_init(struct tl_mapping *mapping, enum tl_kind kind)
{
    memset(mapping, 0, sizeof *mapping);
    mapping->kind = kind;
    mapping->n_fields = TL_FIELD_COLUMNS + tl_kind_info(kind)->n_columns;
    for (int f = 0; f < TL_FIELDS_MAX; f++)
        mapping->fields[f].index = -1;
}

void tl_mapping_fini(struct tl_mapping *mapping)
{
    for (int f = 0; f < TL_FIELDS_MAX; f++)
        tl_free(mapping->fields[f].column);
    memset(mapping, 0, sizeof *mapping);
}

const char *tl_mapping_field(const struct tl_mapping *mapping, int field)
{
    return field < TL_FIELD_COLUMNS
               ? field_names[field]
               : tl_kind_info(mapping->kind)->columns[field - TL_FIELD_COLUMNS].name;
}

static tl_err no_such_field(struct tl_ctx *ctx, const struct tl_mapping *mapping, const char *field)
{
    struct tl_buf list = {0};
    const char *nearest = NULL;
    int best = 3;
    tl_err err = TL_OK;
    for (int f = 0; f < mapping->n_fields; f++) {
        const char *name = tl_mapping_field(mapping, f);
        TL_TRY(tl_buf_printf(ctx, &list, "%s%s", f > 0 ? ", " : "", name));
        if (tl_text_slips(field, name) < best) {
            best = tl_text_slips(field, name);
            nearest = name;
        }
    }
    err = tl_fail(ctx, TL_EUSAGE, "\"%s\" is not a field of %s%s%s%s; there are: %s", field,
                  tl_kind_info(mapping->kind)->name, nearest ? " (did you mean \"" : "",
                  nearest ? nearest : "", nearest ? "\"?)" : "", list.text);
done:
    tl_buf_fini(&list);
    return err;
}

static int find_field(const struct tl_mapping *mapping, const char *name)
{
    for (int f = 0; f < mapping->n_fields; f++)
        if (strcmp(tl_mapping_field(mapping, f), name) == 0)
            return f;
    return -1;
}

static tl_err set_field(struct tl_ctx *ctx, struct tl_mapping *mapping, int f, const char *column,
                        enum tl_field_origin origin)
{
    struct tl_mapped *mapped = &mapping->fields[f];
    if (mapped->origin > origin)
        return TL_OK;
    if (!tl_text_is_utf8(column, (int64_t)strlen(column)))
        return tl_fail(ctx, TL_EUSAGE, "what %s is mapped to is not UTF-8 text",
                       tl_mapping_field(mapping, f));
    if (mapped->origin == origin)
        return tl_fail(ctx, TL_EUSAGE, "%s is mapped twice: to \"%s\" and to \"%s\"",
                       tl_mapping_field(mapping, f), mapped->column ? mapped->column : "", column);
    char *copy = NULL;
    if (column[0] != '\0' && (copy = tl_strdup(ctx, column)) == NULL)
        return TL_ENOMEM;
    tl_free(mapped->column);
    mapped->column = copy;
    mapped->origin = origin;
    return TL_OK;
}

tl_err tl_mapping_set(struct tl_ctx *ctx, struct tl_mapping *mapping, const char *field,
                      const char *column, enum tl_field_origin origin)
{
    int f = find_field(mapping, field);
    if (f < 0)
        return no_such_field(ctx, mapping, field);
    enum tl_date_order order;
    if (f == TL_FIELD_DATE_FORMAT && column[0] != '\0') {
        const char *name = column + (column[0] == '=');
        if (!tl_date_order_find(name, &order))
            return tl_fail(ctx, TL_EUSAGE,
                           "date_format is \"%s\", expected ymd, dmy, mdy, serial or serial-1904",
                           name);
        char constant[32];
        snprintf(constant, sizeof constant, "=%s", name);
        return set_field(ctx, mapping, f, constant, origin);
    }
    return set_field(ctx, mapping, f, column, origin);
}

tl_err tl_mapping_from_json(struct tl_ctx *ctx, struct tl_mapping *mapping, const char *json,
                            enum tl_field_origin origin)
{
    tl_err err = TL_OK;
    json_t *object = json_loads(json, 0, NULL), *value = NULL;
    const char *key = NULL;
    json_object_foreach(object, key, value)
    {
        int f = find_field(mapping, key);
        if (f >= 0 && json_is_string(value))
            TL_TRY(set_field(ctx, mapping, f, json_string_value(value), origin));
    }
done:
    json_decref(object);
    return err;
}

tl_err tl_mapping_json(struct tl_ctx *ctx, const struct tl_mapping *mapping, bool left_out,
                       char **json)
{
    json_t *object = json_object();
    int bad = object == NULL;
    for (int f = 0; f < mapping->n_fields && !bad; f++) {
        const struct tl_mapped *mapped = &mapping->fields[f];
        const char *column = mapped->column;
        if (column == NULL && left_out && mapped->origin > TL_ORIGIN_NAME)
            column = "";
        if (column != NULL)
            bad = json_object_set_new_nocheck(object, tl_mapping_field(mapping, f),
                                              json_string_nocheck(column)) != 0;
    }
    tl_err err = bad ? tl_fail(ctx, TL_ENOMEM, "the mapping could not be written as JSON")
                     : tl_json_text(ctx, object, json);
    json_decref(object);
    return err;
}

void tl_mapping_pairs(const struct tl_mapping *mapping, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (int f = 0; f < mapping->n_fields; f++) {
        const char *column = mapping->fields[f].column;
        if (column == NULL)
            continue;
        int n = snprintf(out + used, size - used, "%s%s=%s", used > 0 ? " " : "",
                         tl_mapping_field(mapping, f), column);
        if (n < 0 || used + (size_t)n >= size) {
            out[used] = '\0';
            return;
        }
        used += (size_t)n;
    }
}

static bool is_position(int f)
{
    return f <= TL_FIELD_WKT;
}

/* A way to a position that the user chose keeps out the ways that were remembered or that names
 * suggest. */
static void drop_lesser_positions(struct tl_mapping *mapping)
{
    enum tl_field_origin most = TL_ORIGIN_NONE;
    for (int f = 0; is_position(f); f++)
        if (mapping->fields[f].column != NULL && mapping->fields[f].origin > most)
            most = mapping->fields[f].origin;
    for (int f = 0; is_position(f); f++)
        if (mapping->fields[f].origin < most) {
            tl_free(mapping->fields[f].column);
            mapping->fields[f].column = NULL;
            mapping->fields[f].origin = TL_ORIGIN_NONE; /* nobody has left it out */
        }
}

static bool is_table(const struct tl_vector *vector)
{
    static const char *const drivers[] = {"CSV", "XLSX", "ODS", "XLS"};
    for (size_t i = 0; i < sizeof drivers / sizeof *drivers; i++)
        if (strcmp(tl_vector_driver(vector), drivers[i]) == 0)
            return true;
    return false;
}

static tl_err set_by_name(struct tl_ctx *ctx, struct tl_mapping *mapping, int f,
                          const struct tl_vector *vector, const char *name)
{
    int index = tl_vector_find_column(vector, name);
    if (mapping->fields[f].origin != TL_ORIGIN_NONE || index < 0)
        return TL_OK;
    return set_field(ctx, mapping, f, tl_vector_column(vector, index), TL_ORIGIN_NAME);
}

static tl_err complete_by_names(struct tl_ctx *ctx, struct tl_mapping *mapping,
                                const struct tl_vector *vector)
{
    tl_err err = TL_OK;
    bool has_position = false;
    const char *shape = tl_kind_info(mapping->kind)->geometry;
    bool points = strcmp(shape, "point") == 0 || strcmp(shape, "any") == 0;
    for (int f = 0; is_position(f); f++)
        has_position = has_position || mapping->fields[f].column != NULL;
    if (!has_position && points) {
        TL_TRY(set_by_name(ctx, mapping, TL_FIELD_LON, vector, "lon"));
        TL_TRY(set_by_name(ctx, mapping, TL_FIELD_LAT, vector, "lat"));
    }
    for (int i = 0; i < N_ALIASES; i++)
        if (!is_position(aliases[i].field) || (!has_position && points))
            TL_TRY(set_by_name(ctx, mapping, aliases[i].field, vector, aliases[i].name));
    bool lonlat = mapping->fields[TL_FIELD_LON].column && mapping->fields[TL_FIELD_LAT].column;
    if (!has_position && !lonlat && is_table(vector)) {
        TL_TRY(set_by_name(ctx, mapping, TL_FIELD_WKT, vector, "wkt"));
        if (points && mapping->fields[TL_FIELD_WKT].column == NULL)
            TL_TRY(set_by_name(ctx, mapping, TL_FIELD_POSITION, vector, "position"));
    }
    TL_TRY(set_by_name(ctx, mapping, TL_FIELD_ACCURACY, vector, "accuracy"));
    for (int f = TL_FIELD_COLUMNS; f < mapping->n_fields; f++)
        TL_TRY(set_by_name(ctx, mapping, f, vector, tl_mapping_field(mapping, f)));
done:
    return err;
}

static tl_err list_columns(struct tl_ctx *ctx, const struct tl_vector *vector, struct tl_buf *list)
{
    int n = tl_vector_n_columns(vector);
    tl_err err = n > 0 ? TL_OK : tl_buf_printf(ctx, list, "(none)");
    for (int c = 0; c < n && c < 40 && err == TL_OK; c++)
        err = tl_buf_printf(ctx, list, "%s%s", c > 0 ? ", " : "", tl_vector_column(vector, c));
    return err;
}

static tl_err no_such_column(struct tl_ctx *ctx, const struct tl_mapping *mapping, int field,
                             const struct tl_vector *vector)
{
    tl_err err = TL_OK;
    struct tl_buf list = {0};
    const char *column = mapping->fields[field].column, *nearest = NULL;
    int best = 3, n = tl_vector_n_columns(vector);
    TL_TRY(list_columns(ctx, vector, &list));
    for (int c = 0; c < n; c++) {
        const char *name = tl_vector_column(vector, c);
        if (tl_text_slips(column, name) < best) {
            best = tl_text_slips(column, name);
            nearest = name;
        }
    }
    err = tl_fail(ctx, TL_ENOTFOUND, "there is no column \"%s\" for %s%s%s%s; the columns are: %s",
                  column, tl_mapping_field(mapping, field), nearest ? " (did you mean \"" : "",
                  nearest ? nearest : "", nearest ? "\"?)" : "", list.text);
done:
    tl_buf_fini(&list);
    return err;
}

static tl_err no_position(struct tl_ctx *ctx, const struct tl_kind_info *info,
                          const struct tl_vector *vector)
{
    struct tl_buf list = {0};
    bool point = strcmp(info->geometry, "point") == 0 || strcmp(info->geometry, "any") == 0;
    tl_err err = list_columns(ctx, vector, &list);
    if (err == TL_OK)
        err =
            tl_fail(ctx, TL_EDATA,
                    "no position is mapped for %s: expected %s with --map (the file has no "
                    "geometry of its own); the columns are: %s",
                    info->name, point ? "lon and lat, x and y, position or wkt" : "wkt", list.text);
    tl_buf_fini(&list);
    return err;
}

static tl_err choose_way(struct tl_ctx *ctx, struct tl_mapping *mapping,
                         const struct tl_vector *vector)
{
    static const int pairs[][2] = {{TL_FIELD_LON, TL_FIELD_LAT}, {TL_FIELD_X, TL_FIELD_Y}};
    const struct tl_mapped *f = mapping->fields;
    const struct tl_kind_info *info = tl_kind_info(mapping->kind);
    for (int i = 0; i < 2; i++) {
        bool a = f[pairs[i][0]].column != NULL, b = f[pairs[i][1]].column != NULL;
        if (a != b && f[pairs[i][a ? 0 : 1]].origin > TL_ORIGIN_NAME)
            return tl_fail(ctx, TL_EUSAGE, "%s is mapped but %s is not: a position needs both",
                           field_names[pairs[i][a ? 0 : 1]], field_names[pairs[i][a ? 1 : 0]]);
    }
    bool lonlat = f[TL_FIELD_LON].column && f[TL_FIELD_LAT].column;
    bool xy = f[TL_FIELD_X].column && f[TL_FIELD_Y].column;
    bool position = f[TL_FIELD_POSITION].column != NULL, wkt = f[TL_FIELD_WKT].column != NULL;
    if (lonlat + xy + position + wkt > 1)
        return tl_fail(
            ctx, TL_EUSAGE,
            "the position is mapped in more than one way: expected one of lon and lat, x "
            "and y, position, wkt");
    bool by_name = lonlat && f[TL_FIELD_LON].origin == TL_ORIGIN_NAME;
    mapping->way = wkt                                        ? TL_WAY_WKT
                   : xy                                       ? TL_WAY_XY
                   : position                                 ? TL_WAY_POSITION
                   : lonlat && (!by_name || is_table(vector)) ? TL_WAY_LONLAT
                                                              : TL_WAY_GEOMETRY;
    bool is_point = mapping->way == TL_WAY_LONLAT || xy || position;
    if (is_point && strcmp(info->geometry, "point") != 0 && strcmp(info->geometry, "any") != 0)
        return tl_fail(
            ctx, TL_EDATA,
            "records of kind %s are %ss, but the mapping gives points: map wkt, or import "
            "a file with geometry (GeoJSON, GeoPackage, Shapefile, KML)",
            info->name, info->geometry);
    if (mapping->way == TL_WAY_GEOMETRY && is_table(vector))
        return no_position(ctx, info, vector);
    return TL_OK;
}

/* Which of two columns of one name is meant is not for us to guess. */
static tl_err one_such_column(struct tl_ctx *ctx, const struct tl_vector *vector, int index)
{
    const char *name = tl_vector_column(vector, index);
    for (int c = 0; c < tl_vector_n_columns(vector); c++)
        if (c != index && strcmp(tl_vector_column(vector, c), name) == 0)
            return tl_fail(ctx, TL_EDATA,
                           "two columns are called '%s' (numbers %d and %d); rename one of them",
                           name, index + 1, c + 1);
    return TL_OK;
}

tl_err tl_mapping_resolve(struct tl_ctx *ctx, struct tl_mapping *mapping,
                          const struct tl_vector *vector)
{
    tl_err err = TL_OK;
    drop_lesser_positions(mapping);
    TL_TRY(complete_by_names(ctx, mapping, vector));
    for (int f = 0; f < mapping->n_fields; f++) {
        struct tl_mapped *mapped = &mapping->fields[f];
        mapped->index = -1;
        if (mapped->column == NULL || mapped->column[0] == '=')
            continue;
        mapped->index = tl_vector_find_column(vector, mapped->column);
        if (mapped->index < 0)
            TL_TRY(no_such_column(ctx, mapping, f, vector));
        TL_TRY(one_such_column(ctx, vector, mapped->index));
    }
    TL_TRY(choose_way(ctx, mapping, vector));
done:
    return err;
}

tl_err tl_mapping_columns(struct tl_ctx *ctx, const struct tl_vector *vector, char hex[65],
                          char **list)
{
    tl_err err = TL_OK;
    struct tl_buf names = {0};
    struct tl_hash hash;
    uint8_t bytes[TL_HASH_BYTES];
    tl_hash_init(&hash);
    TL_TRY(tl_buf_add(ctx, &names, ""));
    for (int c = 0; c < tl_vector_n_columns(vector); c++) {
        const char *name = tl_vector_column(vector, c);
        tl_hash_add(&hash, name, (int64_t)strlen(name) + 1);
        TL_TRY(tl_buf_printf(ctx, &names, "%s%s", c > 0 ? ", " : "", name));
    }
    *list = tl_strdup(ctx, names.text);
    if (*list == NULL)
        TL_TRY(TL_ENOMEM);
    tl_hash_done(&hash, bytes);
    tl_hash_hex(bytes, hex);
done:
    tl_buf_fini(&names);
    return err;
}
