/*
 * A document is drawn twice: the first time its pages are counted (n_pages is 0 and nothing is written), the second time each
 * carries its number of all. Words that are longer than a page are broken by Pango's lines; rows of tables are kept whole, their
 * cells cut after CELL_LINES lines.
 */
#include "report/flow.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/frame.h"

static const double pad_pt = 4.0; /* on both sides of a cell */

/* Of words at least so much [pt] is kept on the page where they begin. */
enum { CELL_LINES = 12, HEAD_LINES = 4, WORDS_KEPT_PT = 60 };

static const struct tl_page_style body = {
    .size_pt = 9.2, .colour = TL_FRAME_INK, .width_pt = TL_FLOW_WIDTH_PT};
static const struct tl_page_style note = {
    .size_pt = 7.8, .colour = TL_FRAME_GREY, .width_pt = TL_FLOW_WIDTH_PT};
static const struct tl_page_style cell = {.size_pt = 7.8, .colour = TL_FRAME_INK};
static const double fine_pt = 6.3; /* of what stands below in a cell */
static const struct tl_page_style head = {.size_pt = 7.4, .bold = true, .colour = TL_FLOW_ACCENT};

static void draw_edges(struct tl_flow *flow)
{
    struct tl_page *page = &flow->page;
    struct tl_page_style left = {.size_pt = 7.6,
                                 .colour = TL_FRAME_GREY,
                                 .width_pt = TL_FLOW_WIDTH_PT * 0.62,
                                 .max_lines = 1};
    struct tl_page_style right = {.size_pt = 7.6, .colour = TL_FRAME_GREY, .align = TL_PAGE_RIGHT};
    struct tl_page_style foot = {.size_pt = 6.2, .colour = TL_FRAME_GREY, .tabular = true};
    char number[48];
    double edge = TL_FLOW_LEFT_PT + TL_FLOW_WIDTH_PT;
    tl_page_text(page, TL_FLOW_LEFT_PT, 30.0, &left, flow->left);
    tl_page_text(page, edge, 30.0, &right, flow->right);
    tl_page_colour(page, TL_FRAME_PALE, 1.0);
    tl_page_line(page, TL_FLOW_LEFT_PT, 43.5, edge, 43.5, 0.5);
    tl_page_line(page, TL_FLOW_LEFT_PT, 803.0, edge, 803.0, 0.5);
    tl_page_text(page, TL_FLOW_LEFT_PT, 809.5, &foot, flow->foot);
    snprintf(number, sizeof number, "%d / %d", flow->number, flow->n_pages);
    tl_page_text(page, edge, 808.0, &right, number);
}

tl_err tl_flow_open(struct tl_ctx *ctx, const char *path, const char *title, struct tl_flow *flow)
{
    tl_err err = tl_page_open_portrait(ctx, path, title, &flow->page);
    if (err != TL_OK)
        return err;
    flow->number = 1;
    flow->section = 0;
    flow->y = TL_FLOW_TOP_PT;
    draw_edges(flow);
    return TL_OK;
}

void tl_flow_follow(struct tl_flow *flow)
{
    tl_page_next_portrait(&flow->page);
    flow->number = 2;
    flow->section = 0;
    flow->y = TL_FLOW_TOP_PT;
    draw_edges(flow);
}

void tl_flow_break(struct tl_flow *flow)
{
    tl_page_next(&flow->page);
    flow->number++;
    flow->y = TL_FLOW_TOP_PT;
    draw_edges(flow);
}

void tl_flow_need(struct tl_flow *flow, double height_pt)
{
    if (flow->y > TL_FLOW_TOP_PT && flow->y + height_pt > TL_FLOW_BOTTOM_PT)
        tl_flow_break(flow);
}

void tl_flow_space(struct tl_flow *flow, double height_pt)
{
    if (flow->y > TL_FLOW_TOP_PT)
        flow->y += height_pt;
}

void tl_flow_heading(struct tl_flow *flow, const char *text, double with_pt)
{
    struct tl_page_style style = {.size_pt = 13.0, .bold = true, .colour = TL_FLOW_ACCENT};
    char numbered[256];
    double x = TL_FLOW_LEFT_PT;
    tl_flow_space(flow, 14.0);
    tl_flow_need(flow, 26.0 + with_pt);
    snprintf(numbered, sizeof numbered, "%d  %.240s", ++flow->section, text);
    tl_page_bookmark(&flow->page, numbered, flow->number, flow->y);
    flow->y += tl_page_text(&flow->page, x, flow->y, &style, numbered) + 2.0;
    tl_page_colour(&flow->page, TL_FLOW_ACCENT, 1.0);
    tl_page_line(&flow->page, x, flow->y, x + 28.0, flow->y, 1.4);
    flow->y += 7.0;
}

void tl_flow_subheading(struct tl_flow *flow, const char *text, double with_pt)
{
    struct tl_page_style style = {
        .size_pt = 10.0, .bold = true, .colour = TL_FRAME_INK, .width_pt = TL_FLOW_WIDTH_PT};
    tl_flow_space(flow, 8.0);
    tl_flow_need(flow, 17.0 + with_pt);
    flow->y += tl_page_text(&flow->page, TL_FLOW_LEFT_PT, flow->y, &style, text) + 3.0;
}

