/* Strips across the longer side of the polygon's box, their edges found by bisection so that all have one size to a part in a million. */
#include <math.h>
#include <string.h>

#include "geo/geom.h"
#include "plan/plan.h"

enum { BOX_BYTES = 1 + 4 + 4 + 4 + 10 * 8, ROUNDS = 40 };

static void box_wkb(const double box[4], unsigned char *out)
{
    const uint32_t head[3] = {3, 1, 5};
    const double xy[10] = {box[0], box[1], box[2], box[1], box[2],
                           box[3], box[0], box[3], box[0], box[1]};
    out[0] = 1;
    memcpy(out + 1, head, sizeof head);
    memcpy(out + 13, xy, sizeof xy);
}

struct cutting {
    const void *wkb; /* borrows */
    int64_t bytes;
    double box[4];
    int axis; /* 0 = cut across x */
};

/* Part between two places along the axis, and its size. */
static tl_err strip(struct tl_ctx *ctx, const struct cutting *c, double from, double to, void **out,
                    int64_t *n, double *area)
{
    unsigned char box[BOX_BYTES];
    struct tl_geom_info info = {0};
    double b[4] = {c->box[0] - 1.0, c->box[1] - 1.0, c->box[2] + 1.0, c->box[3] + 1.0};
    tl_err err = TL_OK;
    b[c->axis] = from;
    b[c->axis + 2] = to;
    box_wkb(b, box);
    TL_TRY(tl_geom_clip(ctx, c->wkb, c->bytes, box, BOX_BYTES, out, n));
    if (*out != NULL)
        TL_TRY(tl_geom_info(ctx, *out, *n, &info));
    *area = info.area;
done:
    return err;
}

static tl_err find_edge(struct tl_ctx *ctx, const struct cutting *c, double wanted, double low,
                        double *edge)
{
    double from = c->box[c->axis] - 1.0, high = c->box[c->axis + 2];
    for (int i = 0; i < ROUNDS; i++) {
        void *part = NULL;
        int64_t n = 0;
        double area = 0.0, middle = 0.5 * (low + high);
        tl_err err = strip(ctx, c, from, middle, &part, &n, &area);
        tl_free(part);
        if (err != TL_OK)
            return err;
        if (area < wanted)
            low = middle;
        else
            high = middle;
    }
    *edge = 0.5 * (low + high);
    return TL_OK;
}

tl_err tl_plan_cut(struct tl_ctx *ctx, const void *wkb, int64_t wkb_bytes, int n, void **parts,
                   int64_t *part_bytes)
{
    struct tl_geom_info info;
    struct cutting c = {.wkb = wkb, .bytes = wkb_bytes};
    double from, to, area;
    tl_err err = TL_OK;
    memset(parts, 0, (size_t)n * sizeof *parts);
    TL_TRY(tl_geom_info(ctx, wkb, wkb_bytes, &info));
    memcpy(c.box, info.box, sizeof c.box);
    c.axis = info.box[2] - info.box[0] >= info.box[3] - info.box[1] ? 0 : 1;
    from = c.box[c.axis] - 1.0;
    for (int i = 0; i < n; i++) {
        to = c.box[c.axis + 2] + 1.0;
        if (i + 1 < n)
            TL_TRY(find_edge(ctx, &c, info.area * (i + 1) / n, fmax(from, c.box[c.axis]), &to));
        TL_TRY(strip(ctx, &c, from, to, &parts[i], &part_bytes[i], &area));
        if (parts[i] == NULL)
            TL_THROW(ctx, TL_EDATA, "a polygon of %g m2 cannot be cut into %d parts", info.area, n);
        from = to;
    }
done:
    for (int i = 0; err != TL_OK && i < n; i++) {
        tl_free(parts[i]);
        parts[i] = NULL;
    }
    return err;
}
