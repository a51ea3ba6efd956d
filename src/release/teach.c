/*
 * Lessons: suspected areas of the register, open or closed, in which nobody met anything and which were searched at least in part. Where people met something
 * the suspicion is no longer in doubt, so such areas are not of the kind that is asked about, and what happened there is no lesson for it. Areas that nobody
 * searched teach nothing. Those that survey cancelled are left out too: why they were is not in the register.
 *
 * A lesson of an area where nothing was found needs its posterior: a small chain on a window of few cells. Of large registers LESSONS_MAX areas are taken, spread
 * evenly over the order of their codes, whatever was found in them.
 */
#include "release/teach.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "par/par.h"

enum { LESSONS_MAX = 64, AT_ONCE = 16, DRAWS = 256, CELLS_MAX = 2500 };
static const double MARGIN = 0.5, CELLS_LEAST = 3.0; /* of the assessments' margin; cells */

struct pupil {
    struct tl_local local; /* owns */
    bool is_read;          /* its posterior is to be found */
    struct tl_release_lesson lesson;
    tl_err err;
    char message[1024];
};

static tl_err learn(struct tl_ctx *ctx, const struct tl_release_shared *shared, struct pupil *p)
{
    tl_err err = TL_OK;
    struct tl_release_model model = {0};
    struct tl_release_prior prior;
    struct tl_release_draws draws = {0};
    struct tl_release_draw_options options = {.n_draws = DRAWS, .seed = shared->options->seed};
    double *finds = NULL;
    TL_TRY(tl_release_model_init(ctx, &p->local, NAN, CELLS_MAX, &model));
    TL_TRY(tl_release_prior_of(ctx, &shared->map, &p->local, &prior));
    TL_TRY(tl_release_draw(ctx, &model, &prior, &options, &draws));
    TL_TRY_ALLOC(ctx, finds, draws.n);
    tl_release_finds(ctx, &model, &draws, finds);
    p->lesson.odds =
        tl_release_suspicion_odds(tl_release_suspicion_factor(&model, &prior), finds, draws.n);
done:
    tl_free(finds);
    tl_release_draws_fini(&draws);
    tl_release_model_fini(&model);
    return err;
}

struct batch {
    const struct tl_release_shared *shared;
    struct tl_ctx *ctx;
    struct pupil *pupils; /* [AT_ONCE] */
};

static void learn_some(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct batch *b = user;
    (void)chunk;
    for (int64_t k = first; k < last; k++) {
        struct pupil *p = &b->pupils[k];
        struct tl_ctx *own = p->is_read && !tl_is_cancelled(b->ctx) ? tl_ctx_create() : NULL;
        p->err = own == NULL && p->is_read ? TL_ENOMEM : TL_OK;
        if (own == NULL)
            continue;
        tl_ctx_set_threads(own, 1);
        p->err = learn(own, b->shared, p);
        snprintf(p->message, sizeof p->message, "%s", tl_ctx_message(own));
        tl_ctx_free(own);
    }
}

static bool was_searched(const struct tl_local *local)
{
    for (int64_t k = 0; k < local->n_searches; k++)
        if (local->searches[k].takes_effort && local->searches[k].area_m2 > 0.0)
            return true;
    return false;
}

/* One area: is it a lesson, and does it need a chain? */
static tl_err look_at(struct tl_ctx *ctx, const struct tl_release_shared *shared,
                      const struct tl_release_subject *subject, struct pupil *p,
                      struct tl_release_lessons *lessons)
{
    double margin =
        fmax(MARGIN * shared->margin_m, CELLS_LEAST * tl_project_grid(shared->project).step_m);
    tl_err err = tl_local_window(ctx, shared->base, subject->wkb, subject->wkb_bytes, margin,
                                 shared->map.n_names, shared->map.names, &p->local);
    if (err == TL_EDATA)
        return TL_OK;
    if (err != TL_OK)
        return err;
    const char *why = tl_release_suspicion_why(subject, &p->local);
    bool found = strcmp(why, "found") == 0, doubted = strcmp(why, "suspected") == 0;
    if (!(p->local.area_m2 > 0.0) || !(found || doubted) || !was_searched(&p->local)) {
        tl_local_fini(&p->local);
        return TL_OK;
    }
    snprintf(p->lesson.code, sizeof p->lesson.code, "%s", subject->code);
    p->lesson.found = found;
    p->is_read = doubted;
    if (found)
        lessons->lesson[lessons->n++] = p->lesson;
    lessons->n_found += found;
    return TL_OK;
}

static void forget(struct pupil *pupils)
{
    for (int64_t k = 0; k < AT_ONCE; k++)
        tl_local_fini(&pupils[k].local);
    memset(pupils, 0, AT_ONCE * sizeof *pupils);
}

static tl_err run_batch(struct tl_ctx *ctx, struct batch *b,
                        const struct tl_release_subject *subjects, int64_t n_subjects,
                        int64_t first, int64_t n_looked, struct tl_release_lessons *lessons)
{
    tl_err err = TL_OK;
    int64_t n = n_looked - first < AT_ONCE ? n_looked - first : AT_ONCE;
    for (int64_t k = 0; k < n; k++) {
        int64_t at = (first + k) * n_subjects / n_looked;
        TL_TRY(look_at(ctx, b->shared, &subjects[at], &b->pupils[k], lessons));
    }
    tl_par_for(ctx, n, 1, learn_some, b);
    TL_TRY(tl_cancelled(ctx));
    for (int64_t k = 0; k < n; k++) {
        const struct pupil *p = &b->pupils[k];
        if (p->err != TL_OK && p->err != TL_EDATA)
            TL_THROW(ctx, p->err, "%s: %s", p->lesson.code, p->message);
        if (p->is_read && p->err == TL_OK)
            lessons->lesson[lessons->n++] = p->lesson;
    }
done:
    forget(b->pupils);
    return err;
}

tl_err tl_release_teach(struct tl_ctx *ctx, struct tl_release_shared *shared)
{
    tl_err err = TL_OK;
    struct tl_release_subject *subjects = NULL;
    struct tl_release_lessons lessons = {.is_read = true};
    struct batch b = {.shared = shared, .ctx = ctx};
    int64_t n = 0;
    if (shared->lessons.is_read)
        return TL_OK;
    TL_TRY(tl_release_subject_suspected(ctx, shared->project, &subjects, &n));
    int64_t n_looked = n < LESSONS_MAX ? n : LESSONS_MAX;
    lessons.n_left_out = n - n_looked;
    TL_TRY_ALLOC(ctx, lessons.lesson, n_looked);
    TL_TRY_ALLOC(ctx, b.pupils, AT_ONCE);
    for (int64_t first = 0; first < n_looked; first += AT_ONCE)
        TL_TRY(run_batch(ctx, &b, subjects, n, first, n_looked, &lessons));
    shared->lessons = lessons;
    lessons.lesson = NULL;
done:
    tl_free(b.pupils);
    tl_free(lessons.lesson);
    for (int64_t k = 0; subjects != NULL && k < n; k++)
        tl_release_subject_fini(&subjects[k]);
    tl_free(subjects);
    return err;
}
