#include "evidence/reader.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/catalogue.h"
#include "core/text.h"
#include "evidence/jsontext.h"

static const int64_t HEX_MAX_BYTES = 64 << 10;

int tl_reader_date_column(enum tl_kind kind)
{
    int column = tl_kind_column(kind, "date");
    return column >= 0 ? column : tl_kind_column(kind, "date_end");
}

tl_err tl_reader_init(struct tl_ctx *ctx, struct tl_project *project, struct tl_vector *vector,
                      const struct tl_mapping *mapping, const struct tl_import_options *options,
                      const char *crs, struct tl_reader *reader)
{
    tl_err err = TL_OK;
    struct tl_reader out = {.vector = vector, .mapping = mapping, .source = options->source};
    out.info = tl_kind_info(mapping->kind);
    out.n_columns = tl_vector_n_columns(vector);
    TL_TRY_ALLOC(ctx, out.is_mapped, out.n_columns);
    for (int f = 0; f < mapping->n_fields; f++)
        if (mapping->fields[f].index >= 0)
            out.is_mapped[mapping->fields[f].index] = true;
    const char *order = mapping->fields[TL_FIELD_DATE_FORMAT].column;
    if (order != NULL)
        (void)tl_date_order_find(order + 1, &out.dates.order);
    if (options->today != NULL)
        snprintf(out.dates.today, sizeof out.dates.today, "%s", options->today);
    else
        tl_date_today(out.dates.today);
    bool is_area = mapping->kind == TL_KIND_HAZARD_AREA;
    out.date_columns[0] = tl_kind_column(mapping->kind, is_area ? "date" : "date_start");
    out.date_columns[1] = tl_kind_column(mapping->kind, is_area ? "date_closed" : "date_end");
    struct tl_position_options where = {.kind = mapping->kind,
                                        .way = mapping->way,
                                        .file_crs = tl_vector_crs(vector),
                                        .crs = crs,
                                        .allow_outside = options->allow_outside};
    TL_TRY(tl_position_init(ctx, project, &where, &out.position));
    *reader = out;
    memset(&out, 0, sizeof out);
done:
    tl_reader_fini(&out);
    return err;
}

void tl_reader_fini(struct tl_reader *reader)
{
    tl_position_fini(&reader->position);
    tl_free(reader->is_mapped);
    tl_buf_fini(&reader->extra);
    memset(reader, 0, sizeof *reader);
}

/* Without blanks around it, NULL when nothing is left. The original stays as it is: a trimmed one
 * is a copy. */
static tl_err trim(struct tl_ctx *ctx, struct tl_batch *batch, const char *raw, const char **text)
{
    const char *at = raw;
    *text = NULL;
    while (isspace((unsigned char)*at))
        at++;
    /* What tables of ours and spreadsheets put in front of a text that would be computed is not of the text. */
    at += at[0] == '\'' && tl_text_is_formula(at + 1);
    size_t n = strlen(at), m = n;
    while (m > 0 && isspace((unsigned char)at[m - 1]))
        m--;
    if (m == 0)
        return TL_OK;
    *text = at;
    if (m == n)
        return TL_OK;
    char *copy = tl_batch_bytes(ctx, batch, (int64_t)m + 1);
    if (copy == NULL)
        return TL_ENOMEM;
    memcpy(copy, at, m);
    copy[m] = '\0';
    *text = copy;
    return TL_OK;
}

/* Text of a field in the present row: of its column, or its constant; NULL when there is none. */
static tl_err field_text(struct tl_ctx *ctx, const struct tl_reader *reader, int field,
                         struct tl_batch *batch, const struct tl_batch_row *row, const char **text)
{
    const struct tl_mapped *mapped = &reader->mapping->fields[field];
    *text = NULL;
    if (mapped->column == NULL)
        return TL_OK;
    return trim(ctx, batch, mapped->index >= 0 ? row->raw[mapped->index] : mapped->column + 1,
                text);
}

static tl_err copy_raw(struct tl_ctx *ctx, const struct tl_reader *reader, struct tl_batch *batch,
                       struct tl_batch_row *row)
{
    row->raw = tl_batch_bytes(ctx, batch, (int64_t)sizeof *row->raw * (reader->n_columns + 1));
    if (row->raw == NULL)
        return TL_ENOMEM;
    for (int c = 0; c < reader->n_columns; c++) {
        row->raw[c] = tl_batch_text(ctx, batch, tl_vector_text(reader->vector, c));
        if (row->raw[c] == NULL)
            return TL_ENOMEM;
    }
    return TL_OK;
}

