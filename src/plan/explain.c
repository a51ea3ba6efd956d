/* A task of the plan that the project keeps. Everything comes from that plan's JSON, so the answer is of the plan as it was made. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/buf.h"
#include "core/text.h"
#include "plan/plan.h"

struct kept {
    json_t *plan; /* owns */
    char *at;     /* owns */
    bool is_stale;
};

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

static tl_err say_score(struct tl_ctx *ctx, struct tl_buf *to, const json_t *plan,
                        const json_t *task)
{
    char a[TL_TEXT_NUMBER_BYTES], b[TL_TEXT_NUMBER_BYTES];
    size_t at;
    json_t *part;
    tl_err err = TL_OK;
    TL_TRY(tl_buf_printf(
        ctx, to, "  Score %s %s, rank %lld of %lld:\n", tl_text_number(number_at(task, "score"), a),
        text_at(json_object_get(plan, "objective"), "unit"), (long long)number_at(task, "rank"),
        (long long)json_array_size(json_object_get(plan, "tasks"))));
    json_array_foreach(json_object_get(task, "score_parts"), at, part)
        TL_TRY(tl_buf_printf(ctx, to, "    %-28s %12s  from %s %s\n", text_at(part, "part"),
                             tl_text_number(number_at(part, "points"), a),
                             tl_text_number(number_at(part, "amount"), b), text_at(part, "unit")));
done:
    return err;
}

static tl_err say_ground(struct tl_ctx *ctx, struct tl_buf *to, const json_t *task)
{
    char a[TL_TEXT_NUMBER_BYTES], b[TL_TEXT_NUMBER_BYTES], c[TL_TEXT_NUMBER_BYTES],
        d[TL_TEXT_NUMBER_BYTES];
    const json_t *items = json_object_get(task, "items");
    tl_err err = TL_OK;
    if (json_is_object(items))
        TL_TRY(tl_buf_printf(
            ctx, to,
            "  Items expected there: %s (%s to %s); %s casualties a year if nothing "
            "is done.\n",
            tl_text_number(number_at(items, "mean"), a), tl_text_number(number_at(items, "q05"), b),
            tl_text_number(number_at(items, "q95"), c),
            tl_text_number(number_at(task, "casualties_a_year"), d)));
done:
    return err;
}

static tl_err say_plan(struct tl_ctx *ctx, struct tl_buf *to, const json_t *plan,
                       const json_t *task)
{
    char a[TL_TEXT_NUMBER_BYTES], b[TL_TEXT_NUMBER_BYTES], money[TL_MONEY_TEXT_BYTES];
    const json_t *planned = json_object_get(task, "planned"),
                 *after = json_object_get(task, "after"), *one;
    size_t at;
    tl_err err = TL_OK;
    if (json_is_object(planned))
        TL_TRY(tl_buf_printf(ctx, to, "  In the plan: %s, %s to %s (year %lld)",
                             text_at(planned, "team"), text_at(planned, "start"),
                             text_at(planned, "end"), (long long)number_at(planned, "year")));
    else
        TL_TRY(tl_buf_add(ctx, to, "  Not in the plan"));
    if (!isnan(number_at(task, "cost")))
        TL_TRY(
            tl_buf_printf(ctx, to, "; %s%s days, of them %s on the road, and %s by %s",
                          json_is_object(planned) ? "" : "at the cheapest ",
                          tl_text_number(number_at(task, "days"), a),
                          tl_text_number(number_at(task, "travel_days"), b),
                          tl_money_text(number_at(task, "cost"), text_at(plan, "currency"), money),
                          text_at(task, "method")));
    TL_TRY(tl_buf_printf(ctx, to, ".\n  Why: %s.\n", text_at(task, "why")));
    if (json_array_size(after) > 0)
        TL_TRY(tl_buf_add(ctx, to, "  Waits for: "));
    json_array_foreach(after, at, one)
        TL_TRY(tl_buf_printf(ctx, to, "%s%s%s", at > 0 ? ", " : "", json_string_value(one),
                             at + 1 == json_array_size(after) ? ".\n" : ""));
done:
    return err;
}

