/*
 * A forecast as JSON (tilth.forecast/1) and as a long table in CSV: scenario, set, class, figure, year, mean, its Monte Carlo error, five
 * quantiles. Both columns, claimed and observed, are in every output, equal where a scenario does not tell them apart.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/json.h"
#include "forecast/run.h"

enum { DIGITS = 5 };

static const char *const set_names[] = {"claimed", "observed"};
static const char *const class_figures[] = {"live", "inert", "killed", "injured"};
static const char *const outcome_names[] = {"casualties", "cost", "live_at_the_end"};

const char *tl_forecast_series_name(enum tl_forecast_series series)
{
    static const char *const names[] = {"live",
                                        "inert",
                                        "killed",
                                        "injured",
                                        "casualties",
                                        "casualties_sum",
                                        "deminer_accidents",
                                        "suspected_km2",
                                        "cancelled_km2",
                                        "reduced_km2",
                                        "cleared_km2",
                                        "cost",
                                        "cost_sum"};
    return names[series];
}

int64_t tl_forecast_n_scenarios(const struct tl_forecast *f)
{
    return f->n_scenarios;
}

int64_t tl_forecast_n_years(const struct tl_forecast *f)
{
    return f->n_years;
}

int64_t tl_forecast_start_year(const struct tl_forecast *f)
{
    return f->start;
}

const char *tl_forecast_scenario_title(const struct tl_forecast *f, int64_t scenario)
{
    return f->scenarios[scenario]->title;
}

const char *tl_forecast_scenario_note(const struct tl_forecast *f, int64_t scenario)
{
    return f->scenarios[scenario]->note;
}

const char *tl_forecast_currency(const struct tl_forecast *f, int64_t scenario)
{
    return f->scenarios[scenario]->currency;
}

struct tl_forecast_fan tl_forecast_at(const struct tl_forecast *f, int64_t scenario,
                                      enum tl_forecast_set set, enum tl_forecast_series series,
                                      int64_t year)
{
    return tl_sketch_fan(tl_run_sketch(f, scenario, set, (int)series, year));
}

double tl_forecast_later(const struct tl_forecast *f, int64_t scenario,
                         enum tl_forecast_series series, int64_t year)
{
    const struct tl_forecast_scenario *s = f->scenarios[scenario];
    for (int j = 0; j < s->n_later[series]; j++)
        if (s->later[series][j].year == f->start + (int)year)
            return s->later[series][j].value;
    return NAN;
}

/* Years as arrays beside each other: {"mean": [...], "mcse": [...], "q05": [...], ...}. */
static json_t *fans_json(const struct tl_sketch *first, int64_t stride, int64_t n)
{
    static const char *const names[] = {"mean", "mcse", "q05", "q25", "q50", "q75", "q95"};
    json_t *all = json_object(), *lists[7];
    for (int k = 0; k < 7; k++) {
        lists[k] = json_array();
        json_object_set_new(all, names[k], lists[k]);
    }
    for (int64_t t = 0; t < n; t++) {
        struct tl_forecast_fan fan = tl_sketch_fan(first + t * stride);
        json_array_append_new(lists[0], tl_json_number(fan.mean, DIGITS));
        json_array_append_new(lists[1], tl_json_number(fan.mcse, 2));
        for (int k = 0; k < 5; k++)
            json_array_append_new(lists[2 + k], tl_json_number(fan.q[k], DIGITS));
    }
    return all;
}

/* Year in which at most a share of today's hazard is left: null beyond the end. */
static json_t *left_json(const struct tl_forecast *f, int64_t s, int set, int left)
{
    static const char *const names[] = {"q05", "q25", "q50", "q75", "q95"};
    struct tl_forecast_fan fan = tl_sketch_fan(tl_run_left(f, s, (enum tl_forecast_set)set, left));
    json_t *json = json_object();
    json_object_set_new(json, "share_left", tl_json_number(tl_run_lefts[left], 3));
    for (int k = 0; k < 5; k++)
        json_object_set_new(json, names[k],
                            fan.q[k] > (double)f->n_years
                                ? json_null()
                                : json_integer((json_int_t)(f->start - 1 + llround(fan.q[k]))));
    return json;
}

