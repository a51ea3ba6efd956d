/** Scenarios that are built in: src/forecast/scenarios/, put into the program by the build. */
#ifndef TL_FORECAST_BUILTIN_H
#define TL_FORECAST_BUILTIN_H

#include <stddef.h>

struct tl_builtin {
    const char *name; /* of its file; NULL ends the list */
    const unsigned char *yaml;
};

extern const struct tl_builtin tl_builtins[];

#endif
