#include "unit.h"

#include "report/dossier.h"

/* Numbers as each language writes them; U+00A0 between groups in Ukrainian and before the per cent sign in both. */
TEST(numbers_are_written_as_the_language_does)
{
    static const struct {
        double value;
        const char *en, *uk;
    } cases[] = {{0.0, "0", "0"},
                 {1.0, "1", "1"},
                 {0.8, "0.8", "0,8"},
                 {1.826, "1.83", "1,83"},
                 {12.04, "12", "12"},
                 {999.6, "1,000", "1\u00a0000"},
                 {174300.0, "174,000", "174\u00a0000"},
                 {-1234567.0, "−1,230,000", "−1\u00a0230\u00a0000"},
                 {0.00002, "0.00002", "0,00002"},
                 {3e-9, "< 0.000001", "< 0,000001"},
                 {NAN, "–", "–"},
                 {INFINITY, "–", "–"}};
    struct tl_dossier en = {.ctx = ctx}, uk = {.ctx = ctx};
    CHECK_OK(tl_catalogue_open(ctx, "uk", &uk.words));
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        CHECK_STR(tl_dossier_figure(&en, cases[k].value), cases[k].en);
        CHECK_STR(tl_dossier_figure(&uk, cases[k].value), cases[k].uk);
    }
    tl_dossier_texts_free(&en);
    tl_dossier_texts_free(&uk);
    tl_catalogue_free(uk.words);
}

TEST(shares_are_never_rounded_to_nothing_or_to_all)
{
    static const struct {
        double share;
        const char *text;
    } cases[] = {{0.0, "0\u00a0%"},          {1.0, "100\u00a0%"},
                 {0.412, "41\u00a0%"},       {0.0412, "4.1\u00a0%"},
                 {0.00094, "0.094\u00a0%"},  {1e-6, "< 0.01\u00a0%"},
                 {0.99999, "> 99.9\u00a0%"}, {0.992, "99.2\u00a0%"},
                 {0.9995, "> 99.9\u00a0%"},  {NAN, "–"}};
    struct tl_dossier d = {.ctx = ctx};
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++)
        CHECK_STR(tl_dossier_percent(&d, cases[k].share), cases[k].text);
    tl_dossier_texts_free(&d);
}

/* Draws can show neither that something cannot be nor that it must. */
TEST(chances_are_never_none_or_certain)
{
    struct tl_dossier d = {.ctx = ctx};
    CHECK_STR(tl_dossier_chance(&d, 0.0), "< 0.01\u00a0%");
    CHECK_STR(tl_dossier_chance(&d, 1.0), "> 99.9\u00a0%");
    CHECK_STR(tl_dossier_chance(&d, 0.9995), "> 99.9\u00a0%");
    CHECK_STR(tl_dossier_chance(&d, 0.9994), "99.9\u00a0%");
    CHECK_STR(tl_dossier_chance(&d, 0.41), "41\u00a0%");
    CHECK_STR(tl_dossier_chance(&d, NAN), "–");
    tl_dossier_texts_free(&d);
}

TEST(areas_ranges_and_money_have_their_units)
{
    struct tl_dossier d = {.ctx = ctx};
    CHECK_STR(tl_dossier_area(&d, 850.4), "850 m²");
    CHECK_STR(tl_dossier_area(&d, 174786.0), "17.48 ha");
    CHECK_STR(tl_dossier_area(&d, NAN), "–");
    CHECK_STR(tl_dossier_range(&d, 12.0, 8.0, 20.0), "12 (8–20)");
    CHECK_STR(tl_dossier_range(&d, 12.0, NAN, 20.0), "12");
    CHECK_STR(tl_dossier_range(&d, 12.0, 12.0, 12.0), "12");
    CHECK_STR(tl_dossier_money(&d, 1234.0, "USD"), "1,230 USD");
    CHECK_STR(tl_dossier_money(&d, NAN, "USD"), "–");
    CHECK(d.err == TL_OK);
    tl_dossier_texts_free(&d);
}

TEST(values_are_found_by_their_path_or_are_missing)
{
    struct tl_dossier d = {.ctx = ctx};
    d.root = json_pack("{s:{s:f,s:s,s:n},s:s}", "a", "b", 2.5, "c", "text", "n", "e", "");
    CHECK_NEAR(tl_dossier_number(&d, NULL, "a.b"), 2.5, 0.0);
    CHECK(isnan(tl_dossier_number(&d, NULL, "a.c")) && isnan(tl_dossier_number(&d, NULL, "a.x.y")));
    CHECK(isnan(tl_dossier_number(&d, NULL, "a.n")));
    CHECK_STR(tl_dossier_string(&d, NULL, "a.c"), "text");
    CHECK_STR(tl_dossier_string(&d, tl_dossier_at(&d, NULL, "a"), "c"), "text");
    CHECK(tl_dossier_string(&d, NULL, "e") == NULL && tl_dossier_string(&d, NULL, "a.b") == NULL);
    json_decref(d.root);
}

TEST(terms_are_put_into_words_and_others_left)
{
    struct tl_dossier d = {.ctx = ctx};
    CHECK_OK(tl_catalogue_open(ctx, "uk", &d.words));
    CHECK_STR(tl_dossier_term(&d, "SHA"), "підозрювана небезпечна територія");
    CHECK_STR(tl_dossier_term(&d, "NTS"), "нетехнічне обстеження");
    CHECK_STR(tl_dossier_term(&d, "flail 3000"), "flail 3000");
    CHECK_STR(tl_dossier_term(&d, NULL), "–");
    tl_catalogue_free(d.words);
}
