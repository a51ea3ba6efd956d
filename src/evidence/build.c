#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/hash.h"
#include "evidence/covariate.h"
#include "evidence/effort.h"
#include "evidence/heap.h"
#include "evidence/use.h"
#include "tilth/evidence.h"

static const char *const VERSION =
    "tilth.evidence/2"; /* changes with what is made of the same records */

static void hash_text(struct tl_hash *hash, const char *text)
{
    tl_hash_add(hash, text, (int64_t)strlen(text) + 1);
}

static tl_err hash_tables(struct tl_ctx *ctx, struct tl_project *project, struct tl_hash *hash)
{
    tl_err err = TL_OK;
    struct tl_method *methods = NULL;
    struct tl_covariate_info *infos = NULL;
    char *soil = NULL;
    int64_t n = 0;
    TL_TRY(tl_project_get(ctx, project, "soil", &soil));
    hash_text(hash, soil == NULL ? "" : soil);
    for (int k = 0; k < TL_KIND_COUNT; k++) {
        char hex[65];
        TL_TRY(tl_project_kind_hash(ctx, project, (enum tl_kind)k, hex));
        hash_text(hash, hex);
    }
    TL_TRY(tl_project_methods(ctx, project, &methods, &n));
    for (int64_t m = 0; m < n; m++)
        tl_attribute_hash_method(hash, &methods[m]);
    TL_TRY(tl_project_covariates(ctx, project, &infos, &n));
    for (int64_t k = 0; k < n; k++) {
        const double prior[] = {infos[k].prior_mean, infos[k].prior_sd};
        hash_text(hash, infos[k].name);
        hash_text(hash, infos[k].sha256);
        tl_hash_add(hash, prior, sizeof prior);
    }
done:
    tl_free(soil);
    tl_free(methods);
    tl_free(infos);
    return err;
}

static tl_err make_hash(struct tl_ctx *ctx, struct tl_project *project,
                        const struct tl_evidence_options *o, struct tl_evidence *out)
{
    tl_err err = TL_OK;
    void *wkb = NULL;
    int64_t bytes = 0;
    struct tl_hash hash;
    uint8_t sum[TL_HASH_BYTES];
    const double figures[] = {out->grid.x0_m,        out->grid.y0_m,
                              out->grid.step_m,      (double)out->grid.n_x,
                              (double)out->grid.n_y, o->accident_sd,
                              o->search_sd,          o->report_range_m,
                              o->use_range_m,        (double)o->no_default_covariates};
    tl_hash_init(&hash);
    hash_text(&hash, VERSION);
    hash_text(&hash, o->group == NULL ? "all" : o->group);
    hash_text(&hash, tl_project_crs(project));
    tl_hash_add(&hash, figures, sizeof figures);
    TL_TRY(tl_project_area(ctx, project, &wkb, &bytes));
    tl_hash_add(&hash, wkb, bytes);
    TL_TRY(hash_tables(ctx, project, &hash));
    tl_hash_done(&hash, sum);
    tl_hash_hex(sum, out->hash);
done:
    tl_free(wkb);
    return err;
}

static struct tl_evidence_channel *add_channel(struct tl_evidence *out, const char *name, double sd)
{
    struct tl_evidence_channel *channel = &out->channels[out->n_channels++];
    snprintf(channel->name, sizeof channel->name, "%s", name);
    channel->effect_sd = sd;
    return channel;
}

