/* The plan on paper: the map and the bars as pages of their own, and a document with figures, both pictures, tables, reasons and assumptions. */
#include "tilth/plan_page.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "report/flow.h"
#include "report/frame.h"
#include "report/plan_draw.h"

enum { TEAMS_A_PAGE = 26, TEAMS_ON_PNG = 40, CELL_BYTES = 96, COLUMNS = 9, UNPLANNED = 5 };

static const double margin_pt = 36.0, footer_y_pt = 573.0;
static const char footer[] =
    "tilth " TILTH_VERSION ". Expectations under the plan's assumptions; people decide. Not a "
    "statement that any ground is "
    "free of explosive ordnance.";

static char *money(double amount, const char *currency, char text[TL_TEXT_NUMBER_BYTES])
{
    bool is_m = fabs(amount) >= 999500.0, is_k = fabs(amount) >= 9999.5;
    snprintf(text, TL_TEXT_NUMBER_BYTES, "%.*f %s%.3s", is_m ? 2 : 0,
             is_m   ? amount / 1e6
             : is_k ? amount / 1e3
                    : amount,
             is_m   ? "M"
             : is_k ? "k"
                    : "",
             currency);
    return text;
}

static void say_result(const struct tl_plan_summary *s, char *text, size_t size)
{
    char a[TL_TEXT_NUMBER_BYTES], b[TL_TEXT_NUMBER_BYTES], c[TL_TEXT_NUMBER_BYTES],
        d[TL_TEXT_NUMBER_BYTES];
    snprintf(text, size, "%lld of %lld tasks, %s of %s ha, %s of %s", (long long)s->n_planned,
             (long long)s->n_tasks, tl_text_number(s->ha_planned, a), tl_text_number(s->ha, b),
             money(s->cost, s->currency, c), money(s->budget, s->currency, d));
}

static void say_avoided(const struct tl_plan_summary *s, char *text, size_t size)
{
    char a[TL_TEXT_NUMBER_BYTES], b[TL_TEXT_NUMBER_BYTES], c[TL_TEXT_NUMBER_BYTES];
    if (!s->has_map)
        snprintf(text, size, "not known: the project holds no map");
    else
        snprintf(text, size, "%s expected in %g years (90 %% interval %s to %s)",
                 tl_text_number(s->avoided[0], a), s->horizon_years,
                 tl_text_number(s->avoided[1], b), tl_text_number(s->avoided[2], c));
}

static void say_bound(const struct tl_plan_summary *s, char *text, size_t size)
{
    snprintf(text, size, "within %.2f %% of the best that any plan could be (%s%s)",
             ceil(1e4 * fmax(0.0, 1.0 - s->value / s->bound) - 1e-6) / 100.0,
             s->is_exact ? "exact solver" : "heuristic with a proved bound",
             s->timed_out ? ", stopped at its time limit" : "");
    if (!(s->value > 0.0))
        snprintf(text, size, "nothing can be done for this budget and these teams");
}

/* Title, two lines below it and the footer of a page of pictures; returns where the picture may begin. */
static double draw_edges(struct tl_page *page, const struct tl_plan_summary *s, const char *what)
{
    double width = TL_PAGE_WIDTH_PT - 2.0 * margin_pt, y = 20.0;
    struct tl_page_style title = {
        .size_pt = 16.0, .bold = true, .colour = TL_FRAME_INK, .width_pt = width, .max_lines = 1};
    struct tl_page_style fine = {
        .size_pt = 8.8, .colour = TL_FRAME_GREY, .width_pt = width, .max_lines = 1};
    char text[400], result[200], avoided[160];
    snprintf(text, sizeof text, "%s: %s", what, s->title);
    y += tl_page_text(page, margin_pt, y, &title, text) + 1.0;
    say_result(s, result, sizeof result);
    snprintf(text, sizeof text, "%s to %s, by %s: %s.", s->start, s->end, s->objective, result);
    y += tl_page_text(page, margin_pt, y, &fine, text);
    say_avoided(s, avoided, sizeof avoided);
    snprintf(text, sizeof text, "Casualties avoided: %s.", avoided);
    y += tl_page_text(page, margin_pt, y, &fine, text);
    fine.size_pt = 7.4;
    tl_page_colour(page, TL_FRAME_PALE, 1.0);
    tl_page_line(page, margin_pt, footer_y_pt, TL_PAGE_WIDTH_PT - margin_pt, footer_y_pt, 0.5);
    tl_page_text(page, margin_pt, footer_y_pt + 3.0, &fine, footer);
    return y + 7.0;
}

