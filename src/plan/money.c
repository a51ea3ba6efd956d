#include "plan/money.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char expected[] =
    "expected a sum with its currency, such as 12MUSD, or one a year, such as 4MUSD,4MUSD,4MUSD";

bool tl_money_is_currency(const char *text)
{
    return strlen(text) == 3 && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3;
}

/* One sum, of n bytes. */
static tl_err read_one(struct tl_ctx *ctx, const char *text, size_t n, double *amount,
                       char currency[TL_MONEY_CURRENCY_BYTES])
{
    char word[64], *rest;
    double factor = 1.0;
    while (n > 0 && isspace((unsigned char)*text)) {
        text++;
        n--;
    }
    while (n > 0 && isspace((unsigned char)text[n - 1]))
        n--;
    if (n == 0 || n >= sizeof word || !(isdigit((unsigned char)text[0]) || strchr("-+.", text[0])))
        return tl_fail(ctx, TL_EUSAGE, "budget: \"%.*s\" is not a sum of money; %s",
                       n > 40 ? 40 : (int)n, text, expected);
    memcpy(word, text, n);
    word[n] = '\0';
    double value = strtod(word, &rest);
    if (rest == word || !isfinite(value))
        return tl_fail(ctx, TL_EUSAGE, "budget: \"%.40s\" is not a sum of money; %s", word,
                       expected);
    if (value < 0.0 || signbit(value))
        return tl_fail(ctx, TL_EUSAGE, "budget: \"%.40s\" is negative; %s", word, expected);
    while (isspace((unsigned char)*rest))
        rest++;
    if (*rest == '\0')
        return tl_fail(ctx, TL_EUSAGE, "budget: \"%.40s\" has no currency; %s", word, expected);
    if (strlen(rest) == 4 && (rest[0] == 'M' || rest[0] == 'k')) {
        factor = rest[0] == 'M' ? 1e6 : 1e3;
        rest++;
    }
    if (!tl_money_is_currency(rest))
        return tl_fail(ctx, TL_EUSAGE, "budget: \"%.40s\" has an unknown unit; %s", word, expected);
    if (currency[0] != '\0' && strcmp(currency, rest) != 0)
        return tl_fail(ctx, TL_EUSAGE, "budget: sums in %s and in %s; expected one currency",
                       currency, rest);
    memcpy(currency, rest, TL_MONEY_CURRENCY_BYTES);
    *amount = value * factor;
    return TL_OK;
}

tl_err tl_money_budget(struct tl_ctx *ctx, const char *text, int64_t n_years,
                       struct tl_money_budget *budget)
{
    struct tl_money_budget made = {.by_year = strchr(text, ',') != NULL};
    int64_t n = 0;
    for (const char *at = text;; n++) {
        size_t length = strcspn(at, ",");
        double amount = 0.0;
        tl_err err = read_one(ctx, at, length, &amount, made.currency);
        if (err != TL_OK)
            return err;
        if (n < n_years)
            made.amounts[n] = amount;
        if (at[length] == '\0')
            break;
        at += length + 1;
    }
    n++;
    if (made.by_year && n != n_years)
        return tl_fail(ctx, TL_EUSAGE,
                       "budget: %lld sums for %lld year%s; expected one sum in all, or one a year",
                       (long long)n, (long long)n_years, n_years == 1 ? "" : "s");
    *budget = made;
    return TL_OK;
}

char *tl_money_text(double amount, const char *currency, char *text)
{
    bool is_m = fabs(amount) >= 999500.0, is_k = fabs(amount) >= 9999.5;
    double shown = is_m ? amount / 1e6 : is_k ? amount / 1e3 : amount;
    snprintf(text, TL_MONEY_TEXT_BYTES, "%.*f %s%.8s", is_m ? 2 : 0, shown,
             is_m   ? "M"
             : is_k ? "k"
                    : "",
             currency);
    return text;
}
