/* An assessment as JSON (tilth.assess/1): no clock in it, so that the same input, options and seed give the same bytes. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/retell.h"
#include "core/term.h"
#include "release/assess.h"

enum { DIGITS = 6 };

static json_t *number(double value)
{
    return tl_json_number(value, DIGITS);
}

static json_t *text(const char *s)
{
    return s == NULL || s[0] == '\0' ? json_null() : json_string(s);
}

static json_t *figure(struct tl_release_figure f, double scale)
{
    return json_pack("{s:o, s:o}", "value", number(f.value * scale), "mcse",
                     number(f.mcse * scale));
}

static json_t *search_json(const struct tl_release_case *c, const struct tl_local_search *s)
{
    const struct tl_method *row = &c->local.methods[s->takes_effort ? s->row : 0];
    bool known = s->takes_effort && strcmp(row->name, "unknown") != 0;
    return json_pack("{s:o, s:o, s:o, s:b, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
                     "code", text(s->code), "type", text(s->type), "method", text(s->method),
                     "method_known", (int)known, "passes", (int)s->passes, "depth_cm",
                     number(s->depth_cm), "date_start", text(s->date_start), "date_end",
                     text(s->date_end), "organisation", text(s->organisation), "team",
                     text(s->team), "task", text(s->task), "area_m2", number(s->area_m2), "share",
                     number(s->area_m2 / c->local.area_m2), "found", number(s->found));
}

static json_t *searches_json(const struct tl_release_case *c, bool inspections)
{
    json_t *list = json_array();
    for (int64_t k = 0; k < c->local.n_searches; k++) {
        const struct tl_local_search *s = &c->local.searches[k];
        if (s->area_m2 > 0.0 && s->takes_effort && (!inspections || s->is_inspection))
            json_array_append_new(list, search_json(c, s));
    }
    return list;
}

static json_t *searched_json(const struct tl_release_case *c)
{
    double area = c->local.area_m2;
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "share",
                     number(fmin(c->searched_m2 / area, 1.0)), "area_m2", number(c->searched_m2),
                     "effective_share", number(c->effective_m2 / area), "deepest_cm",
                     number(c->deepest_cm), "covered_cm", number(c->covered_cm), "unsearched_m2",
                     number(area - c->searched_m2 > 1e-6 * area ? area - c->searched_m2 : 0.0),
                     "by", searches_json(c, false));
}

static json_t *found_json(const struct tl_release_case *c)
{
    double by_search = 0.0, by_chance = 0.0, accidents = 0.0;
    json_t *items = json_array();
    for (int64_t k = 0; k < c->local.n_items; k++) {
        const struct tl_local_item *i = &c->local.items[k];
        bool is_accident = i->kind == TL_KIND_ACCIDENT;
        *(is_accident ? &accidents : i->by_search ? &by_search : &by_chance) += i->number;
        json_array_append_new(
            items, json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "code", text(i->code),
                             "kind", tl_kind_info(i->kind)->name, "category", text(i->category),
                             "date", text(i->date), "depth_cm", number(i->depth_cm), "lon_deg",
                             tl_json_number(i->lon_deg, 9), "lat_deg",
                             tl_json_number(i->lat_deg, 9), "number", number(i->number)));
    }
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "total", number(by_search + by_chance),
                     "by_search", number(by_search), "by_chance", number(by_chance), "accidents",
                     number(accidents), "items", items);
}

/* The chance of any item in one hectare of such ground: the mean number spread evenly over the area. */
static double p_any_of_one_ha(const struct tl_release_case *c)
{
    double sum = 0.0, ha = c->local.area_m2 / TL_RELEASE_M2_PER_HA;
    for (int64_t k = 0; k < c->draws.n; k++)
        sum += -expm1(-c->remaining[k] / ha);
    return sum / (double)c->draws.n;
}

static json_t *range_json(double value, double low, double high)
{
    return json_pack("{s:o, s:o, s:o}", "value", number(value), "low", number(low), "high",
                     number(high));
}

/* What changes if the area's suspicion may be false; the other figures, and criteria, take it as true. */
static json_t *suspicion_json(const struct tl_release_case *c)
{
    const struct tl_release_suspicion *s = &c->suspicion;
    json_t *json = json_pack("{s:b, s:s}", "in_doubt", (int)s->in_doubt, "standing", s->why);
    if (!s->in_doubt)
        return json;
    json_t *such = range_json(s->share.mean, s->share.low, s->share.high);
    json_object_set_new(such, "areas", json_integer((json_int_t)s->share.n));
    json_object_set_new(such, "found", json_integer((json_int_t)s->share.n_found));
    json_object_set_new(such, "left_out", json_integer((json_int_t)s->n_left_out));
    json_object_set_new(json, "true_of_such", such);
    json_object_set_new(json, "holds", range_json(s->holds, s->holds_low, s->holds_high));
    json_object_set_new(json, "factor", number(s->factor));
    json_object_set_new(json, "p_any", range_json(s->p_any, s->p_any_low, s->p_any_high));
    json_object_set_new(json, "p_any_if_false", number(s->p_any_if_false));
    json_object_set_new(json, "expected", number(s->expected));
    json_object_set_new(json, "expected_if_false", number(s->expected_if_false));
    return json;
}

