/*
 * An assessment that stays, so that a person can try programmes of work one after another. What is asked is answered from the draws at hand:
 * what they leave is multiplied by what the new work would leave, nothing is drawn anew but the new lot's luck, which is the same in every answer.
 */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "release/assess.h"

struct tl_release_ask {
    struct tl_release_options options; /* a copy; what it borrowed is not used any more */
    struct tl_release_shared shared;
    struct tl_release_case c;
};

tl_err tl_release_ask_open(struct tl_ctx *ctx, struct tl_project *project,
                           const struct tl_release_options *options, struct tl_release_ask **ask,
                           struct tl_release_result *result)
{
    tl_err err = TL_OK;
    struct tl_release_ask *a = NULL;
    TL_TRY_ALLOC(ctx, a, 1);
    a->options = *options;
    a->options.keep = false;
    a->shared.options = &a->options;
    TL_TRY(tl_release_case_open(ctx, project, &a->shared, &a->c));
    a->shared.project = NULL;
    if (result != NULL) {
        *result = a->c.result;
        a->c.result = (struct tl_release_result){0};
    }
    *ask = a;
    a = NULL;
done:
    tl_release_ask_close(a);
    return err;
}

void tl_release_ask_close(struct tl_release_ask *ask)
{
    if (ask == NULL)
        return;
    tl_release_case_fini(&ask->c);
    tl_release_shared_fini(&ask->shared);
    tl_free(ask);
}

/* Steps of one method are one: passes of one lot. */
static tl_err gather(struct tl_ctx *ctx, const struct tl_release_ask *a, int64_t n,
                     const struct tl_release_what_if *asked,
                     struct tl_release_what what[TL_RELEASE_STEPS_MAX], int *n_what)
{
    tl_err err = TL_OK;
    *n_what = 0;
    for (int64_t k = 0; k < n; k++) {
        struct tl_release_what_if all = asked[k];
        bool is_first = true;
        for (int64_t j = 0; j < n; j++) {
            if (strcasecmp(asked[j].method, all.method) != 0 || j == k)
                continue;
            is_first = is_first && j > k;
            all.passes += asked[j].passes > 0 && asked[j].passes <= 100 ? asked[j].passes : 0;
        }
        if (!is_first)
            continue;
        if (asked[k].passes < 1)
            all.passes = asked[k].passes;
        if (*n_what == TL_RELEASE_STEPS_MAX)
            TL_THROW(ctx, TL_EUSAGE, "a programme of more than %d methods was asked for",
                     TL_RELEASE_STEPS_MAX);
        TL_TRY(tl_release_what_if_of(ctx, &a->shared, &a->c, &all, &what[*n_what]));
        ++*n_what;
    }
done:
    return err;
}

enum { DIGITS = 6 };

static json_t *number(double value)
{
    return tl_json_number(value, DIGITS);
}

static json_t *figure(struct tl_release_figure f)
{
    return json_pack("{s:o, s:o}", "value", number(f.value), "mcse", number(f.mcse));
}

static json_t *figures_json(const struct tl_release_figures *f)
{
    return json_pack("{s:o, s:o, s:o}", "expected", figure(f->expected), "upper95",
                     figure(f->upper95), "p_any", figure(f->p_any));
}

/* Days and price of all steps; null where one is not known, or where currencies differ. */
static json_t *steps_json(const struct tl_release_case *c, int n,
                          const struct tl_release_what *what, json_t *totals)
{
    json_t *list = json_array();
    double days = 0.0, cost = 0.0;
    const char *currency = "";
    for (int k = 0; k < n; k++) {
        const char *its = c->local.methods[what[k].step.method].currency;
        days += what[k].days;
        cost += k > 0 && strcmp(its, currency) != 0 ? (double)NAN : what[k].cost;
        currency = its;
        json_array_append_new(list, json_pack("{s:s, s:i, s:o, s:o, s:s}", "method", what[k].method,
                                              "passes", (int)what[k].step.passes, "days",
                                              number(what[k].days), "cost", number(what[k].cost),
                                              "currency", its));
    }
    json_object_set_new(totals, "days", number(days));
    json_object_set_new(totals, "cost", number(cost));
    json_object_set_new(totals, "currency", isfinite(cost) ? json_string(currency) : json_null());
    return list;
}

tl_err tl_release_ask_what_if(struct tl_ctx *ctx, struct tl_release_ask *a, int64_t n,
                              const struct tl_release_what_if *asked, char **json)
{
    tl_err err = TL_OK;
    struct tl_release_what what[TL_RELEASE_STEPS_MAX];
    struct tl_release_step steps[TL_RELEASE_STEPS_MAX];
    struct tl_release_options_of of = {.seed = a->options.seed};
    struct tl_release_case *c = &a->c;
    int n_what = 0;
    double *remaining = NULL;
    json_t *out = json_object(), *verdicts = NULL;
    TL_TRY(gather(ctx, a, n, asked, what, &n_what));
    for (int k = 0; k < n_what; k++)
        steps[k] = what[k].step;
    TL_TRY_ALLOC(ctx, remaining, c->draws.n);
    tl_release_remaining(ctx, &c->model, &c->draws, &of, n_what, steps, remaining);
    struct tl_release_figures f = tl_release_figures_of(remaining, c->draws.n, c->draws.n_chains);
    if (a->shared.criteria != NULL) {
        tl_release_plan_facts(c, &f, n_what, steps);
        err = tl_release_criteria_judge(ctx, a->shared.criteria, a->shared.catalogue, &c->facts,
                                        &verdicts);
        tl_release_case_facts(c, &c->now);
        TL_TRY(err);
    }
    json_object_set_new(out, "schema", json_string("tilth.what-if/1"));
    json_object_set_new(out, "area", json_string(c->subject.code));
    json_object_set_new(out, "area_m2", number(c->local.area_m2));
    json_object_set_new(out, "steps", steps_json(c, n_what, what, out));
    json_object_set_new(out, "now", figures_json(&c->now));
    json_object_set_new(out, "after", figures_json(&f));
    json_object_set(out, "criteria", verdicts == NULL ? json_null() : verdicts);
    TL_TRY(tl_json_text(ctx, out, json));
done:
    json_decref(verdicts);
    json_decref(out);
    tl_free(remaining);
    return err;
}
