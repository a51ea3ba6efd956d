/*
 * A .mo file: a table of texts, sorted, a table of their translations, each entry a length and an offset, in the byte order of the
 * machine that made it (GNU gettext manual, "The Format of GNU MO Files"). Everything is checked once at opening (bounds,
 * final zeros, order, charset, placeholders), so that looking up is a binary search without a check. The hash table of the file is not
 * used: it is optional, and a page has some hundreds of texts.
 */
#include "core/catalogue.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/buf.h"
#include "core/placeholder.h"
#include "core/plural.h"

enum { HEADER_BYTES = 28, FILE_BYTES_MAX = 16 << 20, LANGUAGE_BYTES = 32 };

struct entry {
    const char *text, *translation; /* borrows: bytes */
    int64_t text_bytes, translation_bytes;
};

struct tl_catalogue {
    char *bytes;           /* owns: the file and a zero */
    struct entry *entries; /* owns: [n], sorted by text */
    int64_t n;
    struct tl_plural plural;
    char language[LANGUAGE_BYTES];
};

struct file {
    const unsigned char *bytes;
    int64_t n_bytes;
    bool swapped;
};

static int64_t u32_at(const struct file *file, int64_t offset)
{
    uint32_t v;
    memcpy(&v, file->bytes + offset, 4);
    return file->swapped ? __builtin_bswap32(v) : v;
}

/* Text number k of a table; it must lie in the file and end in a zero. */
static tl_err string_at(struct tl_ctx *ctx, const struct file *file, int64_t table, int64_t k,
                        const char **text, int64_t *length)
{
    int64_t n = u32_at(file, table + 8 * k), offset = u32_at(file, table + 8 * k + 4);
    if (offset + n >= file->n_bytes || file->bytes[offset + n] != '\0')
        return tl_fail(ctx, TL_EDATA,
                       "text %lld of %lld bytes at %lld does not end within the %lld bytes",
                       (long long)k + 1, (long long)n, (long long)offset, (long long)file->n_bytes);
    *text = (const char *)file->bytes + offset;
    *length = n;
    return TL_OK;
}

static tl_err read_head(struct tl_ctx *ctx, struct file *file, int64_t *n, int64_t tables[2])
{
    if (file->n_bytes < HEADER_BYTES)
        return tl_fail(ctx, TL_EDATA, "%lld bytes are too few for a catalogue",
                       (long long)file->n_bytes);
    int64_t magic = u32_at(file, 0);
    file->swapped = magic == 0xde120495;
    if (!file->swapped && magic != 0x950412de)
        return tl_fail(ctx, TL_EDATA, "is not a compiled catalogue (.mo, made by msgfmt)");
    if (u32_at(file, 4) >> 16 > 1)
        return tl_fail(ctx, TL_EDATA, "revision %lld of the format is not known",
                       (long long)(u32_at(file, 4) >> 16));
    *n = u32_at(file, 8);
    for (int t = 0; t < 2; t++) {
        tables[t] = u32_at(file, 12 + 4 * t);
        if (tables[t] + 8 * *n > file->n_bytes)
            return tl_fail(ctx, TL_EDATA, "a table of %lld texts at %lld is cut off at %lld bytes",
                           (long long)*n, (long long)tables[t], (long long)file->n_bytes);
    }
    return TL_OK;
}

/* A plural's text is "one\0many", its translation all forms, each with its zero. */
static tl_err check_entry(struct tl_ctx *ctx, const struct tl_catalogue *c, const struct entry *e)
{
    const char *end = e->translation + e->translation_bytes;
    bool is_plural = (int64_t)strlen(e->text) < e->text_bytes;
    const char *text = is_plural ? e->text + strlen(e->text) + 1 : e->text;
    int n_forms = 0;
    for (const char *form = e->translation; form <= end; form += strlen(form) + 1, n_forms++)
        if (e->text_bytes > 0 && !tl_placeholder_same(text, form))
            return tl_fail(ctx, TL_EDATA, "\"%.60s\" has other placeholders than \"%.60s\"", form,
                           text);
    if (n_forms != (is_plural ? c->plural.n_forms : 1))
        return tl_fail(ctx, TL_EDATA, "\"%.60s\" has %d plural forms; expected %d", e->text,
                       n_forms, is_plural ? c->plural.n_forms : 1);
    return TL_OK;
}

