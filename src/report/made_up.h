/** Made-up maps for this room's tests: a smooth random field with a band of high density, places, areas, accidents. */
#ifndef TL_REPORT_MADE_UP_H
#define TL_REPORT_MADE_UP_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/rng.h"
#include "tilth/report.h"

enum { MADE_UP_POINTS = 90, MADE_UP_PLACES = 16, MADE_UP_AREAS = 24, MADE_UP_VERTICES = 9 };

struct made_up {
    double *mean, *sd;
    struct tl_report_point points[MADE_UP_POINTS], places[MADE_UP_PLACES], look[6];
    double rings[MADE_UP_AREAS][2 * MADE_UP_VERTICES];
    struct tl_report_path areas[MADE_UP_AREAS];
    double line_xy[80];
    struct tl_report_path line;
    struct tl_report_map map;
};

static const char *const made_up_names[MADE_UP_PLACES] = {
    "Вільхове",  "Stepanivka", "Кам'янка", "Nova Dolyna", "Тернове",        "Zelenyi Hai",
    "Яблунівка", "Petrivske",  "Lypove",   "Солоне",      "Chervona Balka", "Руде",
    "Kalynove",  "Вербове",    "Sadove",   "Озерне"};

/* Sum of random waves, about standard normal. */
static double made_up_wave(struct tl_rng rng, double x, double y, double range)
{
    double sum = 0.0;
    for (uint64_t k = 0; k < 40; k++) {
        double angle = 6.2831853 * tl_rng_uniform(rng, 3 * k);
        double f = 3.0 * sqrt(-2.0 * log(tl_rng_uniform(rng, 3 * k + 1))) / range;
        sum +=
            cos(f * (x * cos(angle) + y * sin(angle)) + 6.2831853 * tl_rng_uniform(rng, 3 * k + 2));
    }
    return sum * sqrt(2.0 / 40.0);
}

static double made_up_front(const struct tl_grid *g, double x)
{
    double w = (double)g->n_x * g->step_m, h = (double)g->n_y * g->step_m;
    return g->y0_m - h * (0.55 + 0.18 * sin(4.5 * (x - g->x0_m) / w));
}

static void made_up_cells(struct made_up *m)
{
    const struct tl_grid *g = &m->map.grid;
    struct tl_rng rng = tl_rng_make(7, 1), rng2 = tl_rng_make(7, 2);
    double size = g->step_m * (double)(g->n_x > g->n_y ? g->n_x : g->n_y);
    for (int64_t i = 0; i < g->n_x * g->n_y; i++) {
        double x = g->x0_m + ((double)(i % g->n_x) + 0.5) * g->step_m;
        double y = g->y0_m - ((double)(i / g->n_x) + 0.5) * g->step_m;
        double away = fabs(y - made_up_front(g, x)) / (0.05 * size);
        double u = made_up_wave(rng, x, y, size / 6);
        m->mean[i] = exp(-12.5 + 1.1 * u + 3.2 * exp(-0.5 * away * away));
        m->sd[i] = 0.35 + 0.5 * (1.0 + tanh(made_up_wave(rng2, x, y, size / 5) - 0.2 * away));
        if ((x - g->x0_m) > 0.86 * size && (g->y0_m - y) < 0.12 * size)
            m->mean[i] = m->sd[i] = NAN;
    }
}

