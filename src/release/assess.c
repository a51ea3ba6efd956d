/*
 * An assessment: read (the project, one area after another), solve (no project: several areas at a time), tell. Areas by --all and alone are
 * computed by the same code on the same window, so that they agree to the last digit when draws and seed are the same.
 */
#include "release/assess.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/hash.h"
#include "par/par.h"
#include "release/teach.h"

enum {
    DRAWS = 4000,
    DRAWS_ALL = 640, /* of each of many */
    ASIDE_LEAST = 128,
    ASIDE = 16, /* part of the draws for what is only shown beside */
    DRAWS_LEAST = 128,
    DRAWS_MOST = 1000000,
    CELLS_MAX = 40000, /* of a window; beyond it cells are taken together */
    AT_ONCE = 48       /* enough that the last ones are a small part of the time */
};
static const double MARGIN_RANGES = 2.0, MARGIN_CELLS = 3.0;

struct tl_release_options tl_release_options_default(void)
{
    return (struct tl_release_options){.depth_cm = NAN, .seed = 1};
}

/* ---- what all areas share ---- */

static tl_err choice(struct tl_ctx *ctx, const char *what, const char *text, int n,
                     const char *const *names, int *out)
{
    *out = -1;
    if (text == NULL || text[0] == '\0')
        return TL_OK;
    for (int k = 0; k < n; k++)
        if (strcasecmp(names[k], text) == 0) {
            *out = k;
            return TL_OK;
        }
    return tl_fail(ctx, TL_EUSAGE, "%s '%s': expected %s, %s, %s%s%s", what, text, names[0],
                   names[1], names[2], n > 3 ? " or " : "", n > 3 ? names[3] : "");
}

static tl_err check_options(struct tl_ctx *ctx, const struct tl_release_options *o,
                            struct tl_release_shared *s)
{
    static const char *const vegetation[] = {"none", "light", "medium", "dense"};
    static const char *const slope[] = {"flat", "moderate", "steep"};
    tl_err err = TL_OK;
    if (!isnan(o->depth_cm) && !(o->depth_cm > 0.0 && o->depth_cm <= 1000.0))
        TL_THROW(ctx, TL_EUSAGE, "depth of %g cm: expected more than 0 and at most 10 m",
                 o->depth_cm);
    if (o->n_draws != 0 && (o->n_draws < DRAWS_LEAST || o->n_draws > DRAWS_MOST))
        TL_THROW(ctx, TL_EUSAGE, "%lld draws: expected %d to %d", (long long)o->n_draws,
                 DRAWS_LEAST, DRAWS_MOST);
    TL_TRY(
        choice(ctx, "vegetation", o->vegetation, TL_METHOD_VEGETATION, vegetation, &s->vegetation));
    TL_TRY(choice(ctx, "slope", o->slope, TL_METHOD_SLOPE, slope, &s->slope));
done:
    return err;
}

/* Whether records of any kind are others than those that the map was made from. */
static tl_err compare_records(struct tl_ctx *ctx, struct tl_release_shared *s)
{
    tl_err err = TL_OK;
    const json_t *records = json_object_get(json_object_get(s->map.json, "inputs"), "records");
    for (int k = 0; k < TL_KIND_COUNT; k++) {
        char hex[65];
        const char *was = json_string_value(json_object_get(
            json_object_get(records, tl_kind_info((enum tl_kind)k)->name), "sha256"));
        if (was == NULL)
            continue;
        TL_TRY(tl_project_kind_hash(ctx, s->project, (enum tl_kind)k, hex));
        s->map_is_older = s->map_is_older || strcmp(hex, was) != 0;
    }
done:
    return err;
}

static tl_err hash_map(struct tl_ctx *ctx, struct tl_release_shared *s)
{
    char *text = NULL;
    tl_err err = tl_json_text(ctx, s->map.json, &text);
    if (err != TL_OK)
        return err;
    tl_hash_of(text, (int64_t)strlen(text), s->map_hash);
    tl_free(text);
    return TL_OK;
}

