/*
 * Claims enter as covariates because a claim is not a count. Hazardous areas speak of the ground as
 * it was: one that has been cleared since was still a claim that items lay there, and what
 * clearance took away is in the search channel. One that was cancelled is the opposite: somebody
 * looked at the evidence and withdrew it; it gets a covariate, and so a weight, of its own.
 */
#include "evidence/covariate.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "evidence/kernel.h"
#include "geo/cover.h"
#include "geo/geom.h"

struct making {
    struct tl_project *project;
    const struct tl_gather *g;
    const struct tl_covariate_options *options;
    struct tl_evidence *out;
    int64_t n_cells;
    const struct tl_gather *all; /* of the whole project: what is near a window is a part of it */
};

void tl_covariate_note(struct tl_evidence *evidence, const char *format, ...)
{
    char text[400];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t used = strlen(evidence->notes);
    if (used + strlen(text) + 2 < sizeof evidence->notes)
        snprintf(evidence->notes + used, sizeof evidence->notes - used, "%s%s",
                 used > 0 ? "\n" : "", text);
}

void tl_covariate_note_depth(const struct tl_attribute *a, struct tl_evidence *out)
{
    int64_t n_limited = a->n_searches - a->n_unlimited;
    if (n_limited > 0)
        tl_covariate_note(
            out,
            "%lld search%s to a known depth find%s only items no deeper; the share "
            "of those is estimated from %lld recorded depths and a weak prior, and is "
            "too high as far as deep items are never found",
            (long long)n_limited, n_limited == 1 ? "" : "es", n_limited == 1 ? "s" : "",
            (long long)a->depth.n);
    if (a->n_unlimited > 0)
        tl_covariate_note(out, "%lld search%s without a depth %s taken to reach items at any depth",
                          (long long)a->n_unlimited, a->n_unlimited == 1 ? "" : "es",
                          a->n_unlimited == 1 ? "is" : "are");
}

/* Mean and sd over the area; cells without a value take the mean, so that they have no say. */
static void fill_gaps(const struct making *m, double *values, double *sd, int64_t *n_gaps)
{
    double sum = 0.0, squares = 0.0, mean = 0.0;
    int64_t n = 0;
    *n_gaps = 0;
    for (int64_t i = 0; i < m->n_cells; i++)
        if (m->g->cell_area[i] > 0.0 && isfinite(values[i])) {
            sum += values[i];
            n++;
        }
    mean = n > 0 ? sum / (double)n : 0.0;
    for (int64_t i = 0; i < m->n_cells; i++) {
        if (!isfinite(values[i])) {
            *n_gaps += m->g->cell_area[i] > 0.0;
            values[i] = mean;
        }
        if (m->g->cell_area[i] > 0.0)
            squares += (values[i] - mean) * (values[i] - mean);
    }
    *sd = n > 1 ? sqrt(squares / (double)n) : 0.0;
    if (*sd <= 1e-9 * (fabs(mean) + 1e-9))
        *sd = 0.0;
}

static double correlation(const struct making *m, const double *a, const double *b)
{
    double n = 0.0, ma = 0.0, mb = 0.0, ab = 0.0, aa = 0.0, bb = 0.0;
    for (int64_t i = 0; i < m->n_cells; i++)
        if (m->g->cell_area[i] > 0.0) {
            n += 1.0;
            ma += a[i];
            mb += b[i];
        }
    ma /= n;
    mb /= n;
    for (int64_t i = 0; i < m->n_cells; i++)
        if (m->g->cell_area[i] > 0.0) {
            ab += (a[i] - ma) * (b[i] - mb);
            aa += (a[i] - ma) * (a[i] - ma);
            bb += (b[i] - mb) * (b[i] - mb);
        }
    return aa > 0.0 && bb > 0.0 ? ab / sqrt(aa * bb) : 0.0;
}

static bool is_there(const struct making *m, const char *name)
{
    for (int k = 0; k < m->out->n_covariates; k++)
        if (strcmp(m->out->covariates[k].name, name) == 0)
            return true;
    return false;
}

/* Whether a covariate is to be made: not yet there, and one of those asked for. */
static bool is_wanted(const struct making *m, const char *name)
{
    const struct tl_covariate_window *w = m->options->window;
    bool wanted = w == NULL || w->names == NULL;
    for (int64_t k = 0; !wanted && k < w->n_names; k++)
        wanted = strcmp(w->names[k], name) == 0;
    return wanted && !is_there(m, name);
}

