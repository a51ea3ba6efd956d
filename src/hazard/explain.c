/*
 * Reasons of a place (model.md section 5). eta - beta_0 is a sum: each covariate's share, each channel's share, the
 * field. Covariates are told against their average over the area, so that "x 1" means "as anywhere here"; what the
 * channels' data add is the field, split by whose data pulled it (shares are stored with the map). Then the searches
 * that reduced the residual, the records behind it, and what leaving out the nearest ones would change.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "hazard/hazard.h"
#include "store/band.h"
#include "tilth/coord.h"

enum { NEAR_MAX = 6, PARTS_MAX = 64, DROPPED_MAX = 3 };
static const double RANGE_CELLS_MAX = 1000.0, SIGMA_MIN = 1e-3, SIGMA_MAX = 30.0,
                    CONTRAST_MAX = 30.0;

struct part {
    char name[96];
    double value;   /* covariate at the place; NaN for shares */
    double average; /* covariate's average over the area */
    double log_factor;
};

struct place {
    double lon_deg, lat_deg;
    int64_t cell;
    struct tl_grid grid;
    char mgrs[TL_COORD_TEXT_BYTES], near[160];
    double mean, sd, q05, q50, q95, density_mean, p_any, residual, cell_area;
    double range_m;
    double baseline; /* log density at the covariates' averages, field 0 */
    int n_parts;
    struct part parts[PARTS_MAX];
    int64_t n_near[TL_KIND_COUNT], n_all[TL_KIND_COUNT];
    struct tl_hazard_near near_records[TL_KIND_COUNT][NEAR_MAX];
    int n_dropped;
    double dropped_factor[DROPPED_MAX]; /* density without that record over density with it */
    const struct tl_hazard_near *dropped[DROPPED_MAX];
};

static tl_err locate(struct tl_ctx *ctx, struct tl_project *project, struct place *at)
{
    tl_err err = TL_OK;
    struct tl_crs_map *map = NULL;
    double x = at->lon_deg, y = at->lat_deg;
    int64_t n_bad = 0;
    tl_cell cell;
    at->grid = tl_project_grid(project);
    TL_TRY(tl_crs_map_create(ctx, "EPSG:4326", tl_project_crs(project), &map));
    tl_crs_map_points(map, 1, &x, &y, &n_bad);
    err = n_bad > 0 ? TL_ENOTFOUND : tl_grid_cell_at(ctx, &at->grid, x, y, &cell);
    if (err != TL_OK)
        TL_THROW(ctx, TL_ENOTFOUND, "%.6f,%.6f lies outside the project's area", at->lon_deg,
                 at->lat_deg);
    at->cell = cell.i;
    TL_TRY(tl_coord_format(ctx, at->lon_deg, at->lat_deg, TL_COORD_MGRS, 10.0, at->mgrs));
    const double deg[2] = {at->lon_deg, at->lat_deg};
    TL_TRY(tl_hazard_near_place(ctx, project, deg, at->near));
done:
    tl_crs_map_free(map);
    return err;
}

/* A band's value at the cell. */
static tl_err band(struct tl_ctx *ctx, struct tl_project *project, const struct place *at,
                   const char *prefix, const char *name, double *value)
{
    float one = 0.0F;
    char full[160];
    const int64_t box[4] = {at->cell % at->grid.n_x, at->cell / at->grid.n_x, 1, 1};
    snprintf(full, sizeof full, "%s%s", prefix, name);
    tl_err err = tl_project_map_box(ctx, project, full, box, &one);
    if (err == TL_OK)
        *value = (double)one;
    return err;
}

