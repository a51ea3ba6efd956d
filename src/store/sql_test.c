#include "unit.h"

#include "store/sql.h"

TEST(errors_have_our_words_and_codes)
{
    sqlite3 *db = NULL;
    int64_t value = 0;
    CHECK(sqlite3_open(":memory:", &db) == SQLITE_OK);
    CHECK_OK(tl_sql_exec(ctx, db, "CREATE TABLE t (a INTEGER CHECK (a > 0))"));
    CHECK_FAILS(tl_sql_exec(ctx, db, "INSERT INTO t VALUES (-1)"), TL_EDATA,
                "CHECK constraint failed");
    CHECK_FAILS(tl_sql_exec(ctx, db, "SELEC"), TL_EBUG, "syntax");
    CHECK_OK(tl_sql_int(ctx, db, "SELECT max(a) FROM t", 7, &value));
    CHECK(value == 7);
    CHECK_OK(tl_sql_execf(ctx, db, "INSERT INTO t VALUES (%d)", 3));
    CHECK_OK(tl_sql_int(ctx, db, "SELECT max(a) FROM t", 7, &value));
    CHECK(value == 3);
    CHECK_OK(tl_sql_exec(ctx, db, "PRAGMA max_page_count = 3"));
    CHECK_FAILS(tl_sql_exec(ctx, db, "CREATE TABLE u AS SELECT zeroblob(100000) AS b"), TL_EIO,
                "disk is full");
    sqlite3_close(db);
}

TEST(text_is_copied_and_null_is_null)
{
    sqlite3 *db = NULL;
    char *text = NULL;
    CHECK(sqlite3_open(":memory:", &db) == SQLITE_OK);
    CHECK_EVERY_ALLOC(
        ctx, (tl_free(text), text = NULL, tl_sql_get_text(ctx, db, "SELECT 'abc'", &text)));
    CHECK_STR(text, "abc");
    tl_free(text);
    CHECK_OK(tl_sql_get_text(ctx, db, "SELECT NULL", &text));
    CHECK(text == NULL);
    sqlite3_close(db);
}
