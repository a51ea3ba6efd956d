#include "unit.h"

#include "fixture.h"
#include "hazard/map_rows.h"

static const char *const path = "hazard_totals_test.gpkg";

/* The plain search that the one by rows must agree with: through all cells for each place. */
static int64_t best_of_all(const struct tl_evidence *e, const double *mean, int64_t apart,
                           const struct tl_hazard_place *chosen, int64_t n)
{
    int64_t best = -1, n_x = e->grid.n_x;
    double most = 0.0;
    for (int64_t i = 0; i < tl_grid_n_cells(&e->grid); i++) {
        bool is_far = e->cell_area[i] > 0.0;
        for (int64_t k = 0; k < n; k++)
            is_far = is_far && (llabs(chosen[k].cell / n_x - i / n_x) >= apart ||
                                llabs(chosen[k].cell % n_x - i % n_x) >= apart);
        if (is_far && e->residual[i] * mean[i] > most) {
            most = e->residual[i] * mean[i];
            best = i;
        }
    }
    return best;
}

/* Densities with ties and with a crowd in one corner. */
static void fill(const struct tl_evidence *e, double *mean)
{
    int64_t n_x = e->grid.n_x;
    for (int64_t i = 0; i < tl_grid_n_cells(&e->grid); i++)
        mean[i] = e->cell_area[i] > 0.0 ? 1e-4 * (1.0 + floor(5.0 * fabs(sin(0.7 * (double)i)))) *
                                              (i / n_x < 6 && i % n_x < 6 ? 10.0 : 1.0)
                                        : NAN;
}

TEST(places_are_those_of_a_search_through_all_cells)
{
    struct tl_project *project = NULL;
    struct tl_hazard_result r = {0};
    struct tl_hazard_totals totals = {0};
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_evidence_build(ctx, project, NULL, &r.evidence));
    int64_t n_x = r.evidence.grid.n_x, n = tl_grid_n_cells(&r.evidence.grid);
    double *mean = tl_alloc(ctx, n, sizeof *mean);
    CHECK(mean != NULL);
    fill(&r.evidence, mean);
    r.field = (struct tl_field_result){.density_mean = mean,
                                       .density_q05 = mean,
                                       .density_q50 = mean,
                                       .density_q95 = mean,
                                       .p_any = mean,
                                       .n_cells = n,
                                       .range_m = {.q50 = 420.0}};
    CHECK_OK(tl_hazard_totals_init(ctx, &r.evidence, 2, &totals));
    double sum = 0.0, searched = 0.0;
    for (int64_t y = 0; y < r.evidence.grid.n_y; y++)
        CHECK_OK(tl_hazard_totals_row(ctx, &totals, y, mean + y * n_x));
    for (int64_t i = 0; i < n; i++)
        if (r.evidence.cell_area[i] > 0.0) {
            sum += r.evidence.residual[i] * mean[i];
            searched += r.evidence.cell_area[i] - r.evidence.residual[i];
        }
    CHECK(totals.mean == sum && totals.searched_m2 == searched && searched > 0.0);
    CHECK_OK(tl_hazard_totals_places(ctx, project, &totals, 12, &r));
    CHECK(r.n_look > 5);
    for (int64_t k = 0; k < r.n_look; k++) {
        CHECK(r.look[k].cell == best_of_all(&r.evidence, mean, 5, r.look, k));
        CHECK(r.look[k].expected_items ==
              r.evidence.residual[r.look[k].cell] * mean[r.look[k].cell]);
    }
    CHECK(r.n_look == 12 || best_of_all(&r.evidence, mean, 5, r.look, r.n_look) < 0);
    tl_hazard_totals_fini(&totals);
    tl_free(mean);
    r.field = (struct tl_field_result){0};
    tl_hazard_result_fini(&r);
    tl_project_close(project);
    unlink(path);
}

/* Draws in pieces of any size: to the bit what the sum over all cells is. */
TEST(draws_add_up_in_the_order_of_the_cells)
{
    struct tl_project *project = NULL;
    struct tl_hazard_result r = {0};
    struct tl_hazard_totals totals = {0};
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_evidence_build(ctx, project, NULL, &r.evidence));
    int64_t n_x = r.evidence.grid.n_x, n_y = r.evidence.grid.n_y, n = n_x * n_y;
    float *eta = tl_alloc(ctx, n, sizeof *eta);
    double sums[3] = {0.0};
    CHECK(eta != NULL);
    CHECK_OK(tl_hazard_totals_init(ctx, &r.evidence, 3, &totals));
    tl_ctx_set_threads(ctx, 3);
    for (int s = 0; s < 3; s++) {
        for (int64_t i = 0; i < n; i++) {
            eta[i] = r.evidence.cell_area[i] > 0.0 ? (float)(-9.0 + sin(s + 0.3 * (double)i)) : NAN;
            if (r.evidence.cell_area[i] > 0.0)
                sums[s] += r.evidence.residual[i] * exp((double)eta[i]);
        }
        for (int64_t y = 0; y < n_y; y += s + 1)
            CHECK_OK(tl_hazard_totals_draw(ctx, &totals, s, y, y + s + 1 < n_y ? s + 1 : n_y - y,
                                           eta + y * n_x));
    }
    CHECK(memcmp(sums, totals.sums, sizeof sums) == 0);
    tl_hazard_totals_tell(&totals, &r);
    double low = fmin(sums[0], fmin(sums[1], sums[2])),
           high = fmax(sums[0], fmax(sums[1], sums[2]));
    CHECK_NEAR(r.total_items.q50, sums[0] + sums[1] + sums[2] - low - high, 1e-12 * high);
    tl_hazard_totals_fini(&totals);
    tl_free(eta);
    tl_hazard_result_fini(&r);
    tl_project_close(project);
    unlink(path);
}
