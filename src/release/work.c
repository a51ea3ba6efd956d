/*
 * What more work would change: the same draws, so that programmes are compared on the same luck; a new lot that may fail; a method that was here
 * before misses the same items again. The cheapest programme is looked for by price: multisets of passes in order of what they
 * cost, from the cheapest, until one meets the criteria; so it is the cheapest there is, within TL_RELEASE_STEPS_MAX methods and
 * PASSES_MAX passes in all. Passes of one method are one lot.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/text.h"
#include "release/assess.h"

enum { PASSES_MAX = 6, TRIED_MAX = 400, CANDIDATES_MAX = 8 };

static double pace_factor(const struct tl_release_shared *shared, const struct tl_method *m)
{
    double factor = 1.0;
    if (shared->vegetation >= 0)
        factor *= m->vegetation_pace[shared->vegetation];
    if (shared->slope >= 0)
        factor *= m->slope_pace[shared->slope];
    return factor;
}

static double detect_factor(const struct tl_release_shared *shared, const struct tl_method *m)
{
    double factor = 1.0;
    if (shared->vegetation >= 0)
        factor *= m->vegetation_detect[shared->vegetation];
    if (shared->slope >= 0)
        factor *= m->slope_detect[shared->slope];
    return fmin(factor, 1.0);
}

static struct tl_release_step step_of(const struct tl_release_shared *shared,
                                      const struct tl_release_case *c, int64_t method,
                                      int32_t passes)
{
    const struct tl_method *m = &c->local.methods[method];
    struct tl_release_step step = {.method = (int32_t)method,
                                   .row = -1,
                                   .passes = passes,
                                   .n_layers = c->model.n_layers,
                                   .detect = detect_factor(shared, m)};
    for (int32_t r = 0; r < c->model.n_rows; r++)
        if (c->model.rows[r].method == method)
            step.row = r;
    if (isfinite(m->depth_cm))
        step.n_layers = tl_release_model_reach(&c->model, m->depth_cm);
    return step;
}

static void set_price(const struct tl_release_shared *shared, const struct tl_release_case *c,
                      struct tl_release_what *w)
{
    const struct tl_method *m = &c->local.methods[w->step.method];
    double factor = pace_factor(shared, m), passes = (double)w->step.passes;
    double work = c->local.area_m2 * passes;
    w->days = work / (m->m2_per_day * factor);
    w->days_low = work / (m->m2_per_day_high * factor);
    w->days_high = work / (m->m2_per_day_low * factor);
    w->cost = work * m->price_per_m2 / factor;
    w->cost_low = work * m->price_per_m2_low / factor;
    w->cost_high = work * m->price_per_m2_high / factor;
}

/* The row of a name that fits this ground best. */
static int64_t pick(const struct tl_release_shared *shared, const struct tl_release_case *c,
                    const char *name, bool *known)
{
    const char *group = strcmp(shared->map.group, "all") == 0 ? "" : shared->map.group;
    return tl_method_pick(c->local.methods, c->local.n_methods, name, group, c->depth_cm,
                          shared->soil == NULL ? "" : shared->soil, known);
}

static void set_what_if(const struct tl_release_shared *shared, const struct tl_release_case *c,
                        const char *name, int32_t passes, struct tl_release_what *w)
{
    bool known = false;
    int64_t method = pick(shared, c, name, &known);
    *w = (struct tl_release_what){.step = step_of(shared, c, method, passes)};
    snprintf(w->method, sizeof w->method, "%s", c->local.methods[method].name);
    set_price(shared, c, w);
}

static tl_err add_what_if(struct tl_ctx *ctx, const struct tl_release_shared *shared,
                          struct tl_release_case *c, const char *name, int32_t passes)
{
    if (c->n_what >= TL_RELEASE_WHAT_IF_MAX)
        return tl_fail(ctx, TL_EUSAGE, "more than %d what-ifs were asked for",
                       TL_RELEASE_WHAT_IF_MAX);
    set_what_if(shared, c, name, passes, &c->what[c->n_what++]);
    return TL_OK;
}

static tl_err check_name(struct tl_ctx *ctx, const struct tl_release_case *c, const char *name)
{
    const char *names[256];
    int n = 0;
    for (int64_t m = 0; m < c->local.n_methods; m++) {
        const struct tl_method *of = &c->local.methods[m];
        if (strcasecmp(of->name, name) == 0)
            return of->is_search ? TL_OK
                                 : tl_fail(ctx, TL_EUSAGE,
                                           "method '%s' asks and looks only: one more pass of it "
                                           "leaves what is there",
                                           of->name);
        if (n < 256)
            names[n++] = of->name;
    }
    const char *near = tl_text_nearest(name, n, names);
    return tl_fail(ctx, TL_ENOTFOUND, "no method '%s' in the project's table%s%s%s", name,
                   near == NULL ? " (see `tilth methods`)" : "; did you mean ",
                   near == NULL ? "" : near, near == NULL ? "" : "?");
}