tl_err tl_release_shared_init(struct tl_ctx *ctx, struct tl_project *project,
                              const struct tl_release_options *o, bool all,
                              struct tl_release_shared *shared)
{
    tl_err err = TL_OK;
    struct tl_release_shared s = {.project = project, .options = o, .vegetation = -1, .slope = -1};
    TL_TRY(check_options(ctx, o, &s));
    TL_TRY(tl_catalogue_open(ctx, o->language == NULL ? "en" : o->language, &s.catalogue));
    if (o->criteria != NULL)
        TL_TRY(tl_release_criteria_load(ctx, o->criteria, &s.criteria));
    TL_TRY(tl_release_map_load(ctx, project, o->group, &s.map));
    TL_TRY(compare_records(ctx, &s));
    TL_TRY(hash_map(ctx, &s));
    TL_TRY(tl_project_get(ctx, project, "soil", &s.soil));
    s.margin_m =
        fmax(MARGIN_RANGES * s.map.range_m, MARGIN_CELLS * tl_project_grid(project).step_m);
    s.n_draws = o->n_draws > 0 ? o->n_draws : all ? DRAWS_ALL : DRAWS;
    /* From here on the map lives where it stays: its options point into it. */
    *shared = s;
    s = (struct tl_release_shared){0};
    shared->map.evidence.group = shared->map.group;
    TL_TRY(tl_local_open(ctx, project, &shared->map.evidence, &shared->base));
done:
    tl_release_shared_fini(&s);
    return err;
}

void tl_release_shared_fini(struct tl_release_shared *s)
{
    tl_local_close(s->base);
    tl_release_map_fini(&s->map);
    tl_release_criteria_free(s->criteria);
    tl_catalogue_free(s->catalogue);
    tl_free(s->soil);
    tl_free(s->lessons.lesson);
    *s = (struct tl_release_shared){0};
}

void tl_release_case_hash(const struct tl_release_shared *shared, const struct tl_local *local,
                          const struct tl_release_subject *subject, char hex[65])
{
    struct tl_hash hash;
    uint8_t bytes[TL_HASH_BYTES];
    tl_hash_init(&hash);
    tl_hash_add(&hash, local->hash, 64);
    tl_hash_add(&hash, shared->map_hash, 64);
    tl_hash_add(&hash, subject->wkb, subject->wkb_bytes);
    tl_hash_done(&hash, bytes);
    tl_hash_hex(bytes, hex);
}

/* ---- one area ---- */

static tl_err read_decisions(struct tl_ctx *ctx, struct tl_project *project,
                             struct tl_release_case *c)
{
    tl_err err = TL_OK;
    char *decisions = NULL, *findings = NULL;
    if (c->subject.is_area) {
        TL_TRY(tl_decision_list(ctx, project, c->subject.code, &decisions));
        TL_TRY(tl_decision_findings(ctx, project, c->subject.code, true, &findings));
    }
    c->decisions = decisions == NULL ? json_array() : json_loads(decisions, 0, NULL);
    c->findings = findings == NULL ? json_array() : json_loads(findings, 0, NULL);
    if (c->decisions == NULL || c->findings == NULL)
        TL_THROW(ctx, TL_EINTEGRITY, "the decisions on %s are not readable; see `tilth check`",
                 c->subject.code);
done:
    tl_free(decisions);
    tl_free(findings);
    return err;
}

