#include "unit.h"

#include "evidence/local_fixture.h"
#include "evidence/miss.h"

static const char path[] = "local_test.gpkg";

/* Greatest difference between a window's array and the slice of the whole, relative to the greatest value. */
static double apart(const struct tl_local *local, const struct tl_evidence *e, const double *window,
                    const double *whole)
{
    double most = 0.0, worst = 0.0;
    for (int64_t i = 0; i < tl_grid_n_cells(&e->grid); i++)
        most = fmax(most, fabs(whole[i]));
    for (int64_t i = 0; i < tl_grid_n_cells(&local->grid); i++) {
        int64_t row = i / local->grid.n_x, column = i % local->grid.n_x;
        double is = whole[(local->row + row) * e->grid.n_x + local->column + column];
        worst = fmax(worst, fabs(window[i] - is));
    }
    return most > 0.0 ? worst / most : worst;
}

/* All figures of a window are slices of the whole; says what is not. */
static bool is_slice(const struct tl_local *local, const struct tl_evidence *e)
{
    const double tolerance = 1e-12, slivers = 1e-8;
    bool same = local->evidence.n_channels == e->n_channels &&
                local->evidence.n_covariates == e->n_covariates;
    if (!same)
        printf("  %d channels %d covariates, whole %d %d\n", local->evidence.n_channels,
               local->evidence.n_covariates, e->n_channels, e->n_covariates);
    for (int c = 0; c < e->n_channels && same; c++) {
        const struct tl_evidence_channel *a = &local->evidence.channels[c], *b = &e->channels[c];
        double counts = apart(local, e, a->counts, b->counts),
               effort = apart(local, e, a->effort, b->effort);
        same = strcmp(a->name, b->name) == 0 && a->effect_sd == b->effect_sd &&
               counts <= tolerance && effort <= slivers;
        if (!same)
            printf("  channel %s: counts apart by %g, effort by %g\n", b->name, counts, effort);
    }
    for (int k = 0; k < e->n_covariates && same; k++) {
        const struct tl_evidence_covariate *a = &local->evidence.covariates[k],
                                           *b = &e->covariates[k];
        double values = apart(local, e, a->values, b->values);
        same = strcmp(a->name, b->name) == 0 && values <= tolerance &&
               a->prior_mean == b->prior_mean &&
               fabs(a->prior_sd - b->prior_sd) <= 1e-12 * b->prior_sd;
        if (!same)
            printf("  covariate %s %s: apart by %g, prior sd %g %g\n", a->name, b->name, values,
                   a->prior_sd, b->prior_sd);
    }
    double residual = apart(local, e, local->evidence.residual, e->residual),
           area = apart(local, e, local->cell_area, e->cell_area);
    if (residual > slivers || area > tolerance)
        printf("  residual apart by %g, area by %g\n", residual, area);
    return same && residual <= slivers && area <= tolerance;
}

/* What must hold of any window. */
static bool is_sound(const struct tl_local *l)
{
    int64_t n = tl_grid_n_cells(&l->grid);
    double *sum = calloc((size_t)n, sizeof *sum), *inside = calloc((size_t)n, sizeof *sum),
           *finds = calloc((size_t)n, sizeof *sum);
    bool sound = true;
    int32_t last = 0;
    for (int64_t p = 0; p < l->n_pieces; p++) {
        const struct tl_local_piece *piece = &l->pieces[p];
        sound = sound && piece->cell >= last && piece->cell < n && piece->area_m2 > 0.0 &&
                piece->inside >= 0.0f && piece->inside <= 1.0f;
        last = piece->cell;
        sum[last] += piece->area_m2;
        inside[last] += piece->area_m2 * (double)piece->inside;
        for (int32_t k = 0; k < piece->n; k++)
            sound = sound && l->searches[l->piece_search[piece->first + k]].takes_effort;
    }
    for (int64_t f = 0; f < l->n_finds; f++)
        finds[l->finds[f].cell] += l->finds[f].number;
    double total = 0.0;
    for (int64_t i = 0; i < n; i++) {
        total += l->inside_area[i];
        sound = sound && fabs(sum[i] - l->cell_area[i]) <= 1e-9 * (l->cell_area[i] + 1e-9) &&
                fabs(inside[i] - l->inside_area[i]) <= 1e-6 * (l->cell_area[i] + 1e-9) &&
                l->inside_area[i] <= l->cell_area[i];
        if (strcmp(l->evidence.channels[0].name, "search") == 0)
            sound = sound &&
                    fabs(finds[i] - l->evidence.channels[0].counts[i]) <= 1e-9 * (finds[i] + 1.0);
    }
    sound = sound && fabs(total - l->area_m2) <= 1e-9 * total && strlen(l->hash) == 64;
    for (int64_t s = 0; s < l->n_searches; s++)
        sound = sound && l->searches[s].lot >= 0 && l->searches[s].lot < l->n_lots &&
                l->searches[s].row < l->n_methods;
    free(sum);
    free(inside);
    free(finds);
    return sound;
}

static const double boxes[][4] = {{290100, 5547050, 290900, 5547500},
                                  {288000, 5545900, 288001, 5545901},
                                  {284000, 5545000, 297000, 5550000},
                                  {293000, 5547000, 295000, 5549000},
                                  {291000, 5545000, 291500, 5549700}};

TEST(figures_are_slices_of_the_whole_projects)
{
    static const char *const groups[] = {"all", "mines", "erw"};
    struct tl_project *project = NULL;
    CHECK_OK(local_project(ctx, path, 250.0, false, &project));
    for (int g = 0; g < 3; g++) {
        struct tl_evidence_options options = {.group = groups[g], .use_range_m = 700};
        struct tl_evidence e = {0};
        struct tl_local_base *base = NULL;
        CHECK_OK(tl_evidence_build(ctx, project, &options, &e));
        CHECK_OK(tl_local_open(ctx, project, &options, &base));
        const char *names[TL_EVIDENCE_COVARIATES_MAX];
        for (int k = 0; k < e.n_covariates; k++)
            names[k] = e.covariates[k].name;
        CHECK(e.n_covariates >= 7 && e.n_channels == 3);
        for (size_t b = 0; b < sizeof boxes / sizeof *boxes; b++) {
            struct tl_local local = {0};
            CHECK_OK(local_window(ctx, base, boxes[b], 20.0 * (double)b, 300.0 * (double)b,
                                  e.n_covariates, names, &local));
            CHECK(is_sound(&local));
            CHECK(is_slice(&local, &e));
            tl_local_fini(&local);
        }
        tl_local_close(base);
        tl_evidence_fini(&e);
    }
    tl_project_close(project);
}
