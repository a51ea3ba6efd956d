/*
 * Records from the field. Each is dealt with once: what was made of it and its receipt are written in one transaction, and the same bytes again have the
 * same receipt. What cannot be taken in is kept with its reason, because the device may be lost before somebody mends it.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/catalogue.h"
#include "serve/api.h"
#include "serve/form.h"
#include "serve/lang.h"
#include "serve/reads.h"
#include "tilth/fieldwork.h"

enum { TIME_BYTES = 32, LIMIT = 100 };

static const double clock_slack_s = 300; /* by this much clocks may differ without a word */

/* One record on its way. */
struct arrival {
    struct tl_call *call; /* borrows */
    struct tl_fieldwork_sent sent;
    struct tl_form form;
    struct tl_entry *entry;     /* owns */
    json_t *doubts;             /* owns */
    double made_s;              /* of made_at, since 1970 */
    char today[16];             /* as the importer's checks have it */
    char *remarks;              /* owns: with what was taken out of the columns */
    char *said;                 /* owns: why it was refused or kept beside */
    char *receipt;              /* owns */
    struct tl_edit_state state; /* of the record, where there is one */
    struct tl_fieldwork_made made;
};

/* "2026-11-23T02:26:00Z", with or without parts of a second. */
static bool parse_time(const char *text, double *s)
{
    struct tm t = {0};
    int n = 0;
    if (text == NULL || strlen(text) >= TIME_BYTES ||
        sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%n", &t.tm_year, &t.tm_mon, &t.tm_mday, &t.tm_hour,
               &t.tm_min, &t.tm_sec, &n) != 6 ||
        n != 19)
        return false;
    const char *end = text + n;
    if (*end == '.')
        end += 1 + strspn(end + 1, "0123456789");
    if (strcmp(end, "Z") != 0 || t.tm_year < 1970 || t.tm_mon < 1 || t.tm_mon > 12 ||
        t.tm_mday < 1 || t.tm_mday > 31 || t.tm_hour > 23 || t.tm_min > 59 || t.tm_sec > 60)
        return false;
    t.tm_year -= 1900;
    t.tm_mon -= 1;
    *s = (double)timegm(&t);
    return true;
}