tl_err tl_release_case_read(struct tl_ctx *ctx, struct tl_release_shared *shared,
                            struct tl_release_subject *subject, struct tl_release_case *c)
{
    tl_err err = TL_OK;
    memset(c, 0, sizeof *c);
    c->subject = *subject;
    *subject = (struct tl_release_subject){0};
    c->depth_cm = shared->options->depth_cm;
    TL_TRY(tl_local_window(ctx, shared->base, c->subject.wkb, c->subject.wkb_bytes,
                           shared->margin_m, shared->map.n_names, shared->map.names, &c->local));
    if (!(c->local.area_m2 > 0.0))
        TL_THROW(ctx, TL_EDATA, "the area lies outside the map");
    TL_TRY(tl_release_subject_json(ctx, shared->project, &c->subject, &c->area));
    TL_TRY(read_decisions(ctx, shared->project, c));
    tl_release_case_hash(shared, &c->local, &c->subject, c->evidence_hash);
    c->suspicion.why = tl_release_suspicion_why(&c->subject, &c->local);
    c->suspicion.in_doubt = strcmp(c->suspicion.why, "suspected") == 0;
    if (c->suspicion.in_doubt)
        TL_TRY(tl_release_teach(ctx, shared));
done:
    if (err != TL_OK)
        tl_release_case_fini(c);
    return err;
}

void tl_release_case_fini(struct tl_release_case *c)
{
    tl_release_subject_fini(&c->subject);
    tl_local_fini(&c->local);
    json_decref(c->area);
    json_decref(c->decisions);
    json_decref(c->findings);
    json_decref(c->verdicts);
    tl_release_model_fini(&c->model);
    tl_release_draws_fini(&c->draws);
    tl_free(c->remaining);
    tl_release_result_fini(&c->result);
    memset(c, 0, sizeof *c);
}

static tl_err figures_of(struct tl_ctx *ctx, const struct tl_release_model *model,
                         const struct tl_release_draws *draws,
                         const struct tl_release_options_of *of, struct tl_release_figures *figures)
{
    tl_err err = TL_OK;
    double *remaining = NULL;
    TL_TRY_ALLOC(ctx, remaining, draws->n);
    tl_release_remaining(ctx, model, draws, of, 0, NULL, remaining);
    *figures = tl_release_figures_of(remaining, draws->n, draws->n_chains);
done:
    tl_free(remaining);
    return err;
}

static int64_t draws_aside(const struct tl_release_shared *shared)
{
    int64_t n = shared->n_draws / ASIDE;
    return n > ASIDE_LEAST ? n : ASIDE_LEAST;
}

/* What the ground looked like before it was searched: searches in the cells of P are left out, those around it stay. */
static tl_err draw_before(struct tl_ctx *ctx, const struct tl_release_shared *shared,
                          const struct tl_window *like, struct tl_release_case *c)
{
    tl_err err = TL_OK;
    struct tl_release_model blind = c->model;
    struct tl_release_draws draws = {0};
    struct tl_release_draw_options o = {.n_draws = draws_aside(shared),
                                        .seed = shared->options->seed,
                                        .independent = true,
                                        .like = like};
    struct tl_release_options_of of = {.seed = o.seed, .nothing_done = true};
    uint8_t *is_inside = NULL;
    blind.entries = NULL;
    blind.counts = NULL;
    blind.n_mixed = 0;
    TL_TRY_ALLOC(ctx, is_inside, c->model.n_cells);
    TL_TRY_ALLOC(ctx, blind.entries, c->model.n_entries);
    TL_TRY_ALLOC(ctx, blind.counts, c->model.n_cells);
    for (int64_t e = 0; e < c->model.n_entries; e++)
        if (c->model.entries[e].inside_m2 > 0.0)
            is_inside[c->model.entries[e].cell] = 1;
    for (int64_t e = 0; e < c->model.n_entries; e++) {
        blind.entries[e] = c->model.entries[e];
        if (is_inside[blind.entries[e].cell] != 0)
            blind.entries[e].group = 0;
    }
    for (int64_t i = 0; i < c->model.n_cells; i++)
        blind.counts[i] = is_inside[i] != 0 ? 0.0 : c->model.counts[i];
    TL_TRY(tl_release_draw(ctx, &blind, &c->prior, &o, &draws));
    TL_TRY(figures_of(ctx, &blind, &draws, &of, &c->before));
done:
    tl_release_draws_fini(&draws);
    tl_free(is_inside);
    tl_free(blind.entries);
    tl_free(blind.counts);
    return err;
}