/* Words from x on, over as many pages as they need. */
static void draw_words(struct tl_flow *flow, double x, const struct tl_page_style *style,
                       const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    char *mended = g_utf8_make_valid(text, -1);
    double w, h;
    tl_page_measure(&flow->page, style, mended, &w, &h);
    tl_flow_need(flow, fmin(h, WORDS_KEPT_PT));
    for (char *from = mended; *from != '\0';) {
        int64_t n = tl_page_fit(&flow->page, style, from, TL_FLOW_BOTTOM_PT - flow->y);
        char *past = from + n, kept = *past;
        *past = '\0';
        flow->y += tl_page_text(&flow->page, x, flow->y, style, from);
        *past = kept;
        from = past;
        if (kept != '\0' && n == 0 && flow->y <= TL_FLOW_TOP_PT)
            break; /* a line higher than a page */
        if (kept != '\0')
            tl_flow_break(flow);
    }
    g_free(mended);
}

void tl_flow_paragraph(struct tl_flow *flow, const char *text)
{
    draw_words(flow, TL_FLOW_LEFT_PT, &body, text);
    tl_flow_space(flow, 5.0);
}

void tl_flow_note(struct tl_flow *flow, const char *text)
{
    draw_words(flow, TL_FLOW_LEFT_PT, &note, text);
    tl_flow_space(flow, 3.0);
}

void tl_flow_bullet(struct tl_flow *flow, const char *text)
{
    struct tl_page_style style = body;
    double w, h;
    style.width_pt = TL_FLOW_WIDTH_PT - 12.0;
    tl_page_measure(&flow->page, &style, text, &w, &h);
    tl_flow_need(flow, fmin(h, WORDS_KEPT_PT)); /* the mark goes where its words go */
    struct tl_page *page = &flow->page;
    tl_page_colour(page, TL_FLOW_ACCENT, 1.0);
    cairo_new_path(page->cr);
    cairo_arc(page->cr, TL_FLOW_LEFT_PT + 3.5, flow->y + 6.6, 1.5, 0.0, 6.283185307179586);
    cairo_fill(page->cr);
    draw_words(flow, TL_FLOW_LEFT_PT + 12.0, &style, text);
    tl_flow_space(flow, 3.0);
}

void tl_flow_box(struct tl_flow *flow, const char *text, uint32_t edge)
{
    struct tl_page_style style = body;
    double w, h;
    style.width_pt = TL_FLOW_WIDTH_PT - 26.0;
    style.max_lines = 40;
    tl_page_measure(&flow->page, &style, text, &w, &h);
    tl_flow_need(flow, h + 16.0);
    struct tl_box box = {TL_FLOW_LEFT_PT, flow->y, TL_FLOW_WIDTH_PT, h + 14.0};
    tl_page_fill_box(&flow->page, box, TL_FLOW_TINT);
    box.w = 3.0;
    tl_page_fill_box(&flow->page, box, edge);
    tl_page_text(&flow->page, TL_FLOW_LEFT_PT + 13.0, flow->y + 7.0, &style, text);
    flow->y += h + 14.0;
    tl_flow_space(flow, 6.0);
}

void tl_flow_pair(struct tl_flow *flow, const char *name, const char *value)
{
    struct tl_page_style left = note, right = body;
    double w, h, name_h;
    left.size_pt = 8.4;
    left.width_pt = 132.0;
    right.width_pt = TL_FLOW_WIDTH_PT - 142.0;
    right.max_lines = 6;
    tl_page_measure(&flow->page, &right, value, &w, &h);
    tl_page_measure(&flow->page, &left, name, &w, &name_h);
    h = fmax(h, name_h);
    tl_flow_need(flow, h + 4.0);
    tl_page_text(&flow->page, TL_FLOW_LEFT_PT, flow->y + 0.9, &left, name);
    tl_page_text(&flow->page, TL_FLOW_LEFT_PT + 142.0, flow->y, &right, value);
    flow->y += h + 2.4;
}

struct table {
    struct tl_flow *flow;
    int n;
    const struct tl_flow_column *columns;
    double x[TL_FLOW_COLUMNS_MAX], w[TL_FLOW_COLUMNS_MAX];
};

static struct tl_page_style cell_style(const struct table *t, int c, bool is_head)
{
    struct tl_page_style style = is_head ? head : cell;
    style.width_pt = t->w[c] - 2.0 * pad_pt;
    style.max_lines = is_head ? HEAD_LINES : CELL_LINES;
    style.align = t->columns[c].align;
    return style;
}