static bool is_id(const char *id)
{
    size_t n = strlen(id);
    return n >= 8 && n <= TL_FIELDWORK_ID_MAX &&
           strspn(id, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-") == n;
}

static tl_err read_ids(struct arrival *a)
{
    struct tl_call *call = a->call;
    struct tl_fieldwork_sent *sent = &a->sent;
    tl_err err = TL_OK;
    TL_TRY(tl_call_member_text(call, "id", true, TL_FIELDWORK_ID_MAX, &sent->id));
    TL_TRY(tl_call_member_text(call, "mends", false, TL_FIELDWORK_ID_MAX, &sent->mends));
    if (!is_id(sent->id) || (sent->mends != NULL && !is_id(sent->mends)))
        TL_THROW(call->ctx, TL_EUSAGE, "id, mends: expected a UUID");
    TL_TRY(tl_call_member_text(call, "code", false, 63, &sent->code));
    TL_TRY(tl_call_member_text(call, "base_version", false, TL_EDIT_VERSION_HEX - 1,
                               &sent->base_version));
    if ((sent->code == NULL) != (sent->base_version == NULL))
        TL_THROW(call->ctx, TL_EUSAGE,
                 "a change needs both code and base_version, a new record neither");
done:
    return err;
}

/* What a device must get right by itself: without these there is nothing to give a receipt for. */
static tl_err read_head(struct arrival *a)
{
    struct tl_call *call = a->call;
    struct tl_fieldwork_sent *sent = &a->sent;
    const char *kind = NULL, *now = tl_call_text(call, "sent_at");
    double sent_s = 0;
    tl_err err = TL_OK;
    TL_TRY(read_ids(a));
    TL_TRY(tl_call_member_choice(call, "kind", true, "accident|item|report", &kind));
    TL_TRY(tl_kind_find(call->ctx, kind, &sent->kind));
    TL_TRY(tl_call_member_text(call, "made_at", true, TIME_BYTES - 1, &sent->made_at));
    TL_TRY(tl_call_member_text(call, "device", false, 64, &sent->device));
    if (!parse_time(sent->made_at, &a->made_s))
        TL_THROW(call->ctx, TL_EUSAGE, "made_at: expected a time as 2026-11-23T02:26:00Z");
    sent->ahead_s = (double)NAN;
    if (now != NULL && !parse_time(now, &sent_s))
        TL_THROW(call->ctx, TL_EUSAGE, "sent_at: expected a time as 2026-11-23T02:26:00Z");
    if (now != NULL)
        sent->ahead_s = sent_s - (double)time(NULL);
    sent->body = call->body.text;
    sent->body_bytes = call->body.size_bytes;
done:
    return err;
}

static void doubt(struct arrival *a, const char *reason, const char *message)
{
    json_array_append_new(a->doubts, json_pack("{s:s, s:s}", "reason", reason, "message", message));
}

/* Both clocks are kept; a person is told when they differ. */
static void doubt_clock(struct arrival *a)
{
    char said[300], now[TIME_BYTES];
    time_t now_s = time(NULL);
    struct tm parts;
    double ahead = a->sent.ahead_s, minutes = fabs(ahead) / 60;
    gmtime_r(&now_s, &parts);
    strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%SZ", &parts);
    if (isfinite(ahead) && fabs(ahead) > clock_slack_s) {
        snprintf(
            said, sizeof said,
            TL_CATALOGUE_MARK(
                "the device's clock is %.0f minutes %s the server's (%s): it says that this was "
                "made at %s; both times are kept"),
            minutes, ahead > 0 ? TL_CATALOGUE_MARK("ahead of") : TL_CATALOGUE_MARK("behind"), now,
            a->sent.made_at);
        doubt(a, "device-clock", said);
    } else if (a->made_s > (double)now_s + clock_slack_s) {
        snprintf(
            said, sizeof said,
            TL_CATALOGUE_MARK(
                "made at %s by the device's clock, which is after now (%s by the server's); both "
                "times are kept"),
            a->sent.made_at, now);
        doubt(a, "device-clock", said);
    }
}

static bool is_after(const char *date, const char *today)
{
    size_t n = strlen(date);
    return n >= 4 && n <= 10 && strspn(date, "0123456789-") == n && strncmp(date, today, n) > 0;
}

/*
 * A date after today comes of a clock that is ahead. A warning must not wait until the date is mended: the record is taken in without it, and
 * says so in its remarks.
 */
static tl_err take_out_future(struct arrival *a)
{
    struct tl_entry_given *given = &a->form.given;
    int i = tl_kind_column(a->sent.kind, "date");
    const char *date = i >= 0 && given->sets[i] ? given->values[i] : NULL;
    time_t now = time(NULL);
    struct tm parts;
    struct tl_buf buf = {0};
    char said[300];
    tl_err err = TL_OK;
    localtime_r(&now, &parts);
    strftime(a->today, sizeof a->today, "%Y-%m-%d", &parts);
    if (date == NULL || !is_after(date, a->today))
        return TL_OK;
    given->sets[i] = false;
    snprintf(
        said, sizeof said,
        TL_CATALOGUE_MARK(
            "the date %.10s lies after today by the server's clock (%s): the record is taken in "
            "without it; put the right one in"),
        date, a->today);
    doubt(a, "date-future", said);
    if (a->sent.code != NULL) /* a change: the record keeps the date that it has */
        return TL_OK;
    if (given->remarks != NULL)
        TL_TRY(tl_buf_printf(a->call->ctx, &buf, "%s\n", given->remarks));
    TL_TRY(tl_buf_printf(a->call->ctx, &buf, "[date as entered: %.10s, after the day it came, %s]",
                         date, a->today));
    a->remarks = buf.text;
    given->remarks = a->remarks;
    given->sets_remarks = true;
    buf.text = NULL;
done:
    tl_buf_fini(&buf);
    return err;
}

/* Errors that say something of the record rather than of the moment: sent again, it would meet them again. */
static bool is_verdict(tl_err err)
{
    return err == TL_EDATA || err == TL_EUSAGE || err == TL_EDENIED || err == TL_ECONFLICT ||
           err == TL_ENOTFOUND;
}

static tl_err note_said(struct arrival *a)
{
    tl_free(a->said);
    a->said = tl_strdup(a->call->ctx, tl_ctx_message(a->call->ctx));
    a->made.message = a->said;
    return a->said != NULL ? TL_OK : TL_ENOMEM;
}

static tl_err add_doubts(struct arrival *a)
{
    for (int i = 0; i < tl_entry_n_doubts(a->entry); i++) {
        const char *reason = NULL, *message = tl_entry_doubt(a->entry, i, &reason);
        doubt(a, reason, message);
    }
    return TL_OK;
}

/* A change of a record: applied where the record is as the device saw it, else kept beside. */
static tl_err apply_change(struct arrival *a, struct tl_project *project,
                           const struct tl_edit_who *who)
{
    struct tl_ctx *ctx = a->call->ctx;
    const struct tl_edit *edit = tl_entry_edit(a->entry);
    tl_err err = TL_OK;
    TL_TRY(tl_edit_state(ctx, project, a->sent.kind, a->sent.code, who, &a->state));
    a->made.record_id = a->state.id;
    a->made.state = TL_FIELDWORK_CHANGED;
    err = tl_edit_change(ctx, project, a->sent.kind, a->sent.code, a->sent.base_version, edit, who,
                         &a->state);
    if (err == TL_ECONFLICT || err == TL_EDENIED) { /* said before anything was written */
        a->made.state = TL_FIELDWORK_CONFLICT;
        err = note_said(a);
    }
done:
    return err;
}

static tl_err apply(struct arrival *a, struct tl_project *project, const struct tl_edit_who *who)
{
    tl_err err = TL_OK;
    if (a->sent.code != NULL) {
        TL_TRY(apply_change(a, project, who));
    } else {
        TL_TRY(tl_edit_create(a->call->ctx, project, a->sent.kind, tl_entry_edit(a->entry), who,
                              &a->state));
        a->made.state = TL_FIELDWORK_NEW;
    }
    a->made.code = a->state.code;
    a->made.version = a->state.version;
done:
    return err;
}

static tl_err keep(struct arrival *a, struct tl_project *project, const struct tl_edit_who *who)
{
    char *doubts = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_json_line(a->call->ctx, a->doubts, &doubts));
    a->made.doubts = doubts;
    TL_TRY(tl_fieldwork_keep(a->call->ctx, project, &a->sent, &a->made, who, &a->receipt));
    TL_TRY(tl_project_commit(a->call->ctx, project));
done:
    a->made.doubts = NULL;
    tl_free(doubts);
    return err;
}

