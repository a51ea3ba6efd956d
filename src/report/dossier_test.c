#include "unit.h"

#include <sys/stat.h>

#include "core/json.h"
#include "hazard/fixture.h"
#include "tilth/dossier.h"

static const char *const gpkg = "dossier_test.gpkg";

/* Searches whose codes are those of the made-up assessment (tests/report/assess.json), another hazardous area, a road, a village. */
static tl_err fill(struct tl_ctx *ctx, struct tl_project *project)
{
    static const char *const files[][2] = {
        {"search",
         "id,type,method,passes,date_end,wkt\n"
         "S1,TS,dogs,1,2024-04-19,\"POLYGON((15.0037 2.0120,15.0060 2.0119,15.0060 2.0162,15.0037 "
         "2.0162,15.0037 2.0120))\"\n"
         "S2,clearance,manual,2,2024-08-30,\"POLYGON((15.0056 2.0119,15.0085 2.0120,15.0085 "
         "2.0147,15.0056 2.0147,15.0056 2.0119))\"\n"
         "S3,TS,flail 3000,1,2023-10-11,\"POLYGON((15.0086 2.0148,15.0104 2.0148,15.0104 "
         "2.0162,15.0086 2.0162,15.0086 2.0148))\"\n"
         "S4,inspection,manual,1,2024-09-12,\"POLYGON((15.0062 2.0124,15.0074 2.0124,15.0074 "
         "2.0131,15.0062 2.0131,15.0062 2.0124))\"\n"},
        {"hazard-area",
         "id,name,classification,wkt\n"
         "H1,own,CHA,\"POLYGON((15.0040 2.0125,15.0083 2.0125,15.0083 2.0160,15.0040 2.0125))\"\n"
         "H2,neighbour,SHA,\"POLYGON((15.0092 2.0119,15.0112 2.0119,15.0112 2.0137,15.0092 2.0137,"
         "15.0092 2.0119))\"\n"},
        {"line", "id,type,wkt\nL1,road,\"LINESTRING(15.000 2.0140,15.0036 2.0136,15.0095 2.0142,"
                 "15.0120 2.0170)\"\nL2,river,\"LINESTRING(15.003 2.0110,15.0086 2.0118,15.0090 "
                 "2.0147,15.0120 2.0146)\"\n"},
        {"place", "id,lon,lat,name,population\nP1,15.0098,2.0141,Вільхове,640\n"}};
    char file[64];
    tl_err err = TL_OK;
    for (size_t k = 0; k < sizeof files / sizeof files[0]; k++) {
        snprintf(file, sizeof file, "dossier_%s.csv", files[k][0]);
        TL_TRY(tl_file_write(ctx, file, files[k][1], (int64_t)strlen(files[k][1])));
        TL_TRY(fixture_import(ctx, project, file, files[k][0]));
        unlink(file);
    }
done:
    return err;
}

static tl_err open_project(struct tl_ctx *ctx, struct tl_project **project)
{
    tl_err err = TL_OK;
    TL_TRY(fixture_create(ctx, gpkg));
    TL_TRY(tl_project_open(ctx, gpkg, TL_PROJECT_WRITE, project));
    TL_TRY(fill(ctx, *project));
done:
    return err;
}

/* A result as release makes it, from a JSON value: its text and the hash of that. */
static tl_err result_of(struct tl_ctx *ctx, const json_t *json, struct tl_release_result *result)
{
    uint8_t hash[TL_HASH_BYTES];
    struct tl_hash h;
    tl_err err = tl_json_text(ctx, json, &result->json);
    if (err != TL_OK)
        return err;
    tl_hash_init(&h);
    tl_hash_add(&h, result->json, (int64_t)strlen(result->json));
    tl_hash_done(&h, hash);
    tl_hash_hex(hash, result->hash);
    return TL_OK;
}

static tl_err made_up(struct tl_ctx *ctx, json_t **json)
{
    return tl_json_read(ctx, TILTH_SOURCE "/tests/report/assess.json", json);
}

static const char *const files[] = {"dossier.pdf", "area.geojson", "turning_points.csv",
                                    "searches.csv", "assess.json"};

static void remove_folder(const char *folder)
{
    char path[256];
    for (int k = 0; k < 5; k++) {
        snprintf(path, sizeof path, "%s/%s", folder, files[k]);
        unlink(path);
    }
    rmdir(folder);
}

static char words[1 << 20];

/* Output of a command; false where it is not installed or fails. */
static bool output_of(const char *command)
{
    FILE *pipe = popen(command, "r");
    if (pipe == NULL)
        return false;
    size_t n = fread(words, 1, sizeof words - 1, pipe);
    words[n] = '\0';
    return pclose(pipe) == 0;
}

