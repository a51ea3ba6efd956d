/*
 * What the map says of a unit. With eta_c ~ Normal(m_c, s_c²) in cell c, r_c its residual area and a_c its land, a unit that
 * shares an area A_uc with it expects
 *
 *     n_u(z) = sum_c A_uc (r_c / a_c) exp(m_c + s_c z)         items,    P(any in u) = E_z[1 - exp(-n_u(z))]
 *
 * z standard normal, by quadrature. The values at each node are kept: units of one lot lie within a correlation range of each other more
 * often than not, so the error of the map's level is theirs together, and a lot's number of bad units must be summed node by node.
 */
#include "survey/units.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/rng.h"
#include "geo/cover.h"
#include "geo/geom.h"
#include "geo/vector.h"

enum { UNITS_MAX = 200000, TRIES = 24, STREAM_DRAW = 2, SQUARE_BYTES = 93 };
static const double Z_MAX = 6.0, NUDGE = 1.0003;

static tl_err unit_grid(struct tl_ctx *ctx, const struct tl_grid *map,
                        const struct tl_survey_area *area, double unit_m, struct tl_grid *grid)
{
    double side = unit_m == 0.0 ? map->step_m : unit_m;
    if (!(side >= 0.1 && side <= 1e6))
        return tl_fail(ctx, TL_EDATA, "a unit with a side of %g m; expected 0.1 m to 1,000 km",
                       side);
    double west = floor((area->box[0] - map->x0_m) / side), east, north, south;
    east = ceil((area->box[2] - map->x0_m) / side);
    north = floor((map->y0_m - area->box[3]) / side);
    south = ceil((map->y0_m - area->box[1]) / side);
    if ((east - west) * (south - north) > 4e8 || area->area_m2 / (side * side) > UNITS_MAX)
        return tl_fail(ctx, TL_EDATA,
                       "units of %g m make about %.0f of %s; expected at most %d: take a larger "
                       "unit",
                       side, area->area_m2 / (side * side), area->name, UNITS_MAX);
    *grid = (struct tl_grid){map->x0_m + west * side, map->y0_m - north * side, side,
                             (int64_t)fmax(east - west, 1.0), (int64_t)fmax(south - north, 1.0)};
    return TL_OK;
}

tl_err tl_survey_units_init(struct tl_ctx *ctx, struct tl_project *project,
                            const struct tl_survey_area *area, double unit_m,
                            struct tl_survey_units *units)
{
    tl_err err = TL_OK;
    struct tl_survey_units made = {0};
    struct tl_grid map = tl_project_grid(project);
    struct tl_cover_cell *cells = NULL;
    TL_TRY(unit_grid(ctx, &map, area, unit_m, &made.grid));
    TL_TRY(tl_cover_polygon(ctx, &made.grid, area->wkb, area->wkb_bytes, &cells, &made.n));
    TL_TRY_ALLOC(ctx, made.units, made.n);
    /* Slivers that rounding makes at the edge are no ground that anyone could inspect. */
    int64_t n = 0;
    for (int64_t k = 0; k < made.n; k++)
        if (cells[k].area_m2 > 1e-9 * made.grid.step_m * made.grid.step_m)
            made.units[n++] = (struct tl_survey_unit){
                .i = cells[k].i, .area_m2 = cells[k].area_m2, .p_any = (double)NAN};
    made.n = n;
    *units = made;
    made.units = NULL;
done:
    tl_free(cells);
    tl_free(made.units);
    return err;
}

/* The number of pieces falls with the side, but not evenly: the nearest of a few tries. */
tl_err tl_survey_units_about(struct tl_ctx *ctx, struct tl_project *project,
                             const struct tl_survey_area *area, int64_t n,
                             struct tl_survey_units *units)
{
    tl_err err = TL_OK;
    struct tl_survey_units best = {0}, one = {0};
    double side = sqrt(area->area_m2 / (double)n);
    if (n > UNITS_MAX)
        return tl_fail(ctx, TL_EDATA, "%lld units of an area; expected at most %d", (long long)n,
                       UNITS_MAX);
    for (int k = 0; k < TRIES && best.n != n; k++) {
        TL_TRY(tl_survey_units_init(ctx, project, area, side, &one));
        /* Pieces at the edge make more units than squares of the whole area would. */
        side = fmax(side * sqrt((double)one.n / (double)n) * (k < TRIES / 2 ? 1.0 : NUDGE), 0.1);
        if (best.n == 0 || llabs(one.n - n) < llabs(best.n - n)) {
            tl_survey_units_fini(&best);
            best = one;
            one = (struct tl_survey_units){0};
        }
        tl_survey_units_fini(&one);
    }
    *units = best;
    best = (struct tl_survey_units){0};
done:
    tl_survey_units_fini(&best);
    return err;
}

