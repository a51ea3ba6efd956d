/*
 * The command behind `tilth survey next`. Criterion: expected reduction of the expected loss. Three figures stand beside each other: what
 * Koopman's allocation could take away if effort could be spread over cells in any amount (more than any work on the ground can), what whole
 * passes over single cells could, and what the pieces of ground given out do.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/json.h"
#include "core/text.h"
#include "geo/geom.h"
#include "geo/vector.h"
#include "survey/doubt.h"
#include "survey/regions.h"
#include "tilth/coord.h"

enum {
    DIGITS = 8,
    N_MAX = 20,
    N_MAX_MOST = 1000,
    MIN_CELLS = 4,
    WORDS_BYTES = 700,
    BEST_MOST = 1 << 23
};
static const double M2_PER_HA = 10000.0;

struct place {
    void *wkb; /* owns: outline in the grid's system */
    int64_t wkb_bytes;
    double lon_deg, lat_deg, p_any,
        expected; /* mean P(any) of its cells; items before the search */
    struct tl_survey_doubted doubted;
    char mgrs[TL_COORD_TEXT_BYTES];
    char words[WORDS_BYTES];
};

struct job {
    const struct tl_survey_next *next;
    struct tl_survey_worth worth; /* owns */
    struct tl_survey_gather options;
    struct tl_survey_plan plan;     /* owns */
    struct tl_survey_doubts doubts; /* owns */
    struct place *places;           /* owns: [plan.n] */
    double koopman;                 /* loss reduction */
    int64_t koopman_cells;
    double least; /* worth of an hour in the worst cell that Koopman's effort goes to */
};

static tl_err check(struct tl_ctx *ctx, const struct tl_survey_next *next, const char *out,
                    bool overwrite)
{
    if (next->n_max < 0 || next->n_max > N_MAX_MOST)
        return tl_fail(ctx, TL_EDATA, "%lld places; expected 1 to %d", (long long)next->n_max,
                       N_MAX_MOST);
    if (!(next->min_area_m2 >= 0.0 && isfinite(next->min_area_m2)))
        return tl_fail(ctx, TL_EDATA, "a smallest area of %g m2; expected more than 0",
                       next->min_area_m2);
    if (out != NULL && !tl_survey_ends_with(out, ".geojson"))
        return tl_fail(ctx, TL_EUSAGE, "%s: places are written as .geojson", out);
    return tl_survey_may_write(ctx, out, overwrite);
}

/* Koopman's bound: alpha so that the hours of one pass find a share q of what can be found. */
static tl_err find_bound(struct tl_ctx *ctx, struct job *job)
{
    tl_err err = TL_OK;
    const struct tl_survey_worth *w = &job->worth;
    double *p = NULL, *alpha = NULL, *z = NULL, per_pass = -log1p(-w->per_pass);
    TL_TRY_ALLOC(ctx, p, w->n_cells);
    TL_TRY_ALLOC(ctx, alpha, w->n_cells);
    TL_TRY_ALLOC(ctx, z, w->n_cells);
    for (int64_t i = 0; i < w->n_cells; i++)
        if (w->hours[i] > 0.0) {
            p[i] = w->loss[i] * w->findable[i];
            alpha[i] = per_pass / w->hours[i];
        }
    TL_TRY(tl_survey_allocate(ctx, w->n_cells, p, alpha, NULL, job->next->hours, z, &job->koopman));
    job->least = INFINITY;
    job->koopman_cells = 0;
    for (int64_t i = 0; i < w->n_cells; i++)
        if (z[i] > 0.0) {
            job->koopman_cells++;
            job->least = fmin(job->least, tl_survey_worth_rate(w, i));
        }
done:
    tl_free(p);
    tl_free(alpha);
    tl_free(z);
    return err;
}

/* Beside the other figures, which take every suspicion as true. */
static void doubt_words(const struct job *job, struct place *place)
{
    char items[40], share[40], holds[40];
    const struct tl_survey_doubted *d = &place->doubted;
    size_t used = strlen(place->words);
    if (d->area < 0)
        return;
    const struct tl_survey_doubt *most = &job->doubts.areas[d->area];
    snprintf(
        place->words + used, sizeof place->words - used,
        "; %s of it lies in %s%s, suspected and nothing more (true with %s, as last assessed): "
        "%s items expected with that doubt",
        tl_text_percent(d->share, 3, share), most->code, d->n > 1 ? " and other areas" : "",
        tl_text_percent(most->holds, 3, holds), tl_text_number(d->items, items));
}

