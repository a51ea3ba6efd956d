#include "unit.h"

#include "field/dissect.h"

TEST(every_cell_is_eliminated_once)
{
    const int64_t shapes[][2] = {{1, 1}, {1, 300}, {300, 1}, {2, 150}, {64, 64}, {37, 91}, {5, 6}};
    static int32_t order[8192];
    static bool seen[8192];
    for (int k = 0; k < 7; k++) {
        struct tl_stencil_grid grid = tl_stencil_grid_of(shapes[k][0], shapes[k][1]);
        memset(seen, 0, sizeof seen);
        tl_dissect_order(&grid, order);
        for (int64_t i = 0; i < grid.n; i++) {
            CHECK(order[i] >= 0 && order[i] < grid.n && !seen[order[i]]);
            seen[order[i]] = true;
        }
    }
}

/* The last 2 x 40 pivots cut the square: no cell of one half is within two steps of the other half. */
TEST(last_pivots_separate_the_halves)
{
    enum { SIDE = 40 };
    static int32_t order[SIDE * SIDE];
    struct tl_stencil_grid grid = tl_stencil_grid_of(SIDE, SIDE);
    tl_dissect_order(&grid, order);
    int64_t west = order[0] % SIDE, low = SIDE, high = -1;
    for (int k = SIDE * SIDE - 2 * SIDE; k < SIDE * SIDE; k++) {
        low = order[k] % SIDE < low ? order[k] % SIDE : low;
        high = order[k] % SIDE > high ? order[k] % SIDE : high;
    }
    CHECK(high - low == 1 && west < low && low > 15 && high < 25);
}
