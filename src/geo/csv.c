/*
 * GDAL (3.6) opens a CSV only where the first line has a separator, and where it has none but spaces takes these. A list of one column (positions,
 * outlines as WKT, names of places) is a table all the same, so it is read once, strictly, and given a separator at the end of each row. Which
 * separator the file would have had nobody can know: a comma, a semicolon or a tab outside of quotes is a second value, and refused. Most files that
 * are, are no such lists: they have a title above the header; the message says what was seen. Where each row has as many spaces as the
 * first one, the file is left to GDAL as a table parted by spaces.
 */
#include "geo/csv.h"

#include <stdio.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_vsi.h>

#include "core/text.h"

enum { PART_BYTES = 1 << 16, SHOWN = 40 };

enum place { BEGINNING, PLAIN, QUOTED, CLOSED };

/* The file as it goes by, a byte at a time. */
struct walk {
    struct tl_buf *text;
    const char *path;
    enum place place;
    int64_t row; /* 0 = the header */
    char name[SHOWN + 1];
    int n_name;
    int64_t n_spaces, n_header_spaces; /* outside of quotes: in this row, in the header */
    bool several;                      /* the header has a separator: it is no file of one column */
    bool uneven;                       /* a row has another number of spaces than the header */
};

static bool parts(const struct walk *w, char c)
{
    return c == ',' || c == ';' || c == '\t' || (c == '|' && w->row == 0);
}

static tl_err several_values(struct tl_ctx *ctx, struct walk *w)
{
    while (w->n_name > 0 && !tl_text_is_utf8(w->name, w->n_name))
        w->n_name--; /* cut within a letter, or of another encoding */
    w->name[w->n_name] = '\0';
    return tl_fail(ctx, TL_EDATA,
                   "%s: the first line names one column (\"%s\"), but row %lld has several "
                   "values; expected a header line with a name for each, parted by commas, "
                   "semicolons or tabs",
                   w->path, w->name, (long long)w->row);
}

/* A row's value goes into the copy in quotes, whether it stood in some or not: within them nothing of it parts values or rows. */
static tl_err take_value(struct tl_ctx *ctx, struct walk *w, char c)
{
    tl_err err = TL_OK;
    bool quote = c == '"', begins = w->place == BEGINNING;
    if (begins)
        TL_TRY(tl_buf_add(ctx, w->text, "\""));
    if (quote && (begins || w->place == QUOTED)) {
        w->place = begins ? QUOTED : CLOSED;
        goto done;
    }
    if (w->place !=
        QUOTED) /* closed: by the first of two quotes that stand for one, or text follows */
        w->place = quote && w->place == CLOSED ? QUOTED : PLAIN;
    if (w->row == 0 && w->n_name < SHOWN && (unsigned char)c >= ' ')
        w->name[w->n_name++] = c;
    TL_TRY(tl_buf_add_bytes(ctx, w->text, quote ? "\"\"" : &c, quote ? 2 : 1));
done:
    return err;
}

static tl_err end_row(struct tl_ctx *ctx, struct walk *w)
{
    if (w->place == BEGINNING)
        return TL_OK; /* an empty line, or the second byte of a line's end */
    w->place = BEGINNING;
    if (w->row++ == 0)
        w->n_header_spaces = w->n_spaces;
    w->uneven = w->uneven || w->n_spaces != w->n_header_spaces;
    w->n_spaces = 0;
    return tl_buf_add(ctx, w->text, "\",\n");
}

static tl_err take(struct tl_ctx *ctx, struct walk *w, char c)
{
    if (w->place == QUOTED)
        return take_value(ctx, w, c);
    if (c == '\n' || c == '\r')
        return end_row(ctx, w);
    w->n_spaces += c == ' ';
    if (!parts(w, c))
        return take_value(ctx, w, c);
    w->several = true;
    return w->row == 0 ? TL_OK : several_values(ctx, w);
}

static tl_err finish(struct tl_ctx *ctx, struct walk *w)
{
    if (w->place == QUOTED)
        return tl_fail(ctx, TL_EDATA, "%s: row %lld: a quote is never closed", w->path,
                       (long long)w->row);
    return end_row(ctx, w);
}

/* The mark in front of a text in UTF-8. */
static size_t mark_bytes(const char *part, size_t n)
{
    return n >= 3 && memcmp(part, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

static tl_err widen(struct tl_ctx *ctx, VSILFILE *file, struct walk *w)
{
    tl_err err = TL_OK;
    char *part = NULL;
    size_t n;
    bool first = true;
    TL_TRY_ALLOC(ctx, part, PART_BYTES);
    while (!w->several && (n = VSIFReadL(part, 1, PART_BYTES, file)) > 0) {
        if (w->text->size_bytes > TL_CSV_ONE_MAX_BYTES)
            TL_THROW(ctx, TL_EDATA,
                     "%s: a table of one column may have %d MiB at most; part it into several",
                     w->path, TL_CSV_ONE_MAX_BYTES >> 20);
        for (size_t i = first ? mark_bytes(part, n) : 0; i < n && !w->several; i++)
            TL_TRY(take(ctx, w, part[i]));
        first = false;
    }
    if (!w->several)
        TL_TRY(finish(ctx, w));
done:
    tl_free(part);
    return err;
}

/* The file's name goes with the copy (it is the layer's), and so does its .prj. */
static tl_err place_copy(struct tl_ctx *ctx, const char *inside, struct tl_csv_one *one)
{
    char at[4096];
    const char *slash = strrchr(inside, '/');
    GByte *prj = NULL;
    vsi_l_offset prj_bytes = 0;
    if (snprintf(at, sizeof at, "/vsimem/tilth-%p/%s", (void *)one,
                 slash != NULL ? slash + 1 : inside) >= (int)sizeof at)
        return tl_fail(ctx, TL_EDATA, "the name of the file is too long");
    one->path = tl_strdup(ctx, at);
    if (one->path == NULL)
        return TL_ENOMEM;
    VSIFCloseL(VSIFileFromMemBuffer(at, (GByte *)one->text.text, (vsi_l_offset)one->text.size_bytes,
                                    FALSE));
    if (VSIIngestFile(NULL, CPLResetExtension(inside, "prj"), &prj, &prj_bytes, 1 << 16))
        VSIFCloseL(VSIFileFromMemBuffer(CPLResetExtension(at, "prj"), prj, prj_bytes, TRUE));
    return TL_OK;
}

tl_err tl_csv_one_open(struct tl_ctx *ctx, const char *path, const char *inside,
                       struct tl_csv_one *one)
{
    tl_err err = TL_OK;
    struct walk w = {.text = &one->text, .path = path};
    VSILFILE *file = VSIFOpenL(inside, "rb");
    if (file == NULL)
        return tl_fail(ctx, TL_EIO, "%s: the file cannot be read", path);
    TL_TRY(widen(ctx, file, &w));
    if (!w.several && w.n_name > 0 && (w.n_header_spaces == 0 || w.uneven))
        TL_TRY(place_copy(ctx, inside, one));
done:
    VSIFCloseL(file);
    if (one->path == NULL)
        tl_buf_fini(&one->text);
    return err;
}

void tl_csv_one_close(struct tl_csv_one *one)
{
    if (one->path != NULL) {
        VSIUnlink(one->path);
        VSIUnlink(CPLResetExtension(one->path, "prj"));
    }
    tl_free(one->path);
    one->path = NULL;
    tl_buf_fini(&one->text);
}
