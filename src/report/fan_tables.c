/*
 * What a reader wants to quote from a fan: by scenario the years, the end as claimed and as observed with the difference on the same draws, what was recorded
 * later, what moves the result, and at the end every figure it rests on. Cancelled, reduced and cleared land stay three figures.
 */
#include "report/fan_tables.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "report/frame.h"

struct figure {
    enum tl_forecast_series series;
    const char *name, *unit; /* unit NULL = the currency, "" = a count */
    double weight;           /* of its column */
};

static const struct figure by_year[] = {
    {TL_FORECAST_CASUALTIES, "Casualties in the year", "", 0.95},
    {TL_FORECAST_CASUALTIES_SUM, "Casualties in all", "", 1.1},
    {TL_FORECAST_LIVE, "Live items", "", 1.0},
    {TL_FORECAST_INERT, "Inert but present", "", 1.0},
    {TL_FORECAST_SUSPECTED, "Suspected", "km²", 1.25},
    {TL_FORECAST_CANCELLED, "Cancelled", "km²", 1.25},
    {TL_FORECAST_REDUCED, "Reduced", "km²", 1.1},
    {TL_FORECAST_CLEARED, "Cleared", "km²", 1.1},
    {TL_FORECAST_COST_SUM, "Cost in all", NULL, 0.95}};
enum { N_BY_YEAR = sizeof by_year / sizeof by_year[0] };

tl_err tl_fan_tables_init(struct tl_ctx *ctx, const struct tl_forecast *forecast,
                          struct tl_fan_tables *d)
{
    tl_err err = TL_OK;
    *d = (struct tl_fan_tables){.f = forecast};
    TL_TRY_ALLOC(ctx, d->text, TL_FAN_TABLES_ROWS * TL_FAN_TABLES_COLUMNS);
    TL_TRY_ALLOC(ctx, d->cells, TL_FAN_TABLES_ROWS * TL_FAN_TABLES_COLUMNS);
done:
    return err;
}

void tl_fan_tables_fini(struct tl_fan_tables *d)
{
    tl_free(d->text);
    tl_free((void *)d->cells);
    d->text = NULL;
    d->cells = NULL;
}

int tl_fan_tables_years(int64_t start, int64_t n_years, int64_t years[TL_FAN_TABLES_YEARS])
{
    static const int64_t steps[] = {1, 2, 5, 10, 20, 25, 50, 100};
    for (size_t k = 0; k < sizeof steps / sizeof steps[0]; k++) {
        int64_t step = steps[k], n = 0, kept[TL_FORECAST_YEARS_MAX];
        for (int64_t t = 0; t < n_years; t++) {
            bool is_end = t == 0 || t == n_years - 1;
            bool is_round =
                (start + t) % step == 0 && 2 * t >= step && 2 * (n_years - 1 - t) >= step;
            if (is_end || is_round)
                kept[n++] = t;
        }
        if (n > TL_FAN_TABLES_YEARS)
            continue;
        memcpy(years, kept, (size_t)n * sizeof *years);
        return (int)n;
    }
    return 0;
}

double tl_fan_tables_unit(double top, const char **words)
{
    static const struct {
        double unit;
        const char *words;
    } units[] = {{1e9, "thousand millions"}, {1e6, "millions"}, {1e3, "thousands"}};
    for (size_t k = 0; k < sizeof units / sizeof units[0]; k++)
        if (top >= 10.0 * units[k].unit) {
            *words = units[k].words;
            return units[k].unit;
        }
    *words = "";
    return 1.0;
}

char *tl_fan_tables_number(double value, double unit, char *text)
{
    double v = value / unit;
    if (v == 0.0)
        strcpy(text, "0");
    else if (fabs(v) < 0.001)
        strcpy(text, v < 0.0 ? ">-0.001" : "<0.001");
    else
        tl_text_number(v, text);
    return text;
}

