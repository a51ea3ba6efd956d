/**
 * A process that reads what a stranger made, and can do nothing else: no file is opened, no socket, no program started, no memory or time
 * beyond a limit. Its descriptors are all it has: 0 to read, 1 to write, 3 to report.
 */
#ifndef TL_SERVE_SANDBOX_H
#define TL_SERVE_SANDBOX_H

#include "core/core.h"

enum { TL_SANDBOX_REPORT_FD = 3, TL_SANDBOX_WORDS_BYTES = 600 };

struct tl_sandbox_limits {
    int64_t memory_bytes; /* of addresses; not under AddressSanitizer, which maps terabytes */
    int64_t file_bytes;   /* of each file written */
    int cpu_s;
    int wall_s; /* for tl_sandbox_run */
    bool no_seccomp,
        no_landlock; /* walls that are not raised, as if the kernel had none; test use */
};

/** Which walls stand: an older kernel may have none, or not all. */
struct tl_sandbox_walls {
    bool
        seccomp; /* system calls are filtered: what is not needed for reading is refused, starting programs is death */
    bool landlock; /* the kernel refuses every path, and ports */
};

/** Which walls this kernel can raise; nothing is raised. */
struct tl_sandbox_walls tl_sandbox_kernel(void);

/** Warns, in one line, where not both of them stand: whoever runs the server decides whether it may take files. */
void tl_sandbox_warn(struct tl_ctx *ctx, const struct tl_sandbox_walls *walls);

/**
 * Walls the calling process in, for good. To be called with one thread, when all that it needs is open.
 * Errors: TL_EIO (a limit cannot be set). A wall that the kernel does not have is no error.
 */
TL_MUST_USE tl_err tl_sandbox_enter(struct tl_ctx *ctx, const struct tl_sandbox_limits *limits,
                                    struct tl_sandbox_walls *walls);

/** Says how it ended, from within: at the end of a walled process, before it leaves with _exit. */
void tl_sandbox_report(const struct tl_sandbox_walls *walls, tl_err err, const char *words);

struct tl_sandbox_job {
    const char *program;      /* borrows: NULL = this one */
    const char *const *words; /* borrows: its arguments, ends with NULL */
    const char
        *request; /* borrows: goes into its environment as TILTH_READ, where others do not see it */
    int in, out;  /* descriptors */
    const char *what; /* borrows: name of the file, for messages */
    struct tl_sandbox_limits limits;
};

/**
 * Runs a program that walls itself in, and waits for it. It dies when it takes too long, and with whoever runs it.
 * @param[out] walls  that stood, as it says
 * Errors: TL_EDATA (it broke, was stopped, took too long: one sentence), what it reports itself (TL_EDATA, TL_ENOTFOUND, TL_EUSAGE, TL_EIO),
 * TL_ECANCELLED, TL_EIO (it cannot be started).
 */
TL_MUST_USE tl_err tl_sandbox_run(struct tl_ctx *ctx, const struct tl_sandbox_job *job,
                                  struct tl_sandbox_walls *walls);

#endif
