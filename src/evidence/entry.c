/* One record from a form, by the importer's own checks (value.c, position.c): a batch of one row. */
#include "tilth/entry.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "evidence/batch.h"
#include "evidence/position.h"
#include "evidence/value.h"

enum { ID_BYTES = 64, TEXT_BYTES = 20000 };

struct tl_entry {
    struct tl_batch batch;
    struct tl_batch_row row;
    struct tl_edit edit;
};

static tl_err refuse(struct tl_ctx *ctx, const char *message, const char *proposal)
{
    bool proposes = proposal != NULL && proposal[0] != '\0';
    /* What a file's columns are mapped by is no advice for a form. */
    const char *advice = strstr(message, " map date_format");
    size_t n = advice != NULL ? (size_t)(advice - message) : strlen(message);
    while (n > 0 && message[n - 1] == ':')
        n--;
    char said[1024];
    snprintf(said, sizeof said, "%.*s", (int)n, message);
    return proposes ? tl_fail(ctx, TL_EDATA, "%s (did you mean %s?)", said, proposal)
                    : tl_fail(ctx, TL_EDATA, "%s", said);
}

/* Without blanks around it; lives as long as the batch. NULL where nothing is left. */
static tl_err trim(struct tl_ctx *ctx, struct tl_batch *batch, const char *name, const char *text,
                   const char **out)
{
    *out = NULL;
    if (text == NULL)
        return TL_OK;
    size_t n = strlen(text), from = strspn(text, " \t\r\n");
    if (n > TEXT_BYTES)
        return tl_fail(ctx, TL_EDATA, "%s has %zu bytes, expected at most %d", name, n, TEXT_BYTES);
    if (!tl_text_is_utf8(text, (int64_t)n))
        return tl_fail(ctx, TL_EDATA, "%s is not UTF-8 text", name);
    while (n > from && strchr(" \t\r\n", text[n - 1]) != NULL)
        n--;
    if (n == from)
        return TL_OK;
    char *copy = tl_batch_bytes(ctx, batch, (int64_t)(n - from) + 1);
    if (copy == NULL)
        return TL_ENOMEM;
    memcpy(copy, text + from, n - from);
    copy[n - from] = '\0';
    *out = copy;
    return TL_OK;
}

static tl_err check_value(struct tl_ctx *ctx, struct tl_entry *e, const struct tl_column *column,
                          const char *text, const char **out)
{
    struct tl_value_dates dates = {.order = TL_DATE_AUTO};
    struct tl_value value;
    tl_err err = TL_OK;
    tl_date_today(dates.today);
    TL_TRY(trim(ctx, &e->batch, column->name, text, &text));
    tl_value_check(column, text, &dates, &value);
    if (value.reason != TL_REASON_NONE && tl_reason_refuses(value.reason))
        return refuse(ctx, value.message, value.proposal);
    if (value.reason != TL_REASON_NONE)
        TL_TRY(tl_batch_doubt(ctx, &e->batch, &e->row, value.reason, value.message));
    *out = value.text == value.room ? tl_batch_text(ctx, &e->batch, value.room) : value.text;
    if (*out == NULL && value.text != NULL)
        err = TL_ENOMEM;
done:
    return err;
}

static tl_err check_values(struct tl_ctx *ctx, struct tl_entry *e, enum tl_kind kind,
                           const struct tl_entry_given *given)
{
    const struct tl_kind_info *info = tl_kind_info(kind);
    tl_err err = TL_OK;
    for (int i = 0; i < info->n_columns; i++) {
        e->edit.sets[i] = given->sets[i];
        if (given->sets[i])
            TL_TRY(check_value(ctx, e, &info->columns[i], given->values[i], &e->edit.values[i]));
    }
    e->edit.sets_remarks = given->sets_remarks;
    TL_TRY(trim(ctx, &e->batch, "remarks", given->sets_remarks ? given->remarks : NULL,
                &e->edit.remarks));
    TL_TRY(trim(ctx, &e->batch, "id", given->id, &e->edit.id));
    if (e->edit.id != NULL && strlen(e->edit.id) > ID_BYTES)
        TL_THROW(ctx, TL_EDATA, "id has %zu bytes, expected at most %d", strlen(e->edit.id),
                 ID_BYTES);
done:
    return err;
}

