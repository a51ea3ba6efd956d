#include "unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "core/hash.h"
#include "simulate/fixture.h"

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

static bool same_files(struct tl_ctx *ctx, const char *a, const char *b, bool *same)
{
    *same = true;
    for (int k = 0; k < N_FILES; k++) {
        char path_a[256], path_b[256], hash_a[TL_HASH_HEX], hash_b[TL_HASH_HEX];
        snprintf(path_a, sizeof path_a, "%s/%s", a, all_files[k]);
        snprintf(path_b, sizeof path_b, "%s/%s", b, all_files[k]);
        if (tl_hash_file(ctx, path_a, hash_a) != TL_OK ||
            tl_hash_file(ctx, path_b, hash_b) != TL_OK)
            return false;
        if (strcmp(hash_a, hash_b) != 0) {
            printf("  differs: %s\n", all_files[k]);
            *same = false;
        }
    }
    return true;
}

TEST(same_options_give_the_same_bytes_on_any_number_of_threads)
{
    bool same = false;
    tl_ctx_set_threads(ctx, 1);
    CHECK_OK(tl_simulate_district(ctx, "same_a", &fixture_small, NULL));
    /* Longer than the resolution of a zip archive's times. */
    sleep(3);
    tl_ctx_set_threads(ctx, 2);
    CHECK_OK(tl_simulate_district(ctx, "same_b", &fixture_small, NULL));
    CHECK(same_files(ctx, "same_a", "same_b", &same));
    CHECK(same);
}

TEST(another_seed_gives_another_district)
{
    bool same = true;
    struct tl_simulate_options other = fixture_small;
    other.seed = 5;
    CHECK_OK(tl_simulate_district(ctx, "seed_a", &fixture_small, NULL));
    CHECK_OK(tl_simulate_district(ctx, "seed_b", &other, NULL));
    char a[TL_HASH_HEX], b[TL_HASH_HEX];
    CHECK_OK(tl_hash_file(ctx, "seed_a/truth/density.tif", a));
    CHECK_OK(tl_hash_file(ctx, "seed_b/truth/density.tif", b));
    same = strcmp(a, b) == 0;
    CHECK(!same);
}

TEST(what_is_there_is_kept_unless_overwriting_was_asked_for)
{
    struct tl_simulate_options o = fixture_small;
    struct tl_simulate_report report = {.n_found = -3};
    CHECK_OK(tl_simulate_district(ctx, "kept", &o, NULL));
    o.overwrite = false;
    CHECK_FAILS(tl_simulate_district(ctx, "kept", &o, &report), TL_EEXISTS, "kept/accidents.csv");
    CHECK(report.n_found == -3);
}

TEST(a_refused_option_leaves_no_folder)
{
    struct tl_simulate_options o = fixture_small;
    struct stat info;
    o.years = -4;
    CHECK_FAILS(tl_simulate_district(ctx, "never_made", &o, NULL), TL_EDATA, "-4 years");
    CHECK(stat("never_made", &info) != 0);
    CHECK_FAILS(tl_simulate_district(ctx, "no/such/parent", &fixture_small, NULL), TL_EIO,
                "no/such/parent");
}
