#include "evidence/overlap.h"

#include <math.h>
#include <stdio.h>

#include "core/catalogue.h"
#include "geo/geom.h"

struct shape {
    void *owned; /* owns: a repaired copy, NULL = the original is valid */
    const void *wkb;
    int64_t bytes;
    double area;
};

static tl_err open_shape(struct tl_ctx *ctx, const void *wkb, int64_t bytes, struct shape *shape)
{
    struct tl_geom_info info;
    *shape = (struct shape){NULL, wkb, bytes, 0.0};
    tl_err err = tl_geom_info(ctx, wkb, bytes, &info);
    if (err == TL_OK && !info.is_valid) {
        err = tl_geom_repair(ctx, wkb, bytes, &shape->owned, &shape->bytes);
        if (err == TL_OK) {
            shape->wkb = shape->owned;
            err = tl_geom_info(ctx, shape->wkb, shape->bytes, &info);
        }
    }
    if (err == TL_OK)
        shape->area = info.area;
    return err;
}

/* Share of the smaller one, in degrees: both lie at the same latitude, so the ratio is that on the
 * ground. */
static tl_err share_of(struct tl_ctx *ctx, const struct shape *a, const struct shape *b,
                       double *share)
{
    double area = 0.0, smaller = fmin(a->area, b->area);
    *share = 0.0;
    if (!(smaller > 0.0))
        return TL_OK;
    tl_err err = tl_geom_overlap(ctx, a->wkb, a->bytes, b->wkb, b->bytes, &area);
    if (err == TL_OK)
        *share = area / smaller;
    return err;
}

tl_err tl_overlap_find(struct tl_ctx *ctx, struct tl_project *project, int64_t id,
                       const struct tl_record *record, const double box[4], char *text, size_t size)
{
    tl_err err = TL_OK;
    struct tl_cursor *cursor = NULL;
    struct shape own = {0}, other = {0};
    double most = TL_OVERLAP_SHARE_MAX;
    bool more = false;
    text[0] = '\0';
    err = open_shape(ctx, record->wkb, record->wkb_bytes, &own);
    if (err == TL_EDATA) { /* cannot be repaired: that is its own finding */
        err = TL_OK;
        goto done;
    }
    TL_TRY(err);
    TL_TRY(tl_register_select(ctx, project, TL_KIND_HAZARD_AREA, box, &cursor));
    for (;;) {
        TL_TRY(tl_cursor_next(ctx, cursor, &more));
        int64_t bytes = 0;
        const void *wkb = more ? tl_cursor_wkb(cursor, &bytes) : NULL;
        if (!more)
            break;
        if (wkb == NULL || tl_cursor_id(cursor) == id)
            continue;
        double share = 0.0;
        err = open_shape(ctx, wkb, bytes, &other);
        if (err == TL_OK)
            err = share_of(ctx, &own, &other, &share);
        tl_free(other.owned);
        other.owned = NULL;
        if (err == TL_EDATA)
            continue;
        TL_TRY(err);
        if (share > most) {
            most = share;
            snprintf(text, size, TL_CATALOGUE_MARK("overlaps %s by %.1f %% of the smaller one"),
                     tl_cursor_code(cursor), 100.0 * share);
        }
    }
done:
    if (err == TL_EDATA)
        err = TL_OK;
    tl_free(own.owned);
    tl_free(other.owned);
    tl_cursor_free(cursor);
    return err;
}
