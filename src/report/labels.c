#include "report/labels.h"

void tl_labels_init(struct tl_labels *labels, struct tl_box frame)
{
    labels->frame = frame;
    labels->n = labels->n_soft = 0;
}

void tl_labels_take(struct tl_labels *labels, struct tl_box box)
{
    if (labels->n < TL_LABELS_MAX)
        labels->taken[labels->n++] = box;
}

void tl_labels_avoid(struct tl_labels *labels, struct tl_box box)
{
    if (labels->n_soft < TL_LABELS_MAX)
        labels->soft[labels->n_soft++] = box;
}

static bool overlap(struct tl_box a, struct tl_box b)
{
    return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

static bool is_free(const struct tl_labels *labels, struct tl_box box, bool is_strict)
{
    struct tl_box f = labels->frame;
    if (labels->n == TL_LABELS_MAX)
        return false;
    if (box.x < f.x || box.y < f.y || box.x + box.w > f.x + f.w || box.y + box.h > f.y + f.h)
        return false;
    for (int i = 0; i < labels->n; i++)
        if (overlap(box, labels->taken[i]))
            return false;
    for (int i = 0; is_strict && i < labels->n_soft; i++)
        if (overlap(box, labels->soft[i]))
            return false;
    return true;
}

bool tl_labels_place(struct tl_labels *labels, double x, double y, double gap, double w, double h,
                     struct tl_box *box)
{
    const double slant = 0.75 * gap;
    const struct tl_box tries[] = {
        {x + gap, y - h / 2, w, h},       {x - gap - w, y - h / 2, w, h},
        {x - w / 2, y - gap - h, w, h},   {x - w / 2, y + gap, w, h},
        {x + slant, y - slant - h, w, h}, {x - slant - w, y - slant - h, w, h},
        {x + slant, y + slant, w, h},     {x - slant - w, y + slant, w, h},
    };
    const int n_tries = (int)(sizeof tries / sizeof *tries);
    for (int i = 0; i < 2 * n_tries; i++) {
        if (is_free(labels, tries[i % n_tries], i < n_tries)) {
            *box = tries[i % n_tries];
            tl_labels_take(labels, *box);
            return true;
        }
    }
    return false;
}
