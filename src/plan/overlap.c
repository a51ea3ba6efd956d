/*
 * Ground that several open areas share is one piece of work: it is counted, and paid, once, as in the progress tables (evidence/tally.c): for a confirmed area before
 * a suspected one, then for the one that the register has first. The others keep what is left of them; one that has nothing left has no task. Exact, by polygons; what
 * areas share along their borders by rounding (less than a square metre) stays.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "geo/geom.h"
#include "plan/plan.h"

enum { SAID_MAX = 12 };

static const double SHARED_M2 = 1.0;

struct shared {
    int64_t area, with; /* that it is counted in, most of it */
    double m2;          /* in all */
};

static int by_rank(const void *a, const void *b)
{
    const struct tl_plan_area *x = *(struct tl_plan_area *const *)a,
                              *y = *(struct tl_plan_area *const *)b;
    if (x->is_confirmed != y->is_confirmed)
        return x->is_confirmed ? -1 : 1;
    return strcmp(x->code, y->code);
}

static int by_size(const void *a, const void *b)
{
    const struct shared *x = a, *y = b;
    if (x->m2 != y->m2)
        return x->m2 > y->m2 ? -1 : 1;
    return (x->area > y->area) - (x->area < y->area);
}

/* Takes off what another area counts. @param[out] m2  how much; 0 where they do not overlap */
static tl_err take_off(struct tl_ctx *ctx, struct tl_plan_area *a, const struct tl_plan_area *other,
                       double *m2)
{
    struct tl_geom_info info = {0};
    void *left = NULL;
    int64_t n = 0;
    double area = 0.0;
    tl_err err = TL_OK;
    *m2 = 0.0;
    if (a->wkb == NULL || other->wkb == NULL || a->box[0] >= other->box[2] ||
        other->box[0] >= a->box[2] || a->box[1] >= other->box[3] || other->box[1] >= a->box[3])
        return TL_OK;
    TL_TRY(tl_geom_overlap(ctx, a->wkb, a->wkb_bytes, other->wkb, other->wkb_bytes, &area));
    if (area < SHARED_M2)
        return TL_OK;
    TL_TRY(tl_geom_minus(ctx, a->wkb, a->wkb_bytes, other->wkb, other->wkb_bytes, &left, &n));
    if (left != NULL)
        TL_TRY(tl_geom_info(ctx, left, n, &info));
    *m2 = a->area_m2 - info.area;
    if (info.area < SHARED_M2) { /* a border's rounding is all that is left */
        tl_free(left);
        left = NULL;
        info.area = 0.0;
        *m2 = a->area_m2;
    }
    tl_free(a->wkb);
    a->wkb = left;
    a->wkb_bytes = n;
    a->area_m2 = info.area;
    left = NULL;
    if (a->wkb != NULL) {
        a->x_m = info.x;
        a->y_m = info.y;
        memcpy(a->box, info.box, sizeof a->box);
    }
done:
    tl_free(left);
    return err;
}

static tl_err say(struct tl_ctx *ctx, struct tl_plan *plan, struct shared *list, int64_t n)
{
    double rest = 0.0;
    tl_err err = TL_OK;
    qsort(list, (size_t)n, sizeof *list, by_size);
    for (int64_t i = 0; i < n; i++) {
        const struct tl_plan_area *a = &plan->areas[list[i].area];
        const char *with = plan->areas[list[i].with].code;
        double ha = list[i].m2 / TL_PLAN_M2_PER_HA;
        /* Whoever has nothing left is always named: no task has its code. */
        if (a->wkb == NULL)
            TL_TRY(
                tl_plan_remark(ctx, plan,
                               "%s has no task: all of its %.2f ha lie in other open areas, most "
                               "of them in %s, and count there",
                               a->code, ha, with));
        else if (i < SAID_MAX)
            TL_TRY(
                tl_plan_remark(ctx, plan,
                               "%.2f ha of %s lie in other open areas too, most of them in %s: "
                               "they count, and are paid, there, and its task is smaller by them",
                               ha, a->code, with));
        else
            rest += ha;
    }
    if (rest > 0.0)
        TL_TRY(tl_plan_remark(
            ctx, plan, "of further areas %.2f ha lie in other open areas too and count there",
            rest));
done:
    return err;
}

tl_err tl_plan_overlap_count_once(struct tl_ctx *ctx, struct tl_plan *plan)
{
    struct tl_plan_area **order = NULL;
    struct shared *list = NULL;
    int64_t n = 0;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, list, plan->n_areas);
    order = tl_alloc(ctx, plan->n_areas, sizeof *order);
    if (order == NULL)
        TL_TRY(TL_ENOMEM);
    for (int64_t i = 0; i < plan->n_areas; i++)
        order[i] = &plan->areas[i];
    qsort((void *)order, (size_t)plan->n_areas, sizeof *order, by_rank);
    for (int64_t i = 1; i < plan->n_areas; i++) {
        struct shared one = {.area = order[i] - plan->areas};
        double most = 0.0, m2;
        TL_TRY(tl_cancelled(ctx));
        for (int64_t k = 0; k < i; k++) {
            TL_TRY(take_off(ctx, order[i], order[k], &m2));
            one.m2 += m2;
            one.with = m2 > most ? order[k] - plan->areas : one.with;
            most = fmax(most, m2);
        }
        if (one.m2 > 0.0)
            list[n++] = one;
    }
    TL_TRY(say(ctx, plan, list, n));
done:
    tl_free((void *)order);
    tl_free(list);
    return err;
}
