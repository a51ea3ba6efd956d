#include "unit.h"

#include "geo/cover_edges.h"
#include "geo/geom.h"

static tl_err walk_wkt(struct tl_ctx *ctx, const char *wkt, struct tl_cover_pieces *pieces)
{
    const struct tl_grid grid = {0.0, 4.0, 1.0, 4, 4};
    void *wkb = NULL;
    int64_t n = 0;
    struct tl_cover_shape shape = {0};
    tl_err err = tl_geom_from_wkt(ctx, wkt, &wkb, &n);
    if (err == TL_OK)
        err = tl_cover_shape_init(ctx, &grid, wkb, n, &shape);
    if (err == TL_OK)
        err = tl_cover_walk(ctx, &shape, grid.n_x, 0, grid.n_y, pieces);
    tl_cover_shape_fini(&shape);
    tl_free(wkb);
    return err;
}

TEST(orientation_of_rings_does_not_matter)
{
    static const char *const same[] = {"POLYGON((0.5 0.5,2.5 0.5,2.5 2.5,0.5 2.5,0.5 0.5))",
                                       "POLYGON((0.5 0.5,0.5 2.5,2.5 2.5,2.5 0.5,0.5 0.5))"};
    for (int k = 0; k < 2; k++) {
        struct tl_cover_pieces pieces = {0};
        double own = 0.0, east = 0.0;
        CHECK_OK(walk_wkt(ctx, same[k], &pieces));
        for (int64_t i = 0; i < pieces.n; i++) {
            own += pieces.items[i].cell == 13 ? tl_cover_piece_own(&pieces.items[i]) : 0.0;
            east += tl_cover_piece_east(&pieces.items[i]);
        }
        CHECK(own == 0.0 &&
              east ==
                  0.0); /* no edge passes through cell 13 but the bottom one, which is horizontal */
        CHECK(pieces.n == 6 && pieces.items[0].cell == 4 && pieces.items[0].sign == 1 &&
              pieces.items[0].u0 == 0.5);
        tl_free(pieces.items);
    }
}

TEST(pieces_stay_within_their_cells_and_are_ordered)
{
    struct tl_cover_pieces pieces = {0};
    CHECK_OK(walk_wkt(ctx, "POLYGON((-3.1 -2,7.7 1.3,2.2 9.4,1.9 2.1,-3.1 -2))", &pieces));
    CHECK(pieces.n > 5);
    for (int64_t k = 0; k < pieces.n; k++) {
        const struct tl_cover_piece *p = &pieces.items[k];
        CHECK(p->u0 >= 0.0 && p->u0 <= 1.0 && p->u1 >= 0.0 && p->u1 <= 1.0);
        CHECK(p->v0 >= 0.0 && p->v0 < p->v1 && p->v1 <= 1.0);
        CHECK(k == 0 || pieces.items[k - 1].cell <= p->cell);
    }
    tl_free(pieces.items);
}
