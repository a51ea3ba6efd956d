/*
 * Surfaces write into memory and the file is written whole at the end, so that a failing disk leaves nothing half-made.
 * Nothing here reads a clock: Cairo would stamp a PDF with the present time, and the same map must give the same bytes,
 * so the creation date is set to a constant. Glyph positions are not hinted, so that PDF and PNG break lines alike.
 */
#include "report/page.h"

#include <cairo-pdf.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/json.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TL_PAGE_LEAKS_ARE_COUNTED
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define TL_PAGE_LEAKS_ARE_COUNTED
#endif
#ifdef TL_PAGE_LEAKS_ARE_COUNTED
/* Fontconfig loses 288 bytes of its own once in a process, however many pages are drawn. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig\n";
}
/* Saying so each time would stand in the way of tests of messages. */
const char *__lsan_default_options(void);
const char *__lsan_default_options(void)
{
    return "print_suppressions=0";
}
#endif

static cairo_status_t take_bytes(void *user, const unsigned char *bytes, unsigned int n)
{
    struct tl_page *page = user;
    tl_err err = tl_buf_add_bytes(page->ctx, &page->bytes, bytes, n);
    return err == TL_OK ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_NO_MEMORY;
}

static bool ends_in(const char *path, const char *ending)
{
    size_t n = strlen(path), m = strlen(ending);
    return n > m && strcasecmp(path + n - m, ending) == 0;
}

static tl_err cairo_failed(struct tl_page *page, cairo_status_t status)
{
    tl_err err = status == CAIRO_STATUS_NO_MEMORY ? TL_ENOMEM : TL_EIO;
    return tl_fail(page->ctx, err, "%s: the page could not be drawn: %s", page->path,
                   cairo_status_to_string(status));
}

static void open_fonts(struct tl_page *page)
{
    page->fonts = pango_cairo_font_map_new();
    pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(page->fonts), 72.0);
    page->pango = pango_font_map_create_context(page->fonts);
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    pango_cairo_context_set_font_options(page->pango, options);
    cairo_font_options_destroy(options);
    pango_context_set_round_glyph_positions(page->pango, FALSE);
}

static void open_pdf(struct tl_page *page, const char *title)
{
    page->surface =
        cairo_pdf_surface_create_for_stream(take_bytes, page, page->width_pt, page->height_pt);
    cairo_pdf_surface_set_metadata(page->surface, CAIRO_PDF_METADATA_CREATE_DATE,
                                   "2000-01-01T00:00:00Z");
    cairo_pdf_surface_set_metadata(page->surface, CAIRO_PDF_METADATA_CREATOR, "Tilth");
    char *mended = g_utf8_make_valid(title == NULL ? "" : title, -1);
    cairo_pdf_surface_set_metadata(page->surface, CAIRO_PDF_METADATA_TITLE, mended);
    g_free(mended);
}

/* `page` has its size and its kind. */
static tl_err open_page(struct tl_page *page, const char *title)
{
    double scale = TL_PAGE_PNG_DPI / 72.0;
    if (page->is_pdf)
        open_pdf(page, title);
    else
        page->surface =
            cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)(page->width_pt * scale + 0.5),
                                       (int)(page->height_pt * scale + 0.5));
    page->cr = cairo_create(page->surface);
    if (cairo_status(page->cr) != CAIRO_STATUS_SUCCESS) {
        tl_err err = cairo_failed(page, cairo_status(page->cr));
        tl_page_fini(page);
        return err;
    }
    if (!page->is_pdf)
        cairo_scale(page->cr, scale, scale);
    open_fonts(page);
    tl_page_fill_box(page, (struct tl_box){0, 0, page->width_pt + 1, page->height_pt + 1},
                     0xFFFFFF);
    return TL_OK;
}

tl_err tl_page_open(struct tl_ctx *ctx, const char *path, const char *title, struct tl_page *page)
{
    *page = (struct tl_page){.ctx = ctx,
                             .path = path,
                             .is_pdf = ends_in(path, ".pdf"),
                             .width_pt = TL_PAGE_WIDTH_PT,
                             .height_pt = TL_PAGE_HEIGHT_PT};
    if (!page->is_pdf && !ends_in(path, ".png"))
        return tl_fail(ctx, TL_EUSAGE, "%s: a page is written as .pdf or .png, not this ending",
                       path);
    return open_page(page, title);
}

tl_err tl_page_open_portrait(struct tl_ctx *ctx, const char *path, const char *title,
                             struct tl_page *page)
{
    *page = (struct tl_page){.ctx = ctx,
                             .path = path,
                             .is_pdf = true,
                             .width_pt = TL_PAGE_HEIGHT_PT,
                             .height_pt = TL_PAGE_WIDTH_PT};
    return open_page(page, title);
}

