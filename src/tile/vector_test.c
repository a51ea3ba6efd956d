#include "unit.h"

#include "core/json.h"
#include "core/rng.h"
#include "geo/vector.h"
#include "tile/decode.h"
#include "tile/fixture.h"

static const struct tl_grid grid = {477000, 783000, 1000, 10, 8};
static const double area[4] = {-75.2, 7.0, -75.1, 7.08};
static const char path[] = "vector_test.gpkg";
static const struct tl_tile_layer hazard = {TL_KIND_HAZARD_AREA, false};

static tl_err open_empty(struct tl_ctx *ctx, struct tl_project **project, struct tl_tiles **tiles)
{
    tl_err err = fixture_project(ctx, path, "EPSG:32618", grid, area, project);
    return err == TL_OK ? tl_tiles_create(ctx, NULL, tiles) : err;
}

/* A tile decoded; NULL with TL_OK when it is empty. */
static tl_err decoded(struct tl_ctx *ctx, struct tl_tiles *tiles, struct tl_project *project,
                      const struct tl_tile_layer *layer, struct tl_tile_id id, struct decode **d)
{
    struct tl_tile tile = {0};
    int64_t n = 0;
    *d = NULL;
    tl_err err = tl_tiles_vector(ctx, tiles, project, layer, id, &tile);
    if (err != TL_OK || tile.is_empty) {
        if (err == TL_OK && tile.n_bytes != 0)
            err = tl_fail(ctx, TL_EBUG, "an empty tile has bytes");
        tl_tile_release(&tile);
        return err;
    }
    uint8_t *raw = tile.is_gzip ? fixture_gunzip(tile.bytes, tile.n_bytes, &n) : NULL;
    *d = raw == NULL ? NULL : decode_tile(raw, n);
    free(raw);
    tl_tile_release(&tile);
    return *d == NULL ? tl_fail(ctx, TL_EBUG, "the tile is malformed") : TL_OK;
}

/* Even-odd over all rings of all features. */
static bool covers(const struct decode *d, double x, double y)
{
    for (int64_t f = 0; f < d->n_features; f++) {
        bool inside = false;
        for (int64_t p = d->features[f].first_path;
             p < d->features[f].first_path + d->features[f].n_paths; p++) {
            int64_t first = d->paths[p][0], n = d->paths[p][1];
            for (int64_t i = 0, j = n - 1; i < n; j = i++) {
                const int32_t *a = d->xy[first + i], *b = d->xy[first + j];
                if ((a[1] > y) != (b[1] > y) &&
                    x < (double)(b[0] - a[0]) * (y - a[1]) / (double)(b[1] - a[1]) + a[0])
                    inside = !inside;
            }
        }
        if (inside)
            return true;
    }
    return false;
}

