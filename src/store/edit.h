/** What edit.c and edit_put.c share. */
#ifndef TL_STORE_EDIT_H
#define TL_STORE_EDIT_H

#include "store/store.h"
#include "tilth/edit.h"

/** Errors: TL_ECONFLICT (says by whom and when the record was changed). */
TL_MUST_USE tl_err tl_edit_check_version(struct tl_ctx *ctx, struct tl_project *project,
                                         enum tl_kind kind, const struct tl_edit_state *state,
                                         const char *version);

/** Errors: TL_EDENIED, TL_ECONFLICT, when the act is not to be done, in words. */
TL_MUST_USE tl_err tl_edit_check_act(struct tl_ctx *ctx, const struct tl_edit_state *state,
                                     const struct tl_edit_who *who, enum tl_edit_act act);

/** Keeps what was done: "entered", "changed", "submitted", "approved", "returned". */
TL_MUST_USE tl_err tl_edit_review(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                                  int64_t id, const char *act, const struct tl_edit_who *who,
                                  const char *comment);

/** Whether a role may approve and return records, and decide about kept changes. */
bool tl_edit_role_reviews(const char *role);

/** Whether a role may enter records at all. */
bool tl_edit_role_writes(const char *role);

/* fieldwork_photo.c */

/**
 * Hangs photographs of what came from the field on the record that came of it, where there is one by now; nothing else happens else.
 * @param receipt  row of field_receipt
 */
TL_MUST_USE tl_err tl_fieldwork_settle(struct tl_ctx *ctx, struct tl_project *project,
                                       int64_t receipt);

#endif
