/*
 * Assessments on request: of a registered area, or of a polygon that was drawn or typed. What was asked for is kept in memory until the project changes, by the
 * whole question (area or polygon, options, what-ifs), so that the same question is answered at once.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/hash.h"
#include "serve/api.h"
#include "serve/asks.h"
#include "serve/cases.h"
#include "serve/reads.h"
#include "tilth/coord.h"
#include "tilth/geometry.h"
#include "tilth/release.h"

enum { WHAT_IF_MAX = 32, LEGS_MAX = 500, DRAWS_MIN = 128, DRAWS_MAX = 20000, PASSES_MAX = 20 };

struct question {
    struct tl_release_options options;
    struct tl_release_what_if what_if[WHAT_IF_MAX];
    int64_t n_steps; /* in what_if */
    void *wkb;       /* owns */
    bool keep;
    double closure_m; /* of a traverse; NaN = none */
};

static tl_err bad(struct tl_call *call, const char *what)
{
    return tl_fail(call->ctx, TL_EUSAGE, "%s", what);
}

static tl_err read_steps(struct tl_call *call, const char *name, struct question *q)
{
    const json_t *list = json_object_get(call->json, name);
    size_t i;
    json_t *one;
    if (list == NULL || json_is_null(list))
        return TL_OK;
    if (!json_is_array(list) || json_array_size(list) > WHAT_IF_MAX)
        return tl_fail(call->ctx, TL_EUSAGE,
                       "%s: expected a list of at most %d of {method, passes}", name, WHAT_IF_MAX);
    json_array_foreach(list, i, one)
    {
        const char *method = json_string_value(json_object_get(one, "method"));
        const json_t *passes = json_object_get(one, "passes");
        struct tl_release_what_if *to = &q->what_if[i];
        if (method == NULL || method[0] == '\0' || strlen(method) >= sizeof to->method ||
            !json_is_integer(passes) || json_integer_value(passes) < 1 ||
            json_integer_value(passes) > PASSES_MAX)
            return tl_fail(call->ctx, TL_EUSAGE,
                           "%s: expected a method's name and 1 to %d passes in each", name,
                           PASSES_MAX);
        snprintf(to->method, sizeof to->method, "%s", method);
        to->passes = (int32_t)json_integer_value(passes);
    }
    q->n_steps = (int64_t)json_array_size(list);
    return TL_OK;
}

static tl_err read_options(struct tl_call *call, struct question *q)
{
    struct tl_release_options *o = &q->options;
    int64_t seed = 1;
    tl_err err = TL_OK;
    *o = tl_release_options_default();
    o->language = call->language;
    TL_TRY(tl_call_member_number(call, "depth_cm", false, 1, 1000, &o->depth_cm));
    TL_TRY(tl_call_member_choice(call, "group", false, "all|mines|erw", &o->group));
    TL_TRY(tl_call_member_choice(call, "vegetation", false, "none|light|medium|dense",
                                 &o->vegetation));
    TL_TRY(tl_call_member_choice(call, "slope", false, "flat|moderate|steep", &o->slope));
    TL_TRY(tl_call_member_choice(call, "language", false, "en|uk", &o->language));
    TL_TRY(tl_call_member_integer(call, "draws", false, DRAWS_MIN, DRAWS_MAX, &o->n_draws));
    TL_TRY(tl_call_member_integer(call, "seed", false, 0, INT64_C(9000000000000000), &seed));
    o->seed = (uint64_t)seed;
done:
    return err;
}

/* Each of them alone, in the assessment itself. */
static tl_err read_what_if(struct tl_call *call, struct question *q)
{
    tl_err err = read_steps(call, "what_if", q);
    if (err == TL_OK && q->n_steps > 0) {
        q->options.what_if = q->what_if;
        q->options.n_what_if = q->n_steps;
    }
    return err;
}

/* The question as text: what is answered by it is the same as long as the project is. */
static tl_err key_of(struct tl_call *call, const char *code, char key[TL_HASH_HEX])
{
    char *text = NULL;
    json_t *question = json_pack("{s:s, s:s}", "code", code, "language", call->language);
    if (question == NULL)
        return tl_fail(call->ctx, TL_ENOMEM, "no memory for a question");
    json_t *body = json_copy(call->json);
    json_object_del(body, "keep");
    json_object_del(body, "steps"); /* asked of one and the same assessment */
    json_object_set_new(question, "body", body);
    tl_err err = tl_json_line(call->ctx, question, &text);
    if (err == TL_OK) {
        tl_hash_of(text, (int64_t)strlen(text), key);
    }
    json_decref(question);
    tl_free(text);
    return err;
}

