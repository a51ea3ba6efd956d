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

#endif
