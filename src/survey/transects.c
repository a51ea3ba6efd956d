/*
 * The command behind `tilth survey transects`: the design solved, lines laid over an area, files, figures and words. Bearings that people
 * give and read are from true north; the grid's north is another one, so both are told apart at the area's middle.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/json.h"
#include "core/text.h"
#include "geo/vector.h"
#include "survey/lines.h"
#include "tilth/coord.h"

enum { DIGITS = 8, LINE_BYTES = 41 };
static const double FAR_M = 100.0; /* over which a bearing is turned into the grid's */
static const double M2_PER_HA = 10000.0;

struct job {
    const struct tl_survey_design *design;
    const struct tl_survey_lines *lines;
    struct tl_survey_answer answer;
    bool has_area;
    struct tl_survey_area area;     /* owns */
    struct tl_survey_layout layout; /* owns */
    double *ends_deg;               /* owns: [n_segments][4] lon, lat of both ends */
    double bearing_deg;             /* of the first line, from true north, 0..180 */
    double p_even;                  /* NaN unless the start is even */
    double covered_m2;
    double m2_per_day, m2_per_day_low, m2_per_day_high; /* NaN = not known */
    char pace_source[256];
};

/* Bearing from true north at the area's middle to a direction in the grid. */
static double to_grid(const struct job *job, double bearing_deg)
{
    double lon = job->area.x, lat = job->area.y, x, y;
    tl_crs_map_points_back(job->area.to_grid, 1, &lon, &lat, NULL);
    tl_coord_destination(lon, lat, bearing_deg, FAR_M, &x, &y);
    tl_crs_map_points(job->area.to_grid, 1, &x, &y, NULL);
    return atan2(x - job->area.x, y - job->area.y);
}

static double to_bearing(const struct job *job, double direction_rad)
{
    double lon[2] = {job->area.x, job->area.x + FAR_M * sin(direction_rad)};
    double lat[2] = {job->area.y, job->area.y + FAR_M * cos(direction_rad)};
    double distance, bearing;
    tl_crs_map_points_back(job->area.to_grid, 2, lon, lat, NULL);
    tl_coord_distance(lon[0], lat[0], lon[1], lat[1], &distance, &bearing);
    bearing = fmod(bearing, 180.0);
    return bearing < 0.0 ? bearing + 180.0 : bearing;
}

static tl_err find_pace(struct tl_ctx *ctx, struct tl_project *project, struct job *job)
{
    struct tl_method method;
    const struct tl_survey_lines *lines = job->lines;
    job->m2_per_day = lines->m2_per_day;
    job->m2_per_day_low = job->m2_per_day_high = (double)NAN;
    if (!isnan(lines->m2_per_day) && !(lines->m2_per_day > 0.0 && isfinite(lines->m2_per_day)))
        return tl_fail(ctx, TL_EDATA, "a pace of %g m2 per day; expected more than 0",
                       lines->m2_per_day);
    if (!isnan(lines->m2_per_day))
        snprintf(job->pace_source, sizeof job->pace_source, "given");
    if (lines->method == NULL)
        return TL_OK;
    tl_err err = tl_survey_method(ctx, project, lines->method, "", &method);
    if (err != TL_OK || !isnan(lines->m2_per_day))
        return err;
    job->m2_per_day = method.m2_per_day;
    job->m2_per_day_low = method.m2_per_day_low;
    job->m2_per_day_high = method.m2_per_day_high;
    snprintf(job->pace_source, sizeof job->pace_source, "%s", method.pace_source);
    return TL_OK;
}

static tl_err lay(struct tl_ctx *ctx, struct tl_project *project, struct job *job)
{
    tl_err err = TL_OK;
    const struct tl_survey_lines *lines = job->lines;
    const struct tl_survey_design *d = job->design;
    TL_TRY(tl_survey_area_init(ctx, project, lines->area, lines->polygon, &job->area));
    if (isinf(lines->bearing_deg))
        TL_THROW(ctx, TL_EDATA, "a bearing of %g degrees; expected a finite one",
                 lines->bearing_deg);
    double direction = isnan(lines->bearing_deg) ? (double)NAN : to_grid(job, lines->bearing_deg);
    TL_TRY(tl_survey_lines_lay(ctx, &job->area, direction, job->answer.spacing_m, lines->start,
                               lines->seed, &job->layout));
    job->bearing_deg = to_bearing(job, job->layout.direction_rad);
    job->covered_m2 = fmin(job->layout.length_m * d->swath_m, job->area.area_m2);
    if (lines->start == TL_SURVEY_START_EVEN)
        job->p_even = tl_survey_traverse_even(&d->target, d->swath_m, job->answer.spacing_m,
                                              job->layout.across_m);
    TL_TRY_ALLOC(ctx, job->ends_deg, 4 * job->layout.n_segments);
    for (int64_t k = 0; k < job->layout.n_segments; k++) {
        const struct tl_survey_segment *s = &job->layout.segments[k];
        double lon[2] = {s->from[0], s->to[0]}, lat[2] = {s->from[1], s->to[1]};
        tl_crs_map_points_back(job->area.to_grid, 2, lon, lat, NULL);
        for (int e = 0; e < 2; e++) {
            job->ends_deg[4 * k + 2 * e] = lon[e];
            job->ends_deg[4 * k + 2 * e + 1] = lat[e];
        }
    }
done:
    return err;
}