tl_err tl_plan_page_map(struct tl_ctx *ctx, struct tl_project *project, const struct tl_plan *plan,
                        const char *path)
{
    struct tl_plan_summary s = tl_plan_summary(plan);
    struct tl_plan_map map = {0};
    struct tl_page page = {0};
    tl_err err = TL_OK;
    TL_TRY(tl_plan_map_init(ctx, project, plan, &map));
    TL_TRY(tl_page_open(ctx, path, "Plan of work", &page));
    double y = draw_edges(&page, &s, "Plan of work"), width = TL_PAGE_WIDTH_PT - 2.0 * margin_pt;
    int columns = s.n_years > 5 ? 4 : 3;
    double key = 13.0 * ceil((double)(s.n_years + 3) / columns) + 8.0;
    struct tl_box box = {margin_pt, y, width, footer_y_pt - y - key - 8.0};
    tl_plan_map_draw(&page, box, &map);
    tl_plan_map_key(&page, margin_pt, box.y + box.h + 6.0, width, columns, &map);
    TL_TRY(tl_page_write(&page));
done:
    tl_page_fini(&page);
    tl_plan_map_fini(&map);
    return err;
}

tl_err tl_plan_page_gantt(struct tl_ctx *ctx, const struct tl_plan *plan, const char *path)
{
    struct tl_plan_summary s = tl_plan_summary(plan);
    struct tl_page_style fine = {.size_pt = 8.0, .colour = TL_FRAME_GREY};
    struct tl_page page = {0};
    int64_t n = s.n_teams < TEAMS_ON_PNG ? s.n_teams : TEAMS_ON_PNG;
    char text[160];
    tl_err err = TL_OK;
    TL_TRY(tl_page_open(ctx, path, "Plan of work", &page));
    double y = draw_edges(&page, &s, "Teams and tasks");
    double most = footer_y_pt - y - 20.0, height = fmin(26.0 + 62.0 * (double)n, most);
    tl_plan_gantt_draw(&page,
                       (struct tl_box){margin_pt, y, TL_PAGE_WIDTH_PT - 2.0 * margin_pt, height},
                       plan, 0, n);
    snprintf(text, sizeof text,
             "Grey: months in which the team does not work. Bars: tasks, coloured by year.%s",
             n < s.n_teams ? " More teams are in plan.pdf." : "");
    tl_page_text(&page, margin_pt, y + height + 4.0, &fine, text);
    TL_TRY(tl_page_write(&page));
done:
    tl_page_fini(&page);
    return err;
}

struct document {
    struct tl_flow flow;
    const struct tl_plan *plan; /* borrows, like the map */
    const struct tl_plan_map *map;
    struct tl_plan_summary s;
    int64_t *order; /* owns: planned tasks by day, then the others by rank */
    int64_t n_planned;
    char *cells;        /* owns: texts of a table */
    const char **table; /* owns */
};

static void draw_title(struct document *d)
{
    struct tl_page_style title = {.size_pt = 20.0,
                                  .bold = true,
                                  .colour = TL_FRAME_INK,
                                  .width_pt = TL_FLOW_WIDTH_PT,
                                  .max_lines = 2};
    struct tl_page_style sub = {
        .size_pt = 10.0, .colour = TL_FRAME_GREY, .width_pt = TL_FLOW_WIDTH_PT};
    char text[400], a[200];
    d->flow.y += tl_page_text(&d->flow.page, TL_FLOW_LEFT_PT, d->flow.y, &title, d->s.title) + 2.0;
    snprintf(text, sizeof text, "Plan of work %s to %s, by %s", d->s.start, d->s.end,
             d->s.objective);
    d->flow.y += tl_page_text(&d->flow.page, TL_FLOW_LEFT_PT, d->flow.y, &sub, text) + 8.0;
    say_result(&d->s, a, sizeof a);
    tl_flow_pair(&d->flow, "Planned", a);
    say_avoided(&d->s, a, sizeof a);
    tl_flow_pair(&d->flow, "Casualties avoided", a);
    char score[TL_TEXT_NUMBER_BYTES], all[TL_TEXT_NUMBER_BYTES];
    snprintf(a, sizeof a, "%s of %s %s", tl_text_number(d->s.score, score),
             tl_text_number(d->s.score_all, all), d->s.unit);
    tl_flow_pair(&d->flow, "Score", a);
    say_bound(&d->s, a, sizeof a);
    tl_flow_pair(&d->flow, "How good", a);
    tl_flow_space(&d->flow, 6.0);
    if (d->s.budget == 0.0)
        tl_flow_box(&d->flow, "The budget is zero: nothing that costs money is done.", 0xA3343B);
}

