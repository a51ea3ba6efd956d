/**
 * The language of whoever asks (Accept-Language, which the pages set by what was chosen in them). Rooms below speak English, and what is kept is kept so; what
 * people read of it is said in their language when it is answered (core/retell.h).
 */
#ifndef TL_SERVE_LANG_H
#define TL_SERVE_LANG_H

#include "core/catalogue.h"
#include "serve/lang.h"
#include "serve/serve.h"

struct tl_langs;

/** All languages that are built in. Errors: TL_ENOMEM, TL_EDATA (a damaged catalogue). */
TL_MUST_USE tl_err tl_langs_open(struct tl_ctx *ctx, struct tl_langs **langs);
void tl_langs_free(struct tl_langs *langs); /* NULL is fine */

/** The catalogue of the call's language, NULL = English. */
const struct tl_catalogue *tl_lang_catalogue(const struct tl_call *call);

/** What was said in English in the call's language, or as it is where memory is short. owns: the caller, tl_free. May be NULL: then say it in English. */
char *tl_lang_say(struct tl_call *call, const char *said);

/** The program's own sentences in a reply: members message, words, why, problem, example. Errors: TL_ENOMEM. */
TL_MUST_USE tl_err tl_lang_json(struct tl_call *call, json_t *json);
/** One member of each object in a list, where the objects hold what people wrote, too. Errors: TL_ENOMEM. */
TL_MUST_USE tl_err tl_lang_lines(struct tl_call *call, json_t *list, const char *member);
/** The texts of members of these names (NULL ends them), and of lists of them, as tl_lang_json. */
TL_MUST_USE tl_err tl_lang_members(struct tl_call *call, json_t *json, const char *const *names);
/** As tl_lang_json for a reply that is text already; *text is replaced. Errors: TL_ENOMEM, TL_EDATA. */
TL_MUST_USE tl_err tl_lang_text(struct tl_call *call, char **text);
/** As tl_lang_members for a reply that is text already. */
TL_MUST_USE tl_err tl_lang_text_members(struct tl_call *call, char **text,
                                        const char *const *names);

/** An assessment as it is kept, in the language of whoever reads it instead of whoever made it; NULL is fine. Errors: TL_ENOMEM. */
TL_MUST_USE tl_err tl_lang_kept(struct tl_call *call, json_t *kept);

#endif
