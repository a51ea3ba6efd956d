/**
 * Single records entered and changed by hand, and their way: draft, submitted, approved; or returned to draft with a comment. Whoever
 * changes a record says which version of it they saw; where it is another one by now, nothing is changed. Nobody approves what they
 * entered or changed themselves. Nothing is ever deleted.
 *
 * A record counts as evidence from its first draft on: what somebody knows of a hazard must not wait for a signature.
 */
#ifndef TILTH_EDIT_H
#define TILTH_EDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "tilth/register.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { TL_EDIT_VERSION_HEX = 33, TL_EDIT_COMMENT_BYTES = 4000 };

/** What can be done with a record. */
enum tl_edit_act { TL_EDIT_CHANGE, TL_EDIT_SUBMIT, TL_EDIT_APPROVE, TL_EDIT_RETURN, TL_EDIT_ACTS };

/** "change", "submit", "approve", "return". */
const char *tl_edit_act_name(enum tl_edit_act act);

/** What is to be set, checked by the caller (tilth/entry.h does). Everything is borrowed for the call. */
struct tl_edit {
    const char *
        id; /* of the client's making: creating again with the same id and content adds nothing; NULL = none */
    bool sets[TL_RECORD_COLUMNS_MAX];          /* which columns */
    const char *values[TL_RECORD_COLUMNS_MAX]; /* text per column; NULL = not known */
    bool sets_remarks;
    const char *remarks; /* NULL = none */
    bool sets_geometry;  /* and with it how it was typed, and its accuracy */
    const void *wkb;     /* in WGS 84 */
    int64_t wkb_bytes;
    const char *position_text; /* as typed; NULL = was not typed */
    bool sets_accuracy;
    double accuracy_m; /* NaN = not known */
};

/** Who acts. The log names the project's actor; here it is what they may. */
struct tl_edit_who {
    const char *person; /* borrows */
    const char
        *role; /* borrows: "entry", "verifier", "approver", "administrator"; others may read only */
    bool alone; /* there are no accounts, so nobody else could approve */
};

/** How a record stands, and what somebody may do with it. */
struct tl_edit_state {
    int64_t id;
    char code[64];
    char version[TL_EDIT_VERSION_HEX]; /* 128 bits of BLAKE2b of all columns and the geometry */
    char status[16];                   /* "draft", "submitted", "approved" */
    char entered_by[256], entered_at[32], approved_by[256], approved_at[32]; /* "" = not known */
    char position_text[512]; /* as typed; "" = was not */
    bool is_own;             /* whoever asks entered it, or changed it since it was approved */
    char area_status[16]; /* of a hazardous area: "open", "cleared"; "" = not known, another kind */
    bool is_ended;        /* a hazardous area that is not open any more */
    bool is_new;          /* tl_edit_create: was not there before */
    bool may[TL_EDIT_ACTS];
};

/** State of a record. Errors: TL_ENOTFOUND, TL_EIO, TL_ENOMEM. */
TL_MUST_USE tl_err tl_edit_state(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                                 const char *code, const struct tl_edit_who *who,
                                 struct tl_edit_state *state);

/**
 * A new draft (inside a transaction). Errors: TL_EDENIED (role; a hazardous area that would not be open: that takes a decision), TL_ECONFLICT (the id
 * is that of a record with other content), TL_EDATA, TL_EREADONLY.
 */
TL_MUST_USE tl_err tl_edit_create(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                                  const struct tl_edit *edit, const struct tl_edit_who *who,
                                  struct tl_edit_state *state);

/**
 * Changes what the edit sets (inside a transaction); a draft stays one, anything else is submitted anew. What changes nothing is not logged.
 * Errors: TL_ENOTFOUND, TL_ECONFLICT (`version` is not the record's any more: says by whom and when it was changed), TL_EDENIED (role, somebody else's
 * draft; a hazardous area's end and the perimeter of one that has ended belong to decisions), TL_EDATA, TL_EREADONLY.
 */
TL_MUST_USE tl_err tl_edit_change(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                                  const char *code, const char *version, const struct tl_edit *edit,
                                  const struct tl_edit_who *who, struct tl_edit_state *state);

struct tl_edit_step {
    enum tl_edit_act act; /* not TL_EDIT_CHANGE */
    const char *version;  /* borrows: that was seen */
    const char *comment;  /* borrows: NULL = none; a return needs one */
};

/**
 * Submits, approves or returns (inside a transaction). Errors: TL_ENOTFOUND, TL_ECONFLICT (another version, or not at that point of its way),
 * TL_EDENIED (role, one's own record), TL_EUSAGE (no comment), TL_EREADONLY.
 */
TL_MUST_USE tl_err tl_edit_step(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                                const char *code, const struct tl_edit_step *step,
                                const struct tl_edit_who *who, struct tl_edit_state *state);

/** The latest 50 acts on a record as a JSON array, latest first: at, act, person, role, comment. owns: the caller, tl_free. */
TL_MUST_USE tl_err tl_edit_reviews(struct tl_ctx *ctx, struct tl_project *project,
                                   enum tl_kind kind, int64_t id, char **json);

/**
 * Records that somebody entered or changed by hand and that have a status ("submitted": what waits for approval), in the order of entry, as a JSON
 * array: kind, code, record_status, entered_by, entered_at, and of the latest act comment, act, person. Records that only came by import are not among them.
 * @param[out] total  how many there are, whatever limit and offset
 * owns: the caller, tl_free.
 */
TL_MUST_USE tl_err tl_edit_queue(struct tl_ctx *ctx, struct tl_project *project, const char *status,
                                 int64_t limit, int64_t offset, char **json, int64_t *total);

#ifdef __cplusplus
}
#endif
#endif
