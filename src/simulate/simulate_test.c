#include "unit.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/hash.h"
#include "geo/vector.h"
#include "tilth/raster.h"
#include "tilth/simulate.h"

static const struct tl_simulate_options usual = {.dirt = -1.0, .seed = 1, .overwrite = true};

static const char *const all_files[] = {
    "accidents.csv",     "reports.xlsx",        "hazard_areas.geojson",
    "searches.shp",      "searches.shx",        "searches.dbf",
    "searches.prj",      "searches.cpg",        "items.csv",
    "places.csv",        "lines.kml",           "roads.gpx",
    "elevation.tif",     "slope.tif",           "README.txt",
    "truth/density.tif", "truth/remaining.tif", "truth/items.csv",
    "truth/dirt.csv",    "truth/truth.json"};

enum { N_FILES = sizeof all_files / sizeof *all_files };

TEST(a_district_has_plausible_numbers)
{
    struct tl_simulate_report r = {0};
    CHECK_OK(tl_simulate_district(ctx, "district", &usual, &r));
    printf("  mines %lld erw %lld found %lld remaining %lld accidents %lld reports %lld (%lld "
           "false) areas %lld "
           "searches %lld dirty %lld searched %.0f m2\n",
           (long long)r.n_items_mines, (long long)r.n_items_erw, (long long)r.n_found,
           (long long)r.n_remaining, (long long)r.n_accidents, (long long)r.n_reports,
           (long long)r.n_false_reports, (long long)r.n_hazard_areas, (long long)r.n_searches,
           (long long)r.n_dirty, r.searched_m2);
    CHECK(r.n_items_mines > 2000 && r.n_items_mines < 3200);
    CHECK(r.n_items_erw > 800 && r.n_items_erw < 1500);
    CHECK(r.n_accidents >= 60 && r.n_accidents <= 150);
    CHECK(r.n_reports >= 60 && r.n_reports <= 150 && r.n_false_reports > 5);
    CHECK(r.n_hazard_areas >= 30 && r.n_hazard_areas <= 50);
    CHECK(r.n_searches >= 240 && r.n_searches <= 380);
    CHECK(r.n_items_mines + r.n_items_erw == r.n_found + r.n_remaining + r.n_accidents);
    CHECK(r.searched_m2 > 5e5 && r.searched_m2 < 4e6);
    for (int k = 0; k < N_FILES; k++) {
        char path[256];
        struct stat info;
        snprintf(path, sizeof path, "district/%s", all_files[k]);
        CHECK(stat(path, &info) == 0 && info.st_size > 0);
    }
}
