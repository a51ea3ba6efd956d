#include "unit.h"

#include "serve/ogc.h"

TEST(times_and_intervals_become_dates_and_open_ends)
{
    static const struct {
        const char *text, *from, *to;
    } good[] = {{"2024", "2024", "2024"},
                {"2024-05-31", "2024-05-31", "2024-05-31"},
                {"2018-02-12T23:20:50Z", "2018-02-12", "2018-02-12"},
                {"2018-02-12T00:00:00Z/2018-03-18T12:31:12Z", "2018-02-12", "2018-03-18"},
                {"../2020", "", "2020"},
                {"2020/..", "2020", ""},
                {"2020/", "2020", ""},
                {"/2020-07", "", "2020-07"}};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        char from[16], to[16];
        CHECK_OK(tl_ogc_interval(ctx, good[i].text, from, to));
        CHECK_STR(from, good[i].from);
        CHECK_STR(to, good[i].to);
    }
}

TEST(what_is_no_time_is_refused)
{
    static const char *const bad[] = {"",
                                      "..",
                                      "../..",
                                      "/",
                                      "today",
                                      "2024-5",
                                      "20240531",
                                      "2024/2025/2026",
                                      "2024T12",
                                      "-024",
                                      "2024-05-31 12:00",
                                      "9999999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char from[16] = "kept", to[16] = "kept";
        CHECK_FAILS(tl_ogc_interval(ctx, bad[i], from, to), TL_EUSAGE, "is no time");
        CHECK_STR(from, "kept");
        CHECK_STR(to, "kept");
    }
}
