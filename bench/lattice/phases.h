/** Where the time of a fit goes: by the stages that it tells its progress listener. A bench: it may print. */
#ifndef TL_BENCH_LATTICE_PHASES_H
#define TL_BENCH_LATTICE_PHASES_H

#include <stdbool.h>

#include "tilth/ctx.h"

enum { PHASES_MAX = 24, PHASES_NAME = 64 };

struct phase {
    char name[PHASES_NAME];
    double wall_s, cpu_s, main_s,
        faults; /* of all threads; of the one that called; pages touched first */
};

struct phases {
    struct phase phase[PHASES_MAX]; /* number 0: outside all stages */
    int n;
    int open[8], n_open;
    struct phase last; /* clocks when the stage under way began */
    bool verbose;
};

/** Begins counting; hand `phases` to the context with phases_listen as its listener. */
void phases_begin(struct phases *phases);
void phases_listen(void *user, const struct tl_progress *progress);
/** Prints the table. */
void phases_print(struct phases *phases, int n_threads);

#endif