static tl_err append(struct tl_ctx *ctx, const struct making *m, double *values, double weak_sd,
                     const struct tl_evidence_covariate *named)
{
    if (m->out->n_covariates == TL_EVIDENCE_COVARIATES_MAX) {
        tl_free(values);
        return tl_fail(ctx, TL_EDATA,
                       "covariate %s: there are more than the %d covariates that a map takes",
                       named->name, TL_EVIDENCE_COVARIATES_MAX);
    }
    struct tl_evidence_covariate *to = &m->out->covariates[m->out->n_covariates++];
    *to = *named;
    to->values = values;
    if (!(to->prior_sd > 0.0))
        to->prior_sd = weak_sd;
    return TL_OK;
}

/* Takes `values` over (owned by the evidence from then on, or freed). */
static tl_err add(struct tl_ctx *ctx, const struct making *m, double *values, bool is_imported,
                  const struct tl_evidence_covariate *named)
{
    double sd = 0.0;
    int64_t n_gaps = 0;
    if (m->options->window != NULL) /* what the whole area keeps was decided when it was mapped */
        return append(ctx, m, values, TL_COVARIATE_WEAK_SD, named);
    fill_gaps(m, values, &sd, &n_gaps);
    if (sd <= 0.0) {
        tl_covariate_note(m->out, "%s is left out: it is the same everywhere in the area",
                          named->name);
        tl_free(values);
        return TL_OK;
    }
    for (int k = 0; k < m->out->n_covariates; k++) {
        double r = correlation(m, m->out->covariates[k].values, values);
        if (fabs(r) > TL_COVARIATE_SAME) {
            tl_covariate_note(m->out, "%s is left out: it says the same as %s (correlation %.3f)",
                              named->name, m->out->covariates[k].name, r);
            tl_free(values);
            return TL_OK;
        }
    }
    tl_err err = append(ctx, m, values, TL_COVARIATE_WEAK_SD / (is_imported ? sd : 1.0), named);
    if (err != TL_OK)
        return err;
    struct tl_evidence_covariate *to = &m->out->covariates[m->out->n_covariates - 1];
    if (n_gaps > 0) {
        size_t used = strlen(to->words);
        snprintf(to->words + used, sizeof to->words - used,
                 "; %lld cells without a value take the mean", (long long)n_gaps);
    }
    return TL_OK;
}

static tl_err add_imported(struct tl_ctx *ctx, const struct making *m)
{
    tl_err err = TL_OK;
    struct tl_covariate_info *infos = NULL;
    double *values = NULL;
    int64_t n = 0;
    TL_TRY(tl_project_covariates(ctx, m->project, &infos, &n));
    for (int64_t k = 0; k < n; k++) {
        struct tl_evidence_covariate named = {.prior_mean = infos[k].prior_mean,
                                              .prior_sd = infos[k].prior_sd};
        snprintf(named.name, sizeof named.name, "%s", infos[k].name);
        snprintf(named.words, sizeof named.words, "raster %.200s", infos[k].source);
        TL_TRY_ALLOC(ctx, values, m->n_cells);
        TL_TRY(tl_project_covariate_get(ctx, m->project, infos[k].name, values));
        double *taken = values;
        values = NULL;
        TL_TRY(add(ctx, m, taken, true, &named));
    }
done:
    tl_free(values);
    tl_free(infos);
    return err;
}

/* The mean and sd of the whole area, so that a window has the numbers that the map has. */
static tl_err read_raster(struct tl_ctx *ctx, const struct making *m, const char *name,
                          struct tl_covariate_raster *raster)
{
    tl_err err = TL_OK;
    struct making whole = *m;
    struct tl_gather g = *m->all;
    double *values = NULL, *area = NULL;
    whole.n_cells = tl_grid_n_cells(m->options->window->grid);
    whole.g = &g;
    TL_TRY_ALLOC(ctx, values, whole.n_cells);
    TL_TRY_ALLOC(ctx, area, whole.n_cells);
    TL_TRY(tl_project_covariate_get(ctx, m->project, name, values));
    tl_land_row(m->all->land, 0, whole.n_cells, area);
    g.cell_area = area;
    fill_gaps(&whole, values, &raster->sd, &raster->n_gaps);
    raster->values = values;
    values = NULL;
done:
    tl_free(values);
    tl_free(area);
    return err;
}

