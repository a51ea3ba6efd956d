#include "unit.h"

#include "evidence/depth.h"

TEST(without_records_items_lie_evenly_to_a_metre)
{
    double a = 0, b = 0;
    CHECK_NEAR(tl_depth_share(NULL, 0, 20, &a, &b), 0.2, 1e-15);
    CHECK_NEAR(a, 1.0, 1e-15);
    CHECK_NEAR(b, 4.0, 1e-15);
    CHECK(tl_depth_share(NULL, 0, 100, NULL, NULL) == 1.0);
    CHECK(tl_depth_share(NULL, 0, 0, NULL, NULL) == 0.0);
}

TEST(records_outweigh_the_prior_and_the_edge_counts_as_found)
{
    static const double depths[] = {0, 5, 5, 10, 20, 20, 35, 60};
    double a = 0, b = 0;
    CHECK_NEAR(tl_depth_share(depths, 8, 20, &a, &b), (1.0 + 6) / 13, 1e-15);
    CHECK_NEAR(a, 7, 1e-15);
    CHECK_NEAR(b, 6, 1e-15);
    CHECK_NEAR(tl_depth_share(depths, 8, 19.99, NULL, NULL), (0.9995 + 4) / 13, 1e-12);
    double last = 0.0;
    for (double x = 0; x <= 120; x += 0.5) {
        double share = tl_depth_share(depths, 8, x, NULL, NULL);
        CHECK(share >= last && share <= 1.0);
        last = share;
    }
    CHECK(last == 1.0);
}

TEST(a_depth_that_is_not_known_holds_all)
{
    static const double deep[] = {150};
    double a = 0, b = 9;
    CHECK(tl_depth_share(deep, 1, NAN, &a, &b) == 1.0 && b == 0.0);
    CHECK(tl_depth_share(deep, 1, INFINITY, NULL, NULL) == 1.0);
    CHECK_NEAR(tl_depth_share(deep, 1, 120, NULL, NULL), 5.0 / 6.0, 1e-15);
}
