/*
 * The command behind `tilth survey inspect`: the size of a sample, and the sample itself on the ground. Four ways, one lot:
 * plain (exact hypergeometric), strata by risk, Bayesian from the map, Bayesian from a Beta prior.
 *
 * From the map two priors are made and the sample must do for both: units on their own (Poisson-binomial), and units whose risk is too high
 * or too low together, because the map's level has an error that neighbours share (a mixture over that error). The truth lies between.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/json.h"
#include "core/text.h"
#include "survey/strata.h"
#include "survey/units.h"

enum { DIGITS = 8, PRIORS = 2 };
static const double M2_PER_HA = 10000.0;
static const double PASS_AT[] = {1.0, 2.0, 4.0}; /* times the number of bad units that decides */

struct prior {
    const char *name;
    struct tl_survey_numbers numbers; /* owns */
    int64_t sample;                   /* that this prior asks for */
    double before, confidence;        /* P(free enough): before, and after the sample passed */
};

struct job {
    const struct tl_survey_inspect *inspect;
    struct tl_survey_lot lot;
    bool has_area;
    int64_t n_bad, sample;
    double confidence;
    struct tl_survey_area area;   /* owns */
    struct tl_survey_units units; /* owns */
    int n_priors, n_strata;
    struct prior priors[PRIORS]; /* owns */
    double prior_a, prior_b;     /* NaN = the map */
    struct tl_survey_stratum strata[TL_SURVEY_STRATA_MAX];
    double mean_p[TL_SURVEY_STRATA_MAX];
};

static tl_err check(struct tl_ctx *ctx, const struct tl_survey_inspect *in, bool has_area,
                    const char *out, bool overwrite)
{
    if (in->stratify != NULL && strcmp(in->stratify, "risk") != 0)
        return tl_fail(ctx, TL_EUSAGE, "strata by '%s' are not known; expected risk", in->stratify);
    if (in->stratify != NULL && !has_area)
        return tl_fail(ctx, TL_EUSAGE, "strata by risk need an area of a project with a map");
    if (in->stratify != NULL && in->bayes)
        return tl_fail(ctx, TL_EUSAGE,
                       "strata by risk and the Bayesian form both use the map; give one of them");
    if (out != NULL && !has_area)
        return tl_fail(ctx, TL_EUSAGE, "%s: a sample on the ground needs an area", out);
    if (out != NULL && !tl_survey_ends_with(out, ".geojson"))
        return tl_fail(ctx, TL_EUSAGE, "%s: the sample is written as .geojson", out);
    if (has_area && in->lot.n_units != 0 && in->unit_m != 0.0)
        return tl_fail(ctx, TL_EUSAGE,
                       "%lld units and units of %g m: an area is cut by one of them, not both",
                       (long long)in->lot.n_units, in->unit_m);
    if (has_area && (in->prior_a != 0.0 || in->prior_b != 0.0))
        return tl_fail(ctx, TL_EUSAGE, "a Beta prior is for a lot without a map; the area has one");
    return tl_survey_may_write(ctx, out, overwrite);
}

static tl_err check_sample(struct tl_ctx *ctx, struct job *job)
{
    int64_t sample = job->inspect->sample;
    if (sample > 0 && job->lot.confidence == 0.0)
        job->lot.confidence = 0.5; /* not asked for: only a place in the range */
    tl_err err = tl_survey_check_lot(ctx, &job->lot);
    if (err != TL_OK)
        return err;
    if (sample < 0)
        return tl_fail(ctx, TL_EDATA, "a sample of %lld units; expected at least 1",
                       (long long)sample);
    if (sample > job->lot.n_units)
        return tl_fail(ctx, TL_EDATA, "a sample of %lld units is larger than the lot of %lld",
                       (long long)sample, (long long)job->lot.n_units);
    return TL_OK;
}

static tl_err plain(struct tl_ctx *ctx, struct job *job)
{
    if (job->inspect->sample == 0)
        return tl_survey_sample_size(ctx, &job->lot, &job->sample, &job->confidence);
    job->sample = job->inspect->sample;
    job->confidence = 1.0 - tl_survey_pass(job->lot.n_units, job->n_bad, job->sample,
                                           job->lot.found_if_there, job->lot.accept);
    return TL_OK;
}

