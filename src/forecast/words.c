/* A forecast in words: the figures that people ask for first, both columns, what they rest on, and which assumption matters. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/text.h"
#include "forecast/run.h"

static tl_err line(struct tl_ctx *ctx, struct tl_buf *buf, const char *name,
                   const struct tl_forecast_fan fans[2])
{
    char numbers[6][TL_TEXT_NUMBER_BYTES];
    for (int set = 0; set < 2; set++)
        for (int k = 0; k < 3; k++)
            tl_text_number(fans[set].q[2 * k], numbers[3 * set + k]);
    char claimed[160], observed[160];
    snprintf(claimed, sizeof claimed, "%s (%s to %s)", numbers[1], numbers[0], numbers[2]);
    snprintf(observed, sizeof observed, "%s (%s to %s)", numbers[4], numbers[3], numbers[5]);
    return tl_buf_printf(ctx, buf, "  %-33s %-38s %s\n", name, claimed, observed);
}

static tl_err series_line(struct tl_ctx *ctx, struct tl_buf *buf, const struct tl_forecast *f,
                          int64_t s, const char *name, enum tl_forecast_series series, int64_t t)
{
    struct tl_forecast_fan fans[2];
    for (int set = 0; set < 2; set++)
        fans[set] = tl_forecast_at(f, s, (enum tl_forecast_set)set, series, t);
    return line(ctx, buf, name, fans);
}

static void year_words(const struct tl_forecast *f, double year, char *text, size_t size)
{
    if (year > (double)f->n_years)
        snprintf(text, size, "after %lld", (long long)(f->start + f->n_years - 1));
    else
        snprintf(text, size, "%lld", (long long)(f->start - 1 + llround(year)));
}

static tl_err left_line(struct tl_ctx *ctx, struct tl_buf *buf, const struct tl_forecast *f,
                        int64_t s, int left)
{
    char name[64], parts[2][120];
    for (int set = 0; set < 2; set++) {
        struct tl_forecast_fan fan =
            tl_sketch_fan(tl_run_left(f, s, (enum tl_forecast_set)set, left));
        char years[3][32];
        for (int k = 0; k < 3; k++)
            year_words(f, fan.q[2 * k], years[k], sizeof years[k]);
        snprintf(parts[set], sizeof parts[set], "%s (%s to %s)", years[1], years[0], years[2]);
    }
    snprintf(name, sizeof name, "%g %% of today's hazard left in", 100.0 * tl_run_lefts[left]);
    return tl_buf_printf(ctx, buf, "  %-33s %-38s %s\n", name, parts[0], parts[1]);
}

static tl_err difference_line(struct tl_ctx *ctx, struct tl_buf *buf, const struct tl_forecast *f,
                              int64_t place, const char *what)
{
    char n[3][TL_TEXT_NUMBER_BYTES];
    if (place < 0)
        return TL_OK;
    struct tl_forecast_fan fan =
        tl_sketch_fan(&f->sketches[place + (f->n_years - 1) * TL_RUN_DIFFERENCES]);
    for (int k = 0; k < 3; k++)
        tl_text_number(fan.q[2 * k], n[k]);
    return tl_buf_printf(ctx, buf, "  Casualties, %s: %s (%s to %s), on the same draws.\n", what,
                         n[1], n[0], n[2]);
}

static tl_err shares_line(struct tl_ctx *ctx, struct tl_buf *buf, const struct tl_forecast *f,
                          int64_t s)
{
    bool told[TL_SCENARIO_N_TOPICS] = {false};
    tl_err err = TL_OK;
    if (f->n_shares == 0 || !(f->variance[s][0] > 0.0))
        return TL_OK;
    TL_TRY(tl_buf_add(ctx, buf,
                      "  What moves casualties most (share of variance, alone and with others):"));
    for (int rank = 0; rank < 3; rank++) {
        int best = -1;
        for (int t = 0; t < TL_SCENARIO_N_TOPICS; t++) {
            const struct tl_run_share *share = &f->shares[s][0][t];
            if (share->is_active && !told[t] && !isnan(share->total) &&
                (best < 0 || share->total > f->shares[s][0][best].total))
                best = t;
        }
        if (best < 0)
            break;
        told[best] = true;
        const struct tl_run_share *share = &f->shares[s][0][best];
        TL_TRY(tl_buf_printf(ctx, buf, "%s %s %.0f and %.0f %% (+- %.0f)", rank > 0 ? "," : "",
                             tl_scenario_topic_name((enum tl_scenario_topic)best),
                             100.0 * fmax(0.0, share->first), 100.0 * share->total,
                             200.0 * fmax(share->first_se, share->total_se)));
    }
    TL_TRY(tl_buf_add(ctx, buf, ".\n"));
done:
    return err;
}

static tl_err later_lines(struct tl_ctx *ctx, struct tl_buf *buf, const struct tl_forecast *f,
                          int64_t s)
{
    tl_err err = TL_OK;
    for (int o = 0; o < TL_FORECAST_SERIES; o++)
        for (int64_t t = 0; t < f->n_years; t++) {
            double was = tl_forecast_later(f, s, (enum tl_forecast_series)o, t);
            struct tl_forecast_fan fan =
                tl_forecast_at(f, s, TL_FORECAST_OBSERVED, (enum tl_forecast_series)o, t);
            char n[4][TL_TEXT_NUMBER_BYTES];
            if (isnan(was))
                continue;
            for (int k = 0; k < 3; k++)
                tl_text_number(fan.q[2 * k], n[k]);
            tl_text_number(was, n[3]);
            TL_TRY(tl_buf_printf(
                ctx, buf, "  %lld, %s: forecast %s (%s to %s), later recorded %s: %s.\n",
                (long long)(f->start + t), tl_forecast_series_name((enum tl_forecast_series)o),
                n[1], n[0], n[2], n[3],
                was < fan.q[0]   ? "below the range"
                : was > fan.q[4] ? "above the range"
                                 : "within"));
        }
done:
    return err;
}

static tl_err money_line(struct tl_ctx *ctx, struct tl_buf *buf, const struct tl_forecast *f,
                         int64_t s)
{
    const struct tl_forecast_scenario *scenario = f->scenarios[s];
    bool any = false;
    for (int k = 0; k < scenario->n_funding; k++)
        any = any || scenario->quantities[scenario->funding[k].amount].high > 0.0;
    if (any)
        return TL_OK;
    return tl_buf_add(ctx, buf, "  The budget is zero: work that has a price is not done.\n");
}

static tl_err scenario_words(struct tl_ctx *ctx, struct tl_buf *buf, const struct tl_forecast *f,
                             int64_t s)
{
    const struct tl_forecast_scenario *scenario = f->scenarios[s];
    int64_t end = f->n_years - 1;
    char cost[48];
    int n_assumed = 0;
    struct tl_forecast_assumption assumption;
    tl_err err = TL_OK;
    for (int64_t q = 0; tl_forecast_assumption(f, s, q, &assumption); q++)
        n_assumed += assumption.basis != TL_FORECAST_SOURCED;
    TL_TRY(tl_buf_printf(ctx, buf, "%s%s%s\n", scenario->title,
                         scenario->start_words[0] != '\0' ? "; " : "", scenario->start_words));
    TL_TRY(tl_buf_printf(ctx, buf, "  %-33s %-38s %s\n", "", "as claimed", "as observed"));
    TL_TRY(series_line(ctx, buf, f, s, "live items, first year's end", TL_FORECAST_LIVE, 0));
    TL_TRY(series_line(ctx, buf, f, s, "live items, at the end", TL_FORECAST_LIVE, end));
    TL_TRY(series_line(ctx, buf, f, s, "inert but present, at the end", TL_FORECAST_INERT, end));
    TL_TRY(series_line(ctx, buf, f, s, "casualties, first year", TL_FORECAST_CASUALTIES, 0));
    TL_TRY(series_line(ctx, buf, f, s, "casualties in all", TL_FORECAST_CASUALTIES_SUM, end));
    TL_TRY(series_line(ctx, buf, f, s, "suspected km2, at the end", TL_FORECAST_SUSPECTED, end));
    TL_TRY(series_line(ctx, buf, f, s, "cancelled km2", TL_FORECAST_CANCELLED, end));
    TL_TRY(series_line(ctx, buf, f, s, "reduced km2", TL_FORECAST_REDUCED, end));
    TL_TRY(series_line(ctx, buf, f, s, "cleared km2", TL_FORECAST_CLEARED, end));
    snprintf(cost, sizeof cost, "cost in all, %s", scenario->currency);
    TL_TRY(series_line(ctx, buf, f, s, cost, TL_FORECAST_COST_SUM, end));
    for (int l = 0; l < TL_RUN_LEFTS; l++)
        TL_TRY(left_line(ctx, buf, f, s, l));
    TL_TRY(money_line(ctx, buf, f, s));
    TL_TRY(difference_line(ctx, buf, f, f->places[s].against_claimed, "observed minus claimed"));
    TL_TRY(difference_line(ctx, buf, f, f->places[s].against_first[1],
                           "against the first scenario, as observed"));
    TL_TRY(shares_line(ctx, buf, f, s));
    TL_TRY(later_lines(ctx, buf, f, s));
    TL_TRY(tl_buf_printf(ctx, buf,
                         "  Rests on %d figures, %d of them assumptions or without a source; all "
                         "of them are in --json and forecast.json.\n",
                         scenario->n_quantities, n_assumed));
done:
    return err;
}

tl_err tl_forecast_words(struct tl_ctx *ctx, const struct tl_forecast *f, char **words)
{
    struct tl_buf buf = {0};
    tl_err err = TL_OK;
    TL_TRY(tl_buf_printf(ctx, &buf,
                         "Forecast of %lld years from %d on, %lld draws: median (5 to 95 %%). "
                         "These are forecasts under "
                         "the scenario's assumptions, not statements about any ground.\n\n",
                         (long long)f->n_years, f->start, (long long)f->n_draws));
    for (int64_t s = 0; s < f->n_scenarios; s++) {
        TL_TRY(scenario_words(ctx, &buf, f, s));
        if (s + 1 < f->n_scenarios)
            TL_TRY(tl_buf_add(ctx, &buf, "\n"));
    }
    *words = buf.text;
    buf = (struct tl_buf){0};
done:
    tl_buf_fini(&buf);
    return err;
}
