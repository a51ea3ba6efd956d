#include "unit.h"

#include "evidence/fixture.h"
#include "evidence/mapfile.h"

static tl_err read_text(struct tl_ctx *ctx, const char *text, struct tl_mapping *m,
                        struct tl_mapfile *file)
{
    tl_mapping_init(m, TL_KIND_ACCIDENT);
    tl_err err = fixture_write(ctx, "mapfile_test.yaml", text);
    return err == TL_OK ? tl_mapfile_read(ctx, "mapfile_test.yaml", m, file) : err;
}

TEST(yaml_and_json_say_the_same)
{
    static const char *const texts[] = {
        "# how the province sends it\nas: accident\nmap:\n  lon: longitud\n  lat: 'latitud'\n"
        "  category: \"=AP mine\"\nwhere: \"type_code in (1, 2)\"\ncrs: EPSG:3116\n",
        "{\"as\": \"accident\", \"map\": {\"lon\": \"longitud\", \"lat\": \"latitud\", "
        "\"category\": \"=AP mine\"},"
        " \"where\": \"type_code in (1, 2)\", \"crs\": \"EPSG:3116\"}"};
    for (int i = 0; i < 2; i++) {
        struct tl_mapping m;
        struct tl_mapfile file = {{NULL}};
        char pairs[256];
        CHECK_OK(read_text(ctx, texts[i], &m, &file));
        tl_mapping_pairs(&m, pairs, sizeof pairs);
        CHECK_STR(pairs, "lon=longitud lat=latitud category==AP mine");
        CHECK_STR(file.texts[TL_MAPFILE_WHERE], "type_code in (1, 2)");
        CHECK_STR(file.texts[TL_MAPFILE_CRS], "EPSG:3116");
        CHECK(file.texts[TL_MAPFILE_LAYER] == NULL);
        tl_mapfile_fini(&file);
        tl_mapping_fini(&m);
    }
}

TEST(errors_name_line_and_column)
{
    static const struct {
        const char *text, *part;
    } table[] = {{"map:\n  lon: a\n  latt: b\n", "line 3, column 3: \"latt\" is not a field"},
                 {"map:\n  lon: a\nwhen: x\n",
                  "line 3, column 1: unknown key \"when\", did you mean \"where\"?"},
                 {"map: lonlat\n", "line 1, column 1: \"map\" is not a list"},
                 {"map:\n  lon: [a, b]\n", "line 2, column 3: lon: expected the name of a column"},
                 {"where: {a: b}\n", "line 1, column 1: where: expected text"},
                 {"- a\n- b\n", "line 1, column 3: entry: expected keys"},
                 {"map:\n  lon: \"a\n", "mapfile_test.yaml: line "},
                 {"map:\n\tlon: a\n", "mapfile_test.yaml: line 2, column"},
                 {"{\"map\": {\"lon\" \"a\"}}", "mapfile_test.yaml: line 1, column"},
                 {"map:\n  lon: a\n  lon: b\n", "line 3, column 3: duplicate key"},
                 {"", "empty"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct tl_mapping m;
        struct tl_mapfile file = {{NULL}};
        CHECK_FAILS(read_text(ctx, table[i].text, &m, &file), TL_EDATA, table[i].part);
        tl_mapping_fini(&m);
    }
}

TEST(a_missing_or_huge_file_is_refused)
{
    struct tl_mapping m;
    struct tl_mapfile file = {{NULL}};
    tl_mapping_init(&m, TL_KIND_ACCIDENT);
    CHECK_FAILS(tl_mapfile_read(ctx, "none.yaml", &m, &file), TL_ENOTFOUND, "none.yaml");
    FILE *out = fopen("mapfile_test.yaml", "w");
    CHECK(out != NULL);
    for (int i = 0; i < 120000; i++)
        fputs("# comment\n", out);
    fclose(out);
    CHECK_FAILS(tl_mapfile_read(ctx, "mapfile_test.yaml", &m, &file), TL_EDATA, "1 MiB");
    tl_mapping_fini(&m);
}

TEST(an_import_takes_its_mapping_and_settings_from_the_file)
{
    struct tl_project *project = NULL;
    struct tl_import_report r = {0};
    struct tl_import_options options = {
        .as = "accident", .mapping_file = "mapfile_test.yaml", .today = FIXTURE_TODAY};
    CHECK_OK(fixture_district(ctx, "mapfile_test.gpkg", &project));
    CHECK_OK(fixture_write(
        ctx, "mapfile_test.yaml",
        "as: accident\nmap: {lon: longitud, lat: latitud, date: cuando, date_format: mdy}\n"
        "where: tipo = 'A'\n"));
    CHECK_OK(
        fixture_write(ctx, "mapfile_test.csv",
                      "longitud,latitud,cuando,tipo\n30.05,50.05,03/07/1999,A\n30.06,50.05,x,B\n"));
    CHECK_OK(tl_import_file(ctx, project, "mapfile_test.csv", &options, &r));
    CHECK(r.n_read == 1 && r.n_added == 1 && !r.mapping_found);
    /* The next time the mapping is remembered without the file. */
    options.mapping_file = NULL;
    options.where = "tipo = 'A'";
    CHECK_OK(tl_import_file(ctx, project, "mapfile_test.csv", &options, &r));
    CHECK(r.n_unchanged == 1 && r.mapping_found);
    options.as = "report";
    options.mapping_file = "mapfile_test.yaml";
    CHECK_FAILS(tl_import_file(ctx, project, "mapfile_test.csv", &options, &r), TL_EUSAGE,
                "--as report");
    tl_project_close(project);
}