static tl_err stratified(struct tl_ctx *ctx, struct job *job)
{
    tl_err err = TL_OK;
    int64_t size[TL_SURVEY_STRATA_MAX];
    double sum[TL_SURVEY_STRATA_MAX] = {0};
    job->n_strata = job->units.n < TL_SURVEY_STRATA_MAX ? (int)job->units.n : TL_SURVEY_STRATA_MAX;
    TL_TRY(tl_survey_units_stratify(ctx, &job->units, job->n_strata, size));
    for (int64_t u = 0; u < job->units.n; u++)
        sum[job->units.units[u].stratum] += job->units.units[u].p_any;
    for (int h = 0; h < job->n_strata; h++) {
        double p = fmin(fmax(sum[h] / (double)size[h], 1e-12), 1.0 - 1e-12);
        job->mean_p[h] = p;
        job->strata[h] = (struct tl_survey_stratum){.n_units = size[h], .odds = p / (1.0 - p)};
    }
    TL_TRY(tl_survey_strata_size(ctx, &job->lot, job->inspect->sample, job->n_strata, job->strata,
                                 &job->confidence));
    for (int h = 0; h < job->n_strata; h++)
        job->sample += job->strata[h].n;
done:
    return err;
}

/* Mixture over the shared error of the map's level: numbers of bad units node by node, added up by weight. */
static tl_err shared_prior(struct tl_ctx *ctx, const struct tl_survey_units *units,
                           struct tl_survey_numbers *out)
{
    tl_err err = TL_OK;
    struct tl_survey_numbers made = {.n = units->n + 1}, one = {0};
    TL_TRY_ALLOC(ctx, made.p, made.n);
    for (int k = 0; k < TL_SURVEY_UNIT_NODES; k++) {
        TL_TRY(tl_survey_numbers_of_units(ctx, units->n, units->p_at + k * units->n, &one));
        for (int64_t b = 0; b < one.n; b++)
            made.p[one.first + b] += units->weight[k] * one.p[b];
        tl_survey_numbers_fini(&one);
    }
    *out = made;
    made.p = NULL;
done:
    tl_free(made.p);
    return err;
}

static tl_err independent_prior(struct tl_ctx *ctx, const struct tl_survey_units *units,
                                struct tl_survey_numbers *out)
{
    double *p = tl_alloc(ctx, units->n, sizeof *p);
    if (p == NULL)
        return TL_ENOMEM;
    for (int64_t u = 0; u < units->n; u++)
        p[u] = units->units[u].p_any;
    tl_err err = tl_survey_numbers_of_units(ctx, units->n, p, out);
    tl_free(p);
    return err;
}

static tl_err make_priors(struct tl_ctx *ctx, struct job *job)
{
    tl_err err = TL_OK;
    if (!job->has_area) {
        job->n_priors = 1;
        job->priors[0].name = "beta";
        return tl_survey_numbers_beta(ctx, job->lot.n_units, job->prior_a, job->prior_b,
                                      &job->priors[0].numbers);
    }
    job->n_priors = 2;
    job->priors[0].name = "map, units on their own";
    TL_TRY(independent_prior(ctx, &job->units, &job->priors[0].numbers));
    job->priors[1].name = "map, its error shared by all units";
    TL_TRY(shared_prior(ctx, &job->units, &job->priors[1].numbers));
done:
    return err;
}

static tl_err bayesian(struct tl_ctx *ctx, struct job *job)
{
    tl_err err = TL_OK;
    TL_TRY(make_priors(ctx, job));
    job->confidence = 1.0;
    for (int k = 0; k < job->n_priors; k++) {
        struct prior *p = &job->priors[k];
        p->before = tl_survey_posterior(&p->numbers, &job->lot, 0);
        p->sample = job->inspect->sample > 0 ? job->inspect->sample
                                             : tl_survey_bayes_size(&p->numbers, &job->lot);
        TL_TRY(tl_cancelled(ctx));
        if (p->sample < 0)
            TL_THROW(ctx, TL_EDATA,
                     "a confidence of %.6g %% cannot be had: inspecting all %lld units gives %.6g "
                     "%% (prior: %s)",
                     100.0 * job->lot.confidence, (long long)job->lot.n_units,
                     100.0 * tl_survey_posterior(&p->numbers, &job->lot, job->lot.n_units),
                     p->name);
        job->sample = p->sample > job->sample ? p->sample : job->sample;
    }
    for (int k = 0; k < job->n_priors; k++) {
        struct prior *p = &job->priors[k];
        p->confidence = tl_survey_posterior(&p->numbers, &job->lot, job->sample);
        job->confidence = fmin(job->confidence, p->confidence);
    }
done:
    return err;
}

