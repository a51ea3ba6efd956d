/*
 * Mixed formats on purpose, as a desk gets them: CSV, a spreadsheet, GeoJSON, a Shapefile in UTM, KML, GPX, GeoTIFF. Each table is
 * made clean, then dirty, then written. A Shapefile's table carries the day of writing: it is set to a constant, since the
 * same options must give the same bytes. Spreadsheets and GeoPackages carry times that cannot be set; see docs.
 */
#include "simulate/files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/json.h"
#include "geo/vector.h"
#include "simulate/shape.h"
#include "tilth/coord.h"
#include "tilth/raster.h"

enum { FOR_DIRT = 301, FOR_ORDER };

const char *const tl_files_names[] = {"accidents.csv",
                                      "reports.xlsx",
                                      "hazard_areas.geojson",
                                      "searches.shp",
                                      "searches.shx",
                                      "searches.dbf",
                                      "searches.prj",
                                      "searches.cpg",
                                      "items.csv",
                                      "places.csv",
                                      "lines.kml",
                                      "roads.gpx",
                                      "elevation.tif",
                                      "slope.tif",
                                      "README.txt",
                                      NULL};

static const char *const meanings[][2] = {
    {"accidents.csv", "accidents, some of them dirty"},
    {"reports.xlsx", "what people reported, true and false"},
    {"hazard_areas.geojson", "hazardous areas drawn by surveyors"},
    {"searches.shp", "technical survey, clearance and inspection, in UTM"},
    {"items.csv", "items found, positions as MGRS or UTM text"},
    {"places.csv", "settlements with their population"},
    {"lines.kml", "the old defence line and trenches"},
    {"roads.gpx", "roads, as tracks"},
    {"elevation.tif", "height [m]"},
    {"slope.tif", "slope [degrees]"},
    {"README.txt", "the commands that import each file"},
    {"density.tif", "true items per m2 at the beginning: all, mines, erw"},
    {"remaining.tif", "items remaining per cell now: all, mines, erw"},
    {"items.csv ", "every item with what became of it"},
    {"dirt.csv", "ledger of what was made dirty, and how"},
    {"truth.json", "seed, parameters, counts"}};

const char *tl_files_meaning(const char *name)
{
    for (size_t k = 0; k < sizeof meanings / sizeof *meanings; k++)
        if (strcmp(meanings[k][0], name) == 0)
            return meanings[k][1];
    return NULL;
}

struct desk {
    struct tl_ctx *ctx;
    const struct tl_history *h;
    const char *folder;
    struct tl_table *ledger;
    char path[4200];
};

static const char *path_of(struct desk *desk, const char *name)
{
    snprintf(desk->path, sizeof desk->path, "%s/%s", desk->folder, name);
    return desk->path;
}