/* People and square kilometres are told in full as long as that can be read; items and money are many. */
static double unit_of(const struct figure *figure, double top, const char **words)
{
    bool is_many = figure->unit == NULL || figure->series == TL_FORECAST_LIVE ||
                   figure->series == TL_FORECAST_INERT;
    return tl_fan_tables_unit(is_many || top >= 1e6 ? top : 0.0, words);
}

/* "12.3 (4.5 to 67)". */
static void fan_words(const struct tl_forecast_fan *fan, double unit, char *text, size_t size)
{
    char n[3][TL_TEXT_NUMBER_BYTES];
    for (int k = 0; k < 3; k++)
        tl_fan_tables_number(fan->q[2 * k], unit, n[k]);
    if (fan->q[0] == 0.0 && fan->q[4] == 0.0)
        snprintf(text, size, "0");
    else
        snprintf(text, size, "%s (%s to %s)", n[1], n[0], n[2]);
}

/* Words of a figure with its unit: "Cost in all, millions USD". */
static void title_words(const struct tl_fan_tables *d, int64_t s, const struct figure *figure,
                        const char *unit_words, char *text, size_t size)
{
    const char *unit = figure->unit != NULL ? figure->unit : tl_forecast_currency(d->f, s);
    bool any = unit_words[0] != '\0' || unit[0] != '\0';
    snprintf(text, size, "%s%s%s%s%s", figure->name, any ? ", " : "", unit_words,
             unit_words[0] != '\0' && unit[0] != '\0' ? " " : "", unit);
}

static char *cell(struct tl_fan_tables *d, int64_t row, int column, int n_columns)
{
    int64_t i = row * n_columns + column;
    d->cells[i] = d->text[i];
    d->text[i][0] = '\0';
    return d->text[i];
}

static void draw_title(struct tl_fan_tables *d)
{
    struct tl_flow *flow = &d->flow;
    struct tl_page_style title = {.size_pt = 20.0, .bold = true, .colour = TL_FRAME_INK};
    struct tl_page_style sub = {
        .size_pt = 10.0, .colour = TL_FRAME_GREY, .width_pt = TL_FLOW_WIDTH_PT};
    char text[200], draws[TL_TEXT_NUMBER_BYTES];
    int64_t start = tl_forecast_start_year(d->f);
    snprintf(text, sizeof text, "Forecast %lld to %lld: the tables", (long long)start,
             (long long)(start + tl_forecast_n_years(d->f) - 1));
    flow->y += tl_page_text(&flow->page, TL_FLOW_LEFT_PT, flow->y, &title, text) + 2.0;
    snprintf(text, sizeof text, "%s draws. Median, and in grey or brackets 5 to 95 %%.",
             tl_text_number((double)tl_forecast_n_draws(d->f), draws));
    flow->y += tl_page_text(&flow->page, TL_FLOW_LEFT_PT, flow->y, &sub, text) + 8.0;
    tl_flow_box(flow,
                "These are forecasts under the assumptions of each scenario, not statements about "
                "any ground. No figure here says that a place is free of hazard. Cancelled, "
                "reduced and cleared land are three figures and are never added.",
                0xA3343B);
}