static void draw_map(struct document *d)
{
    double h = tl_plan_map_height(d->map, TL_FLOW_WIDTH_PT, 350.0);
    int columns = d->s.n_years > 4 ? 3 : 2;
    double key = 13.0 * ceil((double)(d->s.n_years + 3) / columns);
    tl_flow_heading(&d->flow, "The areas by year", h + key + 14.0);
    tl_plan_map_draw(&d->flow.page,
                     (struct tl_box){TL_FLOW_LEFT_PT, d->flow.y, TL_FLOW_WIDTH_PT, h}, d->map);
    d->flow.y += h + 6.0;
    d->flow.y += tl_plan_map_key(&d->flow.page, TL_FLOW_LEFT_PT, d->flow.y, TL_FLOW_WIDTH_PT,
                                 columns, d->map);
    tl_flow_space(&d->flow, 4.0);
}

static void draw_gantt(struct document *d)
{
    for (int64_t first = 0; first < d->s.n_teams; first += TEAMS_A_PAGE) {
        int64_t n = d->s.n_teams - first < TEAMS_A_PAGE ? d->s.n_teams - first : TEAMS_A_PAGE;
        double h = 26.0 + (double)n * (d->s.n_teams > 8 ? 24.0 : 32.0);
        if (first == 0)
            tl_flow_heading(&d->flow, "Teams and tasks", h + 16.0);
        else
            tl_flow_need(&d->flow, h + 16.0);
        tl_plan_gantt_draw(&d->flow.page,
                           (struct tl_box){TL_FLOW_LEFT_PT, d->flow.y, TL_FLOW_WIDTH_PT, h},
                           d->plan, first, n);
        d->flow.y += h + 4.0;
    }
    tl_flow_note(&d->flow, "Grey: months in which the team does not work. Bars: tasks, coloured by "
                           "year; days used include the road.");
}

static char *cell(struct document *d, int64_t row, int column, int n_columns)
{
    char *text = d->cells + (row * n_columns + column) * CELL_BYTES;
    d->table[row * n_columns + column] = text;
    text[0] = '\0';
    return text;
}

static void draw_years(struct document *d)
{
    static const struct tl_flow_column columns[] = {
        {"Year", 0.7, TL_PAGE_LEFT},      {"From", 1.2, TL_PAGE_LEFT},
        {"To", 1.2, TL_PAGE_LEFT},        {"Tasks", 0.8, TL_PAGE_RIGHT},
        {"Hectares", 1.0, TL_PAGE_RIGHT}, {"Spent", 1.3, TL_PAGE_RIGHT},
        {"Budget", 1.3, TL_PAGE_RIGHT}};
    enum { N = 7 };
    tl_flow_heading(&d->flow, "Years and money", 60.0);
    for (int64_t y = 0; y < d->s.n_years; y++) {
        char first[TL_PLAN_DATE_BYTES], last[TL_PLAN_DATE_BYTES], a[TL_TEXT_NUMBER_BYTES];
        int64_t n = 0;
        double ha = 0.0;
        for (int64_t t = 0; t < d->s.n_tasks; t++) {
            const struct tl_plan_task *task = tl_plan_task(d->plan, t);
            n += task->year == y;
            ha += task->year == y ? task->area_m2 / 1e4 : 0.0;
        }
        tl_plan_year(d->plan, y, first, last);
        snprintf(cell(d, y, 0, N), CELL_BYTES, "%lld", (long long)y + 1);
        snprintf(cell(d, y, 1, N), CELL_BYTES, "%s", first);
        snprintf(cell(d, y, 2, N), CELL_BYTES, "%s", last);
        snprintf(cell(d, y, 3, N), CELL_BYTES, "%lld", (long long)n);
        snprintf(cell(d, y, 4, N), CELL_BYTES, "%s", tl_text_number(ha, a));
        snprintf(cell(d, y, 5, N), CELL_BYTES, "%s", money(d->s.year_spent[y], d->s.currency, a));
        snprintf(cell(d, y, 6, N), CELL_BYTES, "%s",
                 y > 0 && !d->s.budget_by_year ? "carried over"
                                               : money(d->s.year_budget[y], d->s.currency, a));
    }
    tl_flow_table(&d->flow, N, columns, d->s.n_years, d->table);
}

