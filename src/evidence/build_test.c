#include "unit.h"

#include "core/buf.h"
#include "evidence/fixture.h"

static const char path[] = "build_test.gpkg";

/* A rectangle of the grid's system as WKT in degrees. */
static void rectangle(struct tl_ctx *ctx, double west, double south, double east, double north,
                      char *wkt, size_t size)
{
    struct tl_crs_map *map = NULL;
    double x[5] = {west, east, east, west, west}, y[5] = {south, south, north, north, south};
    wkt[0] = '\0';
    if (tl_crs_map_create(ctx, "EPSG:32636", "EPSG:4326", &map) != TL_OK)
        return;
    tl_crs_map_points(map, 5, x, y, NULL);
    tl_crs_map_free(map);
    snprintf(wkt, size,
             "\"POLYGON((%.12f %.12f,%.12f %.12f,%.12f %.12f,%.12f %.12f,%.12f %.12f))\"", x[0],
             y[0], x[1], y[1], x[2], y[2], x[3], y[3], x[4], y[4]);
}

static void point(struct tl_ctx *ctx, double x, double y, char *text, size_t size)
{
    struct tl_crs_map *map = NULL;
    text[0] = '\0';
    if (tl_crs_map_create(ctx, "EPSG:32636", "EPSG:4326", &map) != TL_OK)
        return;
    tl_crs_map_points(map, 1, &x, &y, NULL);
    tl_crs_map_free(map);
    snprintf(text, size, "%.12f,%.12f", x, y);
}

/* Cell of a position in the grid's system. */
static int64_t cell_at(struct tl_ctx *ctx, const struct tl_evidence *e, double x, double y)
{
    tl_cell cell = {-1};
    return tl_grid_cell_at(ctx, &e->grid, x, y, &cell) == TL_OK ? cell.i : -1;
}

static const struct tl_evidence_channel *channel(const struct tl_evidence *e, const char *name)
{
    for (int c = 0; c < e->n_channels; c++)
        if (strcmp(e->channels[c].name, name) == 0)
            return &e->channels[c];
    return NULL;
}

static const struct tl_evidence_covariate *covariate(const struct tl_evidence *e, const char *name)
{
    for (int k = 0; k < e->n_covariates; k++)
        if (strcmp(e->covariates[k].name, name) == 0)
            return &e->covariates[k];
    return NULL;
}

static double total(const struct tl_evidence *e, const double *values)
{
    double sum = 0.0;
    for (int64_t i = 0; i < tl_grid_n_cells(&e->grid); i++)
        sum += values[i];
    return sum;
}

/* What must hold whatever the records are. */
static bool is_sound(const struct tl_evidence *e)
{
    const struct tl_evidence_channel *search = channel(e, "search");
    for (int64_t i = 0; i < tl_grid_n_cells(&e->grid); i++) {
        double effort = search == NULL ? 0.0 : search->effort[i];
        if (fabs(effort + e->residual[i] - e->cell_area[i]) > 1e-9 * e->cell_area[i] ||
            e->residual[i] < 0)
            return false;
        for (int c = 0; c < e->n_channels; c++)
            if (e->channels[c].effort[i] < 0.0 ||
                (e->channels[c].counts[i] > 0.0 && !(e->channels[c].effort[i] > 0.0)))
                return false;
    }
    return true;
}

/* Cells are multiples of 500 m; this one lies well inside the area. */
static const double X = 290000, Y = 5547000;

static tl_err import_all(struct tl_ctx *ctx, struct tl_project *project,
                         const char *const files[][2], int n)
{
    tl_err err = TL_OK;
    for (int i = 0; i < n && err == TL_OK; i++) {
        struct tl_import_report r = {0};
        err = fixture_import(ctx, project, files[i][0], "build_test.csv", files[i][1], &r);
        if (err == TL_OK && (r.n_refused > 0 || r.n_added == 0)) {
            fixture_print(&r);
            err = tl_fail(ctx, TL_EBUG, "the fixture's rows were not all taken in");
        }
    }
    return err;
}

