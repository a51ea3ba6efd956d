/**
 * A private copy of the project, in the folder of uploads, on which imports are tried: a trial is an import that is rolled back, and it would keep everybody from
 * saving for as long as it takes. Made with the first trial, made anew where the project has changed, gone ten minutes after the last.
 */
#ifndef TL_SERVE_APART_H
#define TL_SERVE_APART_H

#include "serve/serve.h"

enum { TL_APART_KEPT_S = 600 };

struct tl_apart;

TL_MUST_USE tl_err tl_apart_create(struct tl_ctx *ctx, struct tl_apart **apart);
void tl_apart_free(struct tl_apart *apart); /* NULL is fine; before the uploads it lies among */

/**
 * The copy, as the project stands now, opened for writing; one trial at a time, others wait. To be ended by tl_apart_give.
 * @param more_bytes  what the work will add to it
 * @param[out] no_room  the disk has no room for a copy
 * Errors: TL_EIO (no room on the disk), those of tl_project_copy and tl_project_open. Then nothing is to be ended.
 */
TL_MUST_USE tl_err tl_apart_take(struct tl_call *call, int64_t more_bytes, bool *no_room,
                                 struct tl_project **project);
void tl_apart_give(struct tl_call *call, struct tl_project *project);

/** Removes a copy that nobody has used for long; to be called now and then. */
void tl_apart_sweep(struct tl_apart *apart, double now_s);

#endif