static void write_date(struct tl_history_date date, char text[40])
{
    static const int lengths[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int day = date.day < 1 ? 1 : date.day > 365 ? 365 : date.day, month = 0;
    while (day > lengths[month])
        day -= lengths[month++];
    snprintf(text, 40, "%04d-%02d-%02d", date.year, month + 1, day);
}

static void to_degrees(const struct desk *desk, double x, double y, char lon[32], char lat[32])
{
    tl_crs_map_points(desk->h->world->to_degrees, 1, &x, &y, NULL);
    snprintf(lon, 32, "%.6f", x);
    snprintf(lat, 32, "%.6f", y);
}

static tl_err make_dirty(struct desk *desk, struct tl_table *table, const enum tl_dirt_kind *kinds,
                         int n_kinds, uint64_t purpose)
{
    struct tl_dice dice = tl_dice_make(desk->h->world->options.seed, FOR_DIRT + 16 * purpose);
    return tl_dirt_apply(desk->ctx, table, desk->h->world->options.dirt, kinds, n_kinds, &dice,
                         desk->ledger);
}

static tl_err write_accidents(struct desk *desk)
{
    tl_err err = TL_OK;
    static const enum tl_dirt_kind kinds[] = {TL_DIRT_DUPLICATE, TL_DIRT_SWAPPED, TL_DIRT_SIGN,
                                              TL_DIRT_FUTURE,    TL_DIRT_MISSING, TL_DIRT_YEAR};
    const struct tl_history *h = desk->h;
    struct tl_table table = {.file = "accidents.csv",
                             .n_columns = 9,
                             .columns = {"id", "date", "lon", "lat", "device", "killed", "injured",
                                         "activity", "accuracy_m"}};
    for (int64_t k = 0; k < h->n_accidents; k++) {
        const struct tl_history_accident *a = &h->accidents[k];
        char id[24], date[40], lon[32], lat[32], killed[16], injured[16];
        snprintf(id, sizeof id, "A-%04lld", (long long)k + 1);
        write_date(a->date, date);
        to_degrees(desk, a->x, a->y, lon, lat);
        snprintf(killed, sizeof killed, "%d", a->killed);
        snprintf(injured, sizeof injured, "%d", a->injured);
        const char *const row[] = {id,
                                   date,
                                   lon,
                                   lat,
                                   tl_history_category_names[h->items[a->item].category],
                                   killed,
                                   injured,
                                   a->activity,
                                   "50"};
        TL_TRY(tl_table_add(desk->ctx, &table, row));
    }
    TL_TRY(make_dirty(desk, &table, kinds, 6, 1));
    TL_TRY(tl_table_csv(desk->ctx, &table, path_of(desk, table.file)));
done:
    tl_table_fini(&table);
    return err;
}

/* Writes a table as a layer of a driver; columns are text, positions columns like others. */
static tl_err write_layer(struct desk *desk, const struct tl_table *table, const char *driver)
{
    tl_err err = TL_OK;
    struct tl_vector_writer *writer = NULL;
    struct tl_vector_field fields[TL_TABLE_COLUMNS_MAX];
    for (int c = 0; c < table->n_columns; c++)
        fields[c] = (struct tl_vector_field){table->columns[c], TL_VECTOR_TEXT};
    TL_TRY(tl_vector_create(desk->ctx, path_of(desk, table->file), driver, "reports", NULL, NULL,
                            table->n_columns, fields, &writer));
    for (int64_t row = 0; row < table->n_rows && err == TL_OK; row++)
        err = tl_vector_add(desk->ctx, writer, tl_table_row(table, row), NULL, 0);
    if (err != TL_OK) {
        (void)!tl_vector_finish(desk->ctx, writer, false);
        return err;
    }
    err = tl_vector_finish(desk->ctx, writer, true);
done:
    return err;
}

static tl_err write_reports(struct desk *desk)
{
    tl_err err = TL_OK;
    static const enum tl_dirt_kind kinds[] = {TL_DIRT_ZERO, TL_DIRT_OUTSIDE, TL_DIRT_DATE_WORDS,
                                              TL_DIRT_SAME_ID, TL_DIRT_SWAPPED};
    const struct tl_history *h = desk->h;
    struct tl_table table = {
        .file = "reports.xlsx",
        .n_columns = 7,
        .columns = {"id", "date", "lon", "lat", "device", "said", "reliability"}};
    for (int64_t k = 0; k < h->n_reports; k++) {
        const struct tl_history_report *r = &h->reports[k];
        char id[24], date[40], lon[32], lat[32];
        snprintf(id, sizeof id, "R-%04lld", (long long)k + 1);
        write_date(r->date, date);
        to_degrees(desk, r->x, r->y, lon, lat);
        const char *const row[] = {
            id, date, lon, lat, tl_history_category_names[r->category], r->said, r->reliability};
        TL_TRY(tl_table_add(desk->ctx, &table, row));
    }
    TL_TRY(make_dirty(desk, &table, kinds, 5, 2));
    TL_TRY(write_layer(desk, &table, "XLSX"));
done:
    tl_table_fini(&table);
    return err;
}

/* Some teams write MGRS squares of 10 m, others UTM. */
static tl_err write_position(struct desk *desk, int64_t k, double x, double y, char text[64])
{
    tl_crs_map_points(desk->h->world->to_degrees, 1, &x, &y, NULL);
    return tl_coord_format(desk->ctx, x, y, k % 3 == 0 ? TL_COORD_UTM : TL_COORD_MGRS, 1.0, text);
}

static tl_err write_items(struct desk *desk)
{
    tl_err err = TL_OK;
    static const enum tl_dirt_kind kinds[] = {TL_DIRT_DUPLICATE, TL_DIRT_GARBLED, TL_DIRT_RANGE,
                                              TL_DIRT_MISSING,   TL_DIRT_FUTURE,  TL_DIRT_YEAR};
    const struct tl_history *h = desk->h;
    int64_t n = 0;
    struct tl_table table = {.file = "items.csv",
                             .n_columns = 8,
                             .columns = {"id", "date", "position", "category", "depth_cm", "search",
                                         "how", "accuracy_m"}};
    for (int64_t k = 0; k < h->n_items; k++) {
        const struct tl_history_item *item = &h->items[k];
        char id[24], date[40], position[TL_COORD_TEXT_BYTES], depth[16], search[24];
        if (item->state != TL_HISTORY_FOUND)
            continue;
        snprintf(id, sizeof id, "F-%05lld", (long long)++n);
        write_date(item->end, date);
        TL_TRY(write_position(desk, k, item->found_x, item->found_y, position));
        snprintf(depth, sizeof depth, "%.0f", item->depth_cm);
        snprintf(search, sizeof search, "S-%04lld", (long long)item->search + 1);
        const char *const row[] = {id,
                                   date,
                                   position,
                                   tl_history_category_names[item->category],
                                   depth,
                                   item->search < 0 ? NULL : search,
                                   item->search < 0 ? "spot find" : "search",
                                   "3"};
        TL_TRY(tl_table_add(desk->ctx, &table, row));
    }
    TL_TRY(make_dirty(desk, &table, kinds, 6, 3));
    TL_TRY(tl_table_csv(desk->ctx, &table, path_of(desk, table.file)));
done:
    tl_table_fini(&table);
    return err;
}

static tl_err write_places(struct desk *desk)
{
    tl_err err = TL_OK;
    const struct tl_world *w = desk->h->world;
    struct tl_table table = {.file = "places.csv",
                             .n_columns = 5,
                             .columns = {"name", "lon", "lat", "type", "population"}};
    for (int k = 0; k < w->n_places; k++) {
        char lon[32], lat[32], population[24];
        to_degrees(desk, w->places[k].x, w->places[k].y, lon, lat);
        snprintf(population, sizeof population, "%lld", (long long)w->places[k].population);
        const char *const row[] = {w->places[k].name, lon, lat, w->places[k].type, population};
        TL_TRY(tl_table_add(desk->ctx, &table, row));
    }
    TL_TRY(tl_table_csv(desk->ctx, &table, path_of(desk, table.file)));
done:
    tl_table_fini(&table);
    return err;
}

/* One polygon in 30 crosses itself: two neighbouring vertices change places. */
static bool cross_ring(double *ring, int n, int64_t k, double dirt)
{
    if (dirt <= 0.0 || k % 30 != 7 % 30 || n < 6)
        return false;
    for (int c = 0; c < 2; c++) {
        double kept = ring[4 + c];
        ring[4 + c] = ring[8 + c];
        ring[8 + c] = kept;
    }
    return true;
}

static tl_err add_area(struct desk *desk, struct tl_vector_writer *writer, int64_t k)
{
    tl_err err = TL_OK;
    const struct tl_history_area *a = &desk->h->areas[k];
    char id[24], name[64], date[40], closed[40];
    double ring[2 * TL_HISTORY_RING];
    unsigned char wkb[TL_SHAPE_BYTES];
    snprintf(id, sizeof id, "HA-%03lld", (long long)k + 1);
    snprintf(name, sizeof name, "Area %lld", (long long)k + 1);
    write_date(a->date, date);
    write_date(a->closed, closed);
    memcpy(ring, a->ring, sizeof ring);
    if (cross_ring(ring, a->n_ring, k, desk->h->world->options.dirt)) {
        char row[24];
        snprintf(row, sizeof row, "%lld", (long long)k + 1);
        const char *const entry[8] = {
            "hazard_areas.geojson",  row, id, "invalid-polygon", "0", "geometry", "valid ring",
            "two vertices exchanged"};
        TL_TRY(tl_dirt_note(desk->ctx, desk->ledger, entry));
    }
    const char *const values[] = {id,
                                  name,
                                  a->is_confirmed ? "CHA" : "SHA",
                                  a->is_confirmed ? "direct" : "indirect",
                                  a->status,
                                  a->category,
                                  date,
                                  a->closed.year > 0 ? closed : NULL,
                                  a->organisation};
    int64_t bytes = tl_shape_ring(ring, a->n_ring, wkb);
    TL_TRY(tl_vector_add(desk->ctx, writer, values, wkb, bytes));
done:
    return err;
}

static tl_err write_areas(struct desk *desk)
{
    tl_err err = TL_OK;
    static const struct tl_vector_field fields[] = {
        {"id", TL_VECTOR_TEXT},       {"name", TL_VECTOR_TEXT},   {"class", TL_VECTOR_TEXT},
        {"evidence", TL_VECTOR_TEXT}, {"status", TL_VECTOR_TEXT}, {"devices", TL_VECTOR_TEXT},
        {"date", TL_VECTOR_TEXT},     {"closed", TL_VECTOR_TEXT}, {"org", TL_VECTOR_TEXT}};
    struct tl_vector_writer *writer = NULL;
    TL_TRY(tl_vector_create(desk->ctx, path_of(desk, "hazard_areas.geojson"), "GeoJSON",
                            "hazard_areas", "polygon", desk->h->world->crs, 9, fields, &writer));
    for (int64_t k = 0; k < desk->h->n_areas && err == TL_OK; k++)
        err = add_area(desk, writer, k);
    if (err != TL_OK) {
        (void)!tl_vector_finish(desk->ctx, writer, false);
        return err;
    }
    err = tl_vector_finish(desk->ctx, writer, true);
done:
    return err;
}

static tl_err add_search(struct desk *desk, struct tl_vector_writer *writer, int64_t k)
{
    const struct tl_history_search *s = &desk->h->searches[k];
    char id[24], passes[16], depth[16], start[40], end[40], team[24], task[24], found[24];
    unsigned char wkb[TL_SHAPE_BYTES];
    snprintf(id, sizeof id, "S-%04lld", (long long)k + 1);
    snprintf(passes, sizeof passes, "%d", s->passes);
    snprintf(depth, sizeof depth, "%d", s->depth_cm);
    write_date(s->start, start);
    write_date(s->end, end);
    snprintf(team, sizeof team, "Team %d", s->team);
    snprintf(task, sizeof task, "T-%d", s->task);
    snprintf(found, sizeof found, "%lld", (long long)s->found);
    const char *const values[] = {id,     s->type,         tl_history_method_names[s->method],
                                  passes, depth,           start,
                                  end,    s->organisation, team,
                                  task,   s->released_as,  found};
    int64_t bytes = tl_shape_ring(s->corners, 4, wkb);
    return tl_vector_add(desk->ctx, writer, values, wkb, bytes);
}

/* Bytes 1 to 3 of a dBASE table are the day of its last change. */
static tl_err still_the_clock(struct desk *desk, const char *name)
{
    static const unsigned char day[3] = {124, 12, 31};
    FILE *file = fopen(path_of(desk, name), "r+b");
    if (file == NULL)
        return tl_fail(desk->ctx, TL_EIO, "%s: %s", desk->path, strerror(errno));
    bool good = fseek(file, 1, SEEK_SET) == 0 && fwrite(day, 1, 3, file) == 3;
    good = fclose(file) == 0 && good;
    return good ? TL_OK : tl_fail(desk->ctx, TL_EIO, "%s: cannot be written", desk->path);
}

static tl_err write_searches(struct desk *desk)
{
    tl_err err = TL_OK;
    /* At most ten letters: the format has no room for more. */
    static const struct tl_vector_field fields[] = {
        {"id", TL_VECTOR_TEXT},          {"type", TL_VECTOR_TEXT},
        {"method", TL_VECTOR_TEXT},      {"passes", TL_VECTOR_INTEGER},
        {"depth_cm", TL_VECTOR_INTEGER}, {"date_start", TL_VECTOR_TEXT},
        {"date_end", TL_VECTOR_TEXT},    {"org", TL_VECTOR_TEXT},
        {"team", TL_VECTOR_TEXT},        {"task", TL_VECTOR_TEXT},
        {"released", TL_VECTOR_TEXT},    {"found", TL_VECTOR_INTEGER}};
    struct tl_vector_writer *writer = NULL;
    TL_TRY(tl_vector_create(desk->ctx, path_of(desk, "searches.shp"), "ESRI Shapefile", "searches",
                            "polygon", desk->h->world->crs, 12, fields, &writer));
    for (int64_t k = 0; k < desk->h->n_searches && err == TL_OK; k++)
        err = add_search(desk, writer, k);
    if (err != TL_OK) {
        (void)!tl_vector_finish(desk->ctx, writer, false);
        return err;
    }
    TL_TRY(tl_vector_finish(desk->ctx, writer, true));
    TL_TRY(still_the_clock(desk, "searches.dbf"));
done:
    return err;
}

static tl_err write_line_file(struct desk *desk, const char *name, const char *driver, int n,
                              const struct tl_world_line *lines, const struct tl_world_line *first)
{
    tl_err err = TL_OK;
    /* GPX knows a track's name and type; so both files have these two. */
    static const struct tl_vector_field fields[] = {{"name", TL_VECTOR_TEXT},
                                                    {"type", TL_VECTOR_TEXT}};
    struct tl_vector_writer *writer = NULL;
    unsigned char wkb[TL_SHAPE_BYTES];
    /* The only name that GPX has for lines. */
    TL_TRY(tl_vector_create(desk->ctx, path_of(desk, name), driver, "tracks", "line",
                            desk->h->world->crs, 2, fields, &writer));
    for (int k = first != NULL ? -1 : 0; k < n && err == TL_OK; k++) {
        const struct tl_world_line *line = k < 0 ? first : &lines[k];
        char text[32];
        snprintf(text, sizeof text, "%s %d", first != NULL ? "Trench" : "Road", k + 1);
        const char *const values[] = {k < 0 ? "Old defence line" : text, k < 0 ? "defence line"
                                                                         : first != NULL ? "trench"
                                                                                         : "road"};
        err = tl_vector_add(desk->ctx, writer, values, wkb, tl_shape_line(line->xy, line->n, wkb));
    }
    if (err != TL_OK) {
        (void)!tl_vector_finish(desk->ctx, writer, false);
        return err;
    }
    err = tl_vector_finish(desk->ctx, writer, true);
done:
    return err;
}

static tl_err write_raster(struct desk *desk, const char *name, const char *band,
                           const double *values)
{
    const struct tl_raster_band bands[1] = {{.name = band, .values = values}};
    return tl_raster_write(desk->ctx, path_of(desk, name), &desk->h->world->grid,
                           desk->h->world->crs, 1, bands);
}

static tl_err write_readme(struct desk *desk)
{
    tl_err err = TL_OK;
    const struct tl_simulate_options *o = &desk->h->world->options;
    struct tl_buf buf = {0};
    static const char *const commands[] = {
        "accidents.csv --as accident --map id=id --map date=date --map lon=lon --map lat=lat --map "
        "category=device --map killed=killed --map injured=injured --map activity=activity --map "
        "accuracy=accuracy_m",
        "reports.xlsx --as report --map id=id --map date=date --map lon=lon --map lat=lat --map "
        "category=device --map description=said --map reliability=reliability",
        "hazard_areas.geojson --as hazard-area --map id=id --map name=name --map "
        "classification=class --map "
        "evidence=evidence --map status=status --map category=devices --map date=date --map "
        "date_closed=closed --map organisation=org",
        "searches.shp --as search --map id=id --map type=type --map method=method --map "
        "passes=passes "
        "--map depth_cm=depth_cm --map date_start=date_start --map date_end=date_end --map "
        "organisation=org --map team=team --map task=task --map released_as=released --map "
        "found=found",
        "items.csv --as item --map id=id --map date=date --map position=position --map "
        "category=category "
        "--map depth_cm=depth_cm --map search=search --map how=how --map accuracy=accuracy_m",
        "places.csv --as place --map name=name --map lon=lon --map lat=lat --map type=type --map "
        "population=population",
        "lines.kml --as line --map name=name --map type=type",
        "roads.gpx --as line --layer tracks --map name=name --map type=type",
        "slope.tif --as covariate --name slope"};
    TL_TRY(tl_buf_printf(desk->ctx, &buf,
                         "A made-up district (seed %llu): no real place, no real event. What a "
                         "desk might have of it, "
                         "dirty as such files are.\nThe folder truth/ is for calibration only.\n\n"
                         "tilth new district.gpkg --area=%.6g,%.6g,%.6g,%.6g --cell %gm\n",
                         (unsigned long long)o->seed, o->area_deg[0], o->area_deg[1],
                         o->area_deg[2], o->area_deg[3], o->step_m));
    for (size_t k = 0; k < sizeof commands / sizeof *commands; k++)
        TL_TRY(tl_buf_printf(desk->ctx, &buf, "tilth import district.gpkg %s\n", commands[k]));
    TL_TRY(tl_buf_add(desk->ctx, &buf, "tilth map district.gpkg --out maps/\n\nFiles:\n"));
    for (int k = 0; tl_files_names[k] != NULL; k++)
        if (tl_files_meaning(tl_files_names[k]) != NULL)
            TL_TRY(tl_buf_printf(desk->ctx, &buf, "  %-22s %s\n", tl_files_names[k],
                                 tl_files_meaning(tl_files_names[k])));
    TL_TRY(tl_file_write(desk->ctx, path_of(desk, "README.txt"), buf.text, buf.size_bytes));
done:
    tl_buf_fini(&buf);
    return err;
}

tl_err tl_files_write(struct tl_ctx *ctx, const struct tl_history *history, const char *folder,
                      struct tl_table *ledger)
{
    tl_err err = TL_OK;
    const struct tl_world *w = history->world;
    struct desk desk = {.ctx = ctx, .h = history, .folder = folder, .ledger = ledger};
    TL_TRY(write_accidents(&desk));
    TL_TRY(write_reports(&desk));
    TL_TRY(write_areas(&desk));
    TL_TRY(write_searches(&desk));
    TL_TRY(write_items(&desk));
    TL_TRY(write_places(&desk));
    TL_TRY(write_line_file(&desk, "lines.kml", "KML", w->n_trenches, w->trenches, &w->front));
    TL_TRY(write_line_file(&desk, "roads.gpx", "GPX", w->n_roads, w->roads, NULL));
    TL_TRY(write_raster(&desk, "elevation.tif", "elevation_m", w->elevation_m));
    TL_TRY(write_raster(&desk, "slope.tif", "slope_deg", w->slope_deg));
    TL_TRY(write_readme(&desk));
done:
    return err;
}
