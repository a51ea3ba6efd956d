/** What decision.c and watch.c share. For this room. */
#ifndef TL_STORE_DECISION_H
#define TL_STORE_DECISION_H

#include "core/json.h"

#include "store/store.h"
#include "tilth/decision.h"

/** Kinds of record that speak against a release. */
enum { TL_DECISION_KINDS = 2 };
extern const enum tl_kind tl_decision_kinds[TL_DECISION_KINDS];

/** Called for each record that lies inside; valid during the call. */
typedef tl_err (*tl_decision_inside_fn)(struct tl_ctx *ctx, void *user,
                                        const struct tl_cursor *record);

/** Records of a kind inside a polygon (a GeoPackage blob), edge included. */
TL_MUST_USE tl_err tl_decision_inside(struct tl_ctx *ctx, struct tl_project *project,
                                      enum tl_kind kind, const void *blob, int64_t blob_bytes,
                                      tl_decision_inside_fn each, void *user);

/** JSON array of a statement's rows, as text; a row that cannot be made is TL_ENOMEM, never left out. owns: the caller, tl_free. */
TL_MUST_USE tl_err tl_decision_rows(struct tl_ctx *ctx, sqlite3_stmt *stmt,
                                    json_t *(*row)(sqlite3_stmt *stmt), char **json);

/** Text, or null. */
json_t *tl_decision_text(const char *text);

/** TL_EUSAGE when a text is empty or holds spaces only. */
TL_MUST_USE tl_err tl_decision_need(struct tl_ctx *ctx, const char *what, const char *text);

#endif
