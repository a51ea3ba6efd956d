/*
 * Each arrangement is laid out in full and the one whose maps come out widest is taken: side by side for land about 1.2
 * times as wide as high or wider, one above the other for belts, words between the maps or in a column beside them for
 * land as wide as high or higher. Measured on A4: a grid of 206 x 223 cells is drawn 10 % larger with the key between
 * the maps than with all words below, and without a gap.
 */
#include "report/layout.h"

#include <math.h>

static const double gutter_pt = 30.0, gap_pt = 20.0, between_pt = 8.0;

/* What a panel needs besides its map. */
static const double head_pt = 15.0, ticks_below_pt = 16.0;
static const double legend_pt[2] = {43.0, 51.0};

/* A caption is broken into two lines over a narrow map. */
static const double legend_narrow_pt = 76.0, caption_width_pt = 230.0;

/* A map narrower than this share of its panel is a sliver, and stands in its middle. */
#define WIDE_SHARE 0.6

/* The key between the maps; where there would be so much width left, the notes stand there too and get what they need. */
static const double middle_min_pt = 104.0, middle_notes_from_pt = 130.0, middle_notes_pt = 150.0;
static const double middle_gap_pt = 16.0;
static const double degrees_pt = 10.0; /* labels to the left of a map */
static const double column_min_pt = 262.0, column_panel_min_pt = 200.0;
static const double key_width_pt = 200.0, notes_min_pt = 98.0, rule_gap_pt = 7.0;

double tl_layout_key_height(int n_key, int columns)
{
    double rows = TL_LAYOUT_KEY_ROW_PT * ((n_key + columns - 1) / columns);
    /* One column is narrow: north above the bar, and the line about cells in five. */
    return columns > 1 ? fmax(rows, 30.0) + 52.0 : rows + 110.0;
}

static double look_height(const struct tl_layout_needs *needs, int columns)
{
    if (needs->n_look == 0)
        return 0.0;
    double rows = (double)((needs->n_look < 10 ? needs->n_look : 10) + columns - 1);
    return TL_LAYOUT_HEADING_PT + TL_LAYOUT_LOOK_ROW_PT * floor(rows / columns) + 2.0;
}

/* Size of the map within w * h; a strip one cell wide is widened to be seen at all. */
static struct tl_box fit(const struct tl_layout_needs *needs, double w, double h)
{
    double scale = fmin(w / (double)needs->n_x, fmax(h, 1.0) / (double)needs->n_y);
    return (struct tl_box){.w = fmax(scale * (double)needs->n_x, 4.0),
                           .h = fmax(scale * (double)needs->n_y, 4.0)};
}

/* One panel from its upper left corner; `align` 0 = map at the left, 1 = at the right of the panel. */
static void place_panel(struct tl_layout *layout, int i, struct tl_box panel, struct tl_box map,
                        double align)
{
    bool is_wide = map.w > WIDE_SHARE * panel.w;
    map.x = panel.x + (panel.w - map.w) * (is_wide ? align : 0.5);
    map.y = panel.y + head_pt;
    layout->maps[i] = map;
    if (is_wide)
        panel = (struct tl_box){map.x, panel.y, map.w, panel.h};
    layout->panels[i] = panel;
    double y = map.y + map.h + ticks_below_pt;
    layout->legends[i] = (struct tl_box){panel.x, y, fmin(panel.w, 460.0), panel.y + panel.h - y};
}

/* Key, places and notes in a band from `y` down, `key_w` = 0 without the key. */
static void place_band(const struct tl_layout_needs *needs, struct tl_layout *layout, double y,
                       double key_w, bool with_notes)
{
    const struct tl_box *page = &needs->page;
    double x = page->x, h = page->y + page->h - y;
    layout->rule_y = y - rule_gap_pt / 2;
    if (key_w > 0.0) {
        layout->key = (struct tl_box){x, y, key_w, h};
        x += key_w + gap_pt;
    }
    double rest = page->x + page->w - x, share = key_w > 0.0 ? 0.545 : 0.66;
    bool has_look = needs->n_look > 0;
    double look_w = !has_look ? 0.0 : with_notes ? (rest - gap_pt) * share : rest;
    if (has_look)
        layout->look = (struct tl_box){x, y, look_w, h};
    x += has_look ? look_w + gap_pt : 0.0;
    if (with_notes)
        layout->notes = (struct tl_box){x, y, page->x + page->w - x, h};
}

static double band_height(const struct tl_layout_needs *needs, bool with_key, int look_columns)
{
    double h = needs->has_notes ? notes_min_pt : 0.0;
    h = fmax(h, look_height(needs, look_columns));
    if (with_key)
        h = fmax(h, tl_layout_key_height(needs->n_key, 2));
    return h + rule_gap_pt;
}

/* Height that is left over goes above the maps and between them and the band. */
static void lay_beside(const struct tl_layout_needs *needs, struct tl_layout *layout)
{
    const struct tl_box *page = &needs->page;
    double band = band_height(needs, true, 1), half = (page->w - gutter_pt) / 2;
    double furniture = head_pt + ticks_below_pt + legend_pt[1];
    struct tl_box map = fit(needs, half, page->h - band - furniture);
    double slack = page->h - band - furniture - map.h, y = page->y + slack / 3;
    struct tl_box panel = {page->x, y, half, furniture + map.h};
    for (int i = 0; i < 2; i++) {
        /* Flush with the page's two edges. */
        place_panel(layout, i, panel, map, i == 0 ? 0.0 : 1.0);
        panel.x += half + gutter_pt;
    }
    place_band(needs, layout, page->y + page->h - band + rule_gap_pt, key_width_pt,
               needs->has_notes);
    layout->key_columns = 2;
    layout->look_columns = 1;
}

