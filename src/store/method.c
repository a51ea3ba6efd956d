/*
 * Methods of searching and their chances of detection. Figures only where domain.md has one, with its source; all others are
 * wide priors and say so. d = share of items a method can find at all, q = chance of finding one of those at each pass.
 */
#include "store/store.h"

#include <math.h>
#include <stdio.h>

static const struct tl_method methods[] = {
    {.name = "unknown",
     .depth_cm = INFINITY,
     .detectable_a = 4,
     .detectable_b = 2,
     .per_pass_a = 4,
     .per_pass_b = 2,
     .process_failure = 0.05,
     .process_failure_p = 0.3,
     .is_search = true,
     .source = "assumption: wide; used for every method that has no row of its own"},
    {.name = "manual",
     .depth_cm = INFINITY,
     .detectable_a = 18,
     .detectable_b = 2,
     .per_pass_a = 12,
     .per_pass_b = 4,
     .process_failure = 0.02,
     .process_failure_p = 0.5,
     .is_search = true,
     .source =
         "assumption: prodder and detector together on signalled ground; blind trials of detectors "
         "alone give less"},
    {.name = "metal detector",
     .depth_cm = INFINITY,
     .detectable_a = 18,
     .detectable_b = 3,
     .per_pass_a = 12,
     .per_pass_b = 8,
     .process_failure = 0.02,
     .process_failure_p = 0.5,
     .is_search = true,
     .source =
         "blind trials found 60-70 % (inexperienced) and 50-65 % (experienced, hard soil, deep "
         "targets) per pass: "
         "JMU journal 8.2 (Mueller); q centred on 60 %, as 12 of 20; their targets are hard ones; "
         "d is "
         "an assumption"},
    {.name = "dual-sensor",
     .depth_cm = INFINITY,
     .detectable_a = 18,
     .detectable_b = 2,
     .per_pass_a = 14,
     .per_pass_b = 4,
     .process_failure = 0.02,
     .process_failure_p = 0.5,
     .is_search = true,
     .source = "assumption: 96.5 % of clutter rejected over 604,375 m2 (halotrust.org) says "
               "nothing of what "
               "was missed"},
    {.name = "dogs",
     .depth_cm = INFINITY,
     .detectable_a = 20,
     .detectable_b = 1,
     .per_pass_a = 214,
     .per_pass_b = 1,
     .process_failure = 0.02,
     .process_failure_p = 0.5,
     .is_search = true,
     .source =
         "technical-survey dogs, Cambodia: 213 of 213 items over 1.4 km2, none missed on full "
         "clearance "
         "(researcher.life), as Beta(214, 1); d is an assumption: scent may be absent"},
    {.name = "mechanical",
     .depth_cm = INFINITY,
     .detectable_a = 10,
     .detectable_b = 3,
     .per_pass_a = 8,
     .per_pass_b = 3,
     .process_failure = 0.05,
     .process_failure_p = 0.3,
     .is_search = true,
     .source = "assumption: wide; depends on soil, machine and depth"},
    {.name = "visual",
     .depth_cm = INFINITY,
     .detectable_a = 3,
     .detectable_b = 4,
     .per_pass_a = 6,
     .per_pass_b = 3,
     .process_failure = 0.05,
     .process_failure_p = 0.3,
     .is_search = true,
     .source = "assumption: only what lies on the surface can be seen at all"},
    {.name = "battle area clearance",
     .depth_cm = INFINITY,
     .detectable_a = 12,
     .detectable_b = 3,
     .per_pass_a = 10,
     .per_pass_b = 4,
     .process_failure = 0.02,
     .process_failure_p = 0.5,
     .is_search = true,
     .source = "assumption: surface and shallow search for unexploded ordnance"},
};

tl_err tl_method_create(struct tl_ctx *ctx, sqlite3 *db)
{
    sqlite3_stmt *stmt = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(
        ctx, db,
        "INSERT INTO method (name, detectable_a, detectable_b, per_pass_a, per_pass_b, "
        "process_failure, process_failure_p, source) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        &stmt));
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        const struct tl_method *m = &methods[i];
        const double numbers[] = {m->detectable_a, m->detectable_b,    m->per_pass_a,
                                  m->per_pass_b,   m->process_failure, m->process_failure_p};
        tl_sql_bind_text(stmt, 1, m->name);
        for (int k = 0; k < 6; k++)
            sqlite3_bind_double(stmt, 2 + k, numbers[k]);
        tl_sql_bind_text(stmt, 8, m->source);
        TL_TRY(tl_sql_run(ctx, stmt));
    }
done:
    sqlite3_finalize(stmt);
    return err;
}

static void read_method(sqlite3_stmt *stmt, struct tl_method *m)
{
    *m = (struct tl_method){.depth_cm = INFINITY, .is_search = true};
    snprintf(m->name, sizeof m->name, "%s", (const char *)sqlite3_column_text(stmt, 0));
    m->detectable_a = sqlite3_column_double(stmt, 1);
    m->detectable_b = sqlite3_column_double(stmt, 2);
    m->per_pass_a = sqlite3_column_double(stmt, 3);
    m->per_pass_b = sqlite3_column_double(stmt, 4);
    m->process_failure = sqlite3_column_double(stmt, 5);
    m->process_failure_p = sqlite3_column_double(stmt, 6);
    snprintf(m->source, sizeof m->source, "%s", (const char *)sqlite3_column_text(stmt, 7));
}

tl_err tl_project_methods(struct tl_ctx *ctx, struct tl_project *project, struct tl_method **found,
                          int64_t *n)
{
    struct tl_method *made = NULL;
    sqlite3_stmt *stmt = NULL;
    int64_t count = 0, i = 0;
    bool more = false, unknown = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_int(ctx, project->db, "SELECT count(*) FROM method", 0, &count));
    TL_TRY_ALLOC(ctx, made, count + 1);
    TL_TRY(tl_sql_prepare(
        ctx, project->db,
        "SELECT name, detectable_a, detectable_b, per_pass_a, per_pass_b, process_failure, "
        "process_failure_p, source, name = 'unknown' FROM method ORDER BY id",
        &stmt));
    for (; i < count; i++) {
        TL_TRY(tl_sql_step(ctx, stmt, &more));
        if (!more)
            break;
        read_method(stmt, &made[i]);
        unknown = unknown || sqlite3_column_int(stmt, 8) != 0;
    }
    if (!unknown) /* somebody deleted the row: what it stands for is still needed */
        made[i++] = methods[0];
    *found = made;
    *n = i;
    made = NULL;
done:
    sqlite3_finalize(stmt);
    tl_free(made);
    return err;
}
