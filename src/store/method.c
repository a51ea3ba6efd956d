/*
 * Methods of searching: rows of the table "method". One list of fields says which column holds which part of struct tl_method; reading,
 * writing and comparing are loops over it. d = share of items a method can find at all, q = chance of finding one of those at each
 * pass (model.md section 3).
 */
#include "store/method.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum field_type { TEXT, REAL, DEPTH, FLAG }; /* depth: NULL in the table is INFINITY here */

struct field {
    const char *column;
    enum field_type type;
    size_t offset, size;
};

#define FIELD(column, type, part)                                                                  \
    {                                                                                              \
        column, type, offsetof(struct tl_method, part), sizeof((struct tl_method *)0)->part        \
    }

static const struct field fields[] = {
    FIELD("name", TEXT, name),
    FIELD("item_group", TEXT, group),
    FIELD("depth_cm", DEPTH, depth_cm),
    FIELD("soil", TEXT, soil),
    FIELD("is_search", FLAG, is_search),
    FIELD("is_assumption", FLAG, is_assumption),
    FIELD("detectable_a", REAL, detectable_a),
    FIELD("detectable_b", REAL, detectable_b),
    FIELD("per_pass_a", REAL, per_pass_a),
    FIELD("per_pass_b", REAL, per_pass_b),
    FIELD("process_failure", REAL, process_failure),
    FIELD("process_failure_p", REAL, process_failure_p),
    FIELD("source", TEXT, source),
    FIELD("m2_per_day", REAL, m2_per_day),
    FIELD("m2_per_day_low", REAL, m2_per_day_low),
    FIELD("m2_per_day_high", REAL, m2_per_day_high),
    FIELD("pace_source", TEXT, pace_source),
    FIELD("price_per_m2", REAL, price_per_m2),
    FIELD("price_per_m2_low", REAL, price_per_m2_low),
    FIELD("price_per_m2_high", REAL, price_per_m2_high),
    FIELD("currency", TEXT, currency),
    FIELD("price_source", TEXT, price_source),
    FIELD("vegetation_pace_none", REAL, vegetation_pace[0]),
    FIELD("vegetation_pace_light", REAL, vegetation_pace[1]),
    FIELD("vegetation_pace_medium", REAL, vegetation_pace[2]),
    FIELD("vegetation_pace_dense", REAL, vegetation_pace[3]),
    FIELD("vegetation_detect_none", REAL, vegetation_detect[0]),
    FIELD("vegetation_detect_light", REAL, vegetation_detect[1]),
    FIELD("vegetation_detect_medium", REAL, vegetation_detect[2]),
    FIELD("vegetation_detect_dense", REAL, vegetation_detect[3]),
    FIELD("slope_pace_flat", REAL, slope_pace[0]),
    FIELD("slope_pace_moderate", REAL, slope_pace[1]),
    FIELD("slope_pace_steep", REAL, slope_pace[2]),
    FIELD("slope_detect_flat", REAL, slope_detect[0]),
    FIELD("slope_detect_moderate", REAL, slope_detect[1]),
    FIELD("slope_detect_steep", REAL, slope_detect[2]),
    FIELD("terrain_source", TEXT, terrain_source),
};
enum { N_FIELDS = sizeof fields / sizeof fields[0] };

static double real_at(const struct tl_method *m, const struct field *f)
{
    double value;
    memcpy(&value, (const char *)m + f->offset, sizeof value);
    return value;
}

static const char *text_at(const struct tl_method *m, const struct field *f)
{
    return (const char *)m + f->offset;
}

static bool flag_at(const struct tl_method *m, const struct field *f)
{
    bool value;
    memcpy(&value, (const char *)m + f->offset, sizeof value);
    return value;
}

tl_err tl_method_columns(struct tl_ctx *ctx, char **columns, int *n)
{
    struct tl_buf list = {0};
    tl_err err = TL_OK;
    for (int i = 0; i < N_FIELDS && err == TL_OK; i++)
        err = tl_buf_printf(ctx, &list, "%s%s", i > 0 ? ", " : "", fields[i].column);
    if (err == TL_OK) {
        *columns = list.text;
        *n = N_FIELDS;
        return TL_OK;
    }
    tl_buf_fini(&list);
    return err;
}

static void bind(sqlite3_stmt *stmt, const struct tl_method *method)
{
    for (int i = 0; i < N_FIELDS; i++) {
        const struct field *f = &fields[i];
        if (f->type == TEXT)
            tl_sql_bind_text(stmt, i + 1, text_at(method, f));
        else if (f->type == FLAG)
            sqlite3_bind_int(stmt, i + 1, flag_at(method, f));
        else /* NaN and, of a depth, INFINITY are NULL in the table */
            tl_sql_bind_real(stmt, i + 1, isinf(real_at(method, f)) ? NAN : real_at(method, f));
    }
}

