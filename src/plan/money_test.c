#include "unit.h"

#include "plan/money.h"

TEST(sums_in_all_and_by_year_are_read)
{
    struct tl_money_budget b;
    CHECK_OK(tl_money_budget(ctx, "12MUSD", 3, &b));
    CHECK(!b.by_year && b.amounts[0] == 12e6 && b.amounts[1] == 0.0);
    CHECK_STR(b.currency, "USD");
    CHECK_OK(tl_money_budget(ctx, "4 MUSD, 500kUSD,0USD", 3, &b));
    CHECK(b.by_year && b.amounts[0] == 4e6 && b.amounts[1] == 5e5 && b.amounts[2] == 0.0);
    CHECK_OK(tl_money_budget(ctx, "0EUR", 1, &b));
    CHECK(b.amounts[0] == 0.0);
}

TEST(what_is_no_budget_is_told_with_what_was_expected)
{
    static const struct {
        const char *text, *part;
    } bad[] = {{"12", "has no currency"},          {"12M", "unknown unit"},
               {"-3MUSD", "is negative"},          {"twelve", "is not a sum of money"},
               {"", "is not a sum of money"},      {"4MUSD,4MEUR,1MUSD", "in USD and in EUR"},
               {"4MUSD,4MUSD", "2 sums for 3"},    {"4MUSD,,4MUSD", "is not a sum of money"},
               {"12MUSDX", "unknown unit"},        {"1e999USD", "is not a sum of money"},
               {"nanUSD", "is not a sum of money"}};
    struct tl_money_budget b = {.amounts = {7.0}};
    for (int i = 0; i < 11; i++) {
        CHECK_FAILS(tl_money_budget(ctx, bad[i].text, 3, &b), TL_EUSAGE, bad[i].part);
        CHECK(b.amounts[0] == 7.0);
    }
}

TEST(money_is_written_for_people)
{
    char text[TL_MONEY_TEXT_BYTES];
    CHECK_STR(tl_money_text(12345678, "USD", text), "12.35 MUSD");
    CHECK_STR(tl_money_text(480000, "USD", text), "480 kUSD");
    CHECK_STR(tl_money_text(950, "UAH", text), "950 UAH");
    CHECK_STR(tl_money_text(0, "USD", text), "0 USD");
}
