/*
 * The table of methods from YAML. Trials with `found` of `laid` items give Beta(found + 1, laid - found + 1), which starts from an even
 * prior.
 *
 * Chance at one pass p and repeat correlation rho instead of d and q: the correlation of two passes over one item is
 * rho = q (1 - d) / (1 - d q), and p = d q, hence d = p / (p + rho (1 - p)), q = p / d. Both get one strength n' = a + b such that p = d q
 * varies, to the first order, as Beta(found + 1, laid - found + 1) does: with n = laid + 2,
 * n' = n [(1 - d) / d + (1 - q) / q] / [(1 - p) / p].
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/yaml.h"
#include "store/method.h"

enum { METHODS_MAX = 500 };

#define TRIALS_MAX 1e7

static const struct tl_yaml_unit depths[] = {{"cm", 1}, {"mm", 0.1}, {"m", 100}, {NULL, 0}};
static const struct tl_yaml_unit paces[] = {{"m2/day", 1}, {"ha/day", 1e4}, {NULL, 0}};

static tl_err as_name(struct tl_ctx *ctx, const struct tl_yaml_node *node, size_t size, char *to)
{
    const char *text = NULL;
    if (node == NULL)
        return TL_OK;
    tl_err err = tl_yaml_as_text(ctx, node, &text);
    if (err != TL_OK)
        return err;
    if (strlen(text) >= size)
        return tl_yaml_fail(ctx, node, "%s: longer than %zu bytes", node->key, size - 1);
    snprintf(to, size, "%s", text);
    return TL_OK;
}

static tl_err need_source(struct tl_ctx *ctx, const struct tl_yaml_node *of, size_t size, char *to)
{
    const struct tl_yaml_node *source = tl_yaml_get(of, "source");
    if (source == NULL || source->is_empty || (source->text != NULL && source->text[0] == '\0'))
        return tl_yaml_fail(ctx, source != NULL ? source : of,
                            "%s: figures without their source (expected a key \"source\")",
                            of->key != NULL ? of->key : "method");
    return as_name(ctx, source, size, to);
}

/* {found, laid} or {a, b}. */
static tl_err as_beta(struct tl_ctx *ctx, const struct tl_yaml_node *node, double *a, double *b)
{
    static const char *const keys[] = {"found", "laid", "a", "b"};
    const struct tl_yaml_node *first = NULL, *second = NULL;
    double x = 0, y = 0;
    tl_err err = TL_OK;
    if (node == NULL)
        return TL_OK;
    TL_TRY(tl_yaml_keys(ctx, node, 4, keys));
    bool trials = tl_yaml_get(node, "found") != NULL || tl_yaml_get(node, "laid") != NULL;
    if (trials && (tl_yaml_get(node, "a") != NULL || tl_yaml_get(node, "b") != NULL))
        return tl_yaml_fail(ctx, node, "%s: given both as trials and as a Beta distribution",
                            node->key);
    TL_TRY(tl_yaml_need(ctx, node, trials ? "laid" : "a", &first));
    TL_TRY(tl_yaml_need(ctx, node, trials ? "found" : "b", &second));
    if (trials) {
        TL_TRY(tl_yaml_as_number(ctx, first, 1, TRIALS_MAX, &x));
        TL_TRY(tl_yaml_as_number(ctx, second, 0, x, &y));
        *a = y + 1;
        *b = x - y + 1;
    } else {
        TL_TRY(tl_yaml_as_number(ctx, first, 1e-3, TRIALS_MAX, &x));
        TL_TRY(tl_yaml_as_number(ctx, second, 1e-3, TRIALS_MAX, &y));
        *a = x;
        *b = y;
    }
done:
    return err;
}

static void split(double a, double b, double rho, struct tl_method *m)
{
    double p = a / (a + b), d = p / (p + rho * (1 - p)), q = p / d;
    double strength = (a + b) * ((1 - d) / d + (1 - q) / q) / ((1 - p) / p);
    m->detectable_a = d * strength;
    m->detectable_b = (1 - d) * strength;
    m->per_pass_a = q * strength;
    m->per_pass_b = (1 - q) * strength;
}