static tl_err write_made_up(struct tl_ctx *ctx, const char *language, const char *folder)
{
    tl_err err = TL_OK;
    struct tl_project *project = NULL;
    struct tl_release_result result = {0};
    json_t *json = NULL;
    TL_TRY(made_up(ctx, &json));
    TL_TRY(result_of(ctx, json, &result));
    TL_TRY(open_project(ctx, &project));
    err = tl_dossier_write(ctx, project, &result, language, folder, true);
done:
    tl_project_close(project);
    tl_free(result.json);
    json_decref(json);
    unlink(gpkg);
    return err;
}

TEST(words_of_the_english_dossier_can_be_searched)
{
    static const char *const wanted[] = {"Land-release dossier",
                                         "HA-0001",
                                         "Поле \"Довге\" під Вільховим",
                                         "Turning points",
                                         "What was done",
                                         "Quality control",
                                         "What was found",
                                         "What may remain",
                                         "What more work would change",
                                         "Criteria",
                                         "Decisions so far",
                                         "Who decides",
                                         "Where it comes from",
                                         "Олена Коваль",
                                         "flail 3000",
                                         "65 %",

                                         "not met",
                                         "Owner of the residual risk",
                                         "not a statement that the ground is free"};
    CHECK_OK(write_made_up(ctx, "en", "dossier_en"));
    if (!output_of("pdftotext -layout dossier_en/dossier.pdf - 2>/dev/null"))
        SKIP("pdftotext is not installed");
    for (size_t k = 0; k < sizeof wanted / sizeof wanted[0]; k++) {
        if (strstr(words, wanted[k]) == NULL)
            printf("  \"%s\" is not in the PDF\n", wanted[k]);
        CHECK(strstr(words, wanted[k]) != NULL);
    }
    CHECK(strcasestr(words, "safe") == NULL);
}

/* "безпечно" and its kin may stand only where they deny: небезпечний, вибухонебезпечний. */
static bool claims_no_danger(const char *text)
{
    static const char stem[] = "безпечн", denied[] = "небезпечн";
    for (const char *at = text; (at = strstr(at, stem)) != NULL; at += strlen(stem))
        if (at - text < 4 || strncmp(at - 4, denied, strlen(denied)) != 0)
            return true;
    return false;
}

TEST(words_of_the_ukrainian_dossier_can_be_searched)
{
    static const char *const wanted[] = {
        "HA-0001",          "Поворотні точки",    "Що зроблено", "Контроль якості",
        "Що знайдено",      "Що може залишатися", "Хто вирішує", "підтверджена небезпечна",
        "залишковий ризик", "Олена Коваль",       "65 %",        "не виконано"};
    CHECK_OK(write_made_up(ctx, "uk", "dossier_uk"));
    if (!output_of("pdftotext -layout dossier_uk/dossier.pdf - 2>/dev/null"))
        SKIP("pdftotext is not installed");
    for (size_t k = 0; k < sizeof wanted / sizeof wanted[0]; k++) {
        if (strstr(words, wanted[k]) == NULL)
            printf("  \"%s\" is not in the PDF\n", wanted[k]);
        CHECK(strstr(words, wanted[k]) != NULL);
    }
    CHECK(!claims_no_danger(words) && strcasestr(words, "safe") == NULL);
    CHECK(claims_no_danger("тут безпечно") && !claims_no_danger("вибухонебезпечні предмети"));
}

TEST(the_same_assessment_gives_the_same_bytes)
{
    char a[TL_HASH_HEX], b[TL_HASH_HEX], path[128];
    CHECK_OK(write_made_up(ctx, "uk", "dossier_a"));
    sleep(1); /* a PDF that stamped the second would differ by then */
    CHECK_OK(write_made_up(ctx, "uk", "dossier_b"));
    for (int k = 0; k < 5; k++) {
        snprintf(path, sizeof path, "dossier_a/%s", files[k]);
        CHECK_OK(tl_hash_file(ctx, path, a));
        snprintf(path, sizeof path, "dossier_b/%s", files[k]);
        CHECK_OK(tl_hash_file(ctx, path, b));
        CHECK_STR(a, b);
    }
    remove_folder("dossier_a");
    remove_folder("dossier_b");
}

