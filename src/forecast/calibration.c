/* What a calibration gives: a scenario that can be run, each figure marked as calibrated or as a prior; and JSON. */
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/json.h"
#include "forecast/scenario.h"

/* Recorded figures tell rate x items x use as one product. The items are a unit, then, and the rate carries the level. */
static const double unit_items = 1e9;

static tl_err range(struct tl_ctx *ctx, struct tl_buf *buf, const char *key, const double q[3],
                    double factor, const char *unit, const char *source)
{
    return tl_buf_printf(ctx, buf,
                         "  %s: {best: %.6g%s, low: %.6g%s, high: %.6g%s, source: \"%s\"}\n", key,
                         q[1] * factor, unit, q[0] * factor, unit, q[2] * factor, unit, source);
}

/* Killed among casualties: Beta(1/2, 1/2) and the record. */
static tl_err killed(struct tl_ctx *ctx, struct tl_buf *buf,
                     const struct tl_forecast_record *record)
{
    double dead = 0.0, all = 0.0;
    for (int64_t t = 0; t < record->n; t++) {
        dead += record->killed[t];
        all += record->count[t];
    }
    if (isnan(dead))
        return tl_buf_add(
            ctx, buf,
            "    killed: {best: 30 %, low: 15 %, high: 50 %, source: \"prior: not calibrated, the "
            "record does not tell killed from injured\"}\n");
    double mean = (dead + 0.5) / (all + 1.0), sd = sqrt(mean * (1.0 - mean) / (all + 2.0));
    double low = fmax(mean - 1.645 * sd, mean * 0.2),
           high = fmin(mean + 1.645 * sd, 1.0 - 0.2 * (1.0 - mean));
    return tl_buf_printf(ctx, buf,
                         "    killed: {best: %.4g %%, low: %.4g %%, high: %.4g %%, source: "
                         "\"calibrated: %.0f killed of %.0f\"}\n",
                         100.0 * mean, 100.0 * low, 100.0 * high, dead, all);
}

tl_err tl_forecast_calibration_yaml(struct tl_ctx *ctx, const struct tl_forecast_record *record,
                                    const struct tl_forecast_calibration *c, char **yaml)
{
    struct tl_buf buf = {0};
    long long last = record->first_year + record->n - 1;
    tl_err err = TL_OK;
    TL_TRY(tl_buf_printf(
        ctx, &buf,
        "# Calibrated on %lld years of recorded %s (%lld to %lld). \"calibrated\" figures follow "
        "from "
        "the record;\n# \"prior\" figures could not be calibrated and stand as they were set.\n"
        "# A year without a record counts as one in which nothing happened, and the last year as a "
        "whole one.\n"
        "title: Recorded %s, carried on\n"
        "note: Counts %s; posterior-predictive p-values %.2f (sum), %.2f (yearly errors), %.2f "
        "(years of "
        "zero).\nstart: %lld\nyears: 10\n",
        (long long)record->n, record->is_events ? "accidents" : "casualties",
        (long long)record->first_year, last, record->is_events ? "accidents" : "casualties",
        record->is_events ? "accidents where it says casualties" : "casualties", c->p_mean,
        c->p_spread, c->p_zero, last + 1));
    TL_TRY(tl_buf_add(ctx, &buf,
                      "people:\n  use: {best: 1, source: \"prior: not calibrated, the record tells "
                      "only rate x items x "
                      "use\"}\ncasualties:\n"));
    TL_TRY(range(ctx, &buf, "rate", c->level, 1.0 / unit_items, " /year",
                 "calibrated: level of the last year over the unit of items"));
    TL_TRY(range(ctx, &buf, "dispersion", c->dispersion, 1.0, "", "calibrated"));
    TL_TRY(range(ctx, &buf, "level_step", c->step, 1.0, "", "calibrated"));
    TL_TRY(range(ctx, &buf, "trend", c->trend, 1.0, "",
                 "calibrated: movement expected of the first year"));
    TL_TRY(range(ctx, &buf, "damping", c->damping, 1.0, "", "calibrated"));
    TL_TRY(tl_buf_printf(
        ctx, &buf,
        "classes:\n  - name: recorded hazard\n    kind: other-ordnance\n"
        "    numbers: {best: %.0f, source: \"prior: not calibrated, a unit; the record tells only "
        "rate "
        "x items x use\"}\n    arrived: {from: %lld, to: %lld}\n    works: {best: 100 %%, source: "
        "\"prior: not calibrated, part of the unit\"}\n",
        unit_items, (long long)record->first_year, last));
    TL_TRY(killed(ctx, &buf, record));
    *yaml = buf.text;
    buf = (struct tl_buf){0};
done:
    tl_buf_fini(&buf);
    return err;
}

