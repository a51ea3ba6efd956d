/*
 * Progress tables as a document: the three figures of released land as three tiles and never as a sum, then land, items, accidents, what is counted apart,
 * and by which rules. It shares the dossier's numbers and words. Drawn twice, as each page tells of how many it is one.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/dossier.h"
#include "report/frame.h"
#include "tilth/outdir.h"
#include "tilth/tally.h"

static const char *const files[] = {"progress.pdf", "progress.json", "progress.csv",
                                    "items.csv",    "apart.csv",     NULL};

/* Of cancelled, reduced, cleared: told apart by lightness too. */
static const uint32_t colours[TL_TALLY_PRODUCTS] = {0xB9C7A0, 0x7FA3A0, 0x2C5F5A};

struct document {
    struct tl_dossier d;      /* language, texts, flow */
    const struct tl_tally *t; /* borrows */
    bool in_hectares;         /* else in square metres */
};

static const char *say(struct document *doc, const char *text)
{
    return tl_catalogue_text(doc->d.words, text);
}

static const char *product_words(struct document *doc, int product)
{
    static const char *const names[] = {TL_CATALOGUE_MARK("Cancelled"),
                                        TL_CATALOGUE_MARK("Reduced"), TL_CATALOGUE_MARK("Cleared")};
    return say(doc, names[product]);
}

static const char *category_words(struct document *doc, int category)
{
    static const char *const names[] = {TL_CATALOGUE_MARK("Anti-personnel mines"),
                                        TL_CATALOGUE_MARK("Anti-vehicle mines"),
                                        TL_CATALOGUE_MARK("Improvised mines and devices"),
                                        TL_CATALOGUE_MARK("Cluster munition remnants"),
                                        TL_CATALOGUE_MARK("Other explosive ordnance"),
                                        TL_CATALOGUE_MARK("Category not known")};
    return say(doc, names[category]);
}

static const char *apart_words(struct document *doc, int apart)
{
    static const char *const names[] = {
        TL_CATALOGUE_MARK("Hazardous areas without a polygon"),
        TL_CATALOGUE_MARK("Hazardous areas neither suspected nor confirmed"),
        TL_CATALOGUE_MARK("Hazardous areas without a date of recording"),
        TL_CATALOGUE_MARK("Hazardous areas closed without a date"),
        TL_CATALOGUE_MARK("Cancelled land without a polygon (area as reported)"),
        TL_CATALOGUE_MARK("Reduced land without a polygon (area as reported)"),
        TL_CATALOGUE_MARK("Cleared land without a polygon (area as reported)"),
        TL_CATALOGUE_MARK("Cancelled land without a date"),
        TL_CATALOGUE_MARK("Reduced land without a date"),
        TL_CATALOGUE_MARK("Cleared land without a date"),
        TL_CATALOGUE_MARK("Items found without a date"),
        TL_CATALOGUE_MARK("Accidents without a date")};
    return say(doc, names[apart]);
}

/* An area in the document's unit; nothing at all is a dash, so that what is there stands out. */
static const char *area(struct document *doc, double area_m2)
{
    if (!(area_m2 >= 0.05))
        return tl_dossier_or_dash(NULL);
    if (doc->in_hectares && area_m2 < 50.0) /* little is not none */
        return tl_dossier_say(&doc->d, "< %s", tl_dossier_fixed(&doc->d, 0.01, 2));
    return doc->in_hectares ? tl_dossier_fixed(&doc->d, area_m2 / 1e4, 2)
                            : tl_dossier_whole(&doc->d, area_m2);
}

static const char *count(struct document *doc, int64_t n)
{
    return n == 0 ? tl_dossier_or_dash(NULL) : tl_dossier_whole(&doc->d, (double)n);
}

static const char *unit(const struct document *doc)
{
    return doc->in_hectares ? tl_catalogue_text(doc->d.words, "ha")
                            : tl_catalogue_text(doc->d.words, "m²");
}

static const char *period(struct document *doc)
{
    return doc->t->from == doc->t->to ? tl_dossier_say(&doc->d, "%d", doc->t->from)
                                      : tl_dossier_say(&doc->d, "%d–%d", doc->t->from, doc->t->to);
}

