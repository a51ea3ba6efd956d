/*
 * Recursive descent over the operators of C, evaluated as it is read: the expression is a line, and a text is looked up a few
 * times a page. All branches are evaluated, so a division by zero gives zero instead of an error (gettext would not have
 * taken that branch). Unsigned arithmetic wraps, as in gettext; brackets and signs nest at most DEPTH_MAX deep.
 */
#include "core/plural.h"

#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 64 };

struct reader {
    const char *at;
    uint64_t n;
    int depth;
    bool bad;
};

static uint64_t choice(struct reader *r);

static bool take(struct reader *r, const char *word)
{
    while (*r->at == ' ' || *r->at == '\t')
        r->at++;
    size_t length = strlen(word);
    if (strncmp(r->at, word, length) != 0)
        return false;
    r->at += length;
    return true;
}

static uint64_t number(struct reader *r)
{
    uint64_t value = 0;
    r->bad = r->bad || *r->at < '0' || *r->at > '9';
    for (; *r->at >= '0' && *r->at <= '9'; r->at++)
        value = value * 10 + (uint64_t)(*r->at - '0');
    return value;
}

static uint64_t primary(struct reader *r)
{
    uint64_t value = 0;
    if (++r->depth > DEPTH_MAX)
        r->bad = true;
    if (r->bad) {
        /* nothing: the first defect ends it */
    } else if (take(r, "!")) {
        value = primary(r) == 0;
    } else if (take(r, "(")) {
        value = choice(r);
        r->bad = !take(r, ")") || r->bad;
    } else if (take(r, "n")) {
        value = r->n;
    } else {
        value = number(r);
    }
    r->depth--;
    return value;
}

/* Longer operators stand before those that begin like them. */
static const struct {
    const char *name;
    int level;
} operators[] = {{"||", 1}, {"&&", 2}, {"==", 3}, {"!=", 3}, {"<=", 4}, {">=", 4}, {"<", 4},
                 {">", 4},  {"+", 5},  {"-", 5},  {"*", 6},  {"/", 6},  {"%", 6}};
enum { N_OPERATORS = sizeof operators / sizeof operators[0], LEVEL_TOP = 7 };

static uint64_t apply(int which, uint64_t a, uint64_t b)
{
    switch (which) {
    case 0:
        return a != 0 || b != 0;
    case 1:
        return a != 0 && b != 0;
    case 2:
        return a == b;
    case 3:
        return a != b;
    case 4:
        return a <= b;
    case 5:
        return a >= b;
    case 6:
        return a < b;
    case 7:
        return a > b;
    case 8:
        return a + b;
    case 9:
        return a - b;
    case 10:
        return a * b;
    case 11:
        return b == 0 ? 0 : a / b;
    default:
        return b == 0 ? 0 : a % b;
    }
}

static int operator_at(struct reader *r, int level)
{
    for (int k = 0; k < N_OPERATORS; k++)
        if (operators[k].level == level && take(r, operators[k].name))
            return k;
    return -1;
}

static uint64_t binary(struct reader *r, int level)
{
    if (level == LEVEL_TOP)
        return primary(r);
    uint64_t value = binary(r, level + 1);
    for (int which; !r->bad && (which = operator_at(r, level)) >= 0;)
        value = apply(which, value, binary(r, level + 1));
    return value;
}

static uint64_t choice(struct reader *r)
{
    if (++r->depth > DEPTH_MAX)
        r->bad = true;
    uint64_t value = r->bad ? 0 : binary(r, 1);
    if (!r->bad && take(r, "?")) {
        uint64_t yes = choice(r);
        r->bad = !take(r, ":") || r->bad;
        uint64_t no = r->bad ? 0 : choice(r);
        value = value != 0 ? yes : no;
    }
    r->depth--;
    return value;
}

/* Form for n, -1 when the expression is malformed. */
static int64_t evaluate(const char *expression, uint64_t n)
{
    struct reader r = {.at = expression, .n = n};
    uint64_t value = choice(&r);
    take(&r, ";");
    while (*r.at == ' ' || *r.at == '\t' || *r.at == '\r')
        r.at++;
    if (r.bad || (*r.at != '\0' && *r.at != '\n') || value > TL_PLURAL_FORMS_MAX)
        return -1;
    return (int64_t)value;
}

tl_err tl_plural_read(struct tl_ctx *ctx, const char *header, struct tl_plural *plural)
{
    struct tl_plural made = {NULL, 2};
    const char *line = strstr(header, "Plural-Forms:");
    if (line == NULL) {
        *plural = made;
        return TL_OK;
    }
    const char *end = strchr(line, '\n');
    const char *forms = strstr(line, "nplurals="), *rule = strstr(line, "plural=");
    if (forms == NULL || rule == NULL || (end != NULL && (forms > end || rule > end)))
        return tl_fail(ctx, TL_EDATA, "Plural-Forms without \"nplurals=...; plural=...\"");
    char *past = NULL;
    long n = strtol(forms + strlen("nplurals="), &past, 10);
    if (n < 1 || n > TL_PLURAL_FORMS_MAX)
        return tl_fail(ctx, TL_EDATA, "nplurals is %ld; expected 1 to %d", n, TL_PLURAL_FORMS_MAX);
    made.n_forms = (int)n;
    made.expression = rule + strlen("plural=");
    for (uint64_t k = 0; k < 1200; k++) {
        int64_t form = evaluate(made.expression, k < 1000 ? k : (k - 999) * 99991);
        if (form < 0 || form >= n)
            return tl_fail(ctx, TL_EDATA,
                           form < 0 ? "the rule of Plural-Forms cannot be read"
                                    : "the rule of Plural-Forms gives a form beyond nplurals");
    }
    *plural = made;
    return TL_OK;
}

int tl_plural_form(const struct tl_plural *plural, int64_t n)
{
    uint64_t count = n < 0 ? 0u - (uint64_t)n : (uint64_t)n;
    if (plural->expression == NULL)
        return count != 1;
    int64_t form = evaluate(plural->expression, count);
    return form < 0 || form >= plural->n_forms ? 0 : (int)form;
}