static tl_err read_chances(struct tl_ctx *ctx, const struct tl_yaml_node *node, struct tl_method *m)
{
    const struct tl_yaml_node *one = tl_yaml_get(node, "one_pass"), *rho_node = NULL;
    const struct tl_yaml_node *d = tl_yaml_get(node, "detectable"),
                              *q = tl_yaml_get(node, "per_pass");
    double a = 0, b = 0, rho = 0;
    tl_err err = TL_OK;
    if (one != NULL && (d != NULL || q != NULL))
        return tl_yaml_fail(ctx, one,
                            "one_pass stands for detectable and per_pass: give it or them");
    if (one == NULL && tl_yaml_get(node, "repeat_correlation") != NULL)
        return tl_yaml_fail(ctx, tl_yaml_get(node, "repeat_correlation"),
                            "repeat_correlation goes with one_pass, which is missing");
    if (one != NULL) {
        TL_TRY(as_beta(ctx, one, &a, &b));
        TL_TRY(tl_yaml_need(ctx, node, "repeat_correlation", &rho_node));
        TL_TRY(tl_yaml_as_number(ctx, rho_node, 0.01, 0.99, &rho));
        split(a, b, rho, m);
    } else {
        TL_TRY(tl_yaml_need(ctx, node, "detectable", &d));
        TL_TRY(tl_yaml_need(ctx, node, "per_pass", &q));
        TL_TRY(as_beta(ctx, d, &m->detectable_a, &m->detectable_b));
        TL_TRY(as_beta(ctx, q, &m->per_pass_a, &m->per_pass_b));
    }
done:
    return err;
}

static tl_err read_failure(struct tl_ctx *ctx, const struct tl_yaml_node *node, struct tl_method *m)
{
    static const char *const keys[] = {"chance", "finds"};
    const struct tl_yaml_node *chance = NULL, *finds = NULL;
    tl_err err = TL_OK;
    if (node == NULL)
        return TL_OK;
    TL_TRY(tl_yaml_keys(ctx, node, 2, keys));
    TL_TRY(tl_yaml_need(ctx, node, "chance", &chance));
    TL_TRY(tl_yaml_need(ctx, node, "finds", &finds));
    TL_TRY(tl_yaml_as_share(ctx, chance, &m->process_failure));
    TL_TRY(tl_yaml_as_share(ctx, finds, &m->process_failure_p));
done:
    return err;
}

/* typical, low, high: in order where they are known. */
static tl_err read_range(struct tl_ctx *ctx, const struct tl_yaml_node *node,
                         const struct tl_yaml_unit *units, double min, double *const values[3])
{
    static const char *const names[] = {"typical", "low", "high"};
    tl_err err = TL_OK;
    for (int i = 0; i < 3; i++)
        TL_TRY(tl_yaml_as_quantity(ctx, tl_yaml_get(node, names[i]), units, min, 1e9, values[i]));
    if (*values[1] > *values[0] || *values[0] > *values[2] || *values[1] > *values[2])
        return tl_yaml_fail(ctx, node, "%s: expected low <= typical <= high", node->key);
    if (isnan(*values[0]))
        return tl_yaml_fail(ctx, node, "%s: \"typical\" is missing", node->key);
done:
    return err;
}

static const char *const range_keys[] = {"typical", "low", "high", "source"};

static tl_err read_pace(struct tl_ctx *ctx, const struct tl_yaml_node *node, struct tl_method *m)
{
    double *const values[3] = {&m->m2_per_day, &m->m2_per_day_low, &m->m2_per_day_high};
    tl_err err = TL_OK;
    if (node == NULL)
        return TL_OK;
    TL_TRY(tl_yaml_keys(ctx, node, 4, range_keys));
    TL_TRY(read_range(ctx, node, paces, 1e-3, values));
    TL_TRY(need_source(ctx, node, sizeof m->pace_source, m->pace_source));
done:
    return err;
}