static json_t *remaining_json(const struct tl_release_case *c)
{
    const struct tl_release_figures *f = &c->now;
    double per_ha = TL_RELEASE_M2_PER_HA / c->local.area_m2;
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:{s:o, s:o, s:o}, s:I, s:o, s:{s:o, s:o}, s:{s:o, s:o}, s:o}",
        "expected", figure(f->expected, 1.0), "median", number(f->median), "q05", number(f->q05),
        "upper95", figure(f->upper95, 1.0), "p_any", figure(f->p_any, 1.0), "per_ha", "expected",
        number(f->expected.value * per_ha), "upper95", number(f->upper95.value * per_ha), "p_any",
        number(p_any_of_one_ha(c)), "n_draws", (json_int_t)f->n_draws, "effective_draws",
        number(floor(f->effective_draws)), "if_misses_were_independent", "expected",
        number(c->alone.expected.value), "p_any", number(c->alone.p_any.value), "prior", "expected",
        number(c->before.expected.value), "p_any", number(c->before.p_any.value), "suspicion",
        suspicion_json(c));
}

/* ---- reasons ---- */

static double mean_over_area(const struct tl_release_case *c, const double *values)
{
    double sum = 0.0, area = 0.0;
    for (int64_t e = 0; e < c->model.n_entries; e++) {
        const struct tl_release_entry *at = &c->model.entries[e];
        if (!(at->inside_m2 > 0.0) || isnan(values[at->cell]))
            continue;
        sum += at->inside_m2 * values[at->cell];
        area += at->inside_m2;
    }
    return area > 0.0 ? sum / area : (double)NAN;
}

static void add_reason(json_t *list, const char *name, const char *words, double factor)
{
    json_array_append_new(
        list, json_pack("{s:s, s:s, s:o}", "name", name, "words", words, "factor", number(factor)));
}

/* Average density of the region, times what terrain and reports say, times what was found and not found here and around. */
static tl_err reasons_json(struct tl_ctx *ctx, const struct tl_release_shared *s,
                           const struct tl_release_case *c, json_t *list)
{
    struct tl_retell *retell = NULL; /* what the evidence calls its covariates is English */
    tl_err err = TL_OK;
    const struct tl_evidence *e = &c->local.evidence;
    double product = exp(c->prior.level_mean) * TL_RELEASE_M2_PER_HA;
    add_reason(list, "average",
               tl_catalogue_text(s->catalogue, "average density of the region [items per hectare]"),
               product);
    TL_TRY(tl_retell_create(ctx, s->catalogue, &retell));
    for (int k = 0; k < e->n_covariates; k++) {
        char *words = NULL;
        double value = mean_over_area(c, c->model.covariates[k]);
        double factor =
            isnan(value) ? 1.0 : exp(c->prior.coefficient[k] * (value - c->prior.centre[k]));
        TL_TRY(tl_retell(ctx, retell, false, e->covariates[k].words, &words, NULL));
        add_reason(list, e->covariates[k].name, words, factor);
        tl_free(words);
        product *= factor;
    }
    add_reason(list, "here-and-around",
               tl_catalogue_text(s->catalogue, "what was found, and not found, here and around"),
               c->density_ha / product);
    double all = c->density_ha * c->local.area_m2 / TL_RELEASE_M2_PER_HA;
    add_reason(list, "searched", tl_catalogue_text(s->catalogue, "what searches left"),
               all > 0.0 ? c->now.expected.value / all : 1.0);
done:
    tl_retell_free(retell);
    return err;
}

/* ---- work ---- */

static json_t *what_if_json(const struct tl_release_case *c)
{
    json_t *list = json_array();
    for (int k = 0; k < c->n_what; k++) {
        const struct tl_release_what *w = &c->what[k];
        json_array_append_new(
            list,
            json_pack("{s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:b, s:b, s:o, s:o, s:o}",
                      "method", w->method, "passes", (int)w->step.passes, "days", number(w->days),
                      "days_low", number(w->days_low), "days_high", number(w->days_high), "cost",
                      number(w->cost), "cost_low", number(w->cost_low), "cost_high",
                      number(w->cost_high), "currency", c->local.methods[w->step.method].currency,
                      "pace_known", isfinite(w->days) ? 1 : 0, "price_known",
                      isfinite(w->cost) ? 1 : 0, "expected", figure(w->figures.expected, 1.0),
                      "upper95", figure(w->figures.upper95, 1.0), "p_any",
                      figure(w->figures.p_any, 1.0)));
    }
    return list;
}

