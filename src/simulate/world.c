/*
 * All of it is statistics on a grid: a log-intensity per cell and group,
 *     eta = beta_0 + belt exp(-(d/w)^2/2) a(s) + near exp(-d/r) + rings and strikes + u,
 * d the distance to the old defence line, a(s) how much of it is mined at s along it, u a draw of the field's own prior. Belts
 * and strikes are sharper than the model's field, as they are on the ground. Heights give about 1 item per hectare in a belt's
 * middle and one in 50 ha of open land, so that a few cells in a hundred hold anything (domain.md: under 3 % of cleared land).
 */
#include "simulate/world.h"

#include <math.h>
#include <string.h>

#include "simulate/names.h"
#include "tilth/field.h"

enum { FOR_PLACES = 1, FOR_FRONT, FOR_ROADS, FOR_STRIKES, FOR_FIELD, FOR_TERRAIN = 16 };

static const double default_area_deg[4] = {37.06, 48.23, 37.33, 48.375};
static const double default_km2 = 320.0;
static const double items_per_km2[TL_WORLD_GROUPS] = {8.0, 3.5};

enum { CELLS_MAX = 4000000, PLACES_TYPICAL = 18, STRIKES_TYPICAL = 12 };

static bool is_in_area(const struct tl_world *world, double x, double y)
{
    const double *a = world->options.area_deg;
    tl_crs_map_points(world->to_degrees, 1, &x, &y, NULL);
    return x > a[0] && x < a[2] && y > a[1] && y < a[3];
}

int64_t tl_world_cell(const struct tl_world *world, double x, double y)
{
    const struct tl_grid *g = &world->grid;
    double column = floor((x - g->x0_m) / g->step_m), row = floor((g->y0_m - y) / g->step_m);
    if (!(column >= 0 && row >= 0 && column < (double)g->n_x && row < (double)g->n_y))
        return -1;
    if (!is_in_area(world, x, y))
        return -1;
    return (int64_t)row * g->n_x + (int64_t)column;
}

static tl_err check_options(struct tl_ctx *ctx, struct tl_simulate_options *o)
{
    const double *a = o->area_deg;
    if (a[0] == 0.0 && a[1] == 0.0 && a[2] == 0.0 && a[3] == 0.0)
        memcpy(o->area_deg, default_area_deg, sizeof default_area_deg);
    o->step_m = o->step_m == 0.0 ? 100.0 : o->step_m;
    o->years = o->years == 0 ? 6 : o->years;
    o->dirt = o->dirt < 0.0 ? 0.03 : o->dirt;
    if (!(o->step_m >= 1.0 && o->step_m <= 1e5))
        return tl_fail(ctx, TL_EDATA, "step %g m: expected 1 to 100000", o->step_m);
    if (o->years < 1 || o->years > 60)
        return tl_fail(ctx, TL_EDATA, "%d years: expected 1 to 60", o->years);
    if (!(o->dirt <= 0.5))
        return tl_fail(ctx, TL_EDATA, "dirt %g: expected a share of at most 0.5", o->dirt);
    return TL_OK;
}

static tl_err make_grid(struct tl_ctx *ctx, struct tl_world *w)
{
    tl_err err = TL_OK;
    struct tl_crs_map *map = NULL;
    double box[4];
    TL_TRY(tl_crs_for_area(ctx, w->options.area_deg, w->crs));
    TL_TRY(tl_crs_map_create(ctx, "EPSG:4326", w->crs, &map));
    TL_TRY(tl_crs_map_box(ctx, map, w->options.area_deg, box));
    TL_TRY(tl_grid_cover_box(ctx, box, w->options.step_m, &w->grid));
    w->n_cells = w->grid.n_x * w->grid.n_y;
    if (w->n_cells > CELLS_MAX || w->grid.n_x < 8 || w->grid.n_y < 8)
        TL_THROW(ctx, TL_EDATA,
                 "%lld by %lld cells of %g m: expected at least 8 by 8 and at most %d in all",
                 (long long)w->grid.n_x, (long long)w->grid.n_y, w->grid.step_m, CELLS_MAX);
    TL_TRY(tl_crs_map_create(ctx, w->crs, "EPSG:4326", &w->to_degrees));
    double km2 = (double)w->n_cells * w->grid.step_m * w->grid.step_m / 1e6;
    w->scale = fmin(fmax(km2 / default_km2, 0.05), 8.0);
    TL_TRY_ALLOC(ctx, w->elevation_m, w->n_cells);
    TL_TRY_ALLOC(ctx, w->slope_deg, w->n_cells);
    TL_TRY_ALLOC(ctx, w->front_m, w->n_cells);
    TL_TRY_ALLOC(ctx, w->front_at, w->n_cells);
    TL_TRY_ALLOC(ctx, w->road_m, w->n_cells);
    TL_TRY_ALLOC(ctx, w->use, w->n_cells);
    TL_TRY_ALLOC(ctx, w->inside, w->n_cells);
    for (int group = 0; group < TL_WORLD_GROUPS; group++)
        TL_TRY_ALLOC(ctx, w->lambda[group], w->n_cells);
done:
    tl_crs_map_free(map);
    return err;
}