void tl_survey_units_fini(struct tl_survey_units *units)
{
    tl_free(units->units);
    tl_free(units->p_at);
    *units = (struct tl_survey_units){0};
}

/* Some rows of the map under the units, from one column to another: units come row by row, and so does the map. */
struct map {
    struct tl_project *project; /* borrows */
    struct tl_grid grid;
    int64_t west, east;                 /* columns under the units */
    int64_t box[4];                     /* that is read: first column, first row, columns, rows */
    int64_t room;                       /* rows */
    float *mean, *sd, *residual, *area; /* owns: [rows * columns] */
};

/* Cells of the map that a rectangle meets: first and last column, first and last row. */
struct met {
    int64_t first, last, top, bottom;
};

static int64_t clamp(double x, int64_t n)
{
    return x < 0.0 ? 0 : x > (double)(n - 1) ? n - 1 : (int64_t)x;
}

static double common(double a0, double a1, double b0, double b1)
{
    return fmax(0.0, fmin(a1, b1) - fmax(a0, b0));
}

/* Cells under a rectangle whose corners are given, south below north. */
static struct met met_by(const struct tl_grid *g, double x0, double y0, double x1, double y1)
{
    const double tiny = 1e-9;
    return (struct met){clamp(floor((x0 - g->x0_m) / g->step_m + tiny), g->n_x),
                        clamp(ceil((x1 - g->x0_m) / g->step_m - tiny) - 1.0, g->n_x),
                        clamp(floor((g->y0_m - y0) / g->step_m + tiny), g->n_y),
                        clamp(ceil((g->y0_m - y1) / g->step_m - tiny) - 1.0, g->n_y)};
}

static void map_begin(struct tl_project *project, const struct tl_grid *own, struct map *map)
{
    map->project = project;
    map->grid = tl_project_grid(project);
    struct met all =
        met_by(&map->grid, own->x0_m, own->y0_m, own->x0_m + (double)own->n_x * own->step_m,
               own->y0_m - (double)own->n_y * own->step_m);
    /* A column more each way: a unit's own edges are rounded on their own. */
    map->west = all.first > 0 ? all.first - 1 : 0;
    map->east = all.last + 1 < map->grid.n_x ? all.last + 1 : map->grid.n_x - 1;
}

static void map_fini(struct map *map)
{
    tl_free(map->mean);
    tl_free(map->sd);
    tl_free(map->residual);
    tl_free(map->area);
}

/* Has rows top to bottom read, and those that are kept together with them. */
static tl_err map_rows(struct tl_ctx *ctx, struct map *map, int64_t top, int64_t bottom)
{
    static const char *const names[] = {"log_density_mean", "log_density_sd", "residual",
                                        "cell_area"};
    float **bands[] = {&map->mean, &map->sd, &map->residual, &map->area};
    int64_t together = tl_project_map_rows(map->project);
    int64_t end = ((bottom > top ? bottom : top) / together + 1) * together;
    tl_err err = TL_OK;
    if (map->box[3] > 0 && top >= map->box[1] && bottom < map->box[1] + map->box[3])
        return TL_OK;
    end = end < map->grid.n_y ? end : map->grid.n_y;
    const int64_t box[4] = {map->west, top, map->east - map->west + 1, end - top};
    map->box[3] = 0; /* until all is there */
    for (int b = 0; b < 4; b++) {
        if (box[3] > map->room) {
            tl_free(*bands[b]);
            *bands[b] = NULL;
            TL_TRY_ALLOC(ctx, *bands[b], box[2] * box[3]);
        }
        TL_TRY(tl_project_map_box(ctx, map->project, names[b], box, *bands[b]));
    }
    map->room = box[3] > map->room ? box[3] : map->room;
    memcpy(map->box, box, sizeof box);
done:
    return err;
}

