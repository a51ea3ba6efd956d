/**
 * Jobs: slow work whose asker need not hold the connection open. A request with "Prefer: respond-async" is answered at once where it takes less than two
 * seconds; else with 202 and the address of its job, which says how far it is until it gives the reply. A job belongs to the session that began it.
 */
#ifndef TL_SERVE_JOBS_H
#define TL_SERVE_JOBS_H

#include "serve/serve.h"

enum { TL_JOBS_ANSWER_S = 2, TL_JOBS_MAX = 64, TL_JOBS_KEPT_S = 600, TL_JOBS_ID_BYTES = 33 };

struct tl_jobs;

TL_MUST_USE tl_err tl_jobs_create(struct tl_ctx *ctx, struct tl_jobs **jobs);
void tl_jobs_free(struct tl_jobs *jobs); /* NULL is fine; after the lanes have ended */

/**
 * A job of a call: its own call takes over what the handler needs, and the given one waits for it. NULL where there are too many or no memory, and then
 * the given one is as it was. The job's call goes to a lane, or to tl_jobs_drop.
 */
struct tl_call *tl_jobs_begin(struct tl_ctx *ctx, struct tl_call *call);
/** The lane had no room: the waiting call has all of its own again. */
void tl_jobs_drop(struct tl_call *work);

/** Around the handler of a job's call, on the lane's thread. False: it was cancelled before it began. */
bool tl_jobs_start(struct tl_call *work);
void tl_jobs_stop(struct tl_call *work);
/** The lane is done with a job's call: who waits is answered, or the reply is kept. Gives the waiting call, NULL where nobody waits. */
struct tl_call *tl_jobs_done(struct tl_call *work);

/** One that has waited for more than two seconds, with its answer 202; NULL when there is none. Also forgets what nobody has fetched. */
struct tl_call *tl_jobs_late(struct tl_serve *serve, struct tl_ctx *ctx, double now_s);

/* api_jobs.c */

/** Answers with the job of an id: 202 and how far it is, or its reply, which is given once. Errors: TL_ENOTFOUND (not this session's). */
TL_MUST_USE tl_err tl_jobs_answer(struct tl_call *call, const char *id);
/** Cancels; nothing happens where there is no such job any more. */
void tl_jobs_cancel(struct tl_call *call, const char *id);

#endif