static void mean_density(struct tl_release_case *c)
{
    double sum = 0.0;
    for (int64_t k = 0; k < c->draws.n * c->draws.n_inside; k++)
        sum += c->draws.ground[k];
    c->density_ha = sum / (double)c->draws.n / c->local.area_m2 * TL_RELEASE_M2_PER_HA;
}

static tl_err draw_case(struct tl_ctx *ctx, const struct tl_release_shared *shared,
                        struct tl_release_case *c)
{
    tl_err err = TL_OK;
    const struct tl_release_options *o = shared->options;
    struct tl_release_draws alone = {0};
    struct tl_window *window = NULL;
    TL_TRY(tl_release_model_init(ctx, &c->local, c->depth_cm, CELLS_MAX, &c->model));
    TL_TRY(tl_release_prior_of(ctx, &shared->map, &c->local, &c->prior));
    c->map_share = tl_release_map_share(&shared->map, &c->local);
    struct tl_release_draw_options draw = {.n_draws = shared->n_draws,
                                           .seed = o->seed,
                                           .independent = o->independent_misses,
                                           .n_alone = draws_aside(shared),
                                           .alone = &alone,
                                           .window = &window};
    TL_TRY(tl_release_draw(ctx, &c->model, &c->prior, &draw, &c->draws));
    TL_TRY_ALLOC(ctx, c->remaining, c->draws.n);
    struct tl_release_options_of of = {.seed = o->seed, .independent = o->independent_misses};
    tl_release_remaining(ctx, &c->model, &c->draws, &of, 0, NULL, c->remaining);
    c->now = tl_release_figures_of(c->remaining, c->draws.n, c->draws.n_chains);
    mean_density(c);
    of.independent = true;
    TL_TRY(figures_of(ctx, &c->model, &alone, &of, &c->alone));
    TL_TRY(draw_before(ctx, shared, window, c));
done:
    tl_window_free(window);
    tl_release_draws_fini(&alone);
    return err;
}

/* Whether the area is more than suspected, and what the doubt changes. */
static tl_err weigh_suspicion(struct tl_ctx *ctx, const struct tl_release_shared *shared,
                              struct tl_release_case *c)
{
    tl_err err = TL_OK;
    struct tl_release_suspicion *s = &c->suspicion;
    double *finds = NULL;
    if (!s->in_doubt)
        return TL_OK;
    TL_TRY_ALLOC(ctx, finds, c->draws.n);
    tl_release_finds(ctx, &c->model, &c->draws, finds);
    s->factor = tl_release_suspicion_factor(&c->model, &c->prior);
    s->share = tl_release_share_of(&shared->lessons, c->subject.code);
    s->n_left_out = shared->lessons.n_left_out;
    tl_release_suspicion_weigh(finds, c->remaining, c->draws.n, &c->now, s);
done:
    tl_free(finds);
    return err;
}

static tl_err hash_text(struct tl_ctx *ctx, const json_t *json, struct tl_release_result *r)
{
    tl_err err = tl_json_text(ctx, json, &r->json);
    if (err != TL_OK)
        return err;
    tl_hash_of(r->json, (int64_t)strlen(r->json), r->hash);
    return TL_OK;
}

tl_err tl_release_case_solve(struct tl_ctx *ctx, const struct tl_release_shared *shared,
                             struct tl_release_case *c)
{
    tl_err err = TL_OK;
    json_t *json = NULL;
    TL_TRY(draw_case(ctx, shared, c));
    TL_TRY(weigh_suspicion(ctx, shared, c));
    tl_release_case_measure(c);
    tl_release_case_facts(c, &c->now);
    TL_TRY(tl_release_what_if_set(ctx, shared, c));
    TL_TRY(tl_release_what_if_run(ctx, shared, c));
    if (shared->criteria != NULL) {
        TL_TRY(tl_release_criteria_judge(ctx, shared->criteria, shared->catalogue, &c->facts,
                                         &c->verdicts));
        TL_TRY(tl_release_programme_find(ctx, shared, c));
    }
    TL_TRY(tl_release_tell(ctx, shared, c, &json));
    struct tl_release_result *r = &c->result;
    snprintf(r->code, sizeof r->code, "%s", c->subject.code);
    r->area_m2 = c->local.area_m2;
    r->expected = c->now.expected;
    r->upper95 = c->now.upper95;
    r->p_any = c->now.p_any;
    r->in_doubt = c->suspicion.in_doubt;
    r->p_any_doubted = r->in_doubt ? c->suspicion.p_any : r->p_any.value;
    TL_TRY(hash_text(ctx, json, r));
    TL_TRY(tl_release_words(ctx, shared, c, json, &r->words));
done:
    json_decref(json);
    return err;
}