TEST(effort_is_what_one_pass_finds_and_the_rest_is_left)
{
    struct tl_project *project = NULL;
    struct tl_evidence e = {0};
    char whole[400], half[400], searches[2048], at[80], items[512];
    rectangle(ctx, X, Y, X + 500, Y + 500, whole, sizeof whole);
    rectangle(ctx, X + 250, Y, X + 750, Y + 500, half, sizeof half);
    snprintf(
        searches, sizeof searches,
        "wkt,id,type,method,passes,found\n%s,S1,clearance,manual,1,2\n%s,S2,clearance,MANUAL,1,\n"
        "%s,S3,NTS,,1,\n%s,S4,,,1,\n",
        whole, half, whole, half);
    point(ctx, X + 10, Y + 10, at, sizeof at);
    snprintf(items, sizeof items, "lon,lat,how,number,search\n%s,,2,\n", at);
    CHECK_OK(fixture_district(ctx, path, &project));
    const char *const files[][2] = {{"search", searches}, {"item", items}};
    CHECK_OK(import_all(ctx, project, files, 2));
    CHECK_OK(tl_evidence_build(ctx, project, NULL, &e));
    CHECK(is_sound(&e));
    const struct tl_evidence_channel *search = channel(&e, "search");
    CHECK(search != NULL && e.n_channels == 1);
    /* manual: d = 18/20, q = 12/16, a lot fails with 0.02 and then finds 0.5 (store's table of
       methods): once = 0.98 * 0.9 * 0.75 + 0.01 = 0.6715; most = 0.98 * 0.9 + 0.01 = 0.892; twice =
       most * (1 - (1 - once / most)^2) = 0.892 - 0.892 * (0.2205 / 0.892)^2 = 0.8374929 */
    double once = 0.6715, twice = 0.892 - 0.2205 * 0.2205 / 0.892;
    CHECK_NEAR(search->effort[cell_at(ctx, &e, X + 1, Y + 1)], 125000 * (once + twice), 0.5);
    CHECK_NEAR(search->effort[cell_at(ctx, &e, X + 501, Y + 1)], 125000 * once, 0.5);
    CHECK_NEAR(total(&e, search->effort), 250000 * once + 125000 * twice, 1.0);
    CHECK_NEAR(search->counts[cell_at(ctx, &e, X + 1, Y + 1)], 2,
               1e-12); /* found = 2 are these two */
    CHECK_NEAR(total(&e, search->counts), 2, 1e-12);
    CHECK(search->n_records == 1 && strstr(e.notes, "2 searches count as no effort") != NULL);
    tl_evidence_fini(&e);
    tl_project_close(project);
}

TEST(the_area_is_exact_and_its_edge_is_not_lost)
{
    struct tl_project *project = NULL;
    struct tl_evidence e = {0};
    struct tl_import_report r = {0};
    CHECK_OK(fixture_district(ctx, path, &project));
    CHECK_OK(fixture_import(
        ctx, project, "accident", "edge.csv",
        "lon,lat,date\n30,50,1999\n30.2,50.1,2000\n30.1,50.0999999,2001\n30.1,50,2002\n", &r));
    CHECK(r.n_added == 4);
    CHECK_OK(tl_evidence_build(ctx, project, NULL, &e));
    CHECK(e.n_outside == 0 && is_sound(&e));
    /* Area of the box on the ellipsoid by an independent formula: M N cos(lat) dlon dlat at the
       middle (GRS 80), times the square of UTM's scale at 2.9 degrees from the central meridian: k
       = 0.9996 (1 + (dlon cos lat)^2 / 2 (1 + e'^2 cos^2 lat)) */
    double lat = 50.05 * 0.017453292519943295, s = sin(lat), c = cos(lat), e2 = 0.00669437999;
    double w = sqrt(1 - e2 * s * s), n = 6378137 / w, m = 6378137 * (1 - e2) / (w * w * w);
    double dlon = 2.9 * 0.017453292519943295;
    double k = 0.9996 * (1 + 0.5 * dlon * dlon * c * c * (1 + 0.00673949674 * c * c));
    double ground = m * n * c * (0.2 * 0.017453292519943295) * (0.1 * 0.017453292519943295);
    CHECK_NEAR(total(&e, e.cell_area) / (ground * k * k), 1.0, 2e-5);
    tl_evidence_fini(&e);
    tl_project_close(project);
}

