/* What may remain, what one more pass would change, and which criteria are met. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/dossier.h"
#include "report/frame.h"

enum { FIGURE_COLUMNS = 5, FIGURE_ROWS = 5 };

/* "0.83 ± 0.02", where the Monte Carlo error would be seen at all. */
static const char *with_error(struct tl_dossier *d, const json_t *from, const char *path,
                              bool percent)
{
    double value = tl_dossier_number(d, tl_dossier_at(d, from, path), "value");
    double mcse = tl_dossier_number(d, tl_dossier_at(d, from, path), "mcse");
    const char *text = percent ? tl_dossier_chance(d, value) : tl_dossier_figure(d, value);
    const char *error = tl_dossier_error(d, percent ? 100.0 * mcse : mcse);
    if (!isfinite(value) || error == NULL || (percent && mcse < 2e-4))
        return text;
    return percent ? tl_dossier_say(d, tl_catalogue_text(d->words, "%s ± %s points"), text, error)
                   : tl_dossier_say(d, "%s ± %s", text, error);
}

static void draw_figures(struct tl_dossier *d)
{
    struct tl_catalogue *w = d->words;
    const json_t *r = tl_dossier_at(d, NULL, "remaining");
    const struct tl_flow_column columns[FIGURE_COLUMNS] = {
        {tl_catalogue_text(w, "Items that remain"), 170, TL_PAGE_LEFT},
        {tl_catalogue_text(w, "In the whole area"), 110, TL_PAGE_RIGHT},
        {tl_catalogue_text(w, "Per hectare"), 80, TL_PAGE_RIGHT},
        {tl_catalogue_text(w, "Had no search been counted"), 90, TL_PAGE_RIGHT},
        {tl_catalogue_text(w, "If misses were independent"), 90, TL_PAGE_RIGHT}};
    const char *cells[FIGURE_ROWS * FIGURE_COLUMNS] = {
        tl_catalogue_text(w, "Expected number"),
        with_error(d, r, "expected", false),
        tl_dossier_figure(d, tl_dossier_number(d, r, "per_ha.expected")),
        tl_dossier_figure(d, tl_dossier_number(d, r, "prior.expected")),
        tl_dossier_figure(d, tl_dossier_number(d, r, "if_misses_were_independent.expected")),
        tl_catalogue_text(w, "As likely more as fewer (median)"),
        tl_dossier_figure(d, tl_dossier_number(d, r, "median")),
        NULL,
        NULL,
        NULL,
        tl_catalogue_text(w, "95 chances in 100: at least"),
        tl_dossier_figure(d, tl_dossier_number(d, r, "q05")),
        NULL,
        NULL,
        NULL,
        tl_catalogue_text(w, "95 chances in 100: at most"),
        with_error(d, r, "upper95", false),
        tl_dossier_figure(d, tl_dossier_number(d, r, "per_ha.upper95")),
        NULL,
        NULL,
        tl_catalogue_text(w, "Chance that at least one remains"),
        with_error(d, r, "p_any", true),
        tl_dossier_chance(d, tl_dossier_number(d, r, "per_ha.p_any")),
        tl_dossier_chance(d, tl_dossier_number(d, r, "prior.p_any")),
        tl_dossier_chance(d, tl_dossier_number(d, r, "if_misses_were_independent.p_any"))};
    tl_flow_heading(&d->flow, tl_catalogue_text(w, "What may remain"), 120.0);
    tl_flow_table(&d->flow, FIGURE_COLUMNS, columns, FIGURE_ROWS, cells);
    tl_flow_note(
        &d->flow,
        tl_catalogue_text(
            w, "± is twice the error of the computation by random draws; it is not the uncertainty "
               "of the ground, which the range from \"at least\" to \"at most\" shows. What one "
               "search misses, the next of its kind tends to miss as well; the last column shows "
               "how the figures would look without that, and is not to be relied on."));
}

