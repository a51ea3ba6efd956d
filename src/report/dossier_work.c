/* The tables of what was done: turning points, searches, quality control, what was found. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/dossier.h"
#include "tilth/coord.h"

/* Cells of a table whose texts belong to the dossier; NULL and d->err where there is no memory. */
static const char **make_cells(struct tl_dossier *d, int64_t n_rows, int n_columns)
{
    const char **cells = tl_alloc(d->ctx, n_rows * n_columns, sizeof *cells);
    if (cells == NULL && d->err == TL_OK)
        d->err = TL_ENOMEM;
    return cells;
}

static const char *coordinate(struct tl_dossier *d, double lon, double lat,
                              enum tl_coord_format format)
{
    char text[TL_COORD_TEXT_BYTES];
    if (!isfinite(lon) || !isfinite(lat) ||
        tl_coord_format(d->ctx, lon, lat, format, 1.0, text) != TL_OK)
        return "–";
    return tl_dossier_say(d, "%s", text);
}

static bool has_several_rings(const json_t *points)
{
    for (size_t k = 0; k < json_array_size(points); k++) {
        const json_t *p = json_array_get(points, k);
        if (json_integer_value(json_object_get(p, "part")) !=
                json_integer_value(json_object_get(json_array_get(points, 0), "part")) ||
            json_integer_value(json_object_get(p, "ring")) !=
                json_integer_value(json_object_get(json_array_get(points, 0), "ring")))
            return true;
    }
    return false;
}

static void fill_point(struct tl_dossier *d, const json_t *p, bool rings, const char **cells)
{
    double lon = tl_dossier_number(d, p, "lon_deg"), lat = tl_dossier_number(d, p, "lat_deg");
    const char *mgrs = tl_dossier_string(d, p, "mgrs");
    int c = 0;
    cells[c++] = tl_dossier_say(d, "%lld", (long long)json_integer_value(json_object_get(p, "n")));
    if (rings)
        cells[c++] = tl_dossier_say(d, "%.0f.%.0f", fmax(0.0, tl_dossier_number(d, p, "part")),
                                    fmax(0.0, tl_dossier_number(d, p, "ring")));
    /* Degrees as devices take them: with a point in every language. */
    cells[c++] = isfinite(lon) ? tl_dossier_say(d, "%.6f", lon) : "–";
    cells[c++] = isfinite(lat) ? tl_dossier_say(d, "%.6f", lat) : "–";
    cells[c++] = coordinate(d, lon, lat, TL_COORD_UTM);
    cells[c++] = mgrs != NULL ? mgrs : coordinate(d, lon, lat, TL_COORD_MGRS);
    cells[c++] = isfinite(tl_dossier_number(d, p, "bearing_deg"))
                     ? tl_dossier_say(
                           d, "%s°", tl_dossier_fixed(d, tl_dossier_number(d, p, "bearing_deg"), 1))
                     : "–";
    cells[c++] = tl_dossier_fixed(d, tl_dossier_number(d, p, "distance_m"), 1);
}

void tl_dossier_turning_points(struct tl_dossier *d)
{
    struct tl_catalogue *w = d->words;
    const json_t *points = tl_dossier_at(d, NULL, "area.turning_points");
    int64_t n = (int64_t)json_array_size(points);
    bool rings = has_several_rings(points);
    struct tl_flow_column columns[8];
    int n_columns = 0;
    double perimeter = 0.0;
    columns[n_columns++] = (struct tl_flow_column){tl_catalogue_text(w, "No."), 26, TL_PAGE_RIGHT};
    if (rings)
        columns[n_columns++] =
            (struct tl_flow_column){tl_catalogue_text(w, "Part, ring"), 46, TL_PAGE_CENTRE};
    columns[n_columns++] =
        (struct tl_flow_column){tl_catalogue_text(w, "Longitude"), 58, TL_PAGE_RIGHT};
    columns[n_columns++] =
        (struct tl_flow_column){tl_catalogue_text(w, "Latitude"), 58, TL_PAGE_RIGHT};
    columns[n_columns++] = (struct tl_flow_column){tl_catalogue_text(w, "UTM"), 100, TL_PAGE_LEFT};
    columns[n_columns++] = (struct tl_flow_column){tl_catalogue_text(w, "MGRS"), 96, TL_PAGE_LEFT};
    columns[n_columns++] =
        (struct tl_flow_column){tl_catalogue_text(w, "Bearing to the next"), 54, TL_PAGE_RIGHT};
    columns[n_columns++] = (struct tl_flow_column){tl_catalogue_text(w, "Distance to the next [m]"),
                                                   60, TL_PAGE_RIGHT};
    tl_flow_heading(&d->flow, tl_catalogue_text(w, "Turning points"), 70.0);
    tl_flow_note(
        &d->flow,
        tl_catalogue_text(w, "WGS 84. Bearings are from true north and lead, with the distance, "
                             "from a point to the next one; from the last one back to the first."));
    if (n == 0) {
        tl_flow_paragraph(&d->flow, tl_catalogue_text(w, "No turning points are given."));
        return;
    }
    const char **cells = make_cells(d, n, n_columns);
    for (int64_t k = 0; cells != NULL && k < n; k++) {
        const json_t *p = json_array_get(points, (size_t)k);
        fill_point(d, p, rings, cells + k * n_columns);
        perimeter += tl_dossier_number(d, p, "distance_m");
    }
    if (cells != NULL)
        tl_flow_table(&d->flow, n_columns, columns, n, cells);
    tl_free(cells);
    if (isfinite(perimeter))
        tl_flow_note(&d->flow,
                     tl_dossier_say(
                         d,
                         tl_catalogue_text(w, "Turning points: %s. Perimeter: %s m. Area: %s m²."),
                         tl_dossier_whole(d, (double)n), tl_dossier_whole(d, perimeter),
                         tl_dossier_whole(d, tl_dossier_number(d, NULL, "area.area_m2"))));
}