TEST(numbers_without_items_are_spread_over_the_search)
{
    struct tl_project *project = NULL;
    struct tl_evidence e = {0};
    char wkt[400], searches[1024];
    rectangle(ctx, X + 250, Y, X + 1000, Y + 500, wkt, sizeof wkt);
    snprintf(searches, sizeof searches, "wkt,type,method,found\n%s,clearance,manual,9\n", wkt);
    CHECK_OK(fixture_district(ctx, path, &project));
    const char *const files[][2] = {{"search", searches}};
    CHECK_OK(import_all(ctx, project, files, 1));
    CHECK_OK(tl_evidence_build(ctx, project, NULL, &e));
    const struct tl_evidence_channel *search = channel(&e, "search");
    CHECK(search != NULL && is_sound(&e));
    CHECK_NEAR(search->counts[cell_at(ctx, &e, X + 1, Y + 1)], 3, 1e-6);
    CHECK_NEAR(search->counts[cell_at(ctx, &e, X + 501, Y + 1)], 6, 1e-6);
    CHECK_NEAR(total(&e, search->counts), 9, 1e-9);
    CHECK(strstr(search->words, "9 items given only as a search's number") != NULL);
    tl_evidence_fini(&e);
    tl_project_close(project);
}

TEST(items_off_their_search_are_counted_next_to_it_or_left_to_the_spot_channel)
{
    struct tl_project *project = NULL;
    struct tl_evidence e = {0};
    char wkt[400], searches[1024], near[80], far[80], items[1024];
    rectangle(ctx, X, Y, X + 500, Y + 500, wkt, sizeof wkt);
    snprintf(searches, sizeof searches, "wkt,id,type,method\n%s,S1,clearance,manual\n", wkt);
    point(ctx, X - 30, Y + 100, near, sizeof near);
    point(ctx, X - 3000, Y + 100, far, sizeof far);
    snprintf(items, sizeof items,
             "lon,lat,search,how,accuracy,date\n%s,S1,search,40,2001\n%s,S1,search,20,2002\n%s,S1,"
             "search,20,2003\n"
             "%s,,spot find,,2004\n",
             near, near, far, near);
    CHECK_OK(fixture_district(ctx, path, &project));
    const char *const files[][2] = {{"search", searches}, {"item", items}};
    CHECK_OK(import_all(ctx, project, files, 2));
    CHECK_OK(tl_evidence_build(ctx, project, NULL, &e));
    const struct tl_evidence_channel *search = channel(&e, "search"), *spot = channel(&e, "spot");
    CHECK(search != NULL && spot != NULL && is_sound(&e));
    CHECK_NEAR(search->counts[cell_at(ctx, &e, X + 1, Y + 1)], 1, 0);
    CHECK_NEAR(total(&e, search->counts) + total(&e, spot->counts), 4, 0);
    CHECK(search->n_records == 1 && spot->n_records == 3);
    CHECK(strstr(e.notes, "1 item found by a search lies off its polygon") != NULL);
    CHECK(strstr(e.notes, "2 items or accidents of searches lie on ground") != NULL);
    CHECK_NEAR(spot->effect_sd, 1.5, 0);
    tl_evidence_fini(&e);
    tl_project_close(project);
}

