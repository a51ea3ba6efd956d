/*
 * Bars by team: time runs to the right, the months in which a team does not work are hatched, a bar is a task in the colour of its year, its code on it where it
 * fits. The share of working days that is used stands at the end of the row.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "report/frame.h"
#include "report/plan_draw.h"

#define NAME_PT 96.0
#define USED_PT 40.0
#define AXIS_PT 26.0

static int days_from_civil(int y, int m, int d)
{
    y -= m <= 2;
    int era = y / 400, of_era = y - era * 400;
    int of_year = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year;
}

static int day_of(const char *iso)
{
    int y = 1970, m = 1, d = 1;
    sscanf(iso, "%d-%d-%d", &y, &m, &d);
    return days_from_civil(y, m, d);
}

struct axis {
    struct tl_page *page;
    struct tl_box box; /* of the bars */
    int first, last;   /* days, both included */
};

static double x_of(const struct axis *a, double day)
{
    return a->box.x + a->box.w * (day - a->first) / (a->last + 1 - a->first);
}

/* Goes over the months of the axis. @return false past the last one */
static bool next_month(const struct axis *a, int *y, int *m, double *x1, double *x2)
{
    int from = days_from_civil(*y, *m, 1), to = days_from_civil(*y + *m / 12, *m % 12 + 1, 1);
    if (from > a->last)
        return false;
    *x1 = x_of(a, fmax(from, a->first));
    *x2 = x_of(a, fmin(to, a->last + 1));
    return true;
}

static void draw_axis(const struct axis *a, const char *start)
{
    static const char letters[] = "JFMAMJJASOND";
    struct tl_page_style year = {.size_pt = 9.0, .bold = true, .colour = TL_FRAME_INK};
    struct tl_page_style month = {.size_pt = 6.6, .colour = TL_FRAME_GREY, .align = TL_PAGE_CENTRE};
    int y = 1970, m = 1, d = 1;
    double x1, x2;
    bool begins = true;
    sscanf(start, "%d-%d-%d", &y, &m, &d);
    while (next_month(a, &y, &m, &x1, &x2)) {
        char text[16];
        bool new_year = begins || m == 1;
        tl_page_colour(a->page, new_year ? TL_FRAME_GREY : TL_FRAME_PALE, new_year ? 1.0 : 0.6);
        tl_page_line(a->page, x1, a->box.y - (new_year ? 24.0 : 11.0), x1, a->box.y + a->box.h,
                     new_year ? 0.7 : 0.35);
        snprintf(text, sizeof text, "%d", y);
        if (new_year && a->box.x + a->box.w - x1 > 30.0)
            tl_page_text(a->page, x1 + 3.0, a->box.y - 24.5, &year, text);
        snprintf(text, sizeof text, "%c", letters[m - 1]);
        if (x2 - x1 > 6.0)
            tl_page_text(a->page, 0.5 * (x1 + x2), a->box.y - 11.5, &month, text);
        begins = false;
        m = m % 12 + 1;
        y += m == 1;
    }
}

static void draw_season(const struct axis *a, struct tl_box row, unsigned months, const char *start)
{
    int y = 1970, m = 1, d = 1;
    double x1, x2;
    sscanf(start, "%d-%d-%d", &y, &m, &d);
    while (next_month(a, &y, &m, &x1, &x2)) {
        if ((months >> (m - 1) & 1U) == 0)
            tl_page_fill_box(a->page, (struct tl_box){x1, row.y, x2 - x1, row.h}, 0xE6E4DE);
        m = m % 12 + 1;
        y += m == 1;
    }
}

/* Dark and light words, whichever reads on the colour. */
static uint32_t ink_on(uint32_t rgb)
{
    double light = 0.299 * (double)(rgb >> 16 & 0xFFU) + 0.587 * (double)(rgb >> 8 & 0xFFU) +
                   0.114 * (double)(rgb & 0xFFU);
    return light > 140.0 ? TL_FRAME_INK : 0xFFFFFF;
}