static const char *dates(struct tl_dossier *d, const json_t *row)
{
    const char *from = tl_dossier_string(d, row, "date_start"),
               *to = tl_dossier_string(d, row, "date_end");
    if (from != NULL && to != NULL && strcmp(from, to) != 0)
        return tl_dossier_say(d, "%s – %s", from, to);
    return tl_dossier_or_dash(from != NULL ? from : to);
}

static const char *who(struct tl_dossier *d, const json_t *row)
{
    static const char *const keys[] = {"organisation", "team", "task"};
    const char *text = "";
    for (int k = 0; k < 3; k++) {
        const char *value = tl_dossier_string(d, row, keys[k]);
        if (value != NULL)
            text = text[0] == '\0' ? value : tl_dossier_say(d, "%s, %s", text, value);
    }
    return tl_dossier_or_dash(text);
}

enum { WORK_COLUMNS = 8 };

static void fill_work(struct tl_dossier *d, const json_t *row, const char **cells, bool *unknown)
{
    const char *method = tl_dossier_string(d, row, "method");
    bool known = !json_is_false(json_object_get(row, "method_known"));
    double share = tl_dossier_number(d, row, "share");
    *unknown = *unknown || !known;
    cells[0] = tl_dossier_or_dash(tl_dossier_string(d, row, "code"));
    cells[1] = tl_dossier_say(d, "%s\n%s%s", tl_dossier_term(d, tl_dossier_string(d, row, "type")),
                              method == NULL ? tl_catalogue_text(d->words, "method not recorded")
                                             : tl_dossier_term(d, method),
                              known ? "" : " *");
    cells[2] = dates(d, row);
    cells[3] = who(d, row);
    cells[4] = tl_dossier_whole(d, tl_dossier_number(d, row, "passes"));
    cells[5] = tl_dossier_figure(d, tl_dossier_number(d, row, "depth_cm"));
    cells[6] = tl_dossier_whole(d, tl_dossier_number(d, row, "area_m2"));
    if (isfinite(share))
        cells[6] = tl_dossier_say(d, "%s\n%s", cells[6], tl_dossier_percent(d, share));
    cells[7] = tl_dossier_whole(d, tl_dossier_number(d, row, "found"));
}

static void draw_work_table(struct tl_dossier *d, const json_t *rows)
{
    struct tl_catalogue *w = d->words;
    const struct tl_flow_column columns[WORK_COLUMNS] = {
        {tl_catalogue_text(w, "Code"), 50, TL_PAGE_LEFT},
        {tl_catalogue_text(w, "Kind and method"), 100, TL_PAGE_LEFT},
        {tl_catalogue_text(w, "When"), 64, TL_PAGE_LEFT},
        {tl_catalogue_text(w, "Who"), 118, TL_PAGE_LEFT},
        {tl_catalogue_text(w, "Passes"), 40, TL_PAGE_RIGHT},
        {tl_catalogue_text(w, "Depth [cm]"), 42, TL_PAGE_RIGHT},
        {tl_catalogue_text(w, "Within the area [m²]"), 56, TL_PAGE_RIGHT},
        {tl_catalogue_text(w, "Items found"), 44, TL_PAGE_RIGHT}};
    int64_t n = (int64_t)json_array_size(rows);
    bool unknown = false;
    const char **cells = make_cells(d, n, WORK_COLUMNS);
    if (cells == NULL)
        return;
    for (int64_t k = 0; k < n; k++)
        fill_work(d, json_array_get(rows, (size_t)k), cells + k * WORK_COLUMNS, &unknown);
    tl_flow_table(&d->flow, WORK_COLUMNS, columns, n, cells);
    tl_free(cells);
    if (unknown)
        tl_flow_note(&d->flow,
                     tl_catalogue_text(w, "* This method is not in the table of methods; it is "
                                          "counted with the wide chances of an unknown method."));
}