TEST(an_invalid_polygon_is_searched_where_it_encloses_ground_and_its_items_are_its_own)
{
    struct tl_project *project = NULL;
    struct tl_evidence e = {0};
    struct tl_import_report r = {0};
    char items[512], in[80], out[80];
    /* A bow tie: two triangles that touch in the middle of the cell. */
    struct tl_crs_map *map = NULL;
    double x[4] = {X, X + 500, X + 500, X}, y[4] = {Y, Y + 500, Y, Y + 500};
    CHECK_OK(tl_crs_map_create(ctx, "EPSG:32636", "EPSG:4326", &map));
    tl_crs_map_points(map, 4, x, y, NULL);
    tl_crs_map_free(map);
    char searches[512];
    snprintf(searches, sizeof searches,
             "wkt,type,method\n\"POLYGON((%.12f %.12f,%.12f %.12f,%.12f %.12f,%.12f %.12f,%.12f "
             "%.12f))\","
             "clearance,manual\n",
             x[0], y[0], x[1], y[1], x[2], y[2], x[3], y[3], x[0], y[0]);
    point(ctx, X + 50, Y + 250, in, sizeof in);
    point(ctx, X + 250, Y + 50, out, sizeof out);
    snprintf(items, sizeof items, "lon,lat,search,date\n%s,no such search,2001\n%s,,2002\n", in,
             out);
    CHECK_OK(fixture_district(ctx, path, &project));
    CHECK_OK(fixture_import(ctx, project, "search", "bow.csv", searches, &r));
    CHECK(fixture_reason(&r, "invalid-polygon") == 1);
    CHECK_OK(fixture_import(ctx, project, "item", "items.csv", items, &r));
    CHECK_OK(tl_evidence_build(ctx, project, NULL, &e));
    const struct tl_evidence_channel *search = channel(&e, "search"), *spot = channel(&e, "spot");
    CHECK(search != NULL && spot != NULL && is_sound(&e));
    CHECK_NEAR(search->effort[cell_at(ctx, &e, X + 1, Y + 1)], 125000 * 0.6715, 0.5);
    CHECK(total(&e, search->counts) == 1.0 && total(&e, spot->counts) == 1.0);
    tl_evidence_fini(&e);
    tl_project_close(project);
}

TEST(people_meet_only_what_is_still_there)
{
    struct tl_project *project = NULL;
    struct tl_evidence e = {0};
    char wkt[400], searches[1024], at[80], accidents[512];
    rectangle(ctx, X, Y, X + 500, Y + 500, wkt, sizeof wkt);
    snprintf(searches, sizeof searches, "wkt,type,method,date_end\n%s,clearance,manual,2003\n",
             wkt);
    point(ctx, X + 10, Y + 10, at, sizeof at);
    snprintf(accidents, sizeof accidents, "lon,lat,date,category\n%s,2000,AP mine\n%s,2009,UXO\n",
             at, at);
    CHECK_OK(fixture_district(ctx, path, &project));
    const char *const files[][2] = {{"search", searches}, {"accident", accidents}};
    CHECK_OK(import_all(ctx, project, files, 2));
    CHECK_OK(tl_evidence_build(ctx, project, NULL, &e));
    const struct tl_evidence_channel *a = channel(&e, "accident");
    int64_t here = cell_at(ctx, &e, X + 1, Y + 1), beside = cell_at(ctx, &e, X - 1, Y + 1);
    CHECK(a != NULL && is_sound(&e) && a->n_records == 2);
    /* Ten years, 0.001 a year, use 1 without places; cleared in the middle of 2003: 3.5 years
     * whole, 6.5 years the residual. */
    CHECK_NEAR(a->effort[beside], 0.001 * 10 * 250000, 0.01);
    CHECK_NEAR(a->effort[here], 0.001 * 250000 * (3.5 + 6.5 * (1 - 0.6715)), 0.01);
    tl_evidence_fini(&e);
    struct tl_evidence_options options = {.group = "erw", .accident_sd = 0.7};
    CHECK_OK(tl_evidence_build(ctx, project, &options, &e));
    a = channel(&e, "accident");
    CHECK(a != NULL && a->n_records == 1 && e.n_other_group == 1 && total(&e, a->counts) == 1);
    CHECK_NEAR(a->effect_sd, 0.7, 0);
    tl_evidence_fini(&e);
    tl_project_close(project);
}

