#include "unit.h"

#include "plan/fixture.h"

static void check_cut(struct tl_ctx *ctx, const char *wkt, int n, double size)
{
    void *wkb = NULL, *parts[8];
    int64_t bytes = 0, part_bytes[8];
    double sum = 0.0, overlap = 0.0;
    CHECK_OK(tl_geom_from_wkt(ctx, wkt, &wkb, &bytes));
    CHECK_OK(tl_plan_cut(ctx, wkb, bytes, n, parts, part_bytes));
    for (int i = 0; i < n; i++) {
        struct tl_geom_info info;
        CHECK_OK(tl_geom_info(ctx, parts[i], part_bytes[i], &info));
        CHECK(info.kind == TL_GEOM_POLYGON && info.is_valid);
        CHECK_NEAR(info.area, size / n, 1e-5 * size);
        sum += info.area;
        for (int k = 0; k < i; k++) {
            CHECK_OK(
                tl_geom_overlap(ctx, parts[i], part_bytes[i], parts[k], part_bytes[k], &overlap));
            CHECK_NEAR(overlap, 0.0, 1e-6 * size);
        }
    }
    CHECK_NEAR(sum, size, 1e-9 * size);
    for (int i = 0; i < n; i++)
        tl_free(parts[i]);
    tl_free(wkb);
}

TEST(parts_have_one_size_and_make_up_the_whole)
{
    check_cut(ctx, "POLYGON((0 0,100 0,100 10,0 10,0 0))", 4, 1000.0);
    check_cut(ctx, "POLYGON((0 0,10 0,10 100,0 100,0 0))", 3, 1000.0);
    check_cut(ctx, "POLYGON((0 0,100 0,0 60,0 0))", 5, 3000.0);
    check_cut(ctx, "POLYGON((0 0,90 0,90 90,0 90,0 0),(30 30,60 30,60 60,30 60,30 30))", 3, 7200.0);
    check_cut(ctx, "MULTIPOLYGON(((0 0,10 0,10 10,0 10,0 0)),((500 0,510 0,510 10,500 10,500 0)))",
              2, 200.0);
    check_cut(ctx, "POLYGON((0 0,100 0,100 10,0 10,0 0))", 1, 1000.0);
}