static double width_m(const struct tl_world *w)
{
    return (double)w->grid.n_x * w->grid.step_m;
}

static double height_m(const struct tl_world *w)
{
    return (double)w->grid.n_y * w->grid.step_m;
}

/* Fields of falling range and height, as ground has them. */
static tl_err make_terrain(struct tl_ctx *ctx, struct tl_world *w)
{
    tl_err err = TL_OK;
    double *u = NULL, size = fmin(width_m(w), height_m(w)), step = w->grid.step_m;
    const struct tl_grid *g = &w->grid;
    static const double shares[] = {0.9, 0.25, 0.07}, heights[] = {34.0, 14.0, 4.5};
    TL_TRY_ALLOC(ctx, u, w->n_cells);
    for (int k = 0; k < 3; k++) {
        double range = fmax(shares[k] * size, 3.0 * step);
        TL_TRY(tl_field_draw_prior(ctx, g->n_x, g->n_y, step, range, heights[k],
                                   w->options.seed * 64 + (uint64_t)(FOR_TERRAIN + k), u));
        for (int64_t i = 0; i < w->n_cells; i++)
            w->elevation_m[i] += u[i] + (k == 0 ? 172.0 : 0.0);
    }
    for (int64_t i = 0; i < w->n_cells; i++) {
        int64_t c = i % g->n_x, r = i / g->n_x;
        int64_t west = c > 0 ? i - 1 : i, east = c < g->n_x - 1 ? i + 1 : i;
        int64_t north = r > 0 ? i - g->n_x : i, south = r < g->n_y - 1 ? i + g->n_x : i;
        double dx = (w->elevation_m[east] - w->elevation_m[west]) / (step * (double)(east - west));
        double dy = (w->elevation_m[south] - w->elevation_m[north]) /
                    (step * (double)((south - north) / g->n_x));
        w->slope_deg[i] = atan(hypot(dx, dy)) * 57.29577951308232;
    }
done:
    tl_free(u);
    return err;
}

/* Cells on the edge by 16 x 16 points; the others by their corners. */
static void make_inside(struct tl_world *w)
{
    enum { SIDE = 16 };
    const struct tl_grid *g = &w->grid;
    for (int64_t i = 0; i < w->n_cells; i++) {
        double west = g->x0_m + (double)(i % g->n_x) * g->step_m;
        double north = g->y0_m - (double)(i / g->n_x) * g->step_m;
        int n = 0;
        for (int k = 0; k < 4; k++)
            n += is_in_area(w, west + (k % 2) * g->step_m, north - (k / 2) * g->step_m);
        w->inside[i] = n / 4.0;
        if (n == 0 || n == 4)
            continue;
        n = 0;
        for (int k = 0; k < SIDE * SIDE; k++)
            n += is_in_area(w, west + (k % SIDE + 0.5) / SIDE * g->step_m,
                            north - (k / SIDE + 0.5) / SIDE * g->step_m);
        w->inside[i] = n / (double)(SIDE * SIDE);
    }
}