static void place_words(const struct job *job, int64_t k, struct place *place)
{
    char ha[40], hours[40], expected[40], found[40], m2[40], share[40];
    const struct tl_survey_region *r = &job->plan.regions[k];
    char how[120];
    double worked = r->area_m2 * r->coverage;
    tl_text_number(worked, m2);
    /* The map is even within a cell, so where in it the few hours go is for those who stand there to say. */
    if (r->coverage < 1.0 && r->n == 1)
        snprintf(how, sizeof how,
                 "enough for %s m2 of that cell, a square of %.0f m (the map does not say where in "
                 "it)",
                 m2, sqrt(worked));
    else if (r->coverage < 1.0)
        snprintf(how, sizeof how, "in lanes over %s of it, %s m2",
                 tl_text_percent(r->coverage, 3, share), m2);
    else
        snprintf(how, sizeof how, "%d pass%s", r->passes, r->passes == 1 ? "" : "es");
    snprintf(place->words, sizeof place->words,
             "%s ha at %s: %s hours of %s, %s; %s items expected there, %s of them found",
             tl_text_number(r->area_m2 / M2_PER_HA, ha), place->mgrs,
             tl_text_number(r->hours, hours), job->worth.method.name, how,
             tl_text_number(place->expected, expected), tl_text_number(r->items_found, found));
    doubt_words(job, place);
}

static tl_err describe_place(struct tl_ctx *ctx, struct tl_crs_map *to_grid, const struct job *job,
                             int64_t k, struct place *place)
{
    tl_err err = TL_OK;
    struct tl_geom_info info;
    const struct tl_survey_region *r = &job->plan.regions[k];
    TL_TRY(
        tl_survey_regions_outline(ctx, &job->worth, &job->plan, k, &place->wkb, &place->wkb_bytes));
    TL_TRY(tl_geom_info(ctx, place->wkb, place->wkb_bytes, &info));
    place->lon_deg = info.x;
    place->lat_deg = info.y;
    tl_crs_map_points_back(to_grid, 1, &place->lon_deg, &place->lat_deg, NULL);
    TL_TRY(tl_coord_format(ctx, place->lon_deg, place->lat_deg, TL_COORD_MGRS, 10.0, place->mgrs));
    for (int64_t c = r->first; c < r->first + r->n; c++) {
        int64_t cell = job->plan.members[c];
        place->p_any += (double)job->worth.p_any[cell] / (double)r->n;
        place->expected += job->worth.items[cell];
    }
    TL_TRY(tl_survey_doubts_place(ctx, &job->doubts, &job->worth, job->plan.members + r->first,
                                  r->n, &place->doubted));
    place_words(job, k, place);
done:
    return err;
}

/* Four cells, or as few as the hours are enough for: one at least. */
static double smallest(const struct job *job)
{
    double step = job->worth.grid.step_m;
    double cells = job->next->hours * job->worth.m2_per_hour / (step * step);
    return fmax(fmin(floor(cells), MIN_CELLS), 1.0) * step * step * (1.0 - 1e-9);
}

/* Of a large map the best cells are looked at: as many as the answer rests on, and four times as many as long as those left out could matter. */
static tl_err look(struct tl_ctx *ctx, struct tl_project *project, struct job *job)
{
    tl_err err = TL_OK;
    const struct tl_survey_next *next = job->next;
    for (int64_t n_best = TL_SURVEY_WORTH_BEST;; n_best *= 4) {
        TL_TRY(tl_survey_worth_init_best(ctx, project, next, TL_SURVEY_WORTH_ALL, n_best,
                                         &job->worth));
        job->options = (struct tl_survey_gather){
            .hours = next->hours,
            .min_area_m2 = next->min_area_m2 > 0.0 ? next->min_area_m2 : smallest(job),
            .n_max = next->n_max > 0 ? next->n_max : N_MAX};
        TL_TRY(find_bound(ctx, job));
        TL_TRY(tl_survey_regions_gather(ctx, &job->worth, &job->options, &job->plan));
        double cut = job->worth.cut_rate;
        if (!(cut > 0.0) || (job->least > cut && job->plan.level > cut && job->plan.n > 0))
            break;
        if (n_best >= BEST_MOST) {
            tl_warn(ctx,
                    "the hours reach beyond the %lld best cells, which are all that was looked at: "
                    "more could be taken away than is told",
                    (long long)n_best);
            break;
        }
        tl_survey_worth_fini(&job->worth);
        tl_survey_regions_fini(&job->plan);
    }
done:
    return err;
}