static void draw_title(struct document *doc)
{
    struct tl_flow *flow = &doc->d.flow;
    struct tl_page_style kind = {.size_pt = 10.0, .bold = true, .colour = TL_FLOW_ACCENT};
    struct tl_page_style title = {.size_pt = 24.0,
                                  .bold = true,
                                  .colour = TL_FRAME_INK,
                                  .width_pt = TL_FLOW_WIDTH_PT,
                                  .max_lines = 2};
    struct tl_page_style under = {.size_pt = 13.0, .colour = TL_FRAME_INK};
    flow->y += 4.0;
    flow->y += tl_page_text(&flow->page, TL_FLOW_LEFT_PT, flow->y, &kind,
                            tl_catalogue_text(doc->d.words, "Progress of survey and clearance"));
    flow->y += tl_page_text(&flow->page, TL_FLOW_LEFT_PT, flow->y, &title, doc->t->title);
    flow->y += tl_page_text(&flow->page, TL_FLOW_LEFT_PT, flow->y, &under, period(doc)) + 12.0;
}

/* Tiles */

static const double tile_gap_pt = 9.0;

/* In a tile nothing at all is a nought. */
static const char *tile_area(struct document *doc, double area_m2)
{
    return area_m2 >= 0.05 ? area(doc, area_m2) : "0";
}

static void draw_tile(struct document *doc, int place, int n, uint32_t edge, const char *name,
                      const char *value, const char *below)
{
    struct tl_page *page = &doc->d.flow.page;
    double w = (TL_FLOW_WIDTH_PT - (n - 1) * tile_gap_pt) / n;
    struct tl_box box = {TL_FLOW_LEFT_PT + place * (w + tile_gap_pt), doc->d.flow.y, w,
                         below == NULL ? 47.0 : 62.0};
    struct tl_page_style small = {
        .size_pt = 8.0, .colour = TL_FRAME_GREY, .width_pt = w - 16.0, .max_lines = 2};
    struct tl_page_style large = {.size_pt = 16.0, .bold = true, .colour = TL_FRAME_INK};
    double width, height;
    tl_page_measure(page, &large, value, &width, &height);
    if (width > w - 16.0)
        large.size_pt *= (w - 16.0) / width;
    tl_page_fill_box(page, box, TL_FLOW_TINT);
    tl_page_fill_box(page, (struct tl_box){box.x, box.y, 3.0, box.h}, edge);
    tl_page_text(page, box.x + 10.0, box.y + 7.0, &small, name);
    tl_page_text(page, box.x + 10.0, box.y + 20.0, &large, value);
    tl_page_text(page, box.x + 10.0, box.y + 44.0, &small, below);
}

static void draw_tiles(struct document *doc)
{
    const struct tl_tally_row *all = &doc->t->total;
    static const char *const how[] = {TL_CATALOGUE_MARK("by non-technical survey"),
                                      TL_CATALOGUE_MARK("by technical survey"),
                                      TL_CATALOGUE_MARK("by clearance")};
    struct tl_dossier *d = &doc->d;
    for (int p = 0; p < TL_TALLY_PRODUCTS; p++)
        draw_tile(doc, p, 3, colours[p], product_words(doc, p),
                  tl_dossier_say(d, "%s %s", tile_area(doc, all->released_m2[p]), unit(doc)),
                  say(doc, how[p]));
    d->flow.y += 62.0 + tile_gap_pt;
    draw_tile(
        doc, 0, 2, 0xC9A66B,
        tl_dossier_say(d,
                       tl_catalogue_text(doc->d.words,
                                         "Suspected at the beginning of %d and at the end of %d"),
                       doc->t->from, doc->t->to),
        tl_dossier_say(d, "%s → %s %s", tile_area(doc, all->suspected_start_m2),
                       tile_area(doc, all->suspected_end_m2), unit(doc)),
        NULL);
    draw_tile(
        doc, 1, 2, 0xA8583A,
        tl_dossier_say(d,
                       tl_catalogue_text(doc->d.words,
                                         "Confirmed at the beginning of %d and at the end of %d"),
                       doc->t->from, doc->t->to),
        tl_dossier_say(d, "%s → %s %s", tile_area(doc, all->confirmed_start_m2),
                       tile_area(doc, all->confirmed_end_m2), unit(doc)),
        NULL);
    d->flow.y += 47.0 + 6.0;
    tl_flow_note(
        &d->flow,
        tl_catalogue_text(doc->d.words,
                          "Cancelled, reduced and cleared are three different things, and are "
                          "nowhere added up. They need not make up the change of suspected and "
                          "confirmed land: areas are recorded anew, confirmed, and closed "
                          "otherwise."));
}