static void draw_planned(struct document *d)
{
    static const struct tl_flow_column columns[COLUMNS] = {
        {"Task", 0.95, TL_PAGE_LEFT}, {"Area", 1.9, TL_PAGE_LEFT},   {"ha", 0.6, TL_PAGE_RIGHT},
        {"Team", 1.5, TL_PAGE_LEFT},  {"From", 1.1, TL_PAGE_LEFT},   {"To", 1.1, TL_PAGE_LEFT},
        {"Cost", 1.1, TL_PAGE_RIGHT}, {"Score", 0.9, TL_PAGE_RIGHT}, {"After", 1.0, TL_PAGE_LEFT}};
    char a[TL_TEXT_NUMBER_BYTES];
    int n = COLUMNS - 1; /* what a task waits for only where one does */
    if (d->n_planned == 0)
        return;
    for (int64_t i = 0; i < d->n_planned; i++)
        n = tl_plan_task(d->plan, d->order[i])->after[0] != '\0' ? COLUMNS : n;
    tl_flow_heading(&d->flow, "Schedule", 60.0);
    for (int64_t i = 0; i < d->n_planned; i++) {
        const struct tl_plan_task *t = tl_plan_task(d->plan, d->order[i]);
        snprintf(cell(d, i, 0, n), CELL_BYTES, "%s", t->code);
        snprintf(cell(d, i, 1, n), CELL_BYTES, "%s", t->name[0] != '\0' ? t->name : t->area);
        snprintf(cell(d, i, 2, n), CELL_BYTES, "%.1f", t->area_m2 / 1e4);
        snprintf(cell(d, i, 3, n), CELL_BYTES, "%s", tl_plan_team(d->plan, t->team).name);
        snprintf(cell(d, i, 4, n), CELL_BYTES, "%s", t->start);
        snprintf(cell(d, i, 5, n), CELL_BYTES, "%s", t->end);
        snprintf(cell(d, i, 6, n), CELL_BYTES, "%s", money(t->cost, d->s.currency, a));
        snprintf(cell(d, i, 7, n), CELL_BYTES, "%s", tl_text_number(t->score, a));
        if (n == COLUMNS)
            snprintf(cell(d, i, 8, n), CELL_BYTES, "%s", t->after);
    }
    tl_flow_table(&d->flow, n, columns, d->n_planned, d->table);
}

static void draw_unplanned(struct document *d)
{
    static const struct tl_flow_column columns[UNPLANNED] = {
        {"Task", 0.9, TL_PAGE_LEFT},
        {"Area", 1.7, TL_PAGE_LEFT},
        {"ha", 0.6, TL_PAGE_RIGHT},
        {"Score", 0.8, TL_PAGE_RIGHT},
        {"Why it is not planned", 5.0, TL_PAGE_LEFT}};
    char a[TL_TEXT_NUMBER_BYTES];
    int64_t n = d->s.n_tasks - d->n_planned;
    if (n == 0)
        return;
    tl_flow_heading(&d->flow, "Not planned", 60.0);
    for (int64_t i = 0; i < n; i++) {
        const struct tl_plan_task *t = tl_plan_task(d->plan, d->order[d->n_planned + i]);
        snprintf(cell(d, i, 0, UNPLANNED), CELL_BYTES, "%s", t->code);
        snprintf(cell(d, i, 1, UNPLANNED), CELL_BYTES, "%s",
                 t->name[0] != '\0' ? t->name : t->area);
        snprintf(cell(d, i, 2, UNPLANNED), CELL_BYTES, "%.1f", t->area_m2 / 1e4);
        snprintf(cell(d, i, 3, UNPLANNED), CELL_BYTES, "%s", tl_text_number(t->score, a));
        d->table[i * UNPLANNED + 4] = t->why;
    }
    tl_flow_table(&d->flow, UNPLANNED, columns, n, d->table);
    tl_flow_note(&d->flow, "Land that is not planned is not free of explosive ordnance; it comes "
                           "later.");
}