/* Reckoned from the band itself, by rows: of a map that came without averages. */
static tl_err reckon_average(struct tl_ctx *ctx, struct tl_project *project, const char *full,
                             double *average)
{
    struct tl_grid grid = tl_project_grid(project);
    int64_t rows = tl_project_map_rows(project), count = 0;
    float *values = NULL, *area = NULL;
    double sum = 0.0;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, values, rows * grid.n_x);
    TL_TRY_ALLOC(ctx, area, rows * grid.n_x);
    for (int64_t y = 0; y < grid.n_y; y += rows) {
        const int64_t box[4] = {0, y, grid.n_x, y + rows < grid.n_y ? rows : grid.n_y - y};
        TL_TRY(tl_project_map_box(ctx, project, full, box, values));
        TL_TRY(tl_project_map_box(ctx, project, "cell_area", box, area));
        for (int64_t i = 0; i < box[2] * box[3]; i++)
            if (isfinite(values[i]) && area[i] > 0.0F) {
                sum += (double)values[i];
                count++;
            }
        TL_TRY(tl_cancelled(ctx));
    }
    *average = count > 0 ? sum / (double)count : 0.0;
done:
    tl_free(values);
    tl_free(area);
    return err;
}

/* A covariate's average over the area, as the map kept it. */
static tl_err average_of(struct tl_ctx *ctx, struct tl_project *project, const char *name,
                         double *average)
{
    char full[160];
    struct tl_spread spread;
    snprintf(full, sizeof full, "covariate:%s", name);
    tl_err err = tl_band_spread(ctx, project, full, &spread, average);
    return err != TL_OK || !isnan(*average) ? err : reckon_average(ctx, project, full, average);
}

static double number_at(const json_t *json, const char *object, const char *key, const char *field)
{
    const json_t *inner = json_object_get(json_object_get(json, object), key);
    return json_number_value(field == NULL ? inner : json_object_get(inner, field));
}

static tl_err read_bands(struct tl_ctx *ctx, struct tl_project *project, struct place *at)
{
    tl_err err = TL_OK;
    TL_TRY(band(ctx, project, at, "", "cell_area", &at->cell_area));
    TL_TRY(band(ctx, project, at, "", "residual", &at->residual));
    TL_TRY(band(ctx, project, at, "", "log_density_mean", &at->mean));
    TL_TRY(band(ctx, project, at, "", "log_density_sd", &at->sd));
    TL_TRY(band(ctx, project, at, "", "density_mean", &at->density_mean));
    TL_TRY(band(ctx, project, at, "", "density_q05", &at->q05));
    TL_TRY(band(ctx, project, at, "", "density_q50", &at->q50));
    TL_TRY(band(ctx, project, at, "", "density_q95", &at->q95));
    TL_TRY(band(ctx, project, at, "", "p_any", &at->p_any));
    if (!(at->cell_area > 0.0) || !isfinite(at->mean))
        TL_THROW(ctx, TL_ENOTFOUND, "%.6f,%.6f lies outside the project's area of interest",
                 at->lon_deg, at->lat_deg);
done:
    return err;
}

static tl_err read_parts(struct tl_ctx *ctx, struct tl_project *project, const json_t *map,
                         struct place *at)
{
    tl_err err = TL_OK;
    const char *name;
    json_t *value;
    const json_t *posterior = json_object_get(map, "posterior");
    /* The lists come out of the file, which others can write. */
    if (json_object_size(json_object_get(posterior, "coefficients")) +
            json_object_size(json_object_get(posterior, "channels")) >
        PARTS_MAX)
        TL_THROW(ctx, TL_EDATA, "the map in the project lists more than %d parts", PARTS_MAX);
    at->range_m = number_at(map, "posterior", "range_m", "q50");
    at->baseline = number_at(map, "posterior", "intercept", "mean");
    json_object_foreach(json_object_get(posterior, "coefficients"), name, value)
    {
        struct part *part = &at->parts[at->n_parts++];
        double beta = json_number_value(json_object_get(value, "mean"));
        snprintf(part->name, sizeof part->name, "%s", name);
        TL_TRY(band(ctx, project, at, "covariate:", name, &part->value));
        TL_TRY(average_of(ctx, project, name, &part->average));
        if (!isfinite(part->value)) /* unknown there: the fit took the average */
            part->value = part->average;
        part->log_factor = beta * (part->value - part->average);
        at->baseline += beta * part->average;
    }
    json_object_foreach(json_object_get(posterior, "channels"), name, value)
    {
        struct part *part = &at->parts[at->n_parts++];
        snprintf(part->name, sizeof part->name, "%s", name);
        part->value = part->average = NAN;
        TL_TRY(band(ctx, project, at, "share:", name, &part->log_factor));
    }
done:
    return err;
}

