/* What stands beside the PDF, for machines: GeoJSON of all shapes, CSV of turning points and searches with a row of HXL tags. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "geo/geom.h"
#include "geo/vector.h"
#include "report/dossier.h"
#include "tilth/coord.h"

enum { FIELDS_MAX = 20 };

/* A column: its name, its HXL tag, where its value is in a row of the assessment, how many decimals (-1: text). */
struct field {
    const char *name, *hxl, *key;
    int decimals;
};

static const struct field point_fields[] = {
    {"number", "#meta+num", "n", 0},
    {"part", "#meta+part", "part", 0},
    {"ring", "#meta+ring", "ring", 0},
    {"longitude", "#geo+lon", "lon_deg", 7},
    {"latitude", "#geo+lat", "lat_deg", 7},
    {"mgrs", "#geo+mgrs", "mgrs", -1},
    {"utm", "#geo+utm", NULL, -1},
    {"x_m", "#geo+x_m", "x_m", 2},
    {"y_m", "#geo+y_m", "y_m", 2},
    {"bearing_deg", "#geo+bearing_deg", "bearing_deg", 2},
    {"distance_m", "#geo+distance_m", "distance_m", 2},
};

static const struct field search_fields[] = {
    {"code", "#meta+code", "code", -1},
    {"type", "#activity+type", "type", -1},
    {"method", "#modality+method", "method", -1},
    {"passes", "#indicator+passes", "passes", 0},
    {"depth_cm", "#indicator+depth_cm", "depth_cm", 1},
    {"date_start", "#date+start", "date_start", -1},
    {"date_end", "#date+end", "date_end", -1},
    {"organisation", "#org", "organisation", -1},
    {"team", "#org+team", "team", -1},
    {"task", "#activity+task", "task", -1},
    {"area_m2", "#indicator+area_m2", "area_m2", 1},
    {"share", "#indicator+share", "share", 6},
    {"found", "#item+found+num", "found", 0},
};

enum {
    N_POINT_FIELDS = sizeof point_fields / sizeof point_fields[0],
    N_SEARCH_FIELDS = sizeof search_fields / sizeof search_fields[0]
};

/* Text of a value, NULL when there is none. */
static const char *value_of(struct tl_dossier *d, const json_t *row, const struct field *field)
{
    char text[TL_COORD_TEXT_BYTES];
    if (field->key == NULL) {
        double lon = tl_dossier_number(d, row, "lon_deg"),
               lat = tl_dossier_number(d, row, "lat_deg");
        if (!isfinite(lon) || !isfinite(lat) ||
            tl_coord_format(d->ctx, lon, lat, TL_COORD_UTM, 1.0, text) != TL_OK)
            return NULL;
        return tl_dossier_say(d, "%s", text);
    }
    if (field->decimals < 0)
        return tl_dossier_string(d, row, field->key);
    double number = tl_dossier_number(d, row, field->key);
    return isfinite(number) ? tl_dossier_say(d, "%.*f", field->decimals, number) : NULL;
}

static tl_err add_row(struct tl_dossier *d, struct tl_buf *buf, const json_t *row, int n,
                      const struct field *fields)
{
    tl_err err = TL_OK;
    for (int k = 0; k < n; k++) {
        const char *value = value_of(d, row, &fields[k]);
        if (k > 0)
            TL_TRY(tl_buf_add(d->ctx, buf, ","));
        if (value != NULL)
            TL_TRY(tl_buf_add_cell(d->ctx, buf, value));
    }
    TL_TRY(tl_buf_add(d->ctx, buf, "\n"));
done:
    return err;
}

/* The names and under them the HXL tags. */
static tl_err add_heads(struct tl_dossier *d, struct tl_buf *buf, int n, const struct field *fields)
{
    tl_err err = TL_OK;
    for (int line = 0; line < 2; line++)
        for (int k = 0; k < n; k++)
            TL_TRY(tl_buf_printf(d->ctx, buf, "%s%s", line == 0 ? fields[k].name : fields[k].hxl,
                                 k + 1 < n ? "," : "\n"));
done:
    return err;
}

tl_err tl_dossier_points_csv(struct tl_dossier *d, const char *path)
{
    tl_err err = TL_OK;
    struct tl_buf buf = {0};
    const json_t *points = tl_dossier_at(d, NULL, "area.turning_points");
    TL_TRY(add_heads(d, &buf, N_POINT_FIELDS, point_fields));
    for (size_t k = 0; k < json_array_size(points); k++)
        TL_TRY(add_row(d, &buf, json_array_get(points, k), N_POINT_FIELDS, point_fields));
    TL_TRY(d->err);
    err = tl_file_write(d->ctx, path, buf.text, buf.size_bytes);
done:
    tl_buf_fini(&buf);
    return err;
}

