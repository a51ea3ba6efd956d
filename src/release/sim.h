/**
 * Test use: an area and its searches made by the model itself, item by item: every item has a place, a depth, and for each method whether it can
 * be found by it at all; every lot fails or does not; every pass of every search either finds an item that is still there or
 * does not. Nothing here uses the formulas of src/release.
 */
#ifndef TL_RELEASE_SIM_H
#define TL_RELEASE_SIM_H

#include <math.h>
#include <string.h>

#include "core/rng.h"
#include "release/release.h"

enum {
    SIM_SIDE = 18,
    SIM_CELLS = SIM_SIDE * SIM_SIDE,
    SIM_SEARCHES = 6,
    SIM_LOTS = 4,
    SIM_METHODS = 3,
    SIM_PIECES = 4 * SIM_CELLS,
    SIM_FINDS = 60000,
    SIM_DEPTHS = 12
};

static const double SIM_STEP = 50.0, SIM_ASKED_CM = 20.0;

/* In half cells, west north east south. */
struct sim_box {
    int x0, y0, x1, y1;
};

struct sim {
    struct tl_local local;
    struct tl_release_prior prior;
    double cell_area[SIM_CELLS], inside_area[SIM_CELLS], eta[SIM_CELLS];
    struct tl_local_search searches[SIM_SEARCHES];
    struct sim_box box[SIM_SEARCHES], area;
    struct tl_local_piece pieces[SIM_PIECES];
    int32_t piece_search[SIM_PIECES * SIM_SEARCHES];
    struct tl_local_find finds[SIM_FINDS];
    struct tl_method methods[SIM_METHODS];
    double depths[SIM_DEPTHS];
    double accident_counts[SIM_CELLS], accident_effort[SIM_CELLS], search_zero[SIM_CELLS];
    double covariate[SIM_CELLS];
    double d[SIM_METHODS], q[SIM_METHODS], share[3];
    bool failed[SIM_LOTS];
    int64_t n_left;  /* in P, not deeper than asked: the truth */
    int64_t n_found; /* in P */
};

static char sim_empty[1], sim_dates[SIM_SEARCHES][12];

static double sim_uniform(struct tl_rng rng, uint64_t *at)
{
    return tl_rng_uniform(rng, (*at)++);
}

static int sim_between(struct tl_rng rng, uint64_t *at, int low, int high)
{
    return low + (int)floor(sim_uniform(rng, at) * (double)(high - low + 1));
}

static bool sim_holds(const struct sim_box *b, int x, int y)
{
    return x >= b->x0 && x < b->x1 && y >= b->y0 && y < b->y1;
}

/* Trials of 40 to 200 laid items, as domain.md's; failures more frequent than one would wish, so that they are tested. */
static void sim_methods(struct sim *s, struct tl_rng rng, uint64_t *at)
{
    const double d[][2] = {{18, 2}, {8, 3}, {45, 5}}, q[][2] = {{14, 4}, {9, 3}, {30, 20}};
    const double f[] = {0.12, 0.15, 0.05}, p[] = {0.25, 0.15, 0.4};
    for (int m = 0; m < SIM_METHODS; m++) {
        struct tl_method *to = &s->methods[m];
        *to = (struct tl_method){.depth_cm = INFINITY, .is_search = true};
        snprintf(to->name, sizeof to->name, "method-%d", m);
        to->detectable_a = d[m][0];
        to->detectable_b = d[m][1];
        to->per_pass_a = q[m][0];
        to->per_pass_b = q[m][1];
        to->process_failure = f[m];
        to->process_failure_p = p[m];
        s->d[m] = tl_rng_beta(tl_rng_fork(rng, 100 + (uint64_t)m), 0, d[m][0], d[m][1]);
        s->q[m] = tl_rng_beta(tl_rng_fork(rng, 200 + (uint64_t)m), 0, q[m][0], q[m][1]);
    }
    for (int l = 0; l < SIM_LOTS; l++)
        s->failed[l] = sim_uniform(rng, at) < f[l % SIM_METHODS];
}

