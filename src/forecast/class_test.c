#include "unit.h"

#include "forecast/fixture.h"

#define HEAD "title: t\nstart: 2020\ncasualties: {rate: 0.1 /year}\nclasses:\n  - name: x\n"

static tl_err read(struct tl_ctx *ctx, const char *class)
{
    struct tl_forecast_scenario *s = NULL;
    char text[4096];
    snprintf(text, sizeof text, HEAD "%s", class);
    tl_err err = fixture_scenario(ctx, text, &s);
    tl_forecast_scenario_free(s);
    return err;
}

TEST(bad_classes_are_named_with_their_line)
{
    CHECK_FAILS(read(ctx, "    kind: persistent-ap\n    numbers: 5\n"), TL_EDATA, "no arrival");
    CHECK_FAILS(read(ctx, "    kind: persistent-ap\n    arrived: {from: 2000, to: 2001}\n"),
                TL_EDATA, "not how many");
    CHECK_FAILS(read(ctx, "    kind: persistant-ap\n    numbers: 5\n"), TL_EDATA,
                "did you mean \"persistent-ap\"");
    CHECK_FAILS(
        read(ctx,
             "    kind: persistent-ap\n    numbers: -5\n    arrived: {from: 2000, to: 2001}\n"),
        TL_EDATA, "s.yaml: line 7");
    CHECK_FAILS(
        read(ctx, "    kind: persistent-ap\n    numbers: 5\n    arrived: {from: 2004, to: 2001}\n"),
        TL_EDATA, "wrong order");
    CHECK_FAILS(
        read(ctx, "    kind: persistent-ap\n    numbers: 5\n    arrived: {from: 2000, to: 2031}\n"),
        TL_EDATA, "the start, 2020");
    CHECK_FAILS(
        read(ctx, "    kind: persistent-ap\n    numbers: 5\n    arived: {from: 2000, to: 2001}\n"),
        TL_EDATA, "did you mean \"arrived\"");
    CHECK_FAILS(read(ctx, "    kind: persistent-ap\n    numbers: 5\n    arrived: {from: 2000, to: "
                          "2001}\n    half_life: 20\n"),
                TL_EDATA, "half_life");
    CHECK_FAILS(read(ctx, "    kind: persistent-ap\n    numbers: 5\n    arrived: {from: 2000, to: "
                          "2001}\n    works: 130 %\n"),
                TL_EDATA, "works");
    CHECK_FAILS(
        read(ctx,
             "    kind: self-destructing\n    numbers: 5\n    arrived: {from: 2000, to: 2001}\n"),
        TL_EDATA, "\"self_destruct\" is missing");
    CHECK_FAILS(read(ctx,
                     "    kind: self-destructing\n    numbers: 5\n    arrived: {from: 2000, to: "
                     "2001}\n    self_destruct:\n      claimed: {share: 99 %, within: 30 days}\n"),
                TL_EDATA, "\"observed\" is missing");
    CHECK_FAILS(
        read(ctx,
             "    kind: persistent-ap\n    density: 5 /km2\n    arrived: {from: 2000, to: 2001}\n"),
        TL_EDATA, "\"area\" is missing");
    CHECK_FAILS(read(ctx, "    kind: persistent-ap\n    numbers: {best: 5, low: 7, high: 9}\n    "
                          "arrived: {from: 2000, to: 2001}\n"),
                TL_EDATA, "low <= best <= high");
    CHECK_FAILS(read(ctx, "    kind: persistent-ap\n    numbers: {best: 5, low: 0, high: 9}\n    "
                          "arrived: {from: 2000, to: 2001}\n"),
                TL_EDATA, "more than 0");
    CHECK_OK(read(
        ctx, "    kind: persistent-ap\n    numbers: 5\n    arrived: {from: 2000, to: 2001}\n"));
}