static tl_err add_search(struct tl_ctx *ctx, const struct tl_evidence_options *o,
                         struct tl_effort *effort, struct tl_evidence *out)
{
    if (effort->total_m2 <= 0.0)
        return TL_OK;
    struct tl_evidence_channel *channel =
        add_channel(out, "search", o->search_sd > 0.0 ? o->search_sd : 0.2);
    out->rows->has_search = true;
    out->rows->counts[0] = effort->counts;
    memset(&effort->counts, 0, sizeof effort->counts);
    channel->n_records = effort->n_records;
    channel->total_count = out->rows->counts[0].sum;
    channel->total_effort_m2 = effort->total_m2;
    snprintf(channel->words, sizeof channel->words,
             "effort = cell area less the residual of %lld search%s (overlaps exact, chances of "
             "detection by "
             "method); %.0f items given only as a search's number are spread over its cells",
             (long long)effort->attribute.n_searches, effort->attribute.n_searches == 1 ? "" : "es",
             effort->n_spread);
    if (effort->n_moved > 0)
        tl_covariate_note(out,
                          "%lld item%s found by a search %s off its polygon and %s counted in its "
                          "nearest cell within the position's accuracy",
                          (long long)effort->n_moved, effort->n_moved == 1 ? "" : "s",
                          effort->n_moved == 1 ? "lies" : "lie",
                          effort->n_moved == 1 ? "is" : "are");
    (void)ctx;
    return TL_OK;
}

/* A channel in which people, not searches, meet items. */
struct people {
    int channel; /* -1 = no record: no channel */
    double rate;
    struct tl_use_span span;
    struct tl_use_times times;
};

static void say_people(const struct tl_gather *g, const struct people *p,
                       struct tl_evidence_channel *channel)
{
    char years[64] = "1 year, since no record is dated";
    const struct tl_use_span *span = &p->span;
    if (span->n_dated > 0 && span->to - span->from < 1.5)
        snprintf(years, sizeof years, "1 year (%.0f)", span->from);
    else if (span->n_dated > 0)
        snprintf(years, sizeof years, "%.0f years (%.0f to %.0f)", span->to - span->from,
                 span->from, span->to - 1.0);
    snprintf(channel->words, sizeof channel->words,
             "effort = area not yet searched × use of land (%s) × %s × %g a year, assumed: its "
             "scale is poorly "
             "known",
             g->n[TL_KIND_PLACE] > 0 ? "people nearby" : "1 everywhere: no places known", years,
             p->rate);
}

/* Counts of such a channel, and the years. Records that the search channel has are left to it. */
static tl_err add_people(struct tl_ctx *ctx, const struct tl_gather *g,
                         const struct tl_effort *searches, enum tl_kind kind, double sd,
                         struct tl_evidence *out, struct people *people)
{
    tl_err err = TL_OK;
    struct tl_counts counts = {0};
    int64_t n_records = 0;
    bool is_accident = kind == TL_KIND_ACCIDENT;
    const bool *taken = is_accident ? searches->is_accident_counted : searches->is_counted;
    people->channel = -1;
    people->rate = is_accident ? TL_USE_ACCIDENT_RATE : TL_USE_SPOT_RATE;
    for (int64_t i = 0; i < g->n[kind]; i++) {
        const struct tl_gather_point *point = &g->points[kind][i];
        if (point->cell < 0 || point->is_other || taken[i])
            continue;
        TL_TRY(tl_counts_add(ctx, &counts, point->cell, point->number));
        n_records++;
    }
    if (n_records == 0)
        goto done;
    people->span = tl_use_years(g, kind, taken);
    TL_TRY(tl_use_slice(ctx, &searches->attribute, &people->span, &people->times));
    people->channel = out->n_channels;
    struct tl_evidence_channel *channel =
        add_channel(out, is_accident ? "accident" : "spot", sd > 0.0 ? sd : 1.5);
    channel->n_records = n_records;
    tl_counts_settle(&counts);
    channel->total_count = counts.sum;
    out->rows->counts[people->channel] = counts;
    counts = (struct tl_counts){0};
    say_people(g, people, channel);
done:
    tl_counts_fini(&counts);
    return err;
}

struct stripe { /* owns */
    double *area, *use, *effort;
};