/* Records within one range (at least one cell and a half): nearer ones weigh most. */
static tl_err read_near(struct tl_ctx *ctx, struct tl_project *project, struct place *at)
{
    tl_err err = TL_OK;
    const double deg[2] = {at->lon_deg, at->lat_deg};
    double within = fmax(at->range_m, 1.5 * at->grid.step_m);
    for (int k = 0; k < TL_KIND_COUNT; k++)
        if (k != TL_KIND_PLACE && k != TL_KIND_LINE)
            TL_TRY(tl_hazard_around(ctx, project, (enum tl_kind)k, deg, within, NEAR_MAX,
                                    at->near_records[k], &at->n_near[k], &at->n_all[k]));
done:
    return err;
}

struct window {
    int64_t x0, y0, n_x, n_y, at;
    int n_channels;
    const char *names[TL_EVIDENCE_CHANNELS_MAX]; /* borrows: from the map's JSON */
    double *counts[TL_EVIDENCE_CHANNELS_MAX];    /* owns, each: [n_x * n_y] */
    double *effort[TL_EVIDENCE_CHANNELS_MAX];    /* owns, each */
};

/* A square of one range around the place, cut at the grid's edge: farther records hardly move the answer. */
static void cut_window(const struct place *at, struct window *w)
{
    /* The local solve stays below a second; a wider field is smooth at this scale. */
    int64_t half = (int64_t)fmin(ceil(fmax(at->range_m / at->grid.step_m, 0.0)) + 2.0, 60.0);
    int64_t col = at->cell % at->grid.n_x, row = at->cell / at->grid.n_x;
    w->x0 = col > half ? col - half : 0;
    w->y0 = row > half ? row - half : 0;
    w->n_x = (col + half < at->grid.n_x - 1 ? col + half : at->grid.n_x - 1) - w->x0 + 1;
    w->n_y = (row + half < at->grid.n_y - 1 ? row + half : at->grid.n_y - 1) - w->y0 + 1;
    w->at = (row - w->y0) * w->n_x + col - w->x0;
}

static void window_fini(struct window *w)
{
    for (int c = 0; c < w->n_channels; c++) {
        tl_free(w->counts[c]);
        tl_free(w->effort[c]);
    }
}

/* One band of the map, cut to the window; what is outside the area becomes 0. */
static tl_err cut_band(struct tl_ctx *ctx, struct tl_project *project, const char *prefix,
                       const char *name, const struct window *w, double *out)
{
    tl_err err = TL_OK;
    float *values = NULL;
    char full[160];
    const int64_t box[4] = {w->x0, w->y0, w->n_x, w->n_y};
    snprintf(full, sizeof full, "%s%s", prefix, name);
    TL_TRY_ALLOC(ctx, values, w->n_x * w->n_y);
    TL_TRY(tl_project_map_box(ctx, project, full, box, values));
    for (int64_t i = 0; i < w->n_x * w->n_y; i++)
        out[i] = isfinite(values[i]) ? (double)values[i] : 0.0;
done:
    tl_free(values);
    return err;
}

/* Share of the covariates in log density, cell by cell of the window. */
static tl_err cut_covariates(struct tl_ctx *ctx, struct tl_project *project, const json_t *map,
                             const struct window *w, double *eta)
{
    tl_err err = TL_OK;
    double *values = NULL;
    const char *name;
    json_t *value;
    TL_TRY_ALLOC(ctx, values, w->n_x * w->n_y);
    json_object_foreach(json_object_get(json_object_get(map, "posterior"), "coefficients"), name,
                        value)
    {
        double beta = json_number_value(json_object_get(value, "mean"));
        TL_TRY(cut_band(ctx, project, "covariate:", name, w, values));
        for (int64_t i = 0; i < w->n_x * w->n_y; i++)
            eta[i] += beta * values[i];
    }
done:
    tl_free(values);
    return err;
}