static void draw_years(struct tl_fan_tables *d, int64_t s)
{
    enum { N = 1 + N_BY_YEAR };
    struct tl_flow_column columns[N] = {{"Year", 0.6, TL_PAGE_LEFT}};
    char titles[N][96];
    int64_t years[TL_FAN_TABLES_YEARS];
    int n = tl_fan_tables_years(tl_forecast_start_year(d->f), tl_forecast_n_years(d->f), years);
    for (int r = 0; r < n; r++)
        snprintf(cell(d, r, 0, N), TL_FAN_TABLES_BYTES, "%lld",
                 (long long)(tl_forecast_start_year(d->f) + years[r]));
    for (int c = 1; c < N; c++) {
        const struct figure *figure = &by_year[c - 1];
        struct tl_forecast_fan fans[TL_FAN_TABLES_YEARS];
        const char *words;
        double top = 0.0;
        for (int r = 0; r < n; r++) {
            fans[r] = tl_forecast_at(d->f, s, TL_FORECAST_OBSERVED, figure->series, years[r]);
            top = fmax(top, fans[r].q[4]);
        }
        double unit = unit_of(figure, top, &words);
        title_words(d, s, figure, words, titles[c], sizeof titles[c]);
        columns[c] = (struct tl_flow_column){titles[c], figure->weight, TL_PAGE_RIGHT};
        for (int r = 0; r < n; r++) {
            char k[3][TL_TEXT_NUMBER_BYTES];
            for (int q = 0; q < 3; q++)
                tl_fan_tables_number(fans[r].q[2 * q], unit, k[q]);
            snprintf(cell(d, r, c, N), TL_FAN_TABLES_BYTES, "%s" TL_FLOW_FINE "%s–%s", k[1], k[0],
                     k[2]);
        }
    }
    tl_flow_subheading(&d->flow, "Year by year, as observed", 80.0);
    tl_flow_table(&d->flow, N, columns, n, d->cells);
}

static void year_words(const struct tl_fan_tables *d, int64_t year, char *text, size_t size)
{
    if (year == 0)
        snprintf(text, size, "after %lld",
                 (long long)(tl_forecast_start_year(d->f) + tl_forecast_n_years(d->f) - 1));
    else
        snprintf(text, size, "%lld", (long long)year);
}

/* Rows of the years by which 50, 10, 1 % of the hazard is left; returns the next row. */
static int64_t add_lefts(struct tl_fan_tables *d, int64_t s, int64_t row, int n_columns)
{
    struct tl_forecast_left left;
    bool is_split = n_columns > 2;
    for (int64_t i = 0; tl_forecast_left(d->f, s, TL_FORECAST_OBSERVED, i, &left); i++, row++) {
        snprintf(cell(d, row, 0, n_columns), TL_FAN_TABLES_BYTES,
                 "Year by which %g %% of the first day's hazard is left", 100.0 * left.share);
        for (int c = 1; c <= (is_split ? 2 : 1); c++) {
            char years[3][32];
            enum tl_forecast_set set =
                is_split && c == 1 ? TL_FORECAST_CLAIMED : TL_FORECAST_OBSERVED;
            if (!tl_forecast_left(d->f, s, set, i, &left))
                break;
            for (int k = 0; k < 3; k++)
                year_words(d, left.year[2 * k], years[k], sizeof years[k]);
            if (strcmp(years[0], years[2]) == 0)
                snprintf(cell(d, row, c, n_columns), TL_FAN_TABLES_BYTES, "%s", years[0]);
            else
                snprintf(cell(d, row, c, n_columns), TL_FAN_TABLES_BYTES, "%s (%s to %s)", years[1],
                         years[0], years[2]);
        }
        if (is_split)
            snprintf(cell(d, row, 3, n_columns), TL_FAN_TABLES_BYTES, "–");
    }
    return row;
}