static tl_err draw(struct tl_ctx *ctx, struct job *job)
{
    tl_err err = TL_OK;
    if (job->n_strata == 0)
        return tl_survey_units_draw(ctx, &job->units, 0, job->sample, job->inspect->seed);
    for (int h = 0; h < job->n_strata; h++)
        TL_TRY(tl_survey_units_draw(ctx, &job->units, h, job->strata[h].n, job->inspect->seed));
done:
    return err;
}

static json_t *prior_json(const struct job *job)
{
    if (job->n_priors == 0)
        return json_null();
    json_t *list = json_array();
    for (int k = 0; k < job->n_priors; k++) {
        const struct prior *p = &job->priors[k];
        double mean = 0.0;
        for (int64_t b = 0; b < p->numbers.n; b++)
            mean += (double)(p->numbers.first + b) * p->numbers.p[b];
        json_array_append_new(
            list, json_pack("{s:s, s:o, s:o, s:I, s:o}", "name", p->name, "expected_bad",
                            tl_json_number(mean, DIGITS), "confidence_before",
                            tl_json_number(p->before, DIGITS), "sample_size", (json_int_t)p->sample,
                            "confidence", tl_json_number(p->confidence, DIGITS)));
    }
    return list;
}

static json_t *strata_json(const struct job *job)
{
    if (job->n_strata == 0)
        return json_null();
    json_t *list = json_array();
    for (int h = 0; h < job->n_strata; h++)
        json_array_append_new(list,
                              json_pack("{s:I, s:I, s:o, s:I, s:I}", "stratum", (json_int_t)h + 1,
                                        "n_units", (json_int_t)job->strata[h].n_units, "p_any_mean",
                                        tl_json_number(job->mean_p[h], DIGITS), "least",
                                        (json_int_t)job->strata[h].least, "sample_size",
                                        (json_int_t)job->strata[h].n));
    return list;
}

static json_t *area_json(const struct job *job, const char *out)
{
    double drawn = 0.0;
    if (!job->has_area)
        return json_null();
    for (int64_t u = 0; u < job->units.n; u++)
        drawn += job->units.units[u].is_drawn ? job->units.units[u].area_m2 : 0.0;
    return json_pack("{s:s, s:o, s:o, s:o, s:I, s:s?}", "area", job->area.name, "area_m2",
                     tl_json_number(job->area.area_m2, DIGITS), "unit_m",
                     tl_json_number(job->units.grid.step_m, DIGITS), "sample_m2",
                     tl_json_number(drawn, DIGITS), "seed", (json_int_t)job->inspect->seed, "out",
                     out);
}

/* Chance that lots with more bad units than allowed pass all the same; of the plain form, which needs no map. */
static json_t *passes_json(const struct job *job)
{
    json_t *list = json_array();
    for (size_t k = 0; k < sizeof PASS_AT / sizeof PASS_AT[0] && job->n_strata == 0; k++) {
        int64_t bad = (int64_t)(PASS_AT[k] * (double)job->n_bad);
        if (bad > job->lot.n_units)
            break;
        double p = tl_survey_pass(job->lot.n_units, bad, job->sample, job->lot.found_if_there,
                                  job->lot.accept);
        json_array_append_new(list, json_pack("{s:I, s:o}", "n_bad", (json_int_t)bad, "p_pass",
                                              tl_json_number(p, DIGITS)));
    }
    return list;
}