/*
 * All channels of the map in the window. Effort takes in what the map knows besides the field (covariates, the
 * channel's own effect), so that the local field is the map's own up to a constant; against the place itself, because a
 * covariate on its own scale (a year, an easting) could be beyond exp().
 */
static tl_err fill_window(struct tl_ctx *ctx, struct tl_project *project, const json_t *map,
                          struct window *w)
{
    tl_err err = TL_OK;
    double *eta = NULL;
    const char *name;
    json_t *value;
    int64_t n = w->n_x * w->n_y;
    TL_TRY_ALLOC(ctx, eta, n);
    TL_TRY(cut_covariates(ctx, project, map, w, eta));
    json_object_foreach(json_object_get(json_object_get(map, "posterior"), "channels"), name, value)
    {
        int c = w->n_channels;
        if (c >= TL_EVIDENCE_CHANNELS_MAX)
            break;
        double effect = json_number_value(json_object_get(value, "mean"));
        w->n_channels++;
        w->names[c] = name;
        TL_TRY_ALLOC(ctx, w->counts[c], n);
        TL_TRY_ALLOC(ctx, w->effort[c], n);
        TL_TRY(cut_band(ctx, project, "counts:", name, w, w->counts[c]));
        TL_TRY(cut_band(ctx, project, "effort:", name, w, w->effort[c]));
        for (int64_t i = 0; i < n; i++)
            if (w->effort[c][i] > 0.0)
                w->effort[c][i] *=
                    exp(effect + fmin(fmax(eta[i] - eta[w->at], -CONTRAST_MAX), CONTRAST_MAX));
    }
done:
    tl_free(eta);
    return err;
}

static tl_err solve_window(struct tl_ctx *ctx, const json_t *map, const struct place *at,
                           const struct window *w, double *eta)
{
    struct tl_field_channel channels[TL_EVIDENCE_CHANNELS_MAX];
    struct tl_field_given given = {.seed = 1};
    struct tl_field_result result = {0};
    for (int c = 0; c < w->n_channels; c++)
        channels[c] = (struct tl_field_channel){
            .name = w->names[c], .counts = w->counts[c], .effort = w->effort[c]};
    struct tl_field_input input = {.n_x = w->n_x,
                                   .n_y = w->n_y,
                                   .step_m = at->grid.step_m,
                                   .n_channels = w->n_channels,
                                   .channels = channels};
    /* Where the data say little of them the medians lie beyond what a fit holds; the window is flat then either way. */
    given.range_m =
        fmin(number_at(map, "posterior", "range_m", "q50"), RANGE_CELLS_MAX * at->grid.step_m);
    given.sigma = fmin(fmax(number_at(map, "posterior", "sigma", "q50"), SIGMA_MIN), SIGMA_MAX);
    tl_err err = tl_field_local(ctx, &input, &given, &result);
    if (err == TL_OK)
        *eta = result.log_density_mean[w->at];
    tl_field_result_fini(&result);
    return err;
}

/* Where the window counts a record, NULL when it lies outside or is not counted there. */
static double *count_of(struct tl_ctx *ctx, struct tl_crs_map *map, const struct place *at,
                        struct window *w, const struct tl_hazard_near *record)
{
    double x = record->lon_deg, y = record->lat_deg;
    tl_cell cell = {-1};
    tl_crs_map_points(map, 1, &x, &y, NULL);
    if (!isfinite(x) || tl_grid_cell_at(ctx, &at->grid, x, y, &cell) != TL_OK)
        return NULL;
    int64_t col = cell.i % at->grid.n_x - w->x0, row = cell.i / at->grid.n_x - w->y0;
    if (col < 0 || row < 0 || col >= w->n_x || row >= w->n_y)
        return NULL;
    /* An accident may be counted by the search during which it happened, an item by search or spot find. */
    static const char *const order[2][2] = {{"accident", "search"}, {"search", "spot"}};
    for (int k = 0; k < 2; k++)
        for (int c = 0; c < w->n_channels; c++)
            if (strcmp(w->names[c], order[record->kind == TL_KIND_ITEM][k]) == 0 &&
                w->counts[c][row * w->n_x + col] >= 1.0)
                return &w->counts[c][row * w->n_x + col];
    return NULL;
}