static void draw_bar(const struct axis *a, struct tl_box row, const struct tl_plan_task *task,
                     int64_t n_years)
{
    uint32_t colour = tl_plan_map_colour(task->year, n_years);
    double x1 = x_of(a, day_of(task->start)), x2 = x_of(a, day_of(task->end) + 1.0);
    struct tl_box bar = {x1, row.y + 0.14 * row.h, fmax(x2 - x1, 0.8), 0.72 * row.h};
    struct tl_page_style style = {.size_pt = fmin(7.4, 0.42 * row.h),
                                  .colour = ink_on(colour),
                                  .align = TL_PAGE_CENTRE,
                                  .middle = true};
    double w, h;
    tl_page_fill_box(a->page, bar, colour);
    if (bar.w > 2.0)
        tl_page_stroke_box(a->page, bar, 0xFFFFFF, 0.6);
    tl_page_measure(a->page, &style, task->code, &w, &h);
    if (w + 3.0 <= bar.w) {
        tl_page_text(a->page, bar.x + 0.5 * bar.w, bar.y + 0.5 * bar.h, &style, task->code);
        return;
    }
    style.upwards = true;
    style.size_pt = fmin(6.6, bar.h * 0.28);
    tl_page_measure(a->page, &style, task->code, &w, &h);
    if (style.size_pt >= 4.4 && h * 0.8 <= bar.w && w + 2.0 <= bar.h)
        tl_page_text(a->page, bar.x + 0.5 * bar.w, bar.y + 0.5 * bar.h, &style, task->code);
}

/* What stands behind the bars of a team. */
static void draw_row(const struct axis *a, struct tl_box row, const struct tl_plan *plan, int64_t k,
                     bool is_odd)
{
    struct tl_plan_summary s = tl_plan_summary(plan);
    struct tl_plan_team team = tl_plan_team(plan, k);
    struct tl_page_style name = {.size_pt = fmin(8.4, 0.5 * row.h),
                                 .bold = true,
                                 .colour = TL_FRAME_INK,
                                 .middle = true,
                                 .width_pt = NAME_PT - 8.0,
                                 .max_lines = 1};
    struct tl_page_style used = {.size_pt = fmin(7.8, 0.5 * row.h),
                                 .colour = TL_FRAME_GREY,
                                 .align = TL_PAGE_RIGHT,
                                 .middle = true};
    double days = 0.0, taken = 0.0;
    char text[32];
    if (is_odd)
        tl_page_fill_box(a->page,
                         (struct tl_box){row.x - NAME_PT, row.y, row.w + NAME_PT + USED_PT, row.h},
                         0xF4F6F5);
    draw_season(a, row, team.months, s.start);
    tl_page_text(a->page, row.x - NAME_PT + 2.0, row.y + 0.5 * row.h, &name, team.name);
    for (int64_t y = 0; y < s.n_years; y++) {
        days += team.days[y];
        taken += team.used[y];
    }
    snprintf(text, sizeof text, "%.0f %%", days > 0.0 ? 100.0 * taken / days : 0.0);
    tl_page_text(a->page, row.x + row.w + USED_PT - 3.0, row.y + 0.5 * row.h, &used, text);
}

void tl_plan_gantt_draw(struct tl_page *page, struct tl_box box, const struct tl_plan *plan,
                        int64_t first, int64_t n)
{
    struct tl_plan_summary s = tl_plan_summary(plan);
    struct axis a = {
        .page = page,
        .box = {box.x + NAME_PT, box.y + AXIS_PT, box.w - NAME_PT - USED_PT, box.h - AXIS_PT},
        .first = day_of(s.start),
        .last = day_of(s.end)};
    struct tl_page_style head = {.size_pt = 7.0, .colour = TL_FRAME_GREY, .align = TL_PAGE_RIGHT};
    double row_h = a.box.h / (double)n;
    for (int64_t k = 0; k < n; k++) {
        struct tl_box row = {a.box.x, a.box.y + row_h * (double)k, a.box.w, row_h};
        draw_row(&a, row, plan, first + k, k % 2 == 1);
    }
    draw_axis(&a, s.start);
    for (int64_t t = 0; t < s.n_tasks; t++) {
        const struct tl_plan_task *task = tl_plan_task(plan, t);
        int64_t k = task->team - first;
        if (task->is_planned && k >= 0 && k < n)
            draw_bar(&a, (struct tl_box){a.box.x, a.box.y + row_h * (double)k, a.box.w, row_h},
                     task, s.n_years);
    }
    tl_page_text(page, box.x + box.w - 3.0, a.box.y - 11.5, &head, "days used");
    tl_page_colour(page, TL_FRAME_GREY, 1.0);
    tl_page_line(page, box.x, a.box.y, box.x + box.w, a.box.y, 0.7);
    tl_page_line(page, box.x, a.box.y + a.box.h, box.x + box.w, a.box.y + a.box.h, 0.7);
}
