#include "unit.h"

#include <sys/stat.h>

#include "geo/vector.h"
#include "simulate/files.h"
#include "simulate/fixture.h"

static struct tl_world world;
static struct tl_history history;
static struct tl_table ledger;

static tl_err write_small(struct tl_ctx *ctx, const char *folder)
{
    tl_err err = TL_OK;
    mkdir(folder, 0777);
    TL_TRY(tl_world_make(ctx, &fixture_small, &world));
    TL_TRY(tl_history_make(ctx, &world, &history));
    tl_dirt_ledger(&ledger);
    TL_TRY(tl_files_write(ctx, &history, folder, &ledger));
    TL_TRY(tl_truth_write(ctx, &history, folder, &ledger));
done:
    return err;
}

static void forget(void)
{
    tl_table_fini(&ledger);
    tl_history_fini(&history);
    tl_world_fini(&world);
}

static int64_t rows_of(struct tl_ctx *ctx, const char *path, const char *layer)
{
    struct tl_vector *vector = NULL;
    struct tl_vector_options options = {.layer = layer};
    int64_t n = 0;
    bool more = true;
    if (tl_vector_open(ctx, path, &options, &vector) != TL_OK)
        return -1;
    while (tl_vector_next(ctx, vector, &more) == TL_OK && more)
        n++;
    tl_vector_close(vector);
    return n;
}

static int64_t copies_in(const char *file)
{
    int64_t n = 0;
    for (int64_t k = 0; k < ledger.n_rows; k++)
        n += strcmp(tl_table_get(&ledger, k, 0), file) == 0 &&
             (strcmp(tl_table_get(&ledger, k, 3), "duplicate-row") == 0 ||
              strcmp(tl_table_get(&ledger, k, 3), "duplicate-id") == 0);
    return n;
}

TEST(files_are_read_back_with_every_record_in_them)
{
    CHECK_OK(write_small(ctx, "files_small"));
    CHECK(rows_of(ctx, "files_small/accidents.csv", NULL) ==
          history.n_accidents + copies_in("accidents.csv"));
    CHECK(rows_of(ctx, "files_small/reports.xlsx", NULL) ==
          history.n_reports + copies_in("reports.xlsx"));
    CHECK(rows_of(ctx, "files_small/hazard_areas.geojson", NULL) == history.n_areas);
    CHECK(rows_of(ctx, "files_small/searches.shp", NULL) == history.n_searches);
    CHECK(rows_of(ctx, "files_small/places.csv", NULL) == world.n_places);
    CHECK(rows_of(ctx, "files_small/lines.kml", NULL) == world.n_trenches + 1);
    CHECK(rows_of(ctx, "files_small/roads.gpx", "tracks") == world.n_roads);
    forget();
}

TEST(every_file_has_a_meaning_but_the_parts_of_a_shapefile)
{
    for (int k = 0; tl_files_names[k] != NULL; k++) {
        const char *name = tl_files_names[k];
        bool is_part = strncmp(name, "searches.", 9) == 0 && strcmp(name, "searches.shp") != 0;
        CHECK((tl_files_meaning(name) == NULL) == is_part);
    }
}

TEST(readme_gives_a_command_for_each_file_of_evidence)
{
    static char text[8192];
    CHECK_OK(write_small(ctx, "files_readme"));
    forget();
    FILE *file = fopen("files_readme/README.txt", "rb");
    CHECK(file != NULL);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    static const char *const parts[] = {
        "tilth new district.gpkg --area=37.1,48.3,37.18,48.345 --cell 200m",
        "accidents.csv --as accident",
        "reports.xlsx --as report",
        "hazard_areas.geojson --as hazard-area",
        "searches.shp --as search",
        "items.csv --as item",
        "places.csv --as place",
        "lines.kml --as line",
        "slope.tif --as covariate"};
    for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
        CHECK(strstr(text, parts[k]) != NULL);
}