static tl_err add_rasters(struct tl_ctx *ctx, const struct making *m)
{
    tl_err err = TL_OK;
    const struct tl_covariate_window *w = m->options->window;
    const struct tl_grid *grid = &m->g->grid;
    for (int64_t k = 0; k < w->n_rasters; k++) {
        struct tl_covariate_raster *raster = &w->rasters[k];
        struct tl_evidence_covariate named = {.prior_mean = w->infos[k].prior_mean,
                                              .prior_sd = w->infos[k].prior_sd};
        if (!is_wanted(m, w->infos[k].name))
            continue;
        if (raster->values == NULL)
            TL_TRY(read_raster(ctx, m, w->infos[k].name, raster));
        if (raster->sd <= 0.0)
            continue;
        snprintf(named.name, sizeof named.name, "%s", w->infos[k].name);
        snprintf(named.words, sizeof named.words, "raster %.200s", w->infos[k].source);
        double *values = NULL;
        TL_TRY_ALLOC(ctx, values, m->n_cells);
        for (int64_t row = 0; row < grid->n_y; row++)
            memcpy(values + row * grid->n_x,
                   raster->values + (w->row + row) * w->grid->n_x + w->column,
                   (size_t)grid->n_x * sizeof *values);
        TL_TRY(append(ctx, m, values, TL_COVARIATE_WEAK_SD / raster->sd, &named));
    }
done:
    return err;
}

enum claim { CLAIM_CHA, CLAIM_SHA, CLAIM_CANCELLED };

static enum claim claim_of(const struct tl_gather_shape *area)
{
    if (area->status >= 0 &&
        area->status == tl_gather_choice(TL_KIND_HAZARD_AREA, "status", "cancelled"))
        return CLAIM_CANCELLED;
    if (area->type >= 0)
        return area->type == tl_gather_choice(TL_KIND_HAZARD_AREA, "classification", "CHA")
                   ? CLAIM_CHA
                   : CLAIM_SHA;
    return area->direct ? CLAIM_CHA : CLAIM_SHA;
}

/* Share of each cell's area that lies in the union of the areas of one claim: what a search with
 * certain detection would leave is what lies outside. */
static tl_err add_areas(struct tl_ctx *ctx, const struct making *m, enum claim claim,
                        const char *name, const char *words)
{
    tl_err err = TL_OK;
    struct tl_cover_search *covers = NULL;
    double *values = NULL;
    static const struct tl_cover_method certain = {1.0, 1.0};
    int64_t n = 0, n_all = 0;
    const struct tl_gather_shape *areas = m->g->shapes[TL_KIND_HAZARD_AREA];
    TL_TRY_ALLOC(ctx, covers, m->g->n[TL_KIND_HAZARD_AREA]);
    for (int64_t i = 0; i < m->g->n[TL_KIND_HAZARD_AREA]; i++)
        if (claim_of(&areas[i]) == claim)
            covers[n++] = (struct tl_cover_search){areas[i].wkb, areas[i].wkb_bytes, 0, 1};
    for (int64_t i = 0; i < m->all->n[TL_KIND_HAZARD_AREA]; i++)
        n_all += claim_of(&m->all->shapes[TL_KIND_HAZARD_AREA][i]) == claim;
    if (n_all == 0 || !is_wanted(m, name))
        goto done;
    TL_TRY_ALLOC(ctx, values, m->n_cells);
    TL_TRY(tl_cover_residual(ctx, &m->g->grid, m->g->cell_area, n, covers, 1, &certain, values));
    for (int64_t i = 0; i < m->n_cells; i++) {
        double area = m->g->cell_area[i], inside = area > 0.0 ? 1.0 - values[i] / area : 0.0;
        values[i] = inside < 1e-9 ? 0.0 : fmin(inside, 1.0);
    }
    struct tl_evidence_covariate named = {.prior_mean = 0.0};
    snprintf(named.name, sizeof named.name, "%s", name);
    snprintf(named.words, sizeof named.words, "%s (%lld)", words, (long long)n_all);
    double *taken = values;
    values = NULL;
    TL_TRY(add(ctx, m, taken, false, &named));
done:
    tl_free(covers);
    tl_free(values);
    return err;
}