static tl_err solve(struct tl_ctx *ctx, struct tl_project *project, struct job *job)
{
    tl_err err = TL_OK;
    struct tl_crs_map *to_grid = NULL;
    TL_TRY(look(ctx, project, job));
    if (job->plan.n == 0)
        TL_THROW(ctx, TL_EDATA,
                 "no piece of ground of %.6g m2 hangs together where '%s' could find anything; "
                 "expected a smaller area (--min-area)",
                 job->options.min_area_m2, job->worth.method.name);
    TL_TRY(tl_crs_map_create(ctx, "EPSG:4326", tl_project_crs(project), &to_grid));
    TL_TRY(tl_survey_doubts_init(ctx, project, &job->worth.grid, to_grid, &job->doubts));
    TL_TRY_ALLOC(ctx, job->places, job->plan.n);
    for (int64_t k = 0; k < job->plan.n; k++)
        TL_TRY(describe_place(ctx, to_grid, job, k, &job->places[k]));
done:
    tl_crs_map_free(to_grid);
    return err;
}

static tl_err add_place(struct tl_ctx *ctx, struct tl_vector_writer *writer, const struct job *job,
                        int64_t k)
{
    char text[9][32];
    const struct tl_survey_region *r = &job->plan.regions[k];
    const struct place *p = &job->places[k];
    const double numbers[] = {r->hours,    r->area_m2,     r->coverage,
                              p->expected, r->items_found, r->loss_reduction / r->hours,
                              p->p_any};
    const char *values[10];
    snprintf(text[0], sizeof text[0], "%lld", (long long)k + 1);
    snprintf(text[1], sizeof text[1], "%d", r->passes);
    for (int c = 0; c < 7; c++)
        snprintf(text[2 + c], sizeof text[2 + c], "%.8g", numbers[c]);
    for (int c = 0; c < 9; c++)
        values[c] = text[c];
    values[9] = p->words;
    return tl_vector_add(ctx, writer, values, p->wkb, p->wkb_bytes);
}

static tl_err write_places(struct tl_ctx *ctx, struct tl_project *project, const struct job *job,
                           const char *out)
{
    static const struct tl_vector_field fields[] = {
        {"rank", TL_VECTOR_INTEGER},     {"passes", TL_VECTOR_INTEGER},
        {"hours", TL_VECTOR_REAL},       {"area_m2", TL_VECTOR_REAL},
        {"coverage", TL_VECTOR_REAL},    {"items_expected", TL_VECTOR_REAL},
        {"items_found", TL_VECTOR_REAL}, {"loss_reduction_per_hour", TL_VECTOR_REAL},
        {"p_any_mean", TL_VECTOR_REAL},  {"words", TL_VECTOR_TEXT}};
    struct tl_vector_writer *writer = NULL;
    tl_err err = tl_vector_create(ctx, out, "GeoJSON", "next", "any", tl_project_crs(project),
                                  sizeof fields / sizeof fields[0], fields, &writer);
    if (err != TL_OK)
        return err;
    for (int64_t k = 0; k < job->plan.n && err == TL_OK; k++)
        err = add_place(ctx, writer, job, k);
    tl_err end = tl_vector_finish(ctx, writer, err == TL_OK);
    return err != TL_OK ? err : end;
}

static json_t *doubt_json(const struct job *job, const struct place *place)
{
    const struct tl_survey_doubted *d = &place->doubted;
    if (d->area < 0)
        return json_null();
    const struct tl_survey_doubt *most = &job->doubts.areas[d->area];
    return json_pack("{s:o, s:I, s:s, s:o, s:o}", "share", tl_json_number(d->share, DIGITS),
                     "areas", (json_int_t)d->n, "area", most->code, "holds",
                     tl_json_number(most->holds, DIGITS), "items_expected",
                     tl_json_number(d->items, DIGITS));
}

