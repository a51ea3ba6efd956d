#include "evidence/heap.h"

#include <math.h>

#include "evidence/covariate.h"

enum { SHARED_BY = 3, TOLD_FROM = 10, TOLD_PART = 20 };

static bool counts(const struct tl_gather_point *p)
{
    return p->cell >= 0 && !p->is_other && p->how != TL_HOW_SEARCH;
}

static bool is_same_place(const struct tl_gather_point *a, const struct tl_gather_point *b)
{
    return fabs(a->x_m - b->x_m) < 1e-3 && fabs(a->y_m - b->y_m) < 1e-3;
}

struct tl_heap tl_heap_of(const struct tl_gather *g, enum tl_kind kind)
{
    const struct tl_gather_point *points = g->points[kind];
    struct tl_heap heap = {0};
    for (int64_t first = 0, end; first < g->n[kind]; first = end) {
        int64_t here = 0;
        for (end = first; end < g->n[kind] && is_same_place(&points[first], &points[end]); end++)
            here += counts(&points[end]);
        if (end == first) /* a position that is not a number is nowhere */
            end++;
        heap.n += here;
        if (here < SHARED_BY)
            continue;
        heap.heaped += here;
        heap.most = here > heap.most ? here : heap.most;
    }
    return heap;
}

void tl_heap_note(const struct tl_gather *g, struct tl_evidence *out)
{
    static const struct {
        enum tl_kind kind;
        const char *name;
    } met[] = {{TL_KIND_ACCIDENT, "accidents"}, {TL_KIND_ITEM, "items met without a search"}};
    for (size_t k = 0; k < sizeof met / sizeof met[0]; k++) {
        struct tl_heap heap = tl_heap_of(g, met[k].kind);
        if (heap.heaped < TOLD_FROM || heap.heaped * TOLD_PART < heap.n)
            continue;
        tl_covariate_note(
            out,
            "%lld of %lld %s lie at positions that three or more of them share (up to %lld at "
            "one): "
            "such a position stands for a place, a village say, not for a spot; in cells of %.4g m "
            "the map heaps up there what lies around it",
            (long long)heap.heaped, (long long)heap.n, met[k].name, (long long)heap.most,
            out->grid.step_m);
    }
}
