/*
 * "type_code in (1,2)" on a CSV: the column is text, because guessing types would turn 007 into 7, and OGR SQL refuses
 * to compare text with numbers. So the condition's tokens are scanned and each predicate of these shapes
 *
 *     column op number     number op column     column [not] in (number, ...)     column [not] between number and number
 *
 * on a text column becomes  (column < ':' and cast(column as float) ...): the guard lets only text pass that begins like
 * a number (':' follows '9' in ASCII), since OGR casts "abc" to 0. Everything else is left as written, and what OGR
 * refuses it still refuses, with its own words.
 */
#include "geo/vector_where.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "core/buf.h"

enum kind { END, WORD, NUMBER, TEXT, COMPARE, OTHER };

struct token {
    enum kind kind;
    const char *text; /* borrows */
    int64_t length;
    int column; /* of a text column, else -1 */
};

enum { TOKENS_MAX = 4096 };

struct scan {
    struct token *tokens; /* owns */
    int n;
    int n_columns;
    char *const *names;
    const bool *is_text;
};

static int64_t number_length(const char *text)
{
    const char *p = text;
    if (*p == '-' || *p == '+')
        p++;
    const char *digits = p;
    while (isdigit((unsigned char)*p) || *p == '.')
        p++;
    if (p == digits || (p == digits + 1 && *digits == '.'))
        return 0;
    if ((*p == 'e' || *p == 'E') &&
        (isdigit((unsigned char)p[1]) ||
         ((p[1] == '-' || p[1] == '+') && isdigit((unsigned char)p[2]))))
        for (p += 2; isdigit((unsigned char)*p);)
            p++;
    return p - text;
}

static bool is_word_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 128;
}

static int column_of(const struct scan *scan, const char *text, int64_t length)
{
    for (int k = 0; k < scan->n_columns; k++)
        if ((int64_t)strlen(scan->names[k]) == length &&
            strncasecmp(scan->names[k], text, (size_t)length) == 0)
            return scan->is_text[k] ? k : -1;
    return -1;
}

static int64_t quoted_length(const char *text)
{
    const char *p = text + 1;
    while (*p != '\0' && *p != *text)
        p += *p == '\\' && p[1] != '\0' ? 2 : 1;
    return p - text + (*p != '\0');
}

static struct token token_at(const struct scan *scan, const char *p)
{
    struct token t = {OTHER, p, 1, -1};
    /* A sign belongs to a number only where a value is expected, not after one. */
    const struct token *last = scan->n > 0 ? &scan->tokens[scan->n - 1] : NULL;
    bool after_value = last != NULL && (last->kind == NUMBER || last->kind == TEXT ||
                                        (last->kind == WORD && last->column >= 0) ||
                                        (last->kind == OTHER && *last->text == ')'));
    if (*p == '\'' || *p == '"') {
        t.length = quoted_length(p);
        t.kind = *p == '"' ? WORD : TEXT;
        if (*p == '"' && t.length > 2)
            t.column = column_of(scan, p + 1, t.length - 2);
    } else if (number_length(p) > 0 && !(after_value && (*p == '-' || *p == '+'))) {
        t.kind = NUMBER;
        t.length = number_length(p);
    } else if (is_word_byte(*p)) {
        t.kind = WORD;
        while (is_word_byte(p[t.length]))
            t.length++;
        t.column = column_of(scan, p, t.length);
    } else if (strchr("<>=!", *p) != NULL) {
        t.kind = COMPARE;
        t.length = p[1] == '=' || (p[0] == '<' && p[1] == '>') ? 2 : 1;
    }
    return t;
}

static tl_err tokenize(struct tl_ctx *ctx, const char *where, struct scan *scan)
{
    scan->tokens = tl_alloc(ctx, TOKENS_MAX + 8, sizeof *scan->tokens);
    if (scan->tokens == NULL)
        return TL_ENOMEM;
    for (const char *p = where; *p != '\0';) {
        if (isspace((unsigned char)*p)) {
            p++;
            continue;
        }
        if (scan->n == TOKENS_MAX)
            return tl_fail(ctx, TL_EDATA, "the condition has more than %d words", TOKENS_MAX);
        scan->tokens[scan->n] = token_at(scan, p);
        p += scan->tokens[scan->n++].length;
    }
    return TL_OK;
}

static bool is_word(const struct token *t, const char *word)
{
    return t->kind == WORD && (int64_t)strlen(word) == t->length &&
           strncasecmp(t->text, word, (size_t)t->length) == 0;
}

static bool is_sign(const struct token *t, char sign)
{
    return t->kind == OTHER && *t->text == sign;
}

/* Tokens of the predicate that begins at `t` with a text column, 0 when it has none of our shapes. */
static int predicate_tokens(const struct token *t)
{
    if (t[0].column < 0)
        return 0;
    if (t[1].kind == COMPARE && t[2].kind == NUMBER)
        return 3;
    int k = is_word(&t[1], "not") ? 2 : 1;
    if (is_word(&t[k], "between") && t[k + 1].kind == NUMBER && is_word(&t[k + 2], "and") &&
        t[k + 3].kind == NUMBER)
        return k + 4;
    if (!is_word(&t[k], "in") || !is_sign(&t[k + 1], '(') || t[k + 2].kind != NUMBER)
        return 0;
    for (k += 3; is_sign(&t[k], ',') && t[k + 1].kind == NUMBER;)
        k += 2;
    return is_sign(&t[k], ')') ? k + 1 : 0;
}

static tl_err add_tokens(struct tl_ctx *ctx, struct tl_buf *out, const struct token *t, int n)
{
    tl_err err = TL_OK;
    for (int k = 0; k < n && err == TL_OK; k++)
        err = tl_buf_printf(ctx, out, "%.*s ", (int)t[k].length, t[k].text);
    return err;
}

static tl_err add_predicate(struct tl_ctx *ctx, struct tl_buf *out, const struct token *t, int n)
{
    bool reversed = t[0].kind == NUMBER;
    const struct token *column = reversed ? &t[2] : &t[0];
    tl_err err = tl_buf_printf(ctx, out, "(%.*s < ':' AND ", (int)column->length, column->text);
    if (err == TL_OK && reversed)
        err = add_tokens(ctx, out, t, 2);
    if (err == TL_OK)
        err = tl_buf_printf(ctx, out, "CAST(%.*s AS float) ", (int)column->length, column->text);
    if (err == TL_OK && !reversed)
        err = add_tokens(ctx, out, t + 1, n - 1);
    return err == TL_OK ? tl_buf_add(ctx, out, ") ") : err;
}

tl_err tl_vector_where(struct tl_ctx *ctx, const char *where, int n_columns, char *const *names,
                       const bool *is_text, char **out)
{
    tl_err err = TL_OK;
    struct tl_buf text = {0};
    struct scan scan = {.n_columns = n_columns, .names = names, .is_text = is_text};
    TL_TRY(tokenize(ctx, where, &scan));
    TL_TRY(tl_buf_add(ctx, &text, ""));
    for (int k = 0; k < scan.n;) {
        const struct token *t = &scan.tokens[k];
        int n = predicate_tokens(t);
        if (n == 0 && t[0].kind == NUMBER && t[1].kind == COMPARE && t[2].column >= 0)
            n = 3;
        if (n > 0)
            TL_TRY(add_predicate(ctx, &text, t, n));
        else
            TL_TRY(add_tokens(ctx, &text, t, 1));
        k += n > 0 ? n : 1;
    }
    *out = text.text;
    text.text = NULL;
done:
    tl_buf_fini(&text);
    tl_free(scan.tokens);
    return err;
}
