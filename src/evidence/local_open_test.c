#include "unit.h"

#include "evidence/local_fixture.h"

static const char path[] = "local_open_test.gpkg";
static const double box[4] = {290100, 5547050, 291350, 5547800};

TEST(the_order_of_import_changes_no_bit)
{
    struct tl_project *project = NULL;
    struct tl_local_base *base = NULL;
    struct tl_local l[2] = {{.n_lots = 0}};
    for (int k = 0; k < 2; k++) {
        CHECK_OK(local_project(ctx, path, 250.0, k == 1, &project));
        CHECK_OK(tl_local_open(ctx, project, NULL, &base));
        CHECK_OK(local_window(ctx, base, box, 100.0, 300.0, 0, NULL, &l[k]));
        tl_local_close(base);
        tl_project_close(project);
        tl_ctx_set_threads(ctx, 3);
    }
    CHECK_STR(l[0].hash, l[1].hash);
    CHECK(l[0].n_pieces == l[1].n_pieces && l[0].n_finds == l[1].n_finds &&
          l[0].n_searches == l[1].n_searches && l[0].n_lots == l[1].n_lots &&
          l[0].n_items == l[1].n_items && l[0].n_depths == l[1].n_depths);
    CHECK(memcmp(l[0].pieces, l[1].pieces, (size_t)l[0].n_pieces * sizeof *l[0].pieces) == 0);
    CHECK(memcmp(l[0].finds, l[1].finds, (size_t)l[0].n_finds * sizeof *l[0].finds) == 0);
    for (int64_t s = 0; s < l[0].n_searches; s++) {
        const struct tl_local_search *a = &l[0].searches[s], *b = &l[1].searches[s];
        CHECK(a->lot == b->lot && a->row == b->row && a->area_m2 == b->area_m2 &&
              a->found == b->found);
        CHECK_STR(a->task, b->task);
        CHECK_STR(a->date_end, b->date_end);
    }
    size_t bytes = (size_t)tl_grid_n_cells(&l[0].grid) * sizeof(double);
    for (int c = 0; c < 3; c++)
        CHECK(memcmp(l[0].evidence.channels[c].effort, l[1].evidence.channels[c].effort, bytes) ==
                  0 &&
              memcmp(l[0].evidence.channels[c].counts, l[1].evidence.channels[c].counts, bytes) ==
                  0);
    tl_local_fini(&l[0]);
    tl_local_fini(&l[1]);
}

/* Hash of the window once more records are in. */
static tl_err hash_after(struct tl_ctx *ctx, struct tl_project *project, const char *as,
                         const char *text, char hash[65])
{
    tl_err err = TL_OK;
    struct tl_local_base *base = NULL;
    struct tl_local local = {0};
    struct tl_import_report r = {0};
    if (text != NULL)
        TL_TRY(fixture_import(ctx, project, as, "more.csv", text, &r));
    TL_TRY(tl_local_open(ctx, project, NULL, &base));
    TL_TRY(local_window(ctx, base, box, 100.0, 300.0, 0, NULL, &local));
    memcpy(hash, local.hash, 65);
    tl_local_fini(&local);
done:
    tl_local_close(base);
    return err;
}

TEST(the_hash_follows_what_touches_the_window)
{
    struct tl_project *project = NULL;
    char before[65], after[65], at[80], text[400];
    CHECK_OK(local_project(ctx, path, 250.0, false, &project));
    CHECK_OK(hash_after(ctx, project, NULL, NULL, before));
    CHECK_OK(hash_after(ctx, project, NULL, NULL, after));
    CHECK_STR(before, after);
    /* Far away, within the years that are known: says nothing of this window. */
    CHECK_OK(hash_after(ctx, project, "accident", "lon,lat,date\n30.19,50.01,1999\n", after));
    CHECK_STR(before, after);
    local_point(ctx, box[0] + 50, box[1] + 50, at);
    snprintf(text, sizeof text, "lon,lat,date\n%s,1999\n", at);
    CHECK_OK(hash_after(ctx, project, "accident", text, after));
    CHECK(strcmp(before, after) != 0);
    memcpy(before, after, sizeof before);
    snprintf(text, sizeof text, "lon,lat,depth_cm,date,how\n%s,5,1999,spot find\n", at);
    CHECK_OK(hash_after(ctx, project, "item", text, after));
    CHECK(strcmp(before, after) != 0);
    memcpy(before, after, sizeof before);
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(tl_project_set(ctx, project, "soil", "mineralised"));
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK_OK(hash_after(ctx, project, NULL, NULL, after));
    CHECK(strcmp(before, after) != 0);
    tl_project_close(project);
}