void tl_release_result_fini(struct tl_release_result *r)
{
    tl_free(r->json);
    tl_free(r->words);
    *r = (struct tl_release_result){0};
}

tl_err tl_release_keep(struct tl_ctx *ctx, struct tl_project *project,
                       struct tl_release_result *result)
{
    tl_err err = TL_OK;
    json_t *json = json_loads(result->json != NULL ? result->json : "", 0, NULL);
    const char *evidence = json_string_value(json_object_get(json, "evidence_hash"));
    bool has_begun = false;
    if (evidence == NULL)
        TL_THROW(ctx, TL_EDATA, "what is to be kept is not an assessment");
    if (result->code[0] == '\0')
        TL_THROW(ctx, TL_EUSAGE,
                 "only assessments of registered areas are kept; this is a polygon");
    TL_TRY(tl_project_begin(ctx, project));
    has_begun = true;
    TL_TRY(tl_decision_keep_assessment(ctx, project, result->code, result->hash, evidence,
                                       result->json));
    TL_TRY(tl_project_commit(ctx, project));
    result->kept = true;
done:
    if (err != TL_OK && has_begun)
        tl_project_rollback(project);
    json_decref(json);
    return err;
}

tl_err tl_release_case_open(struct tl_ctx *ctx, struct tl_project *project,
                            struct tl_release_shared *shared, struct tl_release_case *c)
{
    tl_err err = TL_OK;
    const struct tl_release_options *options = shared->options;
    struct tl_release_subject subject = {0};
    TL_TRY(tl_release_subject_find(ctx, project, options, &subject));
    if (options->keep && !subject.is_area)
        TL_THROW(ctx, TL_EUSAGE,
                 "only assessments of registered areas are kept; this is a polygon");
    TL_TRY(tl_release_shared_init(ctx, project, options, false, shared));
    TL_TRY(tl_release_case_read(ctx, shared, &subject, c));
    TL_TRY(tl_release_case_solve(ctx, shared, c));
done:
    tl_release_subject_fini(&subject);
    return err;
}

tl_err tl_release_assess(struct tl_ctx *ctx, struct tl_project *project,
                         const struct tl_release_options *options, struct tl_release_result *result)
{
    tl_err err = TL_OK;
    struct tl_release_shared shared = {.options = options};
    struct tl_release_case *c = NULL;
    TL_TRY_ALLOC(ctx, c, 1);
    TL_TRY(tl_release_case_open(ctx, project, &shared, c));
    if (options->keep)
        TL_TRY(tl_release_keep(ctx, project, &c->result));
    *result = c->result;
    c->result = (struct tl_release_result){0};
done:
    if (c != NULL)
        tl_release_case_fini(c);
    tl_free(c);
    tl_release_shared_fini(&shared);
    return err;
}

/* ---- all areas ---- */

struct batch {
    const struct tl_release_shared *shared;
    struct tl_ctx *ctx;
    struct tl_release_case *cases; /* [AT_ONCE] */
    bool ready[AT_ONCE];
};

