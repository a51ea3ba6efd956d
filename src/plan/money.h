/** Money as people write it: "12MUSD", "4.5 MUSD", "500kEUR". */
#ifndef TL_PLAN_MONEY_H
#define TL_PLAN_MONEY_H

#include "core/core.h"
#include "tilth/plan.h"

enum { TL_MONEY_CURRENCY_BYTES = 4, TL_MONEY_TEXT_BYTES = 32 };

struct tl_money_budget {
    char currency[TL_MONEY_CURRENCY_BYTES];
    bool by_year; /* else amounts[0] is for the whole plan */
    double amounts[TL_PLAN_YEARS_MAX];
};

/**
 * Reads a budget: one sum for the whole plan, or one a year, parted by commas.
 * Errors: TL_EUSAGE (no number, negative, no currency, two currencies, another number of sums than years).
 */
TL_MUST_USE tl_err tl_money_budget(struct tl_ctx *ctx, const char *text, int64_t n_years,
                                   struct tl_money_budget *budget);

/** Whether a text is three capital letters. */
bool tl_money_is_currency(const char *text);

/** "12.5 MUSD", "480 kUSD". `text` has TL_MONEY_TEXT_BYTES; returned. */
char *tl_money_text(double amount, const char *currency, char *text);

#endif
