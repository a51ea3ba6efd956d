/**
 * Words in other languages: catalogues of gettext (po/uk.po, compiled by msgfmt and built in; a .mo file of one's own can be named
 * in their place). Read by ourselves, because libc's gettext needs an installed locale and keeps state of the process.
 *
 * A text is marked by passing it, as a literal, to tl_catalogue_text or tl_catalogue_plural, or, in a table, by wrapping it in
 * TL_CATALOGUE_MARK; po/README.md says what a translator does.
 */
#ifndef TL_CORE_CATALOGUE_H
#define TL_CORE_CATALOGUE_H

#include "core/core.h"

struct tl_catalogue;

/** Marks a literal for xgettext where it is not passed to the functions below: in tables. */
#define TL_CATALOGUE_MARK(text) text

/* Lets the compiler hold the arguments of a format against the English text; the catalogue holds translations against it. */
#if defined(__GNUC__)
#define TL_CATALOGUE_FORMAT(argument) __attribute__((format_arg(argument)))
#else
#define TL_CATALOGUE_FORMAT(argument)
#endif

/**
 * Opens a language ("en", "uk", ...) or a catalogue by its path, which ends in ".mo". "en" is the source language.
 * A catalogue with other placeholders of printf than the text it translates is refused, since its texts are used as formats.
 * Errors: TL_EUSAGE (no such language: lists them), TL_ENOTFOUND, TL_EIO (file), TL_EDATA (malformed: what and where).
 */
TL_MUST_USE tl_err tl_catalogue_open(struct tl_ctx *ctx, const char *language,
                                     struct tl_catalogue **catalogue);
void tl_catalogue_free(struct tl_catalogue *catalogue);

/** Same from bytes, which are copied; `name` is for messages. Either byte order. Errors: TL_EDATA. */
TL_MUST_USE tl_err tl_catalogue_read(struct tl_ctx *ctx, const char *name, const void *bytes,
                                     int64_t n_bytes, struct tl_catalogue **catalogue);

/**
 * The first of the languages that a reader accepts ("fr-CA,uk;q=0.8", in order; weights are not looked at) in which the program speaks; "en" where it is
 * none of them, and for NULL.
 */
const char *tl_catalogue_accepted(const char *accepted);

/** Language by the catalogue's header ("uk"); "en" for NULL and for a header without one. */
const char *tl_catalogue_language(const struct tl_catalogue *catalogue);

/** Translation of a text, or the text itself; NULL catalogue = English. Never NULL. */
const char *tl_catalogue_text(const struct tl_catalogue *catalogue, const char *text)
    TL_CATALOGUE_FORMAT(2);

/** With plural forms by the catalogue's own rule; English: `one` for 1, else `many`. */
const char *tl_catalogue_plural(const struct tl_catalogue *catalogue, const char *one,
                                const char *many, int64_t n) TL_CATALOGUE_FORMAT(2)
    TL_CATALOGUE_FORMAT(3);

/** A text and what it is in the catalogue's language. */
struct tl_catalogue_entry {
    const char *text, *many; /* borrow: the catalogue's; many NULL = without plural */
    const char *
        translation; /* borrows: "" = none; of a plural n_forms, each behind the zero of the one before */
    int n_forms;
};

/** Number of entries, the header among them (text ""); 0 for NULL. */
int64_t tl_catalogue_size(const struct tl_catalogue *catalogue);
/** Entry k, 0 to size - 1, sorted by text. */
void tl_catalogue_at(const struct tl_catalogue *catalogue, int64_t k,
                     struct tl_catalogue_entry *entry);

/** A language that is built in. */
struct tl_catalogue_builtin {
    const char *language; /* NULL ends the list */
    const unsigned char *bytes;
    int64_t n_bytes;
};

/** Made at build time from the files of po by cmake/catalogues.cmake. */
extern const struct tl_catalogue_builtin tl_catalogue_builtins[];

#endif
