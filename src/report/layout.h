/** Where the parts of the map page stand: arithmetic only, so that it can be tested without drawing. */
#ifndef TL_REPORT_LAYOUT_H
#define TL_REPORT_LAYOUT_H

#include "report/page.h"

enum tl_layout_kind {
    TL_LAYOUT_BESIDE, /* maps side by side, all words in a band below */
    TL_LAYOUT_BETWEEN, /* maps at the two edges, the key (and notes where there is room) between them */
    TL_LAYOUT_COLUMN, /* high maps on the left, all words in a column on the right */
    TL_LAYOUT_STACKED /* one map above the other, all words in a band below */
};

enum { TL_LAYOUT_HEADING_PT = 15 };
#define TL_LAYOUT_LOOK_ROW_PT 10.4
#define TL_LAYOUT_KEY_ROW_PT  12.0

/** What has to find room. */
struct tl_layout_needs {
    struct tl_box page; /* between title and footer, within the margins */
    int64_t n_x, n_y;   /* cells */
    int64_t n_look;
    int n_key; /* kinds of marks in the key */
    bool has_notes;
};

struct tl_layout {
    enum tl_layout_kind kind;
    struct tl_box panels[2], maps[2]; /* a map's heading starts at its panel's upper edge */
    struct tl_box legends[2];         /* width and upper edge; h = room */
    struct tl_box key, look, notes;   /* w = 0 where there is none */
    int key_columns, look_columns;
    double rule_y; /* line above the band; 0 = none */
};

/**
 * The arrangement that shows the maps largest; among nearly equals the one without a gap between the maps, else the first of
 * the enum.
 */
void tl_layout_make(const struct tl_layout_needs *needs, struct tl_layout *layout);

/** Height of the key with its scale bar and the line about cells. */
double tl_layout_key_height(int n_key, int columns);

#endif
