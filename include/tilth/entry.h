/**
 * What somebody has typed into a form, checked exactly as an import checks a row of a file: the same rules for values and positions, the same
 * words. What comes out is fit for tl_edit_create and tl_edit_change.
 */
#ifndef TILTH_ENTRY_H
#define TILTH_ENTRY_H

#include "tilth/edit.h"
#include "tilth/project.h"

#ifdef __cplusplus
extern "C" {
#endif

/** As it came. Everything is borrowed for the call. */
struct tl_entry_given {
    const char *id;                            /* NULL = none */
    bool sets[TL_RECORD_COLUMNS_MAX];          /* which columns */
    const char *values[TL_RECORD_COLUMNS_MAX]; /* NULL or "" = not known */
    bool sets_remarks;
    const char *remarks;
    const char *position; /* typed, in any notation that tl_coord_parse reads; NULL = none */
    const void *wkb;      /* or a geometry in WGS 84; NULL = none */
    int64_t wkb_bytes;
    bool sets_accuracy;
    double accuracy_m;  /* NaN = not known, then that of the typed position */
    bool outside_is_ok; /* somebody has said that it may lie outside the area of interest */
};

struct tl_entry;

/**
 * @param is_new  then a position or a geometry must be there
 * @param[out] entry  owns: the caller, tl_entry_free
 * Errors: TL_EDATA (what is wrong: column, value, what was expected; a proposal where there is one), TL_EIO, TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_entry_check(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                                  const struct tl_entry_given *given, bool is_new,
                                  struct tl_entry **entry);
void tl_entry_free(struct tl_entry *entry); /* NULL is fine */

/** Valid until tl_entry_free. */
const struct tl_edit *tl_entry_edit(const struct tl_entry *entry);

/** Doubts about what is taken in all the same; `reason` as in an import ("year-only"). */
int tl_entry_n_doubts(const struct tl_entry *entry);
const char *tl_entry_doubt(const struct tl_entry *entry, int i, const char **reason);

#ifdef __cplusplus
}
#endif
#endif