static tl_err people_rows(struct tl_ctx *ctx, const struct tl_gather *g,
                          const struct tl_effort *searches, const struct people *p, int64_t y,
                          int64_t end, const struct stripe *stripe, struct tl_evidence *out)
{
    tl_err err = TL_OK;
    int64_t n = (end - y) * g->grid.n_x;
    struct tl_evidence_channel *channel = &out->channels[p->channel];
    TL_TRY(tl_effort_integral(ctx, &searches->attribute, y, end, stripe->area, p->times.n,
                              p->times.at, stripe->effort));
    tl_use_effort(n, stripe->area, stripe->use, &p->span, p->rate, stripe->effort);
    for (int64_t i = 0; i < n; i++)
        channel->total_effort_m2 += stripe->effort[i];
    TL_TRY(tl_rowfile_put(ctx, out->rows->file, p->channel, y, end - y, stripe->effort));
done:
    return err;
}

/* Efforts of people, a stripe of rows at a time; the use of land is that of all of them. */
static tl_err people_efforts(struct tl_ctx *ctx, const struct tl_gather *g,
                             const struct tl_effort *searches, double range_m,
                             const struct people people[2], struct tl_evidence *out)
{
    tl_err err = TL_OK;
    struct stripe stripe = {0};
    int64_t n_x = g->grid.n_x, n_y = g->grid.n_y, rows = tl_evidence_stripe(&g->grid);
    if (people[0].channel < 0 && people[1].channel < 0)
        return TL_OK;
    TL_TRY_ALLOC(ctx, stripe.area, rows * n_x);
    TL_TRY_ALLOC(ctx, stripe.use, rows * n_x);
    TL_TRY_ALLOC(ctx, stripe.effort, rows * n_x);
    for (int64_t y = 0; y < n_y; y += rows) {
        int64_t end = y + rows < n_y ? y + rows : n_y;
        TL_TRY(tl_cancelled(ctx));
        tl_land_row(&out->rows->land, y * n_x, (end - y) * n_x, stripe.area);
        TL_TRY(tl_use_intensity_rows(ctx, g, range_m, y, end, stripe.use));
        for (int k = 0; k < 2; k++)
            if (people[k].channel >= 0)
                TL_TRY(people_rows(ctx, g, searches, &people[k], y, end, &stripe, out));
        tl_progress_set(ctx, 0.6 + 0.2 * (double)end / (double)n_y);
    }
done:
    tl_free(stripe.area);
    tl_free(stripe.use);
    tl_free(stripe.effort);
    return err;
}

static void count_outside(const struct tl_gather *g, struct tl_evidence *out)
{
    static const enum tl_kind kinds[] = {TL_KIND_ACCIDENT, TL_KIND_ITEM};
    for (int k = 0; k < 2; k++)
        for (int64_t i = 0; i < g->n[kinds[k]]; i++)
            out->n_outside += g->points[kinds[k]][i].cell < 0 && !g->points[kinds[k]][i].is_other;
}

static tl_err add_channels(struct tl_ctx *ctx, const struct tl_gather *g,
                           const struct tl_evidence_options *o, struct tl_effort *effort,
                           struct tl_evidence *out)
{
    tl_err err = TL_OK;
    struct people people[2];
    double range = o->use_range_m > 0.0 ? o->use_range_m : fmax(5000.0, 2.0 * out->grid.step_m);
    TL_TRY(add_search(ctx, o, effort, out));
    TL_TRY(add_people(ctx, g, effort, TL_KIND_ACCIDENT, o->accident_sd, out, &people[0]));
    TL_TRY(add_people(ctx, g, effort, TL_KIND_ITEM, o->accident_sd, out, &people[1]));
    if (effort->total_m2 <= 0.0) /* what was put there is nothing, and another channel's place */
        tl_rowfile_forget(out->rows->file, 0);
    TL_TRY(people_efforts(ctx, g, effort, range, people, out));
    if (out->n_channels == 0)
        TL_THROW(ctx, TL_EDATA,
                 "there is no record in the area that counts as evidence: import accidents, items "
                 "found, or "
                 "searches with their polygons (hazardous areas, reports, lines and places alone "
                 "are claims)");
    if (out->n_channels > 1)
        tl_covariate_note(
            out, "items removed by accidents and spot finds are not taken off what remains: it "
                 "is overstated by them, which is little where few of all items are met");
    if (effort->n_left > 0)
        tl_covariate_note(
            out,
            "%lld items or accidents of searches lie on ground that no such search covers: they "
            "are counted as if people had met them",
            (long long)effort->n_left);
    if (effort->attribute.n_surveys > 0)
        tl_covariate_note(
            out,
            "%lld searches count as no effort: non-technical survey, no pass, or neither "
            "type nor method known",
            (long long)effort->attribute.n_surveys);
    tl_covariate_note_depth(&effort->attribute, out);
    if (effort->n_spread_outside > 0.0)
        tl_covariate_note(out, "%.0f items of searches that lie outside the area are not used",
                          effort->n_spread_outside);
done:
    return err;
}

