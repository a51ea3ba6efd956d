/*
 * A straight line in degrees is bent on the grid: the parallel that bounds Colombia's test area in
 * the north sags by half a kilometre in UTM over its 3.7 degrees, which would drop records from the
 * area that lie in it. So edges are cut every 0.02 degrees (a sag of about 3 cm) before they are
 * transformed.
 */
#include "evidence/region.h"

#include <math.h>
#include <string.h>

static const double EDGE_DEG = 0.02;
enum { EDGE_PIECES_MAX = 4096 };

tl_err tl_region_from_wkb(struct tl_ctx *ctx, const void *wkb, int64_t wkb_bytes,
                          struct tl_region *region)
{
    tl_err err = TL_OK;
    struct tl_region out = {0};
    struct tl_geom_info info;
    TL_TRY(tl_geom_info(ctx, wkb, wkb_bytes, &info));
    TL_TRY(tl_wkb_read(ctx, wkb, wkb_bytes, &out.shape));
    if (info.kind != TL_GEOM_POLYGON || info.is_empty || !info.is_finite)
        TL_THROW(ctx, TL_EDATA, "the area of interest is not a polygon");
    memcpy(out.box, info.box, sizeof out.box);
    double whole = (info.box[2] - info.box[0]) * (info.box[3] - info.box[1]);
    out.is_box = fabs(whole - info.area) <= 1e-12 * whole;
    double lat = TL_REGION_AROUND_M / 111320.0;
    double most = fmax(fabs(info.box[1]), fabs(info.box[3])) * 0.017453292519943295;
    double lon = lat / fmax(cos(most), 0.01);
    const double by[4] = {-lon, -lat, lon, lat};
    for (int i = 0; i < 4; i++)
        out.around[i] = info.box[i] + by[i];
    *region = out;
    memset(&out, 0, sizeof out);
done:
    tl_wkb_fini(&out.shape);
    return err;
}

tl_err tl_region_init(struct tl_ctx *ctx, struct tl_project *project, struct tl_region *region)
{
    void *wkb = NULL;
    int64_t wkb_bytes = 0;
    tl_err err = tl_project_area(ctx, project, &wkb, &wkb_bytes);
    if (err == TL_OK)
        err = tl_region_from_wkb(ctx, wkb, wkb_bytes, region);
    tl_free(wkb);
    return err;
}

void tl_region_fini(struct tl_region *region)
{
    tl_wkb_fini(&region->shape);
    memset(region, 0, sizeof *region);
}

static bool box_holds(const double box[4], double x, double y)
{
    return x >= box[0] && x <= box[2] && y >= box[1] && y <= box[3];
}

/* Even-odd over all rings, so that holes and further parts need no care of their own. */
static bool rings_hold(const struct tl_wkb *shape, double x, double y)
{
    bool inside = false;
    for (int64_t p = 0; p < shape->n_paths; p++) {
        const double *at = shape->xy + 2 * shape->paths[p].first;
        int64_t n = shape->paths[p].count;
        for (int64_t i = 0, j = n - 1; i < n; j = i++) {
            const double *a = at + 2 * i, *b = at + 2 * j;
            if ((a[1] > y) != (b[1] > y) && x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0])
                inside = !inside;
        }
    }
    return inside;
}

bool tl_region_holds(const struct tl_region *region, double lon_deg, double lat_deg, bool around)
{
    if (around)
        return box_holds(region->around, lon_deg, lat_deg);
    return box_holds(region->box, lon_deg, lat_deg) &&
           (region->is_box || rings_hold(&region->shape, lon_deg, lat_deg));
}

bool tl_region_meets(const struct tl_region *region, const struct tl_geom_info *info, bool around)
{
    if (info->kind == TL_GEOM_POINT && info->n_points == 1)
        return tl_region_holds(region, info->x, info->y, around);
    const double *box = around ? region->around : region->box;
    return info->box[0] <= box[2] && info->box[2] >= box[0] && info->box[1] <= box[3] &&
           info->box[3] >= box[1];
}

