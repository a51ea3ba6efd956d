/* Sentences that live as long as the plan. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "plan/plan.h"

static const char *keep(struct tl_ctx *ctx, struct tl_plan *plan, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    char *text = tl_alloc(ctx, n + 1, 1);
    if (text != NULL)
        vsnprintf(text, (size_t)n + 1, format, again);
    va_end(again);
    if (text != NULL && plan->n_texts == plan->room_texts) {
        int64_t room = 2 * plan->room_texts + 64;
        char **grown = tl_regrow(ctx, plan->texts, plan->n_texts, room, sizeof *grown);
        if (grown == NULL) {
            tl_free(text);
            return NULL;
        }
        plan->texts = grown;
        plan->room_texts = room;
    }
    if (text != NULL)
        plan->texts[plan->n_texts++] = text;
    return text;
}

const char *tl_plan_keep_text(struct tl_ctx *ctx, struct tl_plan *plan, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = keep(ctx, plan, format, args);
    va_end(args);
    return text;
}

static tl_err add(struct tl_ctx *ctx, struct tl_plan_list *list, const char *text)
{
    if (text == NULL)
        return TL_ENOMEM;
    for (int64_t i = 0; i < list->n; i++)
        if (strcmp(list->texts[i], text) == 0)
            return TL_OK;
    if (list->n == list->room) {
        int64_t room = 2 * list->room + 16;
        const char **grown =
            tl_regrow(ctx, (void *)list->texts, list->n, room, sizeof *list->texts);
        if (grown == NULL)
            return TL_ENOMEM;
        list->texts = grown;
        list->room = room;
    }
    list->texts[list->n++] = text;
    return TL_OK;
}

tl_err tl_plan_assume(struct tl_ctx *ctx, struct tl_plan *plan, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = keep(ctx, plan, format, args);
    va_end(args);
    return add(ctx, &plan->assumptions, text);
}

tl_err tl_plan_remark(struct tl_ctx *ctx, struct tl_plan *plan, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = keep(ctx, plan, format, args);
    va_end(args);
    return add(ctx, &plan->notes, text);
}
