/*
 * Numbers of tiles and the web-mercator plane. The plane is the unit square: x = (lon + 180) / 360, y = (1 - asinh(tan lat) / pi) / 2, from
 * the north-west; tile (z, x, y) is [x, x + 1) by [y, y + 1) of it times 2^z. Latitudes end where the square does, at atan(sinh(pi)).
 */
#include "tile/tile.h"

#include <math.h>

#define PI 3.14159265358979323846

tl_err tl_tile_check(struct tl_ctx *ctx, int64_t z, int64_t x, int64_t y, struct tl_tile_id *id)
{
    if (z < 0 || z > TL_TILE_ZOOM_MAX)
        return tl_fail(ctx, TL_ENOTFOUND, "there is no zoom %lld; expected 0 to %d", (long long)z,
                       (int)TL_TILE_ZOOM_MAX);
    int64_t n = (int64_t)1 << z;
    if (x < 0 || x >= n || y < 0 || y >= n)
        return tl_fail(ctx, TL_ENOTFOUND,
                       "there is no tile %lld, %lld at zoom %lld; expected 0 to %lld", (long long)x,
                       (long long)y, (long long)z, (long long)n - 1);
    *id = (struct tl_tile_id){(int)z, x, y};
    return TL_OK;
}

double tl_tile_lon(double x)
{
    return 360.0 * x - 180.0;
}

double tl_tile_lat(double y)
{
    return atan(sinh(PI * (1.0 - 2.0 * y))) * (180.0 / PI);
}

double tl_tile_x(double lon_deg)
{
    return (lon_deg + 180.0) / 360.0;
}

double tl_tile_y(double lat_deg)
{
    double lat = fmin(fmax(lat_deg, -TL_TILE_LAT_MAX), TL_TILE_LAT_MAX);
    return 0.5 - asinh(tan(lat * (PI / 180.0))) / (2.0 * PI);
}

void tl_tile_box_grown(struct tl_tile_id id, double share, double box_deg[4])
{
    double n = (double)((int64_t)1 << id.z), x = (double)id.x, y = (double)id.y;
    box_deg[0] = tl_tile_lon((x - share) / n);
    box_deg[1] = tl_tile_lat((y + 1.0 + share) / n);
    box_deg[2] = tl_tile_lon((x + 1.0 + share) / n);
    box_deg[3] = tl_tile_lat((y - share) / n);
}

void tl_tile_box(struct tl_tile_id id, double box_deg[4])
{
    tl_tile_box_grown(id, 0.0, box_deg);
}