/* Currency of the first price: three capitals before "/m2" or "/ha". */
static tl_err find_currency(struct tl_ctx *ctx, const struct tl_yaml_node *node, char currency[4])
{
    for (int i = 0; i < 3; i++) {
        const struct tl_yaml_node *value = tl_yaml_get(node, range_keys[i]);
        const char *slash = value != NULL && value->text != NULL ? strchr(value->text, '/') : NULL;
        if (value == NULL)
            continue;
        if (slash == NULL || slash - value->text < 3 ||
            strspn(slash - 3, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3)
            return tl_yaml_fail(ctx, value,
                                "%s: \"%.60s\" is no price, expected a number with currency and "
                                "unit, such as \"2.5 USD/m2\" or \"6 USD/ha\"",
                                value->key, value->text != NULL ? value->text : "");
        snprintf(currency, 4, "%.3s", slash - 3);
        return TL_OK;
    }
    return TL_OK;
}

static tl_err read_price(struct tl_ctx *ctx, const struct tl_yaml_node *node, struct tl_method *m)
{
    double *const values[3] = {&m->price_per_m2, &m->price_per_m2_low, &m->price_per_m2_high};
    char currency[4] = "USD", per_m2[8], per_ha[8];
    tl_err err = TL_OK;
    if (node == NULL)
        return TL_OK;
    TL_TRY(tl_yaml_keys(ctx, node, 4, range_keys));
    TL_TRY(find_currency(ctx, node, currency));
    snprintf(per_m2, sizeof per_m2, "%s/m2", currency);
    snprintf(per_ha, sizeof per_ha, "%s/ha", currency);
    const struct tl_yaml_unit units[] = {{per_m2, 1}, {per_ha, 1e-4}, {NULL, 0}};
    TL_TRY(read_range(ctx, node, units, 0, values));
    snprintf(m->currency, sizeof m->currency, "%s", currency);
    TL_TRY(need_source(ctx, node, sizeof m->price_source, m->price_source));
done:
    return err;
}

static tl_err read_factors(struct tl_ctx *ctx, const struct tl_yaml_node *node, int n,
                           const char *const *names, double *pace, double *detect)
{
    static const char *const keys[] = {"pace", "detection"};
    tl_err err = TL_OK;
    if (node == NULL)
        return TL_OK;
    TL_TRY(tl_yaml_keys(ctx, node, n, names));
    for (int i = 0; i < n; i++) {
        const struct tl_yaml_node *entry = tl_yaml_get(node, names[i]);
        if (entry == NULL)
            continue;
        TL_TRY(tl_yaml_keys(ctx, entry, 2, keys));
        TL_TRY(tl_yaml_as_number(ctx, tl_yaml_get(entry, "pace"), 1e-3, 100, &pace[i]));
        TL_TRY(tl_yaml_as_number(ctx, tl_yaml_get(entry, "detection"), 0, 1, &detect[i]));
    }
done:
    return err;
}

static tl_err read_terrain(struct tl_ctx *ctx, const struct tl_yaml_node *node, struct tl_method *m)
{
    static const char *const keys[] = {"vegetation", "slope", "source"};
    tl_err err = TL_OK;
    if (node == NULL)
        return TL_OK;
    TL_TRY(tl_yaml_keys(ctx, node, 3, keys));
    TL_TRY(read_factors(ctx, tl_yaml_get(node, "vegetation"), TL_METHOD_VEGETATION,
                        tl_method_vegetation, m->vegetation_pace, m->vegetation_detect));
    TL_TRY(read_factors(ctx, tl_yaml_get(node, "slope"), TL_METHOD_SLOPE, tl_method_slope,
                        m->slope_pace, m->slope_detect));
    TL_TRY(need_source(ctx, node, sizeof m->terrain_source, m->terrain_source));
done:
    return err;
}

static const struct tl_method blank = {.depth_cm = INFINITY,
                                       .m2_per_day = NAN,
                                       .m2_per_day_low = NAN,
                                       .m2_per_day_high = NAN,
                                       .price_per_m2 = NAN,
                                       .price_per_m2_low = NAN,
                                       .price_per_m2_high = NAN,
                                       .currency = "USD",
                                       .vegetation_pace = {1, 1, 1, 1},
                                       .vegetation_detect = {1, 1, 1, 1},
                                       .slope_pace = {1, 1, 1},
                                       .slope_detect = {1, 1, 1},
                                       .is_search = true};

static tl_err read_method(struct tl_ctx *ctx, const struct tl_yaml_node *node, struct tl_method *m)
{
    static const char *const keys[] = {"name",
                                       "group",
                                       "depth",
                                       "soil",
                                       "search",
                                       "detectable",
                                       "per_pass",
                                       "one_pass",
                                       "repeat_correlation",
                                       "process_failure",
                                       "assumption",
                                       "source",
                                       "pace",
                                       "price",
                                       "terrain"};
    static const char *const groups[] = {"mines", "erw"};
    const struct tl_yaml_node *name = NULL;
    int group = -1;
    tl_err err = TL_OK;
    *m = blank;
    TL_TRY(tl_yaml_keys(ctx, node, (int)(sizeof keys / sizeof keys[0]), keys));
    TL_TRY(tl_yaml_need(ctx, node, "name", &name));
    TL_TRY(as_name(ctx, name, sizeof m->name, m->name));
    TL_TRY(tl_yaml_as_choice(ctx, tl_yaml_get(node, "group"), 2, groups, &group));
    snprintf(m->group, sizeof m->group, "%s", group < 0 ? "" : groups[group]);
    TL_TRY(tl_yaml_as_quantity(ctx, tl_yaml_get(node, "depth"), depths, 0.1, 1000, &m->depth_cm));
    m->depth_cm = isfinite(m->depth_cm) ? round(m->depth_cm * 1e6) / 1e6 : m->depth_cm;
    TL_TRY(as_name(ctx, tl_yaml_get(node, "soil"), sizeof m->soil, m->soil));
    TL_TRY(tl_yaml_as_yesno(ctx, tl_yaml_get(node, "search"), &m->is_search));
    TL_TRY(read_chances(ctx, node, m));
    TL_TRY(read_failure(ctx, tl_yaml_get(node, "process_failure"), m));
    TL_TRY(need_source(ctx, node, sizeof m->source, m->source));
    m->is_assumption = strncasecmp(m->source, "assumption", 10) == 0;
    TL_TRY(tl_yaml_as_yesno(ctx, tl_yaml_get(node, "assumption"), &m->is_assumption));
    TL_TRY(read_pace(ctx, tl_yaml_get(node, "pace"), m));
    TL_TRY(read_price(ctx, tl_yaml_get(node, "price"), m));
    TL_TRY(read_terrain(ctx, tl_yaml_get(node, "terrain"), m));
done:
    return err;
}

static bool is_general(const struct tl_method *m)
{
    return m->group[0] == '\0' && m->soil[0] == '\0' && isinf(m->depth_cm);
}

/* Each row once, and each method with a general row, so that there is one for every group, depth and soil. */
static tl_err check_rows(struct tl_ctx *ctx, const struct tl_yaml_node *list,
                         const struct tl_method *rows)
{
    char title[160];
    bool unknown = false;
    for (int64_t i = 0; i < list->n; i++) {
        bool general = false;
        unknown = unknown || strcasecmp(rows[i].name, "unknown") == 0;
        for (int64_t j = 0; j < list->n; j++) {
            if (j < i && tl_method_same_row(&rows[j], &rows[i]))
                return tl_yaml_fail(ctx, &list->nodes[i], "%s comes twice",
                                    tl_method_title(&rows[i], title));
            general =
                general || (strcasecmp(rows[j].name, rows[i].name) == 0 && is_general(&rows[j]));
        }
        if (!general)
            return tl_yaml_fail(ctx, &list->nodes[i],
                                "%s has no general row (one without group, depth and soil), which "
                                "stands for what its other rows do not cover",
                                rows[i].name);
    }
    if (!unknown)
        return tl_yaml_fail(ctx, list,
                            "the method \"unknown\" is missing: it stands for every "
                            "method that has no row");
    return TL_OK;
}

static tl_err read_file(struct tl_ctx *ctx, const char *path, struct tl_method **rows, int64_t *n)
{
    static const char *const keys[] = {"methods"};
    struct tl_yaml *yaml = NULL;
    struct tl_method *made = NULL;
    const struct tl_yaml_node *list = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_yaml_load(ctx, path, &yaml));
    TL_TRY(tl_yaml_keys(ctx, tl_yaml_root(yaml), 1, keys));
    TL_TRY(tl_yaml_need(ctx, tl_yaml_root(yaml), "methods", &list));
    TL_TRY(tl_yaml_is(ctx, list, TL_YAML_LIST));
    if (list->n > METHODS_MAX) {
        err = tl_yaml_fail(ctx, list, "more than %d rows", METHODS_MAX);
        goto done;
    }
    TL_TRY_ALLOC(ctx, made, list->n);
    for (int64_t i = 0; i < list->n; i++)
        TL_TRY(read_method(ctx, &list->nodes[i], &made[i]));
    TL_TRY(check_rows(ctx, list, made));
    *n = list->n;
    *rows = made;
    made = NULL;
done:
    tl_free(made);
    tl_yaml_free(yaml);
    return err;
}