static json_t *set_json(const struct tl_forecast *f, int64_t s, int set)
{
    const struct tl_forecast_scenario *scenario = f->scenarios[s];
    const struct tl_run_place *place = &f->places[s];
    json_t *json = json_object(), *totals = json_object(), *classes = json_array(),
           *left = json_array();
    for (int o = 0; o < TL_FORECAST_SERIES; o++)
        json_object_set_new(totals, tl_forecast_series_name((enum tl_forecast_series)o),
                            fans_json(tl_run_sketch(f, s, (enum tl_forecast_set)set, o, 0),
                                      place->stride, f->n_years));
    for (int c = 0; c < scenario->n_classes; c++) {
        json_t *class = json_object();
        json_object_set_new(class, "name", json_string(scenario->classes[c].name));
        json_object_set_new(class, "kind",
                            json_string(tl_scenario_kind_name(scenario->classes[c].kind)));
        for (int o = 0; o < TL_KERNEL_OUTPUTS; o++)
            json_object_set_new(
                class, class_figures[o],
                fans_json(tl_run_sketch(f, s, (enum tl_forecast_set)set,
                                        TL_FORECAST_SERIES + TL_KERNEL_OUTPUTS * c + o, 0),
                          place->stride, f->n_years));
        json_array_append_new(classes, class);
    }
    for (int l = 0; l < TL_RUN_LEFTS; l++)
        json_array_append_new(left, left_json(f, s, set, l));
    json_object_set_new(json, "all", totals);
    json_object_set_new(json, "classes", classes);
    json_object_set_new(json, "hazard_left", left);
    return json;
}

static json_t *difference_json(const struct tl_forecast *f, int64_t place)
{
    json_t *json = json_object();
    if (place < 0) {
        json_decref(json);
        return json_null();
    }
    for (int d = 0; d < TL_RUN_DIFFERENCES; d++)
        json_object_set_new(json, tl_forecast_series_name(tl_run_differences[d]),
                            fans_json(&f->sketches[place + d], TL_RUN_DIFFERENCES, f->n_years));
    return json;
}

static json_t *assumptions_json(const struct tl_forecast_scenario *s)
{
    json_t *list = json_array();
    for (int q = 0; q < s->n_quantities; q++) {
        const struct tl_scenario_quantity *a = &s->quantities[q];
        json_t *json = json_object();
        json_object_set_new(json, "what", json_string(a->path));
        json_object_set_new(json, "topic", json_string(tl_scenario_topic_name(a->topic)));
        json_object_set_new(json, "best", tl_json_number(a->best, 6));
        json_object_set_new(json, "low", tl_json_number(a->low, 6));
        json_object_set_new(json, "high", tl_json_number(a->high, 6));
        json_object_set_new(json, "unit", json_string(a->unit));
        json_object_set_new(json, "source",
                            json_string(a->source != NULL ? a->source : "no source is given"));
        json_array_append_new(list, json);
    }
    return list;
}

static json_t *shares_json(const struct tl_forecast *f, int64_t s)
{
    json_t *all = json_object();
    for (int o = 0; o < TL_RUN_OUTCOMES && f->n_shares > 0; o++) {
        json_t *list = json_array();
        for (int t = 0; t < TL_SCENARIO_N_TOPICS; t++) {
            const struct tl_run_share *share = &f->shares[s][o][t];
            if (!share->is_active)
                continue;
            json_t *json = json_object();
            json_object_set_new(json, "topic",
                                json_string(tl_scenario_topic_name((enum tl_scenario_topic)t)));
            json_object_set_new(json, "first", tl_json_number(share->first, 4));
            json_object_set_new(json, "first_error", tl_json_number(share->first_se, 2));
            json_object_set_new(json, "total", tl_json_number(share->total, 4));
            json_object_set_new(json, "total_error", tl_json_number(share->total_se, 2));
            json_array_append_new(list, json);
        }
        json_object_set_new(all, outcome_names[o], list);
    }
    return all;
}

