/*
 * Longitude and latitude vary bilinearly between the grid's corners: over a district the error is metres, far below the
 * width of a tick; over a country it is a few cells. Labels stand where a meridian meets the lower edge and a parallel the
 * left one, as on topographic sheets; thin crosses mark where they meet inside.
 */
#include "report/frame.h"

#include <math.h>
#include <stdio.h>

enum { AXIS_LON, AXIS_LAT };

/* corners: lon, lat of NW NE SE SW; u from west to east, v from north to south. */
static double bilinear(const double c[8], int axis, double u, double v)
{
    double north = c[axis] + u * (c[2 + axis] - c[axis]);
    double south = c[6 + axis] + u * (c[4 + axis] - c[6 + axis]);
    return north + v * (south - north);
}

static bool corners_known(const struct tl_report_map *map)
{
    const double *c = map->corners_deg;
    for (int i = 0; i < 8; i++)
        if (!isfinite(c[i]))
            return false;
    return c[4] > c[6] && c[2] > c[0] && c[1] > c[7] && c[3] > c[5];
}

bool tl_graticule_degrees(const struct tl_report_map *map, double x_m, double y_m, double *lon_deg,
                          double *lat_deg)
{
    const struct tl_grid *g = &map->grid;
    if (!corners_known(map))
        return false;
    double u = (x_m - g->x0_m) / ((double)g->n_x * g->step_m);
    double v = (g->y0_m - y_m) / ((double)g->n_y * g->step_m);
    *lon_deg = bilinear(map->corners_deg, AXIS_LON, u, v);
    *lat_deg = bilinear(map->corners_deg, AXIS_LAT, u, v);
    return true;
}

/* Newton's method on the bilinear map; it is nearly affine, so a few steps do. */
static bool find_uv(const double c[8], double lon, double lat, double *u, double *v)
{
    *u = *v = 0.5;
    for (int step = 0; step < 8; step++) {
        double f = bilinear(c, AXIS_LON, *u, *v) - lon, g = bilinear(c, AXIS_LAT, *u, *v) - lat;
        double fu = bilinear(c, AXIS_LON, 1, *v) - bilinear(c, AXIS_LON, 0, *v);
        double fv = bilinear(c, AXIS_LON, *u, 1) - bilinear(c, AXIS_LON, *u, 0);
        double gu = bilinear(c, AXIS_LAT, 1, *v) - bilinear(c, AXIS_LAT, 0, *v);
        double gv = bilinear(c, AXIS_LAT, *u, 1) - bilinear(c, AXIS_LAT, *u, 0);
        double det = fu * gv - fv * gu;
        if (det == 0.0)
            return false;
        *u -= (f * gv - fv * g) / det;
        *v -= (fu * g - f * gu) / det;
    }
    return *u > 0.0 && *u < 1.0 && *v > 0.0 && *v < 1.0;
}

static int decimals_of(const double *ticks, int n)
{
    double step = n > 1 ? ticks[1] - ticks[0] : 1.0;
    int decimals = 0;
    while (decimals < 6 && step < 0.999999) {
        step *= 10.0;
        decimals++;
    }
    return decimals;
}

static void write_degrees(char text[48], double value, int decimals, char positive, char negative)
{
    char side = value < 0.0 ? negative : positive;
    snprintf(text, 48, "%.*f° %c", decimals, fabs(value), side);
}

static const struct tl_page_style bottom_style = {
    .size_pt = 6.6, .colour = TL_FRAME_GREY, .align = TL_PAGE_CENTRE};
static const struct tl_page_style left_style = {.size_pt = 6.6,
                                                .colour = TL_FRAME_GREY,
                                                .align = TL_PAGE_CENTRE,
                                                .middle = true,
                                                .upwards = true};

static void tick_below(struct tl_frame *frame, double x, const char *label, double *free_x)
{
    double w, h, bottom = frame->box.y + frame->box.h;
    tl_page_colour(frame->page, TL_FRAME_INK, 1.0);
    tl_page_line(frame->page, x, bottom, x, bottom + 3.0, 0.6);
    tl_page_measure(frame->page, &bottom_style, label, &w, &h);
    if (x - w / 2 < *free_x)
        return;
    tl_page_text(frame->page, x, bottom + 3.2, &bottom_style, label);
    *free_x = x + w / 2 + 6.0;
}

static void tick_left(struct tl_frame *frame, double y, const char *label, double *free_y)
{
    double w, h;
    tl_page_colour(frame->page, TL_FRAME_INK, 1.0);
    tl_page_line(frame->page, frame->box.x - 3.0, y, frame->box.x, y, 0.6);
    tl_page_measure(frame->page, &left_style, label, &w, &h);
    if (fabs(y - *free_y) < w + 6.0)
        return;
    tl_page_text(frame->page, frame->box.x - 8.2, y, &left_style, label);
    *free_y = y;
}

