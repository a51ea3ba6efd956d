#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "release/assess.h"

static const double NEARLY_ALL = 0.99;

enum searches { ANY, INSPECTIONS, OF_KNOWN_DEPTH };

/* Area of P over which some search reaches at least this deep. Those that do not record their depth are taken to reach the reference, which is no knowledge. */
static double covered_to(const struct tl_release_case *c, int n_layers, enum searches which)
{
    double area = 0.0;
    const struct tl_release_model *m = &c->model;
    for (int64_t e = 0; e < m->n_entries; e++) {
        int32_t g = m->entries[e].group;
        bool reached = false;
        for (int32_t k = m->group_at[g]; k < m->group_at[g + 1] && !reached; k++) {
            const struct tl_local_search *s = &c->local.searches[m->slot_search[k]];
            reached = m->searches[m->slot_search[k]].n_layers >= n_layers &&
                      (which != INSPECTIONS || s->is_inspection) &&
                      (which != OF_KNOWN_DEPTH || s->depth_cm > 0.0);
        }
        area += reached ? m->entries[e].inside_m2 : 0.0;
    }
    return area;
}

/* Effort inside P: what is taken off the area at the means of the methods. */
static double effective_area(const struct tl_release_case *c)
{
    double area = 0.0;
    for (int64_t e = 0; e < c->model.n_entries; e++)
        if (c->model.entries[e].inside_m2 > 0.0)
            area += c->model.entries[e].inside_m2 *
                    tl_release_found_mean(&c->model, c->model.entries[e].group);
    return area;
}

static void note_methods(struct tl_release_case *c)
{
    struct tl_release_facts *f = &c->facts;
    f->n_methods = 0;
    for (int64_t s = 0; s < c->local.n_searches; s++) {
        const struct tl_local_search *search = &c->local.searches[s];
        const char *name = search->method[0] == '\0' ? "unknown" : search->method;
        bool known = !search->takes_effort || !(search->area_m2 > 0.0);
        for (int k = 0; k < f->n_methods && !known; k++)
            known = strcasecmp(f->method[k], name) == 0;
        if (!known && f->n_methods < TL_RELEASE_METHODS_MAX)
            f->method[f->n_methods++] = name;
    }
}

void tl_release_case_measure(struct tl_release_case *c)
{
    const struct tl_release_model *m = &c->model;
    double area = 0.0;
    for (int64_t e = 0; e < m->n_entries; e++)
        area += m->entries[e].inside_m2;
    c->searched_m2 = covered_to(c, 1, ANY);
    c->inspected_m2 = covered_to(c, 1, INSPECTIONS);
    c->effective_m2 = effective_area(c);
    c->deepest_cm = c->covered_cm = NAN;
    for (int64_t s = 0; s < c->local.n_searches; s++)
        if (c->local.searches[s].takes_effort && c->local.searches[s].area_m2 > 0.0)
            c->deepest_cm = fmax(c->deepest_cm, c->local.searches[s].depth_cm);
    bool depth_known = isfinite(c->deepest_cm);
    for (int l = 0; l < m->n_layers && depth_known; l++)
        if (isfinite(m->layer_cm[l]) && covered_to(c, l + 1, OF_KNOWN_DEPTH) >= NEARLY_ALL * area)
            c->covered_cm = m->layer_cm[l];
}

void tl_release_case_facts(struct tl_release_case *c, const struct tl_release_figures *f)
{
    double area = c->local.area_m2, ha = area / TL_RELEASE_M2_PER_HA;
    double *value = c->facts.value;
    value[TL_RELEASE_P_ANY] = f->p_any.value;
    value[TL_RELEASE_EXPECTED] = f->expected.value;
    value[TL_RELEASE_EXPECTED_HA] = f->expected.value / ha;
    value[TL_RELEASE_UPPER95] = f->upper95.value;
    value[TL_RELEASE_UPPER95_HA] = f->upper95.value / ha;
    value[TL_RELEASE_SEARCHED_SHARE] = fmin(c->searched_m2 / area, 1.0);
    value[TL_RELEASE_INSPECTED_SHARE] = fmin(c->inspected_m2 / area, 1.0);
    value[TL_RELEASE_DEPTH] = c->covered_cm;
    value[TL_RELEASE_FOUND] = value[TL_RELEASE_ACCIDENTS] = 0.0;
    c->facts.last_accident[0] = '\0';
    c->facts.is_undated = false;
    for (int64_t k = 0; k < c->local.n_items; k++) {
        const struct tl_local_item *item = &c->local.items[k];
        bool is_accident = item->kind == TL_KIND_ACCIDENT;
        value[is_accident ? TL_RELEASE_ACCIDENTS : TL_RELEASE_FOUND] += item->number;
        c->facts.is_undated = c->facts.is_undated || (is_accident && item->date[0] == '\0');
        if (is_accident && tl_release_date_is_later(item->date, c->facts.last_accident))
            snprintf(c->facts.last_accident, sizeof c->facts.last_accident, "%s", item->date);
    }
    value[TL_RELEASE_FINDINGS] = 0.0;
    size_t at;
    json_t *finding;
    json_array_foreach(c->findings, at, finding) value[TL_RELEASE_FINDINGS] +=
        json_is_null(json_object_get(finding, "answered"));
    c->facts.evidence = c->subject.evidence_kind;
    note_methods(c);
}