static json_t *weights_json(const struct tl_scenario_list *list)
{
    json_t *json = json_object();
    double sum = 0.0;
    for (int k = 0; k < list->n; k++)
        sum += list->share[k];
    for (int k = 0; k < list->n; k++)
        json_object_set_new(json, list->name[k], tl_json_number(list->share[k] / sum, 4));
    return json;
}

static json_t *later_json(const struct tl_forecast *f, int64_t s)
{
    const struct tl_forecast_scenario *scenario = f->scenarios[s];
    json_t *all = json_array();
    for (int o = 0; o < TL_FORECAST_SERIES; o++)
        for (int j = 0; j < scenario->n_later[o]; j++) {
            int year = scenario->later[o][j].year - f->start;
            if (year < 0 || year >= f->n_years)
                continue;
            double value = scenario->later[o][j].value;
            struct tl_forecast_fan fan =
                tl_forecast_at(f, s, TL_FORECAST_OBSERVED, (enum tl_forecast_series)o, year);
            json_t *json = json_object();
            json_object_set_new(json, "figure",
                                json_string(tl_forecast_series_name((enum tl_forecast_series)o)));
            json_object_set_new(json, "year", json_integer(scenario->later[o][j].year));
            json_object_set_new(json, "was", tl_json_number(value, 8));
            json_object_set_new(json, "q05", tl_json_number(fan.q[0], DIGITS));
            json_object_set_new(json, "q50", tl_json_number(fan.q[2], DIGITS));
            json_object_set_new(json, "q95", tl_json_number(fan.q[4], DIGITS));
            json_object_set_new(json, "inside_90",
                                json_boolean(value >= fan.q[0] && value <= fan.q[4]));
            json_array_append_new(all, json);
        }
    return all;
}

static json_t *scenario_json(const struct tl_forecast *f, int64_t s)
{
    const struct tl_forecast_scenario *scenario = f->scenarios[s];
    json_t *json = json_object(), *differences = json_object(), *people = json_object();
    json_object_set_new(json, "title", json_string(scenario->title));
    json_object_set_new(json, "note", json_string(scenario->note));
    json_object_set_new(json, "started_from", json_string(scenario->start_words));
    json_object_set_new(json, "currency", json_string(scenario->currency));
    json_object_set_new(json, "claimed_and_observed_differ", json_boolean(scenario->is_split));
    for (int set = 0; set < TL_FORECAST_SETS; set++)
        json_object_set_new(json, set_names[set], set_json(f, s, set));
    json_object_set_new(differences, "observed_minus_claimed",
                        difference_json(f, f->places[s].against_claimed));
    for (int set = 0; set < TL_FORECAST_SETS; set++)
        json_object_set_new(
            differences, set == 0 ? "from_first_scenario_claimed" : "from_first_scenario_observed",
            difference_json(f, f->places[s].against_first[set]));
    json_object_set_new(json, "differences", differences);
    json_object_set_new(json, "variance_shares", shares_json(f, s));
    json_object_set_new(people, "ages", weights_json(&scenario->ages));
    json_object_set_new(people, "activities", weights_json(&scenario->activities));
    json_object_set_new(people, "seasons", weights_json(&scenario->seasons));
    json_object_set_new(json, "casualties_by", people);
    json_object_set_new(json, "later", later_json(f, s));
    json_object_set_new(json, "assumptions", assumptions_json(scenario));
    return json;
}

/* The widest bin that a reported quantile lies in, against the width of its fan. */
static double worst_step(const struct tl_forecast *f)
{
    static const double shares[] = {0.05, 0.25, 0.5, 0.75, 0.95};
    double worst = 0.0;
    for (int64_t j = 0; j < f->n_sketches; j++) {
        const struct tl_sketch *sketch = &f->sketches[j];
        double width = tl_sketch_quantile(sketch, 0.95) - tl_sketch_quantile(sketch, 0.05);
        for (int k = 0; k < 5 && width > 0.0; k++)
            worst = fmax(worst, tl_sketch_step(sketch, shares[k]) / width);
    }
    return worst;
}