/* A line from the west edge to the east edge, bent by a few waves. */
static void make_front(struct tl_world *w)
{
    struct tl_dice dice = tl_dice_make(w->options.seed, FOR_FRONT);
    double middle = tl_dice_between(&dice, 0.42, 0.58), lean = tl_dice_between(&dice, -0.15, 0.15);
    double phase[3];
    for (int k = 0; k < 3; k++)
        phase[k] = tl_dice_between(&dice, 0.0, 6.2831853);
    w->front.n = TL_WORLD_VERTICES;
    for (int i = 0; i < TL_WORLD_VERTICES; i++) {
        double t = i / (TL_WORLD_VERTICES - 1.0);
        double share = middle + lean * (t - 0.5) + 0.085 * sin(5.1 * t + phase[0]) +
                       0.035 * sin(13.0 * t + phase[1]) + 0.012 * sin(31.0 * t + phase[2]);
        w->front.xy[2 * i] = w->grid.x0_m + t * width_m(w);
        w->front.xy[2 * i + 1] = w->grid.y0_m - share * height_m(w);
    }
}

void tl_world_front_point(const struct tl_world *w, double at, double *x, double *y, double *angle)
{
    double place = fmin(fmax(at, 0.0), 1.0) * (TL_WORLD_VERTICES - 1);
    int i = place < TL_WORLD_VERTICES - 2 ? (int)place : TL_WORLD_VERTICES - 2;
    const double *a = &w->front.xy[2 * i], *b = a + 2;
    *x = a[0] + (place - i) * (b[0] - a[0]);
    *y = a[1] + (place - i) * (b[1] - a[1]);
    *angle = atan2(b[1] - a[1], b[0] - a[0]);
}

double tl_world_activity(const struct tl_world *w, double at)
{
    struct tl_dice dice = tl_dice_make(w->options.seed, FOR_FRONT + 32);
    double a = tl_dice_between(&dice, 0.0, 6.2831853), b = tl_dice_between(&dice, 0.0, 6.2831853);
    double wave = 0.45 + 0.9 * sin(17.0 * at + a) + 0.5 * sin(41.0 * at + b);
    return fmin(fmax(wave, 0.0), 1.0);
}

/* Short lines on both sides of the front, where it was held. */
static void make_trenches(struct tl_world *w)
{
    struct tl_dice dice = tl_dice_make(w->options.seed, FOR_FRONT + 33);
    w->n_trenches = TL_WORLD_TRENCHES_MAX;
    for (int k = 0; k < w->n_trenches; k++) {
        double at = (k + tl_dice_uniform(&dice)) / w->n_trenches, side = k % 2 == 0 ? 1.0 : -1.0;
        double away = side * tl_dice_between(&dice, 180.0, 420.0);
        double length = tl_dice_between(&dice, 0.006, 0.014);
        w->trenches[k].n = 5;
        for (int i = 0; i < 5; i++) {
            double x, y, angle;
            tl_world_front_point(w, at + length * i, &x, &y, &angle);
            away += tl_dice_between(&dice, -20.0, 20.0);
            w->trenches[k].xy[2 * i] = x - away * sin(angle);
            w->trenches[k].xy[2 * i + 1] = y + away * cos(angle);
        }
    }
}

static double nearest_place_m(const struct tl_world *w, int n, double x, double y)
{
    double best = INFINITY;
    for (int i = 0; i < n; i++)
        best = fmin(best, hypot(w->places[i].x - x, w->places[i].y - y));
    return best;
}

static void make_places(struct tl_world *w)
{
    struct tl_dice dice = tl_dice_make(w->options.seed, FOR_PLACES);
    int wanted = (int)fmin(fmax(PLACES_TYPICAL * w->scale, 5.0), TL_WORLD_PLACES_MAX);
    double apart = 0.55 * sqrt(width_m(w) * height_m(w) / wanted);
    int first_name = (int)tl_dice_pick(&dice, TL_NAMES_COUNT);
    for (int tries = 0; tries < 4000 && w->n_places < wanted; tries++) {
        struct tl_world_place *p = &w->places[w->n_places];
        p->x = w->grid.x0_m + width_m(w) * tl_dice_between(&dice, 0.03, 0.97);
        p->y = w->grid.y0_m - height_m(w) * tl_dice_between(&dice, 0.04, 0.96);
        if (nearest_place_m(w, w->n_places, p->x, p->y) < apart)
            continue;
        double size = exp(6.0 + 0.9 * tl_dice_normal(&dice));
        p->population =
            w->n_places == 0 ? 8000 + tl_dice_pick(&dice, 4000) : (int64_t)fmin(size, 4000);
        p->type = w->n_places == 0 ? "town" : p->population < 100 ? "hamlet" : "village";
        p->has_belt = tl_dice_chance(&dice, 0.3);
        tl_names_place(first_name + w->n_places, w->n_places % 3 == 1, p->name, sizeof p->name);
        w->n_places++;
    }
}