static void read_language(const char *header, char language[LANGUAGE_BYTES])
{
    const char *line = strstr(header, "Language:");
    if (line != NULL)
        line += strlen("Language:") + strspn(line + strlen("Language:"), " ");
    size_t n = line == NULL ? 0 : strcspn(line, " \t\r\n");
    if (n == 0 || n >= LANGUAGE_BYTES) {
        line = "en";
        n = 2;
    }
    memcpy(language, line, n);
    language[n] = '\0';
}

/* The header is the translation of the empty text, which sorts first. */
static tl_err read_header(struct tl_ctx *ctx, struct tl_catalogue *c)
{
    if (c->n == 0 || c->entries[0].text_bytes != 0)
        return tl_fail(ctx, TL_EDATA, "has no header");
    const char *header = c->entries[0].translation;
    const char *charset = strstr(header, "charset=");
    if (charset == NULL || strncasecmp(charset + strlen("charset="), "UTF-8", 5) != 0)
        return tl_fail(ctx, TL_EDATA, "is not in UTF-8; expected \"charset=UTF-8\" in its header");
    read_language(header, c->language);
    return tl_plural_read(ctx, header, &c->plural);
}

static tl_err read_all(struct tl_ctx *ctx, struct tl_catalogue *c, int64_t n_bytes)
{
    tl_err err = TL_OK;
    struct file file = {(const unsigned char *)c->bytes, n_bytes, false};
    int64_t tables[2] = {0, 0};
    TL_TRY(read_head(ctx, &file, &c->n, tables));
    TL_TRY_ALLOC(ctx, c->entries, c->n);
    for (int64_t k = 0; k < c->n; k++) {
        struct entry *e = &c->entries[k];
        TL_TRY(string_at(ctx, &file, tables[0], k, &e->text, &e->text_bytes));
        TL_TRY(string_at(ctx, &file, tables[1], k, &e->translation, &e->translation_bytes));
        if (k > 0 && strcmp(c->entries[k - 1].text, e->text) >= 0)
            TL_THROW(ctx, TL_EDATA, "text %lld, \"%.60s\", is not in order", (long long)k + 1,
                     e->text);
    }
    TL_TRY(read_header(ctx, c));
    for (int64_t k = 0; k < c->n; k++)
        TL_TRY(check_entry(ctx, c, &c->entries[k]));
done:
    return err;
}

tl_err tl_catalogue_read(struct tl_ctx *ctx, const char *name, const void *bytes, int64_t n_bytes,
                         struct tl_catalogue **catalogue)
{
    tl_err err = TL_OK;
    struct tl_catalogue *made = NULL;
    TL_TRY_ALLOC(ctx, made, 1);
    TL_TRY_ALLOC(ctx, made->bytes, n_bytes + 1);
    memcpy(made->bytes, bytes, (size_t)n_bytes);
    err = read_all(ctx, made, n_bytes);
    if (err != TL_OK) {
        err = tl_fail_at(ctx, err, "%s", name);
        goto done;
    }
    *catalogue = made;
    return TL_OK;
done:
    tl_catalogue_free(made);
    return err;
}

static tl_err read_file(struct tl_ctx *ctx, const char *path, struct tl_catalogue **catalogue)
{
    tl_err err = TL_OK;
    struct tl_buf bytes = {.max_bytes = FILE_BYTES_MAX};
    char block[4096];
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return tl_fail(ctx, errno == ENOENT ? TL_ENOTFOUND : TL_EIO, "%s: %s", path,
                       strerror(errno));
    for (size_t n; (n = fread(block, 1, sizeof block, file)) > 0;)
        TL_TRY(tl_buf_add_bytes(ctx, &bytes, block, (int64_t)n));
    if (ferror(file))
        TL_THROW(ctx, TL_EIO, "%s: cannot be read: %s", path, strerror(errno));
    err = tl_catalogue_read(ctx, path, bytes.size_bytes > 0 ? bytes.text : "", bytes.size_bytes,
                            catalogue);
done:
    fclose(file);
    tl_buf_fini(&bytes);
    return err;
}