/* Bars of the three figures, side by side, year by year. */
static void draw_bars(struct document *doc)
{
    const struct tl_tally *t = doc->t;
    struct tl_flow *flow = &doc->d.flow;
    struct tl_page_style label = {.size_pt = 7.2, .colour = TL_FRAME_GREY, .align = TL_PAGE_CENTRE};
    struct tl_page_style key = {.size_pt = 7.8, .colour = TL_FRAME_INK};
    const double height = 92.0;
    double most = 0.0, step = TL_FLOW_WIDTH_PT / (double)t->n_rows;
    for (int64_t i = 0; i < t->n_rows; i++)
        for (int p = 0; p < TL_TALLY_PRODUCTS; p++)
            most = fmax(most, t->rows[i].released_m2[p]);
    if (most <= 0.0)
        return;
    tl_flow_need(flow, height + 40.0);
    double x = TL_FLOW_LEFT_PT, base = flow->y + 18.0 + height;
    for (int p = 0; p < TL_TALLY_PRODUCTS; p++) {
        double w, h;
        tl_page_measure(&flow->page, &key, product_words(doc, p), &w, &h);
        tl_page_fill_box(&flow->page, (struct tl_box){x, flow->y + 2.0, 8.0, 8.0}, colours[p]);
        tl_page_text(&flow->page, x + 12.0, flow->y, &key, product_words(doc, p));
        x += w + 28.0;
    }
    label.align = TL_PAGE_RIGHT;
    tl_page_text(&flow->page, TL_FLOW_LEFT_PT + TL_FLOW_WIDTH_PT, flow->y, &label,
                 tl_dossier_say(&doc->d, tl_catalogue_text(doc->d.words, "highest bar: %s %s"),
                                area(doc, most), unit(doc)));
    label.align = TL_PAGE_CENTRE;
    for (int64_t i = 0; i < t->n_rows; i++) {
        double bar = fmin(22.0, 0.8 * step / TL_TALLY_PRODUCTS);
        double left = TL_FLOW_LEFT_PT + ((double)i + 0.5) * step - 1.5 * bar;
        for (int p = 0; p < TL_TALLY_PRODUCTS; p++) {
            double h = height * t->rows[i].released_m2[p] / most;
            tl_page_fill_box(&flow->page, (struct tl_box){left + p * bar, base - h, bar - 1.0, h},
                             colours[p]);
        }
        tl_page_text(&flow->page, left + 1.5 * bar, base + 3.0, &label,
                     tl_dossier_say(&doc->d, "%d", t->rows[i].year));
    }
    tl_page_colour(&flow->page, TL_FRAME_GREY, 1.0);
    tl_page_line(&flow->page, TL_FLOW_LEFT_PT, base, TL_FLOW_LEFT_PT + TL_FLOW_WIDTH_PT, base, 0.6);
    flow->y = base + 20.0;
}

/* Tables: a row's name in one or two columns, then figures. */

enum {
    LAND_COLUMNS = 9,
    ITEM_COLUMNS = TL_TALLY_CATEGORIES,
    ACCIDENT_COLUMNS = 4,
    COLUMNS_MAX = 11
};

static int name_columns(struct document *doc, struct tl_flow_column *columns)
{
    int n = 0;
    if (doc->t->by != TL_TALLY_BY_YEAR)
        columns[n++] =
            (struct tl_flow_column){tl_catalogue_text(doc->d.words, "District"), 78, TL_PAGE_LEFT};
    if (doc->t->by != TL_TALLY_BY_DISTRICT)
        columns[n++] =
            (struct tl_flow_column){tl_catalogue_text(doc->d.words, "Year"), 40, TL_PAGE_LEFT};
    return n;
}

static int name_cells(struct document *doc, const struct tl_tally_row *row, bool total,
                      const char **cells)
{
    bool years = doc->t->by != TL_TALLY_BY_DISTRICT, names = doc->t->by != TL_TALLY_BY_YEAR;
    int n = 0;
    if (names)
        cells[n++] = total                      ? tl_catalogue_text(doc->d.words, "All")
                     : row->district[0] == '\0' ? tl_catalogue_text(doc->d.words, "not known")
                                                : row->district;
    if (years && total)
        cells[n++] = names ? "" : tl_catalogue_text(doc->d.words, "All");
    else if (years)
        cells[n++] = tl_dossier_say(&doc->d, "%d", row->year);
    return n;
}