TEST(tables_and_shapes_are_read_by_gdal)
{
    CHECK_OK(write_made_up(ctx, "en", "dossier_files"));
    if (!output_of("ogrinfo -ro -so -al dossier_files/area.geojson 2>&1"))
        SKIP("ogrinfo is not installed");
    /* the area, 4 searches, 16 turning points, 6 items and accidents */
    CHECK(strstr(words, "Feature Count: 27") != NULL);
    CHECK(output_of("ogrinfo -ro -al dossier_files/area.geojson -where \"code='SE-0002'\" 2>&1"));
    CHECK(strstr(words, "method (String) = manual") != NULL && strstr(words, "POLYGON") != NULL);
    CHECK(output_of("ogrinfo -ro -al dossier_files/searches.csv 2>&1"));
    /* 4 searches and the row of HXL tags */
    CHECK(strstr(words, "Feature Count: 5") != NULL);
    CHECK(strstr(words, "team (String) = Бригада №4 \"Степ\"") != NULL);
    CHECK(strstr(words, "#activity+type") != NULL);
    CHECK(output_of("ogrinfo -ro -so -al dossier_files/turning_points.csv 2>&1"));
    CHECK(strstr(words, "Feature Count: 17") != NULL);
    remove_folder("dossier_files");
}

TEST(the_json_is_as_it_was_and_has_the_hash)
{
    char hash[TL_HASH_HEX], foot[128];
    CHECK_OK(write_made_up(ctx, "en", "dossier_hash"));
    CHECK_OK(tl_hash_file(ctx, "dossier_hash/assess.json", hash));
    if (!output_of("pdftotext -layout dossier_hash/dossier.pdf - 2>/dev/null"))
        SKIP("pdftotext is not installed");
    snprintf(foot, sizeof foot, "assessment %s", hash);
    int n_feet = 0, n_pages = 0;
    for (const char *at = words; (at = strstr(at, foot)) != NULL; at++)
        n_feet++;
    for (const char *at = words; (at = strchr(at, '\f')) != NULL; at++)
        n_pages++;
    CHECK(n_pages >= 4 && n_feet == n_pages);
    remove_folder("dossier_hash");
}

/* Writes an assessment changed by `change`; the words of its PDF are then in `words`. */
static tl_err write_changed(struct tl_ctx *ctx, void (*change)(json_t *json), const char *language)
{
    tl_err err = TL_OK;
    struct tl_project *project = NULL;
    struct tl_release_result result = {0};
    json_t *json = NULL;
    TL_TRY(made_up(ctx, &json));
    change(json);
    TL_TRY(result_of(ctx, json, &result));
    TL_TRY(open_project(ctx, &project));
    err = tl_dossier_write(ctx, project, &result, language, "dossier_changed", true);
    words[0] = '\0';
    output_of("pdftotext -layout dossier_changed/dossier.pdf - 2>/dev/null");
done:
    tl_project_close(project);
    tl_free(result.json);
    json_decref(json);
    unlink(gpkg);
    return err;
}

static void without_criteria(json_t *json)
{
    json_object_set_new(json, "criteria", json_null());
    json_object_set_new(json, "programme", json_null());
}

TEST(without_criteria_there_is_no_verdict)
{
    CHECK_OK(write_changed(ctx, without_criteria, "en"));
    if (words[0] == '\0')
        SKIP("pdftotext is not installed");
    CHECK(strstr(words, "figures and no verdict") != NULL || strstr(words, "no verdict") != NULL);
    CHECK(strstr(words, "the criteria are") == NULL && strstr(words, "not met") == NULL);
    CHECK(strstr(words, "cheapest") == NULL);
    remove_folder("dossier_changed");
}

static void with_nothing(json_t *json)
{
    json_object_clear(json);
    json_object_set_new(json, "schema", json_string("tilth.assess/1"));
}

TEST(missing_values_are_dashes)
{
    CHECK_OK(write_changed(ctx, with_nothing, "en"));
    CHECK_OK(write_changed(ctx, with_nothing, "uk"));
    remove_folder("dossier_changed");
}