TEST(areas_are_covered_at_every_zoom_and_across_seams)
{
    struct tl_project *project = NULL;
    struct tl_tiles *tiles = NULL;
    struct tl_rng rng = tl_rng_make(5, 2);
    double ring[12][2];
    struct tl_buf wkt = {0};
    int64_t n_points = 0;
    CHECK_OK(open_empty(ctx, &project, &tiles));
    for (int k = 0; k < 12; k++) {
        double r = 0.01 + 0.02 * tl_rng_uniform(rng, (uint64_t)k);
        ring[k][0] = -75.15 + r * cos(6.2831853 * k / 12),
        ring[k][1] = 7.04 + r * sin(6.2831853 * k / 12);
        CHECK_OK(tl_buf_printf(ctx, &wkt, "%s%.15g %.15g", k == 0 ? "POLYGON((" : ",", ring[k][0],
                               ring[k][1]));
    }
    CHECK_OK(tl_buf_printf(ctx, &wkt, ",%.15g %.15g))", ring[0][0], ring[0][1]));
    CHECK_OK(fixture_put(ctx, project, TL_KIND_HAZARD_AREA, wkt.text, "status", "open"));
    for (int z = 0; z <= TL_TILE_ZOOM_MAX; z++)
        for (int i = 0; i < 400; i++) {
            /* Points of the boundary itself, and a little within. */
            double t = 12.0 * tl_rng_uniform(rng, 1000 + (uint64_t)i), share = t - floor(t),
                   in = i % 4 == 0 ? 0.5 * tl_rng_uniform(rng, 9000 + (uint64_t)i) : 0.0;
            const double *a = ring[(int)t % 12], *b = ring[((int)t + 1) % 12];
            double lon = a[0] + share * (b[0] - a[0]), lat = a[1] + share * (b[1] - a[1]);
            lon += in * (-75.15 - lon), lat += in * (7.04 - lat);
            struct tl_tile_id id = fixture_at(z, lon, lat);
            struct decode *d = NULL;
            double n = (double)((int64_t)1 << z);
            if (z > 15 && i > 40)
                break;
            CHECK_OK(decoded(ctx, tiles, project, &hazard, id, &d));
            CHECK(d != NULL);
            double x = (tl_tile_x(lon) * n - (double)id.x) * TL_TILE_EXTENT,
                   y = (tl_tile_y(lat) * n - (double)id.y) * TL_TILE_EXTENT;
            CHECK(covers(d, x, y));
            CHECK(d->features[0].type == 3 && d->extent == 4096);
            CHECK_STR(decode_text(d, 0, "status"), "open");
            CHECK_STR(decode_text(d, 0, "code"), "HA-0001");
            n_points++;
            decode_free(d);
        }
    CHECK(n_points > 6000);
    tl_buf_fini(&wkt);
    tl_tiles_free(tiles);
    tl_project_close(project);
}

TEST(seams_show_the_same_shape_from_both_sides)
{
    struct tl_project *project = NULL;
    struct tl_tiles *tiles = NULL;
    struct decode *west = NULL, *east = NULL;
    CHECK_OK(open_empty(ctx, &project, &tiles));
    struct tl_tile_id id = fixture_at(13, -75.15, 7.04), next = {13, id.x + 1, id.y};
    double box[4];
    char wkt[300];
    tl_tile_box(id, box);
    double lon = box[2], lat = 0.5 * (box[1] + box[3]);
    snprintf(wkt, sizeof wkt, "POLYGON((%.12f %.12f,%.12f %.12f,%.12f %.12f,%.12f %.12f))",
             lon - 0.01, lat - 0.003, lon + 0.012, lat - 0.001, lon + 0.002, lat + 0.004,
             lon - 0.01, lat - 0.003);
    CHECK_OK(fixture_put(ctx, project, TL_KIND_HAZARD_AREA, wkt, NULL, NULL));
    CHECK_OK(decoded(ctx, tiles, project, &hazard, id, &west));
    CHECK_OK(decoded(ctx, tiles, project, &hazard, next, &east));
    for (int i = 0; i < 4096;
         i += 3) { /* along the seam: the two may differ by the rounding, not more */
        bool a = covers(west, 4095.5, i + 0.5), b = covers(east, -0.5, i + 0.5);
        bool near = covers(west, 4095.5, i + 4.5) != covers(west, 4095.5, i - 3.5);
        CHECK(a == b || near);
    }
    decode_free(west);
    decode_free(east);
    tl_tiles_free(tiles);
    tl_project_close(project);
}