/* A method that searches name stays in the table. */
static tl_err not_named(struct tl_ctx *ctx, struct tl_project *project, const char *path,
                        const struct tl_method *old, const struct tl_method *rows, int64_t n)
{
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    tl_err err = TL_OK;
    for (int64_t i = 0; i < n; i++)
        if (strcasecmp(rows[i].name, old->name) == 0)
            return TL_OK;
    TL_TRY(tl_sql_prepare(ctx, project->db,
                          "SELECT count(*) FROM search WHERE lower(method) = lower(?1)", &stmt));
    tl_sql_bind_text(stmt, 1, old->name);
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    if (row && sqlite3_column_int64(stmt, 0) > 0)
        TL_THROW(ctx, TL_EDATA, "%s: the method \"%s\" is not in it, but %lld searches name it",
                 path, old->name, (long long)sqlite3_column_int64(stmt, 0));
done:
    sqlite3_finalize(stmt);
    return err;
}

/* Goes over the table as it is: rows that stay, change or go. `seen` marks rows of the file that were there. */
static tl_err settle_old(struct tl_ctx *ctx, struct tl_project *project, const char *path,
                         const struct tl_method *rows, int64_t n, bool *seen,
                         struct tl_method_edit *edit)
{
    char *columns = NULL;
    int n_columns = 0;
    sqlite3_stmt *stmt = NULL;
    int64_t *ids = NULL, count = 0, n_old = 0;
    struct tl_method *old = NULL;
    bool more = false;
    tl_err err = TL_OK;
    TL_TRY(tl_method_columns(ctx, &columns, &n_columns));
    TL_TRY(tl_sql_int(ctx, project->db, "SELECT count(*) FROM method", 0, &count));
    TL_TRY_ALLOC(ctx, ids, count + 1);
    TL_TRY_ALLOC(ctx, old, count + 1);
    TL_TRY(
        tl_sql_preparef(ctx, project->db, &stmt, "SELECT id, %s FROM method ORDER BY id", columns));
    for (; n_old < count; n_old++) {
        TL_TRY(tl_sql_step(ctx, stmt, &more));
        if (!more)
            break;
        ids[n_old] = sqlite3_column_int64(stmt, 0);
        tl_method_read(stmt, 1, &old[n_old]);
    }
    for (int64_t i = 0; i < n_old; i++) {
        int64_t k = 0;
        while (k < n && (seen[k] || !tl_method_same_row(&rows[k], &old[i])))
            k++;
        if (k == n) {
            TL_TRY(not_named(ctx, project, path, &old[i], rows, n));
            TL_TRY(tl_sql_execf(ctx, project->db, "DELETE FROM method WHERE id = %lld",
                                (long long)ids[i]));
            edit->n_removed++;
            continue;
        }
        seen[k] = true;
        bool same = tl_method_equal(&rows[k], &old[i]);
        if (!same)
            TL_TRY(tl_method_put(ctx, project->db, &rows[k], ids[i]));
        *(same ? &edit->n_same : &edit->n_changed) += 1;
    }
done:
    sqlite3_finalize(stmt);
    tl_free(ids);
    tl_free(old);
    tl_free(columns);
    return err;
}

tl_err tl_method_edit(struct tl_ctx *ctx, struct tl_project *project, const char *path,
                      struct tl_method_edit *edit)
{
    struct tl_method *rows = NULL;
    struct tl_method_edit made = {0};
    int64_t n = 0;
    bool *seen = NULL, ours = false;
    tl_err err = TL_OK;
    TL_TRY(read_file(ctx, path, &rows, &n));
    TL_TRY_ALLOC(ctx, seen, n);
    TL_TRY(tl_project_begin(ctx, project));
    ours = true;
    TL_TRY(settle_old(ctx, project, path, rows, n, seen, &made));
    for (int64_t i = 0; i < n; i++)
        if (!seen[i]) {
            TL_TRY(tl_method_put(ctx, project->db, &rows[i], 0));
            made.n_added++;
        }
    /* Where nothing changes nothing is written, not even a time. */
    bool changed = made.n_added + made.n_changed + made.n_removed > 0;
    if (changed)
        TL_TRY(tl_project_commit(ctx, project));
    *edit = made;
    ours = ours && !changed;
done:
    if (ours)
        tl_project_rollback(project);
    tl_free(rows);
    tl_free(seen);
    return err;
}