tl_err tl_catalogue_open(struct tl_ctx *ctx, const char *language, struct tl_catalogue **catalogue)
{
    char known[512] = "en";
    size_t length = strlen(language), at = 2;
    if (length > 3 && strcmp(language + length - 3, ".mo") == 0)
        return read_file(ctx, language, catalogue);
    for (const struct tl_catalogue_builtin *b = tl_catalogue_builtins; b->language != NULL; b++) {
        if (strcmp(b->language, language) == 0)
            return tl_catalogue_read(ctx, language, b->bytes, b->n_bytes, catalogue);
        if (at < sizeof known)
            at += (size_t)snprintf(known + at, sizeof known - at, ", %s", b->language);
    }
    if (strcmp(language, "en") == 0) {
        *catalogue = NULL;
        return TL_OK;
    }
    return tl_fail(ctx, TL_EUSAGE,
                   "\"%.60s\" is not a language that is built in (%s) nor the path of a catalogue "
                   "(.mo)",
                   language, known);
}

const char *tl_catalogue_accepted(const char *accepted)
{
    static const char source[] = "en";
    for (const char *at = accepted; at != NULL && *at != '\0';) {
        at += strspn(at, " \t,");
        size_t n = strcspn(at, "-_;, \t");
        if (n == strlen(source) && strncasecmp(at, source, n) == 0)
            return source;
        for (const struct tl_catalogue_builtin *b = tl_catalogue_builtins; b->language != NULL; b++)
            if (strlen(b->language) == n && strncasecmp(at, b->language, n) == 0)
                return b->language;
        at += strcspn(at, ",");
    }
    return source;
}

void tl_catalogue_free(struct tl_catalogue *catalogue)
{
    if (catalogue == NULL)
        return;
    tl_free(catalogue->entries);
    tl_free(catalogue->bytes);
    tl_free(catalogue);
}

const char *tl_catalogue_language(const struct tl_catalogue *catalogue)
{
    return catalogue == NULL ? "en" : catalogue->language;
}

static const struct entry *find(const struct tl_catalogue *catalogue, const char *text)
{
    int64_t first = 0, past = catalogue == NULL || text[0] == '\0' ? 0 : catalogue->n;
    while (first < past) {
        int64_t middle = (first + past) / 2;
        int order = strcmp(text, catalogue->entries[middle].text);
        if (order == 0)
            return &catalogue->entries[middle];
        if (order < 0)
            past = middle;
        else
            first = middle + 1;
    }
    return NULL;
}

/* An empty translation means that there is none. */
const char *tl_catalogue_text(const struct tl_catalogue *catalogue, const char *text)
{
    const struct entry *e = find(catalogue, text);
    return e == NULL || e->translation[0] == '\0' ? text : e->translation;
}

const char *tl_catalogue_plural(const struct tl_catalogue *catalogue, const char *one,
                                const char *many, int64_t n)
{
    const struct entry *e = find(catalogue, one);
    bool is_plural = e != NULL && (int64_t)strlen(e->text) < e->text_bytes;
    /* The forms were held against the catalogue's own plural: with another one they are no format for these arguments. */
    if (!is_plural || strcmp(e->text + strlen(e->text) + 1, many) != 0 || e->translation[0] == '\0')
        return n == 1 || n == -1 ? one : many;
    const char *form = e->translation;
    for (int k = tl_plural_form(&catalogue->plural, n); k > 0; k--)
        form += strlen(form) + 1;
    return form[0] == '\0' ? many : form;
}

int64_t tl_catalogue_size(const struct tl_catalogue *catalogue)
{
    return catalogue == NULL ? 0 : catalogue->n;
}

void tl_catalogue_at(const struct tl_catalogue *catalogue, int64_t k,
                     struct tl_catalogue_entry *entry)
{
    const struct entry *e = &catalogue->entries[k];
    int64_t n = (int64_t)strlen(e->text);
    bool is_plural = n < e->text_bytes;
    *entry = (struct tl_catalogue_entry){.text = e->text,
                                         .many = is_plural ? e->text + n + 1 : NULL,
                                         .translation = e->translation,
                                         .n_forms = is_plural ? catalogue->plural.n_forms : 1};
}