void tl_method_read(sqlite3_stmt *stmt, int first, struct tl_method *method)
{
    *method = (struct tl_method){0};
    for (int i = 0; i < N_FIELDS; i++) {
        const struct field *f = &fields[i];
        char *to = (char *)method + f->offset;
        bool null = sqlite3_column_type(stmt, first + i) == SQLITE_NULL;
        const char *text = (const char *)sqlite3_column_text(stmt, first + i);
        double real = null ? (f->type == DEPTH ? (double)INFINITY : (double)NAN)
                           : sqlite3_column_double(stmt, first + i);
        bool flag = sqlite3_column_int(stmt, first + i) != 0;
        if (f->type == TEXT)
            snprintf(to, f->size, "%s", text != NULL ? text : "");
        else if (f->type == FLAG)
            memcpy(to, &flag, sizeof flag);
        else
            memcpy(to, &real, sizeof real);
    }
}

bool tl_method_equal(const struct tl_method *a, const struct tl_method *b)
{
    for (int i = 0; i < N_FIELDS; i++) {
        const struct field *f = &fields[i];
        if (f->type == TEXT) {
            if (strcmp(text_at(a, f), text_at(b, f)) != 0)
                return false;
        } else if (f->type == FLAG) {
            if (flag_at(a, f) != flag_at(b, f))
                return false;
        } else {
            double x = real_at(a, f), y = real_at(b, f);
            if (x != y && !(isnan(x) && isnan(y)))
                return false;
        }
    }
    return true;
}

/* 0.07 m is 7 cm, whatever the last bit of the product says. */
static bool same_depth(double a, double b)
{
    return a == b || fabs(a - b) < 1e-6;
}

bool tl_method_same_row(const struct tl_method *a, const struct tl_method *b)
{
    return strcasecmp(a->name, b->name) == 0 && strcmp(a->group, b->group) == 0 &&
           same_depth(a->depth_cm, b->depth_cm) && strcmp(a->soil, b->soil) == 0;
}

const char *tl_method_title(const struct tl_method *method, char text[160])
{
    char depth[32] = "";
    if (isfinite(method->depth_cm))
        snprintf(depth, sizeof depth, "to %g cm", method->depth_cm);
    const char *const parts[] = {method->group, depth, method->soil};
    int used = snprintf(text, 160, "%s", method->name);
    const char *before = " (";
    for (int i = 0; i < 3; i++) {
        if (parts[i][0] == '\0')
            continue;
        used += snprintf(text + used, (size_t)(160 - used), "%s%s%s", before, parts[i],
                         i == 2 ? " soil" : "");
        before = ", ";
    }
    if (before[0] == ',')
        snprintf(text + used, (size_t)(160 - used), ")");
    return text;
}

tl_err tl_method_put(struct tl_ctx *ctx, sqlite3 *db, const struct tl_method *m, int64_t id)
{
    char *columns = NULL;
    int n = 0;
    struct tl_buf sql = {0};
    sqlite3_stmt *stmt = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_method_columns(ctx, &columns, &n));
    TL_TRY(id > 0 ? tl_buf_printf(ctx, &sql, "UPDATE method SET (%s) = (", columns)
                  : tl_buf_printf(ctx, &sql, "INSERT INTO method (%s) VALUES (", columns));
    for (int i = 0; i < n; i++)
        TL_TRY(tl_buf_printf(ctx, &sql, "%s?%d", i > 0 ? ", " : "", i + 1));
    TL_TRY(id > 0 ? tl_buf_printf(ctx, &sql, ") WHERE id = %lld", (long long)id)
                  : tl_buf_add(ctx, &sql, ")"));
    TL_TRY(tl_sql_prepare(ctx, db, sql.text, &stmt));
    bind(stmt, m);
    TL_TRY(tl_sql_run(ctx, stmt));
done:
    sqlite3_finalize(stmt);
    tl_buf_fini(&sql);
    tl_free(columns);
    return err;
}

tl_err tl_method_create(struct tl_ctx *ctx, sqlite3 *db)
{
    tl_err err = TL_OK;
    for (int i = 0; i < tl_method_n_defaults && err == TL_OK; i++)
        err = tl_method_put(ctx, db, &tl_method_defaults[i], 0);
    return err;
}