static tl_err read_geometry(struct tl_ctx *ctx, const struct tl_reader *reader,
                            struct tl_batch *batch, struct tl_batch_row *row)
{
    tl_err err = TL_OK;
    enum tl_position_way way = reader->mapping->way;
    static const int fields[][2] = {[TL_WAY_GEOMETRY] = {TL_FIELD_LON, TL_FIELD_LAT},
                                    [TL_WAY_LONLAT] = {TL_FIELD_LON, TL_FIELD_LAT},
                                    [TL_WAY_POSITION] = {TL_FIELD_POSITION, -1},
                                    [TL_WAY_XY] = {TL_FIELD_X, TL_FIELD_Y},
                                    [TL_WAY_WKT] = {TL_FIELD_WKT, -1}};
    struct tl_position_texts texts = {NULL, NULL};
    TL_TRY(field_text(ctx, reader, fields[way][0], batch, row, &texts.a));
    if (fields[way][1] >= 0)
        TL_TRY(field_text(ctx, reader, fields[way][1], batch, row, &texts.b));
    if (way != TL_WAY_GEOMETRY) {
        TL_TRY(tl_position_read(ctx, &reader->position, way, &texts, batch, row));
        goto done;
    }
    const void *wkb = NULL;
    int64_t wkb_bytes = 0;
    TL_TRY(tl_vector_wkb(ctx, reader->vector, &wkb, &wkb_bytes));
    if (wkb == NULL && texts.a != NULL && texts.b != NULL)
        TL_TRY(tl_position_read(ctx, &reader->position, TL_WAY_LONLAT, &texts, batch, row));
    else
        TL_TRY(tl_position_take(ctx, &reader->position, wkb, wkb_bytes, batch, row));
    if (wkb != NULL && row->refused != TL_REASON_NONE) {
        void *copy = tl_batch_bytes(ctx, batch, wkb_bytes);
        if (copy == NULL)
            TL_TRY(TL_ENOMEM);
        row->raw_wkb = memcpy(copy, wkb, (size_t)wkb_bytes);
        row->raw_wkb_bytes = wkb_bytes;
    }
done:
    return err;
}

static tl_err refuse_value(struct tl_ctx *ctx, const struct tl_value *value, const char *column,
                           struct tl_batch *batch, struct tl_batch_row *row)
{
    char proposal[192];
    if (value->proposal[0] == '\0')
        return tl_position_refuse(ctx, batch, row, value->reason, NULL, "%s", value->message);
    /* Proposals are made of our own words, digits and points: nothing to escape. */
    snprintf(proposal, sizeof proposal, "{\"%s\": \"%s\"}", column, value->proposal);
    return tl_position_refuse(ctx, batch, row, value->reason, proposal, "%s", value->message);
}

static tl_err read_values(struct tl_ctx *ctx, const struct tl_reader *reader,
                          struct tl_batch *batch, struct tl_batch_row *row)
{
    tl_err err = TL_OK;
    struct tl_value value;
    for (int c = 0; c < reader->info->n_columns && row->refused == TL_REASON_NONE; c++) {
        const char *text = NULL;
        TL_TRY(field_text(ctx, reader, TL_FIELD_COLUMNS + c, batch, row, &text));
        if (text == NULL)
            continue;
        tl_value_check(&reader->info->columns[c], text, &reader->dates, &value);
        if (value.reason != TL_REASON_NONE && tl_reason_refuses(value.reason)) {
            TL_TRY(refuse_value(ctx, &value, reader->info->columns[c].name, batch, row));
            break;
        }
        if (value.reason != TL_REASON_NONE)
            TL_TRY(tl_batch_doubt(ctx, batch, row, value.reason, value.message));
        if (value.text == value.room) {
            value.text = tl_batch_text(ctx, batch, value.room);
            if (value.text == NULL)
                TL_TRY(TL_ENOMEM);
        }
        row->record.values[c] = value.text;
    }
done:
    return err;
}

