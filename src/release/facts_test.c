#include "unit.h"

#include "release/case.h"

static const char *const path = "release_facts_test.gpkg";

TEST(facts_are_those_of_the_records)
{
    struct case_set s = {.options = tl_release_options_default()};
    CHECK_OK(case_open(ctx, path, "HA-0001", &s));
    const struct tl_release_facts *f = &s.c->facts;
    CHECK_NEAR(f->value[TL_RELEASE_SEARCHED_SHARE], 1.0, 1e-6);
    CHECK_NEAR(f->value[TL_RELEASE_INSPECTED_SHARE], 0.0, 1e-9);
    CHECK_NEAR(f->value[TL_RELEASE_FOUND], 4.0, 0.0);
    CHECK(f->value[TL_RELEASE_ACCIDENTS] > 5.0);
    CHECK(isnan(f->value[TL_RELEASE_DEPTH])); /* S1 does not record one */
    CHECK(f->n_methods == 1);
    CHECK_STR(f->method[0], "manual");
    CHECK_STR(f->evidence, "direct");
    CHECK_STR(f->last_accident, "2019");
    CHECK_NEAR(f->value[TL_RELEASE_EXPECTED_HA] * s.c->local.area_m2 / 1e4,
               f->value[TL_RELEASE_EXPECTED], 1e-9);
    case_close(&s, path);
}

TEST(ground_that_nobody_searched)
{
    struct case_set s = {.options = tl_release_options_default()};
    CHECK_OK(case_open(ctx, path, "HA-0002", &s));
    CHECK_NEAR(s.c->facts.value[TL_RELEASE_SEARCHED_SHARE], 0.0, 1e-9);
    CHECK_NEAR(s.c->effective_m2, 0.0, 1e-6);
    CHECK(s.c->facts.n_methods == 0 && isnan(s.c->deepest_cm));
    case_close(&s, path);
}
