#include "unit.h"

#include "evidence/kernel.h"

TEST(a_kernel_sums_to_its_volume_and_peaks_at_its_point)
{
    struct tl_grid grid = {0, 10000, 100, 100, 100};
    struct tl_kernel_point point = {5050, 4950, 2.0, 800};
    double *values = calloc(10000, sizeof *values), sum = 0.0;
    tl_kernel_add(ctx, &grid, 1, &point, values);
    for (int i = 0; i < 10000; i++)
        sum += values[i];
    CHECK_NEAR(values[50 * 100 + 50], 2.0, 1e-12);
    CHECK_NEAR(values[50 * 100 + 58], 2.0 * exp(-0.5), 1e-12);
    CHECK_NEAR(sum * 100 * 100, 2.0 * 2.0 * 3.14159265358979 * 800 * 800, 0.001 * 8e6);
    free(values);
}

TEST(the_bits_do_not_depend_on_the_threads)
{
    struct tl_grid grid = {0, 3000, 100, 40, 30};
    struct tl_kernel_point points[50];
    double one[1200] = {0}, two[1200] = {0};
    for (int k = 0; k < 50; k++)
        points[k] = (struct tl_kernel_point){-500.0 + 97.3 * k, 13.7 * k * k - 2000.0, 1.0 + k,
                                             50.0 + 9 * k};
    tl_ctx_set_threads(ctx, 1);
    tl_kernel_add(ctx, &grid, 50, points, one);
    tl_ctx_set_threads(ctx, 4);
    tl_kernel_add(ctx, &grid, 50, points, two);
    CHECK(memcmp(one, two, sizeof one) == 0);
    double x = 0, y = 0, sum = 0;
    int64_t cell = 17 * 40 + 21;
    tl_grid_centre(&grid, (tl_cell){cell}, &x, &y);
    for (int k = 0; k < 50; k++) {
        double d = hypot(points[k].x_m - x, points[k].y_m - y);
        if (d <= 4 * points[k].range_m)
            sum += points[k].height * exp(-0.5 * d * d / points[k].range_m / points[k].range_m);
    }
    CHECK_NEAR(one[cell], sum, 1e-12 * sum);
}

TEST(a_box_has_the_bits_of_the_whole)
{
    struct tl_grid grid = {0.1, 3000.3, 33.3, 40, 30};
    struct tl_kernel_point points[50];
    double whole[1200] = {0};
    static const int64_t boxes[][4] = {
        {0, 0, 40, 30}, {7, 3, 11, 20}, {39, 29, 1, 1}, {0, 12, 5, 1}};
    for (int k = 0; k < 50; k++)
        points[k] =
            (struct tl_kernel_point){-500.0 + 47.3 * k, 13.7 * k * k, 1.0 + k, 50.0 + 9 * k};
    tl_kernel_add(ctx, &grid, 50, points, whole);
    for (int b = 0; b < 4; b++) {
        double part[1200] = {0};
        const int64_t *box = boxes[b];
        tl_kernel_add_box(ctx, &grid, box, 50, points, part);
        for (int64_t i = 0; i < box[2] * box[3]; i++)
            CHECK(part[i] == whole[(box[1] + i / box[2]) * 40 + box[0] + i % box[2]]);
    }
}
