/**
 * Pages of A4: Cairo for shapes, Pango for words, in points (1/72 inch) from the upper left corner. The same drawing gives a
 * PDF with real text (landscape, or portrait with any number of pages) or a PNG (one page, landscape); the file appears when the
 * pages are closed and kept, whole or not at all.
 */
#ifndef TL_REPORT_PAGE_H
#define TL_REPORT_PAGE_H

#include <pango/pangocairo.h>

#include "core/buf.h"

#define TL_PAGE_WIDTH_PT  841.89
#define TL_PAGE_HEIGHT_PT 595.28
#define TL_PAGE_PNG_DPI   180.0

struct tl_box {
    double x, y, w, h; /* [pt], y downwards */
};

struct tl_page {
    struct tl_ctx *ctx;       /* borrows */
    const char *path;         /* borrows */
    cairo_t *cr;              /* owns */
    cairo_surface_t *surface; /* owns */
    PangoFontMap *fonts;      /* owns */
    PangoContext *pango;      /* owns */
    struct tl_buf bytes;      /* of the PDF or PNG */
    bool is_pdf;
    double width_pt, height_pt;
};

enum tl_page_align { TL_PAGE_LEFT, TL_PAGE_CENTRE, TL_PAGE_RIGHT };

struct tl_page_style {
    double size_pt;
    bool bold;
    bool tabular;             /* digits of one width, for hashes: a typewriter face */
    uint32_t colour;          /* 0xRRGGBB */
    double halo_pt;           /* width of a white edge around the letters; 0 = none */
    enum tl_page_align align; /* of the text to its x */
    bool middle;              /* y is the middle of the text, not its top */
    bool upwards;             /* turned by 90 degrees, reading upwards */
    double width_pt;          /* lines are broken there; 0 = one line of any width */
    int max_lines;            /* more are cut with an ellipsis; 0 = any number */
};

/**
 * Opens a page for a path that ends in .pdf or .png (any case).
 * Errors: TL_EUSAGE (another ending), TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_page_open(struct tl_ctx *ctx, const char *path, const char *title,
                                struct tl_page *page);

/** The same in portrait, as PDF only, with any number of pages. */
TL_MUST_USE tl_err tl_page_open_portrait(struct tl_ctx *ctx, const char *path, const char *title,
                                         struct tl_page *page);

/** Ends the present page of a PDF; the next one is blank. */
void tl_page_next(struct tl_page *page);

/** The same, and it and those after it are in portrait. */
void tl_page_next_portrait(struct tl_page *page);

/** A line of the PDF's table of contents that leads to a page (from 1) and a height on it. */
void tl_page_bookmark(struct tl_page *page, const char *text, int number, double y);

/** Writes the file. Errors: TL_EIO (names the path), TL_ENOMEM. Call tl_page_fini in any case. */
TL_MUST_USE tl_err tl_page_write(struct tl_page *page);
void tl_page_fini(struct tl_page *page);

/** Draws words; text that is not UTF-8 is mended, NULL and "" draw nothing. Returns the height [pt]. */
double tl_page_text(struct tl_page *page, double x, double y, const struct tl_page_style *style,
                    const char *text);

/** Size that the words would take, not turned. */
void tl_page_measure(struct tl_page *page, const struct tl_page_style *style, const char *text,
                     double *w_pt, double *h_pt);

/** Bytes of a text, from its beginning, whose broken lines fit into a height; all of them when it fits. */
int64_t tl_page_fit(struct tl_page *page, const struct tl_page_style *style, const char *text,
                    double height_pt);

void tl_page_colour(struct tl_page *page, uint32_t rgb, double alpha);
void tl_page_line(struct tl_page *page, double x1, double y1, double x2, double y2,
                  double width_pt);
void tl_page_fill_box(struct tl_page *page, struct tl_box box, uint32_t rgb);
void tl_page_stroke_box(struct tl_page *page, struct tl_box box, uint32_t rgb, double width_pt);

/** Grey diagonal lines: "nothing is said about this part". */
void tl_page_hatch(struct tl_page *page, struct tl_box box);

/**
 * Draws an image of n_x * n_y pixels (0xAARRGGBB, not premultiplied beyond 0 and 255 alpha, from the upper left) into a box,
 * each pixel a crisp rectangle. Errors: TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_page_image(struct tl_page *page, struct tl_box box, int n_x, int n_y,
                                 const uint32_t *pixels);

#endif
