#include "unit.h"

#include "serve/basic.h"

/* The examples of RFC 7617, section 2 and 2.1 ("test" with a pound sign in UTF-8). */
TEST(the_examples_of_the_standard_are_read)
{
    char name[TL_ACCOUNT_NAME_BYTES], password[TL_ACCOUNT_PASSWORD_MAX + 1];
    CHECK(tl_basic_read("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", name, password));
    CHECK_STR(name, "Aladdin");
    CHECK_STR(password, "open sesame");
    CHECK(tl_basic_read("basic dGVzdDoxMjPCow==", name, password));
    CHECK_STR(password, "123£");
    CHECK(tl_basic_read("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ", name, password));
}

TEST(what_is_no_such_header_is_refused)
{
    char name[TL_ACCOUNT_NAME_BYTES], password[TL_ACCOUNT_PASSWORD_MAX + 1], text[4000];
    const char *const bad[] = {"",
                               "Basic",
                               "Basic ",
                               "Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
                               "Basic QWxhZGRpbg==", /* no colon */
                               "Basic OnBhc3N3b3Jk", /* no name */
                               "Basic bmFtZTo=",     /* no password */
                               "Basic QWxhZGRpbjpvcGVu!",
                               "Basic QWxhZGRpbjpvcGVu=a",
                               "Basic QWxhZGRpbjpvcGVu===",
                               "Basic Q",
                               "Basic bmEAbWU6cGFzc3dvcmQ=",  /* a zero inside */
                               "Basic bmFtZTr/YXNzd29yZA=="}; /* no UTF-8 */
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK(!tl_basic_read(bad[i], name, password));
    snprintf(text, sizeof text, "Basic %03000d", 0);
    CHECK(!tl_basic_read(text, name, password));
}

TEST(only_the_ogc_routes_take_it)
{
    CHECK(tl_basic_is_for("/ogc") && tl_basic_is_for("/ogc/collections") &&
          tl_basic_is_for("/ogc?f=json"));
    CHECK(!tl_basic_is_for("/ogcx") && !tl_basic_is_for("/api/1/project") && !tl_basic_is_for("/"));
}

TEST(sessions_are_kept_by_header_and_the_oldest_goes)
{
    struct tl_basic *basic = NULL;
    char token[TL_SECRET_HEX] = "", header[64], made[TL_SECRET_HEX];
    CHECK_OK(tl_basic_create(ctx, &basic));
    CHECK(!tl_basic_find(basic, "Basic a", token));
    for (int i = 0; i <= TL_BASIC_KEPT; i++) {
        snprintf(header, sizeof header, "Basic %d", i);
        snprintf(made, sizeof made, "%064d", i);
        tl_basic_keep(basic, header, made);
        CHECK(tl_basic_find(basic, header, token) && strcmp(token, made) == 0);
    }
    CHECK(!tl_basic_find(basic, "Basic 0", token) && tl_basic_find(basic, "Basic 1", token));
    tl_basic_keep(basic, "Basic 1", "another");
    CHECK(tl_basic_find(basic, "Basic 1", token) && strcmp(token, "another") == 0);
    tl_basic_forget(basic, "Basic 1");
    CHECK(!tl_basic_find(basic, "Basic 1", token));
    tl_basic_free(basic);
}