TEST(use_of_land_is_positive_everywhere_and_highest_among_people)
{
    struct tl_project *project = NULL;
    struct tl_evidence e = {0};
    char at[80], far[80], places[512], accidents[512];
    point(ctx, X + 250, Y + 250, at, sizeof at);
    point(ctx, X - 4000, Y - 2000, far, sizeof far);
    snprintf(places, sizeof places, "lon,lat,name,population\n%s,Town,20000\n", at);
    snprintf(accidents, sizeof accidents, "lon,lat,date\n%s,2000\n", far);
    CHECK_OK(fixture_district(ctx, path, &project));
    const char *const files[][2] = {{"place", places}, {"accident", accidents}};
    CHECK_OK(import_all(ctx, project, files, 2));
    struct tl_evidence_options options = {.use_range_m = 1000};
    CHECK_OK(tl_evidence_build(ctx, project, &options, &e));
    const struct tl_evidence_channel *a = channel(&e, "accident");
    CHECK(a != NULL && is_sound(&e));
    double peak = 20000 / (6.283185307 * 1e6) * 1e6, full = 0.001 * 250000;
    CHECK_NEAR(a->effort[cell_at(ctx, &e, X + 1, Y + 1)], full * peak / (peak + 10), 0.01);
    int64_t empty = cell_at(ctx, &e, X - 5000, Y - 3000);
    CHECK_NEAR(a->effort[empty], 0.001 * 0.05 * e.cell_area[empty], 0.01);
    CHECK(covariate(&e, "near_place") == NULL && strstr(e.notes, "near_place is left out") != NULL);
    tl_evidence_fini(&e);
    tl_project_close(project);
}

TEST(claims_become_covariates_with_their_exact_share)
{
    struct tl_project *project = NULL;
    struct tl_evidence e = {0};
    char a[400], b[400], c[400], d[400], areas[2048], at[80], other[80], reports[512],
        accidents[256], lines[2048];
    rectangle(ctx, X, Y, X + 250, Y + 500, a, sizeof a);
    rectangle(ctx, X + 125, Y, X + 375, Y + 500, b, sizeof b);
    rectangle(ctx, X + 1000, Y, X + 1500, Y + 250, c, sizeof c);
    rectangle(ctx, X + 3000, Y, X + 3500, Y + 500, d, sizeof d);
    snprintf(areas, sizeof areas,
             "wkt,classification,status,evidence\n%s,CHA,open,\n%s,CHA,cleared,\n%s,SHA,cancelled,"
             "\n%s,,,indirect\n",
             a, b, c, d);
    point(ctx, X + 250, Y + 250, at, sizeof at);
    point(ctx, X + 2250, Y + 250, other, sizeof other);
    snprintf(reports, sizeof reports, "lon,lat,accuracy\n%s,0\n%s,1000\n", at, other);
    snprintf(accidents, sizeof accidents, "lon,lat,date\n%s,2000\n", at);
    snprintf(lines, sizeof lines,
             "wkt,type\n\"LINESTRING(30.0 50.02,30.2 50.08)\",road\n\"LINESTRING(30.0 50.05,30.2 "
             "50.05)\",trench\n"
             "\"LINESTRING(30.05 50.0,30.05 50.1)\",confrontation line\n"
             "\"LINESTRING(30.0 50.05,30.2 50.05)\",minefield edge\n");
    CHECK_OK(fixture_district(ctx, path, &project));
    const char *const files[][2] = {
        {"hazard-area", areas}, {"report", reports}, {"accident", accidents}, {"line", lines}};
    CHECK_OK(import_all(ctx, project, files, 4));
    struct tl_evidence_options options = {.report_range_m = 1000};
    CHECK_OK(tl_evidence_build(ctx, project, &options, &e));
    int64_t here = cell_at(ctx, &e, X + 1, Y + 1);
    CHECK(covariate(&e, "cha_fraction") != NULL && covariate(&e, "cancelled_fraction") != NULL);
    CHECK_NEAR(covariate(&e, "cha_fraction")->values[here], 0.75, 1e-6);
    CHECK_NEAR(total(&e, covariate(&e, "cha_fraction")->values), 0.75, 1e-6);
    CHECK_NEAR(total(&e, covariate(&e, "cancelled_fraction")->values), 0.5, 1e-6);
    CHECK_NEAR(total(&e, covariate(&e, "sha_fraction")->values), 1.0, 1e-6);
    /* The edge of a minefield lies where the trench does: the two cannot be told apart. */
    CHECK(covariate(&e, "near_minefield_edge") == NULL);
    CHECK(strstr(e.notes, "near_minefield_edge is left out: it says the same as near_trench") !=
          NULL);
    CHECK_NEAR(covariate(&e, "report_density")->values[here], log1p(1.0 + 0.5 * exp(-0.25 * 4.0)),
               1e-6);
    CHECK(covariate(&e, "near_trench") != NULL && covariate(&e, "near_road") != NULL);
    CHECK(covariate(&e, "near_defence_line") != NULL);
    tl_evidence_fini(&e);
    options.no_default_covariates = true;
    CHECK_OK(tl_evidence_build(ctx, project, &options, &e));
    CHECK(e.n_covariates == 0);
    tl_evidence_fini(&e);
    tl_project_close(project);
}