static tl_err read_position(struct tl_ctx *ctx, struct tl_project *project, struct tl_entry *e,
                            enum tl_kind kind, const struct tl_entry_given *given)
{
    const struct tl_position_options options = {.kind = kind,
                                                .way = given->position != NULL ? TL_WAY_POSITION
                                                                               : TL_WAY_GEOMETRY,
                                                .file_crs = "",
                                                .allow_outside = given->outside_is_ok};
    struct tl_position position = {0};
    struct tl_position_texts texts = {0};
    tl_err err = TL_OK;
    TL_TRY(tl_position_init(ctx, project, &options, &position));
    if (given->position != NULL) {
        TL_TRY(trim(ctx, &e->batch, "position", given->position, &texts.a));
        if (position.wanted != TL_GEOM_POINT && position.wanted != TL_GEOM_NONE)
            TL_THROW(ctx, TL_EDATA, "position: a %s record needs a geometry, not a position",
                     tl_kind_info(kind)->name);
        TL_TRY(tl_position_read(ctx, &position, TL_WAY_POSITION, &texts, &e->batch, &e->row));
        e->row.record.position_text = texts.a;
    } else {
        TL_TRY(tl_position_take(ctx, &position, given->wkb, given->wkb_bytes, &e->batch, &e->row));
    }
    if (e->row.refused != TL_REASON_NONE)
        TL_TRY(refuse(ctx, e->row.message, e->row.proposal));
done:
    tl_position_fini(&position);
    return err;
}

static tl_err check_position(struct tl_ctx *ctx, struct tl_project *project, struct tl_entry *e,
                             enum tl_kind kind, const struct tl_entry_given *given, bool is_new)
{
    struct tl_edit *edit = &e->edit;
    bool given_here = given->position != NULL || given->wkb != NULL;
    tl_err err = TL_OK;
    if (given->position != NULL && given->wkb != NULL)
        TL_THROW(ctx, TL_EDATA, "position and geometry are both given, expected one of them");
    if (is_new && !given_here)
        TL_THROW(ctx, TL_EDATA, "there is neither a position nor a geometry, expected one of them");
    edit->sets_accuracy = given->sets_accuracy || given_here;
    edit->accuracy_m = (double)NAN;
    if (given_here) {
        TL_TRY(read_position(ctx, project, e, kind, given));
        edit->sets_geometry = true;
        edit->wkb = e->row.record.wkb;
        edit->wkb_bytes = e->row.record.wkb_bytes;
        edit->position_text = e->row.record.position_text;
        edit->accuracy_m = e->row.record.accuracy_m;
    }
    if (given->sets_accuracy && isfinite(given->accuracy_m)) {
        if (given->accuracy_m < 0 || given->accuracy_m > 1e6)
            TL_THROW(ctx, TL_EDATA, "accuracy_m is %g, expected 0 to 1000000", given->accuracy_m);
        edit->accuracy_m = given->accuracy_m;
    }
done:
    return err;
}

tl_err tl_entry_check(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                      const struct tl_entry_given *given, bool is_new, struct tl_entry **entry)
{
    struct tl_entry *e = NULL;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, e, 1);
    TL_TRY(tl_batch_init(ctx, &e->batch));
    e->row.refused = TL_REASON_NONE;
    e->row.record.accuracy_m = (double)NAN;
    TL_TRY(check_values(ctx, e, kind, given));
    TL_TRY(check_position(ctx, project, e, kind, given, is_new));
    *entry = e;
    e = NULL;
done:
    tl_entry_free(e);
    return err;
}

void tl_entry_free(struct tl_entry *entry)
{
    if (entry == NULL)
        return;
    tl_batch_fini(&entry->batch);
    tl_free(entry);
}

const struct tl_edit *tl_entry_edit(const struct tl_entry *entry)
{
    return &entry->edit;
}

int tl_entry_n_doubts(const struct tl_entry *entry)
{
    return entry->row.n_doubts;
}

const char *tl_entry_doubt(const struct tl_entry *entry, int i, const char **reason)
{
    *reason = tl_reason_name(entry->row.doubts[i].reason);
    return entry->row.doubts[i].message;
}