/* Each place is joined to the nearest one that came before it: a tree, with bends. */
static void make_roads(struct tl_world *w)
{
    struct tl_dice dice = tl_dice_make(w->options.seed, FOR_ROADS);
    for (int i = 1; i < w->n_places; i++) {
        int to = 0;
        for (int j = 1; j < i; j++)
            if (hypot(w->places[j].x - w->places[i].x, w->places[j].y - w->places[i].y) <
                hypot(w->places[to].x - w->places[i].x, w->places[to].y - w->places[i].y))
                to = j;
        struct tl_world_line *road = &w->roads[w->n_roads++];
        double dx = w->places[to].x - w->places[i].x, dy = w->places[to].y - w->places[i].y;
        double bend = 0.12 * tl_dice_normal(&dice);
        road->n = 9;
        for (int k = 0; k < 9; k++) {
            double t = k / 8.0, off = bend * sin(3.14159265 * t) + 0.03 * sin(9.42 * t);
            road->xy[2 * k] = w->places[i].x + t * dx - off * dy;
            road->xy[2 * k + 1] = w->places[i].y + t * dy + off * dx;
        }
    }
}

static void make_strikes(struct tl_world *w)
{
    struct tl_dice dice = tl_dice_make(w->options.seed, FOR_STRIKES);
    w->n_strikes = (int)fmin(fmax(STRIKES_TYPICAL * w->scale, 2.0), TL_WORLD_STRIKES_MAX);
    for (int k = 0; k < w->n_strikes; k++) {
        double x, y, angle;
        tl_world_front_point(w, tl_dice_uniform(&dice), &x, &y, &angle);
        double away = 2200.0 * tl_dice_normal(&dice);
        w->strikes[k] = (struct tl_world_strike){x - away * sin(angle), y + away * cos(angle),
                                                 tl_dice_between(&dice, 120.0, 240.0)};
    }
}

/* Distance to a polyline and place of the nearest point along it, 0..1. */
static double line_distance(const struct tl_world_line *line, double x, double y, double *at)
{
    double best = INFINITY;
    for (int i = 0; i + 1 < line->n; i++) {
        const double *a = &line->xy[2 * i], *b = a + 2;
        double dx = b[0] - a[0], dy = b[1] - a[1];
        double t = ((x - a[0]) * dx + (y - a[1]) * dy) / (dx * dx + dy * dy);
        t = fmin(fmax(t, 0.0), 1.0);
        double d = hypot(a[0] + t * dx - x, a[1] + t * dy - y);
        if (d < best) {
            best = d;
            *at = (i + t) / (line->n - 1);
        }
    }
    return best;
}

/* People live in places and work around them; few go where the line was. */
static void make_use(struct tl_world *w)
{
    double most = 0.0, at = 0.0;
    for (int64_t i = 0; i < w->n_cells; i++) {
        double x, y, use = 0.0;
        tl_grid_centre(&w->grid, (tl_cell){i}, &x, &y);
        w->front_m[i] = line_distance(&w->front, x, y, &w->front_at[i]);
        w->road_m[i] = INFINITY;
        for (int k = 0; k < w->n_roads; k++)
            w->road_m[i] = fmin(w->road_m[i], line_distance(&w->roads[k], x, y, &at));
        for (int k = 0; k < w->n_places; k++) {
            double d = hypot(w->places[k].x - x, w->places[k].y - y) / 1700.0;
            use += d < 6.0 ? pow((double)w->places[k].population, 0.6) * exp(-0.5 * d * d) : 0.0;
        }
        use *=
            (1.0 + 0.6 * exp(-w->road_m[i] / 300.0)) * (1.0 - 0.75 * exp(-w->front_m[i] / 700.0));
        w->use[i] = use;
        most = fmax(most, use);
    }
    for (int64_t i = 0; i < w->n_cells; i++)
        w->use[i] = most > 0.0 ? 0.005 + 0.995 * w->use[i] / most : 1.0;
}