static void segment_name(const struct job *job, int64_t k, char name[32])
{
    int digits = snprintf(NULL, 0, "%lld", (long long)job->layout.n_segments);
    snprintf(name, 32, "T%0*lld", digits > 3 ? digits : 3, (long long)k + 1);
}

static tl_err add_segment(struct tl_ctx *ctx, struct tl_vector_writer *writer,
                          const struct job *job, int64_t k, bool is_gpx)
{
    unsigned char wkb[LINE_BYTES];
    char name[32], n[24], transect[24], length[32], words[64];
    const uint32_t type = 2, points = 2;
    const struct tl_survey_segment *s = &job->layout.segments[k];
    segment_name(job, k, name);
    snprintf(n, sizeof n, "%lld", (long long)k + 1);
    snprintf(transect, sizeof transect, "%lld", (long long)s->transect);
    snprintf(length, sizeof length, "%.2f", s->length_m);
    snprintf(words, sizeof words, "%.0f m, transect %lld", s->length_m, (long long)s->transect);
    const char *for_gpx[] = {name, words}, *for_geojson[] = {n, name, transect, length};
    wkb[0] = 1;
    memcpy(wkb + 1, &type, 4);
    memcpy(wkb + 5, &points, 4);
    memcpy(wkb + 9, job->ends_deg + 4 * k, 32);
    return tl_vector_add(ctx, writer, is_gpx ? for_gpx : for_geojson, wkb, sizeof wkb);
}

static tl_err write_lines(struct tl_ctx *ctx, const struct job *job, const char *out)
{
    static const struct tl_vector_field gpx[] = {{"name", TL_VECTOR_TEXT},
                                                 {"desc", TL_VECTOR_TEXT}};
    static const struct tl_vector_field geojson[] = {{"n", TL_VECTOR_INTEGER},
                                                     {"name", TL_VECTOR_TEXT},
                                                     {"transect", TL_VECTOR_INTEGER},
                                                     {"length_m", TL_VECTOR_REAL}};
    struct tl_vector_writer *writer = NULL;
    bool is_gpx = tl_survey_ends_with(out, ".gpx");
    tl_err err = tl_vector_create(ctx, out, is_gpx ? "GPX" : "GeoJSON", "transects", "line",
                                  "EPSG:4326", is_gpx ? 2 : 4, is_gpx ? gpx : geojson, &writer);
    if (err != TL_OK)
        return err;
    for (int64_t k = 0; k < job->layout.n_segments && err == TL_OK; k++)
        err = add_segment(ctx, writer, job, k, is_gpx);
    tl_err end = tl_vector_finish(ctx, writer, err == TL_OK);
    return err != TL_OK ? err : end;
}

static json_t *segments_json(const struct job *job)
{
    json_t *list = json_array();
    for (int64_t k = 0; k < job->layout.n_segments; k++) {
        const struct tl_survey_segment *s = &job->layout.segments[k];
        const double *e = job->ends_deg + 4 * k;
        char name[32];
        segment_name(job, k, name);
        json_array_append_new(
            list, json_pack("{s:I, s:s, s:I, s:o, s:[o, o], s:[o, o]}", "n", (json_int_t)k + 1,
                            "name", name, "transect", (json_int_t)s->transect, "length_m",
                            tl_json_number(s->length_m, DIGITS), "from", tl_json_number(e[0], 10),
                            tl_json_number(e[1], 10), "to", tl_json_number(e[2], 10),
                            tl_json_number(e[3], 10)));
    }
    return list;
}