static void made_up_marks(struct made_up *m)
{
    const struct tl_grid *g = &m->map.grid;
    struct tl_rng rng = tl_rng_make(7, 3);
    double w = (double)g->n_x * g->step_m, h = (double)g->n_y * g->step_m;
    uint64_t k = 1000;
    for (int i = 0; i < MADE_UP_PLACES; i++)
        m->places[i] =
            (struct tl_report_point){g->x0_m + w * tl_rng_uniform(rng, (uint64_t)i),
                                     g->y0_m - h * tl_rng_uniform(rng, 500 + (uint64_t)i),
                                     made_up_names[i], 4000.0 / (i + 1), false};
    for (int i = 0; i < MADE_UP_POINTS; i++) {
        double x = g->x0_m + w * tl_rng_uniform(rng, k++), off = tl_rng_normal(rng, k++);
        m->points[i] =
            (struct tl_report_point){x, made_up_front(g, x) + 0.09 * h * off, NULL, 0, i % 5 == 1};
    }
    for (int i = 0; i < 40; i++) {
        m->line_xy[2 * i] = g->x0_m + w * i / 39.0;
        m->line_xy[2 * i + 1] = made_up_front(g, m->line_xy[2 * i]);
    }
    m->line = (struct tl_report_path){40, m->line_xy, false, TL_REPORT_DEFENCE_LINE};
    for (int i = 0; i < MADE_UP_AREAS; i++) {
        double x = g->x0_m + w * tl_rng_uniform(rng, k++),
               r = 0.02 + 0.02 * tl_rng_uniform(rng, k++);
        double y = made_up_front(g, x) + 0.1 * h * tl_rng_normal(rng, k++);
        for (int v = 0; v < MADE_UP_VERTICES; v++) {
            double a = 6.2831853 * v / MADE_UP_VERTICES,
                   s = r * (0.7 + 0.5 * tl_rng_uniform(rng, k++));
            m->rings[i][2 * v] = x + s * w * cos(a);
            m->rings[i][2 * v + 1] = y + s * h * sin(a);
        }
        m->areas[i] =
            (struct tl_report_path){MADE_UP_VERTICES, m->rings[i], true, TL_REPORT_DEFENCE_LINE};
    }
}

static const char *const made_up_notes[] = {
    "Darker on the left: more items are expected. Darker on the right: less is known there, so "
    "look before you decide.",
    "The figures are estimates from 78 accidents, 104 reports and 311 searches; a place without "
    "any record is not a place "
    "without hazard.",
    "A ring marks a cell where a search is expected to change the picture most per hour of work."};

static void made_up_init(struct made_up *m, int64_t n_x, int64_t n_y, double step_m)
{
    memset(m, 0, sizeof *m);
    m->map = (struct tl_report_map){
        .title = "Explosive ordnance in the district of Вільхове",
        .subtitle = "Median density given 78 accidents, 104 reports, 311 searches and 41 hazardous "
                    "areas, 2020 to 2026",
        .crs_name = "WGS 84 / UTM zone 37N",
        .footer = "tilth 0.1.0 · drawn from evidence a41f…9c20 · not a statement that any ground "
                  "is free of hazard",
        .grid = {.x0_m = 360000, .y0_m = 5362000, .step_m = step_m, .n_x = n_x, .n_y = n_y},
        .n_points = MADE_UP_POINTS,
        .n_places = MADE_UP_PLACES,
        .n_areas = MADE_UP_AREAS,
        .n_lines = 1,
        .n_look = 6,
        .n_notes = 3,
        .notes = made_up_notes};
    double w = (double)n_x * step_m / 74000.0, h = (double)n_y * step_m / 111200.0;
    const double corners[8] = {37.1,       48.39,      37.1 + w, 48.395,
                               37.102 + w, 48.395 - h, 37.103,   48.39 - h};
    memcpy(m->map.corners_deg, corners, sizeof corners);
    m->mean = calloc((size_t)(n_x * n_y), sizeof *m->mean);
    m->sd = calloc((size_t)(n_x * n_y), sizeof *m->sd);
    made_up_cells(m);
    made_up_marks(m);
    for (int i = 0; i < 6; i++) {
        m->look[i] = m->points[10 * i];
        m->look[i].label = i % 2 == 0 ? "12 items per ha, right to a factor of 4 either way" : NULL;
    }
    m->map.mean = m->mean;
    m->map.sd = m->sd;
    m->map.points = m->points;
    m->map.places = m->places;
    m->map.areas = m->areas;
    m->map.lines = &m->line;
    m->map.look = m->look;
}

static void made_up_fini(struct made_up *m)
{
    free(m->mean);
    free(m->sd);
}

#endif