static json_t *places_json(const struct job *job)
{
    json_t *list = json_array();
    for (int64_t k = 0; k < job->plan.n; k++) {
        const struct tl_survey_region *r = &job->plan.regions[k];
        const struct place *p = &job->places[k];
        json_array_append_new(
            list,
            json_pack(
                "{s:I, s:o, s:o, s:s, s:o, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s}",
                "rank", (json_int_t)k + 1, "lon", tl_json_number(p->lon_deg, 9), "lat",
                tl_json_number(p->lat_deg, 9), "mgrs", p->mgrs, "area_m2",
                tl_json_number(r->area_m2, DIGITS), "cells", (json_int_t)r->n, "passes",
                (json_int_t)r->passes, "coverage", tl_json_number(r->coverage, DIGITS), "hours",
                tl_json_number(r->hours, DIGITS), "items_expected",
                tl_json_number(p->expected, DIGITS), "items_found",
                tl_json_number(r->items_found, DIGITS), "loss_reduction",
                tl_json_number(r->loss_reduction, DIGITS), "loss_reduction_per_hour",
                tl_json_number(r->loss_reduction / r->hours, DIGITS), "p_any_mean",
                tl_json_number(p->p_any, DIGITS), "in_doubt", doubt_json(job, p), "words",
                p->words));
    }
    return list;
}

static json_t *method_json(const struct job *job)
{
    const struct tl_survey_worth *w = &job->worth;
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:s, s:s, s:s, s:s, s:s}", "name", w->method.name,
                     "detectable", tl_json_number(w->detectable, DIGITS), "per_pass",
                     tl_json_number(w->per_pass, DIGITS), "m2_per_hour",
                     tl_json_number(w->m2_per_hour, DIGITS), "hours_per_day",
                     tl_json_number(w->hours_per_day, DIGITS), "source", w->method.source,
                     "pace_source", w->method.pace_source, "vegetation", w->vegetation, "slope",
                     w->slope, "terrain_source", w->method.terrain_source);
}

static json_t *job_json(const struct job *job, const char *out)
{
    const struct tl_survey_worth *w = &job->worth;
    return json_pack(
        "{s:s, s:s, s:I, s:s, s:s, s:o, s:o, s:o, s:I, s:I, s:{s:o, s:o}, s:{s:{s:o, s:I}, "
        "s:o}, s:{s:o, s:o, s:o, s:o}, s:o, s:{s:I, s:I}, s:s?}",
        "schema", "tilth.next/1", "program", "tilth " TILTH_VERSION, "map", (json_int_t)w->run_id,
        "group", w->group[0] == '\0' ? "all" : w->group, "loss",
        job->next->items_only ? "items" : "items x use", "hours",
        tl_json_number(job->next->hours, DIGITS), "method", method_json(job), "min_area_m2",
        tl_json_number(job->options.min_area_m2, DIGITS), "n_max", (json_int_t)job->options.n_max,
        "seed", (json_int_t)job->next->seed, "remaining", "items",
        tl_json_number(w->items_total, DIGITS), "loss", tl_json_number(w->loss_total, DIGITS),
        "optimum", "koopman", "loss_reduction", tl_json_number(job->koopman, DIGITS), "cells",
        (json_int_t)job->koopman_cells, "whole_passes",
        tl_json_number(job->plan.whole_passes, DIGITS), "gathered", "hours",
        tl_json_number(job->plan.hours, DIGITS), "items_found",
        tl_json_number(job->plan.items_found, DIGITS), "loss_reduction",
        tl_json_number(job->plan.loss_reduction, DIGITS), "share_of_whole_passes",
        tl_json_number(job->plan.loss_reduction / job->plan.whole_passes, DIGITS), "places",
        places_json(job), "suspected_areas", "in_doubt", (json_int_t)job->doubts.n, "not_assessed",
        (json_int_t)job->doubts.n_unknown, "out", out);
}

