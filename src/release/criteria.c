/*
 * Limits by measure, each at least or at most, or both; for each of cancelled, reduced and cleared. A file that names no verdict gives none.
 * Time since the last accident is counted to the file's own `as_of`: an assessment has no clock.
 */
#include "release/criteria.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/hash.h"
#include "core/term.h"
#include "core/yaml.h"

const char *const tl_release_verdicts[TL_RELEASE_VERDICTS] = {"cancelled", "reduced", "cleared"};

enum unit { SHARE, NUMBER, CENTIMETRES, YEARS };

static const struct measure {
    const char *name;
    enum unit unit;
    const char *words;
} measures[TL_RELEASE_MEASURES] = {
    [TL_RELEASE_P_ANY] = {"p_any", SHARE,
                          TL_CATALOGUE_MARK("Chance that at least one item remains")},
    [TL_RELEASE_EXPECTED] = {"expected", NUMBER, TL_CATALOGUE_MARK("Items expected to remain")},
    [TL_RELEASE_EXPECTED_HA] = {"expected_per_ha", NUMBER,
                                TL_CATALOGUE_MARK("Items expected to remain per hectare")},
    [TL_RELEASE_UPPER95] = {"upper95", NUMBER,
                            TL_CATALOGUE_MARK("95 % upper bound of the items that remain")},
    [TL_RELEASE_UPPER95_HA] = {"upper95_per_ha", NUMBER,
                               TL_CATALOGUE_MARK(
                                   "95 % upper bound of the items that remain, per hectare")},
    [TL_RELEASE_SEARCHED_SHARE] = {"searched_share", SHARE,
                                   TL_CATALOGUE_MARK("Share of the area that was searched")},
    [TL_RELEASE_INSPECTED_SHARE] = {"inspected_share", SHARE,
                                    TL_CATALOGUE_MARK(
                                        "Share of the area that was inspected after the work")},
    [TL_RELEASE_DEPTH] = {"depth", CENTIMETRES,
                          TL_CATALOGUE_MARK(
                              "Depth to which at least 99 % of the area was searched [cm]")},
    [TL_RELEASE_FOUND] = {"found", NUMBER, TL_CATALOGUE_MARK("Items found in the area")},
    [TL_RELEASE_ACCIDENTS] = {"accidents", NUMBER,
                              TL_CATALOGUE_MARK("Accidents recorded in the area")},
    [TL_RELEASE_YEARS] = {"years_without_accident", YEARS,
                          TL_CATALOGUE_MARK("Years since the last accident recorded in the area")},
    [TL_RELEASE_FINDINGS] = {"open_findings", NUMBER,
                             TL_CATALOGUE_MARK("Findings that nobody has answered")},
};

struct limits {
    bool given;
    const struct tl_yaml_node *node;
    double least[TL_RELEASE_MEASURES], most[TL_RELEASE_MEASURES]; /* NaN = none */
    const struct tl_yaml_node *least_at[TL_RELEASE_MEASURES], *most_at[TL_RELEASE_MEASURES];
    int n_methods; /* 0 = any */
    const char *method[TL_RELEASE_METHODS_MAX];
    int evidence; /* 0 = any, 1 = direct, 2 = indirect */
};

struct tl_release_criteria {
    struct tl_yaml *yaml; /* owns; texts are borrowed from it */
    char file[256], sha256[TL_HASH_HEX];
    const char *title, *authority, *as_of;
    struct limits limits[TL_RELEASE_VERDICTS];
};

static const char *const evidence_names[] = {"any", "direct", "indirect"};

