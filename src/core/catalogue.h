/**
 * Words in other languages: catalogues of gettext (po/uk.po, compiled by msgfmt and built in; a folder of .mo files can replace
 * them). Read by ourselves, because libc's gettext needs an installed locale and keeps state of the process.
 */
#ifndef TL_CORE_CATALOGUE_H
#define TL_CORE_CATALOGUE_H

#include "core/core.h"

struct tl_catalogue;

/** Opens a language ("en", "uk", ...); "en" is the source language. Errors: TL_EUSAGE (no such language: lists them). */
TL_MUST_USE tl_err tl_catalogue_open(struct tl_ctx *ctx, const char *language,
                                     struct tl_catalogue **catalogue);
void tl_catalogue_free(struct tl_catalogue *catalogue);

/** Translation of a text, or the text itself; NULL catalogue = English. Never NULL. Mark texts so that xgettext finds them by this name. */
const char *tl_catalogue_text(const struct tl_catalogue *catalogue, const char *text);

/** With plural forms by the catalogue's own rule. */
const char *tl_catalogue_plural(const struct tl_catalogue *catalogue, const char *one,
                                const char *many, int64_t n);

#endif