/* Beside the figures, not among them: criteria are not held against what a doubt lowers. */
static void draw_suspicion(struct tl_dossier *d)
{
    struct tl_catalogue *w = d->words;
    const json_t *s = tl_dossier_at(d, NULL, "remaining.suspicion");
    if (!json_is_true(tl_dossier_at(d, s, "in_doubt")))
        return;
    const char *is_true = tl_dossier_say(
        d,
        tl_catalogue_text(w, "Nobody has met or found anything in this suspected area. The figures "
                             "above take the suspicion as true. The chance that it is: %s (90 %% "
                             "interval %s to %s), from a weak assumption and searched areas of "
                             "its kind (%s)."),
        tl_dossier_chance(d, tl_dossier_number(d, s, "holds.value")),
        tl_dossier_chance(d, tl_dossier_number(d, s, "holds.low")),
        tl_dossier_chance(d, tl_dossier_number(d, s, "holds.high")),
        tl_dossier_whole(d, tl_dossier_number(d, s, "true_of_such.areas")));
    const char *changes = tl_dossier_say(
        d,
        tl_catalogue_text(w, "If it is false, the ground is as ground here without a report: "
                             "chance that at least one item remains %s. With both taken into "
                             "account: %s (%s to %s). Criteria are held against the figures above, "
                             "not against these."),
        tl_dossier_chance(d, tl_dossier_number(d, s, "p_any_if_false")),
        tl_dossier_chance(d, tl_dossier_number(d, s, "p_any.value")),
        tl_dossier_chance(d, tl_dossier_number(d, s, "p_any.low")),
        tl_dossier_chance(d, tl_dossier_number(d, s, "p_any.high")));
    tl_flow_paragraph(&d->flow, tl_dossier_say(d, "%s %s", is_true, changes));
}

static void draw_reasons(struct tl_dossier *d)
{
    struct tl_catalogue *w = d->words;
    const json_t *reasons = tl_dossier_at(d, NULL, "reasons");
    int64_t n = (int64_t)json_array_size(reasons);
    const struct tl_flow_column columns[2] = {
        {tl_catalogue_text(w, "What the expected number per hectare is made of"), 400,
         TL_PAGE_LEFT},
        {tl_catalogue_text(w, "Factor"), 107, TL_PAGE_RIGHT}};
    if (n == 0)
        return;
    const char **cells = tl_alloc(d->ctx, 2 * n, sizeof *cells);
    if (cells == NULL) {
        d->err = TL_ENOMEM;
        return;
    }
    for (int64_t k = 0; k < n; k++) {
        const json_t *row = json_array_get(reasons, (size_t)k);
        const char *words = tl_dossier_string(d, row, "words");
        cells[2 * k] =
            words != NULL ? words : tl_dossier_or_dash(tl_dossier_string(d, row, "name"));
        /* The first is what the others multiply. */
        cells[2 * k + 1] = tl_dossier_say(
            d, k == 0 ? "%s" : "× %s", tl_dossier_figure(d, tl_dossier_number(d, row, "factor")));
    }
    tl_flow_table(&d->flow, 2, columns, n, cells);
    tl_free(cells);
}

enum { WHAT_IF_COLUMNS = 7 };

static void fill_what_if(struct tl_dossier *d, const json_t *row, const char **cells)
{
    const char *currency = tl_dossier_string(d, row, "currency");
    cells[0] = tl_dossier_term(d, tl_dossier_string(d, row, "method"));
    cells[1] = tl_dossier_whole(d, tl_dossier_number(d, row, "passes"));
    cells[2] = tl_dossier_range(d, tl_dossier_number(d, row, "days"),
                                tl_dossier_number(d, row, "days_low"),
                                tl_dossier_number(d, row, "days_high"));
    cells[3] = tl_dossier_range(d, tl_dossier_number(d, row, "cost"),
                                tl_dossier_number(d, row, "cost_low"),
                                tl_dossier_number(d, row, "cost_high"));
    if (currency != NULL && strcmp(cells[3], "–") != 0)
        cells[3] = tl_dossier_say(d, "%s %s", cells[3], currency);
    cells[4] = tl_dossier_figure(d, tl_dossier_number(d, row, "expected.value"));
    cells[5] = tl_dossier_figure(d, tl_dossier_number(d, row, "upper95.value"));
    cells[6] = tl_dossier_chance(d, tl_dossier_number(d, row, "p_any.value"));
}

