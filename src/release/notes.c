/* What was taken for granted, and what to beware of, in words: each line with a key that programs can go by. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/buf.h"
#include "core/term.h"
#include "release/assess.h"

enum { DIGITS = 3 }; /* of a share in per cent */
static const double FEW_DRAWS = 100.0;

static void add(json_t *list, const char *key, const char *words)
{
    json_array_append_new(list, json_pack("{s:s, s:s}", "key", key, "words", words));
}

static tl_err add_buf(struct tl_ctx *ctx, json_t *list, const char *key, struct tl_buf *buf,
                      tl_err err)
{
    if (err == TL_OK)
        add(list, key, buf->text);
    tl_buf_clear(buf);
    (void)ctx;
    return err;
}

static double mean_of(double a, double b)
{
    return a + b > 0.0 ? a / (a + b) : 0.0;
}

static tl_err methods_used(struct tl_ctx *ctx, const struct tl_release_shared *s,
                           const struct tl_release_case *c, json_t *list)
{
    tl_err err = TL_OK;
    struct tl_buf buf = {0};
    const struct tl_catalogue *k = s->catalogue;
    char d[TL_TERM_NUMBER_BYTES], q[TL_TERM_NUMBER_BYTES], f[TL_TERM_NUMBER_BYTES],
        p[TL_TERM_NUMBER_BYTES];
    for (int64_t r = 0; r < c->model.n_rows; r++) {
        const struct tl_method *m = &c->local.methods[c->model.rows[r].method];
        TL_TRY(add_buf(
            ctx, list, "method", &buf,
            tl_buf_printf(ctx, &buf,
                          tl_catalogue_text(k, "Method '%s': it can find %s of items at all, each "
                                               "of these with %s at one pass; a lot of work fails "
                                               "as a whole with %s and then finds %s. Source: %s"),
                          tl_term_words(k, m->name),
                          tl_term_percent(k, mean_of(m->detectable_a, m->detectable_b), DIGITS, d),
                          tl_term_percent(k, mean_of(m->per_pass_a, m->per_pass_b), DIGITS, q),
                          tl_term_percent(k, m->process_failure, DIGITS, f),
                          tl_term_percent(k, m->process_failure_p, DIGITS, p),
                          tl_catalogue_text(k, m->source))));
    }
done:
    tl_buf_fini(&buf);
    return err;
}

static bool any_depth(const struct tl_release_case *c)
{
    bool any = false;
    for (int64_t k = 0; k < c->local.n_searches; k++)
        any = any || (c->local.searches[k].takes_effort && c->local.searches[k].depth_cm > 0.0);
    return any;
}

tl_err tl_release_assumptions(struct tl_ctx *ctx, const struct tl_release_shared *s,
                              const struct tl_release_case *c, json_t *list)
{
    const struct tl_catalogue *k = s->catalogue;
    add(list, "density",
        tl_catalogue_text(k,
                          "Items lie independently of each other once their density is given; the "
                          "density varies smoothly over the ground, as the hazard map says."));
    add(list, "misses",
        tl_catalogue_text(k,
                          "Misses go together: what a method cannot find is missed by all of its "
                          "passes, and a lot of work may fail as a whole, unseen."));
    if (s->options->independent_misses)
        add(list, "independent-misses",
            tl_catalogue_text(k,
                              "For comparison only: every pass was taken to find every item with "
                              "the same chance, whatever the others did. This is too favourable."));
    add(list, "map",
        tl_catalogue_text(k,
                          "Range, variability and the weight of terrain and reports come from the "
                          "latest hazard map; they are held or taken as its posterior."));
    add(list, "lots",
        tl_catalogue_text(k,
                          "Work of one team on one task is one lot; a search without either is a "
                          "lot of its own."));
    add(list, "removed",
        tl_catalogue_text(
            k, "Items that people met by chance or in accidents are not taken off what "
               "remains: what searches found tells of the ground as it was by then. Where "
               "they were met later, that is a small overstatement."));
    if (c->suspicion.in_doubt)
        add(list, "suspicion",
            tl_catalogue_text(
                k, "A suspicion that may be false lowers no figure that criteria are held against; "
                   "what it would change is told beside them. That half of all suspicions are "
                   "true is a weak assumption, worth two searched areas."));
    if (c->model.n_layers > 1)
        add(list, "depth",
            tl_catalogue_text(k, "How deep items lie comes from the depths of all items that the "
                                 "project records; those were found where people searched, so deep "
                                 "ones are under-recorded."));
    else if (c->model.n_rows > 0 && any_depth(c))
        add(list, "depth-reached",
            tl_catalogue_text(k, "Every search here that records its depth went as deep as the "
                                 "figures speak of; items below that are not counted."));
    else if (c->model.n_rows > 0)
        add(list, "depth-not-recorded",
            tl_catalogue_text(k, "No search here records its depth: the figures speak of the depth "
                                 "that the methods' figures hold for."));
    if (s->vegetation >= 0 || s->slope >= 0)
        add(list, "terrain",
            tl_catalogue_text(k,
                              "Vegetation and slope as given change what more work would find and "
                              "cost, not what earlier searches found."));
    return methods_used(ctx, s, c, list);
}