static tl_err drop_each(struct tl_ctx *ctx, const json_t *map, struct place *at, enum tl_kind kind,
                        struct tl_crs_map *to_grid, struct window *w)
{
    tl_err err = TL_OK;
    double with = 0.0, without = 0.0;
    TL_TRY(solve_window(ctx, map, at, w, &with));
    for (int64_t k = 0; k < at->n_near[kind] && at->n_dropped < DROPPED_MAX; k++) {
        double *count = count_of(ctx, to_grid, at, w, &at->near_records[kind][k]);
        if (count == NULL)
            continue;
        *count -= 1.0;
        err = solve_window(ctx, map, at, w, &without);
        *count += 1.0;
        TL_TRY(err);
        at->dropped_factor[at->n_dropped] = exp(without - with);
        at->dropped[at->n_dropped++] = &at->near_records[kind][k];
    }
done:
    return err;
}

/* What leaving out one of the nearest records would change: one local solve each. */
static tl_err leave_out(struct tl_ctx *ctx, struct tl_project *project, const json_t *map,
                        struct place *at)
{
    tl_err err = TL_OK;
    struct window w = {0};
    struct tl_crs_map *to_grid = NULL;
    double effort = 0.0;
    if (at->n_near[TL_KIND_ACCIDENT] + at->n_near[TL_KIND_ITEM] == 0)
        return TL_OK;
    cut_window(at, &w);
    TL_TRY(tl_crs_map_create(ctx, "EPSG:4326", tl_project_crs(project), &to_grid));
    TL_TRY(fill_window(ctx, project, map, &w));
    for (int c = 0; c < w.n_channels; c++)
        for (int64_t i = 0; i < w.n_x * w.n_y; i++)
            effort += w.effort[c][i];
    if (effort <= 0.0)
        goto done;
    TL_TRY(drop_each(ctx, map, at, TL_KIND_ITEM, to_grid, &w));
    if (at->n_near[TL_KIND_ACCIDENT] > 0 && at->n_dropped == DROPPED_MAX)
        at->n_dropped--; /* room for one of the other kind */
    TL_TRY(drop_each(ctx, map, at, TL_KIND_ACCIDENT, to_grid, &w));
done:
    tl_crs_map_free(to_grid);
    window_fini(&w);
    return err;
}

static const char *part_words(const struct part *part, char *text, size_t bytes)
{
    char value[40], average[40];
    if (isnan(part->value))
        snprintf(text, bytes, "what '%s' evidence around here adds", part->name);
    else
        snprintf(text, bytes, "%s is %s (average %s)", part->name,
                 tl_text_number(part->value, value), tl_text_number(part->average, average));
    return text;
}

static tl_err say_why(struct tl_ctx *ctx, const struct place *at, struct tl_buf *buf)
{
    tl_err err = TL_OK;
    char a[40], text[256];
    TL_TRY(tl_buf_printf(ctx, buf, "Why: an average place of this area has %s items per ha; here\n",
                         tl_text_number(TL_HAZARD_M2_PER_HA * exp(at->baseline), a)));
    double known = at->baseline;
    for (int k = 0; k < at->n_parts; k++) {
        known += at->parts[k].log_factor;
        TL_TRY(tl_buf_printf(ctx, buf, "  x %-9s %s\n",
                             tl_text_number(exp(at->parts[k].log_factor), a),
                             part_words(&at->parts[k], text, sizeof text)));
    }
    /* Shares belong to theta's mode, the density is averaged over theta: the rest is told, not hidden. */
    double rest = at->mean - known;
    if (fabs(rest) > 0.05)
        TL_TRY(tl_buf_printf(ctx, buf, "  x %-9s averaging over what is uncertain in the model\n",
                             tl_text_number(exp(rest), a)));
    TL_TRY(tl_buf_printf(ctx, buf,
                         "  = %s items per ha (on the log scale; the sd there is %.2f, a factor of "
                         "%.2g either way)\n",
                         tl_text_number(TL_HAZARD_M2_PER_HA * exp(at->mean), a), at->sd,
                         exp(at->sd)));
done:
    return err;
}