static json_t *lines_json(const struct job *job, const char *out)
{
    const struct tl_survey_layout *l = &job->layout;
    double days = job->covered_m2 / job->m2_per_day;
    if (!job->has_area)
        return json_null();
    return json_pack(
        "{s:s, s:o, s:s, s:I, s:o, s:o, s:I, s:I, s:o, s:o, s:o, s:{s:s?, s:o, s:s}, s:o, s:o, "
        "s:o, s:s?, s:o}",
        "area", job->area.name, "area_m2", tl_json_number(job->area.area_m2, DIGITS), "start",
        job->lines->start == TL_SURVEY_START_EVEN ? "even" : "random", "seed",
        (json_int_t)job->lines->seed, "bearing_deg", tl_json_number(job->bearing_deg, DIGITS),
        "across_m", tl_json_number(l->across_m, DIGITS), "n_transects", (json_int_t)l->n_transects,
        "n_lines", (json_int_t)l->n_segments, "length_m", tl_json_number(l->length_m, DIGITS),
        "covered_m2", tl_json_number(job->covered_m2, DIGITS), "covered_share",
        tl_json_number(job->covered_m2 / job->area.area_m2, DIGITS), "pace", "method",
        job->lines->method, "m2_per_day", tl_json_number(job->m2_per_day, DIGITS), "source",
        job->pace_source, "days", tl_json_number(days, DIGITS), "days_low",
        tl_json_number(job->covered_m2 / job->m2_per_day_high, DIGITS), "days_high",
        tl_json_number(job->covered_m2 / job->m2_per_day_low, DIGITS), "out", out, "lines",
        segments_json(job));
}

static json_t *job_json(const struct job *job, const char *out)
{
    const struct tl_survey_design *d = job->design;
    const struct tl_survey_answer *a = &job->answer;
    bool tells = !isnan(d->density_per_m2);
    return json_pack(
        "{s:s, s:s, s:{s:o, s:o, s:o}, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s?, s:o, s:o, s:o, "
        "s:o, s:o}",
        "schema", "tilth.transects/1", "program", "tilth " TILTH_VERSION, "target", "length_m",
        tl_json_number(d->target.length_m, DIGITS), "width_m",
        tl_json_number(d->target.width_m, DIGITS), "angle_deg",
        tl_json_number(d->target.angle_deg, DIGITS), "swath_m", tl_json_number(d->swath_m, DIGITS),
        "spacing_m", tl_json_number(a->spacing_m, DIGITS), "wanted",
        d->probability > 0.0 ? tl_json_number(d->probability, DIGITS) : json_null(),
        "density_per_m2", tl_json_number(d->density_per_m2, DIGITS), "background_per_m2",
        tells ? tl_json_number(d->background_per_m2, DIGITS) : json_null(), "detection",
        tells ? tl_json_number(d->detection, DIGITS) : json_null(), "false_alarm",
        tells ? tl_json_number(d->false_alarm, DIGITS) : json_null(), "density",
        !tells              ? NULL
        : d->normal_density ? "normal"
                            : "even",
        "p_traverse", tl_json_number(a->p_traverse, DIGITS), "p_traverse_even",
        tl_json_number(job->p_even, DIGITS), "p_detect", tl_json_number(a->p_detect, DIGITS),
        "rule",
        tells ? json_pack("{s:o, s:o}", "critical_count", tl_json_number(a->critical_count, DIGITS),
                          "window_m", tl_json_number(a->window_m, DIGITS))
              : json_null(),
        "layout", lines_json(job, out));
}

static tl_err say_design(struct tl_ctx *ctx, const struct job *job, struct tl_buf *buf)
{
    tl_err err = TL_OK;
    char a[40], b[40], c[40], p[40];
    const struct tl_survey_design *d = job->design;
    const struct tl_survey_answer *s = &job->answer;
    TL_TRY(tl_buf_printf(ctx, buf, "Transects %s m wide every %s m (centre to centre).\n",
                         tl_text_number(d->swath_m, a), tl_text_number(s->spacing_m, b)));
    bool is_circle = d->target.length_m == d->target.width_m;
    TL_TRY(is_circle
               ? tl_buf_printf(ctx, buf, "A circle of %s m", tl_text_number(d->target.length_m, a))
               : tl_buf_printf(ctx, buf, "A target of %s m by %s m ",
                               tl_text_number(d->target.length_m, a),
                               tl_text_number(d->target.width_m, b)));
    if (is_circle)
        TL_TRY(tl_buf_add(ctx, buf, " across"));
    else if (isnan(d->target.angle_deg))
        TL_TRY(tl_buf_add(ctx, buf, "in any orientation"));
    else
        TL_TRY(tl_buf_printf(ctx, buf, "whose long axis makes %s degrees with them",
                             tl_text_number(d->target.angle_deg, a)));
    TL_TRY(tl_buf_printf(ctx, buf, " is crossed with a probability of %s (random start).\n",
                         tl_text_percent(s->p_traverse, 3, a)));
    if (!isnan(job->p_even))
        TL_TRY(tl_buf_printf(ctx, buf,
                             "Laid evenly over %s m, they cross it with %s, its centre "
                             "anywhere in that breadth.\n",
                             tl_text_number(job->layout.across_m, a),
                             tl_text_percent(job->p_even, 3, b)));
    if (isnan(s->p_detect))
        goto done;
    TL_TRY(tl_buf_printf(
        ctx, buf,
        "It is crossed and told from background with %s: an alarm is %s or more items in %s "
        "m along a transect; background alone gives one in at most %s of such windows.\n",
        tl_text_percent(s->p_detect, 3, p), tl_text_number(s->critical_count, a),
        tl_text_number(s->window_m, b), tl_text_percent(d->false_alarm, 3, c)));
    TL_TRY(tl_buf_printf(ctx, buf,
                         "Assumed: %s items per m2 in the target on average, %s, background %s per "
                         "m2, each item in a transect seen with %s.\n",
                         tl_text_number(d->density_per_m2, a),
                         d->normal_density ? "densest in its middle" : "evenly spread",
                         tl_text_number(d->background_per_m2, c),
                         tl_text_percent(d->detection, 3, p)));
done:
    return err;
}

