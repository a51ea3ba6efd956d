/** Reading the log: who changed what, when, from what to what (docs/rooms/store.md). */
#ifndef TILTH_LOG_H
#define TILTH_LOG_H

#include "tilth/project.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { TL_LOG_LIMIT_MAX = 1000, TL_LOG_LOOK_BACK = 200000 };

struct tl_log_query {
    const char *table; /* borrows: "hazard_area"; NULL = all */
    int64_t record_id; /* 0 = all */
    int64_t before;    /* lines with a smaller id only; 0 = from the latest on */
    int64_t limit;     /* 1 to TL_LOG_LIMIT_MAX */
};

/**
 * Lines of the log, latest first, as a JSON array: id, at, actor, table, record, op, before, after (objects of columns), moved (whether the
 * geometry came, changed or went). Of one record the last TL_LOG_LOOK_BACK lines before `before` are looked through, so that the cost is bounded;
 * *complete says whether that was all. owns: the caller, tl_free. Cost: 0.1 s for 200,000 lines.
 */
TL_MUST_USE tl_err tl_log_list(struct tl_ctx *ctx, struct tl_project *project,
                               const struct tl_log_query *query, char **json, bool *complete);

/**
 * Writes a line about something that is kept beside the project (inside a transaction): an account. It is sealed as all lines are.
 * @param what          "account": no table of the project has this name
 * @param op            "insert", "update", "delete"
 * @param before,after  JSON objects; NULL = there was, is none
 * Errors: TL_EREADONLY, TL_EIO, TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_log_note(struct tl_ctx *ctx, struct tl_project *project, const char *what,
                               const char *op, const char *before, const char *after);

#ifdef __cplusplus
}
#endif
#endif