/* "62.8 m", "1.2 km". */
static const char *distance_words(double metres, char words[48])
{
    bool far = metres >= 999.5;
    tl_text_number(far ? metres / 1000.0 : metres, words);
    return strcat(words, far ? " km" : " m");
}

static tl_err say_records(struct tl_ctx *ctx, const struct place *at, struct tl_buf *buf)
{
    tl_err err = TL_OK;
    char a[48];
    for (int k = 0; k < TL_KIND_COUNT; k++) {
        if (at->n_all[k] == 0)
            continue;
        const struct tl_kind_info *kind = tl_kind_info((enum tl_kind)k);
        TL_TRY(tl_buf_printf(ctx, buf, "%s within %s: %lld\n", kind->title,
                             distance_words(fmax(at->range_m, 1.5 * at->grid.step_m), a),
                             (long long)at->n_all[k]));
        for (int64_t j = 0; j < at->n_near[k]; j++) {
            const struct tl_hazard_near *r = &at->near_records[k][j];
            if (r->holds)
                TL_TRY(tl_buf_printf(ctx, buf, "  %-10s %s; this place lies in it\n", r->code,
                                     r->what));
            else
                TL_TRY(tl_buf_printf(ctx, buf, "  %-10s %s; %s to the %s\n", r->code, r->what,
                                     distance_words(r->distance_m, a),
                                     tl_hazard_compass(r->azimuth_deg)));
        }
    }
    for (int k = 0; k < at->n_dropped; k++)
        TL_TRY(tl_buf_printf(ctx, buf, "Without %s the density here would be %.2f times as high.\n",
                             at->dropped[k]->code, at->dropped_factor[k]));
done:
    return err;
}

static tl_err say(struct tl_ctx *ctx, const struct place *at, char **words)
{
    tl_err err = TL_OK;
    struct tl_buf buf = {0};
    char a[40], b[40], c[40], d[40];
    TL_TRY(tl_buf_printf(ctx, &buf, "At %.5f, %.5f (%s)%s%s: cell of %s m, row %lld, column %lld\n",
                         at->lon_deg, at->lat_deg, at->mgrs, at->near[0] == '\0' ? "" : ", ",
                         at->near, tl_text_number(at->grid.step_m, a),
                         (long long)(at->cell / at->grid.n_x),
                         (long long)(at->cell % at->grid.n_x)));
    TL_TRY(tl_buf_printf(ctx, &buf, "Density: median %s items per ha, 90 %% interval %s to %s.\n",
                         tl_text_number(TL_HAZARD_M2_PER_HA * at->q50, a),
                         tl_text_number(TL_HAZARD_M2_PER_HA * at->q05, b),
                         tl_text_number(TL_HAZARD_M2_PER_HA * at->q95, c)));
    TL_TRY(tl_buf_printf(ctx, &buf,
                         "Remaining in this cell: %s items expected, at least one with a "
                         "probability of %s; %s of its "
                         "%s ha has been effectively searched.\n",
                         tl_text_number(at->residual * at->density_mean, a),
                         tl_text_percent(fmin(at->p_any, 1.0 - 1e-9), 3, b),
                         tl_text_percent(1.0 - at->residual / at->cell_area, 3, c),
                         tl_text_number(at->cell_area / TL_HAZARD_M2_PER_HA, d)));
    TL_TRY(say_why(ctx, at, &buf));
    TL_TRY(say_records(ctx, at, &buf));
    if (at->n_all[TL_KIND_SEARCH] == 0)
        TL_TRY(tl_buf_add(ctx, &buf,
                          "No search is recorded near this place: finding nothing here is no "
                          "evidence of absence.\n"));
    TL_TRY(tl_buf_add(ctx, &buf,
                      "This is not a statement that the ground is free of explosive ordnance.\n"));
    *words = buf.text;
    return TL_OK;
done:
    tl_buf_fini(&buf);
    return err;
}