static tl_err warn_methods(struct tl_ctx *ctx, const struct tl_release_shared *s,
                           const struct tl_release_case *c, json_t *list)
{
    tl_err err = TL_OK;
    struct tl_buf buf = {0};
    for (int64_t k = 0; k < c->local.n_searches; k++) {
        const struct tl_local_search *search = &c->local.searches[k];
        const char *row = c->local.methods[search->takes_effort ? search->row : 0].name;
        if (!search->takes_effort || !(search->area_m2 > 0.0) || search->method[0] == '\0' ||
            strcasecmp(row, search->method) == 0)
            continue;
        TL_TRY(
            add_buf(ctx, list, "unknown-method", &buf,
                    tl_buf_printf(ctx, &buf,
                                  tl_catalogue_text(s->catalogue,
                                                    "Search %s names the method '%s', which has no "
                                                    "row in the table of methods: the figures of "
                                                    "'%s' were taken."),
                                  search->code, search->method, tl_term_words(s->catalogue, row))));
    }
    for (int64_t r = 0; r < c->model.n_rows; r++) {
        const struct tl_method *m = &c->local.methods[c->model.rows[r].method];
        if (m->is_assumption)
            TL_TRY(
                add_buf(ctx, list, "assumed-method", &buf,
                        tl_buf_printf(ctx, &buf,
                                      tl_catalogue_text(s->catalogue,
                                                        "What method '%s' finds is an assumption, "
                                                        "not the outcome of a trial."),
                                      tl_term_words(s->catalogue, m->name))));
    }
done:
    tl_buf_fini(&buf);
    return err;
}

static tl_err warn_depth(struct tl_ctx *ctx, const struct tl_release_shared *s,
                         const struct tl_release_case *c, json_t *list)
{
    tl_err err = TL_OK;
    struct tl_buf buf = {0};
    char asked[TL_TERM_NUMBER_BYTES], deepest[TL_TERM_NUMBER_BYTES];
    const struct tl_release_model *m = &c->model;
    double reference = m->n_reference > 0 ? m->layer_cm[m->n_reference - 1] : (double)NAN;
    int64_t n_unknown = 0;
    for (int64_t k = 0; k < c->local.n_searches; k++)
        n_unknown += c->local.searches[k].takes_effort && c->local.searches[k].area_m2 > 0.0 &&
                     !(c->local.searches[k].depth_cm > 0.0);
    if (isfinite(c->depth_cm) && isfinite(reference) && c->depth_cm > reference)
        TL_TRY(add_buf(
            ctx, list, "deeper-than-searched", &buf,
            tl_buf_printf(
                ctx, &buf,
                tl_catalogue_text(s->catalogue,
                                  "No search here went deeper than %s cm: what lies between "
                                  "that and %s cm rests on the depths of %lld items recorded "
                                  "in the project."),
                tl_term_number(s->catalogue, reference, deepest),
                tl_term_number(s->catalogue, c->depth_cm, asked), (long long)c->local.n_depths)));
    if (isfinite(c->depth_cm) && !isfinite(reference) && m->n_rows > 0)
        add(list, "depth-not-recorded",
            tl_catalogue_text(s->catalogue,
                              "A depth was asked for, but no search here records its own: "
                              "they were taken to reach it."));
    else if (n_unknown > 0 && isfinite(reference))
        add(list, "depth-of-some-not-recorded",
            tl_catalogue_text(s->catalogue,
                              "Searches that do not record their depth were taken to reach "
                              "as deep as the deepest one here."));
    if (isfinite(c->subject.suspected_cm) && isfinite(c->depth_cm) &&
        c->subject.suspected_cm > c->depth_cm)
        TL_TRY(add_buf(
            ctx, list, "suspected-deeper", &buf,
            tl_buf_printf(ctx, &buf,
                          tl_catalogue_text(s->catalogue,
                                            "Items are suspected down to %s cm, deeper than "
                                            "the %s cm that the figures speak of."),
                          tl_term_number(s->catalogue, c->subject.suspected_cm, deepest),
                          tl_term_number(s->catalogue, c->depth_cm, asked))));
done:
    tl_buf_fini(&buf);
    return err;
}