static tl_err read_accuracy(struct tl_ctx *ctx, const struct tl_reader *reader,
                            struct tl_batch *batch, struct tl_batch_row *row)
{
    static const struct tl_column column = {
        .name = "accuracy", .type = TL_COLUMN_REAL, .min = 0.0, .max = 1e6, .meaning = "[m]"};
    const char *text = NULL;
    struct tl_value value;
    tl_err err = field_text(ctx, reader, TL_FIELD_ACCURACY, batch, row, &text);
    if (err != TL_OK || text == NULL)
        return err;
    tl_value_check(&column, text, &reader->dates, &value);
    if (value.reason != TL_REASON_NONE)
        return refuse_value(ctx, &value, column.name, batch, row);
    (void)tl_value_number(text, &row->record.accuracy_m);
    return TL_OK;
}

static tl_err read_extra(struct tl_ctx *ctx, struct tl_reader *reader, struct tl_batch *batch,
                         struct tl_batch_row *row)
{
    tl_err err = TL_OK;
    struct tl_buf *json = &reader->extra;
    tl_buf_clear(json);
    for (int c = 0; c < reader->n_columns; c++)
        if (!reader->is_mapped[c] && row->raw[c][0] != '\0')
            TL_TRY(tl_jsontext_member(ctx, json, tl_vector_column(reader->vector, c), row->raw[c]));
    if (json->size_bytes == 0)
        goto done;
    TL_TRY(tl_jsontext_close(ctx, json));
    row->record.extra = tl_batch_text(ctx, batch, json->text);
    if (row->record.extra == NULL)
        err = TL_ENOMEM;
done:
    return err;
}

static tl_err read_texts(struct tl_ctx *ctx, struct tl_reader *reader, struct tl_batch *batch,
                         struct tl_batch_row *row)
{
    tl_err err = TL_OK;
    TL_TRY(field_text(ctx, reader, TL_FIELD_ID, batch, row, &row->record.source_id));
    TL_TRY(field_text(ctx, reader, TL_FIELD_REMARKS, batch, row, &row->record.remarks));
    const char *texts[2] = {row->record.source_id, row->record.remarks};
    for (int i = 0; i < 2; i++)
        if (texts[i] != NULL && !tl_text_is_utf8(texts[i], (int64_t)strlen(texts[i]))) {
            TL_TRY(
                tl_position_refuse(ctx, batch, row, TL_REASON_BAD_TEXT, NULL,
                                   "%s is not UTF-8 text: say how the file is encoded (--encoding "
                                   "ISO-8859-1?)",
                                   i == 0 ? "id" : "remarks"));
            goto done;
        }
    TL_TRY(read_extra(ctx, reader, batch, row));
done:
    return err;
}

/* Doubts that need more than one value. */
static tl_err doubt_dates(struct tl_ctx *ctx, const struct tl_reader *reader,
                          struct tl_batch *batch, struct tl_batch_row *row)
{
    if (reader->date_columns[0] < 0 || reader->date_columns[1] < 0)
        return TL_OK;
    const char *first = row->record.values[reader->date_columns[0]];
    const char *last = row->record.values[reader->date_columns[1]];
    if (first == NULL || last == NULL)
        return TL_OK;
    size_t a = strlen(first), b = strlen(last);
    if (strncmp(first, last, a < b ? a : b) <= 0)
        return TL_OK;
    char text[96];
    snprintf(text, sizeof text, TL_CATALOGUE_MARK("it begins on %s and ends before, on %s"), first,
             last);
    return tl_batch_doubt(ctx, batch, row, TL_REASON_DATES_REVERSED, text);
}

uint64_t tl_reader_fingerprint(int64_t n_points, const double *xy, const char *date)
{
    uint64_t h = 0x9E3779B97F4A7C15u ^ (uint64_t)n_points;
    for (int64_t i = 0; i < 2 * n_points; i++) {
        uint64_t bits = 0;
        memcpy(&bits, &xy[i], sizeof bits);
        h = (h ^ bits) * 0xBF58476D1CE4E5B9u;
        h ^= h >> 31;
    }
    for (const char *c = date == NULL ? "" : date; *c != '\0'; c++)
        h = (h ^ (unsigned char)*c) * 0x100000001B3u;
    h ^= h >> 29;
    h *= 0x94D049BB133111EBu;
    h ^= h >> 32;
    return h == 0 ? 1 : h;
}