static void add_end(struct tl_fan_tables *d, int64_t s, int64_t row, int n_columns,
                    const struct figure *figure)
{
    int64_t year = figure->series == TL_FORECAST_CASUALTIES ? 0 : tl_forecast_n_years(d->f) - 1;
    struct tl_forecast_fan fans[TL_FORECAST_SETS], difference;
    const char *words;
    char text[96];
    for (int set = 0; set < TL_FORECAST_SETS; set++)
        fans[set] = tl_forecast_at(d->f, s, (enum tl_forecast_set)set, figure->series, year);
    double unit = unit_of(
        figure, fmax(fans[TL_FORECAST_CLAIMED].q[4], fans[TL_FORECAST_OBSERVED].q[4]), &words);
    title_words(d, s, figure, words, text, sizeof text);
    snprintf(cell(d, row, 0, n_columns), TL_FAN_TABLES_BYTES, "%s", text);
    if (n_columns == 2) {
        fan_words(&fans[TL_FORECAST_OBSERVED], unit, cell(d, row, 1, 2), TL_FAN_TABLES_BYTES);
        return;
    }
    for (int set = 0; set < TL_FORECAST_SETS; set++)
        fan_words(&fans[set], unit, cell(d, row, 1 + set, n_columns), TL_FAN_TABLES_BYTES);
    snprintf(cell(d, row, 3, n_columns), TL_FAN_TABLES_BYTES, "–");
    if (tl_forecast_difference(d->f, s, TL_FORECAST_AGAINST_CLAIMED, figure->series, year,
                               &difference))
        fan_words(&difference, unit, cell(d, row, 3, n_columns), TL_FAN_TABLES_BYTES);
}

static void draw_end(struct tl_fan_tables *d, int64_t s)
{
    static const struct tl_flow_column split[] = {{"Figure", 1.5, TL_PAGE_LEFT},
                                                  {"As claimed", 1.3, TL_PAGE_RIGHT},
                                                  {"As observed", 1.3, TL_PAGE_RIGHT},
                                                  {"Observed minus claimed, draw by draw", 1.3,
                                                   TL_PAGE_RIGHT}},
                                       plain[] = {{"Figure", 1.0, TL_PAGE_LEFT},
                                                  {"Median (5 to 95 %)", 1.0, TL_PAGE_RIGHT}};
    bool is_split = tl_forecast_is_split(d->f, s);
    int n = is_split ? 4 : 2;
    int64_t row = 0;
    char text[120];
    snprintf(text, sizeof text, "In short, to the end of %lld%s",
             (long long)(tl_forecast_start_year(d->f) + tl_forecast_n_years(d->f) - 1),
             is_split ? ", as claimed and as observed" : "");
    for (int k = 0; k < N_BY_YEAR; k++) {
        struct figure figure = by_year[k];
        if (figure.series == TL_FORECAST_CASUALTIES)
            figure.name = "Casualties in the first year";
        add_end(d, s, row++, n, &figure);
    }
    row = add_lefts(d, s, row, n);
    tl_flow_subheading(&d->flow, text, is_split ? 250.0 : 225.0);
    tl_flow_table(&d->flow, n, is_split ? split : plain, row, d->cells);
    tl_flow_note(&d->flow,
                 is_split ? "Claimed and observed: self-destruction and self-deactivation. –: no "
                            "difference is kept. The "
                            "median of a difference is not the difference of the medians."
                          : "Claimed and observed figures of self-destruction and "
                            "self-deactivation do not differ in this scenario.");
}

/* A recorded figure is not rounded. */
static char *recorded(double value, char *text)
{
    if (value >= 1e6 || value < 1000.0)
        snprintf(text, TL_TEXT_NUMBER_BYTES, "%.10g", value);
    else
        snprintf(text, TL_TEXT_NUMBER_BYTES, "%d,%03d", (int)lround(value) / 1000,
                 (int)lround(value) % 1000);
    return text;
}

