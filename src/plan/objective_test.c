#include "unit.h"

#include "plan/fixture.h"

static tl_err read_text(struct tl_ctx *ctx, const char *text, struct tl_objective *o)
{
    tl_err err = fixture_write(ctx, "o.yaml", text);
    return err == TL_OK ? tl_objective_read(ctx, "o.yaml", "USD", o) : err;
}

TEST(built_in_objectives_are_one_part_each)
{
    static const char *const names[] = {"harm", "land", "hectares"};
    struct tl_objective o;
    for (int i = 0; i < 3; i++) {
        CHECK_OK(tl_objective_read(ctx, names[i], "USD", &o));
        CHECK(o.n_parts == 1 && o.parts[0].weight == 1.0);
        CHECK_STR(o.name, names[i]);
        CHECK(tl_objective_needs_map(&o) == (i == 0));
        tl_objective_fini(&o);
    }
    CHECK_FAILS(tl_objective_read(ctx, "hectors", "USD", &o), TL_EUSAGE, "hectares");
}

TEST(shares_make_a_hundred_points_of_all_tasks)
{
    const double amounts[] = {1.0, 10.0, 3.0, 0.0}; /* two tasks, two parts */
    struct tl_objective o;
    double sum = 0.0;
    CHECK_OK(read_text(ctx,
                       "parts:\n  - {part: hectares, weight: 70 %}\n  - {part: beneficiaries, "
                       "weight: 30 %}\n",
                       &o));
    tl_objective_settle(&o, 2, amounts);
    CHECK_NEAR(o.parts[0].weight, 70.0 / 4.0, 1e-12);
    CHECK_NEAR(o.parts[1].weight, 3.0, 1e-12);
    for (int i = 0; i < 4; i++)
        sum += amounts[i] * o.parts[i % 2].weight;
    CHECK_NEAR(sum, 100.0, 1e-9);
    const double none[] = {1.0, 0.0, 3.0, 0.0}; /* nobody has any of the second */
    tl_objective_settle(&o, 2, none);
    CHECK(o.parts[1].weight == 0.0);
    tl_objective_fini(&o);
}

TEST(points_a_unit_stay_as_they_are_written)
{
    struct tl_objective o;
    CHECK_OK(read_text(ctx,
                       "horizon: 20 years\ncasualties: {best: 0.004 /year, low: 0.001 /year, high: "
                       "0.01 /year, source: x}\nland_value:\n  - {use: Cropland, value: 0.4 "
                       "USD/m2}\n  - {use: other, value: 2 kUSD/ha}\nparts:\n  - {part: land "
                       "value, weight: 5 points/kUSD}\n  - {part: near, type: school, within: 2 "
                       "km, weight: 4 points}\n",
                       &o));
    CHECK(o.horizon_years == 20.0 && o.rate[0] == 0.004 && o.rate[1] == 0.001 && o.rate[2] == 0.01);
    CHECK_NEAR(o.parts[0].weight, 0.005, 1e-15);
    CHECK(o.parts[1].within_m == 2000.0 && o.parts[1].weight == 4.0);
    CHECK_STR(o.parts[1].name, "near school");
    CHECK_NEAR(tl_objective_use(&o, "cropland")->per_ha, 4000.0, 1e-9);
    CHECK_NEAR(tl_objective_use(&o, "forest")->per_ha, 2000.0, 1e-9);
    CHECK_NEAR(tl_objective_use(&o, NULL)->per_ha, 2000.0, 1e-9);
    tl_objective_fini(&o);
}

TEST(what_is_wrong_is_told_with_its_line)
{
    static const struct {
        const char *text, *part;
    } bad[] = {
        {"parts:\n  - {part: hectares, weight: 60 %}\n", "line 1, column 1: parts: the shares"},
        {"parts:\n  - {part: hectares, weight: 7}\n",
         "line 2, column 22: weight: \"7\" has no unit"},
        {"parts: []\n", "0 of them"},
        {"titel: x\nparts: []\n", "did you mean \"title\""},
        {"parts:\n  - {part: hectares, weight: 100 %, within: 2 km}\n", "for the part near"},
        {"parts:\n  - {part: hectares, weight: 50 %}\n  - {part: hectares, weight: 50 %}\n",
         "there twice"},
        {"casualties: {best: 1 /year, low: 2 /year, high: 3 /year, source: x}\nparts: []\n",
         "low <= best"}};
    struct tl_objective o = {.horizon_years = 7.0};
    for (int i = 0; i < 7; i++) {
        CHECK_FAILS(read_text(ctx, bad[i].text, &o), TL_EDATA, bad[i].part);
        CHECK(o.horizon_years == 7.0);
    }
}
