#include "unit.h"

#include "evidence/local_fixture.h"

static const char path[] = "local_count_test.gpkg";

static tl_err import_all(struct tl_ctx *ctx, struct tl_project *project,
                         const char *const files[][2], int n)
{
    tl_err err = TL_OK;
    for (int i = 0; i < n && err == TL_OK; i++) {
        struct tl_import_report r = {0};
        err = fixture_import(ctx, project, files[i][0], "count.csv", files[i][1], &r);
        if (err == TL_OK && (r.n_refused > 0 || r.n_added == 0)) {
            fixture_print(&r);
            err = tl_fail(ctx, TL_EBUG, "the fixture's rows were not all taken in");
        }
    }
    return err;
}

static double found(const struct tl_local *l, double x, double y, const char *search)
{
    int64_t cell = (int64_t)((l->grid.y0_m - y) / l->grid.step_m) * l->grid.n_x +
                   (int64_t)((x - l->grid.x0_m) / l->grid.step_m);
    double number = 0.0;
    for (int64_t f = 0; f < l->n_finds; f++) {
        int32_t s = l->finds[f].search;
        bool same =
            s < 0 ? search == NULL : search != NULL && strcmp(l->searches[s].task, search) == 0;
        number += l->finds[f].cell == cell && same ? l->finds[f].number : 0.0;
    }
    return number;
}

/*
 * Two cells of 500 m, A over both, B over the east one. A reports 9: one item names it, one lies in it alone (no name), so with the
 * one below 6 are
 * spread over its cells, half and half. One item in both searches' ground names B. One says "search" and lies beside all of them, 30 m
 * away, with no name: people's. One names A from 30 m off: moved into A's nearest cell.
 */
TEST(finds_are_told_by_cell_and_search)
{
    struct tl_project *project = NULL;
    struct tl_local_base *base = NULL;
    struct tl_local l = {0};
    char a[400], b[400], searches[2000], items[1200], at[5][80];
    const double X = LOCAL_X, Y = LOCAL_Y;
    local_wkt(ctx, X, Y, X + 1000, Y + 500, 0, a);
    local_wkt(ctx, X + 500, Y, X + 1000, Y + 500, 0, b);
    snprintf(searches, sizeof searches,
             "wkt,id,type,method,found,task\n\"%s\",A,TS,manual,9,A\n\"%s\",B,TS,dogs,,B\n", a, b);
    local_point(ctx, X + 100, Y + 100, at[0]);
    local_point(ctx, X + 200, Y + 100, at[1]);
    local_point(ctx, X + 600, Y + 100, at[2]);
    local_point(ctx, X + 100, Y - 30, at[3]);
    local_point(ctx, X - 30, Y + 100, at[4]);
    snprintf(items, sizeof items,
             "lon,lat,search,how,number\n%s,A,search,1\n%s,,,1\n%s,B,search,2\n%s,,search,1\n%s,A,"
             "search,1\n",
             at[0], at[1], at[2], at[3], at[4]);
    CHECK_OK(fixture_district(ctx, path, &project));
    const char *const files[][2] = {{"search", searches}, {"item", items}};
    CHECK_OK(import_all(ctx, project, files, 2));
    CHECK_OK(tl_local_open(ctx, project, NULL, &base));
    const double box[4] = {X + 250, Y + 100, X + 750, Y + 400};
    CHECK_OK(local_window(ctx, base, box, 0, 600, 0, NULL, &l));
    CHECK_NEAR(found(&l, X + 1, Y + 1, "A"), 3 + 3, 1e-6);
    CHECK_NEAR(found(&l, X + 501, Y + 1, "A"), 3, 1e-6);
    CHECK_NEAR(found(&l, X + 501, Y + 1, "B"), 2, 0);
    CHECK_NEAR(found(&l, X + 1, Y - 1, NULL), 0, 0);
    CHECK(l.n_searches == 2 && l.evidence.n_channels == 2);
    /* In P: 6 items of A spread evenly over 500 000 m2 of which P has 150 000; of B's two the record lies outside P (x = 600, y = 100 is
       its edge). */
    for (int64_t s = 0; s < 2; s++) {
        bool is_a = strcmp(l.searches[s].task, "A") == 0;
        CHECK_NEAR(l.searches[s].area_m2, is_a ? 150000 : 75000, 1);
        CHECK_NEAR(l.searches[s].found, is_a ? 6 * 0.3 : l.searches[s].found, 1e-4);
    }
    tl_local_fini(&l);
    tl_local_close(base);
    tl_project_close(project);
}

/* Deminers' accidents on searched ground are finds; others are people's. */
TEST(accidents_are_found_by_searches_or_met_by_people)
{
    struct tl_project *project = NULL;
    struct tl_local_base *base = NULL;
    struct tl_local l = {0};
    char a[400], searches[1000], accidents[500], at[80];
    const double X = LOCAL_X, Y = LOCAL_Y, box[4] = {X + 50, Y + 50, X + 300, Y + 300};
    local_wkt(ctx, X, Y, X + 1000, Y + 500, 0, a);
    snprintf(searches, sizeof searches, "wkt,type,method,task\n\"%s\",clearance,manual,A\n", a);
    local_point(ctx, X + 100, Y + 100, at);
    snprintf(accidents, sizeof accidents,
             "lon,lat,date,during_demining\n%s,2001,1\n%s,2002,0\n%s,2003,\n", at, at, at);
    CHECK_OK(fixture_district(ctx, path, &project));
    const char *const files[][2] = {{"search", searches}, {"accident", accidents}};
    CHECK_OK(import_all(ctx, project, files, 2));
    CHECK_OK(tl_local_open(ctx, project, NULL, &base));
    CHECK_OK(local_window(ctx, base, box, 0, 0, 0, NULL, &l));
    CHECK_NEAR(found(&l, X + 1, Y + 1, "A"), 1, 0);
    CHECK(l.evidence.n_channels == 2 && l.n_items == 3);
    CHECK_STR(l.evidence.channels[1].name, "accident");
    CHECK_NEAR(l.evidence.channels[1].counts[0], 2, 0);
    int64_t n_search = 0;
    for (int64_t i = 0; i < 3; i++) {
        CHECK(l.items[i].kind == TL_KIND_ACCIDENT && isnan(l.items[i].depth_cm));
        n_search += l.items[i].by_search;
    }
    CHECK(n_search == 1);
    tl_local_fini(&l);
    tl_local_close(base);
    tl_project_close(project);
}
