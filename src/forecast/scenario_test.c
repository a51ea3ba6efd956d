#include "unit.h"

#include "forecast/fixture.h"

#define TAIL                                                                                       \
    "classes:\n  - {name: x, kind: submunitions, numbers: 3, arrived: {from: 2000, to: 2001}}\n"
#define HEAD "title: t\nstart: 2020\ncasualties: {rate: 0.1 /year}\n"

static tl_err read(struct tl_ctx *ctx, const char *part)
{
    struct tl_forecast_scenario *s = NULL;
    char text[4096];
    snprintf(text, sizeof text, HEAD "%s" TAIL, part);
    tl_err err = fixture_scenario(ctx, text, &s);
    tl_forecast_scenario_free(s);
    return err;
}

static tl_err read_all(struct tl_ctx *ctx)
{
    struct tl_forecast_scenario *s = NULL;
    tl_err err = fixture_scenario(ctx, FIXTURE_ALL("{share: 99 %, within: 30 days}"), &s);
    tl_forecast_scenario_free(s);
    return err;
}

TEST(bad_sections_are_named_with_their_line)
{
    CHECK_OK(read(ctx, ""));
    CHECK_FAILS(read(ctx, "lnad: {}\n"), TL_EDATA, "did you mean \"land\"");
    CHECK_FAILS(read(ctx, "land: {suspected: 20}\n"), TL_EDATA, "s.yaml: line 4");
    CHECK_FAILS(read(ctx, "land: {suspected: 20 acres}\n"), TL_EDATA, "acres");
    CHECK_FAILS(read(ctx, "land: {contaminated: 1.2}\n"), TL_EDATA, "contaminated");
    CHECK_FAILS(read(ctx, "funding:\n  - {from: 2030, to: 2025, per_year: 1 MUSD/year}\n"),
                TL_EDATA, "wrong order");
    CHECK_FAILS(read(ctx, "funding:\n  - {per_year: 1 MEUR/year}\n"), TL_EDATA, "MEUR");
    CHECK_FAILS(read(ctx, "people: {ages: {children: 40 %, adults: 40 %}}\n"), TL_EDATA,
                "expected 100 %");
    CHECK_FAILS(read(ctx, "people: {by_year: {2025: 1, 2022: 2}}\n"), TL_EDATA, "wrong order");
    CHECK_FAILS(
        read(ctx, "clearance:\n  - {method: m, teams: -1, pace: 1 ha/year, price: 1 USD/m2}\n"),
        TL_EDATA, "teams");
    CHECK_OK(read(ctx, "currency: EUR\nfunding:\n  - {per_year: 1 MEUR/year}\n"));
}

TEST(every_allocation_may_fail)
{
    CHECK_EVERY_ALLOC(ctx, read_all(ctx));
}