static json_t *programme_json(const struct tl_release_shared *s, const struct tl_release_case *c)
{
    const struct tl_release_programme *p = &c->programme;
    json_t *steps = json_array();
    if (!p->asked) {
        json_decref(steps);
        return json_null();
    }
    if (!p->meets)
        return json_pack("{s:s, s:o, s:b, s:s, s:o}", "as", tl_release_verdicts[p->verdict],
                         "steps", steps, "meets", 0, "why", tl_catalogue_text(s->catalogue, p->why),
                         "limit", text(p->limit));
    for (int k = 0; k < p->n_steps; k++)
        json_array_append_new(steps, json_pack("{s:s, s:i}", "method",
                                               c->local.methods[p->steps[k].method].name, "passes",
                                               (int)p->steps[k].passes));
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "as",
                     tl_release_verdicts[p->verdict], "steps", steps, "days", number(p->days),
                     "cost", number(p->cost), "currency", text(p->currency), "p_any",
                     figure(p->figures.p_any, 1.0), "expected", figure(p->figures.expected, 1.0),
                     "meets", 1);
}

/* ---- the rest ---- */

static json_t *speaks_json(const struct tl_release_shared *s, const struct tl_release_case *c)
{
    char words[240], cm[TL_TERM_NUMBER_BYTES];
    const char *group = strcmp(s->map.group, "mines") == 0
                            ? tl_catalogue_text(s->catalogue, "mines")
                        : strcmp(s->map.group, "erw") == 0
                            ? tl_catalogue_text(s->catalogue, "explosive remnants of war")
                            : tl_catalogue_text(s->catalogue, "explosive ordnance of all kinds");
    if (isfinite(c->depth_cm))
        snprintf(words, sizeof words, tl_catalogue_text(s->catalogue, "%s, down to %s cm"), group,
                 tl_term_number(s->catalogue, c->depth_cm, cm));
    else
        snprintf(words, sizeof words, tl_catalogue_text(s->catalogue, "%s, at all depths"), group);
    return json_pack("{s:s, s:o, s:s}", "group", s->map.group, "depth_cm", number(c->depth_cm),
                     "words", words);
}

static json_t *map_json(const struct tl_release_shared *s)
{
    const json_t *inputs = json_object_get(s->map.json, "inputs");
    const char *hash = json_string_value(json_object_get(inputs, "evidence"));
    double step = json_number_value(json_object_get(json_object_get(inputs, "grid"), "step_m"));
    return json_pack("{s:I, s:o, s:o, s:o, s:o}", "run", (json_int_t)s->map.run, "cell_m",
                     number(step), "range_m", number(s->map.range_m), "sigma", number(s->map.sigma),
                     "evidence_hash", text(hash));
}

/* Of a store's finding what an assessment shows. */
static json_t *findings_json(const struct tl_release_case *c)
{
    static const char *const keys[] = {"id", "kind", "record", "message", "raised", "answered"};
    json_t *list = json_array(), *finding;
    size_t at;
    json_array_foreach(c->findings, at, finding)
    {
        json_t *one = json_object();
        for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
            json_t *value = json_object_get(finding, keys[k]);
            if (value != NULL)
                json_object_set(one, keys[k], value);
        }
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *area_json(const struct tl_release_case *c)
{
    json_t *area = json_copy(c->area);
    json_object_set_new(area, "area_m2", number(c->local.area_m2));
    json_object_set_new(area, "outside_m2", number(c->local.outside_m2));
    return area;
}

tl_err tl_release_tell(struct tl_ctx *ctx, const struct tl_release_shared *s,
                       struct tl_release_case *c, json_t **json)
{
    tl_err err = TL_OK;
    json_t *assumptions = json_array(), *warnings = json_array(), *reasons = json_array();
    const char *language = tl_catalogue_language(s->catalogue);
    TL_TRY(tl_release_assumptions(ctx, s, c, assumptions));
    TL_TRY(tl_release_warnings(ctx, s, c, warnings));
    TL_TRY(reasons_json(ctx, s, c, reasons));
    json_t *window =
        json_pack("{s:I, s:I, s:o, s:o, s:o}", "n_x", (json_int_t)c->local.grid.n_x, "n_y",
                  (json_int_t)c->local.grid.n_y, "margin_m", number(s->margin_m), "cell_m",
                  number(c->model.step_m), "share_of_map", number(c->map_share));
    *json = json_pack(
        "{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:O, s:O, s:O, s:o, s:o, s:o, "
        "s:O, s:o, "
        "s:s, s:I}",
        "schema", "tilth.assess/1", "program", "tilth " TILTH_VERSION, "language", language, "area",
        area_json(c), "speaks_of", speaks_json(s, c), "map", map_json(s), "window", window,
        "searched", searched_json(c), "quality", searches_json(c, true), "found", found_json(c),
        "remaining", remaining_json(c), "reasons", reasons, "assumptions", assumptions, "warnings",
        warnings, "what_if", what_if_json(c), "programme", programme_json(s, c), "criteria",
        c->verdicts == NULL ? json_null() : json_incref(c->verdicts), "decisions", c->decisions,
        "findings", findings_json(c), "evidence_hash", c->evidence_hash, "seed",
        (json_int_t)s->options->seed);
    if (*json == NULL)
        err = tl_fail(ctx, TL_EDATA, "a record of the area holds text that is not UTF-8");
done:
    json_decref(assumptions);
    json_decref(warnings);
    json_decref(reasons);
    return err;
}
