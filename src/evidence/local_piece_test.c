#include "unit.h"

#include "evidence/local_fixture.h"
#include "geo/cover.h"

static const char path[] = "local_piece_test.gpkg";

static tl_err window_of(struct tl_ctx *ctx, struct tl_local_base *base, const char *wkt,
                        double margin_m, struct tl_local *local)
{
    void *wkb = NULL;
    int64_t bytes = 0;
    tl_err err = tl_geom_from_wkt(ctx, wkt, &wkb, &bytes);
    if (err == TL_OK)
        err = tl_local_window(ctx, base, wkb, bytes, margin_m, 0, NULL, local);
    tl_free(wkb);
    return err;
}

static double dice(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) / 9007199254740992.0;
}

/* Polygons of the window's searches in the grid's system, read anew from the register. */
struct shapes {
    int64_t n;
    void *wkb[80];
    int64_t bytes[80];
};

static tl_err read_shapes(struct tl_ctx *ctx, struct tl_project *project,
                          const struct tl_local *local, struct shapes *out)
{
    tl_err err = TL_OK;
    struct tl_cursor *cursor = NULL;
    struct tl_crs_map *map = NULL;
    bool more = false;
    TL_TRY(tl_crs_map_create(ctx, "EPSG:4326", "EPSG:32636", &map));
    TL_TRY(tl_register_select(ctx, project, TL_KIND_SEARCH, NULL, &cursor));
    for (;;) {
        int64_t bytes = 0;
        TL_TRY(tl_cursor_next(ctx, cursor, &more));
        if (!more)
            break;
        for (int64_t s = 0; s < local->n_searches; s++)
            if (local->searches[s].id == tl_cursor_id(cursor))
                TL_TRY(tl_geom_transform(ctx, map, tl_cursor_wkb(cursor, &bytes),
                                         (tl_cursor_wkb(cursor, &bytes), bytes), &out->wkb[s],
                                         &out->bytes[s]));
    }
    out->n = local->n_searches;
done:
    tl_cursor_free(cursor);
    tl_crs_map_free(map);
    return err;
}

TEST(random_points_lie_under_the_searches_of_their_piece)
{
    enum { POINTS = 40000 };
    const double box[4] = {290100, 5547050, 291350, 5547800};
    struct tl_project *project = NULL;
    struct tl_local_base *base = NULL;
    struct tl_local local = {0};
    struct shapes shapes = {0};
    CHECK_OK(local_project(ctx, path, 500.0, false, &project));
    CHECK_OK(tl_local_open(ctx, project, NULL, &base));
    CHECK_OK(local_window(ctx, base, box, 100.0, 300.0, 0, NULL, &local));
    CHECK(local.n_searches > 3 && local.n_searches < 80);
    CHECK_OK(read_shapes(ctx, project, &local, &shapes));
    double *hits = calloc((size_t)local.n_pieces, sizeof *hits), n_points = 0.0, n_in = 0.0;
    double *inside = calloc((size_t)local.n_pieces, sizeof *inside);
    uint64_t state = 11;
    double width = (double)local.grid.n_x * 500.0, height = (double)local.grid.n_y * 500.0;
    for (int k = 0; k < POINTS; k++, n_points += 1.0) {
        double x = local.grid.x0_m + width * dice(&state),
               y = local.grid.y0_m - height * dice(&state);
        int32_t set[80], n = 0;
        int64_t found = -1;
        tl_cell cell;
        CHECK_OK(tl_grid_cell_at(ctx, &local.grid, x, y, &cell));
        for (int64_t s = 0; s < shapes.n; s++) {
            bool holds = false;
            CHECK_OK(tl_geom_holds(ctx, shapes.wkb[s], shapes.bytes[s], x, y, &holds));
            if (holds && local.searches[s].takes_effort)
                set[n++] = (int32_t)s;
        }
        for (int64_t p = 0; p < local.n_pieces && found < 0; p++)
            if (local.pieces[p].cell == cell.i && local.pieces[p].n == n &&
                memcmp(local.piece_search + local.pieces[p].first, set, (size_t)n * sizeof *set) ==
                    0)
                found = p;
        CHECK(found >= 0);
        /* P is box, its northern side 100 m farther east */
        double lean = 100.0 * (y - box[1]) / (box[3] - box[1]);
        bool in = y > box[1] && y < box[3] && x > box[0] + lean && x < box[2] + lean;
        hits[found] += 1.0;
        inside[found] += in;
        n_in += in;
    }
    double worst = 0.0, all = width * height;
    for (int64_t p = 0; p < local.n_pieces; p++) {
        double share = local.pieces[p].area_m2 / all, in = share * (double)local.pieces[p].inside;
        worst = fmax(worst, fabs(hits[p] - n_points * share) / sqrt(n_points * share + 1.0));
        worst = fmax(worst, fabs(inside[p] - n_points * in) / sqrt(n_points * in + 1.0));
    }
    CHECK_NEAR(worst, 0, 4.5);
    CHECK_NEAR(local.area_m2 / (n_in / n_points * all), 1, 0.05);
    CHECK_NEAR(local.area_m2, 1250.0 * 750.0, 0.5);
    CHECK(local.outside_m2 == 0.0);
    for (int64_t s = 0; s < shapes.n; s++)
        tl_free(shapes.wkb[s]);
    free(hits);
    free(inside);
    tl_local_fini(&local);
    tl_local_close(base);
    tl_project_close(project);
}