tl_err tl_forecast_calibration_write(struct tl_ctx *ctx, const struct tl_forecast_record *record,
                                     const struct tl_forecast_calibration *c, const char *path,
                                     bool overwrite)
{
    char *yaml = NULL;
    tl_err err = TL_OK;
    if (!overwrite && access(path, F_OK) == 0)
        return tl_fail(ctx, TL_EEXISTS, "%s is there already; --overwrite replaces it", path);
    TL_TRY(tl_forecast_calibration_yaml(ctx, record, c, &yaml));
    TL_TRY(tl_file_write(ctx, path, yaml, (int64_t)strlen(yaml)));
done:
    tl_free(yaml);
    return err;
}

static json_t *three_json(const double q[3])
{
    return json_pack("{s:o, s:o, s:o}", "q05", tl_json_number(q[0], 5), "q50",
                     tl_json_number(q[1], 5), "q95", tl_json_number(q[2], 5));
}

tl_err tl_forecast_calibration_json(struct tl_ctx *ctx, const struct tl_forecast_record *record,
                                    const struct tl_forecast_calibration *c, char **json)
{
    static const char *const names[] = {"q05", "q25", "q50", "q75", "q95"};
    tl_err err = TL_OK;
    json_t *root = json_object(), *ahead = json_array(), *recorded = json_array();
    json_object_set_new(root, "schema", json_string("tilth.forecast-calibration/1"));
    json_object_set_new(root, "program", json_string("tilth " TILTH_VERSION));
    json_object_set_new(root, "source", json_string(record->source));
    json_object_set_new(root, "counts",
                        json_string(record->is_events ? "accidents" : "casualties"));
    json_object_set_new(root, "first_year", json_integer((json_int_t)record->first_year));
    for (int64_t t = 0; t < record->n; t++)
        json_array_append_new(recorded, tl_json_number(record->count[t], 12));
    json_object_set_new(root, "recorded", recorded);
    json_object_set_new(
        root, "method",
        json_string("grid over step, damping and size; particle filter for the level"));
    json_object_set_new(root, "level", three_json(c->level));
    json_object_set_new(root, "step", three_json(c->step));
    json_object_set_new(root, "trend", three_json(c->trend));
    json_object_set_new(root, "damping", three_json(c->damping));
    json_object_set_new(root, "dispersion", three_json(c->dispersion));
    json_object_set_new(root, "log_marginal_likelihood", tl_json_number(c->log_likelihood, 6));
    json_object_set_new(root, "predictive_p",
                        json_pack("{s:o, s:o, s:o}", "sum", tl_json_number(c->p_mean, 3),
                                  "yearly_errors", tl_json_number(c->p_spread, 3), "zeros",
                                  tl_json_number(c->p_zero, 3)));
    for (int64_t t = 0; t < c->n_ahead; t++) {
        json_t *year = json_object();
        json_object_set_new(year, "year",
                            json_integer((json_int_t)(record->first_year + record->n + t)));
        json_object_set_new(year, "mean", tl_json_number(c->mean[t], 5));
        for (int k = 0; k < 5; k++)
            json_object_set_new(year, names[k], tl_json_number(c->ahead[t][k], 5));
        json_array_append_new(ahead, year);
    }
    json_object_set_new(root, "ahead", ahead);
    json_object_set_new(root, "not_calibrated",
                        json_pack("[s, s]", "numbers of items", "use of land"));
    TL_TRY(tl_json_text(ctx, root, json));
done:
    json_decref(root);
    return err;
}
