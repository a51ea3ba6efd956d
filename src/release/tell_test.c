#include "unit.h"

#include "release/case.h"

static const char *const path = "release_tell_test.gpkg";

TEST(every_part_of_the_shape_is_there)
{
    static const char *const keys[] = {
        "schema",   "program",   "language", "area",      "speaks_of", "map",           "window",
        "searched", "quality",   "found",    "remaining", "reasons",   "assumptions",   "warnings",
        "what_if",  "programme", "criteria", "decisions", "findings",  "evidence_hash", "seed"};
    struct case_set s = {.options = tl_release_options_default()};
    CHECK_OK(case_open(ctx, path, "HA-0001", &s));
    for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++)
        CHECK(json_object_get(s.json, keys[k]) != NULL);
    CHECK(json_object_size(s.json) == sizeof keys / sizeof keys[0]);
    CHECK(strlen(json_string_value(json_object_get(s.json, "evidence_hash"))) == 64);
    CHECK(json_array_size(json_object_get(json_object_get(s.json, "area"), "turning_points")) == 4);
    case_close(&s, path);
}

/* The reasons multiply to what is expected per hectare. */
TEST(reasons_multiply_to_the_figure)
{
    struct case_set s = {.options = tl_release_options_default()};
    double product = 1.0;
    size_t at;
    json_t *one;
    CHECK_OK(case_open(ctx, path, "HA-0001", &s));
    json_array_foreach(json_object_get(s.json, "reasons"), at, one) product *=
        json_number_value(json_object_get(one, "factor"));
    double per_ha = s.c->now.expected.value / s.c->local.area_m2 * 1e4;
    CHECK_NEAR(product / per_ha, 1.0, 1e-3);
    case_close(&s, path);
}

/* The table's own covariates have words in every language; English ones stay as the evidence has them. */
TEST(reasons_are_told_in_the_language_that_is_asked_for)
{
    for (int uk = 0; uk < 2; uk++) {
        struct case_set s = {.options = tl_release_options_default()};
        size_t at;
        json_t *one;
        int n = 0;
        s.options.language = uk == 1 ? "uk" : "en";
        CHECK_OK(case_open(ctx, path, "HA-0001", &s));
        json_array_foreach(json_object_get(s.json, "reasons"), at, one)
        {
            const char *words = json_string_value(json_object_get(one, "words"));
            bool is_ascii = true;
            for (const char *c = words; *c != '\0'; c++)
                is_ascii = is_ascii && (unsigned char)*c < 128;
            CHECK(is_ascii == (uk == 0));
            n++;
        }
        CHECK(n > 3); /* average, here and around, what searches left: and a covariate */
        case_close(&s, path);
    }
}