void tl_page_next(struct tl_page *page)
{
    cairo_show_page(page->cr);
}

void tl_page_next_portrait(struct tl_page *page)
{
    cairo_show_page(page->cr);
    page->width_pt = TL_PAGE_HEIGHT_PT;
    page->height_pt = TL_PAGE_WIDTH_PT;
    cairo_pdf_surface_set_size(page->surface, page->width_pt, page->height_pt);
}

void tl_page_bookmark(struct tl_page *page, const char *text, int number, double y)
{
    char place[64];
    char *mended = g_utf8_make_valid(text, -1);
    snprintf(place, sizeof place, "page=%d pos=[0 %d]", number, (int)y);
    cairo_pdf_surface_add_outline(page->surface, CAIRO_PDF_OUTLINE_ROOT, mended, place, 0);
    g_free(mended);
}

tl_err tl_page_write(struct tl_page *page)
{
    cairo_status_t status = cairo_status(page->cr);
    if (status == CAIRO_STATUS_SUCCESS && !page->is_pdf)
        status = cairo_surface_write_to_png_stream(page->surface, take_bytes, page);
    if (status == CAIRO_STATUS_SUCCESS) {
        cairo_show_page(page->cr);
        cairo_surface_finish(page->surface);
        status = cairo_surface_status(page->surface);
    }
    if (status != CAIRO_STATUS_SUCCESS)
        return cairo_failed(page, status);
    return tl_file_write(page->ctx, page->path, page->bytes.text, page->bytes.size_bytes);
}

void tl_page_fini(struct tl_page *page)
{
    if (page->pango != NULL)
        g_object_unref(page->pango);
    if (page->fonts != NULL)
        g_object_unref(page->fonts);
    if (page->cr != NULL)
        cairo_destroy(page->cr);
    if (page->surface != NULL)
        cairo_surface_destroy(page->surface);
    tl_buf_fini(&page->bytes);
    *page = (struct tl_page){0};
}

void tl_page_colour(struct tl_page *page, uint32_t rgb, double alpha)
{
    cairo_set_source_rgba(page->cr, (rgb >> 16 & 255) / 255.0, (rgb >> 8 & 255) / 255.0,
                          (rgb & 255) / 255.0, alpha);
}

void tl_page_line(struct tl_page *page, double x1, double y1, double x2, double y2, double width_pt)
{
    cairo_set_line_width(page->cr, width_pt);
    cairo_move_to(page->cr, x1, y1);
    cairo_line_to(page->cr, x2, y2);
    cairo_stroke(page->cr);
}

void tl_page_fill_box(struct tl_page *page, struct tl_box box, uint32_t rgb)
{
    tl_page_colour(page, rgb, 1.0);
    cairo_rectangle(page->cr, box.x, box.y, box.w, box.h);
    cairo_fill(page->cr);
}

void tl_page_stroke_box(struct tl_page *page, struct tl_box box, uint32_t rgb, double width_pt)
{
    tl_page_colour(page, rgb, 1.0);
    cairo_set_line_width(page->cr, width_pt);
    cairo_rectangle(page->cr, box.x, box.y, box.w, box.h);
    cairo_stroke(page->cr);
}

void tl_page_hatch(struct tl_page *page, struct tl_box box)
{
    tl_page_fill_box(page, box, 0xF4F4F2);
    cairo_save(page->cr);
    cairo_rectangle(page->cr, box.x, box.y, box.w, box.h);
    cairo_clip(page->cr);
    tl_page_colour(page, 0xC9C9C4, 1.0);
    cairo_set_line_width(page->cr, 0.4);
    for (double d = 0.0; d < box.w + box.h; d += 4.0) {
        cairo_move_to(page->cr, box.x + d, box.y);
        cairo_line_to(page->cr, box.x + d - box.h, box.y + box.h);
    }
    cairo_stroke(page->cr);
    cairo_restore(page->cr);
}

tl_err tl_page_image(struct tl_page *page, struct tl_box box, int n_x, int n_y,
                     const uint32_t *pixels)
{
    cairo_surface_t *image = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, n_x, n_y);
    if (cairo_surface_status(image) != CAIRO_STATUS_SUCCESS) {
        cairo_status_t status = cairo_surface_status(image);
        cairo_surface_destroy(image);
        return cairo_failed(page, status);
    }
    unsigned char *data = cairo_image_surface_get_data(image);
    int stride = cairo_image_surface_get_stride(image);
    for (int row = 0; row < n_y; row++)
        memcpy(data + (ptrdiff_t)row * stride, pixels + (ptrdiff_t)row * n_x, (size_t)n_x * 4);
    cairo_surface_mark_dirty(image);
    cairo_save(page->cr);
    cairo_rectangle(page->cr, box.x, box.y, box.w, box.h);
    cairo_clip(page->cr);
    cairo_translate(page->cr, box.x, box.y);
    cairo_scale(page->cr, box.w / n_x, box.h / n_y);
    cairo_set_source_surface(page->cr, image, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(page->cr), CAIRO_FILTER_NEAREST);
    cairo_paint(page->cr);
    cairo_restore(page->cr);
    cairo_surface_destroy(image);
    return TL_OK;
}

