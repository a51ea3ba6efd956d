/* Lanes: a queue with a length that is bounded, and threads that take from it. A call's connection sleeps meanwhile. */
#include <errno.h>
#include <string.h>

#include "serve/jobs.h"

/* The next call; NULL when the lane ends. */
static struct tl_call *take(struct tl_lane *lane)
{
    struct tl_call *call = NULL;
    pthread_mutex_lock(&lane->lock);
    while (lane->first == NULL && !lane->ends)
        pthread_cond_wait(&lane->more, &lane->lock);
    if (lane->first != NULL) {
        call = lane->first;
        lane->first = call->next;
        if (lane->first == NULL)
            lane->last = NULL;
        lane->n_waiting--;
    }
    pthread_mutex_unlock(&lane->lock);
    return call;
}

/* Contexts at work are known, so that the end can cancel them; false: it ends, nothing is to be begun. */
static bool note_busy(struct tl_lane *lane, struct tl_ctx *ctx, struct tl_ctx *instead)
{
    pthread_mutex_lock(&lane->lock);
    bool goes_on = !lane->ends || ctx != NULL;
    for (int i = 0; i < lane->n_threads; i++)
        if (lane->busy[i] == ctx) {
            lane->busy[i] = goes_on ? instead : NULL;
            break;
        }
    pthread_mutex_unlock(&lane->lock);
    return goes_on;
}

static void work(struct tl_lane *lane, struct tl_call *call)
{
    struct tl_seat *seat = tl_seat_take(lane->serve);
    if (seat == NULL || !note_busy(lane, NULL, seat->ctx)) {
        tl_call_bytes(call, 503, "application/json", NULL, 0);
    } else {
        call->seat = seat;
        call->ctx = seat->ctx;
        if (call->route->lane == TL_ROUTE_WORK)
            tl_ctx_set_threads(seat->ctx, lane->serve->n_threads);
        if (call->job == NULL || tl_jobs_start(call))
            tl_server_run(call);
        if (call->job != NULL)
            tl_jobs_stop(call);
        note_busy(lane, seat->ctx, NULL);
        call->seat = NULL;
        call->ctx = NULL;
    }
    tl_seat_give(lane->serve, seat);
    tl_server_done(call);
}

static void *run(void *user)
{
    struct tl_lane *lane = user;
    struct tl_call *call;
    while ((call = take(lane)) != NULL)
        work(lane, call);
    return NULL;
}

tl_err tl_lane_open(struct tl_ctx *ctx, struct tl_serve *serve, struct tl_lane *lane, int n_threads,
                    int max_waiting)
{
    *lane = (struct tl_lane){.max_waiting = max_waiting, .serve = serve};
    pthread_mutex_init(&lane->lock, NULL);
    pthread_cond_init(&lane->more, NULL);
    for (int i = 0; i < n_threads; i++) {
        int why = pthread_create(&lane->threads[i], NULL, run, lane);
        if (why != 0)
            return tl_fail(ctx, TL_ENOMEM, "a thread cannot be started: %s", strerror(why));
        lane->n_threads++;
    }
    return TL_OK;
}

bool tl_lane_put(struct tl_lane *lane, struct tl_call *call)
{
    pthread_mutex_lock(&lane->lock);
    bool fits = !lane->ends && lane->n_threads > 0 && lane->n_waiting < lane->max_waiting;
    if (fits) {
        call->next = NULL;
        if (lane->last != NULL)
            lane->last->next = call;
        else
            lane->first = call;
        lane->last = call;
        lane->n_waiting++;
        pthread_cond_signal(&lane->more);
    }
    pthread_mutex_unlock(&lane->lock);
    return fits;
}

void tl_lane_close(struct tl_lane *lane)
{
    if (lane->serve == NULL)
        return;
    pthread_mutex_lock(&lane->lock);
    lane->ends = true;
    for (int i = 0; i < lane->n_threads; i++)
        if (lane->busy[i] != NULL)
            tl_ctx_cancel(lane->busy[i]);
    pthread_cond_broadcast(&lane->more);
    pthread_mutex_unlock(&lane->lock);
    for (int i = 0; i < lane->n_threads; i++)
        pthread_join(lane->threads[i], NULL);
    pthread_mutex_destroy(&lane->lock);
    pthread_cond_destroy(&lane->more);
    lane->serve = NULL;
}