static tl_err say_lines(struct tl_ctx *ctx, const struct job *job, const char *out,
                        struct tl_buf *buf)
{
    tl_err err = TL_OK;
    char a[40], b[40], c[40], e[40];
    const struct tl_survey_layout *l = &job->layout;
    TL_TRY(tl_buf_printf(
        ctx, buf,
        "%s (%s ha): %lld transects in %lld lines, bearing %.1f degrees, %s m in all, covering %s "
        "m2 (%s of the area).\n",
        job->area.name, tl_text_number(job->area.area_m2 / M2_PER_HA, a), (long long)l->n_transects,
        (long long)l->n_segments, job->bearing_deg, tl_text_number(l->length_m, b),
        tl_text_number(job->covered_m2, c),
        tl_text_percent(job->covered_m2 / job->area.area_m2, 3, e)));
    if (isnan(job->m2_per_day))
        TL_TRY(
            tl_buf_add(ctx, buf,
                       "Days are not told, because the pace is not known: give a method that has "
                       "one (`tilth methods --edit`).\n"));
    else
        TL_TRY(tl_buf_printf(ctx, buf, "Days of work: %s, at %s m2 a day%s%s.\n",
                             tl_text_number(job->covered_m2 / job->m2_per_day, a),
                             tl_text_number(job->m2_per_day, e),
                             job->pace_source[0] == '\0' ? "" : ": ", job->pace_source));
    if (job->lines->start == TL_SURVEY_START_RANDOM)
        TL_TRY(tl_buf_printf(ctx, buf, "Random start with seed %llu.\n",
                             (unsigned long long)job->lines->seed));
    if (out != NULL)
        TL_TRY(tl_buf_printf(ctx, buf, "Written: %s\n", out));
    TL_TRY(tl_buf_add(ctx, buf,
                      "Ground between the transects is not searched, and finding nothing on them "
                      "is not a statement that it holds nothing.\n"));
done:
    return err;
}

static tl_err check(struct tl_ctx *ctx, const char *out, bool overwrite, bool has_area)
{
    if (out != NULL && !tl_survey_ends_with(out, ".gpx") && !tl_survey_ends_with(out, ".geojson"))
        return tl_fail(ctx, TL_EUSAGE, "%s: lines are written as .geojson or .gpx", out);
    if (out != NULL && !has_area)
        return tl_fail(ctx, TL_EUSAGE, "%s: lines need an area to be laid over", out);
    return tl_survey_may_write(ctx, out, overwrite);
}

tl_err tl_survey_transects(struct tl_ctx *ctx, struct tl_project *project,
                           const struct tl_survey_design *design,
                           const struct tl_survey_lines *lines, const char *out, bool overwrite,
                           char **json, char **words)
{
    tl_err err = TL_OK;
    struct job job = {.design = design, .lines = lines, .p_even = (double)NAN};
    struct tl_buf buf = {0};
    json_t *value = NULL;
    char *text = NULL;
    job.has_area = lines->area != NULL || lines->polygon != NULL;
    TL_TRY(check(ctx, out, overwrite, job.has_area));
    TL_TRY(tl_survey_design_solve(ctx, design, &job.answer));
    if (job.has_area) {
        TL_TRY(find_pace(ctx, project, &job));
        TL_TRY(lay(ctx, project, &job));
    }
    TL_TRY(say_design(ctx, &job, &buf));
    if (job.has_area)
        TL_TRY(say_lines(ctx, &job, out, &buf));
    value = job_json(&job, out);
    if (value == NULL)
        TL_THROW(ctx, TL_ENOMEM, "the JSON could not be made");
    TL_TRY(tl_json_text(ctx, value, &text));
    if (out != NULL)
        TL_TRY(write_lines(ctx, &job, out));
    *json = text;
    *words = buf.text;
    text = NULL;
    buf = (struct tl_buf){0};
done:
    json_decref(value);
    tl_free(text);
    tl_buf_fini(&buf);
    tl_free(job.ends_deg);
    tl_survey_lines_fini(&job.layout);
    tl_survey_area_fini(&job.area);
    return err;
}