static int land_cells(struct document *doc, const struct tl_tally_row *r, const char **cells)
{
    double again = r->again_m2[0] + r->again_m2[1] + r->again_m2[2];
    const double areas[LAND_COLUMNS] = {
        r->suspected_start_m2, r->confirmed_start_m2, r->recorded_m2, r->released_m2[0],
        r->released_m2[1],     r->released_m2[2],     again,          r->suspected_end_m2,
        r->confirmed_end_m2};
    for (int c = 0; c < LAND_COLUMNS; c++)
        cells[c] = area(doc, areas[c]);
    return LAND_COLUMNS;
}

static int item_cells(struct document *doc, const struct tl_tally_row *r, const char **cells)
{
    for (int c = 0; c < TL_TALLY_CATEGORIES; c++)
        cells[c] = r->found[c] == 0 ? tl_dossier_or_dash(NULL)
                                    : tl_dossier_say(&doc->d, "%s / %s", count(doc, r->found[c]),
                                                     count(doc, r->destroyed[c]));
    return ITEM_COLUMNS;
}

static int accident_cells(struct document *doc, const struct tl_tally_row *r, const char **cells)
{
    cells[0] = count(doc, r->accidents);
    cells[1] = count(doc, r->during_demining);
    cells[2] = count(doc, r->killed);
    cells[3] = count(doc, r->injured);
    return ACCIDENT_COLUMNS;
}

typedef int (*fill_cells)(struct document *doc, const struct tl_tally_row *row, const char **cells);

static void draw_rows(struct document *doc, int n_figures, const char *const *titles, double weight,
                      fill_cells fill)
{
    struct tl_flow_column columns[COLUMNS_MAX + 2];
    const char **cells = NULL;
    int n_names = name_columns(doc, columns), n = n_names + n_figures;
    for (int c = 0; c < n_figures; c++)
        columns[n_names + c] = (struct tl_flow_column){titles[c], weight, TL_PAGE_RIGHT};
    cells = tl_alloc(doc->d.ctx, (doc->t->n_rows + 1) * n, sizeof *cells);
    if (cells == NULL) {
        doc->d.err = doc->d.err == TL_OK ? TL_ENOMEM : doc->d.err;
        return;
    }
    for (int64_t i = 0; i <= doc->t->n_rows; i++) {
        const struct tl_tally_row *row = i < doc->t->n_rows ? &doc->t->rows[i] : &doc->t->total;
        int done = name_cells(doc, row, i == doc->t->n_rows, cells + i * n);
        fill(doc, row, cells + i * n + done);
    }
    tl_flow_table(&doc->d.flow, n, columns, doc->t->n_rows + 1, cells);
    tl_free(cells);
}

static void draw_land(struct document *doc)
{
    const char *const titles[LAND_COLUMNS] = {tl_catalogue_text(doc->d.words, "Suspected at start"),
                                              tl_catalogue_text(doc->d.words, "Confirmed at start"),
                                              tl_catalogue_text(doc->d.words, "Newly recorded"),
                                              product_words(doc, 0),
                                              product_words(doc, 1),
                                              product_words(doc, 2),
                                              tl_catalogue_text(doc->d.words, "Again"),
                                              tl_catalogue_text(doc->d.words, "Suspected at end"),
                                              tl_catalogue_text(doc->d.words, "Confirmed at end")};
    tl_flow_heading(
        &doc->d.flow,
        tl_dossier_say(&doc->d, tl_catalogue_text(doc->d.words, "Land, in %s"), unit(doc)), 80.0);
    if (doc->t->by == TL_TALLY_BY_YEAR && doc->t->n_rows > 1 && doc->t->n_rows <= 25)
        draw_bars(doc);
    draw_rows(doc, LAND_COLUMNS, titles, 52, land_cells);
    tl_flow_note(
        &doc->d.flow,
        tl_catalogue_text(doc->d.words,
                          "Again: ground that a record released though an earlier one had; it is "
                          "in none of the three figures."));
    if (doc->t->total.closed_m2 > 0.0)
        tl_flow_note(&doc->d.flow,
                     tl_dossier_say(&doc->d,
                                    tl_catalogue_text(
                                        doc->d.words,
                                        "Closed or handed over without being cancelled, reduced or "
                                        "cleared: %s %s."),
                                    area(doc, doc->t->total.closed_m2), unit(doc)));
}

