#include "unit.h"

#include "release/case.h"

static const char *const path = "release_work_test.gpkg";
static const char *const file = "release_work_test.yaml";

TEST(more_work_leaves_less_and_costs_what_the_table_says)
{
    static const struct tl_release_what_if asked[] = {
        {"manual", 1}, {"Manual", 3}, {"mechanical", 1}};
    struct case_set s = {.options = tl_release_options_default()};
    s.options.n_what_if = 3;
    s.options.what_if = asked;
    CHECK_OK(case_open(ctx, path, "HA-0001", &s));
    const struct tl_release_what *w = s.c->what;
    CHECK(s.c->n_what == 3);
    CHECK(w[0].figures.expected.value < s.c->now.expected.value);
    CHECK(w[1].figures.expected.value < w[0].figures.expected.value);
    CHECK_NEAR(w[0].days, s.c->local.area_m2 / 30.0, 1e-6);
    CHECK_NEAR(w[1].cost, 3.0 * 3.0 * s.c->local.area_m2, 1e-6);
    CHECK(w[0].days_low < w[0].days && w[0].days < w[0].days_high);
    CHECK(isnan(w[2].days) && isnan(w[2].cost));
    case_close(&s, path);
}

/* The cheapest that meets the limit, by trying every number of passes of the one method that has a price. */
TEST(the_cheapest_programme_is_the_shortest_that_meets_the_limit)
{
    struct case_set s = {.options = tl_release_options_default()};
    struct tl_release_what_if passes[4] = {
        {"manual", 1}, {"manual", 2}, {"manual", 3}, {"manual", 4}};
    char text[200];
    s.options.n_what_if = 4;
    s.options.what_if = passes;
    CHECK_OK(case_open(ctx, path, "HA-0001", &s));
    double limit =
        0.5 * (s.c->what[0].figures.expected.value + s.c->what[1].figures.expected.value);
    case_close(&s, path);
    s = (struct case_set){.options = tl_release_options_default()};
    snprintf(text, sizeof text, "cleared: {expected: {at_most: %.9f}}\n", limit);
    CHECK_OK(tl_file_write(ctx, file, text, (int64_t)strlen(text)));
    s.options.criteria = file;
    CHECK_OK(case_open(ctx, path, "HA-0001", &s));
    const struct tl_release_programme *p = &s.c->programme;
    CHECK(p->asked && p->meets && p->n_steps == 1);
    CHECK_STR(s.c->local.methods[p->steps[0].method].name, "manual");
    CHECK(p->steps[0].passes == 2);
    CHECK_NEAR(p->cost, 2.0 * 3.0 * s.c->local.area_m2, 1e-6);
    CHECK(p->figures.expected.value <= limit);
    case_close(&s, path);
    unlink(file);
}

TEST(limits_that_no_work_reaches_are_told_by_name)
{
    struct case_set s = {.options = tl_release_options_default()};
    const char *text = "cleared: {inspected_share: {at_least: 50 %}, expected: {at_most: 100}}\n";
    CHECK_OK(tl_file_write(ctx, file, text, (int64_t)strlen(text)));
    s.options.criteria = file;
    CHECK_OK(case_open(ctx, path, "HA-0001", &s));
    CHECK(s.c->programme.asked && !s.c->programme.meets);
    CHECK_STR(s.c->programme.limit, "inspected_share");
    CHECK(strstr(s.c->result.words, "no programme") != NULL);
    case_close(&s, path);
    unlink(file);
}
