#include "unit.h"

#include "core/hash.h"
#include "core/rng.h"
#include "report/calibration.h"
#include "tilth/report.h"

enum { N = 30000 };

static double truth[N], mean[N], sd[N], p[N];
static uint8_t searched[N], any[N];

static struct tl_report_calibration made_up(void)
{
    struct tl_rng rng = tl_rng_make(11, 4);
    for (uint64_t i = 0; i < N; i++) {
        mean[i] =
            -13.0 + 1.4 * tl_rng_normal(rng, 4 * i) + 3.0 * pow(tl_rng_uniform(rng, 4 * i + 1), 6);
        searched[i] = i % 4 == 0;
        sd[i] = searched[i] ? 0.5 : 1.0;
        truth[i] = mean[i] + 1.05 * sd[i] * tl_rng_normal(rng, 4 * i + 2);
        p[i] = 1.0 - exp(-1e4 * exp(mean[i]));
        any[i] = tl_rng_uniform(rng, 4 * i + 3) < p[i];
    }
    return (struct tl_report_calibration){.title = "Calibration of the map of Вільхове",
                                          .n_cells = N,
                                          .true_log_density = truth,
                                          .mean = mean,
                                          .sd = sd,
                                          .searched = searched,
                                          .p_any = p,
                                          .any = any,
                                          .footer = "tilth 0.1.0 · seed 1 · made-up forecasts"};
}

TEST(a_page_is_drawn_twice_with_the_same_bytes_and_gives_its_figures)
{
    struct tl_report_calibration data = made_up();
    struct tl_report_calibration_figures figures = {0};
    char first[TL_HASH_HEX], second[TL_HASH_HEX];
    CHECK_OK(tl_report_calibration_draw(ctx, &data, "calibration.png", &figures));
    CHECK_OK(tl_report_calibration_draw(ctx, &data, "calibration.pdf", &figures));
    CHECK_OK(tl_report_calibration_draw(ctx, &data, "calibration_b.pdf", NULL));
    CHECK_OK(tl_hash_file(ctx, "calibration.pdf", first));
    CHECK_OK(tl_hash_file(ctx, "calibration_b.pdf", second));
    CHECK_STR(first, second);
    CHECK(figures.coverage95 > 0.92 && figures.coverage95 < 0.95);
    CHECK(figures.coverage95_searched > 0.0 && figures.coverage95_unsearched > 0.0);
    CHECK(figures.reliability_worst < 4.0);
}

TEST(without_searched_and_probabilities_the_page_is_drawn)
{
    struct tl_report_calibration data = made_up();
    data.searched = data.any = NULL;
    data.p_any = NULL;
    data.title = data.footer = NULL;
    CHECK_OK(tl_report_calibration_draw(ctx, &data, "calibration_plain.png", NULL));
}

TEST(one_cell_and_sure_cells_are_drawn)
{
    struct tl_report_calibration data = made_up();
    data.n_cells = 1;
    CHECK_OK(tl_report_calibration_draw(ctx, &data, "calibration_one.png", NULL));
    data.n_cells = 50;
    for (int i = 0; i < 50; i++) {
        mean[i] = truth[i] = -9.0;
        sd[i] = 0.0;
        p[i] = any[i] = i % 2 == 0;
    }
    CHECK_OK(tl_report_calibration_draw(ctx, &data, "calibration_sure.png", NULL));
}

TEST(figures_are_untouched_when_the_page_cannot_be_written)
{
    struct tl_report_calibration data = made_up();
    struct tl_report_calibration_figures figures = {.rmse = -7.0};
    CHECK_FAILS(tl_report_calibration_draw(ctx, &data, "no/such/folder/c.png", &figures), TL_EIO,
                "no/such/folder");
    CHECK_FAILS(tl_report_calibration_draw(ctx, &data, "calibration.jpg", &figures), TL_EUSAGE,
                "calibration.jpg");
    CHECK(figures.rmse == -7.0);
}

TEST(plots_are_squares_within_the_page_and_larger_when_they_are_two)
{
    struct tl_box plots[2][3];
    CHECK(tl_calibration_page_plots(true, 68.0, plots[0]) == 3);
    CHECK(tl_calibration_page_plots(false, 68.0, plots[1]) == 2);
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < 3 - k; i++) {
            const struct tl_box *b = &plots[k][i];
            CHECK(b->w == b->h && b->y > 68.0 && b->y + b->h < 500.0);
            CHECK(b->x > 60.0 && b->x + b->w < TL_PAGE_WIDTH_PT - 31.9);
            CHECK(i == 0 || b->x > plots[k][i - 1].x + b->w + 40.0);
        }
    CHECK(plots[0][0].w > 212.0);
    CHECK(plots[1][0].w > 1.3 * plots[0][0].w);
}
