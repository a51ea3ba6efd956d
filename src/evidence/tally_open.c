/*
 * Ground that is open today, for whoever starts from the register: the same records and the same rule as the progress tables, so that both tell the same
 * land. A date that is not there is taken for the earliest: what was released is then released since.
 */
#include <math.h>

#include "evidence/tally.h"
#include "geo/cover.h"
#include "tilth/crs.h"

static const double CELLS_MOST = 5e7;

struct walk {
    const struct tl_tally_maker *maker;
    struct tl_grid grid;
    tl_tally_open_fn fn;
    void *user;
};

static bool is_open(const struct walk *w, const struct tl_tally_shape *area, int64_t n,
                    const int64_t *releases)
{
    for (int64_t k = 0; k < n; k++)
        if (w->maker->releases.list[releases[k] - w->maker->areas.n].year >= area->year_recorded)
            return false;
    return true;
}

static tl_err add_piece(void *user, int64_t cell, double share, int64_t n, const int64_t *set)
{
    const struct walk *w = user;
    const struct tl_tally_shapes *areas = &w->maker->areas;
    const struct tl_grid *g = &w->grid;
    int64_t n_areas = 0;
    int best = -1; /* rank: confirmed above suspected above what has no class */
    static const enum tl_tally_standing standings[] = {TL_TALLY_UNCLASSED, TL_TALLY_SUSPECTED,
                                                       TL_TALLY_CONFIRMED};
    while (n_areas < n && set[n_areas] < areas->n)
        n_areas++;
    for (int64_t k = 0; k < n_areas; k++) {
        const struct tl_tally_shape *a = &areas->list[set[k]];
        int rank = a->is_confirmed ? 2 : a->has_class ? 1 : 0;
        if (rank > best && is_open(w, a, n - n_areas, set + n_areas))
            best = rank;
    }
    if (best >= 0)
        w->fn(w->user, g->x0_m + ((double)(cell % g->n_x) + 0.5) * g->step_m,
              g->y0_m - ((double)(cell / g->n_x) + 0.5) * g->step_m, share * g->step_m * g->step_m,
              standings[best]);
    return TL_OK;
}

static tl_err walk_pieces(struct tl_tally_maker *m, struct walk *walk)
{
    struct tl_cover_search *searches = NULL;
    double box[4] = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    double step = tl_project_grid(m->project).step_m;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(m->ctx, searches, m->areas.n + m->releases.n);
    tl_tally_shapes_cover(&m->areas, searches, box);
    tl_tally_shapes_cover(&m->releases, searches + m->areas.n, box);
    while ((box[2] - box[0]) / step * ((box[3] - box[1]) / step) > CELLS_MOST)
        step *= 2.0;
    TL_TRY(tl_grid_cover_box(m->ctx, box, step, &walk->grid));
    TL_TRY(tl_cover_classes(m->ctx, &walk->grid, m->areas.n + m->releases.n, searches, add_piece,
                            walk));
done:
    tl_free(searches);
    return err;
}

tl_err tl_tally_open(struct tl_ctx *ctx, struct tl_project *project, tl_tally_open_fn fn,
                     void *user, int64_t *n_areas)
{
    struct tl_tally_maker m = {.ctx = ctx, .project = project, .open_only = true};
    struct walk walk = {.maker = &m, .fn = fn, .user = user};
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, m.tally, 1);
    TL_TRY(tl_crs_map_create(ctx, "EPSG:4326", tl_project_crs(project), &m.to_grid));
    TL_TRY(tl_tally_read(&m));
    if (m.areas.n > 0)
        TL_TRY(walk_pieces(&m, &walk));
    *n_areas = m.areas.n;
done:
    tl_tally_free(m.tally);
    tl_tally_shapes_fini(&m.areas);
    tl_tally_shapes_fini(&m.releases);
    tl_free(m.points);
    tl_free(m.places);
    tl_crs_map_free(m.to_grid);
    return err;
}
