/** A document of several pages: headings, paragraphs, pairs of words, tables, flowing down and over to the next page. */
#ifndef TL_REPORT_FLOW_H
#define TL_REPORT_FLOW_H

#include "report/page.h"

#define TL_FLOW_LEFT_PT   44.0
#define TL_FLOW_TOP_PT    58.0
#define TL_FLOW_BOTTOM_PT 790.0
#define TL_FLOW_WIDTH_PT  507.0

/** In a cell of a table: what follows stands below, smaller and grey. */
#define TL_FLOW_FINE "\x1f"

enum { TL_FLOW_COLUMNS_MAX = 12, TL_FLOW_ACCENT = 0x2C5F5A, TL_FLOW_TINT = 0xF1F4F2 };

struct tl_flow {
    struct tl_page page;
    double y;          /* where the next thing goes */
    int number;        /* of the present page, from 1 */
    int n_pages;       /* of all; 0 while they are counted */
    const char *left;  /* borrows: head of every page */
    const char *right; /* borrows */
    const char *foot;  /* borrows */
    int section;       /* number of the last heading */
};

struct tl_flow_column {
    const char *title; /* borrows */
    double weight;     /* share of the width */
    enum tl_page_align align;
};

/** Opens the document with its first page. `flow` has its head and foot lines and n_pages. */
TL_MUST_USE tl_err tl_flow_open(struct tl_ctx *ctx, const char *path, const char *title,
                                struct tl_flow *flow);

/** Goes on after a page of another kind: flow->page is open, has one page, and turns to portrait. */
void tl_flow_follow(struct tl_flow *flow);

/** Begins the next page. */
void tl_flow_break(struct tl_flow *flow);

/** Begins the next page where less than a height is left on this one. */
void tl_flow_need(struct tl_flow *flow, double height_pt);

void tl_flow_space(struct tl_flow *flow, double height_pt);

/** A numbered heading, which keeps `with_pt` of what follows on its page; it is in the PDF's table of contents. */
void tl_flow_heading(struct tl_flow *flow, const char *text, double with_pt);
void tl_flow_subheading(struct tl_flow *flow, const char *text, double with_pt);

/** Words over the whole width, broken over pages where they must be; NULL and "" are nothing. */
void tl_flow_paragraph(struct tl_flow *flow, const char *text);
void tl_flow_note(struct tl_flow *flow, const char *text);
void tl_flow_bullet(struct tl_flow *flow, const char *text);

/** Words in a tinted box with an edge of a colour. */
void tl_flow_box(struct tl_flow *flow, const char *text, uint32_t edge);

/** A name and its value beside it. */
void tl_flow_pair(struct tl_flow *flow, const char *name, const char *value);

/** Rows under a head that comes again on each page. @param cells  [n_rows, n_columns], NULL = none */
void tl_flow_table(struct tl_flow *flow, int n_columns, const struct tl_flow_column *columns,
                   int64_t n_rows, const char *const *cells);

#endif