static void draw_what_ifs(struct tl_dossier *d)
{
    struct tl_catalogue *w = d->words;
    const json_t *rows = tl_dossier_at(d, NULL, "what_if");
    int64_t n = (int64_t)json_array_size(rows);
    const struct tl_flow_column columns[WHAT_IF_COLUMNS] = {
        {tl_catalogue_text(w, "More work by"), 88, TL_PAGE_LEFT},
        {tl_catalogue_text(w, "Passes"), 40, TL_PAGE_RIGHT},
        {tl_catalogue_text(w, "Days at the table's pace"), 100, TL_PAGE_RIGHT},
        {tl_catalogue_text(w, "Price"), 132, TL_PAGE_RIGHT},
        {tl_catalogue_text(w, "Then expected"), 54, TL_PAGE_RIGHT},
        {tl_catalogue_text(w, "Then at most (95 %)"), 58, TL_PAGE_RIGHT},
        {tl_catalogue_text(w, "Chance that one remains"), 60, TL_PAGE_RIGHT}};
    tl_flow_heading(&d->flow, tl_catalogue_text(w, "What more work would change"), 80.0);
    if (n == 0) {
        tl_flow_paragraph(&d->flow, tl_catalogue_text(w, "No further work was looked at."));
        return;
    }
    const char **cells = tl_alloc(d->ctx, WHAT_IF_COLUMNS * n, sizeof *cells);
    if (cells == NULL) {
        d->err = TL_ENOMEM;
        return;
    }
    for (int64_t k = 0; k < n; k++)
        fill_what_if(d, json_array_get(rows, (size_t)k), cells + WHAT_IF_COLUMNS * k);
    tl_flow_table(&d->flow, WHAT_IF_COLUMNS, columns, n, cells);
    tl_free(cells);
    tl_flow_note(
        &d->flow,
        tl_catalogue_text(w, "Of the whole area, supposing that the work finds nothing more than "
                             "it is expected to find. In brackets the range of days and price; a "
                             "dash where the table of methods has no pace or no price."));
}

static void draw_programme(struct tl_dossier *d)
{
    struct tl_catalogue *w = d->words;
    const json_t *programme = tl_dossier_at(d, NULL, "programme"),
                 *steps = tl_dossier_at(d, programme, "steps");
    const char *why = programme == NULL ? NULL : tl_dossier_string(d, programme, "why");
    const char *list = "";
    if (!json_is_object(programme))
        return;
    tl_flow_subheading(&d->flow, tl_catalogue_text(w, "The cheapest work that meets the criteria"),
                       30.0);
    if (!json_is_true(json_object_get(programme, "meets"))) {
        tl_flow_paragraph(
            &d->flow,
            why == NULL
                ? tl_catalogue_text(w, "No work that was looked at meets them.")
                : tl_dossier_say(d, tl_catalogue_text(w, "No work was found for it: %s."), why));
        return;
    }
    if (json_array_size(steps) == 0) {
        tl_flow_paragraph(&d->flow, tl_catalogue_text(w, "They are met without further work."));
        return;
    }
    for (size_t k = 0; k < json_array_size(steps); k++) {
        const json_t *step = json_array_get(steps, k);
        list = tl_dossier_say(d, "%s%s%s × %s", list, k > 0 ? ", " : "",
                              tl_dossier_term(d, tl_dossier_string(d, step, "method")),
                              tl_dossier_whole(d, tl_dossier_number(d, step, "passes")));
    }
    tl_flow_paragraph(
        &d->flow,
        tl_dossier_say(
            d,
            tl_catalogue_text(
                w, "%s: %s days at the table's pace, %s. Then %s items are expected, and the "
                   "chance that at least one remains is %s."),
            list, tl_dossier_figure(d, tl_dossier_number(d, programme, "days")),
            tl_dossier_money(d, tl_dossier_number(d, programme, "cost"),
                             tl_dossier_string(d, programme, "currency")),
            tl_dossier_figure(d, tl_dossier_number(d, programme, "expected.value")),
            tl_dossier_chance(d, tl_dossier_number(d, programme, "p_any.value"))));
}

void tl_dossier_remains(struct tl_dossier *d)
{
    draw_figures(d);
    draw_suspicion(d);
    draw_reasons(d);
    draw_what_ifs(d);
    draw_programme(d);
}

/* What a test is held against and what there is: a number, words or yes and no. */
static const char *value_words(struct tl_dossier *d, const json_t *value)
{
    if (json_is_string(value))
        return json_string_value(value);
    if (json_is_boolean(value))
        return json_is_true(value) ? tl_catalogue_text(d->words, "yes")
                                   : tl_catalogue_text(d->words, "no");
    return tl_dossier_figure(d, json_is_number(value) ? json_number_value(value) : NAN);
}