TEST(integrating_over_pieces_gives_the_exact_residual)
{
    struct tl_project *project = NULL;
    struct tl_local_base *base = NULL;
    struct tl_local local = {0};
    struct shapes shapes = {0};
    const double box[4] = {288100, 5546050, 292350, 5548800};
    CHECK_OK(local_project(ctx, path, 500.0, false, &project));
    CHECK_OK(tl_local_open(ctx, project, NULL, &base));
    CHECK_OK(local_window(ctx, base, box, 0.0, 0.0, 0, NULL, &local));
    CHECK_OK(read_shapes(ctx, project, &local, &shapes));
    /* Chances of our own by row; depth plays no part in tl_cover_residual, so none here either. */
    struct tl_cover_method *methods = calloc((size_t)local.n_methods, sizeof *methods);
    struct tl_cover_search *covers = calloc((size_t)local.n_searches, sizeof *covers);
    int64_t n_cells = tl_grid_n_cells(&local.grid), n = 0;
    double *exact = calloc((size_t)n_cells, sizeof *exact),
           *sum = calloc((size_t)n_cells, sizeof *sum);
    for (int64_t m = 0; m < local.n_methods; m++)
        methods[m] = (struct tl_cover_method){0.95 - 0.03 * (double)m, 0.6 + 0.02 * (double)m};
    for (int64_t s = 0; s < local.n_searches; s++)
        if (local.searches[s].takes_effort)
            covers[n++] = (struct tl_cover_search){shapes.wkb[s], shapes.bytes[s],
                                                   local.searches[s].row, local.searches[s].passes};
    CHECK_OK(tl_cover_residual(ctx, &local.grid, local.cell_area, n, covers,
                               (int32_t)local.n_methods, methods, exact));
    for (int64_t p = 0; p < local.n_pieces; p++) {
        double left = 1.0;
        for (int64_t m = 0; m < local.n_methods; m++) {
            int passes = 0;
            for (int32_t k = 0; k < local.pieces[p].n; k++) {
                const struct tl_local_search *s =
                    &local.searches[local.piece_search[local.pieces[p].first + k]];
                passes += s->row == m ? s->passes : 0;
            }
            left *= 1.0 - methods[m].detectable +
                    methods[m].detectable * pow(1.0 - methods[m].per_pass, passes);
        }
        sum[local.pieces[p].cell] += left * local.pieces[p].area_m2;
    }
    for (int64_t i = 0; i < n_cells; i++)
        CHECK_NEAR(sum[i], exact[i], 1e-9 * exact[i]);
    for (int64_t s = 0; s < shapes.n; s++)
        tl_free(shapes.wkb[s]);
    free(methods);
    free(covers);
    free(exact);
    free(sum);
    tl_local_fini(&local);
    tl_local_close(base);
    tl_project_close(project);
}