static void draw_later(struct tl_fan_tables *d, int64_t s)
{
    static const struct tl_flow_column columns[] = {{"Year", 0.5, TL_PAGE_LEFT},
                                                    {"Figure", 1.5, TL_PAGE_LEFT},
                                                    {"Forecast", 1.6, TL_PAGE_RIGHT},
                                                    {"Recorded later", 0.9, TL_PAGE_RIGHT},
                                                    {"Against 5 to 95 %", 0.9, TL_PAGE_LEFT}};
    enum { N = 5 };
    int64_t row = 0, within = 0;
    char text[160];
    for (int k = 0; k < N_BY_YEAR; k++)
        for (int64_t t = 0; t < tl_forecast_n_years(d->f) && row < TL_FAN_TABLES_ROWS; t++) {
            double was = tl_forecast_later(d->f, s, by_year[k].series, t);
            if (isnan(was))
                continue;
            struct tl_forecast_fan fan =
                tl_forecast_at(d->f, s, TL_FORECAST_OBSERVED, by_year[k].series, t);
            char number[TL_TEXT_NUMBER_BYTES];
            bool is_below = was<fan.q[0], is_above = was> fan.q[4];
            within += !is_below && !is_above;
            snprintf(cell(d, row, 0, N), TL_FAN_TABLES_BYTES, "%lld",
                     (long long)(tl_forecast_start_year(d->f) + t));
            title_words(d, s, &by_year[k], "", cell(d, row, 1, N), TL_FAN_TABLES_BYTES);
            fan_words(&fan, 1.0, cell(d, row, 2, N), TL_FAN_TABLES_BYTES);
            snprintf(cell(d, row, 3, N), TL_FAN_TABLES_BYTES, "%s", recorded(was, number));
            snprintf(cell(d, row, 4, N), TL_FAN_TABLES_BYTES, "%s",
                     is_below   ? "outside: below"
                     : is_above ? "outside: above"
                                : "within");
            row++;
        }
    if (row == 0)
        return;
    tl_flow_subheading(&d->flow, "What was recorded later", 60.0);
    tl_flow_table(&d->flow, N, columns, row, d->cells);
    snprintf(text, sizeof text,
             "%lld of %lld lie within. They enter no computation; a wide fan is easily right.",
             (long long)within, (long long)row);
    tl_flow_note(&d->flow, text);
}

/* A share in per cent with twice its standard error: "41 ± 3". */
static void share_words(double share, double error, char *text)
{
    snprintf(text, TL_FAN_TABLES_BYTES, "%.0f ± %.0f", 100.0 * fmax(0.0, share),
             ceil(200.0 * error));
}

/* Row of a topic; a new one is empty. */
static int64_t topic_row(struct tl_fan_tables *d, const char **topics, int64_t *n,
                         const char *topic, int n_columns)
{
    int64_t row = 0;
    while (row < *n && strcmp(topics[row], topic) != 0)
        row++;
    if (row < *n)
        return row;
    topics[(*n)++] = topic;
    snprintf(cell(d, row, 0, n_columns), TL_FAN_TABLES_BYTES, "%s", topic);
    for (int c = 1; c < n_columns; c++)
        snprintf(cell(d, row, c, n_columns), TL_FAN_TABLES_BYTES, "–");
    return row;
}

static void draw_shares(struct tl_fan_tables *d, int64_t s)
{
    static const struct tl_flow_column columns[] = {
        {"Assumptions about", 2.0, TL_PAGE_LEFT}, {"Casualties: alone", 1.0, TL_PAGE_RIGHT},
        {"with others", 1.0, TL_PAGE_RIGHT},      {"Cost: alone", 1.0, TL_PAGE_RIGHT},
        {"with others", 1.0, TL_PAGE_RIGHT},      {"Live items: alone", 1.0, TL_PAGE_RIGHT},
        {"with others", 1.0, TL_PAGE_RIGHT}};
    enum { N = 7 };
    const char *topics[TL_FAN_TABLES_ROWS];
    struct tl_forecast_share share;
    int64_t n = 0;
    for (int o = 0; o < TL_FORECAST_OUTCOMES; o++)
        for (int64_t i = 0; tl_forecast_share(d->f, s, (enum tl_forecast_outcome)o, i, &share);
             i++) {
            int64_t row = topic_row(d, topics, &n, share.topic, N);
            share_words(share.first, share.first_error, cell(d, row, 1 + 2 * o, N));
            share_words(share.total, share.total_error, cell(d, row, 2 + 2 * o, N));
        }
    if (n == 0)
        return;
    tl_flow_subheading(&d->flow, "What moves the result most, % of the variance", 80.0);
    tl_flow_table(&d->flow, N, columns, n, d->cells);
    tl_flow_note(&d->flow, "As observed: casualties and cost in all, live items at the end. ±: "
                           "twice the Monte Carlo error. Shares with others overlap and may add up "
                           "to more than 100.");
}