static PangoLayout *lay_out(struct tl_page *page, const struct tl_page_style *style,
                            const char *text)
{
    PangoLayout *layout = pango_layout_new(page->pango);
    PangoFontDescription *font = pango_font_description_from_string(
        style->tabular ? "DejaVu Sans Mono, Noto Sans Mono, monospace"
                       : "Noto Sans, DejaVu Sans, sans-serif");
    pango_font_description_set_absolute_size(font, style->size_pt * PANGO_SCALE);
    pango_font_description_set_weight(font, style->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    char *mended = g_utf8_make_valid(text, -1);
    pango_layout_set_text(layout, mended, -1);
    g_free(mended);
    static const PangoAlignment alignments[] = {PANGO_ALIGN_LEFT, PANGO_ALIGN_CENTER,
                                                PANGO_ALIGN_RIGHT};
    pango_layout_set_alignment(layout, alignments[style->align]);
    pango_layout_set_single_paragraph_mode(layout, style->width_pt <= 0.0);
    if (style->width_pt > 0.0) {
        pango_layout_set_width(layout, (int)(style->width_pt * PANGO_SCALE));
        pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    }
    if (style->max_lines > 0) {
        pango_layout_set_height(layout, -style->max_lines);
        pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    }
    return layout;
}

void tl_page_measure(struct tl_page *page, const struct tl_page_style *style, const char *text,
                     double *w_pt, double *h_pt)
{
    *w_pt = *h_pt = 0.0;
    if (text == NULL || text[0] == '\0')
        return;
    PangoLayout *layout = lay_out(page, style, text);
    PangoRectangle logical;
    pango_layout_get_extents(layout, NULL, &logical);
    *w_pt = (double)logical.width / PANGO_SCALE;
    *h_pt = (double)logical.height / PANGO_SCALE;
    g_object_unref(layout);
}

int64_t tl_page_fit(struct tl_page *page, const struct tl_page_style *style, const char *text,
                    double height_pt)
{
    PangoLayout *layout = lay_out(page, style, text);
    PangoLayoutIter *line = pango_layout_get_iter(layout);
    int64_t n = 0, length = (int64_t)strlen(text);
    bool more = true;
    while (more) {
        int top, bottom;
        pango_layout_iter_get_line_yrange(line, &top, &bottom);
        if ((double)bottom / PANGO_SCALE > height_pt)
            break;
        more = pango_layout_iter_next_line(line);
        n = more ? pango_layout_iter_get_index(line) : length;
    }
    pango_layout_iter_free(line);
    g_object_unref(layout);
    return n < length ? n : length;
}

double tl_page_text(struct tl_page *page, double x, double y, const struct tl_page_style *style,
                    const char *text)
{
    if (text == NULL || text[0] == '\0')
        return 0.0;
    PangoLayout *layout = lay_out(page, style, text);
    PangoRectangle logical;
    pango_layout_get_extents(layout, NULL, &logical);
    double w = (double)logical.width / PANGO_SCALE, h = (double)logical.height / PANGO_SCALE;
    double left = (double)logical.x / PANGO_SCALE;
    double shift = style->align == TL_PAGE_LEFT ? 0.0 : style->align == TL_PAGE_RIGHT ? -w : -w / 2;
    cairo_save(page->cr);
    cairo_translate(page->cr, x, y);
    if (style->upwards)
        cairo_rotate(page->cr, -1.5707963267948966);
    cairo_move_to(page->cr, shift - left, style->middle ? -h / 2 : 0.0);
    if (style->halo_pt > 0.0) {
        pango_cairo_layout_path(page->cr, layout);
        tl_page_colour(page, 0xFFFFFF, 0.9);
        cairo_set_line_join(page->cr, CAIRO_LINE_JOIN_ROUND);
        cairo_set_line_width(page->cr, 2.0 * style->halo_pt);
        cairo_stroke(page->cr);
        cairo_move_to(page->cr, shift - left, style->middle ? -h / 2 : 0.0);
    }
    tl_page_colour(page, style->colour, 1.0);
    pango_cairo_show_layout(page->cr, layout);
    cairo_restore(page->cr);
    g_object_unref(layout);
    return h;
}