/* Shares and chances in per cent, where the limit is. */
static const char *found_words(struct tl_dossier *d, const json_t *test)
{
    const json_t *value = json_object_get(test, "value");
    const char *limit = tl_dossier_string(d, test, "limit"),
               *name = tl_dossier_string(d, test, "name");
    /* Met, though there is no number: nothing happened from which years could be counted. */
    if (json_is_null(value) && json_is_true(json_object_get(test, "met")))
        return tl_catalogue_text(d->words, "none recorded");
    if (!json_is_number(value) || limit == NULL || strchr(limit, '%') == NULL)
        return value_words(d, value);
    return name != NULL && strstr(name, "p_any") != NULL
               ? tl_dossier_chance(d, json_number_value(value))
               : tl_dossier_percent(d, json_number_value(value));
}

static const char *met_words(struct tl_dossier *d, const json_t *met)
{
    return json_is_true(met)    ? tl_catalogue_text(d->words, "met")
           : json_is_false(met) ? tl_catalogue_text(d->words, "not met")
                                : tl_catalogue_text(d->words, "cannot be told");
}

static void draw_verdict(struct tl_dossier *d, const json_t *verdict)
{
    struct tl_catalogue *w = d->words;
    const json_t *tests = tl_dossier_at(d, verdict, "tests");
    int64_t n = (int64_t)json_array_size(tests);
    const struct tl_flow_column columns[4] = {
        {tl_catalogue_text(w, "Criterion"), 250, TL_PAGE_LEFT},
        {tl_catalogue_text(w, "Limit"), 100, TL_PAGE_RIGHT},
        {tl_catalogue_text(w, "Here"), 70, TL_PAGE_RIGHT},
        {tl_catalogue_text(w, "Result"), 87, TL_PAGE_LEFT}};
    tl_flow_subheading(
        &d->flow,
        tl_dossier_say(d, tl_catalogue_text(w, "For release as %s: the criteria are %s"),
                       tl_dossier_term(d, tl_dossier_string(d, verdict, "as")),
                       met_words(d, json_object_get(verdict, "met"))),
        50.0);
    const char **cells = tl_alloc(d->ctx, 4 * n, sizeof *cells);
    if (cells == NULL) {
        d->err = TL_ENOMEM;
        return;
    }
    for (int64_t k = 0; k < n; k++) {
        const json_t *test = json_array_get(tests, (size_t)k);
        const char *words = tl_dossier_string(d, test, "words");
        cells[4 * k] =
            words != NULL ? words : tl_dossier_or_dash(tl_dossier_string(d, test, "name"));
        cells[4 * k + 1] = value_words(d, json_object_get(test, "limit"));
        cells[4 * k + 2] = found_words(d, test);
        cells[4 * k + 3] = met_words(d, json_object_get(test, "met"));
    }
    tl_flow_table(&d->flow, 4, columns, n, cells);
    tl_free(cells);
}

void tl_dossier_criteria(struct tl_dossier *d)
{
    struct tl_catalogue *w = d->words;
    const json_t *criteria = tl_dossier_at(d, NULL, "criteria"), *list;
    tl_flow_heading(&d->flow, tl_catalogue_text(w, "Criteria"), 40.0);
    if (!json_is_object(criteria)) {
        tl_flow_paragraph(
            &d->flow,
            tl_catalogue_text(
                w, "No criteria were given. Without them this dossier has figures and no verdict: "
                   "whether they suffice is for the national mine action authority to say."));
        return;
    }
    const char *authority = tl_dossier_string(d, criteria, "authority");
    const char *title = tl_dossier_string(d, criteria, "title");
    if (authority != NULL)
        tl_flow_pair(&d->flow, tl_catalogue_text(w, "Authority"), authority);
    if (title != NULL)
        tl_flow_pair(&d->flow, tl_catalogue_text(w, "Criteria of"), title);
    tl_flow_pair(&d->flow, tl_catalogue_text(w, "File"),
                 tl_dossier_or_dash(tl_dossier_string(d, criteria, "file")));
    tl_flow_pair(&d->flow, tl_catalogue_text(w, "SHA-256 of the file"),
                 tl_dossier_or_dash(tl_dossier_string(d, criteria, "sha256")));
    tl_flow_space(&d->flow, 4.0);
    list = tl_dossier_at(d, criteria, "contradictions");
    for (size_t k = 0; k < json_array_size(list); k++)
        tl_flow_bullet(&d->flow, json_string_value(json_array_get(list, k)));
    list = tl_dossier_at(d, criteria, "verdicts");
    for (size_t k = 0; k < json_array_size(list); k++)
        draw_verdict(d, json_array_get(list, k));
    tl_flow_note(&d->flow,
                 tl_catalogue_text(w, "That criteria are met is no release: a person decides."));
}