static tl_err read_value(struct tl_ctx *ctx, const struct tl_yaml_node *node, enum unit unit,
                         double *value)
{
    static const struct tl_yaml_unit depths[] = {
        {"cm", 1.0}, {"m", 100.0}, {"mm", 0.1}, {NULL, 0.0}};
    static const struct tl_yaml_unit years[] = {
        {"years", 1.0}, {"year", 1.0}, {"a", 1.0}, {"months", 1.0 / 12.0}, {NULL, 0.0}};
    switch (unit) {
    case SHARE:
        return tl_yaml_as_share(ctx, node, value);
    case CENTIMETRES:
        return tl_yaml_as_quantity(ctx, node, depths, 0.0, 1000.0, value);
    case YEARS:
        return tl_yaml_as_quantity(ctx, node, years, 0.0, 1000.0, value);
    case NUMBER:
        break;
    }
    return tl_yaml_as_number(ctx, node, 0.0, 1e9, value);
}

static tl_err read_measure(struct tl_ctx *ctx, const struct tl_yaml_node *node, int m,
                           struct limits *l)
{
    static const char *const keys[] = {"at_least", "at_most"};
    tl_err err = TL_OK;
    TL_TRY(tl_yaml_is(ctx, node, TL_YAML_MAP));
    TL_TRY(tl_yaml_keys(ctx, node, 2, keys));
    l->least_at[m] = tl_yaml_get(node, keys[0]);
    l->most_at[m] = tl_yaml_get(node, keys[1]);
    TL_TRY(read_value(ctx, l->least_at[m], measures[m].unit, &l->least[m]));
    TL_TRY(read_value(ctx, l->most_at[m], measures[m].unit, &l->most[m]));
    if (isnan(l->least[m]) && isnan(l->most[m]))
        err = tl_yaml_fail(ctx, node, "\"%s\" has no limit: expected at_least or at_most",
                           measures[m].name);
    else if (l->least[m] > l->most[m])
        err = tl_yaml_fail(ctx, l->least_at[m],
                           "\"%s\" contradicts itself: at least %g (line %d) is more than at most "
                           "%g (line %d)",
                           measures[m].name, l->least[m], l->least_at[m]->line, l->most[m],
                           l->most_at[m]->line);
done:
    return err;
}

static tl_err read_methods(struct tl_ctx *ctx, const struct tl_yaml_node *node, struct limits *l)
{
    tl_err err = TL_OK;
    TL_TRY(tl_yaml_is(ctx, node, TL_YAML_LIST));
    if (node->n < 1 || node->n > TL_RELEASE_METHODS_MAX)
        return tl_yaml_fail(ctx, node, "\"methods\" lists %lld methods: expected 1 to %d",
                            (long long)node->n, TL_RELEASE_METHODS_MAX);
    for (int64_t k = 0; k < node->n; k++)
        TL_TRY(tl_yaml_as_text(ctx, &node->nodes[k], &l->method[l->n_methods++]));
done:
    return err;
}

static tl_err read_limits(struct tl_ctx *ctx, const struct tl_yaml_node *node, struct limits *l)
{
    tl_err err = TL_OK;
    const char *keys[TL_RELEASE_MEASURES + 2];
    for (int m = 0; m < TL_RELEASE_MEASURES; m++) {
        l->least[m] = l->most[m] = NAN;
        keys[m] = measures[m].name;
    }
    if (node == NULL)
        return TL_OK;
    keys[TL_RELEASE_MEASURES] = "methods";
    keys[TL_RELEASE_MEASURES + 1] = "evidence";
    TL_TRY(tl_yaml_is(ctx, node, TL_YAML_MAP));
    TL_TRY(tl_yaml_keys(ctx, node, TL_RELEASE_MEASURES + 2, keys));
    l->given = true;
    l->node = node;
    for (int m = 0; m < TL_RELEASE_MEASURES; m++) {
        const struct tl_yaml_node *at = tl_yaml_get(node, measures[m].name);
        if (at != NULL)
            TL_TRY(read_measure(ctx, at, m, l));
    }
    const struct tl_yaml_node *methods = tl_yaml_get(node, "methods");
    if (methods != NULL)
        TL_TRY(read_methods(ctx, methods, l));
    TL_TRY(tl_yaml_as_choice(ctx, tl_yaml_get(node, "evidence"), 3, evidence_names, &l->evidence));
done:
    return err;
}