tl_err tl_method_complete(struct tl_ctx *ctx, sqlite3 *db)
{
    sqlite3_stmt *stmt = NULL, *count = NULL;
    bool row = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(
        ctx, db,
        "UPDATE method SET m2_per_day = ?1, m2_per_day_low = ?2, m2_per_day_high = ?3, "
        "pace_source = ?4, price_per_m2 = ?5, price_per_m2_low = ?6, price_per_m2_high = ?7, "
        "currency = ?8, price_source = ?9 WHERE lower(name) = lower(?10) AND pace_source = '' AND "
        "price_source = ''",
        &stmt));
    TL_TRY(tl_sql_prepare(ctx, db, "SELECT 1 FROM method WHERE lower(name) = lower(?1)", &count));
    for (int i = 0; i < tl_method_n_defaults; i++) {
        const struct tl_method *m = &tl_method_defaults[i];
        tl_sql_bind_text(count, 1, m->name);
        TL_TRY(tl_sql_step(ctx, count, &row));
        sqlite3_reset(count);
        if (!row && strcmp(m->name, "NTS") == 0) /* the others were there, and somebody took them */
            TL_TRY(tl_method_put(ctx, db, m, 0));
        if (!row || (isnan(m->m2_per_day) && isnan(m->price_per_m2)))
            continue;
        tl_sql_bind_real(stmt, 1, m->m2_per_day);
        tl_sql_bind_real(stmt, 2, m->m2_per_day_low);
        tl_sql_bind_real(stmt, 3, m->m2_per_day_high);
        tl_sql_bind_text(stmt, 4, m->pace_source);
        tl_sql_bind_real(stmt, 5, m->price_per_m2);
        tl_sql_bind_real(stmt, 6, m->price_per_m2_low);
        tl_sql_bind_real(stmt, 7, m->price_per_m2_high);
        tl_sql_bind_text(stmt, 8, m->currency);
        tl_sql_bind_text(stmt, 9, m->price_source);
        tl_sql_bind_text(stmt, 10, m->name);
        TL_TRY(tl_sql_run(ctx, stmt));
    }
done:
    sqlite3_finalize(stmt);
    sqlite3_finalize(count);
    return err;
}

tl_err tl_project_methods(struct tl_ctx *ctx, struct tl_project *project, struct tl_method **found,
                          int64_t *n)
{
    struct tl_method *made = NULL;
    sqlite3_stmt *stmt = NULL;
    char *columns = NULL;
    int n_columns = 0;
    int64_t count = 0, i = 0;
    bool more = false, unknown = false;
    tl_err err = TL_OK;
    TL_TRY(tl_method_columns(ctx, &columns, &n_columns));
    TL_TRY(tl_sql_int(ctx, project->db, "SELECT count(*) FROM method", 0, &count));
    TL_TRY_ALLOC(ctx, made, count + 1);
    TL_TRY(tl_sql_preparef(ctx, project->db, &stmt,
                           "SELECT %s FROM method ORDER BY lower(name), item_group, soil, "
                           "COALESCE(depth_cm, 1e9), id",
                           columns));
    for (; i < count; i++) {
        TL_TRY(tl_sql_step(ctx, stmt, &more));
        if (!more)
            break;
        tl_method_read(stmt, 0, &made[i]);
        unknown = unknown || strcasecmp(made[i].name, "unknown") == 0;
    }
    if (!unknown) /* somebody deleted the row: what it stands for is still needed */
        made[i++] = tl_method_defaults[0];
    *found = made;
    *n = i;
    made = NULL;
done:
    sqlite3_finalize(stmt);
    tl_free(made);
    tl_free(columns);
    return err;
}

static bool fits(const struct tl_method *m, const char *group, double depth_cm, const char *soil)
{
    return (m->group[0] == '\0' || strcmp(m->group, group) == 0) &&
           (m->soil[0] == '\0' || strcasecmp(m->soil, soil) == 0) &&
           (isinf(m->depth_cm) || m->depth_cm >= depth_cm); /* NaN: only rows of any depth */
}

/* Is `a` more specific than `b`? */
static bool before(const struct tl_method *a, const struct tl_method *b)
{
    int group = (a->group[0] != '\0') - (b->group[0] != '\0');
    int soil = (a->soil[0] != '\0') - (b->soil[0] != '\0');
    return group != 0 ? group > 0 : soil != 0 ? soil > 0 : a->depth_cm < b->depth_cm;
}

static int64_t best_row(const struct tl_method *methods, int64_t n, const char *name,
                        const char *group, double depth_cm, const char *soil, bool *known)
{
    int64_t best = -1;
    *known = false;
    for (int64_t i = 0; i < n; i++) {
        if (strcasecmp(methods[i].name, name) != 0)
            continue;
        *known = true;
        if (fits(&methods[i], group, depth_cm, soil) &&
            (best < 0 || before(&methods[i], &methods[best])))
            best = i;
    }
    return best;
}

int64_t tl_method_pick(const struct tl_method *methods, int64_t n, const char *name,
                       const char *group, double depth_cm, const char *soil, bool *known)
{
    bool is_known = false, ignored = false;
    group = group != NULL ? group : "";
    soil = soil != NULL ? soil : "";
    int64_t best = name != NULL ? best_row(methods, n, name, group, depth_cm, soil, &is_known) : -1;
    if (best < 0)
        best = best_row(methods, n, "unknown", group, depth_cm, soil, &ignored);
    for (int64_t i = 0; i < n && best < 0; i++) /* "unknown" without a general row */
        best = strcasecmp(methods[i].name, "unknown") == 0 ? i : best;
    if (known != NULL)
        *known = is_known;
    return best < 0 ? 0 : best;
}

double tl_method_correlation(const struct tl_method *method)
{
    double d = method->detectable_a / (method->detectable_a + method->detectable_b);
    double q = method->per_pass_a / (method->per_pass_a + method->per_pass_b);
    return q * (1.0 - d) / (1.0 - d * q);
}
