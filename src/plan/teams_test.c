#include "unit.h"

#include "plan/fixture.h"

static tl_err read_text(struct tl_ctx *ctx, const char *text, struct tl_teams *t)
{
    tl_err err = fixture_write(ctx, "t.yaml", text);
    return err == TL_OK ? tl_teams_read(ctx, NULL, "t.yaml", "USD", t) : err;
}

static const char whole[] =
    "title: T\nstart: 2027-03-01\ntravel: {speed: 60 km/h, hours: 10 h/day, detour: 1.5, source: "
    "s}\n"
    "teams:\n"
    "  - {name: A, base: \"31, 48\", methods: [manual], size: 20 deminers, season: [March, June to "
    "August], days: 6 days/week, from: 2027-05-01, to: 2028-05-01, cost: 2 kUSD/day}\n"
    "  - {name: B, base: \"36UUA2412391234\", methods: [dogs], pace: {dogs: 0.2 ha/day}}\n"
    "tasks: {must: [T-001], must_not: [T-002, HA-3], windows: [{task: T-1, from: 2027-01-01}], "
    "after: [{task: T-9, "
    "waits_for: [T-7, HA-2]}], in_order: [T-7]}\n"
    "ground: [{area: all, vegetation: dense}, {area: HA-1, slope: steep}]\n"
    "districts: [{name: N, areas: [HA-1]}]\nfloors: [{district: N, area: 5 ha}]\n";

TEST(everything_in_the_file_is_read)
{
    struct tl_teams t;
    CHECK_OK(read_text(ctx, whole, &t));
    CHECK(t.n_teams == 2 && t.n_rules == 3 && t.n_windows == 1 && t.n_ground == 2);
    CHECK(t.n_districts == 1 && t.n_floors == 1 && t.floors[0].ha == 5.0);
    CHECK(t.speed_kmh == 60.0 && t.hours_a_day == 10.0 && t.detour == 1.5);
    CHECK(t.teams[0].size == 20.0 && isnan(t.teams[0].pace[0]));
    CHECK(t.teams[0].cost_per_day == 2000.0 && isnan(t.teams[1].cost_per_day));
    CHECK(t.teams[0].calendar.months == 0xE4U && t.teams[0].calendar.days_a_week == 6);
    CHECK(t.teams[1].pace[0] == 2000.0 && t.teams[1].calendar.days_a_week == 5);
    CHECK_NEAR(t.teams[0].lon_deg, 31.0, 1e-9);
    CHECK(t.rules[0].rule == TL_PLAN_MUST && t.rules[2].rule == TL_PLAN_MUST_NOT);
    CHECK(t.ground[0].area == NULL && t.ground[0].vegetation == 3 && t.ground[1].slope == 2);
    CHECK(t.n_after == 1 && t.after[0].waits_for->n == 2 && t.in_order->n == 1);
    CHECK_STR(t.after[0].task, "T-9");
    CHECK_STR(t.currency, "USD");
    tl_teams_fini(&t);
}

TEST(a_base_may_be_a_place_of_the_register)
{
    struct tl_project *project = NULL;
    struct tl_teams t;
    CHECK_OK(fixture_project(ctx, "teams.gpkg", false, &project));
    CHECK_OK(fixture_write(ctx, "t.yaml", fixture_teams));
    CHECK_OK(tl_teams_read(ctx, project, "t.yaml", "USD", &t));
    CHECK_NEAR(t.teams[0].lon_deg, 15.005, 1e-9);
    tl_teams_fini(&t);
    tl_project_close(project);
}

TEST(two_teams_of_one_name_and_mixed_floors_are_refused)
{
    struct tl_teams t = {.n_teams = 9};
    CHECK_FAILS(
        read_text(ctx,
                  "start: 2027-01-01\nteams:\n  - {name: A, base: \"1, 2\", methods: [m], "
                  "size: 2 dogs}\n  - {name: A, base: \"1, 2\", methods: [m], size: 2 dogs}\n",
                  &t),
        TL_EDATA, "line 4, column 6: name: two teams are called \"A\"");
    CHECK_FAILS(
        read_text(ctx,
                  "start: 2027-01-01\nteams: [{name: A, base: \"1, 2\", methods: [m], size: 2 "
                  "dogs}]\nfloors: [{district: N, share: 5 %}, {district: M, area: 2 ha}]\n",
                  &t),
        TL_EDATA, "expected one kind");
    CHECK_FAILS(read_text(ctx, "teams: []\n", &t), TL_EDATA, "\"start\" is missing");
    CHECK_FAILS(read_text(ctx, "start: 2027-01-01\nteams: []\n", &t), TL_EDATA, "0 of them");
    CHECK(t.n_teams == 9);
}

static tl_err once(struct tl_ctx *ctx)
{
    struct tl_teams t = {0};
    tl_err err = tl_teams_read(ctx, NULL, "t.yaml", "USD", &t);
    tl_teams_fini(&t);
    return err;
}

TEST(every_allocation_may_fail)
{
    CHECK_OK(fixture_write(ctx, "t.yaml", whole));
    CHECK_EVERY_ALLOC(ctx, once(ctx));
}