/* Each area with a context of its own: one thread and one message each, whoever takes it. */
static void solve_some(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct batch *b = user;
    (void)chunk;
    for (int64_t k = first; k < last; k++) {
        struct tl_release_case *c = &b->cases[k];
        struct tl_ctx *own = b->ready[k] && !tl_is_cancelled(b->ctx) ? tl_ctx_create() : NULL;
        c->err = own == NULL && b->ready[k] ? TL_ENOMEM : TL_OK;
        if (own == NULL)
            continue;
        tl_ctx_set_threads(own, 1);
        c->err = tl_release_case_solve(own, b->shared, c);
        snprintf(c->message, sizeof c->message, "%s", tl_ctx_message(own));
        tl_ctx_free(own);
    }
}

static void skip(json_t *skipped, const char *code, const char *why)
{
    json_array_append_new(skipped, json_pack("{s:s, s:s}", "code", code, "why", why));
}

static tl_err run_batch(struct tl_ctx *ctx, struct tl_release_shared *shared, struct batch *b,
                        struct tl_release_subject *subjects, int64_t n, json_t *skipped)
{
    tl_err err = TL_OK;
    for (int64_t k = 0; k < n; k++) {
        char code[32];
        snprintf(code, sizeof code, "%s", subjects[k].code);
        err = tl_release_case_read(ctx, shared, &subjects[k], &b->cases[k]);
        b->ready[k] = err == TL_OK;
        if (err == TL_EDATA)
            skip(skipped, code, tl_ctx_message(ctx));
        else
            TL_TRY(err);
        err = TL_OK;
    }
    tl_par_for(ctx, n, 1, solve_some, b);
    TL_TRY(tl_cancelled(ctx));
    for (int64_t k = 0; k < n; k++)
        if (b->cases[k].err != TL_OK)
            TL_THROW(ctx, b->cases[k].err, "%s: %s", b->cases[k].subject.code, b->cases[k].message);
done:
    return err;
}

static tl_err hand_over(struct tl_ctx *ctx, struct tl_project *project, struct batch *b, int64_t n,
                        bool do_keep, tl_release_each each, void *user)
{
    tl_err err = TL_OK;
    for (int64_t k = 0; k < n; k++) {
        if (!b->ready[k])
            continue;
        if (do_keep)
            TL_TRY(tl_release_keep(ctx, project, &b->cases[k].result));
        TL_TRY(each(ctx, user, &b->cases[k].result));
    }
done:
    return err;
}

tl_err tl_release_assess_all(struct tl_ctx *ctx, struct tl_project *project,
                             const struct tl_release_options *options, tl_release_each each,
                             void *user, char **skipped)
{
    tl_err err = TL_OK;
    struct tl_release_shared shared = {0};
    struct tl_release_subject *subjects = NULL;
    struct batch b = {.shared = &shared, .ctx = ctx};
    json_t *left_out = json_array();
    int64_t n = 0;
    tl_progress_begin(ctx, "assessing areas");
    TL_TRY(tl_release_subject_all(ctx, project, &subjects, &n));
    TL_TRY_ALLOC(ctx, b.cases, AT_ONCE);
    TL_TRY(tl_release_shared_init(ctx, project, options, true, &shared));
    for (int64_t first = 0; first < n; first += AT_ONCE) {
        int64_t now = n - first < AT_ONCE ? n - first : AT_ONCE;
        TL_TRY(run_batch(ctx, &shared, &b, subjects + first, now, left_out));
        TL_TRY(hand_over(ctx, project, &b, now, options->keep, each, user));
        for (int64_t k = 0; k < now; k++)
            tl_release_case_fini(&b.cases[k]);
        memset(b.ready, 0, sizeof b.ready);
        tl_progress_set(ctx, (double)(first + now) / (double)n);
    }
    TL_TRY(tl_json_text(ctx, left_out, skipped));
done:
    tl_progress_end(ctx);
    for (int64_t k = 0; b.cases != NULL && k < AT_ONCE; k++)
        tl_release_case_fini(&b.cases[k]);
    tl_free(b.cases);
    for (int64_t k = 0; subjects != NULL && k < n; k++)
        tl_release_subject_fini(&subjects[k]);
    tl_free(subjects);
    json_decref(left_out);
    tl_release_shared_fini(&shared);
    return err;
}
