/* The table of search methods, as `tilth methods --json` gives it. */
#include <math.h>

#include "serve/api.h"
#include "serve/lang.h"

enum { DIGITS = 12 };

static json_t *number(double value)
{
    return tl_json_number(value, DIGITS);
}

static json_t *text_or_null(const char *text)
{
    return text[0] != '\0' ? json_string(text) : json_null();
}

static json_t *beta(double a, double b)
{
    return json_pack("{s:o, s:o, s:o}", "a", number(a), "b", number(b), "mean",
                     number(a / (a + b)));
}

static json_t *range(double typical, double low, double high, const char *source)
{
    return json_pack("{s:o, s:o, s:o, s:o}", "typical", number(typical), "low", number(low), "high",
                     number(high), "source", text_or_null(source));
}

static json_t *numbers(int n, const double *values)
{
    json_t *list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, number(values[i]));
    return list;
}

static json_t *factors(int n, const double *pace, const double *detection)
{
    return json_pack("{s:o, s:o}", "pace", numbers(n, pace), "detection", numbers(n, detection));
}

static json_t *method_json(const struct tl_method *m)
{
    double d = m->detectable_a / (m->detectable_a + m->detectable_b),
           q = m->per_pass_a / (m->per_pass_a + m->per_pass_b);
    json_t *json = json_object();
    json_object_set_new(json, "name", json_string(m->name));
    json_object_set_new(json, "group", text_or_null(m->group));
    json_object_set_new(json, "depth_cm", number(m->depth_cm));
    json_object_set_new(json, "soil", text_or_null(m->soil));
    json_object_set_new(json, "is_search", json_boolean(m->is_search));
    json_object_set_new(json, "is_assumption", json_boolean(m->is_assumption));
    json_object_set_new(json, "detectable", beta(m->detectable_a, m->detectable_b));
    json_object_set_new(json, "per_pass", beta(m->per_pass_a, m->per_pass_b));
    json_object_set_new(json, "one_pass", number(d * q));
    json_object_set_new(json, "repeat_correlation", number(tl_method_correlation(m)));
    json_object_set_new(json, "process_failure", number(m->process_failure));
    json_object_set_new(json, "process_failure_finds", number(m->process_failure_p));
    json_object_set_new(json, "source", json_string(m->source));
    json_object_set_new(
        json, "m2_per_day",
        range(m->m2_per_day, m->m2_per_day_low, m->m2_per_day_high, m->pace_source));
    json_object_set_new(
        json, "price_per_m2",
        range(m->price_per_m2, m->price_per_m2_low, m->price_per_m2_high, m->price_source));
    json_object_set_new(json, "currency", json_string(m->currency));
    json_object_set_new(json, "vegetation",
                        factors(TL_METHOD_VEGETATION, m->vegetation_pace, m->vegetation_detect));
    json_object_set_new(json, "slope", factors(TL_METHOD_SLOPE, m->slope_pace, m->slope_detect));
    json_object_set_new(json, "terrain_source", text_or_null(m->terrain_source));
    return json;
}

tl_err tl_api_methods(struct tl_call *call)
{
    struct tl_project *project = NULL;
    struct tl_method *methods = NULL;
    static const char *const words[] = {"source", NULL};
    json_t *list = json_array();
    int64_t n = 0;
    tl_err err = TL_OK;
    TL_TRY(tl_call_project(call, &project));
    TL_TRY(tl_project_methods(call->ctx, project, &methods, &n));
    for (int64_t i = 0; i < n; i++)
        json_array_append_new(list, method_json(&methods[i]));
    TL_TRY(tl_lang_members(call, list, words));
    TL_TRY(tl_call_json(call, 200,
                        json_pack("{s:s, s:s, s:n, s:O}", "schema", "tilth.methods/1", "project",
                                  tl_project_title(project), "edit", "methods", list)));
done:
    json_decref(list);
    tl_free(methods);
    return err;
}
