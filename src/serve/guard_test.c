#include "unit.h"

#include "serve/guard.h"

TEST(on_the_loopback_only_its_own_names_are_good)
{
    const struct tl_guard guard = {.is_loopback = true, .port = 8640};
    static const char *const good[] = {"127.0.0.1:8640", "localhost:8640", "LOCALHOST:8640",
                                       "[::1]:8640"};
    static const char *const bad[] = {"127.0.0.1",
                                      "127.0.0.1:8641",
                                      "evil.example:8640",
                                      "localhost.evil.example:8640",
                                      "192.168.1.5:8640",
                                      "127.0.0.1:8640.evil.example",
                                      "",
                                      ":8640",
                                      "127.0.0.1:",
                                      "127.0.0.1:86400000000",
                                      "127.0.0.1:+8640",
                                      "[::1:8640"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        CHECK(tl_guard_host(&guard, good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK(!tl_guard_host(&guard, bad[i]));
    CHECK(!tl_guard_host(&guard, NULL));
}

TEST(elsewhere_addresses_in_digits_and_the_name_given_are_good)
{
    const struct tl_guard guard = {.port = 8640, .name = "map.example.org"};
    CHECK(tl_guard_host(&guard, "192.168.1.5:8640"));
    CHECK(tl_guard_host(&guard, "[fe80::1]:8640"));
    CHECK(tl_guard_host(&guard, "Map.Example.org:8640"));
    CHECK(!tl_guard_host(&guard, "map.example.org"));
    CHECK(!tl_guard_host(&guard, "evil.example:8640"));
    CHECK(!tl_guard_host(&guard, "1.2.3.4.evil.example:8640"));
    const struct tl_guard proxied = {.port = 8640, .name = "map.example.org", .https = true};
    CHECK(tl_guard_host(&proxied, "map.example.org"));
    CHECK(!tl_guard_host(&proxied, "other.example.org"));
}

TEST(a_change_comes_from_the_very_same_origin_or_from_no_browser)
{
    const struct tl_guard guard = {.is_loopback = true, .port = 8640};
    const char *host = "127.0.0.1:8640";
    CHECK(tl_guard_origin(&guard, host, NULL, NULL));
    CHECK(tl_guard_origin(&guard, host, "http://127.0.0.1:8640", "same-origin"));
    CHECK(!tl_guard_origin(&guard, host, "http://127.0.0.1:8641",
                           NULL)); /* another port is another origin, whatever SameSite says */
    CHECK(!tl_guard_origin(&guard, host, "https://127.0.0.1:8640", NULL));
    CHECK(!tl_guard_origin(&guard, host, "null", NULL));
    CHECK(!tl_guard_origin(&guard, host, "http://evil.example", NULL));
    CHECK(!tl_guard_origin(&guard, host, "http://127.0.0.1:8640", "same-site"));
    CHECK(!tl_guard_origin(&guard, host, NULL, "cross-site"));
    const struct tl_guard proxied = {.port = 8640, .https = true, .name = "m.example"};
    CHECK(tl_guard_origin(&proxied, "m.example", "https://m.example", NULL));
    CHECK(!tl_guard_origin(&proxied, "m.example", "http://m.example", NULL));
}

TEST(a_cookie_is_found_by_its_whole_name)
{
    char value[8];
    CHECK(tl_guard_cookie("a=1; tilth_8640=abc; b=2", "tilth_8640", value, sizeof value));
    CHECK_STR(value, "abc");
    CHECK(tl_guard_cookie("tilth=", "tilth", value, sizeof value));
    CHECK_STR(value, "");
    CHECK(!tl_guard_cookie("xtilth=1", "tilth", value, sizeof value));
    CHECK(!tl_guard_cookie("tilth2=1", "tilth", value, sizeof value));
    CHECK(!tl_guard_cookie("tilth=12345678", "tilth", value, sizeof value)); /* too long */
    CHECK(!tl_guard_cookie(NULL, "tilth", value, sizeof value));
    CHECK(!tl_guard_cookie("", "tilth", value, sizeof value));
    CHECK(!tl_guard_cookie(";;; ;", "tilth", value, sizeof value));
}