TEST(properties_of_all_types_and_the_public_view)
{
    struct tl_project *project = NULL;
    struct tl_tiles *tiles = NULL;
    struct decode *d = NULL;
    struct tl_record record = {.source = "t", .accuracy_m = NAN};
    struct tl_tile_layer open = {TL_KIND_HAZARD_AREA, true}, items = {TL_KIND_ITEM, true},
                         accidents = {TL_KIND_ACCIDENT, false};
    struct tl_tile tile = {0};
    char *json = NULL, name[600];
    void *wkb = NULL;
    enum tl_put put;
    CHECK_OK(open_empty(ctx, &project, &tiles));
    memset(name, 'a', 199);
    strcpy(name + 199, "\xd0\x9f\xd0\xbe\xd0\xbb\xd0\xb5"); /* cut within no letter */
    CHECK_OK(tl_geom_from_wkt(ctx, "POLYGON((-75.15 7.04,-75.14 7.04,-75.14 7.05,-75.15 7.04))",
                              &wkb, &record.wkb_bytes));
    record.wkb = wkb;
    record.values[tl_kind_column(TL_KIND_HAZARD_AREA, "name")] = name;
    record.values[tl_kind_column(TL_KIND_HAZARD_AREA, "status")] = "handed over";
    record.values[tl_kind_column(TL_KIND_HAZARD_AREA, "date")] = "1990-07";
    record.values[tl_kind_column(TL_KIND_HAZARD_AREA, "beneficiaries")] = "1000000000";
    record.values[tl_kind_column(TL_KIND_HAZARD_AREA, "depth_cm")] = "12.5";
    record.values[tl_kind_column(TL_KIND_HAZARD_AREA, "organisation")] = "";
    record.values[tl_kind_column(TL_KIND_HAZARD_AREA, "blocked_land_use")] = "fields";
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(tl_register_put(ctx, project, TL_KIND_HAZARD_AREA, &record, false, &put, NULL));
    CHECK_OK(tl_project_commit(ctx, project));
    tl_free(wkb);
    CHECK_OK(fixture_put(ctx, project, TL_KIND_ACCIDENT, "POINT(-75.145 7.043)", "during_demining",
                         "1"));
    struct tl_tile_id id = fixture_at(12, -75.145, 7.043);
    CHECK_OK(decoded(ctx, tiles, project, &hazard, id, &d));
    CHECK(decode_get(d, 0, "name")->type == 1 && strlen(decode_text(d, 0, "name")) == 199);
    CHECK_STR(decode_text(d, 0, "date"), "1990-07");
    CHECK(decode_get(d, 0, "beneficiaries")->type == 5 &&
          decode_get(d, 0, "beneficiaries")->number == 1e9);
    CHECK(decode_get(d, 0, "depth_cm")->type == 3 && decode_get(d, 0, "depth_cm")->number == 12.5);
    CHECK(decode_get(d, 0, "blocked_land_use") == NULL && decode_get(d, 0, "n") == NULL);
    decode_free(d);
    CHECK_OK(decoded(ctx, tiles, project, &open, id, &d));
    CHECK(decode_get(d, 0, "date") == NULL && decode_get(d, 0, "beneficiaries") == NULL &&
          decode_get(d, 0, "organisation") == NULL);
    CHECK_STR(decode_text(d, 0, "status"), "handed over");
    for (int k = 0; k < d->n_keys; k++)
        CHECK(strcmp(d->keys[k], "depth_cm") != 0);
    decode_free(d);
    CHECK_OK(decoded(ctx, tiles, project, &accidents, id, &d));
    CHECK(decode_get(d, 0, "during_demining")->type == 7 &&
          decode_get(d, 0, "during_demining")->number == 1);
    decode_free(d);
    CHECK_FAILS(tl_tiles_vector(ctx, tiles, project, &items, id, &tile), TL_EDENIED,
                "item is not public");
    CHECK_OK(tl_tiles_layers(ctx, project, true, &json));
    json_t *layers = json_loads(json, 0, NULL);
    CHECK(json_array_size(layers) == 1 &&
          json_array_size(json_object_get(json_array_get(layers, 0), "columns")) == 3);
    json_decref(layers);
    tl_free(json);
    CHECK_OK(tl_tiles_layers(ctx, project, false, &json));
    layers = json_loads(json, 0, NULL);
    CHECK(json_array_size(layers) == TL_KIND_COUNT &&
          json_integer_value(json_object_get(json_array_get(layers, 1), "count")) == 1);
    json_decref(layers);
    tl_free(json);
    tl_tiles_free(tiles);
    tl_project_close(project);
}