/* Adds to items[] what one unit expects at each node; `share` of its square is what the map speaks of. */
static tl_err items_of(struct tl_ctx *ctx, struct map *map, const struct tl_survey_units *units,
                       int64_t u, const double *z, double *items, double *share)
{
    const struct tl_grid *g = &map->grid, *own = &units->grid;
    double x0 = own->x0_m + (double)(units->units[u].i % own->n_x) * own->step_m, x1, y0, y1;
    y0 = own->y0_m - (double)(units->units[u].i / own->n_x) * own->step_m;
    x1 = x0 + own->step_m;
    y1 = y0 - own->step_m;
    double scale = units->units[u].area_m2 / (own->step_m * own->step_m), known = 0.0;
    struct met m = met_by(g, x0, y0, x1, y1);
    m.first = m.first > map->west ? m.first : map->west;
    m.last = m.last < map->east ? m.last : map->east;
    tl_err err = map_rows(ctx, map, m.top, m.bottom);
    if (err != TL_OK)
        return err;
    for (int64_t row = m.top; row <= m.bottom; row++)
        for (int64_t column = m.first; column <= m.last; column++) {
            int64_t at = (row - map->box[1]) * map->box[2] + column - map->box[0];
            if (!(map->area[at] > 0.0f))
                continue;
            double west = g->x0_m + (double)column * g->step_m,
                   north = g->y0_m - (double)row * g->step_m;
            double shared =
                common(x0, x1, west, west + g->step_m) * common(y1, y0, north - g->step_m, north);
            double left = shared * scale * (double)(map->residual[at] / map->area[at]);
            known += shared;
            for (int k = 0; k < TL_SURVEY_UNIT_NODES; k++)
                items[k] += left * exp((double)map->mean[at] + (double)map->sd[at] * z[k]);
        }
    *share = known / (own->step_m * own->step_m);
    return TL_OK;
}

static void normal_nodes(double *z, double *weight)
{
    double sum = 0.0;
    tl_survey_gauss(TL_SURVEY_UNIT_NODES, z, weight);
    for (int k = 0; k < TL_SURVEY_UNIT_NODES; k++) {
        z[k] *= Z_MAX;
        weight[k] *= exp(-0.5 * z[k] * z[k]);
        sum += weight[k];
    }
    for (int k = 0; k < TL_SURVEY_UNIT_NODES; k++)
        weight[k] /= sum;
}

tl_err tl_survey_units_risk(struct tl_ctx *ctx, struct tl_project *project,
                            struct tl_survey_units *units)
{
    tl_err err = TL_OK;
    struct map map = {0};
    char *json = NULL;
    double z[TL_SURVEY_UNIT_NODES], *p_at = NULL;
    int64_t run_id, n_outside = 0;
    TL_TRY(tl_survey_map(ctx, project, &run_id, &json));
    map_begin(project, &units->grid, &map);
    TL_TRY_ALLOC(ctx, p_at, TL_SURVEY_UNIT_NODES * units->n);
    normal_nodes(z, units->weight);
    for (int64_t u = 0; u < units->n; u++) {
        double items[TL_SURVEY_UNIT_NODES] = {0}, p = 0.0, share = 0.0;
        TL_TRY(items_of(ctx, &map, units, u, z, items, &share));
        n_outside += share < 0.5;
        for (int k = 0; k < TL_SURVEY_UNIT_NODES; k++) {
            p_at[k * units->n + u] = -expm1(-items[k]);
            p += units->weight[k] * p_at[k * units->n + u];
        }
        units->units[u].p_any = p;
    }
    if (n_outside > 0)
        TL_THROW(ctx, TL_EDATA,
                 "%lld of %lld units lie outside the map: it says nothing of them, and that is not "
                 "nothing there",
                 (long long)n_outside, (long long)units->n);
    tl_free(units->p_at);
    units->p_at = p_at;
    p_at = NULL;
done:
    tl_free(json);
    tl_free(p_at);
    map_fini(&map);
    return err;
}

struct key {
    double value;
    int64_t u;
};

static int by_key(const void *a, const void *b)
{
    const struct key *x = a, *y = b;
    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    return (x->u > y->u) - (x->u < y->u);
}

tl_err tl_survey_units_stratify(struct tl_ctx *ctx, struct tl_survey_units *units, int n_strata,
                                int64_t *size)
{
    struct key *keys = tl_alloc(ctx, units->n, sizeof *keys);
    if (keys == NULL)
        return TL_ENOMEM;
    for (int64_t u = 0; u < units->n; u++)
        keys[u] = (struct key){-units->units[u].p_any, u};
    qsort(keys, (size_t)units->n, sizeof *keys, by_key);
    for (int h = 0; h < n_strata; h++)
        size[h] = 0;
    for (int64_t k = 0; k < units->n; k++) {
        int32_t h = (int32_t)(k * n_strata / units->n);
        units->units[keys[k].u].stratum = h;
        size[h]++;
    }
    tl_free(keys);
    return TL_OK;
}