static void lay_stacked(const struct tl_layout_needs *needs, struct tl_layout *layout)
{
    const struct tl_box *page = &needs->page;
    double band = band_height(needs, true, 1), furniture = head_pt + ticks_below_pt;
    double words = 2 * furniture + legend_pt[0] + legend_pt[1] + between_pt;
    struct tl_box map = fit(needs, page->w, (page->h - band - words) / 2);
    double slack = page->h - band - words - 2 * map.h, y = page->y + slack / 4;
    for (int i = 0; i < 2; i++) {
        struct tl_box panel = {page->x, y, page->w, furniture + map.h + legend_pt[i]};
        place_panel(layout, i, panel, map, 0.0);
        y += panel.h + between_pt + slack / 4;
    }
    place_band(needs, layout, page->y + page->h - band + rule_gap_pt, key_width_pt,
               needs->has_notes);
    layout->key_columns = 2;
    layout->look_columns = 1;
}

static void lay_between(const struct tl_layout_needs *needs, struct tl_layout *layout)
{
    const struct tl_box *page = &needs->page;
    double gaps = 2 * middle_gap_pt + degrees_pt;
    double furniture = head_pt + ticks_below_pt + legend_pt[1];
    struct tl_layout_needs below = *needs;
    double widest = (page->w - gaps - middle_min_pt) / 2;
    double band = band_height(&below, false, 2);
    struct tl_box map = fit(needs, widest, page->h - band - furniture);
    double middle = page->w - 2 * map.w - gaps;
    bool notes_between = needs->has_notes && middle >= middle_notes_from_pt;
    if (notes_between) {
        /* The band then holds the places only, and what it gives up goes to the maps. */
        below.has_notes = false;
        band = band_height(&below, false, 2);
        widest = (page->w - gaps - middle_notes_pt) / 2;
        map = fit(needs, widest, page->h - band - furniture);
        middle = page->w - 2 * map.w - gaps;
    }
    double y = page->y + (page->h - band - furniture - map.h) / 3;
    struct tl_box panel = {page->x, y, map.w, furniture + map.h};
    place_panel(layout, 0, panel, map, 0.0);
    panel.x = page->x + page->w - map.w;
    place_panel(layout, 1, panel, map, 0.0);
    double x = page->x + map.w + middle_gap_pt, top = y + head_pt, bottom = panel.y + panel.h;
    layout->key_columns = middle >= key_width_pt ? 2 : 1;
    layout->look_columns = 2;
    place_band(needs, layout, page->y + page->h - band + rule_gap_pt, 0.0,
               needs->has_notes && !notes_between);
    layout->key = (struct tl_box){x, top, middle, bottom - top};
    if (notes_between) {
        double key_h = tl_layout_key_height(needs->n_key, layout->key_columns) + gap_pt;
        layout->notes = (struct tl_box){x, top + key_h, middle, bottom - top - key_h};
        layout->key.h = key_h - gap_pt;
    }
}

static void lay_column(const struct tl_layout_needs *needs, struct tl_layout *layout)
{
    const struct tl_box *page = &needs->page;
    double widest = (page->w - 2 * gutter_pt - column_min_pt) / 2;
    double furniture = head_pt + ticks_below_pt + legend_narrow_pt;
    struct tl_box map = fit(needs, widest, page->h - furniture);
    double panel_w = fmax(map.w, column_panel_min_pt);
    double y = page->y + (page->h - furniture - map.h) / 3;
    struct tl_box panel = {page->x, y, panel_w, furniture + map.h};
    for (int i = 0; i < 2; i++) {
        place_panel(layout, i, panel, map, 0.0);
        panel.x += panel_w + gutter_pt;
    }
    struct tl_box rest = {panel.x, page->y + head_pt, page->x + page->w - panel.x, 0};
    rest.h = page->y + page->h - rest.y;
    layout->key_columns = 2;
    layout->look_columns = 1;
    layout->key = rest;
    layout->key.h = tl_layout_key_height(needs->n_key, 2);
    double look_h = look_height(needs, 1), at = rest.y + layout->key.h + gap_pt;
    if (needs->n_look > 0)
        layout->look = (struct tl_box){rest.x, at, rest.w, look_h};
    at += look_h > 0.0 ? look_h + gap_pt : 0.0;
    if (needs->has_notes)
        layout->notes = (struct tl_box){rest.x, at, rest.w, page->y + page->h - at};
}

void tl_layout_make(const struct tl_layout_needs *needs, struct tl_layout *layout)
{
    static void (*const lay[])(const struct tl_layout_needs *,
                               struct tl_layout *) = {[TL_LAYOUT_BESIDE] = lay_beside,
                                                      [TL_LAYOUT_BETWEEN] = lay_between,
                                                      [TL_LAYOUT_COLUMN] = lay_column,
                                                      [TL_LAYOUT_STACKED] = lay_stacked};
    for (int kind = TL_LAYOUT_BESIDE; kind <= TL_LAYOUT_STACKED; kind++) {
        struct tl_layout one = {.kind = (enum tl_layout_kind)kind};
        lay[kind](needs, &one);
        /* Captions need a width that legends over narrow maps do not have. */
        bool is_readable = kind != TL_LAYOUT_BETWEEN || one.maps[0].w >= caption_width_pt;
        /* A little smaller with the words between the maps is better than a wide gap there. */
        double least = (kind == TL_LAYOUT_BETWEEN ? 0.94 : 1.02) * layout->maps[0].w;
        if (kind == TL_LAYOUT_BESIDE || (is_readable && one.maps[0].w > least))
            *layout = one;
    }
}
