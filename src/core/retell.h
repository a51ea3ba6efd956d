/**
 * What was said in one language, said again in another. Messages of errors, reasons of refused rows and the words of kept assessments are sentences by the time
 * somebody reads them: made in English, deep below whoever asks, or long ago by somebody who read another language. A sentence is held against the
 * texts of a catalogue: the one that made it gives its arguments, and its translation takes them.
 *
 * So what is kept and what programs compare stays English, and each reader has their own language, also of what was kept before.
 */
#ifndef TL_CORE_RETELL_H
#define TL_CORE_RETELL_H

#include "core/catalogue.h"
#include "core/json.h"

struct tl_retell;

/** Borrows the catalogue. NULL catalogue = English: nothing is said otherwise. Errors: TL_ENOMEM. */
TL_MUST_USE tl_err tl_retell_create(struct tl_ctx *ctx, const struct tl_catalogue *catalogue,
                                    struct tl_retell **retell);
void tl_retell_free(struct tl_retell *retell); /* NULL is fine */

/**
 * From English into the catalogue's language, or (`back`) from that into English. Arguments that are sentences or terms are said again as well, but those between
 * double quotes: they are what somebody wrote. A place in front ("deaths.csv: row 3: ...") stays. What no text has made stays as it is.
 * @param[out] told  owns: the caller, tl_free
 * @param[out] known  whether a text made it; may be NULL
 * Errors: TL_ENOMEM. Cost: some 0.1 ms a sentence with a thousand texts.
 */
TL_MUST_USE tl_err tl_retell(struct tl_ctx *ctx, const struct tl_retell *retell, bool back,
                             const char *said, char **told, bool *known);

/** The texts of all members of these names (NULL ends them), however deep, and the texts of lists of them, in place. Errors: TL_ENOMEM. */
TL_MUST_USE tl_err tl_retell_json(struct tl_ctx *ctx, const struct tl_retell *retell, bool back,
                                  json_t *json, const char *const *names);

/**
 * An object that is kept with its words and says in "language" which they are in: its members "words" and "why" in another language. One that is not built in
 * is left alone. Errors: TL_EUSAGE (`language` is none), TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_retell_kept(struct tl_ctx *ctx, json_t *json, const char *language);

#endif