static void draw_words(struct document *d)
{
    const char *text;
    tl_flow_heading(&d->flow, "Taken for granted", 40.0);
    for (int64_t i = 0; (text = tl_plan_assumption(d->plan, i)) != NULL; i++)
        tl_flow_bullet(&d->flow, text);
    if (tl_plan_note(d->plan, 0) != NULL)
        tl_flow_heading(&d->flow, "To be known", 40.0);
    for (int64_t i = 0; (text = tl_plan_note(d->plan, i)) != NULL; i++)
        tl_flow_bullet(&d->flow, text);
}

static tl_err draw(struct tl_ctx *ctx, struct document *d, const char *path, bool keep)
{
    tl_err err = TL_OK;
    TL_TRY(tl_flow_open(ctx, path, "Plan of work", &d->flow));
    draw_title(d);
    draw_map(d);
    draw_gantt(d);
    draw_years(d);
    draw_planned(d);
    draw_unplanned(d);
    draw_words(d);
    if (keep)
        TL_TRY(tl_page_write(&d->flow.page));
    d->flow.n_pages = d->flow.number;
done:
    tl_page_fini(&d->flow.page);
    return err;
}

struct dated {
    const struct tl_plan_task *task;
    int64_t t;
};

static int by_day(const void *a, const void *b)
{
    const struct tl_plan_task *x = ((const struct dated *)a)->task,
                              *y = ((const struct dated *)b)->task;
    if (x->is_planned != y->is_planned)
        return x->is_planned ? -1 : 1;
    int order = x->is_planned ? strcmp(x->start, y->start) : 0;
    return order != 0 ? order : (x->rank > y->rank) - (x->rank < y->rank);
}

static tl_err sort(struct tl_ctx *ctx, struct document *d)
{
    int64_t n = d->s.n_tasks, rows = n > d->s.n_years ? n : d->s.n_years;
    struct dated *list = NULL;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, list, n);
    TL_TRY_ALLOC(ctx, d->order, n);
    TL_TRY_ALLOC(ctx, d->cells, rows * COLUMNS * CELL_BYTES);
    TL_TRY_ALLOC(ctx, d->table, rows * COLUMNS);
    for (int64_t t = 0; t < n; t++)
        list[t] = (struct dated){tl_plan_task(d->plan, t), t};
    qsort(list, (size_t)n, sizeof *list, by_day);
    for (int64_t i = 0; i < n; i++) {
        d->order[i] = list[i].t;
        d->n_planned += list[i].task->is_planned;
    }
done:
    tl_free(list);
    return err;
}

tl_err tl_plan_page_pdf(struct tl_ctx *ctx, struct tl_project *project, const struct tl_plan *plan,
                        const char *path)
{
    struct document d = {.plan = plan, .s = tl_plan_summary(plan)};
    struct tl_plan_map map = {0};
    tl_err err = TL_OK;
    d.flow.left = d.s.title;
    d.flow.right = "Plan of work";
    d.flow.foot = "tilth " TILTH_VERSION;
    d.map = &map;
    TL_TRY(tl_plan_map_init(ctx, project, plan, &map));
    TL_TRY(sort(ctx, &d));
    TL_TRY(draw(ctx, &d, path, false));
    TL_TRY(draw(ctx, &d, path, true));
done:
    tl_plan_map_fini(&map);
    tl_free(d.order);
    tl_free(d.cells);
    tl_free((void *)d.table);
    return err;
}
