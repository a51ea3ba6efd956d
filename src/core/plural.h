/** Plural rules of gettext: "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : ...);", an expression of C over n. */
#ifndef TL_CORE_PLURAL_H
#define TL_CORE_PLURAL_H

#include "core/core.h"

enum { TL_PLURAL_FORMS_MAX = 16 };

struct tl_plural {
    const char
        *expression; /* borrows: text of the rule, ended by ';' or the text's end; NULL = English */
    int n_forms;
};

/**
 * Reads the rule out of a catalogue's header and tries it on many numbers.
 * @param header  lines "Name: value"; borrowed for as long as `plural` is used
 * Errors: TL_EDATA (malformed, or gives a form beyond nplurals). A header without a rule gives the English one.
 */
TL_MUST_USE tl_err tl_plural_read(struct tl_ctx *ctx, const char *header, struct tl_plural *plural);

/** Form for a number, 0 .. n_forms - 1. */
int tl_plural_form(const struct tl_plural *plural, int64_t n);

#endif
