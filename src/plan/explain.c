/*
 * A task of the plan that the project keeps. Everything comes from that plan's JSON, so the answer is of the plan as it was made; that keeps its reasons in English,
 * and they are said again in the language that is asked for.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/buf.h"
#include "core/retell.h"
#include "core/term.h"
#include "core/text.h"
#include "plan/plan.h"

struct kept {
    json_t *plan; /* owns */
    char *at;     /* owns */
    bool is_stale;
};

/* What is being said, and in which language. */
struct telling {
    struct tl_ctx *ctx;
    struct tl_catalogue *words; /* owns; NULL = English */
    struct tl_retell *retell;   /* owns */
    struct tl_buf to;           /* owns */
    char number[4][TL_TERM_NUMBER_BYTES];
};

static void telling_fini(struct telling *s)
{
    tl_retell_free(s->retell);
    tl_catalogue_free(s->words);
    tl_buf_fini(&s->to);
}

/* Adds a sentence or a part of one: its format is looked up in the catalogue. */
#define SAY(s, ...) tl_buf_printf((s)->ctx, &(s)->to, __VA_ARGS__)

static const char *text_at(const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));
    return text != NULL ? text : "";
}

static double number_at(const json_t *json, const char *key)
{
    const json_t *value = json_object_get(json, key);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static tl_err load(struct tl_ctx *ctx, struct tl_project *project, struct kept *kept)
{
    char *text = NULL, *map = NULL;
    int64_t run = 0;
    tl_err err = TL_OK;
    TL_TRY(tl_project_plan_load(ctx, project, &text, &kept->at));
    if (text == NULL)
        TL_THROW(ctx, TL_ENOTFOUND,
                 "%s keeps no plan yet; make one with: tilth plan %s --budget 12MUSD --years 3 "
                 "--teams teams.yaml --out DIR",
                 tl_project_path(project), tl_project_path(project));
    kept->plan = json_loads(text, 0, NULL);
    if (kept->plan == NULL)
        TL_THROW(ctx, TL_EINTEGRITY, "%s: the plan that is kept is not readable",
                 tl_project_path(project));
    TL_TRY(tl_project_map_load(ctx, project, &run, &map));
    kept->is_stale =
        map != NULL && (json_int_t)run != json_integer_value(json_object_get(kept->plan, "map"));
done:
    tl_free(text);
    tl_free(map);
    return err;
}

/* Whether a task, or the whole that it is a part of, is called so. */
static bool is_called(const json_t *task, const char *text)
{
    const char *code = text_at(task, "task");
    size_t n = strcspn(code, "/");
    return strcasecmp(code, text) == 0 || strcasecmp(text_at(task, "area"), text) == 0 ||
           (strlen(text) == n && strncasecmp(code, text, n) == 0);
}

static tl_err find(struct tl_ctx *ctx, const json_t *plan, const char *text, json_t *found)
{
    const json_t *tasks = json_object_get(plan, "tasks");
    const char *codes[2000];
    int n = 0;
    size_t at;
    json_t *task;
    json_array_foreach(tasks, at, task)
    {
        if (is_called(task, text))
            json_array_append(found, task);
        if (n < 2000)
            codes[n++] = text_at(task, "task");
    }
    if (json_array_size(found) > 0)
        return TL_OK;
    const char *near = tl_text_nearest(text, n, codes);
    return tl_fail(ctx, TL_ENOTFOUND,
                   "task \"%.60s\" does not exist in the plan%s%s; expected one such as %s or its "
                   "area's code",
                   text, near != NULL ? "; the nearest is " : "", near != NULL ? near : "",
                   n > 0 ? codes[0] : "T-001");
}

/* A text that the plan keeps in English, in the language of the telling. owns: the caller; NULL = no memory */
static char *retold(struct telling *s, const char *text)
{
    char *told = NULL;
    return tl_retell(s->ctx, s->retell, false, text, &told, NULL) == TL_OK ? told : NULL;
}

/* A number, in the n-th of the telling's buffers. */
static const char *figure(struct telling *s, int n, double value)
{
    return tl_term_number(s->words, value, s->number[n]);
}

static tl_err say_score(struct telling *s, const json_t *plan, const json_t *task)
{
    size_t at;
    json_t *part;
    char *unit = retold(s, text_at(json_object_get(plan, "objective"), "unit")), *name = NULL;
    tl_err err = unit == NULL ? TL_ENOMEM : TL_OK;
    TL_TRY(err);
    TL_TRY(SAY(s, tl_catalogue_text(s->words, "  Score %s %s, rank %lld of %lld:\n"),
               figure(s, 0, number_at(task, "score")), unit, (long long)number_at(task, "rank"),
               (long long)json_array_size(json_object_get(plan, "tasks"))));
    json_array_foreach(json_object_get(task, "score_parts"), at, part)
    {
        tl_free(unit);
        tl_free(name);
        unit = retold(s, text_at(part, "unit"));
        name = retold(s, text_at(part, "part"));
        if (unit == NULL || name == NULL)
            TL_TRY(TL_ENOMEM);
        int letters = 0; /* a column's width counts letters, printf bytes */
        for (const char *c = name; *c != '\0'; c++)
            letters += ((unsigned char)*c & 0xC0U) != 0x80;
        TL_TRY(SAY(s, "    %s%*s ", name, letters < 28 ? 28 - letters : 0, ""));
        TL_TRY(SAY(s, tl_catalogue_text(s->words, "%12s  from %s %s\n"),
                   figure(s, 0, number_at(part, "points")), figure(s, 1, number_at(part, "amount")),
                   unit));
    }
done:
    tl_free(unit);
    tl_free(name);
    return err;
}

static tl_err say_ground(struct telling *s, const json_t *task)
{
    const json_t *items = json_object_get(task, "items");
    if (!json_is_object(items))
        return TL_OK;
    return SAY(
        s,
        tl_catalogue_text(
            s->words, "  Items expected there: %s (%s to %s); %s casualties a year if nothing is "
                      "done.\n"),
        figure(s, 0, number_at(items, "mean")), figure(s, 1, number_at(items, "q05")),
        figure(s, 2, number_at(items, "q95")), figure(s, 3, number_at(task, "casualties_a_year")));
}

/* What it takes: days, of them on the road, money and method. */
static tl_err say_cost(struct telling *s, const json_t *plan, const json_t *task)
{
    char money[TL_MONEY_TEXT_BYTES];
    const char *days = figure(s, 0, number_at(task, "days")),
               *road = figure(s, 1, number_at(task, "travel_days"));
    tl_money_text(number_at(task, "cost"), text_at(plan, "currency"), money);
    if (json_is_object(json_object_get(task, "planned")))
        return SAY(s,
                   tl_catalogue_text(s->words, "; %s days, of them %s on the road, and %s by %s"),
                   days, road, money, text_at(task, "method"));
    return SAY(s,
               tl_catalogue_text(s->words,
                                 "; at the cheapest %s days, of them %s on the road, and %s by %s"),
               days, road, money, text_at(task, "method"));
}

static tl_err say_plan(struct telling *s, const json_t *plan, const json_t *task)
{
    const json_t *planned = json_object_get(task, "planned"),
                 *after = json_object_get(task, "after"), *one;
    size_t at;
    char *why = retold(s, text_at(task, "why"));
    tl_err err = why == NULL ? TL_ENOMEM : TL_OK;
    TL_TRY(err);
    if (json_is_object(planned))
        TL_TRY(SAY(s, tl_catalogue_text(s->words, "  In the plan: %s, %s to %s (year %lld)"),
                   text_at(planned, "team"), text_at(planned, "start"), text_at(planned, "end"),
                   (long long)number_at(planned, "year")));
    else
        TL_TRY(SAY(s, "%s", tl_catalogue_text(s->words, "  Not in the plan")));
    if (!isnan(number_at(task, "cost")))
        TL_TRY(say_cost(s, plan, task));
    TL_TRY(SAY(s, tl_catalogue_text(s->words, ".\n  Why: %s.\n"), why));
    if (json_array_size(after) > 0)
        TL_TRY(SAY(s, "%s", tl_catalogue_text(s->words, "  Waits for: ")));
    json_array_foreach(after, at, one)
        TL_TRY(SAY(s, "%s%s%s", at > 0 ? ", " : "", json_string_value(one),
                   at + 1 == json_array_size(after) ? ".\n" : ""));
done:
    tl_free(why);
    return err;
}

/* More money and days, and who would come first. */
static tl_err say_line(struct telling *s, const json_t *plan, const json_t *change, bool is_first)
{
    char money[TL_MONEY_TEXT_BYTES];
    long long before = (long long)number_at(change, "tasks_before");
    tl_err err = TL_OK;
    tl_money_text(number_at(change, "money_more"), text_at(plan, "currency"), money);
    const char *days = figure(s, 0, number_at(change, "days_more"));
    if (is_first)
        TL_TRY(
            SAY(s,
                tl_catalogue_text(
                    s->words, "  To move up: about %s more money and %s more team days in all: "),
                money, days));
    else
        TL_TRY(SAY(
            s,
            tl_catalogue_text(s->words, "  or about %s more money and %s more team days in all: "),
            money, days));
    if (before == 0)
        TL_TRY(SAY(s, "%s", tl_catalogue_text(s->words, "it is the next in line.\n")));
    else
        TL_TRY(SAY(s,
                   tl_catalogue_plural(s->words, "%lld task would come before it.\n",
                                       "%lld tasks would come before it.\n", before),
                   before));
done:
    return err;
}

static tl_err say_change(struct telling *s, const json_t *plan, const json_t *task)
{
    char money[TL_MONEY_TEXT_BYTES], money2[TL_MONEY_TEXT_BYTES];
    const json_t *change = json_object_get(task, "change");
    const char *currency = text_at(plan, "currency");
    double needed = number_at(change, "score_needed"), score = number_at(task, "score"),
           cost = number_at(change, "cost_at_most"),
           factor = number_at(change, "days_and_cost_factor");
    bool is_planned = json_is_object(json_object_get(task, "planned"));
    tl_err err = TL_OK;
    if (is_planned && needed > 0.0 && score > needed)
        return SAY(s,
                   tl_catalogue_text(s->words,
                                     "  It would stay in until its score fell below about %s.\n"),
                   figure(s, 0, needed));
    if (is_planned)
        return TL_OK;
    if (needed > score)
        TL_TRY(SAY(s,
                   tl_catalogue_text(
                       s->words, "  To move up: a score of about %s instead of %s (%s more),\n"),
                   figure(s, 0, needed), figure(s, 1, score), figure(s, 2, needed - score)));
    if (!isnan(cost))
        TL_TRY(SAY(s,
                   tl_catalogue_text(s->words, "  or a cost of at most about %s instead of %s,\n"),
                   tl_money_text(cost, currency, money),
                   tl_money_text(number_at(task, "cost"), currency, money2)));
    if (!isnan(factor))
        TL_TRY(SAY(s, tl_catalogue_text(s->words, "  or %.0f %% less of both days and cost,\n"),
                   ceil(100.0 * (1.0 - factor))));
    if (!isnan(number_at(change, "money_more")))
        TL_TRY(say_line(s, plan, change, !(needed > score)));
done:
    return err;
}

static tl_err say_task(struct telling *s, const json_t *plan, const json_t *task)
{
    const char *name = text_at(task, "name"), *class = text_at(task, "class"),
               *district = text_at(task, "district");
    tl_err err = TL_OK;
    TL_TRY(SAY(s, tl_catalogue_text(s->words, "\n%s: %s (%s)%s%s, %s ha%s%s\n"),
               text_at(task, "task"), name[0] != '\0' ? name : text_at(task, "area"),
               text_at(task, "area"), class[0] != '\0' ? ", " : "", class,
               figure(s, 0, number_at(task, "ha")), district[0] != '\0' ? ", " : "", district));
    TL_TRY(say_score(s, plan, task));
    TL_TRY(say_ground(s, task));
    TL_TRY(say_plan(s, plan, task));
    TL_TRY(say_change(s, plan, task));
done:
    return err;
}

static tl_err say(struct telling *s, const struct kept *kept, const json_t *found)
{
    size_t at;
    json_t *task;
    char *objective = retold(s, text_at(json_object_get(kept->plan, "objective"), "title"));
    tl_err err = objective == NULL ? TL_ENOMEM : TL_OK;
    TL_TRY(err);
    TL_TRY(SAY(s, tl_catalogue_text(s->words, "%s: plan of %s, by %s.\n"),
               text_at(kept->plan, "title"), kept->at, objective));
    if (kept->is_stale)
        TL_TRY(SAY(
            s, "%s",
            tl_catalogue_text(s->words,
                              "The map has been made anew since then: plan again for what it says "
                              "now.\n")));
    json_array_foreach(found, at, task) TL_TRY(say_task(s, kept->plan, task));
    TL_TRY(SAY(
        s, "%s",
        tl_catalogue_text(s->words,
                          "\nWhat would change is told by the plan's prices of a day and of money; "
                          "whole tasks may leave a little more or less room.\n")));
done:
    tl_free(objective);
    return err;
}

tl_err tl_plan_explain(struct tl_ctx *ctx, struct tl_project *project, const char *task,
                       const char *language, char **json, char **words)
{
    struct kept kept = {0};
    struct telling s = {.ctx = ctx};
    json_t *found = json_array(), *root = NULL;
    char *text = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_catalogue_open(ctx, language, &s.words));
    TL_TRY(tl_retell_create(ctx, s.words, &s.retell));
    TL_TRY(load(ctx, project, &kept));
    TL_TRY(find(ctx, kept.plan, task, found));
    TL_TRY(say(&s, &kept, found));
    root = json_pack("{s:s, s:s, s:s, s:b, s:O, s:O, s:O}", "schema", "tilth.plan-explain/1",
                     "title", text_at(kept.plan, "title"), "kept", kept.at, "map_changed",
                     (int)kept.is_stale, "currency", json_object_get(kept.plan, "currency"),
                     "objective", json_object_get(kept.plan, "objective"), "tasks", found);
    if (root == NULL)
        TL_THROW(ctx, TL_ENOMEM, "the JSON could not be made");
    TL_TRY(tl_json_text(ctx, root, &text));
    *json = text;
    *words = s.to.text;
    s.to = (struct tl_buf){0};
done:
    json_decref(kept.plan);
    tl_free(kept.at);
    json_decref(found);
    json_decref(root);
    telling_fini(&s);
    return err;
}
