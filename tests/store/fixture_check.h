/** A project to tamper with, and what check says of it; the test file defines `path` first. */
#ifndef TL_STORE_FIXTURE_CHECK_H
#define TL_STORE_FIXTURE_CHECK_H

#include "unit.h"

#include "store/fixture.h"

/* Runs SQL past the program and past the log's guards, as somebody with a database tool would. */
__attribute__((unused)) static tl_err tamper(struct tl_ctx *ctx, const char *sql)
{
    sqlite3 *db = NULL;
    tl_err err = TL_OK;
    if (sqlite3_open(path, &db) != SQLITE_OK)
        TL_TRY(tl_sql_fail(ctx, db, "tampering"));
    TL_TRY(tl_gpb_register(ctx, db));
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    TL_TRY(tl_sql_exec(ctx, db, sql));
done:
    sqlite3_close_v2(db);
    return err;
}

/* A project with six accidents in two transactions: log lines 11 to 19 (an import's line, three, its end, ...). */
__attribute__((unused)) static tl_err make_anew(struct tl_ctx *ctx)
{
    struct tl_project *project = NULL;
    struct tl_import_entry entry = {.kind = "accident", .path = "field.csv"};
    enum tl_put put;
    int64_t import_id;
    tl_err err = TL_OK;
    TL_TRY(fixture_open(ctx, path, &project));
    for (int t = 0; t < 2; t++) {
        TL_TRY(tl_project_begin(ctx, project));
        TL_TRY(tl_project_import_begin(ctx, project, &entry, &import_id));
        for (int i = 3 * t; i < 3 * t + 3; i++)
            TL_TRY(fixture_put(ctx, project, import_id, i, true, "mine", &put, NULL));
        entry.n_read = entry.n_added = 3;
        TL_TRY(tl_project_import_end(ctx, project, import_id, &entry));
        TL_TRY(tl_project_commit(ctx, project));
    }
done:
    tl_project_close(project);
    return err;
}

__attribute__((unused)) static bool copy(const char *from, const char *to)
{
    char bytes[65536];
    FILE *in = fopen(from, "rb"), *out = in == NULL ? NULL : fopen(to, "wb");
    bool good = out != NULL;
    for (size_t n = 1; good && n > 0;) {
        n = fread(bytes, 1, sizeof bytes, in);
        good = fwrite(bytes, 1, n, out) == n;
    }
    good = out != NULL && fclose(out) == 0 && good;
    if (in != NULL)
        fclose(in);
    return good;
}

/* Made once, copied for each test: making waits for the disk. */
__attribute__((unused)) static tl_err make(struct tl_ctx *ctx)
{
    static char kept[64];
    snprintf(kept, sizeof kept, "kept_%s", path);
    static bool is_made;
    if (is_made)
        return copy(kept, path) ? TL_OK : tl_fail(ctx, TL_EIO, "copying");
    tl_err err = make_anew(ctx);
    is_made = err == TL_OK && copy(path, kept);
    return err;
}

/* All lines of a check as one text. */
__attribute__((unused)) static tl_err check_text(struct tl_ctx *ctx, struct tl_buf *text)
{
    struct tl_project *project = NULL;
    struct tl_check_line *lines = NULL;
    int64_t n = 0;
    tl_err err = TL_OK;
    tl_buf_clear(text);
    TL_TRY(tl_buf_add(ctx, text, ""));
    TL_TRY(tl_project_open(ctx, path, TL_PROJECT_READ, &project));
    TL_TRY(tl_project_check(ctx, project, &lines, &n));
    for (int64_t i = 0; i < n; i++)
        TL_TRY(tl_buf_printf(ctx, text, "%s %s: %s\n", lines[i].severity, lines[i].check,
                             lines[i].message));
done:
    tl_free(lines);
    tl_project_close(project);
    return err;
}

#define CHECK_SAYS(part)                                                                           \
    do {                                                                                           \
        struct tl_buf unit_text = {0};                                                             \
        CHECK_OK(check_text(ctx, &unit_text));                                                     \
        bool unit_says = strstr(unit_text.text, (part)) != NULL;                                   \
        if (!unit_says)                                                                            \
            printf("%s", unit_text.text);                                                          \
        tl_buf_fini(&unit_text);                                                                   \
        CHECK(unit_says);                                                                          \
    } while (0)

#define CHECK_CLEAN()                                                                              \
    do {                                                                                           \
        struct tl_buf unit_text = {0};                                                             \
        CHECK_OK(check_text(ctx, &unit_text));                                                     \
        bool unit_clean = unit_text.size_bytes == 0;                                               \
        if (!unit_clean)                                                                           \
            printf("%s", unit_text.text);                                                          \
        tl_buf_fini(&unit_text);                                                                   \
        CHECK(unit_clean);                                                                         \
    } while (0)

/* As QGIS does: plain SQL with the triggers on. */
__attribute__((unused)) static tl_err outside(struct tl_ctx *ctx, const char *sql)
{
    sqlite3 *db = NULL;
    tl_err err = TL_OK;
    if (sqlite3_open(path, &db) != SQLITE_OK)
        TL_TRY(tl_sql_fail(ctx, db, "editing"));
    TL_TRY(tl_gpb_register(ctx, db));
    TL_TRY(tl_sql_exec(ctx, db, sql));
done:
    sqlite3_close_v2(db);
    return err;
}

#endif
