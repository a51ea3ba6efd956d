/** Invented names of places, in Latin or Cyrillic letters. */
#ifndef TL_SIMULATE_NAMES_H
#define TL_SIMULATE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/** So many names before they repeat with "Nova", "Stara", ... in front. */
enum { TL_NAMES_COUNT = 96 };

/** Name of a number (any, >= 0). */
void tl_names_place(int number, bool is_cyrillic, char *name, size_t room);

#endif
