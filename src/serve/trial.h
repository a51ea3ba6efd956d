/** An import tried: how it is asked for, what is shown of it. */
#ifndef TL_SERVE_TRIAL_H
#define TL_SERVE_TRIAL_H

#include "serve/serve.h"
#include "tilth/evidence.h"

struct tl_trial;

/**
 * Reads call->json, which must stay as long as the trial: as, layer, map, source, crs, where, encoding, keep_duplicates, allow_outside.
 * Errors: TL_EUSAGE, TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_trial_create(struct tl_call *call, struct tl_trial **trial);
void tl_trial_free(struct tl_trial *trial); /* NULL is fine */

/** Options of the import, a dry run until somebody says otherwise. */
struct tl_import_options *tl_trial_options(struct tl_trial *trial);

/** Watches the import: always its mapping; where it collects, also the first rows that would come in or be refused. */
void tl_trial_watch(struct tl_trial *trial, bool collects);

/** Whether an error is one that another mapping or another option mends, so that the form is to be shown with it. */
bool tl_trial_can_be_mended(const struct tl_trial *trial, tl_err err);

/** Answers with tilth.import-try/1; a report that is NULL: with the context's message as the problem. */
TL_MUST_USE tl_err tl_trial_answer(struct tl_call *call, struct tl_trial *trial,
                                   const struct tl_import_report *report, const char *token);

/** Answers with tilth.import-done/1. */
TL_MUST_USE tl_err tl_trial_done(struct tl_call *call, struct tl_trial *trial,
                                 const struct tl_import_report *report);

#endif