static void draw_items(struct document *doc)
{
    const char *titles[TL_TALLY_CATEGORIES];
    int64_t found = 0;
    for (int c = 0; c < TL_TALLY_CATEGORIES; c++) {
        titles[c] = category_words(doc, c);
        found += doc->t->total.found[c];
    }
    tl_flow_heading(&doc->d.flow, tl_catalogue_text(doc->d.words, "Items found / destroyed"), 80.0);
    if (found == 0) {
        tl_flow_paragraph(
            &doc->d.flow,
            tl_catalogue_text(doc->d.words, "The register holds no item found in these years."));
        return;
    }
    draw_rows(doc, ITEM_COLUMNS, titles, 72, item_cells);
    tl_flow_note(
        &doc->d.flow,
        tl_catalogue_text(doc->d.words,
                          "Destroyed: as far as the record's disposal says so in words. A record "
                          "without a number counts as one item."));
}

static void draw_accidents(struct document *doc)
{
    const char *const titles[ACCIDENT_COLUMNS] = {
        tl_catalogue_text(doc->d.words, "Accidents"),
        tl_catalogue_text(doc->d.words, "of them during demining"),
        tl_catalogue_text(doc->d.words, "People killed"),
        tl_catalogue_text(doc->d.words, "People injured")};
    tl_flow_heading(&doc->d.flow, tl_catalogue_text(doc->d.words, "Accidents"), 80.0);
    if (doc->t->total.accidents == 0) {
        tl_flow_paragraph(
            &doc->d.flow,
            tl_catalogue_text(doc->d.words, "The register holds no accident in these years."));
        return;
    }
    draw_rows(doc, ACCIDENT_COLUMNS, titles, 80, accident_cells);
}

static void draw_apart(struct document *doc)
{
    const struct tl_flow_column columns[] = {
        {tl_catalogue_text(doc->d.words, "What"), 280, TL_PAGE_LEFT},
        {tl_catalogue_text(doc->d.words, "Records"), 60, TL_PAGE_RIGHT},
        {tl_dossier_say(&doc->d, tl_catalogue_text(doc->d.words, "Area, in %s"), unit(doc)), 90,
         TL_PAGE_RIGHT},
        {tl_catalogue_text(doc->d.words, "Items"), 60, TL_PAGE_RIGHT}};
    const char *cells[TL_TALLY_APARTS * 4];
    int64_t n = 0;
    tl_flow_heading(&doc->d.flow, tl_catalogue_text(doc->d.words, "Counted apart"), 60.0);
    for (int a = 0; a < TL_TALLY_APARTS; a++) {
        const struct tl_tally_sum *sum = &doc->t->apart[a];
        if (sum->records == 0)
            continue;
        cells[4 * n] = apart_words(doc, a);
        cells[4 * n + 1] = count(doc, sum->records);
        cells[4 * n + 2] = area(doc, sum->area_m2);
        cells[4 * n++ + 3] = count(doc, sum->number);
    }
    if (n == 0) {
        tl_flow_paragraph(
            &doc->d.flow,
            tl_catalogue_text(doc->d.words, "Every record has what these tables need."));
        return;
    }
    tl_flow_paragraph(
        &doc->d.flow,
        tl_catalogue_text(doc->d.words,
                          "These records lack what a table needs. They are in no figure above."));
    tl_flow_table(&doc->d.flow, 4, columns, n, cells);
}

static void draw_rules(struct document *doc)
{
    static const char *const rules[] = {
        TL_CATALOGUE_MARK(
            "An area counts as suspected or confirmed land from the year it was recorded to the "
            "year it was closed, less what was released of it since. Ground under several areas "
            "counts once: as confirmed where one "
            "of them is. An area is counted by what it is today: when it was confirmed is not "
            "recorded."),
        TL_CATALOGUE_MARK(
            "Released land is the polygons of searches that are recorded as cancelled, reduced or "
            "cleared, and hazardous areas with such a status, by their last day. Ground under "
            "several of them counts once, with the first by date; of one day, cleared comes before "
            "reduced and reduced before cancelled."),
        TL_CATALOGUE_MARK("District is the administrative level of the nearest place of the "
                          "register, up to 50 km away; what has none is in the row “not known”."),
        TL_CATALOGUE_MARK("Categories are told from the words of the record; words that name "
                          "several categories, or none, count as not known."),
        TL_CATALOGUE_MARK("A table says what was recorded. It does not say that ground is free of "
                          "explosive ordnance.")};
    tl_flow_heading(&doc->d.flow, tl_catalogue_text(doc->d.words, "How it is counted"), 60.0);
    for (size_t k = 0; k < sizeof rules / sizeof rules[0]; k++)
        tl_flow_bullet(&doc->d.flow, say(doc, rules[k]));
    tl_flow_bullet(&doc->d.flow,
                   tl_dossier_say(&doc->d,
                                  tl_catalogue_text(doc->d.words, "Areas are measured in %s."),
                                  doc->t->system));
}

