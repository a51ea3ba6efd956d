/* An assessment for people: what was searched, what was found, what may remain and how sure that is. Never a verdict of its own. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/term.h"
#include "release/assess.h"

enum { TEXT_BYTES = TL_TERM_NUMBER_BYTES + 8 };
static const double TWICE = 1.96; /* +- in words is what it is in the dossier */

static const char *percent(const struct tl_catalogue *k, double share, char *text)
{
    char number[TL_TERM_NUMBER_BYTES];
    const char *sign = "";
    double shown = 100.0 * share;
    if (share > 0.0 && share < 0.0001) {
        sign = "< ";
        shown = 0.01;
    } else if (share >= 0.9995 && share < 1.0) {
        sign = "> ";
        shown = 99.9;
    }
    snprintf(text, TEXT_BYTES, "%s%s %%", sign, tl_term_number(k, shown, number));
    return text;
}

/* No chance is told as none or certain: rounding is not knowledge. */
static const char *chance(const struct tl_catalogue *k, double p, char *text)
{
    return percent(k, isfinite(p) ? fmin(fmax(p, 1e-9), 1.0 - 1e-9) : p, text);
}

static tl_err say_head(struct tl_ctx *ctx, const struct tl_release_shared *s,
                       const struct tl_release_case *c, const json_t *json, struct tl_buf *b)
{
    tl_err err = TL_OK;
    char ha[TEXT_BYTES];
    const struct tl_catalogue *k = s->catalogue;
    const char *code = c->subject.code[0] != '\0' ? c->subject.code : c->subject.name;
    const char *speaks =
        json_string_value(json_object_get(json_object_get(json, "speaks_of"), "words"));
    TL_TRY(tl_buf_printf(ctx, b, "%s", code));
    if (c->subject.code[0] != '\0' && c->subject.name[0] != '\0')
        TL_TRY(tl_buf_printf(ctx, b, " (%s)", c->subject.name));
    TL_TRY(tl_buf_printf(ctx, b, ": "));
    TL_TRY(tl_buf_printf(ctx, b, tl_catalogue_text(k, "%s ha. Speaks of %s.\n"),
                         tl_term_number(k, c->local.area_m2 / TL_RELEASE_M2_PER_HA, ha), speaks));
done:
    return err;
}

static tl_err say_searched(struct tl_ctx *ctx, const struct tl_release_shared *s,
                           const struct tl_release_case *c, struct tl_buf *b)
{
    tl_err err = TL_OK;
    const struct tl_catalogue *k = s->catalogue;
    char a[TEXT_BYTES], d[TEXT_BYTES], n[TEXT_BYTES];
    if (!(c->searched_m2 > 0.0))
        return tl_buf_add(ctx, b, tl_catalogue_text(k, "Searched: nothing.\n"));
    TL_TRY(tl_buf_printf(
        ctx, b,
        tl_catalogue_text(k, "Searched: %s of the area; counting what methods miss, as "
                             "good as %s of it.\n"),
        percent(k, fmin(c->searched_m2 / c->local.area_m2, 1.0), a),
        percent(k, c->effective_m2 / c->local.area_m2, d)));
    for (int64_t i = 0; i < c->local.n_searches; i++) {
        const struct tl_local_search *one = &c->local.searches[i];
        const char *when = one->date_end[0] != '\0' ? one->date_end : one->date_start;
        if (!one->takes_effort || !(one->area_m2 > 0.0))
            continue;
        TL_TRY(tl_buf_printf(ctx, b, "  %s%s%s%s%s%s%s x%d, ", one->code,
                             when[0] == '\0' ? "" : ", ", when, one->type[0] == '\0' ? "" : ", ",
                             tl_term_words(k, one->type), one->method[0] == '\0' ? "" : ", ",
                             tl_term_words(k, one->method), (int)one->passes));
        if (one->depth_cm > 0.0)
            TL_TRY(tl_buf_printf(ctx, b, tl_catalogue_text(k, "to %s cm, "),
                                 tl_term_number(k, one->depth_cm, n)));
        TL_TRY(tl_buf_printf(ctx, b, tl_catalogue_text(k, "%s of the area, found %s\n"),
                             percent(k, fmin(one->area_m2 / c->local.area_m2, 1.0), a),
                             tl_term_number(k, one->found, n)));
    }
done:
    return err;
}

