#include "unit.h"

#include <unistd.h>

#include "tilth/entry.h"

static const char path[] = "entry_test.gpkg";

/* Ten by ten kilometres in the north of Colombia. */
static tl_err open_project(struct tl_ctx *ctx, struct tl_project **project)
{
    static const double box[4] = {-75.2, 7.0, -75.1, 7.1};
    struct tl_project_new options = {.crs = "EPSG:32618", .overwrite = true};
    unsigned char wkb[93] = {1, 3, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0};
    const double ring[10] = {-75.2, 7.0, -75.1, 7.0, -75.1, 7.1, -75.2, 7.1, -75.2, 7.0};
    memcpy(wkb + 13, ring, sizeof ring);
    options.grid = (struct tl_grid){477000, 786000, 1000, 12, 12};
    memcpy(options.area_deg, box, sizeof box);
    options.area_wkb = wkb;
    options.area_wkb_bytes = sizeof wkb;
    tl_err err = tl_project_create(ctx, path, &options);
    return err == TL_OK ? tl_project_open(ctx, path, TL_PROJECT_READ, project) : err;
}

static void set(struct tl_entry_given *given, const char *column, const char *value)
{
    int i = tl_kind_column(TL_KIND_ACCIDENT, column);
    given->sets[i] = true;
    given->values[i] = value;
}

TEST(values_are_checked_as_an_import_checks_them)
{
    static const struct {
        const char *column, *value, *said;
    } bad[] = {
        {"date", "03/07/1990", "which is the day?"}, {"date", "2990-01-01", "date is"},
        {"killed", "1,234", "did you mean 1234?"},   {"killed", "-1", "expected 0 to 100000"},
        {"marked", "perhaps", "expected yes or no"}, {"category", "\xff", "not UTF-8"}};
    struct tl_project *project = NULL;
    struct tl_entry *entry = NULL;
    CHECK_OK(open_project(ctx, &project));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct tl_entry_given given = {.position = "7.05N 75.15W"};
        set(&given, bad[i].column, bad[i].value);
        CHECK_FAILS(tl_entry_check(ctx, project, TL_KIND_ACCIDENT, &given, true, &entry), TL_EDATA,
                    bad[i].said);
        CHECK(entry == NULL && strstr(tl_ctx_message(ctx), "date_format") == NULL);
    }
    struct tl_entry_given good = {.position = " 7.05N 75.15W ", .sets_remarks = true};
    set(&good, "date", "14 Jul 1990");
    set(&good, "killed", " 2.0 ");
    set(&good, "marked", "no");
    set(&good, "category", "");
    good.remarks = " by the road ";
    CHECK_OK(tl_entry_check(ctx, project, TL_KIND_ACCIDENT, &good, true, &entry));
    const struct tl_edit *edit = tl_entry_edit(entry);
    CHECK_STR(edit->values[tl_kind_column(TL_KIND_ACCIDENT, "date")], "1990-07-14");
    CHECK_STR(edit->values[tl_kind_column(TL_KIND_ACCIDENT, "killed")], "2");
    CHECK_STR(edit->values[tl_kind_column(TL_KIND_ACCIDENT, "marked")], "0");
    int category = tl_kind_column(TL_KIND_ACCIDENT, "category");
    CHECK(edit->sets[category] && edit->values[category] == NULL);
    CHECK(!edit->sets[tl_kind_column(TL_KIND_ACCIDENT, "injured")]);
    CHECK_STR(edit->remarks, "by the road");
    CHECK(tl_entry_n_doubts(entry) == 0);
    tl_entry_free(entry);
    tl_project_close(project);
    unlink(path);
}

TEST(positions_are_typed_or_drawn)
{
    struct tl_project *project = NULL;
    struct tl_entry *entry = NULL;
    const char *reason = NULL;
    double xy[2];
    CHECK_OK(open_project(ctx, &project));
    struct tl_entry_given given = {.position = "7.0512N 75.1534W"};
    CHECK_OK(tl_entry_check(ctx, project, TL_KIND_ACCIDENT, &given, true, &entry));
    const struct tl_edit *edit = tl_entry_edit(entry);
    CHECK(edit->sets_geometry && edit->wkb_bytes == 21);
    memcpy(xy, (const char *)edit->wkb + 5, sizeof xy);
    CHECK(fabs(xy[0] + 75.1534) < 1e-9 && fabs(xy[1] - 7.0512) < 1e-9);
    CHECK_STR(edit->position_text, "7.0512N 75.1534W");
    CHECK(edit->sets_accuracy && edit->accuracy_m > 1 && edit->accuracy_m < 20); /* four decimals */
    tl_entry_free(entry);
    entry = NULL;
    given.sets_accuracy = true;
    given.accuracy_m = 250;
    set(&given, "date", "1990");
    CHECK_OK(tl_entry_check(ctx, project, TL_KIND_ACCIDENT, &given, true, &entry));
    CHECK(tl_entry_edit(entry)->accuracy_m == 250);
    CHECK(tl_entry_n_doubts(entry) == 1 && tl_entry_doubt(entry, 0, &reason) != NULL);
    CHECK_STR(reason, "year-only");
    tl_entry_free(entry);
    entry = NULL;
    given.accuracy_m = -3;
    CHECK_FAILS(tl_entry_check(ctx, project, TL_KIND_ACCIDENT, &given, true, &entry), TL_EDATA,
                "accuracy_m is -3");
    given.sets_accuracy = false;
    given.position = "7.05N 75.15E";
    CHECK_FAILS(tl_entry_check(ctx, project, TL_KIND_ACCIDENT, &given, true, &entry), TL_EDATA,
                "would lie inside");
    given.position = "by the big tree";
    CHECK_FAILS(tl_entry_check(ctx, project, TL_KIND_ACCIDENT, &given, true, &entry), TL_EDATA, "");
    given.position = "8.5N 75.15W";
    CHECK_FAILS(tl_entry_check(ctx, project, TL_KIND_ACCIDENT, &given, true, &entry), TL_EDATA,
                "outside the area of interest");
    given.outside_is_ok = true;
    CHECK_OK(tl_entry_check(ctx, project, TL_KIND_ACCIDENT, &given, true, &entry));
    tl_entry_free(entry);
    entry = NULL;
    given.wkb = xy;
    given.wkb_bytes = sizeof xy;
    CHECK_FAILS(tl_entry_check(ctx, project, TL_KIND_ACCIDENT, &given, true, &entry), TL_EDATA,
                "both given");
    given.position = NULL;
    CHECK_FAILS(tl_entry_check(ctx, project, TL_KIND_ACCIDENT, &given, true, &entry), TL_EDATA, "");
    given.wkb = NULL;
    CHECK_FAILS(tl_entry_check(ctx, project, TL_KIND_ACCIDENT, &given, true, &entry), TL_EDATA,
                "neither a position nor a geometry");
    CHECK_OK(tl_entry_check(ctx, project, TL_KIND_ACCIDENT, &given, false, &entry));
    CHECK(!tl_entry_edit(entry)->sets_geometry && !tl_entry_edit(entry)->sets_accuracy);
    tl_entry_free(entry);
    entry = NULL;
    const struct tl_entry_given search = {.position = "7.05N 75.15W"};
    CHECK_FAILS(tl_entry_check(ctx, project, TL_KIND_SEARCH, &search, true, &entry), TL_EDATA,
                "needs a geometry");
    tl_project_close(project);
    unlink(path);
}
