#include "unit.h"

#include "evidence/fixture.h"
#include "evidence/overlap.h"

static const char path[] = "overlap_test.gpkg";

/* What an area is told when one of 0.01 x 0.01 degrees is there already. */
static tl_err told(struct tl_ctx *ctx, struct tl_project *project, const char *wkt, char *text,
                   size_t size)
{
    struct tl_record record = {.source = "t"};
    struct tl_geom_info info;
    void *wkb = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_geom_from_wkt(ctx, wkt, &wkb, &record.wkb_bytes));
    record.wkb = wkb;
    TL_TRY(tl_geom_info(ctx, wkb, record.wkb_bytes, &info));
    TL_TRY(tl_overlap_find(ctx, project, 0, &record, info.box, text, size));
done:
    tl_free(wkb);
    return err;
}

TEST(only_overlaps_beyond_the_limit_are_told)
{
    struct tl_project *project = NULL;
    struct tl_import_report r = {0};
    char text[200];
    CHECK_OK(fixture_district(ctx, path, &project));
    CHECK_OK(fixture_import(
        ctx, project, "hazard-area", "o.csv",
        "wkt,name\n\"POLYGON((30.01 50.01,30.02 50.01,30.02 50.02,30.01 50.02,30.01 50.01))\",A\n",
        &r));
    CHECK(r.n_added == 1);
    CHECK_OK(told(ctx, project,
                  "POLYGON((30.02 50.01,30.03 50.01,30.03 50.02,30.02 50.02,30.02 50.01))", text,
                  sizeof text));
    CHECK_STR(text, ""); /* neighbours that share an edge */
    CHECK_OK(told(
        ctx, project,
        "POLYGON((30.01992 50.01,30.02992 50.01,30.02992 50.02,30.01992 50.02,30.01992 50.01))",
        text, sizeof text));
    CHECK_STR(text, ""); /* 0.8 % */
    CHECK_OK(
        told(ctx, project,
             "POLYGON((30.0199 50.01,30.0299 50.01,30.0299 50.02,30.0199 50.02,30.0199 50.01))",
             text, sizeof text));
    CHECK_STR(text, "overlaps HA-0001 by 1.0 % of the smaller one");
    /* A bow tie of which the right half lies within: repaired before it is measured. */
    CHECK_OK(told(ctx, project,
                  "POLYGON((30.00 50.012,30.02 50.018,30.02 50.012,30.00 50.018,30.00 50.012))",
                  text, sizeof text));
    CHECK_STR(text, "overlaps HA-0001 by 50.0 % of the smaller one");
    tl_project_close(project);
}