static void draw_work(struct tl_dossier *d)
{
    struct tl_catalogue *w = d->words;
    const json_t *by = tl_dossier_at(d, NULL, "searched.by");
    double unsearched = tl_dossier_number(d, NULL, "searched.unsearched_m2");
    tl_flow_heading(&d->flow, tl_catalogue_text(w, "What was done"), 60.0);
    if (json_array_size(by) == 0) {
        tl_flow_paragraph(&d->flow,
                          tl_catalogue_text(w, "The register holds no search of this area."));
        return;
    }
    draw_work_table(d, by);
    if (isfinite(unsearched))
        tl_flow_note(&d->flow,
                     tl_dossier_say(
                         d,
                         tl_catalogue_text(w, "Never searched, as far as the register knows: %s."),
                         tl_dossier_area(d, unsearched)));
}

static void draw_quality(struct tl_dossier *d)
{
    const json_t *quality = tl_dossier_at(d, NULL, "quality");
    tl_flow_heading(&d->flow, tl_catalogue_text(d->words, "Quality control"), 40.0);
    if (json_array_size(quality) == 0)
        tl_flow_paragraph(
            &d->flow,
            tl_catalogue_text(d->words, "The register holds no inspection of this area."));
    else
        draw_work_table(d, quality);
}

enum { FOUND_COLUMNS = 7 };

static void fill_found(struct tl_dossier *d, const json_t *row, const char **cells)
{
    double lon = tl_dossier_number(d, row, "lon_deg"), lat = tl_dossier_number(d, row, "lat_deg");
    cells[0] = tl_dossier_or_dash(tl_dossier_string(d, row, "code"));
    cells[1] = tl_dossier_term(d, tl_dossier_string(d, row, "kind"));
    cells[2] = tl_dossier_or_dash(tl_dossier_string(d, row, "category"));
    cells[3] = tl_dossier_or_dash(tl_dossier_string(d, row, "date"));
    cells[4] = coordinate(d, lon, lat, TL_COORD_MGRS);
    cells[5] = tl_dossier_figure(d, tl_dossier_number(d, row, "depth_cm"));
    cells[6] = tl_dossier_whole(d, tl_dossier_number(d, row, "number"));
}

static void draw_found(struct tl_dossier *d)
{
    struct tl_catalogue *w = d->words;
    const json_t *items = tl_dossier_at(d, NULL, "found.items");
    int64_t n = (int64_t)json_array_size(items);
    const struct tl_flow_column columns[FOUND_COLUMNS] = {
        {tl_catalogue_text(w, "Code"), 52, TL_PAGE_LEFT},
        {tl_catalogue_text(w, "What"), 84, TL_PAGE_LEFT},
        {tl_catalogue_text(w, "Category"), 120, TL_PAGE_LEFT},
        {tl_catalogue_text(w, "Date"), 62, TL_PAGE_LEFT},
        {tl_catalogue_text(w, "MGRS"), 96, TL_PAGE_LEFT},
        {tl_catalogue_text(w, "Depth [cm]"), 42, TL_PAGE_RIGHT},
        {tl_catalogue_text(w, "Number"), 42, TL_PAGE_RIGHT}};
    tl_flow_heading(&d->flow, tl_catalogue_text(w, "What was found"), 40.0);
    if (n == 0) {
        tl_flow_paragraph(
            &d->flow, tl_catalogue_text(
                          w, "No item and no accident is recorded within the area. That nobody "
                             "reported anything is not taken as a sign that there was nothing."));
        return;
    }
    const char **cells = make_cells(d, n, FOUND_COLUMNS);
    if (cells == NULL)
        return;
    for (int64_t k = 0; k < n; k++)
        fill_found(d, json_array_get(items, (size_t)k), cells + k * FOUND_COLUMNS);
    tl_flow_table(&d->flow, FOUND_COLUMNS, columns, n, cells);
    tl_free(cells);
}

void tl_dossier_work(struct tl_dossier *d)
{
    draw_work(d);
    draw_quality(d);
    draw_found(d);
}