static json_t *records_json(const struct place *at)
{
    json_t *records = json_object();
    for (int k = 0; k < TL_KIND_COUNT; k++) {
        json_t *list = json_array();
        for (int64_t j = 0; j < at->n_near[k]; j++) {
            const struct tl_hazard_near *r = &at->near_records[k][j];
            json_array_append_new(
                list, json_pack("{s:s, s:s, s:o, s:o, s:b}", "code", r->code, "what", r->what,
                                "distance_m", tl_json_number(r->distance_m, 6), "azimuth_deg",
                                tl_json_number(r->azimuth_deg, 4), "holds", (int)r->holds));
        }
        json_object_set_new(
            records, tl_kind_info((enum tl_kind)k)->name,
            json_pack("{s:I, s:o}", "within_range", (json_int_t)at->n_all[k], "nearest", list));
    }
    return records;
}

static json_t *to_json(const struct place *at)
{
    json_t *parts = json_array(), *dropped = json_array();
    for (int k = 0; k < at->n_parts; k++) {
        const struct part *p = &at->parts[k];
        json_array_append_new(parts, json_pack("{s:s, s:s, s:o, s:o, s:o}", "name", p->name, "kind",
                                               isnan(p->value) ? "channel" : "covariate", "value",
                                               tl_json_number(p->value, 6), "average",
                                               tl_json_number(p->average, 6), "log_factor",
                                               tl_json_number(p->log_factor, 6)));
    }
    for (int k = 0; k < at->n_dropped; k++)
        json_array_append_new(dropped, json_pack("{s:s, s:o}", "code", at->dropped[k]->code,
                                                 "density_factor",
                                                 tl_json_number(at->dropped_factor[k], 5)));
    json_t *density =
        json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "log_mean", tl_json_number(at->mean, 6),
                  "log_sd", tl_json_number(at->sd, 6), "mean", tl_json_number(at->density_mean, 6),
                  "q05", tl_json_number(at->q05, 6), "q50", tl_json_number(at->q50, 6), "q95",
                  tl_json_number(at->q95, 6));
    return json_pack(
        "{s:s, s:o, s:o, s:s, s:s, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
        "schema", "tilth.explain/1", "lon", tl_json_number(at->lon_deg, 9), "lat",
        tl_json_number(at->lat_deg, 9), "mgrs", at->mgrs, "near", at->near, "cell",
        (json_int_t)at->cell, "row", (json_int_t)(at->cell / at->grid.n_x), "column",
        (json_int_t)(at->cell % at->grid.n_x), "density_per_m2", density, "p_any",
        tl_json_number(at->p_any, 6), "cell_area_m2", tl_json_number(at->cell_area, 8),
        "residual_m2", tl_json_number(at->residual, 8), "expected_items",
        tl_json_number(at->residual * at->density_mean, 6), "average_log_density",
        tl_json_number(at->baseline, 6), "parts", parts, "records", records_json(at), "without",
        dropped);
}

tl_err tl_hazard_explain(struct tl_ctx *ctx, struct tl_project *project, double lon_deg,
                         double lat_deg, char **words, char **json)
{
    tl_err err = TL_OK;
    struct place *at = NULL;
    char *said = NULL, *told = NULL;
    json_t *map = NULL, *out = NULL;
    TL_TRY_ALLOC(ctx, at, 1);
    at->lon_deg = lon_deg;
    at->lat_deg = lat_deg;
    TL_TRY(tl_hazard_last_map(ctx, project, true, &map));
    TL_TRY(locate(ctx, project, at));
    TL_TRY(read_bands(ctx, project, at));
    TL_TRY(read_parts(ctx, project, map, at));
    TL_TRY(read_near(ctx, project, at));
    TL_TRY(leave_out(ctx, project, map, at));
    TL_TRY(say(ctx, at, &said));
    out = to_json(at);
    if (out == NULL)
        TL_THROW(ctx, TL_ENOMEM, "the explanation's JSON could not be made");
    TL_TRY(tl_json_text(ctx, out, &told));
    *words = said;
    *json = told;
    said = NULL;
done:
    json_decref(map);
    json_decref(out);
    tl_free(said);
    tl_free(at);
    return err;
}
