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

/* S1 says no depth; S2 covers a part of the area to 20 cm: that is no knowledge of the rest. */
TEST(what_is_not_recorded_is_not_known)
{
    struct case_set s = {.options = tl_release_options_default()};
    struct tl_release_subject subject = {0};
    s.options.area = "HA-0001";
    s.options.n_draws = 256;
    CHECK_OK(release_open(ctx, path, &s.project));
    CHECK_OK(release_text(
        ctx, s.project, "search",
        "id,type,method,passes,depth_cm,date_end,wkt\nS2,clearance,manual,1,20,2022-01-01,"
        "\"POLYGON((15.0045 2.0125,15.0050 2.0125,15.0050 2.0130,15.0045 2.0130,15.0045 "
        "2.0125))\"\n"));
    CHECK_OK(release_text(ctx, s.project, "accident", "id,lon,lat\nU1,15.0060,2.0140\n"));
    s.c = tl_alloc(ctx, 1, sizeof *s.c);
    CHECK(s.c != NULL);
    CHECK_OK(tl_release_subject_find(ctx, s.project, &s.options, &subject));
    CHECK_OK(tl_release_shared_init(ctx, s.project, &s.options, false, &s.shared));
    CHECK_OK(tl_release_case_read(ctx, &s.shared, &subject, s.c));
    CHECK_OK(tl_release_case_solve(ctx, &s.shared, s.c));
    CHECK_NEAR(s.c->deepest_cm, 20.0, 0.0);
    CHECK(isnan(s.c->facts.value[TL_RELEASE_DEPTH]));
    CHECK(s.c->facts.is_undated && s.c->facts.last_accident[0] != '\0');
    tl_release_subject_fini(&subject);
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