static tl_err check_what_if(struct tl_ctx *ctx, const struct tl_release_case *c,
                            const struct tl_release_what_if *asked)
{
    tl_err err = check_name(ctx, c, asked->method);
    if (err == TL_OK && (asked->passes < 1 || asked->passes > 100))
        err = tl_fail(ctx, TL_EUSAGE, "what-if '%s,%d': expected 1 to 100 passes", asked->method,
                      (int)asked->passes);
    return err;
}

tl_err tl_release_what_if_of(struct tl_ctx *ctx, const struct tl_release_shared *shared,
                             const struct tl_release_case *c,
                             const struct tl_release_what_if *asked, struct tl_release_what *what)
{
    tl_err err = check_what_if(ctx, c, asked);
    if (err == TL_OK)
        set_what_if(shared, c, asked->method, asked->passes, what);
    return err;
}

static bool is_new_name(const struct tl_release_case *c, int64_t method)
{
    for (int64_t m = 0; m < method; m++)
        if (strcasecmp(c->local.methods[m].name, c->local.methods[method].name) == 0)
            return false;
    return strcmp(c->local.methods[method].name, "unknown") != 0;
}

tl_err tl_release_what_if_set(struct tl_ctx *ctx, const struct tl_release_shared *shared,
                              struct tl_release_case *c)
{
    tl_err err = TL_OK;
    const struct tl_release_options *o = shared->options;
    for (int64_t k = 0; k < o->n_what_if; k++) {
        TL_TRY(check_what_if(ctx, c, &o->what_if[k]));
        TL_TRY(add_what_if(ctx, shared, c, o->what_if[k].method, o->what_if[k].passes));
    }
    for (int64_t m = 0; m < c->local.n_methods && o->n_what_if == 0; m++)
        if (c->local.methods[m].is_search && is_new_name(c, m) &&
            c->n_what < TL_RELEASE_WHAT_IF_MAX)
            TL_TRY(add_what_if(ctx, shared, c, c->local.methods[m].name, 1));
done:
    return err;
}

static struct tl_release_options_of drawing(const struct tl_release_shared *shared)
{
    return (struct tl_release_options_of){.seed = shared->options->seed};
}

tl_err tl_release_what_if_run(struct tl_ctx *ctx, const struct tl_release_shared *shared,
                              struct tl_release_case *c)
{
    tl_err err = TL_OK;
    struct tl_release_options_of o = drawing(shared);
    double *remaining = NULL;
    TL_TRY_ALLOC(ctx, remaining, c->draws.n);
    for (int k = 0; k < c->n_what; k++) {
        tl_release_remaining(ctx, &c->model, &c->draws, &o, 1, &c->what[k].step, remaining);
        c->what[k].figures = tl_release_figures_of(remaining, c->draws.n, c->draws.n_chains);
        TL_TRY(tl_cancelled(ctx));
    }
done:
    tl_free(remaining);
    return err;
}

/* ---- programme ---- */

struct plan {
    int32_t passes[CANDIDATES_MAX];
    double cost;
};

struct search {
    int n; /* candidates: methods with a price, allowed, of one currency */
    struct tl_release_what one[CANDIDATES_MAX]; /* a single pass of each */
    struct plan *open;                          /* owns: heap would do; a list is short enough */
    int64_t n_open, room;
};

static tl_err set_candidates(const struct tl_release_shared *shared, struct tl_release_case *c,
                             int verdict, struct search *s, char *currency)
{
    for (int64_t m = 0; m < c->local.n_methods && s->n < CANDIDATES_MAX; m++) {
        bool known = false;
        const struct tl_method *named = &c->local.methods[m];
        if (!named->is_search || !is_new_name(c, m) ||
            !tl_release_criteria_allows(shared->criteria, verdict, named->name))
            continue;
        struct tl_release_what *w = &s->one[s->n];
        *w = (struct tl_release_what){
            .step = step_of(shared, c, pick(shared, c, named->name, &known), 1)};
        set_price(shared, c, w);
        const char *its = c->local.methods[w->step.method].currency;
        if (!isfinite(w->cost) || (currency[0] != '\0' && strcmp(currency, its) != 0))
            continue;
        snprintf(currency, 8, "%s", its);
        s->n++;
    }
    return TL_OK;
}

static int steps_of(const struct search *s, const struct plan *plan, struct tl_release_step *steps,
                    double *days)
{
    int n = 0;
    *days = 0.0;
    for (int k = 0; k < s->n; k++) {
        if (plan->passes[k] == 0)
            continue;
        steps[n] = s->one[k].step;
        steps[n++].passes = plan->passes[k];
        *days += (double)plan->passes[k] * s->one[k].days; /* NaN where a pace is not known */
    }
    return n;
}

