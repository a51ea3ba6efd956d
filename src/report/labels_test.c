#include "unit.h"

#include "core/rng.h"
#include "report/labels.h"

static bool overlap(struct tl_box a, struct tl_box b)
{
    return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

static struct tl_labels labels;

TEST(names_never_overlap_and_stay_inside)
{
    struct tl_box placed[400];
    int n = 0;
    struct tl_rng rng = tl_rng_make(5, 5);
    tl_labels_init(&labels, (struct tl_box){10, 10, 300, 200});
    for (uint64_t i = 0; i < 400; i++) {
        struct tl_box box;
        double x = 10 + 300 * tl_rng_uniform(rng, 2 * i),
               y = 10 + 200 * tl_rng_uniform(rng, 2 * i + 1);
        if (tl_labels_place(&labels, x, y, 4, 40, 9, &box))
            placed[n++] = box;
    }
    CHECK(n > 40);
    for (int i = 0; i < n; i++) {
        CHECK(placed[i].x >= 10 && placed[i].y >= 10);
        CHECK(placed[i].x + placed[i].w <= 310 && placed[i].y + placed[i].h <= 210);
        for (int j = 0; j < i; j++)
            CHECK(!overlap(placed[i], placed[j]));
    }
}

TEST(right_of_the_point_comes_first)
{
    struct tl_box box;
    tl_labels_init(&labels, (struct tl_box){0, 0, 100, 100});
    CHECK(tl_labels_place(&labels, 50, 50, 4, 20, 10, &box));
    CHECK(box.x == 54 && box.y == 45);
    CHECK(tl_labels_place(&labels, 50, 50, 4, 20, 10, &box));
    CHECK(box.x == 26 && box.y == 45);
}

TEST(marks_are_avoided_but_a_name_is_worth_more)
{
    struct tl_box box;
    tl_labels_init(&labels, (struct tl_box){0, 0, 100, 100});
    tl_labels_avoid(&labels, (struct tl_box){60, 48, 4, 4});
    CHECK(tl_labels_place(&labels, 50, 50, 4, 20, 10, &box));
    CHECK(box.x == 26);
    tl_labels_init(&labels, (struct tl_box){0, 0, 100, 100});
    tl_labels_avoid(&labels, (struct tl_box){0, 0, 100, 100});
    CHECK(tl_labels_place(&labels, 50, 50, 4, 20, 10, &box));
    CHECK(box.x == 54);
}

TEST(a_name_wider_than_the_frame_is_left_out)
{
    struct tl_box box = {-1, -1, -1, -1};
    tl_labels_init(&labels, (struct tl_box){0, 0, 100, 100});
    CHECK(!tl_labels_place(&labels, 50, 50, 4, 120, 10, &box));
    CHECK(box.x == -1);
}