/* Every unit has a number of its own by the seed; the smallest ones are drawn. */
tl_err tl_survey_units_draw(struct tl_ctx *ctx, struct tl_survey_units *units, int32_t stratum,
                            int64_t n, uint64_t seed)
{
    struct key *keys = tl_alloc(ctx, units->n, sizeof *keys);
    struct tl_rng rng = tl_rng_make(seed, STREAM_DRAW);
    int64_t m = 0;
    if (keys == NULL)
        return TL_ENOMEM;
    for (int64_t u = 0; u < units->n; u++)
        if (units->units[u].stratum == stratum)
            keys[m++] = (struct key){tl_rng_uniform(rng, (uint64_t)units->units[u].i), u};
    qsort(keys, (size_t)m, sizeof *keys, by_key);
    for (int64_t k = 0; k < n && k < m; k++)
        units->units[keys[k].u].is_drawn = true;
    tl_free(keys);
    return TL_OK;
}

static void square(const struct tl_grid *grid, int64_t i, unsigned char *wkb)
{
    const uint32_t type = 3, one = 1, five = 5;
    double x0 = grid->x0_m + (double)(i % grid->n_x) * grid->step_m, s = grid->step_m;
    double y0 = grid->y0_m - (double)(i / grid->n_x) * grid->step_m;
    const double xy[10] = {x0, y0, x0, y0 - s, x0 + s, y0 - s, x0 + s, y0, x0, y0};
    wkb[0] = 1;
    memcpy(wkb + 1, &type, 4);
    memcpy(wkb + 5, &one, 4);
    memcpy(wkb + 9, &five, 4);
    memcpy(wkb + 13, xy, sizeof xy);
}

static tl_err add_unit(struct tl_ctx *ctx, struct tl_vector_writer *writer,
                       const struct tl_survey_units *units, const struct tl_survey_area *area,
                       const struct tl_survey_unit *unit, int64_t n)
{
    tl_err err = TL_OK;
    unsigned char whole[SQUARE_BYTES];
    void *part = NULL;
    int64_t bytes = 0;
    char number[24], stratum[24], area_m2[32], p_any[32];
    double side = units->grid.step_m;
    square(&units->grid, unit->i, whole);
    if (unit->area_m2 < side * side * (1.0 - 1e-12))
        TL_TRY(tl_geom_clip(ctx, whole, sizeof whole, area->wkb, area->wkb_bytes, &part, &bytes));
    snprintf(number, sizeof number, "%lld", (long long)n);
    snprintf(stratum, sizeof stratum, "%d", (int)unit->stratum + 1);
    snprintf(area_m2, sizeof area_m2, "%.10g", unit->area_m2);
    snprintf(p_any, sizeof p_any, "%.6g", unit->p_any);
    const char *values[] = {number, stratum, area_m2, isnan(unit->p_any) ? NULL : p_any};
    TL_TRY(tl_vector_add(ctx, writer, values, part == NULL ? whole : part,
                         part == NULL ? SQUARE_BYTES : bytes));
done:
    tl_free(part);
    return err;
}

/* The writer brings polygons from the grid's system to WGS 84. */
static tl_err write_units(struct tl_ctx *ctx, const struct tl_survey_units *units,
                          const struct tl_survey_area *area, struct tl_vector_writer *writer)
{
    int64_t n = 0;
    tl_err err = TL_OK;
    for (int64_t u = 0; u < units->n && err == TL_OK; u++)
        if (units->units[u].is_drawn)
            err = add_unit(ctx, writer, units, area, &units->units[u], ++n);
    return err;
}

tl_err tl_survey_units_write(struct tl_ctx *ctx, const struct tl_survey_units *units,
                             const struct tl_survey_area *area, const char *path)
{
    static const struct tl_vector_field fields[] = {{"n", TL_VECTOR_INTEGER},
                                                    {"stratum", TL_VECTOR_INTEGER},
                                                    {"area_m2", TL_VECTOR_REAL},
                                                    {"p_any", TL_VECTOR_REAL}};
    struct tl_vector_writer *writer = NULL;
    tl_err err =
        tl_vector_create(ctx, path, "GeoJSON", "sample", "any", area->crs, 4, fields, &writer);
    if (err != TL_OK)
        return err;
    err = write_units(ctx, units, area, writer);
    tl_err end = tl_vector_finish(ctx, writer, err == TL_OK);
    return err != TL_OK ? err : end;
}
