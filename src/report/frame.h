/** One map on the page: the raster in its frame, what lies on it, the graticule around it, the legend below it. */
#ifndef TL_REPORT_FRAME_H
#define TL_REPORT_FRAME_H

#include "report/labels.h"
#include "report/scale.h"
#include "tilth/report.h"

enum { TL_FRAME_INK = 0x1E2326, TL_FRAME_GREY = 0x5B6468, TL_FRAME_PALE = 0xB9BFC2 };

struct tl_frame {
    struct tl_page *page;            /* borrows */
    const struct tl_report_map *map; /* borrows */
    const double *values;            /* borrows: [n_cells] */
    double factor;                   /* from the values to the legend's unit */
    struct tl_scale scale;
    bool has_nodata;
    struct tl_box box; /* of the map itself */
};

/** Place on the page of a position in grid CRS. */
void tl_frame_point(const struct tl_frame *frame, double x_m, double y_m, double *x_pt,
                    double *y_pt);

/** Raster, graticule, areas, lines, points, places, rings. Errors: TL_ENOMEM. */
TL_MUST_USE tl_err tl_frame_draw(struct tl_frame *frame);

/** Thin crosses where round meridians and parallels meet inside the map. */
void tl_graticule_crosses(struct tl_frame *frame);

/** Ticks and labels of longitude and latitude around the map; grid kilometres where corners are unknown. */
void tl_graticule_draw(struct tl_frame *frame);

/** Longitude and latitude of a position, by the map's corners; false when they are not known. */
bool tl_graticule_degrees(const struct tl_report_map *map, double x_m, double y_m, double *lon_deg,
                          double *lat_deg);

/**
 * Colour bar with its ticks; `as_factor` writes exp(tick) and the tick itself in a second row, in grey. Draws from (x, y)
 * down; returns the height.
 * @param caption  unit, above the bar
 * @param detail   how to read it, smaller, below the caption
 */
double tl_legend_draw(struct tl_frame *frame, struct tl_box box, const char *caption,
                      const char *detail, bool as_factor);

/* Marks, shared by the map and its key. */
void tl_frame_mark_point(struct tl_page *page, double x, double y, double radius);
void tl_frame_mark_place(struct tl_page *page, double x, double y, double radius);
void tl_frame_mark_ring(struct tl_page *page, double x, double y, double radius);
void tl_frame_mark_badge(struct tl_page *page, double x, double y, int number);
void tl_frame_stroke_area(struct tl_page *page);
void tl_frame_stroke_line(struct tl_page *page, enum tl_report_line kind);
void tl_frame_mark_find(struct tl_page *page, double x, double y);

#endif