TEST(what_lies_outside_the_area_of_interest_is_told_apart)
{
    struct tl_project *project = NULL;
    struct tl_local_base *base = NULL;
    struct tl_local local = {0};
    CHECK_OK(local_project(ctx, path, 500.0, false, &project));
    CHECK_OK(tl_local_open(ctx, project, NULL, &base));
    /* The area of interest ends at 30 E; half of this lies west of it. */
    CHECK_OK(window_of(ctx, base,
                       "POLYGON((29.99 50.04,30.01 50.04,30.01 50.05,29.99 50.05,29.99 50.04))",
                       700.0, &local));
    CHECK_NEAR(local.outside_m2 / local.area_m2, 1.0, 2e-3);
    double sum = 0.0, pieces = 0.0;
    for (int64_t i = 0; i < tl_grid_n_cells(&local.grid); i++) {
        CHECK(local.inside_area[i] <= local.cell_area[i]);
        sum += local.inside_area[i];
    }
    for (int64_t p = 0; p < local.n_pieces; p++)
        pieces += local.pieces[p].area_m2 * (double)local.pieces[p].inside;
    CHECK_NEAR(sum, local.area_m2, 1e-6);
    CHECK_NEAR(pieces, local.area_m2, 1e-6 * local.area_m2);
    tl_local_fini(&local);
    local.n_lots = 77;
    CHECK_FAILS(
        window_of(ctx, base, "POLYGON((29.9 50.04,29.91 50.04,29.91 50.05,29.9 50.04))", 0, &local),
        TL_EDATA, "wholly outside");
    CHECK_FAILS(window_of(ctx, base, "POLYGON((0 0,1 0,1 1,0 0))", 0, &local), TL_EDATA, "outside");
    CHECK(local.n_lots == 77);
    tl_local_close(base);
    tl_project_close(project);
}

TEST(polygons_that_cross_or_overlap_themselves_are_refused_with_the_place)
{
    struct tl_project *project = NULL;
    struct tl_local_base *base = NULL;
    struct tl_local local = {0};
    CHECK_OK(local_project(ctx, path, 500.0, false, &project));
    CHECK_OK(tl_local_open(ctx, project, NULL, &base));
    CHECK_FAILS(window_of(ctx, base,
                          "POLYGON((30.1 50.04,30.12 50.06,30.12 50.04,30.1 50.06,30.1 "
                          "50.04))",
                          0, &local),
                TL_EDATA, "(30.11, 50.05)");
    CHECK_FAILS(window_of(ctx, base,
                          "MULTIPOLYGON(((30.1 50.04,30.12 50.04,30.12 50.06,30.1 50.06,30.1 "
                          "50.04)),((30.11 50.05,30.13 50.05,30.13 50.07,30.11 50.07,30.11 "
                          "50.05)))",
                          0, &local),
                TL_EDATA, "overlap");
    CHECK_FAILS(window_of(ctx, base, "LINESTRING(30.1 50.04,30.12 50.06)", 0, &local), TL_EDATA,
                "not a polygon");
    CHECK_FAILS(
        window_of(ctx, base, "POLYGON((30.1 50.04,30.12 50.06,30.1 50.04,30.1 50.04))", 0, &local),
        TL_EDATA, "polygon");
    CHECK_FAILS(window_of(ctx, base, "POLYGON EMPTY", 0, &local), TL_EDATA, "not a polygon");
    CHECK_FAILS(
        window_of(ctx, base, "POLYGON((30.1 50.04,30.12 50.04,30.1 50.06,30.1 50.04))", -5, &local),
        TL_EUSAGE, "-5");
    tl_local_close(base);
    tl_project_close(project);
}

TEST(an_area_smaller_than_a_cell_is_a_part_of_it)
{
    struct tl_project *project = NULL;
    struct tl_local_base *base = NULL;
    struct tl_local local = {0};
    const double box[4] = {LOCAL_X + 110, LOCAL_Y + 120, LOCAL_X + 113, LOCAL_Y + 122};
    CHECK_OK(local_project(ctx, path, 500.0, false, &project));
    CHECK_OK(tl_local_open(ctx, project, NULL, &base));
    CHECK_OK(local_window(ctx, base, box, 0.0, 0.0, 0, NULL, &local));
    CHECK(tl_grid_n_cells(&local.grid) == 1);
    CHECK_NEAR(local.area_m2, 6.0, 1e-4);
    CHECK_NEAR(local.inside_area[0], 6.0, 1e-4);
    CHECK(local.cell_area[0] == 250000.0);
    tl_local_fini(&local);
    tl_local_close(base);
    tl_project_close(project);
}
