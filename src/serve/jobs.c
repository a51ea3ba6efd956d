/*
 * Jobs in a list under one lock, which is held for no longer than a few copies. A job owns the call that works; the call that waits belongs to its connection,
 * which sleeps: whoever takes it out of the job under the lock answers it.
 */
#include "serve/jobs.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "serve/lang.h"
enum { WORDS_BYTES = 160 };

struct tl_job {
    char id[TL_JOBS_ID_BYTES];
    char session[TL_SECRET_HEX];
    struct tl_call *work;   /* owns */
    struct tl_call *waiter; /* borrows: NULL = answered */
    struct tl_ctx *ctx;     /* borrows: while it is at work, to be cancelled */
    double wait_s;          /* for the reply itself */
    double began_s, done_s; /* done_s 0 = not yet */
    bool is_cancelled;
    double share; /* negative = not known */
    char words[WORDS_BYTES];
    struct tl_job *next;
};

struct tl_jobs {
    pthread_mutex_t lock;
    struct tl_job *first; /* owns */
    int n;
};

tl_err tl_jobs_create(struct tl_ctx *ctx, struct tl_jobs **jobs)
{
    struct tl_jobs *made = tl_alloc(ctx, 1, sizeof *made);
    if (made == NULL)
        return TL_ENOMEM;
    pthread_mutex_init(&made->lock, NULL);
    *jobs = made;
    return TL_OK;
}

static void job_free(struct tl_job *job)
{
    if (job == NULL)
        return;
    tl_call_free(job->work);
    tl_free(job);
}

void tl_jobs_free(struct tl_jobs *jobs)
{
    if (jobs == NULL)
        return;
    while (jobs->first != NULL) {
        struct tl_job *job = jobs->first;
        jobs->first = job->next;
        job_free(job);
    }
    pthread_mutex_destroy(&jobs->lock);
    tl_free(jobs);
}

static void unlink_job(struct tl_jobs *jobs, struct tl_job *job)
{
    struct tl_job **at = &jobs->first;
    while (*at != NULL && *at != job)
        at = &(*at)->next;
    if (*at == job) {
        *at = job->next;
        jobs->n--;
    }
}

/* A reply that was not fetched for longest, taken out; NULL when all are at work. */
static struct tl_job *oldest_done(struct tl_jobs *jobs, double before_s)
{
    struct tl_job *oldest = NULL;
    for (struct tl_job *job = jobs->first; job != NULL; job = job->next)
        if (job->done_s > 0 && job->done_s < before_s &&
            (oldest == NULL || job->done_s < oldest->done_s))
            oldest = job;
    if (oldest != NULL)
        unlink_job(jobs, oldest);
    return oldest;
}

/* What the handler needs goes from one call to the other; values borrow the uri, which goes along. */
static void hand_over(struct tl_call *from, struct tl_call *to)
{
    struct tl_call kept = *from;
    kept.connection = to->connection;
    kept.peer = to->peer;
    kept.state = to->state;
    kept.job = to->job;
    kept.next = NULL;
    *to = kept;
    from->uri = NULL;
    from->basic = NULL;
    from->inflow = NULL;
    from->json = NULL;
    from->body = (struct tl_buf){0};
    from->n_values = 0;
    memset(&from->reply, 0, sizeof from->reply);
}

struct tl_call *tl_jobs_begin(struct tl_ctx *ctx, struct tl_call *call)
{
    struct tl_jobs *jobs = call->serve->jobs;
    char secret[TL_SECRET_HEX];
    struct tl_job *job = tl_alloc(ctx, 1, sizeof *job), *forgotten = NULL;
    struct tl_call *work = job != NULL ? tl_alloc(ctx, 1, sizeof *work) : NULL;
    if (work == NULL) {
        tl_free(job);
        return NULL;
    }
    tl_secret_make(secret);
    snprintf(job->id, sizeof job->id, "%.32s", secret);
    memcpy(job->session, call->person.session, sizeof job->session);
    job->began_s = tl_clock_s();
    job->wait_s = call->wait_s;
    job->share = -1;
    job->work = work;
    job->waiter = call;
    work->job = job;
    pthread_mutex_lock(&jobs->lock);
    if (jobs->n >= TL_JOBS_MAX)
        forgotten = oldest_done(jobs, (double)INFINITY);
    bool fits = jobs->n < TL_JOBS_MAX;
    if (fits) {
        hand_over(call, work);
        job->next = jobs->first;
        jobs->first = job;
        jobs->n++;
    }
    pthread_mutex_unlock(&jobs->lock);
    job_free(forgotten);
    if (!fits)
        job_free(job);
    return fits ? work : NULL;
}

void tl_jobs_drop(struct tl_call *work)
{
    struct tl_job *job = work->job;
    struct tl_jobs *jobs = work->serve->jobs;
    pthread_mutex_lock(&jobs->lock);
    unlink_job(jobs, job);
    if (job->waiter != NULL)
        hand_over(work, job->waiter);
    pthread_mutex_unlock(&jobs->lock);
    job_free(job);
}

static void on_progress(void *user, const struct tl_progress *progress)
{
    struct tl_call *work = user;
    struct tl_jobs *jobs = work->serve->jobs;
    pthread_mutex_lock(&jobs->lock);
    work->job->share = progress->share;
    snprintf(work->job->words, sizeof work->job->words, "%s",
             progress->stage != NULL ? progress->stage : "");
    pthread_mutex_unlock(&jobs->lock);
}

