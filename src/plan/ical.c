/* iCalendar (RFC 5545): a VEVENT for each planned task, whole days; lines end in CRLF and are folded after 75 bytes, never inside a letter. */
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/hash.h"
#include "plan/plan.h"

enum { LINE_BYTES = 75, UID_DIGITS = 32 };

/* Adds a content line, folded. */
static tl_err add_line(struct tl_ctx *ctx, struct tl_buf *to, const char *line)
{
    int64_t n = (int64_t)strlen(line), at = 0;
    tl_err err = TL_OK;
    do {
        int64_t room = at == 0 ? LINE_BYTES : LINE_BYTES - 1, take = n - at;
        if (take > room) {
            take = room;
            while (take > 1 && ((unsigned char)line[at + take] & 0xC0U) == 0x80)
                take--; /* a following byte of UTF-8 */
        }
        if (at > 0)
            TL_TRY(tl_buf_add(ctx, to, " "));
        TL_TRY(tl_buf_add_bytes(ctx, to, line + at, take));
        TL_TRY(tl_buf_add(ctx, to, "\r\n"));
        at += take;
    } while (at < n);
done:
    return err;
}

/* "NAME:text" with what has a meaning in iCalendar escaped. */
static tl_err add_text(struct tl_ctx *ctx, struct tl_buf *to, const char *name, const char *text)
{
    struct tl_buf line = {0};
    tl_err err = TL_OK;
    TL_TRY(tl_buf_printf(ctx, &line, "%s:", name));
    for (const char *c = text; *c != '\0'; c++) {
        const char *as = *c == '\n'   ? "\\n"
                         : *c == ','  ? "\\,"
                         : *c == ';'  ? "\\;"
                         : *c == '\\' ? "\\\\"
                                      : NULL;
        if (as != NULL)
            TL_TRY(tl_buf_add(ctx, &line, as));
        else if ((unsigned char)*c >= 0x20)
            TL_TRY(tl_buf_add_bytes(ctx, &line, c, 1));
    }
    TL_TRY(add_line(ctx, to, line.text));
done:
    tl_buf_fini(&line);
    return err;
}

/* The same task of the same area has the same id in every plan. */
static void uid_of(const struct tl_plan_task *task, char *uid)
{
    char hex[TL_HASH_HEX], text[256];
    int n = snprintf(text, sizeof text, "tilth plan\n%.80s\n%.80s\n%d/%d", task->area, task->code,
                     task->part, task->n_parts);
    tl_hash_of(text, n, hex);
    memcpy(uid, hex, UID_DIGITS);
    uid[UID_DIGITS] = '\0';
}

/* A line for each task that it waits for (RFC 9253; what does not know that kind of relation passes over it). */
static tl_err add_waits(struct tl_ctx *ctx, struct tl_buf *to, const struct tl_plan *plan,
                        const struct tl_plan_task *task)
{
    char uid[UID_DIGITS + 1], text[128];
    tl_err err = TL_OK;
    for (int64_t i = 0; i < plan->n_orders; i++) {
        if (&plan->tasks[plan->orders[i].then] != task)
            continue;
        uid_of(&plan->tasks[plan->orders[i].first], uid);
        snprintf(text, sizeof text, "RELATED-TO;RELTYPE=FINISHTOSTART:%s@tilth", uid);
        TL_TRY(add_line(ctx, to, text));
    }
done:
    return err;
}

static void plain_date(int64_t day, char *text)
{
    char iso[TL_CALENDAR_BYTES];
    tl_calendar_text(day, iso);
    snprintf(text, 9, "%.4s%.2s%.2s", iso, iso + 5, iso + 8);
}

static tl_err add_event(struct tl_ctx *ctx, struct tl_buf *to, const struct tl_plan *plan,
                        const struct tl_plan_task *task)
{
    const char *team = plan->teams.teams[task->team].name;
    char uid[UID_DIGITS + 1], text[512], from[9], to_day[9], money[TL_MONEY_TEXT_BYTES];
    int64_t start = plan->start, end = plan->start;
    tl_err err = TL_OK;
    tl_calendar_day(task->start, &start);
    tl_calendar_day(task->end, &end);
    plain_date(start, from);
    plain_date(end + 1, to_day); /* the first day that is no longer part of it */
    uid_of(task, uid);
    TL_TRY(add_line(ctx, to, "BEGIN:VEVENT"));
    snprintf(text, sizeof text, "UID:%s@tilth", uid);
    TL_TRY(add_line(ctx, to, text));
    snprintf(text, sizeof text, "DTSTAMP:%s", plan->stamp_utc);
    TL_TRY(add_line(ctx, to, text));
    snprintf(text, sizeof text, "DTSTART;VALUE=DATE:%s", from);
    TL_TRY(add_line(ctx, to, text));
    snprintf(text, sizeof text, "DTEND;VALUE=DATE:%s", to_day);
    TL_TRY(add_line(ctx, to, text));
    snprintf(text, sizeof text, "%s %.200s (%.100s)", task->code,
             task->name[0] != '\0' ? task->name : task->area, team);
    TL_TRY(add_text(ctx, to, "SUMMARY", text));
    snprintf(text, sizeof text, "%s, %.2f ha by %s: %.1f days, of them %.1f on the road, %s. %s",
             task->area, task->area_m2 / TL_PLAN_M2_PER_HA, task->method, task->days,
             task->travel_days, tl_money_text(task->cost, plan->teams.currency, money), task->why);
    TL_TRY(add_text(ctx, to, "DESCRIPTION", text));
    snprintf(text, sizeof text, "GEO:%.6f;%.6f", task->lat_deg, task->lon_deg);
    TL_TRY(add_line(ctx, to, text));
    TL_TRY(add_waits(ctx, to, plan, task));
    TL_TRY(add_text(ctx, to, "CATEGORIES", team));
    TL_TRY(add_line(ctx, to, "TRANSP:OPAQUE"));
    TL_TRY(add_line(ctx, to, "END:VEVENT"));
done:
    return err;
}

tl_err tl_plan_ical(struct tl_ctx *ctx, const struct tl_plan *plan, char **ical)
{
    struct tl_buf made = {0};
    tl_err err = TL_OK;
    TL_TRY(add_line(ctx, &made, "BEGIN:VCALENDAR"));
    TL_TRY(add_line(ctx, &made, "VERSION:2.0"));
    TL_TRY(add_line(ctx, &made, "PRODID:-//Tilth//tilth plan " TILTH_VERSION "//EN"));
    TL_TRY(add_line(ctx, &made, "CALSCALE:GREGORIAN"));
    TL_TRY(add_text(ctx, &made, "X-WR-CALNAME", plan->title));
    for (int64_t t = 0; t < plan->n_tasks; t++)
        if (plan->tasks[t].is_planned)
            TL_TRY(add_event(ctx, &made, plan, &plan->tasks[t]));
    TL_TRY(add_line(ctx, &made, "END:VCALENDAR"));
    *ical = made.text;
    made = (struct tl_buf){0};
done:
    tl_buf_fini(&made);
    return err;
}