static void draw_differences(struct tl_fan_tables *d)
{
    static const struct figure kept[] = {{TL_FORECAST_CASUALTIES_SUM, "Casualties in all", "", 1.0},
                                         {TL_FORECAST_COST_SUM, "Cost in all", NULL, 1.0},
                                         {TL_FORECAST_LIVE, "Live items", "", 1.0}};
    enum { N = 4 };
    int64_t n = tl_forecast_n_scenarios(d->f), end = tl_forecast_n_years(d->f) - 1;
    struct tl_flow_column columns[N] = {{"Scenario", 1.6, TL_PAGE_LEFT}};
    char titles[N][96], text[320];
    if (n < 2)
        return;
    for (int64_t s = 1; s < n; s++)
        snprintf(cell(d, s - 1, 0, N), TL_FAN_TABLES_BYTES, "%.120s",
                 tl_forecast_scenario_title(d->f, s));
    for (int c = 1; c < N; c++) {
        struct tl_forecast_fan fan[TL_FORECAST_SCENARIOS_MAX];
        const char *words;
        double top = 0.0;
        for (int64_t s = 1; s < n; s++)
            if (tl_forecast_difference(d->f, s, TL_FORECAST_AGAINST_FIRST, kept[c - 1].series, end,
                                       &fan[s]))
                top = fmax(top, fmax(fabs(fan[s].q[0]), fabs(fan[s].q[4])));
        double unit = unit_of(&kept[c - 1], top, &words);
        title_words(d, 0, &kept[c - 1], words, titles[c], sizeof titles[c]);
        columns[c] = (struct tl_flow_column){titles[c], 1.2, TL_PAGE_RIGHT};
        for (int64_t s = 1; s < n; s++)
            if (kept[c - 1].unit == NULL &&
                strcmp(tl_forecast_currency(d->f, 0), tl_forecast_currency(d->f, s)) != 0)
                snprintf(cell(d, s - 1, c, N), TL_FAN_TABLES_BYTES, "other currency");
            else
                fan_words(&fan[s], unit, cell(d, s - 1, c, N), TL_FAN_TABLES_BYTES);
    }
    tl_flow_heading(&d->flow, "Differences between the scenarios", 60.0);
    snprintf(text, sizeof text, "Each minus \"%.200s\", draw by draw, as observed, at the end.",
             tl_forecast_scenario_title(d->f, 0));
    tl_flow_paragraph(&d->flow, text);
    tl_flow_table(&d->flow, N, columns, n - 1, d->cells);
}

/* "classes.PMN.half_life" as "PMN: half life". */
static void path_words(const char *path, char *text)
{
    static const char classes[] = "classes.";
    size_t n = 0;
    if (strncmp(path, classes, sizeof classes - 1) == 0)
        path += sizeof classes - 1;
    for (; *path != '\0' && n + 3 < TL_FAN_TABLES_BYTES; path++) {
        text[n++] = *path == '.' ? ':' : *path == '_' ? ' ' : *path;
        if (*path == '.')
            text[n++] = ' ';
    }
    text[n] = '\0';
}

/* As it was written where that can be read: never a power of ten. */
static char *plain(double value, char *text)
{
    double size = fabs(value);
    if (size >= 1000.0 && size < 1e6)
        return recorded(value, text);
    if (size == 0.0 || size >= 0.001 || size < 1e-12)
        return tl_text_number(value, text);
    snprintf(text, TL_TEXT_NUMBER_BYTES, "%.*f", 1 - (int)floor(log10(size)), value);
    size_t n = strlen(text);
    while (text[n - 1] == '0')
        text[--n] = '\0';
    return text;
}