/* Land is cleared to a depth; that which is only reduced or cancelled cannot be asked to have been searched deeper. */
static tl_err check_depths(struct tl_ctx *ctx, const struct tl_release_criteria *c)
{
    const struct limits *cleared = &c->limits[2];
    for (int v = 0; v < 2; v++) {
        const struct limits *l = &c->limits[v];
        if (l->least[TL_RELEASE_DEPTH] > cleared->least[TL_RELEASE_DEPTH])
            return tl_yaml_fail(
                ctx, l->least_at[TL_RELEASE_DEPTH],
                "%s land must be searched to %g cm, deeper than cleared land (%g cm, "
                "line %d): these contradict each other",
                tl_release_verdicts[v], l->least[TL_RELEASE_DEPTH],
                cleared->least[TL_RELEASE_DEPTH], cleared->least_at[TL_RELEASE_DEPTH]->line);
    }
    for (int v = 0; v < TL_RELEASE_VERDICTS; v++) {
        const struct limits *l = &c->limits[v];
        if (l->least[TL_RELEASE_FOUND] > 0.0 && l->most[TL_RELEASE_SEARCHED_SHARE] == 0.0)
            return tl_yaml_fail(ctx, l->least_at[TL_RELEASE_FOUND],
                                "items must be found (at least %g) where nothing may be searched "
                                "(line %d): these contradict each other",
                                l->least[TL_RELEASE_FOUND],
                                l->most_at[TL_RELEASE_SEARCHED_SHARE]->line);
    }
    return TL_OK;
}

static bool is_date(const char *text)
{
    return strlen(text) == 10 && strspn(text, "0123456789-") == 10 && text[4] == '-' &&
           text[7] == '-';
}

static tl_err check_dates(struct tl_ctx *ctx, const struct tl_release_criteria *c)
{
    const struct tl_yaml_node *root = tl_yaml_root(c->yaml);
    if (c->as_of != NULL && !is_date(c->as_of))
        return tl_yaml_fail(ctx, tl_yaml_get(root, "as_of"),
                            "\"as_of\" is \"%s\", expected a date like 2026-11-22", c->as_of);
    for (int v = 0; v < TL_RELEASE_VERDICTS; v++) {
        const struct limits *l = &c->limits[v];
        const struct tl_yaml_node *at = l->least_at[TL_RELEASE_YEARS] != NULL
                                            ? l->least_at[TL_RELEASE_YEARS]
                                            : l->most_at[TL_RELEASE_YEARS];
        if (at != NULL && c->as_of == NULL)
            return tl_yaml_fail(ctx, at,
                                "years without accident are counted to \"as_of\", a date that the "
                                "file has to give");
    }
    return TL_OK;
}

tl_err tl_release_criteria_load(struct tl_ctx *ctx, const char *path,
                                struct tl_release_criteria **criteria)
{
    static const char *const keys[] = {"title",     "authority", "as_of",
                                       "cancelled", "reduced",   "cleared"};
    tl_err err = TL_OK;
    struct tl_release_criteria *c = NULL;
    bool any = false;
    TL_TRY_ALLOC(ctx, c, 1);
    TL_TRY(tl_yaml_load(ctx, path, &c->yaml));
    TL_TRY(tl_hash_file(ctx, path, c->sha256));
    const char *slash = strrchr(path, '/');
    snprintf(c->file, sizeof c->file, "%s", slash == NULL ? path : slash + 1);
    const struct tl_yaml_node *root = tl_yaml_root(c->yaml);
    TL_TRY(tl_yaml_is(ctx, root, TL_YAML_MAP));
    TL_TRY(tl_yaml_keys(ctx, root, 6, keys));
    TL_TRY(tl_yaml_as_text(ctx, tl_yaml_get(root, "title"), &c->title));
    TL_TRY(tl_yaml_as_text(ctx, tl_yaml_get(root, "authority"), &c->authority));
    TL_TRY(tl_yaml_as_text(ctx, tl_yaml_get(root, "as_of"), &c->as_of));
    for (int v = 0; v < TL_RELEASE_VERDICTS; v++) {
        TL_TRY(read_limits(ctx, tl_yaml_get(root, tl_release_verdicts[v]), &c->limits[v]));
        any = any || c->limits[v].given;
    }
    if (!any) {
        err = tl_yaml_fail(ctx, root, "no limits: expected cancelled, reduced or cleared");
        goto done;
    }
    TL_TRY(check_depths(ctx, c));
    TL_TRY(check_dates(ctx, c));
    *criteria = c;
    c = NULL;
done:
    tl_release_criteria_free(c);
    return err;
}