TEST(a_changed_record_makes_new_tiles_of_its_layer_only)
{
    struct tl_project *project = NULL;
    struct tl_tiles *tiles = NULL;
    struct tl_tile tile[4] = {{0}};
    struct tl_tile_layer accidents = {TL_KIND_ACCIDENT, false};
    struct tl_tile_id id = fixture_at(12, -75.145, 7.043);
    struct tl_tiles_counts counts;
    CHECK_OK(open_empty(ctx, &project, &tiles));
    CHECK_OK(tl_tiles_vector(ctx, tiles, project, &hazard, id, &tile[0]));
    CHECK_OK(tl_tiles_vector(ctx, tiles, project, &accidents, id, &tile[1]));
    CHECK(tile[0].is_empty && tile[0].n_bytes == 0);
    CHECK_OK(fixture_put(ctx, project, TL_KIND_ACCIDENT, "POINT(-75.145 7.043)", NULL, NULL));
    CHECK_OK(tl_tiles_vector(ctx, tiles, project, &hazard, id, &tile[2]));
    CHECK_OK(tl_tiles_vector(ctx, tiles, project, &accidents, id, &tile[3]));
    tl_tiles_counts(tiles, &counts);
    CHECK(counts.n_made == 3 && counts.n_hits == 1);
    CHECK(!tile[3].is_empty && tile[1].is_empty && strcmp(tile[1].etag, tile[3].etag) != 0);
    for (int k = 0; k < 4; k++)
        tl_tile_release(&tile[k]);
    tl_tiles_free(tiles);
    tl_project_close(project);
}

TEST(crowds_become_heaps_with_their_number_and_none_is_lost)
{
    struct tl_project *project = NULL;
    struct tl_tiles *tiles = NULL;
    struct tl_tile_layer items = {TL_KIND_ITEM, false};
    struct tl_tiles_options tight = {.record_bytes = 200000};
    enum { N = 5000 };
    CHECK_OK(open_empty(ctx, &project, &tiles));
    CHECK_OK(tl_project_begin(ctx, project));
    for (int i = 0; i < 2 * N; i++) {
        char text[300], id[20];
        void *wkb = NULL;
        enum tl_put put;
        enum tl_kind kind = i < N ? TL_KIND_ITEM : TL_KIND_HAZARD_AREA;
        double lon = -75.2 + 0.1 * (i % 97) / 97, lat = 7.0 + 0.08 * (i % 89) / 89;
        struct tl_record record = {.source = "t", .source_id = id, .accuracy_m = NAN};
        snprintf(id, sizeof id, "%d", i);
        snprintf(text, sizeof text, i < N ? "POINT(%f %f)" : "POLYGON((%f %f,%f %f,%f %f,%f %f))",
                 lon, lat, lon + 0.0004, lat, lon, lat + 0.0004, lon, lat);
        if (kind == TL_KIND_HAZARD_AREA)
            record.values[tl_kind_column(kind, "status")] = i % 2 ? "open" : "cleared";
        CHECK_OK(tl_geom_from_wkt(ctx, text, &wkb, &record.wkb_bytes));
        record.wkb = wkb;
        CHECK_OK(tl_register_put(ctx, project, kind, &record, false, &put, NULL));
        tl_free(wkb);
    }
    CHECK_OK(tl_project_commit(ctx, project));
    for (int portions = 0; portions < 2; portions++) {
        if (portions == 1) { /* chunks too small for it: the same by portions */
            tl_tiles_free(tiles);
            CHECK_OK(tl_tiles_create(ctx, &tight, &tiles));
        }
        for (int z = 2; z <= 7; z += 5) {
            struct decode *d = NULL;
            struct tl_tile_id id = fixture_at(z, -75.15, 7.04);
            double sum = 0.0;
            CHECK_OK(decoded(ctx, tiles, project, &items, id, &d));
            for (int64_t f = 0; f < d->n_features; f++)
                sum += decode_get(d, f, "n")->number;
            CHECK(sum == N && d->n_features < 500);
            decode_free(d);
            CHECK_OK(decoded(ctx, tiles, project, &hazard, id, &d));
            double open = 0.0, n = (double)((int64_t)1 << z);
            for (int64_t f = 0; f < d->n_features; f++)
                open += strcmp(decode_text(d, f, "status"), "open") == 0
                            ? decode_get(d, f, "n")->number
                            : 0.0;
            CHECK(open >= N / 2 &&
                  d->n_features < 1000); /* one that lies on an edge counts in both squares */
            for (int i = N; i < 2 * N; i += 7) {
                double lon = -75.2 + 0.1 * (i % 97) / 97, lat = 7.0 + 0.08 * (i % 89) / 89;
                CHECK(covers(d, (tl_tile_x(lon + 0.0004) * n - (double)id.x) * 4096,
                             (tl_tile_y(lat) * n - (double)id.y) * 4096));
                CHECK(covers(d, (tl_tile_x(lon) * n - (double)id.x) * 4096,
                             (tl_tile_y(lat + 0.0004) * n - (double)id.y) * 4096));
            }
            decode_free(d);
        }
    }
    tl_tiles_free(tiles);
    tl_project_close(project);
}

