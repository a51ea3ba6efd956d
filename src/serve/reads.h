/**
 * Who read what: a line for each look at sensitive records, in PROJECT.reads beside the project (mode 0600). Reading cannot wait for the project's
 * write lock, and a project may be read-only, so these lines are not in its log; each carries the hash of the line before it instead.
 */
#ifndef TL_SERVE_READS_H
#define TL_SERVE_READS_H

#include "serve/serve.h"

struct tl_reads;

TL_MUST_USE tl_err tl_reads_open(struct tl_ctx *ctx, const char *project, struct tl_reads **reads);
void tl_reads_close(struct tl_reads *reads);

/**
 * Writes a line: time, person, role, what ("records", "record", "dossier"), kind, code ("" = a list) and how many records.
 * Errors: TL_EIO: then the record must not be shown.
 */
TL_MUST_USE tl_err tl_reads_note(struct tl_call *call, const char *what, const char *kind,
                                 const char *code, int64_t n);

/** The latest lines, latest first, as a JSON array; *intact says whether each of these carries the hash of the one before it. owns: the caller. */
TL_MUST_USE tl_err tl_reads_list(struct tl_ctx *ctx, struct tl_reads *reads, int64_t limit,
                                 char **json, bool *intact);

#endif