/* exp(-d / scale), d the distance to the nearest of some geometries. */
static tl_err add_nearness(struct tl_ctx *ctx, const struct making *m, int64_t n,
                           const void *const *wkb, const int64_t *bytes, double scale_m,
                           const char *name, const char *what)
{
    tl_err err = TL_OK;
    double *values = NULL, scale = fmax(scale_m, 1.5 * m->g->grid.step_m);
    if (n == 0 || !is_wanted(m, name))
        return TL_OK;
    TL_TRY_ALLOC(ctx, values, m->n_cells);
    TL_TRY(tl_cover_distance(ctx, &m->g->grid, n, wkb, bytes, values));
    for (int64_t i = 0; i < m->n_cells; i++)
        values[i] = exp(-values[i] / scale);
    struct tl_evidence_covariate named = {.prior_mean = 0.0};
    snprintf(named.name, sizeof named.name, "%s", name);
    snprintf(named.words, sizeof named.words, "exp(-distance / %.3g km) to the nearest %s (%lld)",
             scale / 1000.0, what, (long long)n);
    double *taken = values;
    values = NULL;
    TL_TRY(add(ctx, m, taken, false, &named));
done:
    tl_free(values);
    return err;
}

static const struct {
    const char *name, *what, *types[2];
    double scale_m;
} line_covariates[] = {
    {"near_defence_line",
     "defence or confrontation line",
     {"defence line", "confrontation line"},
     500},
    {"near_trench", "trench", {"trench", NULL}, 500},
    {"near_minefield_edge", "edge of a minefield", {"minefield edge", NULL}, 500},
    {"near_road", "road", {"road", NULL}, 1000},
    {"near_river", "river", {"river", NULL}, 1000},
};

static tl_err add_lines(struct tl_ctx *ctx, const struct making *m)
{
    tl_err err = TL_OK;
    const void **wkb = NULL;
    int64_t *bytes = NULL, n_lines = m->g->n[TL_KIND_LINE];
    TL_TRY_ALLOC(ctx, wkb, n_lines);
    TL_TRY_ALLOC(ctx, bytes, n_lines);
    for (size_t k = 0; k < sizeof line_covariates / sizeof *line_covariates; k++) {
        int64_t n = 0;
        for (int64_t i = 0; i < n_lines; i++) {
            const struct tl_gather_shape *line = &m->g->shapes[TL_KIND_LINE][i];
            bool is_one = false;
            for (int t = 0; t < 2; t++)
                is_one = is_one || (line->type >= 0 &&
                                    line->type == tl_gather_choice(TL_KIND_LINE, "type",
                                                                   line_covariates[k].types[t]));
            if (!is_one)
                continue;
            wkb[n] = line->wkb;
            bytes[n++] = line->wkb_bytes;
        }
        TL_TRY(add_nearness(ctx, m, n, wkb, bytes, line_covariates[k].scale_m,
                            line_covariates[k].name, line_covariates[k].what));
        TL_TRY(tl_cancelled(ctx));
    }
done:
    tl_free(wkb);
    tl_free(bytes);
    return err;
}

static tl_err add_places(struct tl_ctx *ctx, const struct making *m)
{
    tl_err err = TL_OK;
    const void **wkb = NULL;
    int64_t *bytes = NULL, n = m->g->n[TL_KIND_PLACE], n_points = 0;
    unsigned char *points = NULL;
    if (n == 0)
        return TL_OK;
    if (!m->options->with_places) {
        tl_covariate_note(
            m->out, "near_place is left out: without any search, nearness to places tells where "
                    "people are, not where items are");
        return TL_OK;
    }
    TL_TRY_ALLOC(ctx, wkb, n);
    TL_TRY_ALLOC(ctx, bytes, n);
    TL_TRY_ALLOC(ctx, points, n * TL_GEOM_POINT_BYTES);
    for (int64_t i = 0; i < n; i++) {
        const struct tl_gather_point *place = &m->g->points[TL_KIND_PLACE][i];
        if (!isfinite(place->x_m) || !isfinite(place->y_m))
            continue;
        unsigned char *at = points + n_points * TL_GEOM_POINT_BYTES;
        tl_geom_point(place->x_m, place->y_m, at);
        wkb[n_points] = at;
        bytes[n_points++] = TL_GEOM_POINT_BYTES;
    }
    TL_TRY(add_nearness(ctx, m, n_points, wkb, bytes, 2000.0, "near_place", "place"));
done:
    tl_free(wkb);
    tl_free(bytes);
    tl_free(points);
    return err;
}