/* The same records in one order and in another. */
static tl_err build_mixed(struct tl_ctx *ctx, bool reversed, struct tl_evidence *e)
{
    struct tl_project *project = NULL;
    char *text[5] = {NULL};
    static const char *const kinds[5] = {"search", "item", "accident", "report", "place"};
    static const char *const heads[5] = {"wkt,id,type,method,passes,found\n",
                                         "lon,lat,number,how\n", "lon,lat,date\n",
                                         "lon,lat,accuracy\n", "lon,lat,population\n"};
    tl_err err = TL_OK;
    for (int f = 0; f < 5; f++) {
        struct tl_buf buf = {0};
        TL_TRY(tl_buf_add(ctx, &buf, heads[f]));
        for (int k = 0; k < 40; k++) {
            int i = reversed ? 39 - k : k;
            char wkt[400], at[80];
            double x = X - 4000 + (i * 7919 % 8000), y = Y - 2000 + (i * 104729 % 4000);
            rectangle(ctx, x, y, x + 300 + 37 * i, y + 900 - 11 * i, wkt, sizeof wkt);
            point(ctx, x, y, at, sizeof at);
            if (f == 0)
                TL_TRY(tl_buf_printf(ctx, &buf, "%s,S%d,TS,%s,%d,%d\n", wkt, i,
                                     i % 3 ? "manual" : "dogs", 1 + i % 3, i % 5));
            else
                TL_TRY(tl_buf_printf(ctx, &buf, "%s,%d%s\n", at, f == 2 ? 1990 + i % 20 : 1 + i % 4,
                                     f == 1 ? (i % 2 ? ",search" : ",") : ""));
        }
        text[f] = buf.text;
    }
    TL_TRY(fixture_district(ctx, path, &project));
    for (int k = 0; k < 5; k++) {
        int f = reversed ? 4 - k : k;
        struct tl_import_report r = {0};
        TL_TRY(fixture_import(ctx, project, kinds[f], "mixed.csv", text[f], &r));
    }
    TL_TRY(tl_evidence_build(ctx, project, NULL, e));
done:
    for (int f = 0; f < 5; f++)
        tl_free(text[f]);
    tl_project_close(project);
    return err;
}

TEST(the_order_of_import_changes_no_bit)
{
    struct tl_evidence a = {0}, b = {0};
    CHECK_OK(build_mixed(ctx, false, &a));
    tl_ctx_set_threads(ctx, 3);
    CHECK_OK(build_mixed(ctx, true, &b));
    size_t bytes = (size_t)tl_grid_n_cells(&a.grid) * sizeof(double);
    CHECK(a.n_channels == 3 && b.n_channels == 3 && a.n_covariates == b.n_covariates);
    CHECK(is_sound(&a) && a.n_covariates >= 2);
    CHECK(memcmp(a.cell_area, b.cell_area, bytes) == 0 &&
          memcmp(a.residual, b.residual, bytes) == 0);
    for (int c = 0; c < 3; c++) {
        CHECK(memcmp(a.channels[c].counts, b.channels[c].counts, bytes) == 0);
        CHECK(memcmp(a.channels[c].effort, b.channels[c].effort, bytes) == 0);
        CHECK_STR(a.channels[c].words, b.channels[c].words);
    }
    for (int k = 0; k < a.n_covariates; k++)
        CHECK(memcmp(a.covariates[k].values, b.covariates[k].values, bytes) == 0);
    CHECK_STR(a.notes, b.notes);
    tl_evidence_fini(&a);
    tl_evidence_fini(&b);
}

