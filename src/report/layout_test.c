#include "unit.h"

#include "report/layout.h"

static struct tl_layout made(int64_t n_x, int64_t n_y, int64_t n_look)
{
    struct tl_layout layout;
    struct tl_layout_needs needs = {
        .page = {32, 60, 778, 504}, n_x, n_y, n_look, .n_key = 8, .has_notes = true};
    tl_layout_make(&needs, &layout);
    return layout;
}

static bool overlap(struct tl_box a, struct tl_box b)
{
    return a.w > 0 && b.w > 0 && a.x < b.x + b.w - 1e-6 && b.x < a.x + a.w - 1e-6 &&
           a.y < b.y + b.h - 1e-6 && b.y < a.y + a.h - 1e-6;
}

static bool is_within(struct tl_box b)
{
    return b.w == 0 ||
           (b.x > 32 - 1e-6 && b.x + b.w < 810 + 1e-6 && b.y > 60 - 1e-6 && b.y + b.h < 564 + 1e-6);
}

TEST(nothing_overlaps_or_leaves_the_page_for_land_of_any_shape)
{
    for (int64_t n_x = 1; n_x <= 1000; n_x += 1 + n_x / 8) {
        for (int64_t n_look = 0; n_look <= 10; n_look += 5) {
            struct tl_layout l = made(n_x, 100, n_look);
            struct tl_box parts[] = {l.panels[0], l.panels[1], l.key, l.look, l.notes};
            for (int i = 0; i < 5; i++) {
                CHECK(is_within(parts[i]));
                for (int j = 0; j < i; j++)
                    CHECK(!overlap(parts[i], parts[j]));
            }
            for (int i = 0; i < 2; i++) {
                CHECK(is_within(l.maps[i]) && is_within(l.legends[i]));
                CHECK(!overlap(l.maps[i], l.legends[i]));
            }
        }
    }
}

TEST(cells_are_square_and_both_maps_have_one_size)
{
    static const int64_t sizes[][2] = {{206, 223}, {199, 161}, {60, 400}, {400, 60}, {300, 300}};
    for (int k = 0; k < 5; k++) {
        struct tl_layout l = made(sizes[k][0], sizes[k][1], 10);
        CHECK_NEAR(l.maps[0].w / l.maps[0].h, (double)sizes[k][0] / (double)sizes[k][1], 1e-9);
        CHECK(l.maps[0].w == l.maps[1].w && l.maps[0].h == l.maps[1].h);
    }
}

TEST(the_shape_of_the_land_chooses_the_arrangement)
{
    CHECK(made(199, 161, 10).kind == TL_LAYOUT_BESIDE);
    CHECK(made(206, 223, 10).kind == TL_LAYOUT_BETWEEN);
    CHECK(made(60, 400, 10).kind == TL_LAYOUT_COLUMN);
    CHECK(made(400, 60, 10).kind == TL_LAYOUT_STACKED);
}

TEST(ten_places_to_look_at_have_their_rows_whatever_the_shape)
{
    for (int64_t n_x = 1; n_x <= 1000; n_x += 1 + n_x / 8) {
        struct tl_layout l = made(n_x, 100, 10);
        int rows = (int)((l.look.h - TL_LAYOUT_HEADING_PT) / TL_LAYOUT_LOOK_ROW_PT);
        CHECK(rows * l.look_columns >= 10);
        CHECK(l.key.h >= tl_layout_key_height(8, l.key_columns) - 1e-6);
        CHECK(l.notes.w >= 150 && l.notes.h > 80);
    }
}

TEST(land_about_as_wide_as_high_leaves_no_wide_gap_between_its_maps)
{
    for (int64_t n_x = 70; n_x <= 125; n_x += 5) {
        struct tl_layout l = made(n_x, 100, 10);
        double gap = l.maps[1].x - l.maps[0].x - l.maps[0].w;
        double key_between = l.kind == TL_LAYOUT_BETWEEN ? l.key.w : 0.0;
        CHECK(gap - key_between < 110.0);
    }
}