static json_t *job_json(const struct job *job, const char *out)
{
    const struct tl_survey_lot *lot = &job->lot;
    const char *form = job->n_strata > 0   ? "strata by risk"
                       : job->n_priors > 0 ? "bayesian"
                                           : "hypergeometric";
    return json_pack(
        "{s:s, s:s, s:s, s:I, s:o, s:o, s:o, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o}", "schema",
        "tilth.inspect/1", "program", "tilth " TILTH_VERSION, "form", form, "n_units",
        (json_int_t)lot->n_units, "free", tl_json_number(lot->free, DIGITS), "wanted_confidence",
        job->inspect->sample > 0 ? json_null() : tl_json_number(lot->confidence, DIGITS),
        "found_if_there", tl_json_number(lot->found_if_there, DIGITS), "accept",
        (json_int_t)lot->accept, "n_bad", (json_int_t)job->n_bad, "sample_size",
        (json_int_t)job->sample, "confidence", tl_json_number(job->confidence, DIGITS), "passes",
        passes_json(job), "priors", prior_json(job), "strata", strata_json(job), "ground",
        area_json(job, out));
}

static tl_err say_form(struct tl_ctx *ctx, const struct job *job, struct tl_buf *buf)
{
    tl_err err = TL_OK;
    char a[40], b[40], would[80] = "";
    for (int h = 0; h < job->n_strata; h++)
        TL_TRY(tl_buf_printf(ctx, buf,
                             "Stratum %d (mean P(any) %.3g by the map): %lld of %lld units, at "
                             "least %lld whatever the map says.\n",
                             h + 1, job->mean_p[h], (long long)job->strata[h].n,
                             (long long)job->strata[h].n_units, (long long)job->strata[h].least));
    for (int k = 0; k < job->n_priors; k++) {
        /* A sample that was asked for is not the smallest that would do. */
        if (job->inspect->sample == 0)
            snprintf(would, sizeof would, "; %lld units would do for it",
                     (long long)job->priors[k].sample);
        TL_TRY(tl_buf_printf(ctx, buf, "Prior (%s): %s before, %s after%s.\n", job->priors[k].name,
                             tl_text_percent(job->priors[k].before, 4, a),
                             tl_text_percent(job->priors[k].confidence, 4, b), would));
    }
    if (job->n_priors == 2)
        TL_TRY(
            tl_buf_add(ctx, buf,
                       "The map's errors are partly shared by neighbours, so the sample does for "
                       "both priors.\n"));
    if (job->n_priors == 1)
        TL_TRY(tl_buf_printf(ctx, buf,
                             "The prior Beta(%s, %.6g) on the share of bad units is yours to "
                             "defend.\n",
                             tl_text_number(job->prior_a, a), job->prior_b));
done:
    return err;
}

static tl_err say_sample(struct tl_ctx *ctx, const struct job *job, struct tl_buf *buf)
{
    char finds[80] = "If none of them has a find", c[40], f[40];
    const struct tl_survey_lot *lot = &job->lot;
    if (job->sample == 0)
        return tl_buf_printf(
            ctx, buf,
            "No unit of %lld need be inspected for this: what is known beforehand gives %s "
            "that at least %s of the units are free (fewer than %lld hold anything). That "
            "rests on the prior alone, which inspection is there to check; --sample inspects some "
            "all the same.\n",
            (long long)lot->n_units, tl_text_percent(job->confidence, 4, c),
            tl_text_percent(lot->free, 6, f), (long long)job->n_bad);
    if (lot->accept > 0)
        snprintf(finds, sizeof finds, "If at most %lld of them %s a find", (long long)lot->accept,
                 lot->accept == 1 ? "has" : "have");
    return tl_buf_printf(
        ctx, buf,
        "Inspect %lld of %lld units, drawn at random%s. %s, then with a confidence "
        "of %s at least %s of the units are free (fewer than %lld hold "
        "anything).\n",
        (long long)job->sample, (long long)lot->n_units,
        job->n_strata > 0 ? " within strata by risk" : "", finds,
        tl_text_percent(job->confidence, 4, c), tl_text_percent(lot->free, 6, f),
        (long long)job->n_bad);
}