TEST(the_antimeridian_and_the_poles_have_no_gap)
{
    struct tl_project *project = NULL;
    struct tl_tiles *tiles = NULL;
    struct decode *d = NULL;
    struct tl_tile_layer places = {TL_KIND_PLACE, false};
    CHECK_OK(open_empty(ctx, &project, &tiles));
    CHECK_OK(fixture_put(ctx, project, TL_KIND_PLACE, "POINT(179.9999 10)", NULL, NULL));
    CHECK_OK(fixture_put(ctx, project, TL_KIND_HAZARD_AREA,
                         "POLYGON((-180 86,180 86,180 90,-180 90,-180 86))", NULL, NULL));
    CHECK_OK(fixture_put(ctx, project, TL_KIND_HAZARD_AREA,
                         "POLYGON((170 -5,180 -5,180 5,170 5,170 -5))", NULL, NULL));
    for (int z = 3; z < 12; z += 4) {
        struct tl_tile_id here = fixture_at(z, 179.9999, 10), beyond = {z, 0, here.y};
        CHECK_OK(decoded(ctx, tiles, project, &places, here, &d));
        CHECK(d != NULL && d->n_features == 1 && d->xy[0][0] >= 4000 && d->xy[0][0] <= 4096);
        decode_free(d);
        CHECK_OK(decoded(ctx, tiles, project, &places, beyond,
                         &d)); /* in its buffer, from the other side */
        CHECK(d != NULL && d->n_features == 1 && d->xy[0][0] >= -64 && d->xy[0][0] <= 0);
        decode_free(d);
    }
    CHECK_OK(decoded(ctx, tiles, project, &hazard, (struct tl_tile_id){3, 5, 0}, &d));
    CHECK(d != NULL && d->n_features == 1); /* beyond the plane: a strip at its edge */
    decode_free(d);
    CHECK_OK(decoded(ctx, tiles, project, &hazard, fixture_at(6, 179.9, 0.1), &d));
    CHECK(d != NULL && covers(d, 4095.9, 2000) && covers(d, 10, 4000));
    decode_free(d);
    tl_tiles_free(tiles);
    tl_project_close(project);
}

TEST(a_polygon_of_a_hundred_thousand_points)
{
    enum { N = 100000 };
    struct tl_project *project = NULL;
    struct tl_tiles *tiles = NULL;
    struct tl_record record = {.source = "t", .accuracy_m = NAN};
    static unsigned char wkb[13 + 16 * (N + 1)];
    static const unsigned char head[9] = {1, 3, 0, 0, 0, 1, 0, 0, 0};
    enum tl_put put;
    uint32_t n = N + 1;
    CHECK_OK(open_empty(ctx, &project, &tiles));
    memcpy(wkb, head, 9);
    memcpy(wkb + 9, &n, 4);
    for (int i = 0; i <= N; i++) {
        double a = 6.283185307179586 * (i % N) / N,
               r = 0.03 + 0.004 * sin(50 * a) + 0.0003 * sin(9001 * a);
        double xy[2] = {-75.15 + r * cos(a), 7.04 + r * sin(a)};
        memcpy(wkb + 13 + 16 * (size_t)i, xy, 16);
    }
    record.wkb = wkb;
    record.wkb_bytes = sizeof wkb;
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(tl_register_put(ctx, project, TL_KIND_HAZARD_AREA, &record, false, &put, NULL));
    CHECK_OK(tl_project_commit(ctx, project));
    for (int z = 4; z <= 18; z += 2)
        for (int i = 0; i < N; i += 33457) {
            double lon, lat, side = (double)((int64_t)1 << z);
            struct decode *d = NULL;
            memcpy(&lon, wkb + 13 + 16 * (size_t)i, 8);
            memcpy(&lat, wkb + 21 + 16 * (size_t)i, 8);
            struct tl_tile_id id = fixture_at(z, lon, lat);
            CHECK_OK(decoded(ctx, tiles, project, &hazard, id, &d));
            CHECK(d != NULL && covers(d, (tl_tile_x(lon) * side - (double)id.x) * 4096,
                                      (tl_tile_y(lat) * side - (double)id.y) * 4096));
            decode_free(d);
        }
    tl_tiles_free(tiles);
    tl_project_close(project);
}