tl_err tl_dossier_searches_csv(struct tl_dossier *d, const char *path)
{
    tl_err err = TL_OK;
    struct tl_buf buf = {0};
    TL_TRY(add_heads(d, &buf, N_SEARCH_FIELDS, search_fields));
    for (int64_t k = 0; k < d->n_searches; k++)
        TL_TRY(add_row(d, &buf, d->searches[k].row, N_SEARCH_FIELDS, search_fields));
    TL_TRY(d->err);
    err = tl_file_write(d->ctx, path, buf.text, buf.size_bytes);
done:
    tl_buf_fini(&buf);
    return err;
}

/* Fields of the GeoJSON: what a feature is, then those of searches, of turning points and of items. */
static const struct field shape_fields[] = {
    {"feature", "", NULL, -1},
    {"code", "", "code", -1},
    {"name", "", "name", -1},
    {"number", "", "n", 0},
    {"part", "", "part", 0},
    {"ring", "", "ring", 0},
    {"mgrs", "", "mgrs", -1},
    {"bearing_deg", "", "bearing_deg", 2},
    {"distance_m", "", "distance_m", 2},
    {"type", "", "type", -1},
    {"method", "", "method", -1},
    {"passes", "", "passes", 0},
    {"depth_cm", "", "depth_cm", 1},
    {"date_start", "", "date_start", -1},
    {"date_end", "", "date_end", -1},
    {"organisation", "", "organisation", -1},
    {"team", "", "team", -1},
    {"area_m2", "", "area_m2", 1},
    {"category", "", "category", -1},
    {"date", "", "date", -1},
};
enum { N_SHAPE_FIELDS = sizeof shape_fields / sizeof shape_fields[0] };

static tl_err add_shape(struct tl_dossier *d, struct tl_vector_writer *writer, const char *feature,
                        const json_t *row, const void *wkb, int64_t wkb_bytes)
{
    const char *values[FIELDS_MAX] = {feature};
    for (int k = 1; k < N_SHAPE_FIELDS; k++)
        values[k] = value_of(d, row, &shape_fields[k]);
    return d->err != TL_OK ? d->err : tl_vector_add(d->ctx, writer, values, wkb, wkb_bytes);
}

static tl_err add_points(struct tl_dossier *d, struct tl_vector_writer *writer, const json_t *rows,
                         const char *feature)
{
    tl_err err = TL_OK;
    for (size_t k = 0; k < json_array_size(rows); k++) {
        unsigned char wkb[TL_GEOM_POINT_BYTES];
        const json_t *row = json_array_get(rows, k);
        double lon = tl_dossier_number(d, row, "lon_deg"),
               lat = tl_dossier_number(d, row, "lat_deg");
        const char *kind = feature != NULL ? feature : tl_dossier_string(d, row, "kind");
        if (!isfinite(lon) || !isfinite(lat))
            continue;
        tl_geom_point(lon, lat, wkb);
        TL_TRY(add_shape(d, writer, kind == NULL ? "item" : kind, row, wkb, sizeof wkb));
    }
done:
    return err;
}

tl_err tl_dossier_geojson(struct tl_dossier *d, const char *path)
{
    tl_err err = TL_OK;
    struct tl_vector_writer *writer = NULL;
    struct tl_vector_field fields[FIELDS_MAX];
    for (int k = 0; k < N_SHAPE_FIELDS; k++)
        fields[k] = (struct tl_vector_field){shape_fields[k].name,
                                             shape_fields[k].decimals < 0    ? TL_VECTOR_TEXT
                                             : shape_fields[k].decimals == 0 ? TL_VECTOR_INTEGER
                                                                             : TL_VECTOR_REAL};
    TL_TRY(tl_vector_create(d->ctx, path, "GeoJSON", "area", "any", "EPSG:4326", N_SHAPE_FIELDS,
                            fields, &writer));
    if (d->area_wkb != NULL)
        TL_TRY(add_shape(d, writer, "area", tl_dossier_at(d, NULL, "area"), d->area_wkb,
                         d->area_wkb_bytes));
    for (int64_t k = 0; k < d->n_searches; k++) {
        const struct tl_dossier_search *s = &d->searches[k];
        if (s->wkb != NULL)
            TL_TRY(add_shape(d, writer, s->is_quality ? "inspection" : "search", s->row, s->wkb,
                             s->wkb_bytes));
    }
    TL_TRY(add_points(d, writer, tl_dossier_at(d, NULL, "area.turning_points"), "turning point"));
    TL_TRY(add_points(d, writer, tl_dossier_at(d, NULL, "found.items"), NULL));
    err = tl_vector_finish(d->ctx, writer, true);
    writer = NULL;
done:
    if (writer != NULL && tl_vector_finish(d->ctx, writer, false) != TL_OK && err == TL_OK)
        err = TL_EIO;
    return err;
}