static tl_err build(struct tl_ctx *ctx, struct tl_project *project,
                    const struct tl_evidence_options *o, const char *folder,
                    struct tl_evidence *out)
{
    tl_err err = TL_OK;
    struct tl_gather gather = {0};
    struct tl_effort effort = {0};
    enum tl_group group = TL_GROUP_ALL;
    TL_TRY(tl_group_find(ctx, o->group, &group));
    TL_TRY(make_hash(ctx, project, o, out));
    TL_TRY(tl_evidence_rows_open(ctx, project, folder, &out->rows));
    tl_progress_set(ctx, 0.1);
    TL_TRY(tl_gather_init(ctx, project, group, NULL, &out->rows->land, &gather));
    out->n_other_group = gather.n_other_group;
    tl_progress_set(ctx, 0.3);
    TL_TRY(tl_effort_init(ctx, project, &gather, out->rows, &effort));
    tl_progress_set(ctx, 0.6);
    count_outside(&gather, out);
    tl_heap_note(&gather, out);
    TL_TRY(add_channels(ctx, &gather, o, &effort, out));
    tl_progress_set(ctx, 0.8);
    double step = out->grid.step_m;
    struct tl_covariate_options c = {
        .report_range_m = o->report_range_m > 0.0 ? o->report_range_m : fmax(1000.0, 1.5 * step),
        .no_defaults = o->no_default_covariates,
        .with_places = strcmp(out->channels[0].name, "search") == 0};
    TL_TRY(tl_covariate_fill(ctx, project, &gather, &c, out));
    TL_TRY(tl_cancelled(ctx));
done:
    tl_gather_fini(&gather);
    tl_effort_fini(&effort);
    return err;
}

tl_err tl_evidence_build_rows(struct tl_ctx *ctx, struct tl_project *project,
                              const struct tl_evidence_options *options, const char *folder,
                              struct tl_evidence *evidence)
{
    tl_err err = TL_OK;
    struct tl_evidence *out = NULL; /* on the heap: 16 KiB of words */
    struct tl_evidence_options defaults = {0};
    TL_TRY_ALLOC(ctx, out, 1);
    out->grid = tl_project_grid(project);
    tl_progress_begin(ctx, "gathering evidence");
    err = build(ctx, project, options == NULL ? &defaults : options, folder, out);
    tl_progress_end(ctx);
    TL_TRY(err);
    *evidence = *out;
    memset(out, 0, sizeof *out);
done:
    if (out != NULL)
        tl_evidence_fini(out);
    tl_free(out);
    return err;
}

tl_err tl_evidence_build(struct tl_ctx *ctx, struct tl_project *project,
                         const struct tl_evidence_options *options, struct tl_evidence *evidence)
{
    tl_err err = TL_OK;
    struct tl_evidence *out = NULL; /* on the heap: 16 KiB of words */
    TL_TRY_ALLOC(ctx, out, 1);
    TL_TRY(tl_evidence_build_rows(ctx, project, options, NULL, out));
    TL_TRY(tl_evidence_to_arrays(ctx, out));
    *evidence = *out;
    memset(out, 0, sizeof *out);
done:
    if (out != NULL)
        tl_evidence_fini(out);
    tl_free(out);
    return err;
}