/* Lot l works by method l % 3. Two searches may be of one lot; some lie over each other. */
static void sim_searches(struct sim *s, struct tl_rng rng, uint64_t *at)
{
    int side = 2 * SIM_SIDE;
    s->area = (struct sim_box){12, 11, 12 + sim_between(rng, at, 5, 12),
                               11 + sim_between(rng, at, 5, 12)};
    for (int k = 0; k < SIM_SEARCHES; k++) {
        struct sim_box *b = &s->box[k];
        struct tl_local_search *to = &s->searches[k];
        int lot = k % SIM_LOTS;
        if (k < 3) { /* much of P and some way beyond */
            b->x0 = s->area.x0 - sim_between(rng, at, -3, 6);
            b->y0 = s->area.y0 - sim_between(rng, at, -3, 6);
            b->x1 = s->area.x1 + sim_between(rng, at, -3, 6);
            b->y1 = s->area.y1 + sim_between(rng, at, -3, 6);
        } else {
            b->x0 = sim_between(rng, at, 0, side - 10);
            b->y0 = sim_between(rng, at, 0, side - 10);
            b->x1 = b->x0 + sim_between(rng, at, 4, 14);
            b->y1 = b->y0 + sim_between(rng, at, 4, 14);
        }
        b->x1 = b->x1 > side ? side : b->x1;
        b->y1 = b->y1 > side ? side : b->y1;
        snprintf(sim_dates[k], sizeof sim_dates[k], "20%02d-05-01", 10 + k);
        *to = (struct tl_local_search){.id = k + 1,
                                       .code = sim_empty,
                                       .type = sim_empty,
                                       .method = s->methods[lot % SIM_METHODS].name,
                                       .organisation = sim_empty,
                                       .team = sim_empty,
                                       .task = sim_empty,
                                       .date_start = sim_dates[k],
                                       .date_end = sim_dates[k],
                                       .released_as = sim_empty,
                                       .row = lot % SIM_METHODS,
                                       .lot = lot,
                                       .passes = sim_between(rng, at, 1, 2),
                                       .depth_cm = sim_uniform(rng, at) < 0.5 ? 13.0 : 20.0,
                                       .takes_effort = true};
    }
    s->searches[0].depth_cm = 20.0; /* so that the reference is the same in every run */
    s->searches[1].depth_cm = 13.0;
}

static void sim_pieces(struct sim *s)
{
    int32_t n_list = 0;
    s->local.pieces = s->pieces;
    s->local.piece_search = s->piece_search;
    for (int quarter = 0; quarter < SIM_PIECES; quarter++) {
        int cell = quarter / 4, x = 2 * (cell % SIM_SIDE) + quarter % 2,
            y = 2 * (cell / SIM_SIDE) + quarter / 2 % 2;
        struct tl_local_piece *p = &s->pieces[s->local.n_pieces++];
        *p = (struct tl_local_piece){.cell = cell,
                                     .inside = sim_holds(&s->area, x, y) ? 1.0f : 0.0f,
                                     .area_m2 = 0.25 * SIM_STEP * SIM_STEP,
                                     .first = n_list};
        for (int k = 0; k < SIM_SEARCHES; k++)
            if (sim_holds(&s->box[k], x, y))
                s->piece_search[n_list++] = k;
        p->n = n_list - p->first;
        s->inside_area[cell] += (double)p->inside * p->area_m2;
        s->local.area_m2 += (double)p->inside * p->area_m2;
    }
}

/* One item: is it found, and by which search? -1 = it is still there. */
static int32_t sim_item(struct sim *s, const struct tl_local_piece *p, double depth_cm,
                        struct tl_rng rng, uint64_t *at)
{
    bool can[SIM_METHODS];
    for (int m = 0; m < SIM_METHODS; m++)
        can[m] = sim_uniform(rng, at) < s->d[m];
    for (int32_t k = p->first; k < p->first + p->n; k++) { /* in order of time, as they were made */
        const struct tl_local_search *by = &s->searches[s->piece_search[k]];
        if (depth_cm > by->depth_cm)
            continue;
        if (s->failed[by->lot]) {
            if (sim_uniform(rng, at) < s->methods[by->row].process_failure_p)
                return s->piece_search[k];
            continue;
        }
        for (int pass = 0; pass < by->passes; pass++)
            if (sim_uniform(rng, at) < s->q[by->row] && can[by->row])
                return s->piece_search[k];
    }
    return -1;
}

static void sim_items(struct sim *s, struct tl_rng rng, uint64_t *at)
{
    s->local.finds = s->finds;
    for (int64_t k = 0; k < s->local.n_pieces; k++) {
        const struct tl_local_piece *p = &s->pieces[k];
        int64_t n =
            tl_rng_poisson(tl_rng_fork(rng, 7), (uint64_t)k, p->area_m2 * exp(s->eta[p->cell]));
        for (int64_t i = 0; i < n; i++) {
            double depth = sim_uniform(rng, at) < s->share[0] ? 10.0 : 17.0;
            int32_t by = sim_item(s, p, depth, rng, at);
            s->n_left += by < 0 && p->inside > 0.5f;
            s->n_found += by >= 0 && p->inside > 0.5f;
            if (by >= 0 && s->local.n_finds < SIM_FINDS)
                s->finds[s->local.n_finds++] = (struct tl_local_find){p->cell, by, 1.0};
        }
    }
}