static tl_err say_change(struct tl_ctx *ctx, struct tl_buf *to, const json_t *plan,
                         const json_t *task)
{
    char a[TL_TEXT_NUMBER_BYTES], b[TL_TEXT_NUMBER_BYTES], money[TL_MONEY_TEXT_BYTES],
        money2[TL_MONEY_TEXT_BYTES];
    const json_t *change = json_object_get(task, "change");
    const char *currency = text_at(plan, "currency");
    double needed = number_at(change, "score_needed"), score = number_at(task, "score"),
           cost = number_at(change, "cost_at_most"),
           factor = number_at(change, "days_and_cost_factor"),
           more = number_at(change, "money_more");
    bool is_planned = json_is_object(json_object_get(task, "planned"));
    tl_err err = TL_OK;
    if (is_planned && needed > 0.0 && score > needed)
        return tl_buf_printf(ctx, to, "  It would stay in until its score fell below about %s.\n",
                             tl_text_number(needed, a));
    if (is_planned)
        return TL_OK;
    if (needed > score)
        TL_TRY(tl_buf_printf(ctx, to,
                             "  To move up: a score of about %s instead of %s (%s more),\n",
                             tl_text_number(needed, a), tl_text_number(score, b),
                             tl_text_number(needed - score, money)));
    if (!isnan(cost))
        TL_TRY(tl_buf_printf(ctx, to, "  or a cost of at most about %s instead of %s,\n",
                             tl_money_text(cost, currency, money),
                             tl_money_text(number_at(task, "cost"), currency, money2)));
    if (!isnan(factor))
        TL_TRY(tl_buf_printf(ctx, to, "  or %.0f %% less of both days and cost,\n",
                             ceil(100.0 * (1.0 - factor))));
    if (!isnan(more)) {
        long long before = (long long)number_at(change, "tasks_before");
        TL_TRY(tl_buf_printf(
            ctx, to, "  %s about %s more money and %s more team days in all: ",
            needed > score ? "or" : "To move up:", tl_money_text(more, currency, money),
            tl_text_number(number_at(change, "days_more"), a)));
        if (before == 0)
            TL_TRY(tl_buf_add(ctx, to, "it is the next in line.\n"));
        else
            TL_TRY(tl_buf_printf(ctx, to, "%lld task%s would come before it.\n", before,
                                 before == 1 ? "" : "s"));
    }
done:
    return err;
}

static tl_err say(struct tl_ctx *ctx, const struct kept *kept, const json_t *found,
                  struct tl_buf *to)
{
    size_t at;
    json_t *task;
    tl_err err = TL_OK;
    TL_TRY(tl_buf_printf(ctx, to, "%s: plan of %s, by %s.\n", text_at(kept->plan, "title"),
                         kept->at, text_at(json_object_get(kept->plan, "objective"), "title")));
    if (kept->is_stale)
        TL_TRY(tl_buf_add(
            ctx, to, "The map has been made anew since then: plan again for what it says now.\n"));
    json_array_foreach(found, at, task)
    {
        char ha[TL_TEXT_NUMBER_BYTES];
        TL_TRY(tl_buf_printf(
            ctx, to, "\n%s: %s (%s)%s%s, %s ha%s%s\n", text_at(task, "task"),
            text_at(task, "name")[0] != '\0' ? text_at(task, "name") : text_at(task, "area"),
            text_at(task, "area"), text_at(task, "class")[0] != '\0' ? ", " : "",
            text_at(task, "class"), tl_text_number(number_at(task, "ha"), ha),
            text_at(task, "district")[0] != '\0' ? ", " : "", text_at(task, "district")));
        TL_TRY(say_score(ctx, to, kept->plan, task));
        TL_TRY(say_ground(ctx, to, task));
        TL_TRY(say_plan(ctx, to, kept->plan, task));
        TL_TRY(say_change(ctx, to, kept->plan, task));
    }
    TL_TRY(
        tl_buf_add(ctx, to,
                   "\nWhat would change is told by the plan's prices of a day and of money; whole "
                   "tasks may leave a little more or less room.\n"));
done:
    return err;
}

tl_err tl_plan_explain(struct tl_ctx *ctx, struct tl_project *project, const char *task,
                       char **json, char **words)
{
    struct kept kept = {0};
    struct tl_buf made = {0};
    json_t *found = json_array(), *root = NULL;
    char *text = NULL;
    tl_err err = TL_OK;
    TL_TRY(load(ctx, project, &kept));
    TL_TRY(find(ctx, kept.plan, task, found));
    TL_TRY(say(ctx, &kept, found, &made));
    root = json_pack("{s:s, s:s, s:s, s:b, s:O, s:O, s:O}", "schema", "tilth.plan-explain/1",
                     "title", text_at(kept.plan, "title"), "kept", kept.at, "map_changed",
                     (int)kept.is_stale, "currency", json_object_get(kept.plan, "currency"),
                     "objective", json_object_get(kept.plan, "objective"), "tasks", found);
    if (root == NULL)
        TL_THROW(ctx, TL_ENOMEM, "the JSON could not be made");
    TL_TRY(tl_json_text(ctx, root, &text));
    *json = text;
    *words = made.text;
    made = (struct tl_buf){0};
done:
    json_decref(kept.plan);
    tl_free(kept.at);
    json_decref(found);
    json_decref(root);
    tl_buf_fini(&made);
    return err;
}