TEST(without_counts_it_says_what_to_import)
{
    struct tl_project *project = NULL;
    struct tl_evidence e = {.n_channels = 7};
    struct tl_import_report r = {0};
    CHECK_OK(fixture_district(ctx, path, &project));
    CHECK_FAILS(tl_evidence_build(ctx, project, NULL, &e), TL_EDATA, "import accidents");
    CHECK_OK(fixture_import(ctx, project, "report", "r.csv", "lon,lat\n30.1,50.05\n", &r));
    CHECK_FAILS(tl_evidence_build(ctx, project, NULL, &e), TL_EDATA, "claims");
    CHECK(e.n_channels == 7);
    struct tl_evidence_options options = {.group = "bombs"};
    CHECK_FAILS(tl_evidence_build(ctx, project, &options, &e), TL_EUSAGE, "bombs");
    tl_project_close(project);
}

TEST(the_hash_follows_records_and_options_and_nothing_else)
{
    struct tl_project *project = NULL;
    struct tl_evidence a = {0}, b = {0};
    struct tl_import_report r = {0};
    CHECK_OK(fixture_district(ctx, path, &project));
    CHECK_OK(
        fixture_import(ctx, project, "accident", "a.csv", "lon,lat,date\n30.1,50.05,1999\n", &r));
    CHECK_OK(tl_evidence_build(ctx, project, NULL, &a));
    CHECK_OK(fixture_import(ctx, project, "accident", "a.csv", NULL, &r));
    CHECK_OK(tl_evidence_build(ctx, project, NULL, &b));
    CHECK_STR(a.hash, b.hash);
    CHECK(strlen(a.hash) == 64);
    tl_evidence_fini(&b);
    struct tl_evidence_options options = {.accident_sd = 1.0};
    CHECK_OK(tl_evidence_build(ctx, project, &options, &b));
    CHECK(strcmp(a.hash, b.hash) != 0);
    tl_evidence_fini(&b);
    CHECK_OK(
        fixture_import(ctx, project, "accident", "b.csv", "lon,lat,date\n30.11,50.05,1999\n", &r));
    CHECK_OK(tl_evidence_build(ctx, project, NULL, &b));
    CHECK(strcmp(a.hash, b.hash) != 0);
    tl_evidence_fini(&a);
    tl_evidence_fini(&b);
    tl_project_close(project);
}

static tl_err build_and_drop(struct tl_ctx *ctx, struct tl_project *project)
{
    struct tl_evidence e = {0};
    tl_err err = tl_evidence_build(ctx, project, NULL, &e);
    if (err == TL_OK)
        tl_evidence_fini(&e);
    return err;
}

TEST(every_allocation_may_fail)
{
    struct tl_project *project = NULL;
    char wkt[400], searches[1024];
    rectangle(ctx, X, Y, X + 700, Y + 500, wkt, sizeof wkt);
    snprintf(searches, sizeof searches, "wkt,id,type,method,found\n%s,S1,clearance,manual,3\n",
             wkt);
    static const double box[4] = {30.0, 50.0, 30.1, 50.08};
    CHECK_OK(fixture_project(ctx, path, box, "EPSG:32636", 1000.0, &project));
    const char *const files[][2] = {{"search", searches},
                                    {"item", "lon,lat,search\n30.06,50.05,S1\n"},
                                    {"accident", "lon,lat,date\n30.06,50.05,1999\n"},
                                    {"place", "lon,lat,name\n30.06,50.05,A\n"},
                                    {"report", "lon,lat\n30.06,50.05\n"}};
    CHECK_OK(import_all(ctx, project, files, 5));
    CHECK_EVERY_ALLOC(ctx, build_and_drop(ctx, project));
    tl_project_close(project);
}