static tl_err say_remaining(struct tl_ctx *ctx, const struct tl_release_shared *s,
                            const struct tl_release_case *c, struct tl_buf *b)
{
    tl_err err = TL_OK;
    const struct tl_catalogue *k = s->catalogue;
    const struct tl_release_figures *f = &c->now;
    char v[TEXT_BYTES], e[TEXT_BYTES], u[TEXT_BYTES], h[TEXT_BYTES], p[TEXT_BYTES], q[TEXT_BYTES];
    double ha = c->local.area_m2 / TL_RELEASE_M2_PER_HA;
    TL_TRY(tl_buf_printf(
        ctx, b,
        tl_catalogue_text(k, "What may remain: %s items expected (+- %s, Monte Carlo), at "
                             "most %s with 95 %% probability; %s per hectare.\n"),
        tl_term_number(k, f->expected.value, v), tl_term_number(k, TWICE * f->expected.mcse, e),
        tl_term_number(k, f->upper95.value, u), tl_term_number(k, f->expected.value / ha, h)));
    /* An error too small to be seen beside the chance says nothing. */
    if (f->p_any.value > 0.9995 || f->p_any.mcse < 0.00005)
        TL_TRY(tl_buf_printf(ctx, b,
                             tl_catalogue_text(k, "Chance that at least one item remains: %s.\n"),
                             chance(k, f->p_any.value, p)));
    else
        TL_TRY(tl_buf_printf(
            ctx, b, tl_catalogue_text(k, "Chance that at least one item remains: %s (+- %s).\n"),
            chance(k, f->p_any.value, p), percent(k, TWICE * f->p_any.mcse, q)));
    TL_TRY(tl_buf_printf(
        ctx, b,
        tl_catalogue_text(k, "Before any search of it was counted: %s items expected. If "
                             "misses were independent, which they are not: %s.\n"),
        tl_term_number(k, c->before.expected.value, v),
        tl_term_number(k, c->alone.expected.value, e)));
done:
    return err;
}

static tl_err say_suspicion(struct tl_ctx *ctx, const struct tl_release_shared *shared,
                            const struct tl_release_case *c, struct tl_buf *b)
{
    tl_err err = TL_OK;
    const struct tl_catalogue *k = shared->catalogue;
    const struct tl_release_suspicion *s = &c->suspicion;
    char p[TEXT_BYTES], low[TEXT_BYTES], high[TEXT_BYTES], none[TEXT_BYTES];
    if (!s->in_doubt)
        return TL_OK;
    TL_TRY(tl_buf_printf(
        ctx, b,
        tl_catalogue_text(k, "Nobody has met or found anything in this suspected area. The figures "
                             "take the suspicion as true; the chance that it is: %s (90 %% "
                             "interval %s to %s), "),
        chance(k, s->holds, p), chance(k, s->holds_low, low), chance(k, s->holds_high, high)));
    if (s->share.n == 0)
        TL_TRY(tl_buf_add(ctx, b,
                          tl_catalogue_text(k, "assumed, because no suspected area of the register "
                                               "was searched.\n")));
    else
        TL_TRY(tl_buf_printf(ctx, b,
                             tl_catalogue_text(k, "from a weak assumption and searched areas of "
                                                  "its kind: %lld, something found in %lld.\n"),
                             (long long)s->share.n, (long long)s->share.n_found));
    TL_TRY(tl_buf_printf(
        ctx, b,
        tl_catalogue_text(k,
                          "If it is false, the ground is as ground here without a report: chance "
                          "that at least one item remains %s. With both taken into account: %s "
                          "(%s to %s). Criteria are held against the figures above, not against "
                          "these.\n"),
        chance(k, s->p_any_if_false, none), chance(k, s->p_any, p), chance(k, s->p_any_low, low),
        chance(k, s->p_any_high, high)));
done:
    return err;
}

static tl_err say_work(struct tl_ctx *ctx, const struct tl_release_shared *s,
                       const struct tl_release_case *c, struct tl_buf *b)
{
    tl_err err = TL_OK;
    const struct tl_catalogue *k = s->catalogue;
    char v[TEXT_BYTES], d[TEXT_BYTES], m[TEXT_BYTES], p[TEXT_BYTES];
    if (c->n_what > 0)
        TL_TRY(tl_buf_add(ctx, b,
                          tl_catalogue_text(k, "What more work over all of it would leave:\n")));
    for (int i = 0; i < c->n_what; i++) {
        const struct tl_release_what *w = &c->what[i];
        TL_TRY(tl_buf_printf(
            ctx, b,
            tl_catalogue_text(k, "  %s x%d: %s items expected, chance of any %s; days at the "
                                 "table's pace %s, price %s%s%s\n"),
            tl_term_words(k, w->method), (int)w->step.passes,
            tl_term_number(k, w->figures.expected.value, v), chance(k, w->figures.p_any.value, p),
            isfinite(w->days) ? tl_term_number(k, w->days, d) : tl_catalogue_text(k, "not known"),
            isfinite(w->cost) ? tl_term_number(k, w->cost, m) : tl_catalogue_text(k, "not known"),
            isfinite(w->cost) ? " " : "",
            isfinite(w->cost) ? c->local.methods[w->step.method].currency : ""));
    }
done:
    return err;
}