/* Keeping is a write; the assessment itself is made on the reading handle, so that nobody waits for it. */
static tl_err keep(struct tl_call *call, const char *code, const struct tl_seat_stamp *stamp,
                   const char *text)
{
    struct tl_project *project = NULL;
    char hash[TL_HASH_HEX];
    bool writing = false;
    tl_err err = TL_OK;
    struct tl_seat_stamp before, after;
    bool alone = false;
    json_t *json = json_loads(text, 0, NULL);
    const char *evidence = json_string_value(json_object_get(json, "evidence_hash"));
    const char *area = json_string_value(json_object_get(json_object_get(json, "area"), "code"));
    tl_hash_of(text, (int64_t)strlen(text), hash);
    if (evidence == NULL || area == NULL)
        TL_THROW(call->ctx, TL_EBUG, "the assessment of %s has no hash of its evidence", code);
    TL_TRY(tl_seat_begin_write(call, &project));
    writing = true;
    TL_TRY(tl_project_begin(call->ctx, project)); /* from here on nobody else writes */
    TL_TRY(tl_seat_stamp(call->ctx, call->serve->project, &before));
    alone = tl_seat_stamp_same(&before, stamp);
    TL_TRY(tl_decision_keep_assessment(call->ctx, project, area, hash, evidence, text));
    TL_TRY(tl_project_commit(call->ctx, project));
    TL_TRY(tl_seat_stamp(call->ctx, call->serve->project, &after));
    if (alone) { /* that an assessment is kept changes none */
        tl_cases_restamp(call->serve->cases, &before, &after);
        tl_asks_restamp(call->serve->asks, &before, &after);
    }
done:
    if (writing)
        tl_seat_end_write(call, project);
    json_decref(json);
    return err;
}

static tl_err answer(struct tl_call *call, struct question *q, const char *code)
{
    struct tl_project *project = NULL;
    struct tl_release_result result = {0};
    struct tl_seat_stamp stamp;
    char key[TL_HASH_HEX], *text = NULL;
    tl_err err = TL_OK;
    TL_TRY(key_of(call, code, key));
    TL_TRY(tl_call_project(call, &project));
    TL_TRY(tl_seat_stamp(call->ctx, call->serve->project, &stamp));
    TL_TRY(tl_cases_find(call->ctx, call->serve->cases, key, &stamp, &text));
    if (text == NULL) {
        TL_TRY(tl_release_assess(call->ctx, project, &q->options, &result));
        text = result.json;
        result.json = NULL;
        TL_TRY(tl_cases_keep(call->ctx, call->serve->cases, key, &stamp, text));
    }
    TL_TRY(tl_reads_note(call, "assess", "hazard-area", code, 1));
    if (q->keep)
        TL_TRY(keep(call, code, &stamp, text));
    if (isfinite(q->closure_m))
        TL_TRY(tl_call_header(call, "X-Closure-M", "%.2f", q->closure_m));
    TL_TRY(tl_call_text_json(call, 200, text));
    text = NULL;
done:
    tl_free(text);
    tl_release_result_fini(&result);
    return err;
}

tl_err tl_api_assess_area(struct tl_call *call)
{
    static const char *const members[] = {"depth_cm", "group", "vegetation", "slope", "language",
                                          "draws",    "seed",  "what_if",    "keep",  NULL};
    struct question q = {.closure_m = (double)NAN};
    const char *code = tl_call_text(call, "code");
    tl_err err = TL_OK;
    TL_TRY(tl_call_members(call, members));
    TL_TRY(read_options(call, &q));
    TL_TRY(read_what_if(call, &q));
    TL_TRY(tl_call_member_yesno(call, "keep", &q.keep));
    q.options.area = code;
    TL_TRY(answer(call, &q, code));
done:
    return err;
}

/* A bearing-and-distance traverse as a ring; what is missing at its end is closed by a straight side, and said. */
static tl_err read_traverse(struct tl_call *call, const json_t *traverse, struct question *q,
                            json_t **polygon)
{
    const json_t *start = json_object_get(traverse, "start"),
                 *legs = json_object_get(traverse, "legs");
    const json_t *declination = json_object_get(traverse, "declination_deg");
    double lon = json_number_value(json_array_get(start, 0)),
           lat = json_number_value(json_array_get(start, 1));
    double lon0 = lon, lat0 = lat, turn = json_number_value(declination);
    size_t n = json_array_size(legs);
    if (!json_is_number(json_array_get(start, 0)) || !json_is_number(json_array_get(start, 1)) ||
        fabs(lon) > 180 || fabs(lat) > 89.9)
        return bad(call, "traverse: start: expected [lon, lat] in degrees");
    if (n < 2 || n > LEGS_MAX || !(fabs(turn) <= 180))
        return bad(call, "traverse: legs: expected 2 to 500 of {bearing_deg, distance_m}");
    json_t *ring = json_array();
    json_array_append_new(ring, json_pack("[f,f]", lon, lat));
    for (size_t i = 0; i < n; i++) {
        const json_t *bearing = json_object_get(json_array_get(legs, i), "bearing_deg");
        const json_t *distance = json_object_get(json_array_get(legs, i), "distance_m");
        if (!json_is_number(bearing) || !json_is_number(distance) ||
            !(fabs(json_number_value(bearing)) <= 360) || !(json_number_value(distance) > 0) ||
            !(json_number_value(distance) <= 1e5)) {
            json_decref(ring);
            return bad(call, "traverse: legs: expected a bearing of 0 to 360 degrees and a "
                             "distance of up to 100000 m in each");
        }
        tl_coord_destination(lon, lat, json_number_value(bearing) + turn,
                             json_number_value(distance), &lon, &lat);
        json_array_append_new(ring, json_pack("[f,f]", lon, lat));
    }
    tl_coord_distance(lon, lat, lon0, lat0, &q->closure_m, NULL);
    if (q->closure_m < 1 && n > 2) /* the last leg came back: it ends where it began */
        json_array_remove(ring, json_array_size(ring) - 1);
    json_array_append_new(ring, json_pack("[f,f]", lon0, lat0));
    *polygon = json_pack("{s:s, s:[o]}", "type", "Polygon", "coordinates", ring);
    return TL_OK;
}

