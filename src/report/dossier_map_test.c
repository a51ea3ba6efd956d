#include "unit.h"

#define FIXTURE_NAME "dossier_map_test"
#include "report/fixture.h"

/* Turning points and geometry of one ring. */
static void set_ring(json_t *json, int n, double lon_of(int k, int n), double lat_of(int k, int n))
{
    json_t *area = json_object_get(json, "area"), *points = json_array(), *ring = json_array();
    for (int k = 0; k <= n; k++) {
        double lon = lon_of(k % n, n), lat = lat_of(k % n, n);
        json_array_append_new(ring, json_pack("[f,f]", lon, lat));
        if (k < n)
            json_array_append_new(
                points, json_pack("{s:i,s:f,s:f}", "n", k + 1, "lon_deg", lon, "lat_deg", lat));
    }
    json_object_set_new(area, "turning_points", points);
    json_object_set_new(area, "geometry",
                        json_pack("{s:s,s:[o]}", "type", "Polygon", "coordinates", ring));
}

static double wave(int k, int n)
{
    return 0.003 * (1.0 + 0.2 * sin(9.0 * 6.283185307179586 * k / n));
}

static double wavy_lon(int k, int n)
{
    return 15.007 + wave(k, n) * cos(6.283185307179586 * k / n);
}

static double wavy_lat(int k, int n)
{
    return 2.010 + wave(k, n) * sin(6.283185307179586 * k / n);
}

/* Away from one of the searches, beside 200 that the register does not have. */
static void with_many_points(json_t *json)
{
    json_t *by = json_object_get(json_object_get(json, "searched"), "by");
    for (int k = 0; k < 200; k++)
        json_array_append_new(by, json_pack("{s:s}", "code", k % 2 == 0 ? "SE-9001" : "SE-9002"));
    set_ring(json, 500, wavy_lon, wavy_lat);
}

TEST(points_that_crowd_are_numbered_where_there_is_room)
{
    CHECK_OK(write_dossier(ctx, with_many_points, "en"));
    if (words[0] == '\0')
        SKIP("pdftotext is not installed");
    CHECK(strstr(words, "only some carry their number") != NULL);
    CHECK(strstr(words, "201 searches have no polygon") != NULL);
    remove_folder(FOLDER);
}

TEST(the_key_names_what_is_on_the_map_at_a_round_scale)
{
    CHECK_OK(write_dossier(ctx, NULL, "en"));
    if (words[0] == '\0')
        SKIP("pdftotext is not installed");
    static const char *const wanted[] = {"Scale 1 : 5,000",
                                         "WGS 84 / UTM zone 33N",
                                         "technical survey: dogs (1)",
                                         "clearance: manual (1)",
                                         "sampling inspection",
                                         "item found",
                                         "accident",
                                         "other hazardous area",
                                         "river",
                                         "road or other line",
                                         "Вільхове",
                                         "not for publication"};
    for (size_t k = 0; k < sizeof wanted / sizeof wanted[0]; k++)
        CHECK(strstr(words, wanted[k]) != NULL);
    CHECK(strstr(words, "only some carry") == NULL && strstr(words, "no polygon") == NULL);
    remove_folder(FOLDER);
}

static double strip_lon(int k, int n)
{
    return 15.0 + (k == 1 || k == 2 ? 0.05 : 0.0) + 0.0 * n;
}

static double strip_lat(int k, int n)
{
    return 2.01 + (k >= 2 ? 1e-5 : 0.0) + 0.0 * n;
}

static double dot_lon(int k, int n)
{
    return 15.007 + (k == 1 ? 1e-7 : 0.0) + 0.0 * n;
}

static double dot_lat(int k, int n)
{
    return 2.01 + (k == 2 ? 1e-7 : 0.0) + 0.0 * n;
}

static void with_strip(json_t *json)
{
    set_ring(json, 4, strip_lon, strip_lat);
}

static void with_dot(json_t *json)
{
    set_ring(json, 3, dot_lon, dot_lat);
}

TEST(strips_and_areas_of_a_hand_are_drawn)
{
    CHECK_OK(write_dossier(ctx, with_strip, "en"));
    CHECK_OK(write_dossier(ctx, with_dot, "en"));
    if (words[0] == '\0')
        SKIP("pdftotext is not installed");
    CHECK(strstr(words, "Scale 1 : 100 ") != NULL);
    remove_folder(FOLDER);
}

/* More kinds than there are hatches: the last hatch takes the rest. */
static void with_many_methods(json_t *json)
{
    json_t *by = json_object_get(json_object_get(json, "searched"), "by");
    for (int k = 0; k < 12; k++) {
        char method[24];
        json_t *row = json_deep_copy(json_array_get(by, (size_t)k % 3));
        snprintf(method, sizeof method, "method %d", k);
        json_object_set_new(row, "method", json_string(method));
        json_array_append_new(by, row);
    }
}

TEST(more_methods_than_hatches_are_drawn)
{
    CHECK_OK(write_dossier(ctx, with_many_methods, "en"));
    remove_folder(FOLDER);
}

static void with_broken_geometry(json_t *json)
{
    json_object_set_new(json_object_get(json, "area"), "geometry",
                        json_pack("{s:s,s:[[[f]]]}", "type", "Polygon", "coordinates", 15.0));
}

TEST(a_geometry_that_is_none_is_refused)
{
    CHECK_FAILS(write_dossier(ctx, with_broken_geometry, "en"), TL_EDATA, "point 1 of a ring");
}