/* The field on the window itself, from the lattice's own prior; level, coefficient and the accidents' effect from what the map says of them. */
static tl_err sim_field(struct tl_ctx *ctx, struct sim *s, struct tl_rng rng, uint64_t seed)
{
    struct tl_release_prior *p = &s->prior;
    p->range_m = 250.0 * exp(0.3 * tl_rng_normal(rng, 900));
    p->sigma = exp(0.25 * tl_rng_normal(rng, 901));
    p->level_mean = log(2e-5) + 0.5 * tl_rng_normal(rng, 902);
    p->level_sd = 0.7;
    p->centre[0] = 0.4;
    p->coefficient[0] = 0.8;
    p->coefficient_sd[0] = 0.5;
    p->effect_sd[1] = 1.0;
    p->effect_mean[1] = 0.3;
    double level = p->level_mean + p->level_sd * tl_rng_normal(rng, 903);
    double slope = p->coefficient[0] + p->coefficient_sd[0] * tl_rng_normal(rng, 904);
    double effect = p->effect_mean[1] + p->effect_sd[1] * tl_rng_normal(rng, 905);
    tl_err err =
        tl_field_draw_prior(ctx, SIM_SIDE, SIM_SIDE, SIM_STEP, p->range_m, p->sigma, seed, s->eta);
    for (int i = 0; i < SIM_CELLS && err == TL_OK; i++) {
        s->covariate[i] = i % SIM_SIDE / 6 % 2 == 0 ? 0.0 : 1.0;
        s->eta[i] += level + slope * (s->covariate[i] - p->centre[0]);
        s->cell_area[i] = SIM_STEP * SIM_STEP;
        s->accident_effort[i] = 0.002 * s->cell_area[i] * (double)(i % 7);
        s->accident_counts[i] = (double)tl_rng_poisson(
            tl_rng_fork(rng, 8), (uint64_t)i, s->accident_effort[i] * exp(s->eta[i] + effect));
    }
    return err;
}

__attribute__((unused)) static tl_err sim_make(struct tl_ctx *ctx, uint64_t seed, struct sim *s)
{
    struct tl_rng rng = tl_rng_make(seed, 2718);
    uint64_t at = 1000;
    memset(s, 0, sizeof *s);
    struct tl_local *local = &s->local;
    local->grid = (struct tl_grid){0.0, SIM_STEP * SIM_SIDE, SIM_STEP, SIM_SIDE, SIM_SIDE};
    local->cell_area = s->cell_area;
    local->inside_area = s->inside_area;
    local->n_searches = SIM_SEARCHES;
    local->searches = s->searches;
    local->n_lots = SIM_LOTS;
    local->n_methods = SIM_METHODS;
    local->methods = s->methods;
    tl_err err = sim_field(ctx, s, rng, seed);
    if (err != TL_OK)
        return err;
    sim_methods(s, rng, &at);
    sim_searches(s, rng, &at);
    sim_pieces(s);
    /* Shares of the two layers from their prior, Dirichlet(2.5, 0.5) (docs/rooms/release.md), and some depths recorded. */
    s->share[0] = tl_rng_beta(tl_rng_fork(rng, 300), 0, 2.5, 0.5);
    local->depths_cm = s->depths;
    local->n_depths = SIM_DEPTHS;
    int n_upper = 0;
    for (int k = 0; k < SIM_DEPTHS; k++)
        n_upper += sim_uniform(rng, &at) < s->share[0];
    for (int k = 0; k < SIM_DEPTHS; k++)
        s->depths[k] = k < n_upper ? 10.0 : 17.0;
    sim_items(s, rng, &at);
    struct tl_evidence *e = &local->evidence;
    e->n_channels = 2;
    snprintf(e->channels[0].name, sizeof e->channels[0].name, "search");
    e->channels[0].counts = e->channels[0].effort = s->search_zero;
    snprintf(e->channels[1].name, sizeof e->channels[1].name, "accident");
    e->channels[1].counts = s->accident_counts;
    e->channels[1].effort = s->accident_effort;
    e->n_covariates = 1;
    snprintf(e->covariates[0].name, sizeof e->covariates[0].name, "x");
    e->covariates[0].values = s->covariate;
    return err;
}

#endif
