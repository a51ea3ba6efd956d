#include "evidence/land.h"

#include <string.h>

#include "evidence/region.h"
#include "geo/cover.h"

struct adding {
    struct tl_ctx *ctx;   /* borrows */
    struct tl_land *land; /* borrows */
};

static tl_err add_run(void *user, int64_t first, int64_t n, double area)
{
    const struct adding *to = user;
    struct tl_land *land = to->land;
    struct tl_land_run *last = land->n > 0 ? &land->runs[land->n - 1] : NULL;
    if (last != NULL && last->first + last->n == first && last->area_m2 == area) {
        last->n += n;
        return TL_OK;
    }
    if (land->n == land->room) {
        int64_t room = land->room == 0 ? 256 : 2 * land->room;
        void *runs = tl_regrow(to->ctx, land->runs, land->n, room, sizeof *land->runs);
        if (runs == NULL)
            return TL_ENOMEM;
        land->runs = runs;
        land->room = room;
    }
    land->runs[land->n++] = (struct tl_land_run){first, n, area};
    return TL_OK;
}

tl_err tl_land_init(struct tl_ctx *ctx, struct tl_project *project, struct tl_land *land)
{
    tl_err err = TL_OK;
    struct tl_region region = {0};
    struct tl_crs_map *map = NULL;
    struct tl_land made = {0};
    struct tl_grid grid = tl_project_grid(project);
    struct adding to = {ctx, &made};
    TL_TRY(tl_region_init(ctx, project, &region));
    TL_TRY(tl_crs_map_create(ctx, "EPSG:4326", tl_project_crs(project), &map));
    TL_TRY(tl_region_on_grid(ctx, &region, map, &made.wkb, &made.wkb_bytes));
    TL_TRY(tl_cover_runs(ctx, &grid, made.wkb, made.wkb_bytes, add_run, &to));
    if (made.n == 0)
        TL_THROW(ctx, TL_EDATA, "the area of interest does not meet the grid");
    *land = made;
    memset(&made, 0, sizeof made);
done:
    tl_land_fini(&made);
    tl_crs_map_free(map);
    tl_region_fini(&region);
    return err;
}

void tl_land_fini(struct tl_land *land)
{
    tl_free(land->runs);
    tl_free(land->wkb);
    memset(land, 0, sizeof *land);
}

/* Last run that begins at or before a cell; -1 = none. */
static int64_t run_of(const struct tl_land *land, int64_t cell)
{
    int64_t low = 0, high = land->n;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (land->runs[middle].first <= cell)
            low = middle + 1;
        else
            high = middle;
    }
    return low - 1;
}

double tl_land_area(const struct tl_land *land, int64_t cell)
{
    int64_t r = run_of(land, cell);
    bool is_in = r >= 0 && cell < land->runs[r].first + land->runs[r].n;
    return is_in ? land->runs[r].area_m2 : 0.0;
}

void tl_land_row(const struct tl_land *land, int64_t first, int64_t n, double *area)
{
    int64_t r = run_of(land, first);
    memset(area, 0, (size_t)n * sizeof *area);
    for (r = r < 0 ? 0 : r; r < land->n && land->runs[r].first < first + n; r++) {
        int64_t from = land->runs[r].first, to = from + land->runs[r].n;
        from = from < first ? first : from;
        to = to > first + n ? first + n : to;
        for (int64_t i = from; i < to; i++)
            area[i - first] = land->runs[r].area_m2;
    }
}