void tl_release_criteria_free(struct tl_release_criteria *c)
{
    if (c == NULL)
        return;
    tl_yaml_free(c->yaml);
    tl_free(c);
}

bool tl_release_criteria_has(const struct tl_release_criteria *c, int verdict)
{
    return c->limits[verdict].given;
}

bool tl_release_criteria_allows(const struct tl_release_criteria *c, int verdict,
                                const char *method)
{
    const struct limits *l = &c->limits[verdict];
    for (int k = 0; k < l->n_methods; k++)
        if (strcasecmp(l->method[k], method) == 0)
            return true;
    return l->n_methods == 0;
}

/* A date of reduced precision counts from its last day (`late`): that makes the time since it the shortest that it may be. */
static double year_of(const char *date, bool late)
{
    int year = 0, month = late ? 12 : 1, day = late ? 31 : 1;
    (void)sscanf(date, "%d-%d-%d", &year, &month, &day);
    return (double)year + ((double)month - 1.0) / 12.0 + (double)day / 372.0;
}

bool tl_release_date_is_later(const char *a, const char *b)
{
    return a[0] != '\0' && (b[0] == '\0' || year_of(a, true) > year_of(b, true));
}

static double value_of(const struct tl_release_criteria *c, const struct tl_release_facts *facts,
                       int m)
{
    if (m != TL_RELEASE_YEARS || c->as_of == NULL)
        return facts->value[m];
    if (facts->is_undated)
        return NAN;
    if (facts->last_accident[0] == '\0')
        return INFINITY;
    return fmax(year_of(c->as_of, false) - year_of(facts->last_accident, true), 0.0);
}

static bool methods_met(const struct tl_release_criteria *c, int verdict,
                        const struct tl_release_facts *facts)
{
    for (int k = 0; k < facts->n_methods; k++)
        if (!tl_release_criteria_allows(c, verdict, facts->method[k]))
            return false;
    return true;
}

static bool evidence_met(const struct limits *l, const struct tl_release_facts *facts)
{
    return l->evidence == 0 || strcmp(facts->evidence, evidence_names[l->evidence]) == 0;
}

bool tl_release_criteria_met(const struct tl_release_criteria *c, int verdict,
                             const struct tl_release_facts *facts, const char **why)
{
    const struct limits *l = &c->limits[verdict];
    *why = NULL;
    for (int m = 0; m < TL_RELEASE_MEASURES && *why == NULL; m++) {
        double value = value_of(c, facts, m);
        bool low = isnan(l->least[m]) || value >= l->least[m];
        bool high = isnan(l->most[m]) || value <= l->most[m];
        *why = low && high ? NULL : measures[m].name;
    }
    if (*why == NULL && l->n_methods > 0 && !methods_met(c, verdict, facts))
        *why = "methods";
    if (*why == NULL && !evidence_met(l, facts))
        *why = "evidence";
    return *why == NULL;
}

/* ---- as JSON ---- */

