/*
 * GDAL's own rules (3.6): a quote toggles wherever it stands, two within quotes are one, a line that ends within quotes goes on, an empty line is no row.
 * What it passes over is an error here: values beyond the header's columns (blank ones are how spreadsheets end rows, and mean nothing), zero bytes, a quote that
 * is open at the end of the file. And a quote in the middle of a value, an inch mark or that of seconds of arc, that takes a separator or a line's end
 * into the value: it swallows values and rows up to the next one. 1e6 rows of 60 bytes: 0.1 s beside GDAL's 1.4 s.
 */
#include "geo/csv_scan.h"

#include <string.h>

#include <cpl_vsi.h>

enum { PART_BYTES = 1 << 16 };

struct tl_csv_scan {
    VSILFILE *file; /* owns */
    const char *label;
    char *part; /* owns */
    size_t n, at;
    bool ended;
    char separator;
    int64_t row; /* passed: 0 = only the header */
    int n_columns;
};

/* A record as it goes by. */
struct record {
    int64_t n_values, n_filled; /* n_filled: up to the last one that is not blank */
    bool any, quoted, is_blank; /* any byte; within quotes; the value so far */
    bool opened_within;         /* the quotes were opened in the middle of a value */
};

static int next_byte(struct tl_csv_scan *s)
{
    if (s->at == s->n && !s->ended) {
        s->n = VSIFReadL(s->part, 1, PART_BYTES, s->file);
        s->at = 0;
        s->ended = s->n == 0;
    }
    return s->ended ? -1 : (unsigned char)s->part[s->at++];
}

static int peek_byte(struct tl_csv_scan *s)
{
    int c = next_byte(s);
    s->at -= c >= 0;
    return c;
}

static void end_value(struct record *r)
{
    r->n_values++;
    if (!r->is_blank)
        r->n_filled = r->n_values;
    r->is_blank = true;
}

static void take_quote(struct tl_csv_scan *s, struct record *r)
{
    if (r->quoted && peek_byte(s) == '"') {
        r->is_blank = false;
        (void)next_byte(s);
        return;
    }
    r->opened_within = !r->quoted && !r->is_blank;
    r->quoted = !r->quoted;
}

static bool ends_line(int c)
{
    return c == '\n' || c == '\r';
}

/* What byte c shows to be wrong with the record that is being read. */
static tl_err check_byte(struct tl_ctx *ctx, const struct tl_csv_scan *s, const struct record *r,
                         int c)
{
    long long row = (long long)s->row + 1;
    if (c == 0)
        return tl_fail(ctx, TL_EDATA, "%s: row %lld: the file is not text (it holds zero bytes)",
                       s->label, row);
    if (r->quoted && c < 0)
        return tl_fail(ctx, TL_EDATA, "%s: row %lld: a quote is never closed", s->label, row);
    if (r->quoted && r->opened_within && (ends_line(c) || c == s->separator))
        return tl_fail(ctx, TL_EDATA,
                       "%s: row %lld: a quote in the middle of a value takes the next value or "
                       "row in; expected the whole value in quotes, and those in it doubled",
                       s->label, row);
    return TL_OK;
}

/* One record; *more is false at the end. */
static tl_err next_record(struct tl_ctx *ctx, struct tl_csv_scan *s, struct record *r, bool *more)
{
    *r = (struct record){.is_blank = true};
    for (int c = next_byte(s);; c = next_byte(s)) {
        tl_err err = check_byte(ctx, s, r, c);
        if (err != TL_OK)
            return err;
        if (c < 0 || (ends_line(c) && !r->quoted)) {
            if (c < 0 && !r->any)
                return *more = false, TL_OK;
            if (!r->any) /* an empty line, or the second byte of a line's end */
                continue;
            end_value(r);
            return *more = true, TL_OK;
        }
        r->any = true;
        if (c == '"')
            take_quote(s, r);
        else if (c == s->separator && !r->quoted)
            end_value(r);
        else
            r->is_blank = r->is_blank && c == ' ';
    }
}

/* The header is held against each separator in turn: it is a line or so. */
static tl_err find_separator(struct tl_ctx *ctx, struct tl_csv_scan *s, bool *found)
{
    static const char separators[] = ",;\t"; /* those that GDAL 3.6 looks for */
    tl_err err = TL_OK;
    struct record header;
    bool more = false;
    *found = false;
    for (int i = 0; separators[i] != '\0' && !*found; i++) {
        char mark[3];
        if (VSIFSeekL(s->file, 0, SEEK_SET) != 0)
            TL_THROW(ctx, TL_EIO, "%s: the file cannot be read", s->label);
        bool marked = VSIFReadL(mark, 1, 3, s->file) == 3 && memcmp(mark, "\xef\xbb\xbf", 3) == 0;
        if (!marked && VSIFSeekL(s->file, 0, SEEK_SET) != 0)
            TL_THROW(ctx, TL_EIO, "%s: the file cannot be read", s->label);
        s->n = s->at = 0;
        s->ended = false;
        s->separator = separators[i];
        s->row = -1;
        TL_TRY(next_record(ctx, s, &header, &more));
        *found = more && header.n_values == s->n_columns;
    }
    s->row = 0;
done:
    return err;
}

tl_err tl_csv_scan_open(struct tl_ctx *ctx, const char *inside, const char *label, int n_columns,
                        struct tl_csv_scan **scan)
{
    tl_err err = TL_OK;
    struct tl_csv_scan *made = NULL;
    bool found = false;
    TL_TRY_ALLOC(ctx, made, 1);
    made->label = label;
    made->n_columns = n_columns;
    TL_TRY_ALLOC(ctx, made->part, PART_BYTES);
    made->file = VSIFOpenL(inside, "rb");
    if (made->file == NULL)
        TL_THROW(ctx, TL_EIO, "%s: the file cannot be read", label);
    TL_TRY(find_separator(ctx, made, &found));
    *scan = found ? made : NULL;
    made = found ? NULL : made;
done:
    tl_csv_scan_close(made);
    return err;
}

void tl_csv_scan_close(struct tl_csv_scan *scan)
{
    if (scan == NULL)
        return;
    if (scan->file != NULL)
        VSIFCloseL(scan->file);
    tl_free(scan->part);
    tl_free(scan);
}

tl_err tl_csv_scan_row(struct tl_ctx *ctx, struct tl_csv_scan *s, int64_t row)
{
    tl_err err = TL_OK;
    struct record r = {0};
    bool more = true;
    while (s->row < row) {
        TL_TRY(next_record(ctx, s, &r, &more));
        if (!more)
            return TL_OK;
        s->row++;
    }
    if (r.n_filled > s->n_columns)
        TL_THROW(ctx, TL_EDATA,
                 "%s: row %lld has %lld values, but the header names %d columns; a text with a "
                 "separator in it needs quotes around it",
                 s->label, (long long)row, (long long)r.n_filled, s->n_columns);
done:
    return err;
}
