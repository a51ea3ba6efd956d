/*
 * Seats. A project handle is for one thread, and threads here are many and change: whoever answers takes a seat and gives it back. Before each
 * use the path is looked at: a file that was replaced is opened anew, and one that is gone is an error of that request, not of the server.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "serve/serve.h"

enum {
    CACHE_BYTES = 4 << 20
}; /* of SQLite, a seat: tiles and lists are read from the system's cache */

struct tl_seat *tl_seat_take(struct tl_serve *serve)
{
    struct tl_seat *seat;
    pthread_mutex_lock(&serve->seats_lock);
    seat = serve->seats;
    if (seat != NULL)
        serve->seats = seat->next;
    pthread_mutex_unlock(&serve->seats_lock);
    if (seat != NULL)
        return seat;
    struct tl_ctx *ctx = tl_ctx_create();
    if (ctx == NULL)
        return NULL;
    seat = tl_alloc(ctx, 1, sizeof *seat);
    if (seat == NULL) {
        tl_ctx_free(ctx);
        return NULL;
    }
    seat->ctx = ctx;
    tl_ctx_set_threads(ctx, 1);
    return seat;
}

static void seat_free(struct tl_seat *seat)
{
    tl_project_close(seat->project);
    tl_ctx_free(seat->ctx);
    tl_free(seat);
}

/* A context that was told to stop stays so: it is of no use any more. */
void tl_seat_give(struct tl_serve *serve, struct tl_seat *seat)
{
    if (seat == NULL)
        return;
    if (tl_is_cancelled(seat->ctx)) {
        seat_free(seat);
        return;
    }
    tl_ctx_set_progress(seat->ctx, NULL, NULL);
    tl_ctx_set_threads(seat->ctx,
                       1); /* many are answered at a time already; slow work asks for more */
    pthread_mutex_lock(&serve->seats_lock);
    seat->next = serve->seats;
    serve->seats = seat;
    pthread_mutex_unlock(&serve->seats_lock);
}

void tl_seat_free_all(struct tl_serve *serve)
{
    while (serve->seats != NULL) {
        struct tl_seat *seat = serve->seats;
        serve->seats = seat->next;
        seat_free(seat);
    }
}

static uint64_t time_of(const struct stat *facts)
{
    return (uint64_t)facts->st_mtim.tv_sec * 1000000000u + (uint64_t)facts->st_mtim.tv_nsec;
}

tl_err tl_seat_stamp(struct tl_ctx *ctx, const char *path, struct tl_seat_stamp *stamp)
{
    struct stat facts;
    char beside[4200];
    memset(stamp, 0, sizeof *stamp);
    if (stat(path, &facts) != 0)
        return tl_fail(ctx, errno == ENOENT || errno == ENOTDIR ? TL_ENOTFOUND : TL_EIO,
                       "the project's file is not there any more: put it back, or stop the server");
    stamp->device = (uint64_t)facts.st_dev;
    stamp->inode = (uint64_t)facts.st_ino;
    stamp->size = (uint64_t)facts.st_size;
    stamp->time_ns = time_of(&facts);
    snprintf(beside, sizeof beside, "%.4096s-wal", path);
    if (stat(beside, &facts) == 0) {
        stamp->log_size = (uint64_t)facts.st_size;
        stamp->log_time_ns = time_of(&facts);
    }
    return TL_OK;
}

bool tl_seat_stamp_same(const struct tl_seat_stamp *a, const struct tl_seat_stamp *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

tl_err tl_call_project(struct tl_call *call, struct tl_project **project)
{
    struct tl_seat *seat = call->seat;
    struct tl_seat_stamp stamp;
    tl_err err = TL_OK;
    TL_TRY(tl_seat_stamp(call->ctx, call->serve->project, &stamp));
    if (seat->project != NULL && (seat->device != stamp.device || seat->inode != stamp.inode)) {
        tl_project_close(seat->project);
        seat->project = NULL;
    }
    if (seat->project == NULL) {
        TL_TRY(tl_project_open(call->ctx, call->serve->project, TL_PROJECT_READ, &seat->project));
        tl_project_set_cache(seat->project, CACHE_BYTES);
        seat->device = stamp.device;
        seat->inode = stamp.inode;
    }
    *project = seat->project;
done:
    return err;
}

tl_err tl_seat_begin_write(struct tl_call *call, struct tl_project **project)
{
    struct tl_project *opened = NULL;
    tl_err err = TL_OK;
    pthread_mutex_lock(&call->serve->write_lock);
    TL_TRY(tl_project_open(call->ctx, call->serve->project, TL_PROJECT_WRITE, &opened));
    tl_project_set_cache(opened, CACHE_BYTES);
    if (call->person.name[0] != '\0')
        TL_TRY(tl_project_set_actor(call->ctx, opened, call->person.name));
    *project = opened;
done:
    if (err != TL_OK) {
        tl_project_close(opened);
        pthread_mutex_unlock(&call->serve->write_lock);
    }
    return err;
}

void tl_seat_end_write(struct tl_call *call, struct tl_project *project)
{
    tl_project_close(project); /* rolls back what was not committed */
    pthread_mutex_unlock(&call->serve->write_lock);
}
