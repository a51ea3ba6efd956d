#include "unit.h"

#include "field/lattice_fixture.h"

static struct tl_lattice_source source_of(int64_t n_x, int64_t n_y)
{
    static const struct tl_field_channel channel = {.name = "search"};
    static const struct tl_field_covariate covariate = {.name = "z"};
    return (struct tl_lattice_source){.n_x = n_x,
                                      .n_y = n_y,
                                      .step_m = 25.0,
                                      .n_channels = 1,
                                      .channels = &channel,
                                      .n_covariates = 1,
                                      .covariates = &covariate};
}

TEST(a_country_fits_where_the_issue_says_it_must)
{
    const int64_t sides[] = {3162, 10000, 17321};
    const double gib[] = {2.0, 10.0, 20.0};
    for (int k = 0; k < 3; k++) {
        struct tl_lattice_plan plan;
        struct tl_field_options o = tl_field_options_default();
        struct tl_lattice_source source = source_of(sides[k], sides[k]);
        o.memory_bytes = (int64_t)(gib[k] * 1073741824.0);
        o.n_samples = 32;
        CHECK_OK(tl_lattice_plan_make(ctx, &source, &o, true, &plan));
        printf("  %lld cells a side: %.2f GiB, batch %lld, %s; disk %.1f GiB\n",
               (long long)sides[k], (double)plan.memory_bytes / 1073741824.0, (long long)plan.batch,
               plan.on_disk ? "draws on disk" : "draws in memory",
               (double)plan.disk_bytes / 1073741824.0);
        CHECK(plan.memory_bytes <= o.memory_bytes);
        CHECK(plan.n_cells == sides[k] * sides[k] && plan.n_padded >= plan.n_cells);
    }
}

TEST(less_memory_means_smaller_batches_then_disk_then_no)
{
    struct tl_lattice_plan wide, narrow;
    struct tl_field_options o = tl_field_options_default();
    struct tl_lattice_source source = source_of(2000, 2000);
    CHECK_OK(tl_lattice_plan_make(ctx, &source, &o, false, &wide));
    o.memory_bytes = wide.memory_bytes - 1;
    CHECK_OK(tl_lattice_plan_make(ctx, &source, &o, false, &narrow));
    CHECK(narrow.batch < wide.batch && !narrow.on_disk);
    o.memory_bytes = 1000;
    CHECK_FAILS(tl_lattice_plan_make(ctx, &source, &o, true, &narrow), TL_ENOMEM,
                "a field of 2000 x 2000 cells needs about");
    source.n_x = 0;
    CHECK_FAILS(tl_lattice_plan_make(ctx, &source, &o, true, &narrow), TL_EDATA, "0 x 2000");
}