static tl_err set_fingerprint(struct tl_ctx *ctx, const struct tl_reader *reader,
                              struct tl_batch_row *row)
{
    enum tl_kind kind = reader->mapping->kind;
    if (kind == TL_KIND_PLACE || kind == TL_KIND_LINE)
        return TL_OK;
    int column = tl_reader_date_column(kind);
    const char *date = column >= 0 ? row->record.values[column] : NULL;
    if (row->record.wkb_bytes == TL_GEOM_POINT_BYTES) {
        double xy[2];
        memcpy(xy, (const char *)row->record.wkb + 5, sizeof xy);
        row->fingerprint = tl_reader_fingerprint(1, xy, date);
        return TL_OK;
    }
    struct tl_wkb shape = {0};
    tl_err err = tl_wkb_read(ctx, row->record.wkb, row->record.wkb_bytes, &shape);
    if (err == TL_OK)
        row->fingerprint = tl_reader_fingerprint(shape.n_points, shape.xy, date);
    tl_wkb_fini(&shape);
    return err;
}

static tl_err read_row(struct tl_ctx *ctx, struct tl_reader *reader, struct tl_batch *batch,
                       struct tl_batch_row *row)
{
    tl_err err = TL_OK;
    memset(row, 0, sizeof *row);
    row->number = tl_vector_row(reader->vector);
    row->refused = TL_REASON_NONE;
    row->record.accuracy_m = NAN;
    row->record.source = reader->source;
    row->record.source_row = row->number;
    TL_TRY(copy_raw(ctx, reader, batch, row));
    TL_TRY(read_geometry(ctx, reader, batch, row));
    if (row->refused == TL_REASON_NONE)
        TL_TRY(read_values(ctx, reader, batch, row));
    if (row->refused == TL_REASON_NONE)
        TL_TRY(read_accuracy(ctx, reader, batch, row));
    if (row->refused == TL_REASON_NONE)
        TL_TRY(read_texts(ctx, reader, batch, row));
    if (row->refused != TL_REASON_NONE)
        goto done;
    TL_TRY(doubt_dates(ctx, reader, batch, row));
    TL_TRY(set_fingerprint(ctx, reader, row));
done:
    return err;
}

tl_err tl_reader_fill(struct tl_ctx *ctx, struct tl_reader *reader, struct tl_batch *batch)
{
    tl_err err = TL_OK;
    tl_batch_rewind(batch);
    while (!reader->done && batch->n_rows < TL_BATCH_ROWS) {
        bool more = false;
        TL_TRY(tl_vector_next(ctx, reader->vector, &more));
        if (!more) {
            reader->done = true;
            break;
        }
        reader->n_rows++;
        TL_TRY(read_row(ctx, reader, batch, &batch->rows[batch->n_rows]));
        batch->n_rows++;
    }
done:
    return err;
}

tl_err tl_reader_original(struct tl_ctx *ctx, const struct tl_reader *reader,
                          const struct tl_batch_row *row, struct tl_buf *json)
{
    tl_err err = TL_OK;
    char *hex = NULL;
    tl_buf_clear(json);
    for (int c = 0; c < reader->n_columns; c++)
        if (row->raw[c][0] != '\0')
            TL_TRY(tl_jsontext_member(ctx, json, tl_vector_column(reader->vector, c), row->raw[c]));
    const unsigned char *wkb = row->raw_wkb;
    int64_t n = row->raw_wkb_bytes;
    if (wkb == NULL && reader->mapping->way == TL_WAY_GEOMETRY) { /* refused as a duplicate */
        wkb = row->record.wkb;
        n = row->record.wkb_bytes;
    }
    if (wkb != NULL && n <= HEX_MAX_BYTES) {
        TL_TRY_ALLOC(ctx, hex, 2 * n + 1);
        for (int64_t i = 0; i < n; i++)
            snprintf(hex + 2 * i, 3, "%02x", wkb[i]);
        TL_TRY(tl_jsontext_member(ctx, json, "geometry (WKB)", hex));
    }
    TL_TRY(tl_jsontext_close(ctx, json));
done:
    tl_free(hex);
    return err;
}