enum tl_reason tl_region_diagnose(const struct tl_region *region, double lon_deg, double lat_deg,
                                  double mended[2])
{
    const struct {
        enum tl_reason reason;
        double lon, lat;
    } mendings[] = {
        {TL_REASON_LON_SIGN, -lon_deg, lat_deg}, {TL_REASON_LAT_SIGN, lon_deg, -lat_deg},
        {TL_REASON_SWAPPED, lat_deg, lon_deg},   {TL_REASON_BOTH_SIGNS, -lon_deg, -lat_deg},
        {TL_REASON_SWAPPED, -lat_deg, lon_deg},  {TL_REASON_SWAPPED, lat_deg, -lon_deg}};
    for (size_t i = 0; i < sizeof mendings / sizeof *mendings; i++)
        if (tl_region_holds(region, mendings[i].lon, mendings[i].lat, false)) {
            mended[0] = mendings[i].lon;
            mended[1] = mendings[i].lat;
            return mendings[i].reason;
        }
    return TL_REASON_OUTSIDE;
}

struct writer {
    unsigned char *at; /* borrows; NULL = only counting */
    int64_t bytes;
};

static void put(struct writer *out, const void *bytes, int64_t n)
{
    if (out->at != NULL)
        memcpy(out->at + out->bytes, bytes, (size_t)n);
    out->bytes += n;
}

static void put_header(struct writer *out, uint32_t type, uint32_t count)
{
    static const unsigned char little = 1;
    put(out, &little, 1);
    put(out, &type, 4);
    put(out, &count, 4);
}

static int64_t pieces(const double *a, const double *b)
{
    double n = ceil(fmax(fabs(b[0] - a[0]), fabs(b[1] - a[1])) / EDGE_DEG);
    return n < 1.0 ? 1 : n > EDGE_PIECES_MAX ? EDGE_PIECES_MAX : (int64_t)n;
}

static void put_ring(struct writer *out, const double *at, int64_t n)
{
    uint32_t count = 1;
    for (int64_t i = 0; i + 1 < n; i++)
        count += (uint32_t)pieces(at + 2 * i, at + 2 * i + 2);
    put(out, &count, 4);
    for (int64_t i = 0; i + 1 < n; i++) {
        const double *a = at + 2 * i, *b = a + 2;
        int64_t m = pieces(a, b);
        for (int64_t k = 0; k < m; k++) {
            double t = (double)k / (double)m;
            double point[2] = {a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])};
            put(out, point, 16);
        }
    }
    put(out, at + 2 * (n - 1), 16);
}

static void put_shape(struct writer *out, const struct tl_wkb *shape)
{
    uint32_t n_parts = 0;
    for (int64_t p = 0; p < shape->n_paths; p++)
        n_parts += !shape->paths[p].is_hole;
    put_header(out, 6, n_parts);
    for (int64_t p = 0; p < shape->n_paths;) {
        int64_t end = p + 1;
        while (end < shape->n_paths && shape->paths[end].is_hole)
            end++;
        put_header(out, 3, (uint32_t)(end - p));
        for (; p < end; p++)
            put_ring(out, shape->xy + 2 * shape->paths[p].first, shape->paths[p].count);
    }
}

tl_err tl_region_on_grid(struct tl_ctx *ctx, const struct tl_region *region,
                         struct tl_crs_map *to_grid, void **wkb, int64_t *wkb_bytes)
{
    tl_err err = TL_OK;
    struct writer out = {NULL, 0};
    put_shape(&out, &region->shape);
    int64_t bytes = out.bytes;
    TL_TRY_ALLOC(ctx, out.at, bytes);
    out.bytes = 0;
    put_shape(&out, &region->shape);
    TL_TRY(tl_geom_transform(ctx, to_grid, out.at, bytes, wkb, wkb_bytes));
done:
    tl_free(out.at);
    return err;
}