/* 500 turning points on a wavy circle, away from one search; a reason longer than a page; 200 searches without a record. */
static void with_much(json_t *json)
{
    json_t *area = json_object_get(json, "area"), *points = json_array(), *ring = json_array();
    json_t *by = json_object_get(json_object_get(json, "searched"), "by");
    for (int k = 0; k <= 500; k++) {
        double t = 6.283185307179586 * (k % 500) / 500.0, r = 0.003 * (1.0 + 0.2 * sin(9.0 * t));
        double lon = 15.007 + r * cos(t), lat = 2.010 + r * sin(t);
        json_array_append_new(ring, json_pack("[f,f]", lon, lat));
        if (k < 500)
            json_array_append_new(points, json_pack("{s:i,s:i,s:i,s:f,s:f,s:f,s:f}", "n", k + 1,
                                                    "part", 1, "ring", 1, "lon_deg", lon, "lat_deg",
                                                    lat, "bearing_deg", 10.0, "distance_m", 4.2));
    }
    json_object_set_new(area, "turning_points", points);
    json_object_set_new(area, "geometry",
                        json_pack("{s:s,s:[o]}", "type", "Polygon", "coordinates", ring));
    for (int k = 0; k < 200; k++) {
        json_t *row = json_deep_copy(json_array_get(by, (size_t)k % 3));
        char code[24];
        snprintf(code, sizeof code, "SE-%04d", 1000 + k);
        json_object_set_new(row, "code", json_string(code));
        json_array_append_new(by, row);
    }
    static char reason[40001];
    for (int k = 0; k < 40000; k += 8)
        memcpy(reason + k, k % 800 == 0 ? "\nреас " : "because ", 8);
    json_object_set_new(json_array_get(json_object_get(json, "decisions"), 0), "reason",
                        json_string(reason));
}

TEST(long_tables_and_texts_run_over_pages_with_their_heads)
{
    CHECK_OK(write_changed(ctx, with_much, "en"));
    if (words[0] == '\0')
        SKIP("pdftotext is not installed");
    int n_heads = 0, n_pages = 0;
    for (const char *at = words; (at = strstr(at, "Longitude")) != NULL; at++)
        n_heads++;
    for (const char *at = words; (at = strchr(at, '\f')) != NULL; at++)
        n_pages++;
    CHECK(n_heads >= 8 && n_pages > 20);
    CHECK(strstr(words, " 500 ") != NULL && strstr(words, "SE-1199") != NULL);
    CHECK(strstr(words, "201 searches have no polygon") != NULL);
    CHECK(strstr(words, "only some carry their number") != NULL);
}

static void with_other_schema(json_t *json)
{
    json_object_set_new(json, "schema", json_string("tilth.map/1"));
}

TEST(what_is_there_or_is_no_assessment_is_refused_and_left_alone)
{
    struct tl_project *project = NULL;
    struct tl_release_result result = {0};
    struct stat info;
    json_t *json = NULL;
    char broken[] = "{\"schema\": ";
    remove_folder("dossier_changed");
    CHECK_FAILS(write_changed(ctx, with_other_schema, "en"), TL_EDATA, "tilth.map/1");
    CHECK_FAILS(write_changed(ctx, without_criteria, "tlh"), TL_EUSAGE, "en, uk");
    CHECK(stat("dossier_changed", &info) != 0);
    CHECK_OK(made_up(ctx, &json));
    CHECK_OK(result_of(ctx, json, &result));
    CHECK_OK(open_project(ctx, &project));
    CHECK_OK(tl_dossier_write(ctx, project, &result, "en", "dossier_there", false));
    CHECK_FAILS(tl_dossier_write(ctx, project, &result, "uk", "dossier_there", false), TL_EEXISTS,
                "dossier_there/dossier.pdf");
    tl_free(result.json);
    result.json = broken;
    CHECK_FAILS(tl_dossier_write(ctx, project, &result, "en", "dossier_there", true), TL_EDATA,
                "not JSON");
    tl_project_close(project);
    json_decref(json);
    unlink(gpkg);
    remove_folder("dossier_there");
}

struct given {
    struct tl_project *project;
    struct tl_release_result *result;
};

static tl_err write_again(struct tl_ctx *ctx, const struct given *given)
{
    return tl_dossier_write(ctx, given->project, given->result, "uk", "dossier_alloc", true);
}

/* Every 37th allocation only: all of them would take minutes. */
TEST(allocations_may_fail_and_nothing_is_left_behind)
{
    struct tl_project *project = NULL;
    struct tl_release_result result = {0};
    struct stat info;
    json_t *json = NULL;
    CHECK_OK(made_up(ctx, &json));
    CHECK_OK(result_of(ctx, json, &result));
    CHECK_OK(open_project(ctx, &project));
    struct given given = {project, &result};
    tl_err err = TL_ENOMEM;
    for (int64_t nth = 1; err != TL_OK && nth < 100000; nth += nth < 60 ? 1 : 37) {
        tl_ctx_fail_alloc(ctx, nth);
        err = write_again(ctx, &given);
        tl_ctx_fail_alloc(ctx, 0);
        CHECK(err == TL_OK || err == TL_ENOMEM);
        CHECK(err == TL_OK || stat("dossier_alloc", &info) != 0);
    }
    CHECK(err == TL_OK);
    tl_project_close(project);
    tl_free(result.json);
    json_decref(json);
    unlink(gpkg);
    remove_folder("dossier_alloc");
}
