#include "unit.h"

#include "plan/fixture.h"

TEST(without_a_map_nothing_is_known)
{
    struct tl_project *project = NULL;
    struct tl_risk risk;
    struct tl_risk_ground ground;
    void *wkb = NULL;
    int64_t n = 0;
    CHECK_OK(fixture_project(ctx, "risk.gpkg", false, &project));
    CHECK_OK(tl_risk_init(ctx, project, &risk));
    struct tl_grid g = tl_project_grid(project);
    char wkt[400];
    snprintf(wkt, sizeof wkt, "POLYGON((%f %f,%f %f,%f %f,%f %f))", g.x0_m + 100, g.y0_m - 100,
             g.x0_m + 300, g.y0_m - 100, g.x0_m + 300, g.y0_m - 300, g.x0_m + 100, g.y0_m - 100);
    CHECK_OK(tl_geom_from_wkt(ctx, wkt, &wkb, &n));
    CHECK(!risk.has_map);
    CHECK_OK(tl_risk_ground(ctx, &risk, wkb, n, &ground));
    CHECK(isnan(ground.items[0]) && isnan(ground.exposed) && ground.on_map == 0.0);
    tl_free(wkb);
    tl_risk_fini(&risk);
    tl_project_close(project);
}

TEST(the_whole_grid_holds_the_items_of_the_map)
{
    struct tl_project *project = NULL;
    struct tl_risk risk;
    struct tl_risk_ground all, half[2];
    char wkt[400], *json = NULL;
    void *wkb = NULL;
    int64_t n = 0;
    CHECK_OK(fixture_project(ctx, "risk.gpkg", true, &project));
    CHECK_OK(tl_risk_init(ctx, project, &risk));
    CHECK_OK(tl_project_map_load(ctx, project, NULL, &json));
    json_t *map = json_loads(json, 0, NULL);
    double total =
        json_number_value(json_object_get(json_object_get(map, "items_remaining"), "mean"));
    double effect = json_number_value(json_object_get(
        json_object_get(json_object_get(json_object_get(map, "posterior"), "channels"), "accident"),
        "mean"));
    struct tl_grid g = tl_project_grid(project);
    double w = g.x0_m, e = w + (double)g.n_x * g.step_m, top = g.y0_m,
           s = top - (double)g.n_y * g.step_m;
    for (int k = 0; k < 3; k++) { /* all, the western and the eastern part cut within cells */
        double a = k == 2 ? w + 1030.0 : w, b = k == 1 ? w + 1030.0 : e;
        snprintf(wkt, sizeof wkt, "POLYGON((%f %f,%f %f,%f %f,%f %f,%f %f))", a, s, b, s, b, top, a,
                 top, a, s);
        CHECK_OK(tl_geom_from_wkt(ctx, wkt, &wkb, &n));
        CHECK_OK(tl_risk_ground(ctx, &risk, wkb, n, k == 0 ? &all : &half[k - 1]));
        tl_free(wkb);
    }
    CHECK_NEAR(all.items[0], total, 1e-3 * total);
    CHECK(all.items[1] < all.items[3] && all.items[3] < all.items[2]);
    CHECK(all.exposed > 0.0 && all.exposed <= all.items[0]);
    CHECK_NEAR(half[0].items[0] + half[1].items[0], all.items[0], 0.02 * all.items[0]);
    CHECK(risk.rate_by_map && risk.has_places);
    CHECK_NEAR(risk.rate, 0.001 * exp(effect + 0.5 * risk.rate_sd * risk.rate_sd),
               1e-6 * risk.rate);
    CHECK(risk.per_accident == 1.0 && risk.n_accidents == 0); /* no figures in the register */
    json_decref(map);
    tl_free(json);
    tl_risk_fini(&risk);
    tl_project_close(project);
}
