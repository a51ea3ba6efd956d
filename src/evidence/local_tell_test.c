#include "unit.h"

#include "evidence/local_fixture.h"

static const char path[] = "local_tell_test.gpkg";

static const struct tl_local_search *search_of(const struct tl_local *l, const char *date_end)
{
    for (int64_t s = 0; s < l->n_searches; s++)
        if (strcmp(l->searches[s].date_end, date_end) == 0)
            return &l->searches[s];
    return NULL;
}

TEST(lots_are_a_teams_work_on_a_task_and_what_says_neither_stands_alone)
{
    struct tl_project *project = NULL;
    struct tl_local_base *base = NULL;
    struct tl_import_report r = {0};
    struct tl_local l = {0};
    char a[400],
        text[6000] = "wkt,type,method,organisation,team,task,date_end,depth_cm,released_as\n";
    static const char *const rows[] = {
        "TS,manual,O,T1,K,2001,20,reduced", "TS,manual,O,T1,K,2002,,", "TS,manual,O,T2,K,2003,,",
        "TS,manual,P,T1,K,2004,,",          "TS,manual,O,,,2005,,",    "TS,manual,O,,,2006,,",
        "NTS,,O,T1,K,2007,,cancelled",      "inspection,,Q,,K,2008,,"};
    const double X = LOCAL_X, Y = LOCAL_Y, box[4] = {X + 100, Y + 100, X + 200, Y + 300};
    local_wkt(ctx, X, Y, X + 500, Y + 500, 0, a);
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "\"%s\",%s\n", a, rows[k]);
    }
    CHECK_OK(fixture_district(ctx, path, &project));
    CHECK_OK(fixture_import(ctx, project, "search", "lots.csv", text, &r));
    CHECK(r.n_added == 8);
    CHECK_OK(tl_local_open(ctx, project, NULL, &base));
    CHECK_OK(local_window(ctx, base, box, 0, 0, 0, NULL, &l));
    CHECK(l.n_searches == 8);
    const struct tl_local_search *s[9] = {NULL};
    for (int k = 1; k <= 8; k++) {
        char year[8];
        snprintf(year, sizeof year, "%d", 2000 + k);
        s[k] = search_of(&l, year);
        CHECK(s[k] != NULL);
        CHECK_NEAR(s[k]->area_m2, 20000, 0.01);
    }
    CHECK(s[1]->lot == s[2]->lot && s[1]->lot != s[3]->lot && s[1]->lot != s[4]->lot);
    CHECK(s[5]->lot != s[6]->lot && s[7]->lot == s[1]->lot && l.n_lots == 6);
    CHECK(!s[7]->takes_effort && s[8]->takes_effort && s[8]->is_inspection && !s[1]->is_inspection);
    CHECK_NEAR(s[1]->depth_cm, 20, 0);
    CHECK(isnan(s[2]->depth_cm));
    CHECK_STR(s[1]->released_as, "reduced");
    CHECK_STR(s[8]->method, "");
    CHECK_STR(l.methods[s[8]->row].name, "unknown");
    CHECK_STR(l.methods[s[1]->row].name, "manual");
    CHECK(l.n_pieces == 1 && l.pieces[0].n == 7);
    CHECK(strstr(l.evidence.notes, "1 search to a known depth") != NULL &&
          strstr(l.evidence.notes, "6 searches without a depth") != NULL);
    tl_local_fini(&l);
    tl_local_close(base);
    tl_project_close(project);
}

TEST(items_in_the_area_come_with_what_is_known_of_them)
{
    struct tl_project *project = NULL;
    struct tl_local_base *base = NULL;
    struct tl_import_report r = {0};
    struct tl_local l = {0};
    char in[80], out[80], text[600];
    const double X = LOCAL_X, Y = LOCAL_Y, box[4] = {X + 100, Y + 100, X + 200, Y + 300};
    local_point(ctx, X + 150, Y + 150, in);
    local_point(ctx, X + 250, Y + 150, out);
    snprintf(text, sizeof text,
             "lon,lat,category,date,depth_cm,number,how\n%s,AP mine,2003-05,12,3,spot find\n%s,UXO,"
             "2004,35,1,spot find\n",
             in, out);
    CHECK_OK(fixture_district(ctx, path, &project));
    CHECK_OK(fixture_import(ctx, project, "item", "items.csv", text, &r));
    CHECK_OK(tl_local_open(ctx, project, NULL, &base));
    CHECK_OK(local_window(ctx, base, box, 0, 0, 0, NULL, &l));
    CHECK(l.n_items == 1 && l.n_searches == 0 && l.n_lots == 0);
    CHECK_STR(l.items[0].category, "AP mine");
    CHECK_STR(l.items[0].date, "2003-05");
    CHECK(l.items[0].depth_cm == 12 && l.items[0].number == 3 && !l.items[0].by_search);
    CHECK(strncmp(l.items[0].code, "IT-", 3) == 0);
    double lon = 0, lat = 0;
    CHECK(sscanf(in, "%lf,%lf", &lon, &lat) == 2);
    CHECK_NEAR(l.items[0].lon_deg, lon, 1e-9);
    CHECK_NEAR(l.items[0].lat_deg, lat, 1e-9);
    double a = 0, b = 0;
    CHECK(l.n_depths == 2 && l.depths_cm[0] == 12 && l.depths_cm[1] == 35);
    CHECK_NEAR(tl_local_depth_share(&l, 20, &a, &b), 2.0 / 7.0, 1e-15);
    CHECK_NEAR(a, 2, 1e-15);
    CHECK_NEAR(b, 5, 1e-15);
    tl_local_fini(&l);
    tl_local_close(base);
    tl_project_close(project);
}
