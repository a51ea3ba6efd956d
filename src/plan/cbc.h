/** CBC, or a program that takes its arguments, run on an integer programme: a process of its own with files in memory only, and a time limit. */
#ifndef TL_PLAN_CBC_H
#define TL_PLAN_CBC_H

#include "core/core.h"

struct tl_plan_cbc_ask {
    const char *solver; /* borrows: name or path */
    const char *mps;    /* borrows: columns x0, x1, ...; objective to be made least */
    const char *start;  /* borrows: lines "index column value" to begin with; "" = none */
    int64_t mps_bytes;
    int64_t n_columns;
    double gap, wait_s;
};

enum tl_plan_cbc_end {
    TL_PLAN_CBC_MISSING,    /* there is no such program */
    TL_PLAN_CBC_DONE,       /* within the gap */
    TL_PLAN_CBC_STOPPED,    /* at the time limit; with a plan or without */
    TL_PLAN_CBC_INFEASIBLE, /* proved: there is none */
};

struct tl_plan_cbc_answer {
    enum tl_plan_cbc_end end;
    bool *in;     /* owns: [n_columns] which columns are 1; NULL = no plan */
    double bound; /* no plan's objective is lower; -INFINITY = not told */
};

/**
 * @param[out] answer  untouched on error
 * Errors: TL_ENUMERIC (the program died, or what it wrote makes no sense; with its last line), TL_EIO (files in memory), TL_ENOMEM,
 *         TL_ECANCELLED. The process is always gone on return; when the calling thread or process is killed, the kernel kills it. Nothing is
 *         ever written to a disk.
 */
TL_MUST_USE tl_err tl_plan_cbc_run(struct tl_ctx *ctx, const struct tl_plan_cbc_ask *ask,
                                   struct tl_plan_cbc_answer *answer);
void tl_plan_cbc_answer_fini(struct tl_plan_cbc_answer *answer);

/** Reads a solution file's text (its first line, then "index column value cost" for each column that is not 0; columns c... and f... are passed over). Errors: TL_ENUMERIC. */
TL_MUST_USE tl_err tl_plan_cbc_read(struct tl_ctx *ctx, const char *text, int64_t n_columns,
                                    struct tl_plan_cbc_answer *answer);

#endif