static bool any_evidence(const struct tl_release_case *c)
{
    double sum = 0.0;
    for (int k = 0; k < c->local.evidence.n_channels; k++)
        for (int64_t i = 0; i < tl_grid_n_cells(&c->local.grid); i++)
            sum += c->local.evidence.channels[k].effort[i];
    return sum > 0.0 || c->model.n_rows > 0;
}

static tl_err warn_ground(struct tl_ctx *ctx, const struct tl_release_shared *s,
                          const struct tl_release_case *c, json_t *list)
{
    tl_err err = TL_OK;
    struct tl_buf buf = {0};
    char a[TL_TERM_NUMBER_BYTES], b[TL_TERM_NUMBER_BYTES];
    const struct tl_catalogue *k = s->catalogue;
    bool inside = c->searched_m2 > 0.0 || c->local.n_items > 0;
    if (!any_evidence(c))
        add(list, "prior-only",
            tl_catalogue_text(
                k, "There is no evidence here or around: the prior is all there is. These "
                   "figures say what the map takes such ground to be like, nothing more."));
    else if (!inside)
        add(list, "nothing-inside",
            tl_catalogue_text(
                k, "Nothing was searched or found in this area: the figures come from the "
                   "ground around it and from the prior."));
    if (c->local.outside_m2 > 0.0)
        TL_TRY(add_buf(
            ctx, list, "partly-outside", &buf,
            tl_buf_printf(ctx, &buf,
                          tl_catalogue_text(k, "%s m2 of the area lie outside the map: nothing "
                                               "is said of them."),
                          tl_term_number(s->catalogue, c->local.outside_m2, a))));
    if (c->model.coarse > 1)
        TL_TRY(add_buf(
            ctx, list, "coarse-window", &buf,
            tl_buf_printf(ctx, &buf,
                          tl_catalogue_text(k, "The area is large: density was computed in cells "
                                               "of %s m instead of %s m."),
                          tl_term_number(s->catalogue, c->model.step_m, a),
                          tl_term_number(s->catalogue, c->local.grid.step_m, b))));
    if (c->model.n_unplaced > 0.0)
        TL_TRY(add_buf(
            ctx, list, "unplaced-items", &buf,
            tl_buf_printf(ctx, &buf,
                          tl_catalogue_text(k, "%s items were counted where their search did not "
                                               "go; they are not used."),
                          tl_term_number(s->catalogue, c->model.n_unplaced, a))));
    if (s->map_is_older)
        add(list, "older-map",
            tl_catalogue_text(
                k, "The records have changed since the hazard map was made: make it anew for "
                   "figures that rest on all of them."));
    if (c->now.effective_draws < FEW_DRAWS)
        TL_TRY(add_buf(
            ctx, list, "few-draws", &buf,
            tl_buf_printf(ctx, &buf,
                          tl_catalogue_text(k, "The draws are worth only %s independent ones: ask "
                                               "for more for sharper figures."),
                          tl_term_number(s->catalogue, floor(c->now.effective_draws), a))));
done:
    tl_buf_fini(&buf);
    return err;
}

tl_err tl_release_warnings(struct tl_ctx *ctx, const struct tl_release_shared *s,
                           const struct tl_release_case *c, json_t *list)
{
    tl_err err = TL_OK;
    TL_TRY(warn_ground(ctx, s, c, list));
    TL_TRY(warn_depth(ctx, s, c, list));
    TL_TRY(warn_methods(ctx, s, c, list));
done:
    return err;
}
