/** Placeholders of printf in a text, so that a translation used as a format cannot ask for other arguments than the text does. */
#ifndef TL_CORE_PLACEHOLDER_H
#define TL_CORE_PLACEHOLDER_H

#include <stdbool.h>

/**
 * Whether a translation takes the same arguments as the text: the same conversions and lengths in the same places, where
 * places may be given ("%2$s") in another order; flags, width and precision may differ unless they are "*". A text without
 * placeholders is no format, and its translation may hold anything: "95 % of", where "%" stands before a blank or the end.
 */
bool tl_placeholder_same(const char *text, const char *translation);

/** Whether a text has placeholders or "%%", so that it is a format, and so is its translation. */
bool tl_placeholder_is_format(const char *text);

struct tl_placeholder {
    const char *end; /* borrows: behind it */
    int place;       /* of its argument, from 0 */
    char kind;       /* 's', 'd', 'f', ...; '%' = a per cent sign, which takes none */
};

/**
 * Reads the placeholder of a format that begins at `sign`. `turn` counts the arguments taken in turn, 0 at the text's beginning.
 * False for what is no placeholder. "*" takes an argument of its own before the one that is told.
 */
bool tl_placeholder_read(const char *sign, int *turn, struct tl_placeholder *found);

#endif
