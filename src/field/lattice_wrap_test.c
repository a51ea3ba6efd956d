#include "unit.h"

#include "field/lattice_fixture.h"

TEST(arrays_come_back_as_rows)
{
    struct by_rows rows = {&world.input};
    struct tl_lattice_rowbuf buf;
    CHECK_OK(simulate_pair(ctx, 20, 15));
    struct tl_lattice_source source = tl_lattice_wrap_source(&world.input, &rows);
    CHECK(source.n_x == 20 && source.n_y == 15 && source.n_channels == 2 && !source.has_residual);
    CHECK_OK(tl_lattice_rowbuf_init(ctx, &source, &buf));
    for (int64_t y = 14; y >= 0; y -= 7) {
        CHECK_OK(tl_lattice_rowbuf_read(ctx, &source, y, &buf));
        for (int64_t x = 0; x < 20; x++) {
            CHECK_NEAR(buf.row.counts[1][x], pair.other.counts[y * 20 + x], 0.0);
            CHECK_NEAR(buf.row.effort[0][x], world.effort[y * 20 + x], 0.0);
            CHECK_NEAR(buf.row.covariates[0][x], world.z[y * 20 + x], 0.0);
            CHECK(buf.row.inside[x] == pair.inside[y * 20 + x]);
        }
    }
    tl_lattice_rowbuf_fini(&buf);
}

/* The residual that is given decides p_any; without one it is the cell's area less its effort. */
TEST(residual_is_handed_through)
{
    struct tl_field_result r;
    static double residual[400];
    CHECK_OK(simulate(ctx, 20, 20, -0.5, 2, &world));
    for (int i = 0; i < 400; i++)
        residual[i] = i % 2 ? 0.0 : 0.5;
    world.input.residual = residual;
    CHECK_OK(fit_with(ctx, &world.input, held(6.0, 1.0), TL_ENGINE_LATTICE, &r));
    for (int64_t i = 0; i < 400; i++)
        CHECK(i % 2 ? r.p_any[i] <= 0.0 : r.p_any[i] > 0.0);
    CHECK(r.centres != NULL && r.level.sd > 0.0 && r.mcse_sd_relative > 0.0);
    tl_field_result_fini(&r);
}
