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

#include "core/catalogue.h"
#include "evidence/effort.h"
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

/* How a covariate is made: rows [row_first, row_end), asked for from north to south. */
struct maker {
    tl_err (*rows)(struct tl_ctx *ctx, const struct making *m, void *job, int64_t row_first,
                   int64_t row_end, double *values);
    void *job; /* borrows */
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

/* Land of some cells. */
static void area_of(const struct making *m, int64_t first, int64_t n, double *area)
{
    if (m->g->cell_area != NULL)
        memcpy(area, m->g->cell_area + first, (size_t)n * sizeof *area);
    else
        tl_land_row(m->g->land, first, n, area);
}

/* Mean and sd over the area; cells without a value take the mean, so that they have no say. Two passes. */
struct gaps {
    double sum, mean, squares, sd;
    int64_t n, n_gaps;
};

static void gaps_mean(struct gaps *g, const double *area, const double *values, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (area[i] > 0.0 && isfinite(values[i])) {
            g->sum += values[i];
            g->n++;
        }
    g->mean = g->n > 0 ? g->sum / (double)g->n : 0.0;
}

static void gaps_fill(struct gaps *g, const double *area, double *values, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        if (!isfinite(values[i])) {
            g->n_gaps += area[i] > 0.0;
            values[i] = g->mean;
        }
        if (area[i] > 0.0)
            g->squares += (values[i] - g->mean) * (values[i] - g->mean);
    }
    g->sd = g->n > 1 ? sqrt(g->squares / (double)g->n) : 0.0;
    if (g->sd <= 1e-9 * (fabs(g->mean) + 1e-9))
        g->sd = 0.0;
}

/* The covariate that was put last, over the whole area, and how it goes with those before it. */
struct candidate {
    struct gaps gaps;
    struct tl_evidence_spread spread;
    double
        with[TL_EVIDENCE_COVARIATES_MAX]; /* sum of products with covariate k, about both means */
};

/* Row y of the candidate. */
static tl_err candidate_row(struct tl_ctx *ctx, const struct making *m, int64_t y, double *area,
                            double *values)
{
    int64_t n_x = m->g->grid.n_x;
    area_of(m, y * n_x, n_x, area);
    return tl_rowfile_get(ctx, m->out->rows->file, TL_EVIDENCE_CHANNELS_MAX + m->out->n_covariates,
                          y, values);
}

static double products(const double *area, const double *values, const double *other, double mean,
                       int64_t n, double sum)
{
    for (int64_t x = 0; x < n; x++)
        if (area[x] > 0.0)
            sum += (other[x] - mean) * values[x];
    return sum;
}

/* Sums about the means, with all covariates before it in one pass. */
static tl_err compare(struct tl_ctx *ctx, const struct making *m, double *area, double *values,
                      double *other, struct candidate *c)
{
    tl_err err = TL_OK;
    int64_t n_x = m->g->grid.n_x;
    for (int64_t y = 0; y < m->g->grid.n_y; y++) {
        TL_TRY(candidate_row(ctx, m, y, area, values));
        for (int64_t x = 0; x < n_x; x++)
            values[x] = (isfinite(values[x]) ? values[x] : c->gaps.mean) - c->spread.mean;
        for (int64_t x = 0; x < n_x; x++)
            if (area[x] > 0.0)
                c->spread.squares += values[x] * values[x];
        for (int k = 0; k < m->out->n_covariates; k++) {
            TL_TRY(tl_evidence_row(ctx, m->out, TL_EVIDENCE_COVARIATE, k, y, other));
            c->with[k] =
                products(area, values, other, m->out->rows->spread[k].mean, n_x, c->with[k]);
        }
        TL_TRY(tl_cancelled(ctx));
    }
done:
    return err;
}

static tl_err examine(struct tl_ctx *ctx, const struct making *m, struct candidate *c)
{
    tl_err err = TL_OK;
    int64_t n_x = m->g->grid.n_x, n_y = m->g->grid.n_y;
    double *area = NULL, *values = NULL, *other = NULL, n = 0.0;
    TL_TRY_ALLOC(ctx, area, n_x);
    TL_TRY_ALLOC(ctx, values, n_x);
    TL_TRY_ALLOC(ctx, other, n_x);
    for (int64_t y = 0; y < n_y; y++) {
        TL_TRY(candidate_row(ctx, m, y, area, values));
        gaps_mean(&c->gaps, area, values, n_x);
    }
    for (int64_t y = 0; y < n_y; y++) {
        TL_TRY(candidate_row(ctx, m, y, area, values));
        gaps_fill(&c->gaps, area, values, n_x);
        for (int64_t x = 0; x < n_x; x++)
            if (area[x] > 0.0) {
                n += 1.0;
                c->spread.mean += values[x];
            }
    }
    c->spread.mean /= n;
    c->spread.gap = c->gaps.mean;
    if (c->gaps.sd > 0.0)
        TL_TRY(compare(ctx, m, area, values, other, c));
done:
    tl_free(area);
    tl_free(values);
    tl_free(other);
    return err;
}