/* Cell with its part below in finer letters: draws it where `is_drawn`, returns its height. */
static double fine_cell(const struct table *t, int c, const char *text, double x, bool is_drawn)
{
    struct tl_page *page = &t->flow->page;
    struct tl_page_style style = cell_style(t, c, false);
    double w, h[2] = {0.0, 0.0}, y = t->flow->y + 2.5;
    char first[512];
    size_t n = strcspn(text, TL_FLOW_FINE);
    snprintf(first, sizeof first, "%.*s", (int)n, text);
    tl_page_measure(page, &style, first, &w, &h[0]);
    if (is_drawn)
        tl_page_text(page, x, y, &style, first);
    style.size_pt = fine_pt;
    style.colour = TL_FRAME_GREY;
    tl_page_measure(page, &style, text + n + 1, &w, &h[1]);
    if (is_drawn)
        tl_page_text(page, x, y + h[0], &style, text + n + 1);
    return h[0] + h[1];
}

static bool has_fine(const char *text)
{
    return text != NULL && strstr(text, TL_FLOW_FINE) != NULL;
}

static double row_height(const struct table *t, const char *const *cells, bool is_head)
{
    double tallest = 8.0;
    for (int c = 0; c < t->n; c++) {
        struct tl_page_style style = cell_style(t, c, is_head);
        double w, h;
        tl_page_measure(&t->flow->page, &style, cells[c], &w, &h);
        if (has_fine(cells[c]))
            h = fine_cell(t, c, cells[c], 0.0, false);
        tallest = fmax(tallest, h);
    }
    return tallest + 5.0;
}

static void draw_row(const struct table *t, const char *const *cells, bool is_head, double height)
{
    struct tl_flow *flow = t->flow;
    for (int c = 0; c < t->n; c++) {
        struct tl_page_style style = cell_style(t, c, is_head);
        double x = t->x[c] + pad_pt, w, h, y = flow->y + 2.5;
        tl_page_measure(&flow->page, &style, cells[c], &w, &h);
        if (is_head)
            y = flow->y + height - 2.5 - h;
        if (style.align != TL_PAGE_LEFT)
            x += (t->w[c] - 2.0 * pad_pt) / (style.align == TL_PAGE_RIGHT ? 1.0 : 2.0);
        if (has_fine(cells[c]))
            fine_cell(t, c, cells[c], x, true);
        else
            tl_page_text(&flow->page, x, y, &style, cells[c]);
    }
    flow->y += height;
    tl_page_colour(&flow->page, is_head ? TL_FLOW_ACCENT : TL_FRAME_PALE, is_head ? 1.0 : 0.7);
    tl_page_line(&flow->page, TL_FLOW_LEFT_PT, flow->y, TL_FLOW_LEFT_PT + TL_FLOW_WIDTH_PT, flow->y,
                 is_head ? 0.9 : 0.35);
}

/* Width that the longest word of a text takes. */
static double word_width(struct tl_flow *flow, const struct tl_page_style *style, const char *text)
{
    double widest = 0.0, w, h;
    char word[96];
    while (text != NULL && *text != '\0') {
        size_t n = strcspn(text, " \n");
        snprintf(word, sizeof word, "%.*s", (int)n, text);
        tl_page_measure(&flow->page, style, word, &w, &h);
        widest = fmax(widest, w);
        text += n + (text[n] != '\0');
    }
    return widest;
}

/* Shares of the width; a column too narrow for a word of its title takes from those that have more than they need. */
static void set_widths(struct table *t)
{
    double sum = 0.0, missing = 0.0, spare = 0.0, least[TL_FLOW_COLUMNS_MAX];
    for (int c = 0; c < t->n; c++)
        sum += t->columns[c].weight;
    for (int c = 0; c < t->n; c++) {
        t->w[c] = TL_FLOW_WIDTH_PT * t->columns[c].weight / sum;
        least[c] = word_width(t->flow, &head, t->columns[c].title) + 2.0 * pad_pt + 0.6;
        missing += fmax(0.0, least[c] - t->w[c]);
        spare += fmax(0.0, t->w[c] - least[c]);
    }
    double taken = spare > 0.0 ? fmin(1.0, missing / spare) : 0.0;
    double x = TL_FLOW_LEFT_PT;
    for (int c = 0; c < t->n; c++) {
        t->w[c] = t->w[c] < least[c] && missing <= spare
                      ? least[c]
                      : t->w[c] - taken * fmax(0.0, t->w[c] - least[c]);
        t->x[c] = x;
        x += t->w[c];
    }
}

void tl_flow_table(struct tl_flow *flow, int n_columns, const struct tl_flow_column *columns,
                   int64_t n_rows, const char *const *cells)
{
    struct table t = {.flow = flow, .n = n_columns, .columns = columns};
    const char *titles[TL_FLOW_COLUMNS_MAX];
    for (int c = 0; c < n_columns; c++)
        titles[c] = columns[c].title;
    set_widths(&t);
    double head_height = row_height(&t, titles, true);
    for (int64_t r = 0; r < n_rows; r++) {
        double height = row_height(&t, cells + r * n_columns, false);
        int page = flow->number;
        tl_flow_need(flow, height + (r == 0 ? head_height : 0.0));
        if (r == 0 || flow->number != page)
            draw_row(&t, titles, true, head_height);
        draw_row(&t, cells + r * n_columns, false, height);
    }
    tl_flow_space(flow, 7.0);
}