bool tl_jobs_start(struct tl_call *work)
{
    struct tl_jobs *jobs = work->serve->jobs;
    pthread_mutex_lock(&jobs->lock);
    bool goes_on = !work->job->is_cancelled;
    if (goes_on)
        work->job->ctx = work->ctx;
    pthread_mutex_unlock(&jobs->lock);
    if (goes_on)
        tl_ctx_set_progress(work->ctx, on_progress, work);
    return goes_on;
}

void tl_jobs_stop(struct tl_call *work)
{
    struct tl_jobs *jobs = work->serve->jobs;
    tl_ctx_set_progress(work->ctx, NULL, NULL);
    pthread_mutex_lock(&jobs->lock);
    work->job->ctx = NULL;
    pthread_mutex_unlock(&jobs->lock);
}

/* The reply goes to the call that asks for it. */
static void give_reply(struct tl_call *work, struct tl_call *to)
{
    tl_call_reply_fini(&to->reply);
    to->reply = work->reply;
    memset(&work->reply, 0, sizeof work->reply);
}

struct tl_call *tl_jobs_done(struct tl_call *work)
{
    struct tl_job *job = work->job;
    struct tl_jobs *jobs = work->serve->jobs;
    pthread_mutex_lock(&jobs->lock);
    struct tl_call *waiter = job->waiter;
    job->waiter = NULL;
    job->done_s = tl_clock_s();
    bool ends = waiter != NULL || job->is_cancelled;
    if (ends)
        unlink_job(jobs, job);
    pthread_mutex_unlock(&jobs->lock);
    if (waiter != NULL)
        give_reply(work, waiter);
    if (ends)
        job_free(job);
    return waiter;
}

struct facts {
    char id[TL_JOBS_ID_BYTES], words[WORDS_BYTES];
    double share;
};

static struct facts facts_of(const struct tl_job *job)
{
    struct facts facts = {.share = job->share};
    memcpy(facts.id, job->id, sizeof facts.id);
    memcpy(facts.words, job->words, sizeof facts.words);
    return facts;
}

static tl_err say_how_far(struct tl_call *call, const struct facts *facts)
{
    tl_err err = TL_OK;
    char *words = tl_lang_say(call, facts->words);
    TL_TRY(tl_call_header(call, "Location", "/api/1/jobs/%s", facts->id));
    TL_TRY(tl_call_json(call, 202,
                        json_pack("{s:s, s:s, s:b, s:o, s:s}", "schema", "tilth.job/1", "id",
                                  facts->id, "done", 0, "share",
                                  facts->share >= 0 ? tl_json_number(facts->share, 3) : json_null(),
                                  "words", words != NULL ? words : facts->words)));
done:
    tl_free(words);
    return err;
}

struct tl_call *tl_jobs_late(struct tl_serve *serve, struct tl_ctx *ctx, double now_s)
{
    struct tl_jobs *jobs = serve->jobs;
    struct tl_call *waiter = NULL;
    struct facts facts;
    pthread_mutex_lock(&jobs->lock);
    for (struct tl_job *job = jobs->first; job != NULL && waiter == NULL; job = job->next)
        if (job->waiter != NULL && now_s - job->began_s >= job->wait_s) {
            waiter = job->waiter;
            job->waiter = NULL;
            facts = facts_of(job);
        }
    struct tl_job *forgotten = oldest_done(jobs, now_s - TL_JOBS_KEPT_S);
    pthread_mutex_unlock(&jobs->lock);
    job_free(forgotten);
    if (waiter == NULL)
        return NULL;
    waiter->ctx = ctx;
    if (say_how_far(waiter, &facts) != TL_OK)
        tl_call_fail(waiter, TL_ENOMEM, 0, tl_ctx_message(ctx));
    waiter->ctx = NULL;
    return waiter;
}

static struct tl_job *find(const struct tl_jobs *jobs, const struct tl_call *call, const char *id)
{
    struct tl_job *job = jobs->first;
    while (job != NULL && (strcmp(job->id, id) != 0 || job->is_cancelled ||
                           !tl_secret_same(job->session, call->person.session)))
        job = job->next;
    return job;
}

tl_err tl_jobs_answer(struct tl_call *call, const char *id)
{
    struct tl_jobs *jobs = call->serve->jobs;
    struct facts facts;
    struct tl_job *done = NULL;
    pthread_mutex_lock(&jobs->lock);
    struct tl_job *job = find(jobs, call, id);
    if (job != NULL) {
        facts = facts_of(job);
        done = job->done_s > 0 ? job : NULL;
    }
    if (done != NULL)
        unlink_job(jobs, done);
    pthread_mutex_unlock(&jobs->lock);
    if (job == NULL)
        return tl_fail(call->ctx, TL_ENOTFOUND,
                       "there is no such work: it was fetched, cancelled, or is another's");
    if (done == NULL)
        return say_how_far(call, &facts);
    give_reply(done->work, call);
    job_free(done);
    return TL_OK;
}

void tl_jobs_cancel(struct tl_call *call, const char *id)
{
    struct tl_jobs *jobs = call->serve->jobs;
    struct tl_job *done = NULL;
    pthread_mutex_lock(&jobs->lock);
    struct tl_job *job = find(jobs, call, id);
    if (job != NULL) {
        job->is_cancelled = true;
        if (job->ctx != NULL)
            tl_ctx_cancel(job->ctx);
        done = job->done_s > 0 ? job : NULL;
    }
    if (done != NULL)
        unlink_job(jobs, done);
    pthread_mutex_unlock(&jobs->lock);
    job_free(done);
}