/* A belt around part of a settlement, on one side of it. */
static double protective(const struct tl_world *w, int k, double x, double y)
{
    double dx = x - w->places[k].x, dy = y - w->places[k].y, off = (hypot(dx, dy) - 650.0) / 110.0;
    double side = 0.2 + sin(atan2(dy, dx) + 2.4 * k);
    return w->law.protective_height * exp(-0.5 * off * off) * fmin(fmax(1.5 * side, 0.0), 1.0);
}

static double effects(const struct tl_world *w, int group, int64_t i)
{
    const struct tl_world_law *law = &w->law;
    double x, y, d = w->front_m[i], sum = law->near_front * exp(-d / law->near_front_m[group]);
    tl_grid_centre(&w->grid, (tl_cell){i}, &x, &y);
    if (group == TL_WORLD_MINES) {
        double belt = d / law->belt_width_m;
        double most =
            law->belt_height * exp(-0.5 * belt * belt) * tl_world_activity(w, w->front_at[i]);
        for (int k = 0; k < w->n_places; k++)
            most =
                fmax(most, w->places[k].has_belt ? protective(w, k, x, y) * exp(-d / 4000.0) : 0.0);
        return sum + most;
    }
    for (int k = 0; k < w->n_strikes; k++) {
        double r = hypot(w->strikes[k].x - x, w->strikes[k].y - y) / w->strikes[k].radius;
        sum += r < 6.0 ? law->strike_height * exp(-0.5 * r * r) : 0.0;
    }
    return sum;
}

static tl_err make_lambda(struct tl_ctx *ctx, struct tl_world *w)
{
    tl_err err = TL_OK;
    double *u = NULL, cell_m2 = w->grid.step_m * w->grid.step_m;
    w->law = (struct tl_world_law){.field_range_m = fmax(2500.0, 3.0 * w->grid.step_m),
                                   .field_sigma = 0.9,
                                   .belt_height = 4.6,
                                   .belt_width_m = 210.0,
                                   .near_front = 1.4,
                                   .near_front_m = {1400.0, 2600.0},
                                   .strike_height = 5.0,
                                   .protective_height = 3.6};
    TL_TRY_ALLOC(ctx, u, w->n_cells);
    for (int group = 0; group < TL_WORLD_GROUPS; group++) {
        double sum = 0.0;
        TL_TRY(tl_field_draw_prior(ctx, w->grid.n_x, w->grid.n_y, w->grid.step_m,
                                   w->law.field_range_m, w->law.field_sigma,
                                   w->options.seed * 64 + (uint64_t)(FOR_FIELD + group), u));
        for (int64_t i = 0; i < w->n_cells; i++) {
            w->lambda[group][i] = exp(u[i] + effects(w, group, i));
            sum += w->lambda[group][i] * w->inside[i] * cell_m2;
        }
        double km2 = (double)w->n_cells * cell_m2 / 1e6;
        w->law.expected[group] = items_per_km2[group] * fmin(fmax(km2, 20.0), default_km2 * 8.0);
        w->law.beta_0[group] = log(w->law.expected[group] / sum);
        for (int64_t i = 0; i < w->n_cells; i++)
            w->lambda[group][i] *= w->law.expected[group] / sum;
    }
done:
    tl_free(u);
    return err;
}

tl_err tl_world_make(struct tl_ctx *ctx, const struct tl_simulate_options *options,
                     struct tl_world *world)
{
    tl_err err = TL_OK;
    memset(world, 0, sizeof *world);
    world->options = options != NULL ? *options : (struct tl_simulate_options){.dirt = -1.0};
    TL_TRY(check_options(ctx, &world->options));
    TL_TRY(make_grid(ctx, world));
    TL_TRY(make_terrain(ctx, world));
    make_inside(world);
    make_front(world);
    make_trenches(world);
    make_places(world);
    make_roads(world);
    make_strikes(world);
    make_use(world);
    TL_TRY(make_lambda(ctx, world));
done:
    return err;
}

void tl_world_fini(struct tl_world *world)
{
    tl_crs_map_free(world->to_degrees);
    tl_free(world->elevation_m);
    tl_free(world->slope_deg);
    tl_free(world->front_m);
    tl_free(world->front_at);
    tl_free(world->road_m);
    tl_free(world->use);
    tl_free(world->inside);
    for (int group = 0; group < TL_WORLD_GROUPS; group++)
        tl_free(world->lambda[group]);
    memset(world, 0, sizeof *world);
}