TEST(nothing_that_counts_is_said_so)
{
    struct tl_project *project = NULL;
    struct tl_local_base *base = NULL;
    struct tl_local local = {.n_lots = 5};
    static const struct tl_evidence_options wrong = {.group = "bombs"};
    CHECK_OK(fixture_district(ctx, path, &project));
    CHECK_OK(tl_local_open(ctx, project, NULL, &base));
    CHECK_FAILS(local_window(ctx, base, box, 0, 0, 0, NULL, &local), TL_EDATA, "import");
    CHECK(local.n_lots == 5);
    tl_local_close(base);
    base = NULL;
    CHECK_FAILS(tl_local_open(ctx, project, &wrong, &base), TL_EUSAGE, "bombs");
    CHECK(base == NULL);
    tl_local_close(NULL);
    tl_project_close(project);
}

static tl_err open_and_look(struct tl_ctx *ctx, struct tl_project *project, const void *wkb,
                            int64_t wkb_bytes)
{
    struct tl_local_base *base = NULL;
    struct tl_local local = {0};
    tl_err err = tl_local_open(ctx, project, NULL, &base);
    if (err == TL_OK)
        err = tl_local_window(ctx, base, wkb, wkb_bytes, 0.0, 0, NULL, &local);
    tl_local_fini(&local);
    tl_local_close(base);
    return err;
}

TEST(every_allocation_may_fail)
{
    struct tl_project *project = NULL;
    struct tl_import_report r = {0};
    char wkt[400], text[1200], at[80];
    static const double area[4] = {30.06, 50.02, 30.12, 50.06};
    CHECK_OK(fixture_project(ctx, path, area, "EPSG:32636", 1000.0, &project));
    local_wkt(ctx, box[0], box[1], box[2], box[3], 30.0, wkt);
    local_point(ctx, box[0] + 100, box[1] + 100, at);
    snprintf(text, sizeof text,
             "wkt,id,type,method,found,depth_cm,team\n\"%s\",S1,TS,manual,5,20,A\n", wkt);
    CHECK_OK(fixture_import(ctx, project, "search", "a.csv", text, &r));
    snprintf(text, sizeof text, "wkt,classification\n\"%s\",CHA\n", wkt);
    CHECK_OK(fixture_import(ctx, project, "hazard-area", "b.csv", text, &r));
    snprintf(text, sizeof text, "lon,lat,search,depth_cm,date\n%s,S1,5,1999\n%s,,,2001\n", at, at);
    CHECK_OK(fixture_import(ctx, project, "item", "c.csv", text, &r));
    snprintf(text, sizeof text, "lon,lat,date\n%s,1999\n", at);
    CHECK_OK(fixture_import(ctx, project, "accident", "d.csv", text, &r));
    CHECK_OK(fixture_import(ctx, project, "report", "e.csv", text, &r));
    CHECK_OK(fixture_import(ctx, project, "place", "f.csv", "lon,lat,name\n30.07,50.03,A\n", &r));
    CHECK_OK(fixture_import(ctx, project, "line", "g.csv",
                            "wkt,type\n\"LINESTRING(30.06 50.02,30.1 50.05)\",road\n", &r));
    CHECK_OK(local_raster(ctx, project));
    void *wkb = NULL;
    int64_t bytes = 0;
    CHECK_OK(tl_geom_from_wkt(ctx, wkt, &wkb, &bytes));
    CHECK_EVERY_ALLOC(ctx, open_and_look(ctx, project, wkb, bytes));
    tl_free(wkb);
    tl_project_close(project);
}