static tl_err say_programme(struct tl_ctx *ctx, const struct tl_release_shared *s,
                            const struct tl_release_case *c, struct tl_buf *b)
{
    tl_err err = TL_OK;
    const struct tl_catalogue *k = s->catalogue;
    const struct tl_release_programme *p = &c->programme;
    const char *as = tl_term_words(k, tl_release_verdicts[p->verdict]);
    char m[TEXT_BYTES];
    if (!p->meets)
        return tl_buf_printf(
            ctx, b, tl_catalogue_text(k, "Work that would meet the criteria for '%s': %s.\n"), as,
            tl_catalogue_text(k, p->why));
    if (p->n_steps == 0)
        return tl_buf_printf(
            ctx, b, tl_catalogue_text(k, "The criteria for '%s' are met without more work.\n"), as);
    TL_TRY(tl_buf_printf(
        ctx, b, tl_catalogue_text(k, "Cheapest work that meets the criteria for '%s':"), as));
    for (int i = 0; i < p->n_steps; i++)
        TL_TRY(tl_buf_printf(ctx, b, "%s %s x%d", i > 0 ? "," : "",
                             tl_term_words(k, c->local.methods[p->steps[i].method].name),
                             (int)p->steps[i].passes));
    TL_TRY(tl_buf_printf(ctx, b, tl_catalogue_text(k, ", price %s %s.\n"),
                         tl_term_number(k, p->cost, m), p->currency));
done:
    return err;
}

static tl_err say_verdicts(struct tl_ctx *ctx, const struct tl_release_shared *s,
                           const struct tl_release_case *c, struct tl_buf *b)
{
    tl_err err = TL_OK;
    const struct tl_catalogue *k = s->catalogue;
    size_t i, j;
    json_t *verdict, *test;
    if (c->verdicts == NULL)
        return tl_buf_add(
            ctx, b,
            tl_catalogue_text(k, "No criteria were given: these are figures, not a verdict.\n"));
    json_array_foreach(json_object_get(c->verdicts, "verdicts"), i, verdict)
    {
        bool met = json_is_true(json_object_get(verdict, "met"));
        TL_TRY(tl_buf_printf(ctx, b,
                             met ? tl_catalogue_text(k, "Criteria for '%s' (%s): met.\n")
                                 : tl_catalogue_text(k, "Criteria for '%s' (%s): not met.\n"),
                             tl_term_words(k, json_string_value(json_object_get(verdict, "as"))),
                             json_string_value(json_object_get(c->verdicts, "file"))));
        json_array_foreach(json_object_get(verdict, "tests"), j, test)
        {
            if (json_is_true(json_object_get(test, "met")))
                continue;
            TL_TRY(tl_buf_printf(ctx, b, tl_catalogue_text(k, "  not met: %s, %s\n"),
                                 json_string_value(json_object_get(test, "words")),
                                 json_string_value(json_object_get(test, "limit"))));
        }
    }
    TL_TRY(say_programme(ctx, s, c, b));
done:
    return err;
}

static tl_err say_list(struct tl_ctx *ctx, const json_t *list, const char *head, struct tl_buf *b)
{
    tl_err err = TL_OK;
    size_t at;
    json_t *one;
    if (json_array_size(list) > 0)
        TL_TRY(tl_buf_add(ctx, b, head));
    json_array_foreach(list, at, one)
        TL_TRY(tl_buf_printf(ctx, b, "  - %s\n", json_string_value(json_object_get(one, "words"))));
done:
    return err;
}

tl_err tl_release_words(struct tl_ctx *ctx, const struct tl_release_shared *s,
                        const struct tl_release_case *c, const json_t *json, char **words)
{
    tl_err err = TL_OK;
    struct tl_buf b = {0};
    const struct tl_catalogue *k = s->catalogue;
    TL_TRY(say_head(ctx, s, c, json, &b));
    TL_TRY(say_searched(ctx, s, c, &b));
    TL_TRY(say_remaining(ctx, s, c, &b));
    TL_TRY(say_suspicion(ctx, s, c, &b));
    TL_TRY(say_work(ctx, s, c, &b));
    TL_TRY(say_verdicts(ctx, s, c, &b));
    TL_TRY(say_list(ctx, json_object_get(json, "warnings"), tl_catalogue_text(k, "Beware:\n"), &b));
    TL_TRY(say_list(ctx, json_object_get(json, "assumptions"),
                    tl_catalogue_text(k, "Taken for granted:\n"), &b));
    TL_TRY(tl_buf_add(
        ctx, &b,
        tl_catalogue_text(k, "Whether land is released is decided by a named person of the "
                             "authority, not by this program.\n")));
    *words = b.text;
    b = (struct tl_buf){0};
done:
    tl_buf_fini(&b);
    return err;
}