TEST(gdal_reads_the_tile_as_it_was_meant)
{
    struct tl_project *project = NULL;
    struct tl_tiles *tiles = NULL;
    struct tl_tile tile = {0};
    struct tl_vector *vector = NULL;
    struct tl_vector_options options = {.layer = "hazard-area"};
    struct tl_geom_info info;
    const void *wkb = NULL;
    int64_t n = 0;
    bool more = false;
    CHECK_OK(open_empty(ctx, &project, &tiles));
    CHECK_OK(fixture_put(
        ctx, project, TL_KIND_HAZARD_AREA,
        "POLYGON((-75.16 7.03,-75.14 7.03,-75.14 7.05,-75.16 7.05,-75.16 7.03),(-75.152 "
        "7.038,-75.148 7.038,-75.148 7.042,-75.152 7.042,-75.152 7.038))",
        "status", "open"));
    CHECK_OK(tl_tiles_vector(ctx, tiles, project, &hazard, fixture_at(11, -75.15, 7.04), &tile));
    uint8_t *raw = fixture_gunzip(tile.bytes, tile.n_bytes, &n);
    CHECK_OK(tl_file_write(ctx, "tile.mvt", raw, n));
    free(raw);
    CHECK_OK(tl_vector_open(ctx, "tile.mvt", &options, &vector));
    CHECK_STR(tl_vector_driver(vector), "MVT");
    CHECK_OK(tl_vector_next(ctx, vector, &more));
    CHECK(more);
    CHECK_STR(tl_vector_text(vector, tl_vector_find_column(vector, "status")), "open");
    CHECK_STR(tl_vector_text(vector, tl_vector_find_column(vector, "code")), "HA-0001");
    CHECK_OK(tl_vector_wkb(ctx, vector, &wkb, &n));
    CHECK_OK(tl_geom_info(ctx, wkb, n, &info));
    CHECK(info.kind == TL_GEOM_POLYGON && info.is_valid);
    /* The hole is a twenty-fifth of the area, whatever GDAL's units; rounding moves it by less than a hundredth. */
    CHECK_NEAR(info.area / ((info.box[2] - info.box[0]) * (info.box[3] - info.box[1])), 0.96, 0.01);
    CHECK_OK(tl_vector_next(ctx, vector, &more));
    CHECK(!more);
    tl_vector_close(vector);
    tl_tile_release(&tile);
    tl_tiles_free(tiles);
    tl_project_close(project);
}

TEST(each_allocation_may_fail)
{
    struct tl_project *project = NULL;
    struct tl_tiles *tiles = NULL;
    struct tl_tile tile = {0};
    CHECK_OK(open_empty(ctx, &project, &tiles));
    CHECK_OK(fixture_put(ctx, project, TL_KIND_HAZARD_AREA,
                         "POLYGON((-75.16 7.03,-75.14 7.03,-75.14 7.05,-75.16 7.05,-75.16 7.03))",
                         "status", "open"));
    CHECK_EVERY_ALLOC(
        ctx, (tl_tile_release(&tile), tl_tiles_clear(tiles),
              tl_tiles_vector(ctx, tiles, project, &hazard, fixture_at(13, -75.15, 7.04), &tile)));
    tl_tile_release(&tile);
    tl_tiles_free(tiles);
    tl_project_close(project);
}