/* The polygon of the body, drawn or as a traverse. */
static tl_err read_polygon(struct tl_call *call, struct question *q)
{
    const json_t *given = json_object_get(call->json, "polygon"),
                 *traverse = json_object_get(call->json, "traverse");
    json_t *polygon = NULL;
    char *text = NULL;
    tl_err err = TL_OK;
    if (json_is_object(given) == json_is_object(traverse))
        TL_THROW(call->ctx, TL_EUSAGE, "expected one of polygon (GeoJSON) and traverse");
    if (json_is_object(traverse))
        TL_TRY(read_traverse(call, traverse, q, &polygon));
    else
        polygon = json_deep_copy(given);
    const char *type = json_string_value(json_object_get(polygon, "type"));
    if (type == NULL || (strcmp(type, "Polygon") != 0 && strcmp(type, "MultiPolygon") != 0))
        TL_THROW(call->ctx, TL_EUSAGE, "polygon: expected a GeoJSON Polygon or MultiPolygon");
    TL_TRY(tl_json_line(call->ctx, polygon, &text));
    TL_TRY(tl_geometry_from_json(call->ctx, text, (int64_t)strlen(text), &q->wkb,
                                 &q->options.wkb_bytes));
    q->options.wkb = q->wkb;
done:
    json_decref(polygon);
    tl_free(text);
    return err;
}

tl_err tl_api_assess_polygon(struct tl_call *call)
{
    static const char *const members[] = {"polygon",    "traverse", "depth_cm", "group",
                                          "vegetation", "slope",    "language", "draws",
                                          "seed",       "what_if",  NULL};
    struct question q = {.closure_m = (double)NAN};
    tl_err err = TL_OK;
    TL_TRY(tl_call_members(call, members));
    TL_TRY(read_options(call, &q));
    TL_TRY(read_what_if(call, &q));
    TL_TRY(read_polygon(call, &q));
    TL_TRY(answer(call, &q, ""));
done:
    tl_free(q.wkb);
    return err;
}

/* A programme of work asked of the assessment: it stays in memory, so that the next question about it is answered at once. */
static tl_err answer_what_if(struct tl_call *call, struct question *q, const char *code)
{
    struct tl_project *project = NULL;
    struct tl_seat_stamp stamp;
    char key[TL_HASH_HEX], *json = NULL;
    tl_err err = TL_OK;
    TL_TRY(read_steps(call, "steps", q));
    TL_TRY(key_of(call, code, key));
    TL_TRY(tl_call_project(call, &project));
    TL_TRY(tl_seat_stamp(call->ctx, call->serve->project, &stamp));
    TL_TRY(tl_asks_what_if(call->ctx, call->serve->asks, project, key, &stamp, &q->options,
                           q->n_steps, q->what_if, &json));
    TL_TRY(tl_reads_note(call, "assess", "hazard-area", code, 1));
    TL_TRY(tl_call_text_json(call, 200, json));
    json = NULL;
done:
    tl_free(json);
    return err;
}

tl_err tl_api_what_if_area(struct tl_call *call)
{
    static const char *const members[] = {"depth_cm", "group", "vegetation", "slope", "language",
                                          "draws",    "seed",  "steps",      NULL};
    struct question q = {.closure_m = (double)NAN};
    tl_err err = TL_OK;
    TL_TRY(tl_call_members(call, members));
    TL_TRY(read_options(call, &q));
    q.options.area = tl_call_text(call, "code");
    TL_TRY(answer_what_if(call, &q, q.options.area));
done:
    return err;
}

tl_err tl_api_what_if_polygon(struct tl_call *call)
{
    static const char *const members[] = {"polygon",    "traverse", "depth_cm", "group",
                                          "vegetation", "slope",    "language", "draws",
                                          "seed",       "steps",    NULL};
    struct question q = {.closure_m = (double)NAN};
    tl_err err = TL_OK;
    TL_TRY(tl_call_members(call, members));
    TL_TRY(read_options(call, &q));
    TL_TRY(read_polygon(call, &q));
    TL_TRY(answer_what_if(call, &q, ""));
done:
    tl_free(q.wkb);
    return err;
}