static tl_err say(struct tl_ctx *ctx, const struct job *job, const char *out, struct tl_buf *buf)
{
    tl_err err = TL_OK;
    char ha[40];
    int64_t asked = job->inspect->lot.n_units;
    if (job->has_area)
        TL_TRY(tl_buf_printf(ctx, buf, "%s: %s ha in units of %.4g m.\n", job->area.name,
                             tl_text_number(job->area.area_m2 / M2_PER_HA, ha),
                             job->units.grid.step_m));
    if (job->has_area && asked != 0 && asked != job->units.n)
        TL_TRY(tl_buf_printf(ctx, buf,
                             "%lld units were asked for; squares of this size, clipped to the "
                             "area, make %lld, and that is the lot.\n",
                             (long long)asked, (long long)job->units.n));
    TL_TRY(say_sample(ctx, job, buf));
    TL_TRY(tl_buf_printf(ctx, buf,
                         "Assumed: inspecting a unit that holds an item finds it with %s; "
                         "nothing is found where nothing is.\n",
                         tl_text_percent(job->lot.found_if_there, 4, ha)));
    TL_TRY(say_form(ctx, job, buf));
    if (job->has_area)
        TL_TRY(tl_buf_printf(ctx, buf, "Drawn with seed %llu.%s%s\n",
                             (unsigned long long)job->inspect->seed,
                             out == NULL ? "" : " Written: ", out == NULL ? "" : out));
    TL_TRY(
        tl_buf_add(ctx, buf,
                   "A lot that passes may still hold items; it is not a statement that there are "
                   "none.\n"));
done:
    return err;
}

static tl_err solve(struct tl_ctx *ctx, struct tl_project *project, struct job *job)
{
    tl_err err = TL_OK;
    const struct tl_survey_inspect *in = job->inspect;
    if (job->has_area) {
        TL_TRY(tl_survey_area_init(ctx, project, in->area, in->polygon, &job->area));
        if (in->lot.n_units != 0)
            TL_TRY(tl_survey_units_about(ctx, project, &job->area, in->lot.n_units, &job->units));
        else
            TL_TRY(tl_survey_units_init(ctx, project, &job->area, in->unit_m, &job->units));
        job->lot.n_units = job->units.n;
    }
    TL_TRY(check_sample(ctx, job));
    job->n_bad = tl_survey_bad_units(job->lot.n_units, job->lot.free);
    if (job->has_area && (in->bayes || in->stratify != NULL))
        TL_TRY(tl_survey_units_risk(ctx, project, &job->units));
    if (in->stratify != NULL)
        TL_TRY(stratified(ctx, job));
    else if (in->bayes)
        TL_TRY(bayesian(ctx, job));
    else
        TL_TRY(plain(ctx, job));
    if (job->has_area)
        TL_TRY(draw(ctx, job));
done:
    return err;
}

tl_err tl_survey_inspect(struct tl_ctx *ctx, struct tl_project *project,
                         const struct tl_survey_inspect *inspect, const char *out, bool overwrite,
                         char **json, char **words)
{
    tl_err err = TL_OK;
    struct job job = {.inspect = inspect, .lot = inspect->lot};
    struct tl_buf buf = {0};
    json_t *value = NULL;
    char *text = NULL;
    bool is_flat = inspect->prior_a == 0.0 && inspect->prior_b == 0.0;
    job.prior_a = is_flat ? 1.0 : inspect->prior_a;
    job.prior_b = is_flat ? 1.0 : inspect->prior_b;
    job.has_area = inspect->area != NULL || inspect->polygon != NULL;
    TL_TRY(check(ctx, inspect, job.has_area, out, overwrite));
    TL_TRY(solve(ctx, project, &job));
    TL_TRY(say(ctx, &job, out, &buf));
    value = job_json(&job, out);
    if (value == NULL)
        TL_THROW(ctx, TL_ENOMEM, "the JSON could not be made");
    TL_TRY(tl_json_text(ctx, value, &text));
    if (out != NULL)
        TL_TRY(tl_survey_units_write(ctx, &job.units, &job.area, out));
    *json = text;
    *words = buf.text;
    text = NULL;
    buf = (struct tl_buf){0};
done:
    json_decref(value);
    tl_free(text);
    tl_buf_fini(&buf);
    for (int k = 0; k < PRIORS; k++)
        tl_survey_numbers_fini(&job.priors[k].numbers);
    tl_survey_units_fini(&job.units);
    tl_survey_area_fini(&job.area);
    return err;
}