TEST(a_search_finds_only_items_no_deeper_than_it_reached)
{
    struct tl_project *project = NULL;
    struct tl_evidence e = {0};
    char wkt[400], searches[2048], at[80], items[512];
    rectangle(ctx, X, Y, X + 500, Y + 500, wkt, sizeof wkt);
    snprintf(searches, sizeof searches,
             "wkt,id,type,method,passes,depth_cm\n%s,S1,TS,manual,1,20\n%s,S2,TS,dogs,1,20\n", wkt,
             wkt);
    point(ctx, X + 10, Y + 10, at, sizeof at);
    snprintf(items, sizeof items,
             "lon,lat,how,search,depth_cm\n%s,search,S1,5\n%s,search,S1,20\n%s,spot find,,35\n", at,
             at, at);
    CHECK_OK(fixture_district(ctx, path, &project));
    const char *const files[][2] = {{"search", searches}, {"item", items}};
    CHECK_OK(import_all(ctx, project, files, 2));
    CHECK_OK(tl_evidence_build(ctx, project, NULL, &e));
    CHECK(is_sound(&e));
    const struct tl_evidence_channel *search = channel(&e, "search");
    /* No deeper than 20 cm: prior 5 * 0.2 and two of three records, (1 + 2) / (5 + 3). The manual search finds 0.6715 of those
       (above); the dogs by store's table 0.98 * 20/21 * 214/215 + 0.01. Both miss all that lies deeper. */
    double share = 3.0 / 8.0, manual = 0.6715, dogs = 0.98 * 20 / 21 * 214 / 215 + 0.01;
    CHECK_NEAR(search->effort[cell_at(ctx, &e, X + 1, Y + 1)],
               250000 * share * (1 - (1 - manual) * (1 - dogs)), 0.5);
    CHECK(strstr(e.notes, "2 searches to a known depth") != NULL &&
          strstr(e.notes, "from 3 recorded depths") != NULL);
    tl_evidence_fini(&e);
    tl_project_close(project);
}

/* Effort of one search of "dogs" to 20 cm, as a share of its ground, with a soil and for a group. */
static double share_of(struct tl_ctx *ctx, struct tl_project *project, const char *soil,
                       const char *group, char hash[65])
{
    struct tl_evidence e = {0};
    struct tl_evidence_options options = {.group = group};
    double share = -1.0;
    if (tl_project_begin(ctx, project) != TL_OK ||
        tl_project_set(ctx, project, "soil", soil) != TL_OK ||
        tl_project_commit(ctx, project) != TL_OK ||
        tl_evidence_build(ctx, project, &options, &e) != TL_OK)
        return share;
    share = total(&e, e.channels[0].effort) / 250000.0;
    memcpy(hash, e.hash, 65);
    tl_evidence_fini(&e);
    return share;
}

TEST(group_depth_and_soil_pick_the_row_of_a_method)
{
    struct tl_project *project = NULL;
    struct tl_method_edit edit = {0};
    char wkt[400], searches[1024], a[65], b[65];
    rectangle(ctx, X, Y, X + 500, Y + 500, wkt, sizeof wkt);
    snprintf(searches, sizeof searches, "wkt,type,method,depth_cm\n%s,TS,Dogs,100\n", wkt);
    CHECK_OK(fixture_district(ctx, path, &project));
    const char *const files[][2] = {{"search", searches}};
    CHECK_OK(import_all(ctx, project, files, 1));
    CHECK_OK(fixture_write(
        ctx, "build_test.yaml",
        "methods:\n- {name: unknown, detectable: {a: 1, b: 3}, per_pass: {a: 1, b: 0.001}, source: "
        "x}\n- {name: dogs, detectable: {a: 1, b: 1}, per_pass: {a: 1, b: 1}, source: x}\n"
        "- {name: dogs, soil: clay, detectable: {a: 1, b: 3}, per_pass: {a: 1, b: 1}, source: x}\n"
        "- {name: dogs, group: erw, detectable: {a: 3, b: 1}, per_pass: {a: 1, b: 1}, source: x}\n"
        "- {name: dogs, depth: 50 cm, detectable: {a: 9, b: 1}, per_pass: {a: 1, b: 1}, source: "
        "x}\n"));
    CHECK_OK(tl_method_edit(ctx, project, "build_test.yaml", &edit));
    /* To a metre the prior holds all items, so the shares are d q of the row. */
    CHECK_NEAR(share_of(ctx, project, "sand", "all", a), 0.25, 1e-6);
    CHECK_NEAR(share_of(ctx, project, "clay", "all", b), 0.125, 1e-6);
    CHECK(strcmp(a, b) != 0);
    CHECK_NEAR(share_of(ctx, project, "clay", "erw", b), 0.375, 1e-6);
    CHECK_NEAR(share_of(ctx, project, "clay", "mines", b), 0.125, 1e-6);
    tl_project_close(project);
}