/* What the order takes for granted. */
static tl_err say_doubts(struct tl_ctx *ctx, const struct job *job, struct tl_buf *buf)
{
    tl_err err = TL_OK;
    bool any = false;
    for (int64_t k = 0; k < job->plan.n; k++)
        any = any || job->places[k].doubted.area >= 0;
    if (any)
        TL_TRY(tl_buf_add(
            ctx, buf,
            "The order takes every suspicion as true. Where one is in doubt, non-technical survey "
            "may settle it with fewer hours than a search.\n"));
    if (job->doubts.n_unknown > 0)
        TL_TRY(tl_buf_printf(
            ctx, buf,
            "Of %lld suspected area%s no assessment is kept, so nothing is said of %s doubt.\n",
            (long long)job->doubts.n_unknown, job->doubts.n_unknown == 1 ? "" : "s",
            job->doubts.n_unknown == 1 ? "its" : "their"));
done:
    return err;
}

static tl_err say(struct tl_ctx *ctx, const struct job *job, const char *out, struct tl_buf *buf)
{
    tl_err err = TL_OK;
    char a[40], b[40], c[40], d[40];
    const struct tl_survey_worth *w = &job->worth;
    TL_TRY(tl_buf_printf(
        ctx, buf,
        "Where %s hours of %s (%s m2 an hour) are expected to take away most of the %s.\n",
        tl_text_number(job->next->hours, a), w->method.name, tl_text_number(w->m2_per_hour, b),
        job->next->items_only ? "items that remain"
        : w->has_places       ? "items that remain, weighed with how much people use the land"
                        : "items that remain (no places are known, so all land counts alike)"));
    for (int64_t k = 0; k < job->plan.n; k++)
        TL_TRY(tl_buf_printf(ctx, buf, "%4lld. %10.5f %9.5f  %s.\n", (long long)k + 1,
                             job->places[k].lon_deg, job->places[k].lat_deg, job->places[k].words));
    TL_TRY(tl_buf_printf(
        ctx, buf,
        "In all %s hours, %s items expected to be found of %s that remain in the map. Gathered "
        "into "
        "places, that is %s of what whole passes over single cells could do.\n",
        tl_text_number(job->plan.hours, a), tl_text_number(job->plan.items_found, b),
        tl_text_number(w->items_total, c),
        tl_text_percent(job->plan.loss_reduction / job->plan.whole_passes, 3, d)));
    TL_TRY(tl_buf_printf(
        ctx, buf,
        "Assumed: a pass finds %s of what %s can find at all (%s where it never was); "
        "its pace is that of ground with vegetation: %s, slope: %s. After each find the map should "
        "be made "
        "anew.\n",
        tl_text_percent(w->per_pass, 3, a), w->method.name, tl_text_percent(w->detectable, 3, b),
        w->vegetation, w->slope));
    TL_TRY(say_doubts(ctx, job, buf));
    if (out != NULL)
        TL_TRY(tl_buf_printf(ctx, buf, "Written: %s\n", out));
    TL_TRY(tl_buf_add(
        ctx, buf,
        "Ground that is not listed is not free of explosive ordnance; it comes later.\n"));
done:
    return err;
}

tl_err tl_survey_next(struct tl_ctx *ctx, struct tl_project *project,
                      const struct tl_survey_next *next, const char *out, bool overwrite,
                      char **json, char **words)
{
    tl_err err = TL_OK;
    struct job job = {.next = next};
    struct tl_buf buf = {0};
    json_t *value = NULL;
    char *text = NULL;
    TL_TRY(check(ctx, next, out, overwrite));
    TL_TRY(solve(ctx, project, &job));
    TL_TRY(say(ctx, &job, out, &buf));
    value = job_json(&job, out);
    if (value == NULL)
        TL_THROW(ctx, TL_ENOMEM, "the JSON could not be made");
    TL_TRY(tl_json_text(ctx, value, &text));
    if (out != NULL)
        TL_TRY(write_places(ctx, project, &job, out));
    *json = text;
    *words = buf.text;
    text = NULL;
    buf = (struct tl_buf){0};
done:
    json_decref(value);
    tl_free(text);
    tl_buf_fini(&buf);
    for (int64_t k = 0; job.places != NULL && k < job.plan.n; k++)
        tl_free(job.places[k].wkb);
    tl_free(job.places);
    tl_survey_doubts_fini(&job.doubts);
    tl_survey_regions_fini(&job.plan);
    tl_survey_worth_fini(&job.worth);
    return err;
}