static const char *const marks[] = {"assumption", "in part", "sourced"};

static void add_basis(struct tl_fan_tables *d, int64_t s, int64_t row,
                      const struct tl_forecast_assumption *assumption)
{
    enum { N = 5 };
    char n[3][TL_TEXT_NUMBER_BYTES];
    plain(assumption->low, n[0]);
    plain(assumption->best, n[1]);
    plain(assumption->high, n[2]);
    path_words(assumption->what, cell(d, row, 0, N));
    if (assumption->low < assumption->high)
        snprintf(cell(d, row, 1, N), TL_FAN_TABLES_BYTES, "%s" TL_FLOW_FINE "%s to %s", n[1], n[0],
                 n[2]);
    else
        snprintf(cell(d, row, 1, N), TL_FAN_TABLES_BYTES, "%s", n[1]);
    bool is_money =
        strcmp(assumption->topic, "prices") == 0 || strcmp(assumption->topic, "funding") == 0;
    snprintf(cell(d, row, 2, N), TL_FAN_TABLES_BYTES, "%s%s%s",
             is_money ? tl_forecast_currency(d->f, s) : "", is_money ? " " : "", assumption->unit);
    d->cells[row * N + 3] = marks[assumption->basis];
    d->cells[row * N + 4] = assumption->source != NULL ? assumption->source : "no source is given";
}

static void draw_basis(struct tl_fan_tables *d, int64_t s)
{
    static const struct tl_flow_column columns[] = {{"Figure", 1.8, TL_PAGE_LEFT},
                                                    {"Best, 5 to 95 %", 1.25, TL_PAGE_RIGHT},
                                                    {"Unit", 1.0, TL_PAGE_LEFT},
                                                    {"Marked", 0.8, TL_PAGE_LEFT},
                                                    {"Source", 2.9, TL_PAGE_LEFT}};
    struct tl_forecast_assumption assumption;
    int64_t n = 0, of[3] = {0};
    char text[200];
    for (; n < TL_FAN_TABLES_ROWS && tl_forecast_assumption(d->f, s, n, &assumption); n++) {
        add_basis(d, s, n, &assumption);
        of[assumption.basis]++;
    }
    snprintf(text, sizeof text,
             "%lld figures: %lld assumptions, %lld sourced in part, %lld sourced.", (long long)n,
             (long long)of[TL_FORECAST_ASSUMED], (long long)of[TL_FORECAST_SOURCED_IN_PART],
             (long long)of[TL_FORECAST_SOURCED]);
    tl_flow_subheading(&d->flow, tl_forecast_scenario_title(d->f, s), 80.0);
    tl_flow_note(&d->flow, text);
    tl_flow_table(&d->flow, 5, columns, n, d->cells);
}

void tl_fan_tables_draw(struct tl_fan_tables *d)
{
    int64_t n = tl_forecast_n_scenarios(d->f);
    draw_title(d);
    for (int64_t s = 0; s < n; s++) {
        if (s > 0)
            tl_flow_break(&d->flow);
        tl_flow_heading(&d->flow, tl_forecast_scenario_title(d->f, s), 120.0);
        tl_flow_paragraph(&d->flow, tl_forecast_scenario_note(d->f, s));
        tl_flow_note(&d->flow, tl_forecast_started_from(d->f, s));
        draw_years(d, s);
        draw_end(d, s);
        draw_later(d, s);
        draw_shares(d, s);
    }
    draw_differences(d);
    tl_flow_heading(&d->flow, "What it rests on", 400.0);
    tl_flow_paragraph(&d->flow, "All figures of the scenarios. Assumption: nobody has measured it, "
                                "or no source is given; in part: the source says less "
                                "than the figure needs. A figure without a range is taken as "
                                "known.");
    for (int64_t s = 0; s < n; s++)
        draw_basis(d, s);
}