/* What the record is, and whether it can be one at all. */
static tl_err check(struct arrival *a, struct tl_project *project)
{
    static const char *const members[] = {
        "id",           "project", "kind",       "made_at",       "device",   "code",
        "base_version", "mends",   "columns",    "geometry",      "position", "position_at",
        "seen",         "remarks", "accuracy_m", "outside_is_ok", NULL};
    tl_err err = TL_OK;
    TL_TRY(tl_form_read(a->call, a->sent.kind, members, &a->form));
    if (a->sent.code != NULL)
        a->form.given.id = NULL;
    TL_TRY(take_out_future(a));
    TL_TRY(tl_entry_check(a->call->ctx, project, a->sent.kind, &a->form.given, a->sent.code == NULL,
                          &a->entry));
    TL_TRY(add_doubts(a));
done:
    return err;
}

/* What was made of it is written with its receipt, or neither is; what was refused is kept in a transaction of its own. */
static tl_err deal(struct arrival *a, struct tl_project *project)
{
    struct tl_ctx *ctx = a->call->ctx;
    const struct tl_edit_who who = tl_api_who(a->call);
    tl_err err = TL_OK;
    doubt_clock(a);
    err = check(a, project);
    if (err == TL_OK) {
        TL_TRY(tl_project_begin(ctx, project));
        err = apply(a, project, &who);
        if (err == TL_OK)
            return keep(a, project, &who);
    }
    tl_project_rollback(project);
    if (!is_verdict(err))
        goto done;
    TL_TRY(note_said(a));
    a->made.state = TL_FIELDWORK_REFUSED;
    TL_TRY(tl_project_begin(ctx, project));
    TL_TRY(keep(a, project, &who));
done:
    return err;
}