static void draw_cross(struct tl_frame *frame, double x, double y)
{
    for (int pass = 0; pass < 2; pass++) {
        tl_page_colour(frame->page, pass == 0 ? 0xFFFFFF : TL_FRAME_INK, pass == 0 ? 0.5 : 0.7);
        tl_page_line(frame->page, x - 3.0, y, x + 3.0, y, pass == 0 ? 1.3 : 0.4);
        tl_page_line(frame->page, x, y - 3.0, x, y + 3.0, pass == 0 ? 1.3 : 0.4);
    }
}

static int wanted_ticks(double length_pt)
{
    return length_pt > 250.0 ? 6 : length_pt > 90.0 ? 3 : 2;
}

static void draw_degrees(struct tl_frame *frame)
{
    const double *c = frame->map->corners_deg;
    const struct tl_box *b = &frame->box;
    double lons[TL_SCALE_TICKS_MAX], lats[TL_SCALE_TICKS_MAX], free_x = -1e9, free_y = -1e9;
    char label[48];
    double west = fmin(c[0], c[6]), east = fmax(c[2], c[4]);
    double south = fmin(c[5], c[7]), north = fmax(c[1], c[3]);
    int n_lons = tl_scale_linear_ticks(west, east, wanted_ticks(b->w), lons);
    int n_lats = tl_scale_linear_ticks(south, north, wanted_ticks(b->h), lats);
    for (int i = 0; i < n_lons; i++) {
        double u = (lons[i] - c[6]) / (c[4] - c[6]);
        write_degrees(label, lons[i], decimals_of(lons, n_lons), 'E', 'W');
        if (u > 0.0 && u < 1.0)
            tick_below(frame, b->x + u * b->w, label, &free_x);
    }
    for (int i = 0; i < n_lats; i++) {
        double v = (lats[i] - c[1]) / (c[7] - c[1]);
        write_degrees(label, lats[i], decimals_of(lats, n_lats), 'N', 'S');
        if (v > 0.0 && v < 1.0)
            tick_left(frame, b->y + v * b->h, label, &free_y);
    }
}

void tl_graticule_crosses(struct tl_frame *frame)
{
    const double *c = frame->map->corners_deg;
    const struct tl_box *b = &frame->box;
    double lons[TL_SCALE_TICKS_MAX], lats[TL_SCALE_TICKS_MAX];
    if (!corners_known(frame->map))
        return;
    int n_lons =
        tl_scale_linear_ticks(fmin(c[0], c[6]), fmax(c[2], c[4]), wanted_ticks(b->w), lons);
    int n_lats =
        tl_scale_linear_ticks(fmin(c[5], c[7]), fmax(c[1], c[3]), wanted_ticks(b->h), lats);
    for (int i = 0; i < n_lons * n_lats; i++) {
        double u, v;
        if (find_uv(c, lons[i % n_lons], lats[i / n_lons], &u, &v))
            draw_cross(frame, b->x + u * b->w, b->y + v * b->h);
    }
}

static void draw_kilometres(struct tl_frame *frame)
{
    const struct tl_grid *g = &frame->map->grid;
    const struct tl_box *b = &frame->box;
    double ticks[TL_SCALE_TICKS_MAX], free_x = -1e9, free_y = -1e9, x, y;
    char label[48];
    double west = g->x0_m / 1e3, east = west + (double)g->n_x * g->step_m / 1e3;
    double north = g->y0_m / 1e3, south = north - (double)g->n_y * g->step_m / 1e3;
    int n = tl_scale_linear_ticks(west, east, wanted_ticks(b->w), ticks);
    for (int i = 0; i < n; i++) {
        snprintf(label, sizeof label, "%.*f km E", decimals_of(ticks, n), ticks[i]);
        tl_frame_point(frame, ticks[i] * 1e3, 0.0, &x, &y);
        tick_below(frame, x, label, &free_x);
    }
    n = tl_scale_linear_ticks(south, north, wanted_ticks(b->h), ticks);
    for (int i = 0; i < n; i++) {
        snprintf(label, sizeof label, "%.*f km N", decimals_of(ticks, n), ticks[i]);
        tl_frame_point(frame, 0.0, ticks[i] * 1e3, &x, &y);
        tick_left(frame, y, label, &free_y);
    }
}

void tl_graticule_draw(struct tl_frame *frame)
{
    if (corners_known(frame->map))
        draw_degrees(frame);
    else
        draw_kilometres(frame);
}