static tl_err draw(struct document *doc, const char *path, bool keep)
{
    struct tl_flow *flow = &doc->d.flow;
    tl_err err = tl_flow_open(doc->d.ctx, path,
                              tl_dossier_say(&doc->d, "%s: %s", flow->right, doc->t->title), flow);
    if (err != TL_OK)
        return err;
    draw_title(doc);
    draw_tiles(doc);
    draw_land(doc);
    draw_items(doc);
    draw_accidents(doc);
    draw_apart(doc);
    draw_rules(doc);
    TL_TRY(doc->d.err);
    if (keep)
        TL_TRY(tl_page_write(&flow->page));
    flow->n_pages = flow->number;
done:
    tl_page_fini(&flow->page);
    return err;
}

static tl_err write_text(struct tl_ctx *ctx, const struct tl_tally *tally, const char *path,
                         tl_err (*make)(struct tl_ctx *ctx, const struct tl_tally *tally,
                                        char **text))
{
    char *text = NULL;
    tl_err err = make(ctx, tally, &text);
    if (err == TL_OK)
        err = tl_file_write(ctx, path, text, (int64_t)strlen(text));
    tl_free(text);
    return err;
}

static bool is_large(const struct tl_tally_row *row)
{
    const double large = 1e8;
    bool is = row->suspected_start_m2 >= large || row->confirmed_start_m2 >= large ||
              row->suspected_end_m2 >= large || row->confirmed_end_m2 >= large ||
              row->recorded_m2 >= large;
    for (int p = 0; p < TL_TALLY_PRODUCTS; p++)
        is = is || row->released_m2[p] >= large || row->again_m2[p] >= large;
    return is;
}

tl_err tl_tally_write(struct tl_ctx *ctx, const struct tl_tally *tally, const char *language,
                      const char *folder, bool overwrite)
{
    struct document doc = {.d = {.ctx = ctx}, .t = tally};
    struct tl_outdir *out = NULL;
    tl_err err = TL_OK;
    doc.in_hectares = is_large(&tally->total);
    for (int64_t i = 0; i < tally->n_rows; i++)
        doc.in_hectares = doc.in_hectares || is_large(&tally->rows[i]);
    TL_TRY(tl_catalogue_open(ctx, language == NULL ? "en" : language, &doc.d.words));
    doc.d.flow.left = tl_dossier_say(&doc.d, "%s · %s", tally->title, period(&doc));
    doc.d.flow.right = tl_catalogue_text(doc.d.words, "Progress of survey and clearance");
    doc.d.flow.foot = "tilth " TILTH_VERSION;
    TL_TRY(doc.d.err);
    TL_TRY(tl_outdir_begin(ctx, folder, files, overwrite, &out));
    TL_TRY(draw(&doc, tl_outdir_file(out, files[0]), false));
    TL_TRY(draw(&doc, tl_outdir_file(out, files[0]), true));
    TL_TRY(write_text(ctx, tally, tl_outdir_file(out, files[1]), tl_tally_json));
    TL_TRY(write_text(ctx, tally, tl_outdir_file(out, files[2]), tl_tally_csv));
    TL_TRY(write_text(ctx, tally, tl_outdir_file(out, files[3]), tl_tally_items_csv));
    TL_TRY(write_text(ctx, tally, tl_outdir_file(out, files[4]), tl_tally_apart_csv));
    err = tl_outdir_commit(ctx, out);
    out = NULL;
done:
    tl_outdir_abort(out);
    tl_dossier_texts_free(&doc.d);
    tl_catalogue_free(doc.d.words);
    return err;
}