static double correlation(const struct candidate *c, const struct tl_evidence_spread *other, int k)
{
    double aa = other->squares, bb = c->spread.squares;
    return aa > 0.0 && bb > 0.0 ? c->with[k] / sqrt(aa * bb) : 0.0;
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

/* Takes `values` over (owned by the evidence from then on, or freed); NULL = they are kept by rows. */
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

/* In a window: what the whole area keeps was decided when it was mapped. */
static tl_err add_to_window(struct tl_ctx *ctx, const struct making *m, const struct maker *maker,
                            const struct tl_evidence_covariate *named)
{
    double *values = tl_alloc(ctx, m->n_cells, sizeof *values);
    if (values == NULL)
        return TL_ENOMEM;
    tl_err err = maker->rows(ctx, m, maker->job, 0, m->g->grid.n_y, values);
    if (err == TL_OK)
        return append(ctx, m, values, TL_COVARIATE_WEAK_SD, named);
    tl_free(values);
    return err;
}

static tl_err put_rows(struct tl_ctx *ctx, const struct making *m, const struct maker *maker)
{
    tl_err err = TL_OK;
    double *values = NULL;
    int64_t n_y = m->g->grid.n_y, rows = tl_evidence_stripe(&m->g->grid);
    TL_TRY_ALLOC(ctx, values, rows * m->g->grid.n_x);
    for (int64_t y = 0; y < n_y; y += rows) {
        int64_t end = y + rows < n_y ? y + rows : n_y;
        TL_TRY(tl_cancelled(ctx));
        TL_TRY(maker->rows(ctx, m, maker->job, y, end, values));
        TL_TRY(tl_rowfile_put(ctx, m->out->rows->file,
                              TL_EVIDENCE_CHANNELS_MAX + m->out->n_covariates, y, end - y, values));
    }
done:
    tl_free(values);
    return err;
}

/* Whether the candidate says something that no covariate before it says; notes why not. */
static bool is_new(const struct making *m, const struct candidate *c, const char *name)
{
    if (c->gaps.sd <= 0.0) {
        tl_covariate_note(m->out, "%s is left out: it is the same everywhere in the area", name);
        return false;
    }
    for (int k = 0; k < m->out->n_covariates; k++) {
        double r = correlation(c, &m->out->rows->spread[k], k);
        if (fabs(r) > TL_COVARIATE_SAME) {
            tl_covariate_note(m->out, "%s is left out: it says the same as %s (correlation %.3f)",
                              name, m->out->covariates[k].name, r);
            return false;
        }
    }
    return true;
}

static tl_err add(struct tl_ctx *ctx, const struct making *m, const struct maker *maker,
                  bool is_imported, const struct tl_evidence_covariate *named)
{
    tl_err err = TL_OK;
    struct candidate c = {0};
    int at = m->out->n_covariates;
    if (m->options->window != NULL)
        return add_to_window(ctx, m, maker, named);
    TL_TRY(put_rows(ctx, m, maker));
    TL_TRY(examine(ctx, m, &c));
    if (!is_new(m, &c, named->name)) {
        tl_rowfile_forget(m->out->rows->file, TL_EVIDENCE_CHANNELS_MAX + at);
        goto done;
    }
    TL_TRY(append(ctx, m, NULL, TL_COVARIATE_WEAK_SD / (is_imported ? c.gaps.sd : 1.0), named));
    m->out->rows->spread[at] = c.spread;
    if (c.gaps.n_gaps > 0) {
        struct tl_evidence_covariate *to = &m->out->covariates[at];
        size_t used = strlen(to->words);
        snprintf(to->words + used, sizeof to->words - used,
                 "; %lld cells without a value take the mean", (long long)c.gaps.n_gaps);
    }
done:
    return err;
}

/* Of an array that is there. */
static tl_err copy_rows(struct tl_ctx *ctx, const struct making *m, void *job, int64_t row_first,
                        int64_t row_end, double *values)
{
    int64_t n_x = m->g->grid.n_x;
    (void)ctx;
    memcpy(values, (const double *)job + row_first * n_x,
           (size_t)((row_end - row_first) * n_x) * sizeof *values);
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
        snprintf(named.words, sizeof named.words, TL_CATALOGUE_MARK("raster %.200s"),
                 infos[k].source);
        TL_TRY_ALLOC(ctx, values, m->n_cells);
        TL_TRY(tl_project_covariate_get(ctx, m->project, infos[k].name, values));
        const struct maker maker = {copy_rows, values};
        TL_TRY(add(ctx, m, &maker, true, &named));
        tl_free(values);
        values = NULL;
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
    struct gaps gaps = {0};
    double *values = NULL, *area = NULL;
    int64_t n_cells = tl_grid_n_cells(m->options->window->grid);
    TL_TRY_ALLOC(ctx, values, n_cells);
    TL_TRY_ALLOC(ctx, area, n_cells);
    TL_TRY(tl_project_covariate_get(ctx, m->project, name, values));
    tl_land_row(m->all->land, 0, n_cells, area);
    gaps_mean(&gaps, area, values, n_cells);
    gaps_fill(&gaps, area, values, n_cells);
    raster->sd = gaps.sd;
    raster->n_gaps = gaps.n_gaps;
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
        snprintf(named.words, sizeof named.words, TL_CATALOGUE_MARK("raster %.200s"),
                 w->infos[k].source);
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

struct areas_job {
    const struct tl_gather_shape **areas; /* owns: of the claim */
    int64_t n;
};

/* Share of each cell's area that lies in the union of the areas of one claim: what a search with
 * certain detection would leave is what lies outside. */
static tl_err areas_rows(struct tl_ctx *ctx, const struct making *m, void *user, int64_t row_first,
                         int64_t row_end, double *values)
{
    tl_err err = TL_OK;
    const struct areas_job *job = user;
    const struct tl_grid *grid = &m->g->grid;
    struct tl_cover_search *covers = NULL;
    double *area = NULL;
    static const struct tl_cover_method certain = {1.0, 1.0};
    int64_t n = 0, n_cells = (row_end - row_first) * grid->n_x;
    TL_TRY_ALLOC(ctx, covers, job->n);
    TL_TRY_ALLOC(ctx, area, n_cells);
    for (int64_t i = 0; i < job->n; i++)
        if (tl_effort_meets_rows(grid, row_first, row_end, job->areas[i]->box))
            covers[n++] =
                (struct tl_cover_search){job->areas[i]->wkb, job->areas[i]->wkb_bytes, 0, 1};
    area_of(m, row_first * grid->n_x, n_cells, area);
    TL_TRY(tl_cover_residual_rows(ctx, grid, row_first, row_end, area, n, covers, 1, &certain,
                                  values));
    for (int64_t i = 0; i < n_cells; i++) {
        double inside = area[i] > 0.0 ? 1.0 - values[i] / area[i] : 0.0;
        values[i] = inside < 1e-9 ? 0.0 : fmin(inside, 1.0);
    }
done:
    tl_free(covers);
    tl_free(area);
    return err;
}

static tl_err add_areas(struct tl_ctx *ctx, const struct making *m, enum claim claim,
                        const char *name, const char *words /* a format for their number */)
{
    tl_err err = TL_OK;
    struct areas_job job = {0};
    int64_t n_all = 0;
    const struct tl_gather_shape *areas = m->g->shapes[TL_KIND_HAZARD_AREA];
    TL_TRY_ALLOC(ctx, job.areas, m->g->n[TL_KIND_HAZARD_AREA]);
    for (int64_t i = 0; i < m->g->n[TL_KIND_HAZARD_AREA]; i++)
        if (claim_of(&areas[i]) == claim)
            job.areas[job.n++] = &areas[i];
    for (int64_t i = 0; i < m->all->n[TL_KIND_HAZARD_AREA]; i++)
        n_all += claim_of(&m->all->shapes[TL_KIND_HAZARD_AREA][i]) == claim;
    if (n_all == 0 || !is_wanted(m, name))
        goto done;
    struct tl_evidence_covariate named = {.prior_mean = 0.0};
    snprintf(named.name, sizeof named.name, "%s", name);
    snprintf(named.words, sizeof named.words, words, (long long)n_all);
    const struct maker maker = {areas_rows, &job};
    TL_TRY(add(ctx, m, &maker, false, &named));
done:
    tl_free(job.areas);
    return err;
}

struct near_job {
    struct tl_cover_near *near; /* owns */
    double scale_m;
};

/* exp(-d / scale), d the distance to the nearest of some geometries. */
static tl_err near_rows(struct tl_ctx *ctx, const struct making *m, void *user, int64_t row_first,
                        int64_t row_end, double *values)
{
    const struct near_job *job = user;
    tl_err err = tl_cover_near_rows(ctx, job->near, row_first, row_end, values);
    int64_t n = (row_end - row_first) * m->g->grid.n_x;
    for (int64_t i = 0; i < n && err == TL_OK; i++)
        values[i] = exp(-values[i] / job->scale_m);
    return err;
}

static tl_err add_nearness(struct tl_ctx *ctx, const struct making *m, int64_t n,
                           const void *const *wkb, const int64_t *bytes, double scale_m,
                           const char *name, const char *what)
{
    tl_err err = TL_OK;
    struct near_job job = {NULL, fmax(scale_m, 1.5 * m->g->grid.step_m)};
    if (n == 0 || !is_wanted(m, name))
        return TL_OK;
    TL_TRY(tl_cover_near_open(ctx, &m->g->grid, n, wkb, bytes, &job.near));
    struct tl_evidence_covariate named = {.prior_mean = 0.0};
    snprintf(named.name, sizeof named.name, "%s", name);
    snprintf(named.words, sizeof named.words,
             TL_CATALOGUE_MARK("exp(-distance / %.3g km) to the nearest %s (%lld)"),
             job.scale_m / 1000.0, what, (long long)n);
    const struct maker maker = {near_rows, &job};
    TL_TRY(add(ctx, m, &maker, false, &named));
done:
    tl_cover_near_close(job.near);
    return err;
}

static const struct {
    const char *name, *what, *types[2];
    double scale_m;
} line_covariates[] = {
    {"near_defence_line",
     TL_CATALOGUE_MARK("defence or confrontation line"),
     {"defence line", "confrontation line"},
     500},
    {"near_trench", TL_CATALOGUE_MARK("trench"), {"trench", NULL}, 500},
    {"near_minefield_edge",
     TL_CATALOGUE_MARK("edge of a minefield"),
     {"minefield edge", NULL},
     500},
    {"near_road", TL_CATALOGUE_MARK("road"), {"road", NULL}, 1000},
    {"near_river", TL_CATALOGUE_MARK("river"), {"river", NULL}, 1000},
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
    TL_TRY(add_nearness(ctx, m, n_points, wkb, bytes, 2000.0, "near_place",
                        TL_CATALOGUE_MARK("place")));
done:
    tl_free(wkb);
    tl_free(bytes);
    tl_free(points);
    return err;
}

struct reports_job {
    struct tl_kernel_point *points; /* owns */
    int64_t n;
};

static tl_err reports_rows(struct tl_ctx *ctx, const struct making *m, void *user,
                           int64_t row_first, int64_t row_end, double *values)
{
    const struct reports_job *job = user;
    int64_t n = (row_end - row_first) * m->g->grid.n_x;
    memset(values, 0, (size_t)n * sizeof *values);
    tl_kernel_add_rows(ctx, &m->g->grid, row_first, row_end, job->n, job->points, values);
    for (int64_t i = 0; i < n; i++)
        values[i] = log1p(values[i]);
    return TL_OK;
}

static tl_err add_reports(struct tl_ctx *ctx, const struct making *m)
{
    tl_err err = TL_OK;
    struct reports_job job = {0};
    double range = m->options->report_range_m;
    int64_t n = m->g->n[TL_KIND_REPORT];
    if (m->all->n[TL_KIND_REPORT] == 0 || !is_wanted(m, "report_density"))
        return TL_OK;
    TL_TRY_ALLOC(ctx, job.points, n);
    for (int64_t i = 0; i < n; i++) {
        const struct tl_gather_point *report = &m->g->points[TL_KIND_REPORT][i];
        if (!isfinite(report->x_m) || !isfinite(report->y_m))
            continue;
        /* A vague position spreads the same volume over more ground. */
        double vague = isfinite(report->accuracy_m) ? report->accuracy_m : 0.0;
        double wide = sqrt(range * range + vague * vague);
        job.points[job.n++] =
            (struct tl_kernel_point){report->x_m, report->y_m, range * range / (wide * wide), wide};
    }
    struct tl_evidence_covariate named = {.name = "report_density"};
    snprintf(named.words, sizeof named.words,
             TL_CATALOGUE_MARK("log(1 + reports nearby), each spread by %.3g km (%lld)"),
             range / 1000.0, (long long)n);
    const struct maker maker = {reports_rows, &job};
    TL_TRY(add(ctx, m, &maker, false, &named));
done:
    tl_free(job.points);
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
    TL_TRY(
        add_areas(ctx, &m, CLAIM_CHA, "cha_fraction",
                  TL_CATALOGUE_MARK("share of the cell in confirmed hazardous areas, also cleared "
                                    "ones (%lld)")));
    TL_TRY(
        add_areas(ctx, &m, CLAIM_SHA, "sha_fraction",
                  TL_CATALOGUE_MARK("share of the cell in suspected hazardous areas, also cleared "
                                    "ones (%lld)")));
    TL_TRY(add_areas(
        ctx, &m, CLAIM_CANCELLED, "cancelled_fraction",
        TL_CATALOGUE_MARK("share of the cell in hazardous areas that survey has cancelled "
                          "(%lld)")));
    TL_TRY(add_lines(ctx, &m));
    TL_TRY(add_reports(ctx, &m));
    TL_TRY(add_places(ctx, &m));
done:
    if (err == TL_OK && options->window != NULL && options->window->names != NULL)
        err = put_in_order(ctx, options->window, evidence);
    return err;
}