tl_err tl_forecast_json(struct tl_ctx *ctx, const struct tl_forecast *f, char **json)
{
    tl_err err = TL_OK;
    json_t *root = json_object(), *list = json_array();
    json_object_set_new(root, "schema", json_string("tilth.forecast/1"));
    json_object_set_new(root, "program", json_string("tilth " TILTH_VERSION));
    json_object_set_new(root, "start", json_integer(f->start));
    json_object_set_new(root, "years", json_integer((json_int_t)f->n_years));
    json_object_set_new(root, "draws", json_integer((json_int_t)f->n_draws));
    json_object_set_new(root, "seed", json_integer((json_int_t)f->seed));
    json_object_set_new(root, "variance_share_draws", json_integer((json_int_t)f->n_shares));
    json_object_set_new(root, "quantile_error_of_fan", tl_json_number(worst_step(f), 2));
    json_object_set_new(root, "words",
                        json_string("Forecasts under the assumptions listed with each scenario, "
                                    "not statements about any ground."));
    for (int64_t s = 0; s < f->n_scenarios; s++)
        json_array_append_new(list, scenario_json(f, s));
    json_object_set_new(root, "scenarios", list);
    TL_TRY(tl_json_text(ctx, root, json));
done:
    json_decref(root);
    return err;
}

static tl_err csv_series(struct tl_ctx *ctx, const struct tl_forecast *f, int64_t s, int set,
                         int series, struct tl_buf *buf)
{
    const struct tl_forecast_scenario *scenario = f->scenarios[s];
    int c = (series - TL_FORECAST_SERIES) / TL_KERNEL_OUTPUTS;
    bool of_class = series >= TL_FORECAST_SERIES;
    tl_err err = TL_OK;
    for (int64_t t = 0; t < f->n_years; t++) {
        struct tl_forecast_fan fan =
            tl_sketch_fan(tl_run_sketch(f, s, (enum tl_forecast_set)set, series, t));
        TL_TRY(tl_buf_add_cell(ctx, buf, scenario->title));
        TL_TRY(tl_buf_printf(ctx, buf, ",%s,", set_names[set]));
        TL_TRY(tl_buf_add_cell(ctx, buf, of_class ? scenario->classes[c].name : "all"));
        TL_TRY(tl_buf_printf(ctx, buf, ",%s,%lld,%.6g,%.2g,%.6g,%.6g,%.6g,%.6g,%.6g\n",
                             of_class
                                 ? class_figures[(series - TL_FORECAST_SERIES) % TL_KERNEL_OUTPUTS]
                                 : tl_forecast_series_name((enum tl_forecast_series)series),
                             (long long)(f->start + t), fan.mean, fan.mcse, fan.q[0], fan.q[1],
                             fan.q[2], fan.q[3], fan.q[4]));
    }
done:
    return err;
}

tl_err tl_forecast_csv(struct tl_ctx *ctx, const struct tl_forecast *f, char **csv)
{
    struct tl_buf buf = {0};
    tl_err err = TL_OK;
    TL_TRY(tl_buf_add(ctx, &buf, "scenario,set,class,figure,year,mean,mcse,q05,q25,q50,q75,q95\n"));
    for (int64_t s = 0; s < f->n_scenarios; s++)
        for (int set = 0; set < TL_FORECAST_SETS; set++)
            for (int series = 0; series < f->places[s].n_series; series++)
                TL_TRY(csv_series(ctx, f, s, set, series, &buf));
    *csv = buf.text;
    buf = (struct tl_buf){0};
done:
    tl_buf_fini(&buf);
    return err;
}

tl_err tl_forecast_write(struct tl_ctx *ctx, const struct tl_forecast *f, const char *folder)
{
    char path[4096], *json = NULL, *csv = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_forecast_json(ctx, f, &json));
    TL_TRY(tl_forecast_csv(ctx, f, &csv));
    snprintf(path, sizeof path, "%s/forecast.json", folder);
    TL_TRY(tl_file_write(ctx, path, json, (int64_t)strlen(json)));
    snprintf(path, sizeof path, "%s/forecast.csv", folder);
    TL_TRY(tl_file_write(ctx, path, csv, (int64_t)strlen(csv)));
done:
    tl_free(json);
    tl_free(csv);
    return err;
}