static void arrival_fini(struct arrival *a)
{
    tl_form_fini(&a->form);
    tl_entry_free(a->entry);
    json_decref(a->doubts);
    tl_free(a->remarks);
    tl_free(a->said);
    tl_free(a->receipt);
}

/* The same address may have served another project when the record was made. */
static tl_err check_project(struct tl_call *call, struct tl_project *project)
{
    const char *given = NULL;
    char id[TL_EDIT_VERSION_HEX];
    tl_err err = TL_OK;
    TL_TRY(tl_call_member_text(call, "project", false, TL_EDIT_VERSION_HEX - 1, &given));
    TL_TRY(tl_fieldwork_project(call->ctx, project, id));
    if (given != NULL && strcmp(given, id) != 0)
        TL_THROW(call->ctx, TL_ECONFLICT,
                 "project: the record was made for another project than the one that is served "
                 "here now");
done:
    return err;
}

tl_err tl_api_field_record(struct tl_call *call)
{
    struct arrival a = {.call = call, .doubts = json_array()};
    struct tl_project *project = NULL;
    bool writing = false, is_known;
    tl_err err = TL_OK;
    TL_TRY(read_head(&a));
    TL_TRY(tl_seat_begin_write(call, &project));
    writing = true;
    TL_TRY(check_project(call, project));
    TL_TRY(tl_fieldwork_known(call->ctx, project, a.sent.id, a.sent.body, a.sent.body_bytes,
                              &a.receipt));
    is_known = a.receipt != NULL;
    if (!is_known)
        TL_TRY(deal(&a, project));
    TL_TRY(tl_lang_text(call, &a.receipt));
    TL_TRY(tl_call_text_json(call, is_known ? 200 : 201, a.receipt));
    a.receipt = NULL;
done:
    if (writing)
        tl_seat_end_write(call, project);
    arrival_fini(&a);
    return err;
}

tl_err tl_api_field_receipt(struct tl_call *call)
{
    struct tl_project *project = NULL;
    char *receipt = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_call_project(call, &project));
    TL_TRY(tl_fieldwork_receipt(call->ctx, project, tl_call_text(call, "code"), &receipt));
    TL_TRY(tl_lang_text(call, &receipt));
    TL_TRY(tl_call_text_json(call, 200, receipt));
    receipt = NULL;
done:
    tl_free(receipt);
    return err;
}

tl_err tl_api_field_refused(struct tl_call *call)
{
    const struct tl_fieldwork_list list = {.limit = tl_call_integer(call, "limit", LIMIT),
                                           .offset = tl_call_integer(call, "offset", 0)};
    struct tl_project *project = NULL;
    json_t *records = NULL, *one;
    char *text = NULL;
    int64_t total = 0;
    size_t i;
    tl_err err = TL_OK;
    TL_TRY(tl_call_project(call, &project));
    TL_TRY(tl_fieldwork_refused(call->ctx, project, &list, &text, &total));
    records = json_loads(text, 0, NULL);
    json_array_foreach(records, i, one)
    {
        const char *uuid = json_string_value(json_object_get(one, "uuid"));
        json_t *photos = NULL;
        TL_TRY(tl_api_field_photos_of(call, project, uuid, &photos));
        json_object_set_new(one, "photographs", photos);
    }
    TL_TRY(tl_lang_lines(call, records, "message"));
    TL_TRY(tl_reads_note(call, "refused field records", "", "", (int64_t)json_array_size(records)));
    TL_TRY(tl_call_json(call, 200,
                        json_pack("{s:s, s:I, s:I, s:O}", "schema", "tilth.field-refused/1",
                                  "total", (json_int_t)total, "offset", (json_int_t)list.offset,
                                  "records", records)));
done:
    json_decref(records);
    tl_free(text);
    return err;
}