/* Takes the cheapest open plan out; ties by fewer passes of earlier methods, so that the order is one. */
static struct plan take_cheapest(struct search *s)
{
    int64_t best = 0;
    for (int64_t k = 1; k < s->n_open; k++)
        if (s->open[k].cost < s->open[best].cost ||
            (s->open[k].cost == s->open[best].cost &&
             memcmp(s->open[k].passes, s->open[best].passes, sizeof s->open[k].passes) < 0))
            best = k;
    struct plan plan = s->open[best];
    s->open[best] = s->open[--s->n_open];
    return plan;
}

/* One more pass of the last method used or of a later one: every multiset comes once. */
static void add_children(struct search *s, const struct plan *plan)
{
    int last = 0, n = 0;
    for (int k = 0; k < s->n; k++) {
        n += plan->passes[k];
        last = plan->passes[k] > 0 ? k : last;
    }
    for (int k = last; n < PASSES_MAX && k < s->n && s->n_open < s->room; k++) {
        struct plan *child = &s->open[s->n_open++];
        *child = *plan;
        child->passes[k]++;
        child->cost += s->one[k].cost;
    }
}

/* Facts once a plan is done: everything is searched by it. */
void tl_release_plan_facts(struct tl_release_case *c, const struct tl_release_figures *figures,
                           int n, const struct tl_release_step *steps)
{
    tl_release_case_facts(c, figures);
    if (n == 0)
        return;
    c->facts.value[TL_RELEASE_SEARCHED_SHARE] = 1.0;
    for (int k = 0; k < n; k++) {
        int layers = steps[k].n_layers;
        double cm = layers > 0 ? c->model.layer_cm[layers - 1] : 0.0;
        if (isfinite(cm) && !(c->facts.value[TL_RELEASE_DEPTH] >= cm))
            c->facts.value[TL_RELEASE_DEPTH] = cm;
        if (c->facts.n_methods < TL_RELEASE_METHODS_MAX)
            c->facts.method[c->facts.n_methods++] = c->local.methods[steps[k].method].name;
    }
}

static tl_err try_plans(struct tl_ctx *ctx, const struct tl_release_shared *shared,
                        struct tl_release_case *c, struct search *s, double *remaining)
{
    tl_err err = TL_OK;
    struct tl_release_programme *p = &c->programme;
    struct tl_release_options_of o = drawing(shared);
    int n_tried = 0;
    while (s->n_open > 0 && n_tried++ < TRIED_MAX && !p->meets) {
        struct plan plan = take_cheapest(s);
        struct tl_release_step steps[TL_RELEASE_STEPS_MAX];
        double days = 0.0;
        int n = steps_of(s, &plan, steps, &days);
        tl_release_remaining(ctx, &c->model, &c->draws, &o, n, steps, remaining);
        struct tl_release_figures f =
            tl_release_figures_of(remaining, c->draws.n, c->draws.n_chains);
        tl_release_plan_facts(c, &f, n, steps);
        if (tl_release_criteria_met(shared->criteria, p->verdict, &c->facts, &p->limit)) {
            memcpy(p->steps, steps, sizeof steps);
            p->n_steps = n;
            p->days = days;
            p->cost = plan.cost;
            p->figures = f;
            p->meets = true;
        } else {
            add_children(s, &plan);
        }
        TL_TRY(tl_cancelled(ctx));
    }
    if (!p->meets)
        snprintf(
            p->why, sizeof p->why, "%s",
            s->n == 0 ? TL_CATALOGUE_MARK("no method that the criteria allow has a price in the "
                                          "table of methods")
            : n_tried >= TRIED_MAX
                ? TL_CATALOGUE_MARK("none of the cheapest programmes that were tried meets them")
                : TL_CATALOGUE_MARK("no programme of up to six passes meets them"));
done:
    return err;
}

tl_err tl_release_programme_find(struct tl_ctx *ctx, const struct tl_release_shared *shared,
                                 struct tl_release_case *c)
{
    tl_err err = TL_OK;
    struct tl_release_programme *p = &c->programme;
    struct search s = {.room = (TRIED_MAX + 2) * CANDIDATES_MAX};
    double *remaining = NULL;
    /* Clearance is what work leads to; where the file has no limits for it, the nearest thing. */
    p->verdict = 2;
    while (p->verdict > 0 && !tl_release_criteria_has(shared->criteria, p->verdict))
        p->verdict--;
    p->asked = true;
    TL_TRY_ALLOC(ctx, remaining, c->draws.n);
    TL_TRY_ALLOC(ctx, s.open, s.room);
    TL_TRY(set_candidates(shared, c, p->verdict, &s, p->currency));
    s.n_open = 1; /* the empty one: perhaps nothing has to be done */
    TL_TRY(try_plans(ctx, shared, c, &s, remaining));
    tl_release_case_facts(c, &c->now);
done:
    tl_free(remaining);
    tl_free(s.open);
    return err;
}