static tl_err add_reports(struct tl_ctx *ctx, const struct making *m)
{
    tl_err err = TL_OK;
    struct tl_kernel_point *points = NULL;
    double *values = NULL, range = m->options->report_range_m;
    int64_t n = m->g->n[TL_KIND_REPORT], n_points = 0;
    if (m->all->n[TL_KIND_REPORT] == 0 || !is_wanted(m, "report_density"))
        return TL_OK;
    TL_TRY_ALLOC(ctx, points, n);
    TL_TRY_ALLOC(ctx, values, m->n_cells);
    for (int64_t i = 0; i < n; i++) {
        const struct tl_gather_point *report = &m->g->points[TL_KIND_REPORT][i];
        if (!isfinite(report->x_m) || !isfinite(report->y_m))
            continue;
        /* A vague position spreads the same volume over more ground. */
        double vague = isfinite(report->accuracy_m) ? report->accuracy_m : 0.0;
        double wide = sqrt(range * range + vague * vague);
        points[n_points++] =
            (struct tl_kernel_point){report->x_m, report->y_m, range * range / (wide * wide), wide};
    }
    tl_kernel_add(ctx, &m->g->grid, n_points, points, values);
    for (int64_t i = 0; i < m->n_cells; i++)
        values[i] = log1p(values[i]);
    struct tl_evidence_covariate named = {.name = "report_density"};
    snprintf(named.words, sizeof named.words,
             "log(1 + reports nearby), each spread by %.3g km (%lld)", range / 1000.0,
             (long long)n);
    double *taken = values;
    values = NULL;
    TL_TRY(add(ctx, m, taken, false, &named));
done:
    tl_free(points);
    tl_free(values);
    return err;
}

/* As named. */
static tl_err put_in_order(struct tl_ctx *ctx, const struct tl_covariate_window *w,
                           struct tl_evidence *evidence)
{
    for (int64_t k = 0; k < w->n_names; k++) {
        int64_t at = k;
        while (at < evidence->n_covariates &&
               strcmp(evidence->covariates[at].name, w->names[k]) != 0)
            at++;
        if (at >= evidence->n_covariates)
            return tl_fail(ctx, TL_EDATA,
                           "the map rests on covariate %s, which the records no longer make: map "
                           "again",
                           w->names[k]);
        struct tl_evidence_covariate swap = evidence->covariates[k];
        evidence->covariates[k] = evidence->covariates[at];
        evidence->covariates[at] = swap;
    }
    return TL_OK;
}

tl_err tl_covariate_fill(struct tl_ctx *ctx, struct tl_project *project,
                         const struct tl_gather *gather, const struct tl_covariate_options *options,
                         struct tl_evidence *evidence)
{
    tl_err err = TL_OK;
    struct making m = {project, gather, options, evidence, tl_grid_n_cells(&gather->grid), gather};
    if (options->window != NULL)
        m.all = options->window->all;
    /* What a person imported comes first: where it says the same as one of ours, theirs stays. */
    TL_TRY(options->window != NULL ? add_rasters(ctx, &m) : add_imported(ctx, &m));
    if (options->no_defaults)
        goto done;
    TL_TRY(add_areas(ctx, &m, CLAIM_CHA, "cha_fraction",
                     "share of the cell in confirmed hazardous areas, also cleared ones"));
    TL_TRY(add_areas(ctx, &m, CLAIM_SHA, "sha_fraction",
                     "share of the cell in suspected hazardous areas, also cleared ones"));
    TL_TRY(add_areas(ctx, &m, CLAIM_CANCELLED, "cancelled_fraction",
                     "share of the cell in hazardous areas that survey has cancelled"));
    TL_TRY(add_lines(ctx, &m));
    TL_TRY(add_reports(ctx, &m));
    TL_TRY(add_places(ctx, &m));
done:
    if (err == TL_OK && options->window != NULL && options->window->names != NULL)
        err = put_in_order(ctx, options->window, evidence);
    return err;
}