/* As it was set: a limit of 99.95 % is not one of 100 %. */
static const char *say_limit(const struct tl_catalogue *catalogue, double limit, enum unit unit,
                             char *text, size_t bytes)
{
    char number[TL_TERM_NUMBER_BYTES];
    snprintf(text, bytes, "%s%s",
             tl_term_exact(catalogue, unit == SHARE ? 100.0 * limit : limit, number),
             unit == SHARE ? " %" : "");
    return text;
}

static void add_test(json_t *tests, const char *name, const char *words, const char *limit,
                     json_t *value, bool met)
{
    json_array_append_new(tests, json_pack("{s:s, s:s, s:s, s:o, s:b}", "name", name, "words",
                                           words, "limit", limit, "value", value, "met", (int)met));
}

static void judge_measure(const struct tl_release_criteria *c, const struct tl_catalogue *catalogue,
                          const struct limits *l, const struct tl_release_facts *facts, int m,
                          json_t *tests)
{
    double value = value_of(c, facts, m);
    const double limit[2] = {l->least[m], l->most[m]};
    for (int side = 0; side < 2; side++) {
        char text[TL_TERM_NUMBER_BYTES + 8], said[160];
        if (isnan(limit[side]))
            continue;
        snprintf(said, sizeof said,
                 side == 0 ? tl_catalogue_text(catalogue, "at least %s")
                           : tl_catalogue_text(catalogue, "at most %s"),
                 say_limit(catalogue, limit[side], measures[m].unit, text, sizeof text));
        add_test(tests, measures[m].name, tl_catalogue_text(catalogue, measures[m].words), said,
                 tl_json_number(value, 6), side == 0 ? value >= limit[side] : value <= limit[side]);
    }
}

static void join(int n, const char *const *names, char *text, size_t bytes)
{
    size_t at = 0;
    text[0] = '\0';
    for (int k = 0; k < n && at < bytes; k++) {
        int more = snprintf(text + at, bytes - at, "%s%s", k > 0 ? ", " : "", names[k]);
        at += more > 0 ? (size_t)more : 0;
    }
}

static json_t *judge(const struct tl_release_criteria *c, const struct tl_catalogue *catalogue,
                     const struct tl_release_facts *facts, int verdict)
{
    const struct limits *l = &c->limits[verdict];
    json_t *tests = json_array();
    const char *why = NULL;
    char limit[1024], value[1024];
    for (int m = 0; m < TL_RELEASE_MEASURES; m++)
        judge_measure(c, catalogue, l, facts, m, tests);
    if (l->n_methods > 0) {
        join(l->n_methods, l->method, limit, sizeof limit);
        join(facts->n_methods, facts->method, value, sizeof value);
        add_test(tests, "methods", tl_catalogue_text(catalogue, "Methods that were used"), limit,
                 json_string(value), methods_met(c, verdict, facts));
    }
    if (l->evidence != 0)
        add_test(tests, "evidence", tl_catalogue_text(catalogue, "Kind of evidence it rests on"),
                 evidence_names[l->evidence], json_string(facts->evidence), evidence_met(l, facts));
    return json_pack("{s:s, s:b, s:o}", "as", tl_release_verdicts[verdict], "met",
                     (int)tl_release_criteria_met(c, verdict, facts, &why), "tests", tests);
}

tl_err tl_release_criteria_judge(struct tl_ctx *ctx, const struct tl_release_criteria *c,
                                 const struct tl_catalogue *catalogue,
                                 const struct tl_release_facts *facts, json_t **json)
{
    json_t *verdicts = json_array();
    for (int v = 0; v < TL_RELEASE_VERDICTS; v++)
        if (c->limits[v].given)
            json_array_append_new(verdicts, judge(c, catalogue, facts, v));
    *json = json_pack("{s:s, s:s, s:s?, s:s?, s:s?, s:[], s:o}", "file", c->file, "sha256",
                      c->sha256, "title", c->title, "authority", c->authority, "as_of", c->as_of,
                      "contradictions", "verdicts", verdicts);
    return *json == NULL ? tl_fail(ctx, TL_ENOMEM, "the criteria's JSON could not be made") : TL_OK;
}
