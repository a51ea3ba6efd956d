/*
 * What the chains move around, made once: the Gaussian nearest to the posterior with methods at their means, the expected counts under it, and for
 * each method and lot the ground that it bears on and the direction in which the field gives way when its chance changes.
 */
#include <math.h>
#include <string.h>

#include "release/chain.h"

enum { RIDGES_MAX = 48 };

static tl_err set_efforts(struct tl_ctx *ctx, struct tl_release_run *r)
{
    tl_err err = TL_OK;
    const struct tl_release_model *m = r->m;
    double *found = NULL, *slots = NULL;
    TL_TRY_ALLOC(ctx, found, m->n_groups);
    TL_TRY_ALLOC(ctx, slots, m->group_at[m->n_groups]);
    for (int64_t g = 0; g < m->n_groups; g++)
        found[g] = r->options->independent ? tl_release_found_alone(m, g, slots + m->group_at[g])
                                           : tl_release_found_mean(m, g);
    for (int64_t c = 0; c < r->n_channels; c++)
        TL_TRY_ALLOC(ctx, r->effort[c], r->n);
    for (int64_t e = 0; e < m->n_entries; e++)
        r->effort[0][m->entries[e].cell] += m->entries[e].area_m2 * found[m->entries[e].group];
    for (int k = 0; k < m->n_other; k++)
        memcpy(r->effort[1 + k], m->other_effort[k], (size_t)r->n * sizeof(double));
done:
    tl_free(found);
    tl_free(slots);
    return err;
}

static tl_err make_window(struct tl_ctx *ctx, const struct tl_release_prior *prior,
                          struct tl_release_run *r)
{
    tl_err err = TL_OK;
    const struct tl_release_model *m = r->m;
    const struct tl_evidence *e = &m->local->evidence;
    struct tl_field_channel channels[TL_RELEASE_CHANNELS_MAX];
    struct tl_field_covariate covariates[TL_EVIDENCE_COVARIATES_MAX];
    double mean[TL_RELEASE_CHANNELS_MAX] = {0}, sd[TL_RELEASE_CHANNELS_MAX] = {0};
    uint8_t *inside = NULL;
    TL_TRY_ALLOC(ctx, inside, r->n);
    for (int64_t i = 0; i < r->n; i++)
        inside[i] = m->cell_area[i] > 0.0;
    for (int64_t c = 0; c < r->n_channels; c++) {
        int at = c == 0 ? m->search_channel : m->other[c - 1];
        channels[c] = (struct tl_field_channel){
            .name = c == 0 ? "search" : e->channels[at].name,
            .counts = c == 0 ? m->counts : m->other_counts[c - 1],
            .effort = r->effort[c],
        };
        if (at >= 0) {
            mean[c] = prior->effect_mean[at];
            sd[c] = prior->effect_sd[at];
        }
    }
    for (int k = 0; k < e->n_covariates; k++)
        covariates[k] = (struct tl_field_covariate){.name = e->covariates[k].name,
                                                    .values = m->covariates[k],
                                                    .prior_mean = prior->coefficient[k],
                                                    .prior_sd = prior->coefficient_sd[k]};
    struct tl_field_input input = {.n_x = m->n_x,
                                   .n_y = m->n_y,
                                   .step_m = m->step_m,
                                   .inside = inside,
                                   .n_channels = r->n_channels,
                                   .channels = channels,
                                   .n_covariates = e->n_covariates,
                                   .covariates = covariates};
    struct tl_window_prior given = {.range_m = prior->range_m,
                                    .sigma = prior->sigma,
                                    .level_mean = prior->level_mean,
                                    .level_sd = prior->level_sd,
                                    .centres = prior->centre,
                                    .effect_mean = mean,
                                    .effect_sd = sd};
    TL_TRY(tl_window_create(ctx, &input, &given, r->options->like, &r->window));
    tl_window_log_density(r->window, r->base);
    for (int64_t i = 0; i < r->n; i++)
        r->base[i] = exp(r->base[i]);
    for (int64_t c = 0; c < r->n_channels; c++) {
        TL_TRY_ALLOC(ctx, r->weight[c], r->n);
        r->effect[c] = tl_window_effect(r->window, c);
        tl_window_weight(r->window, c, r->weight[c]);
        for (int64_t i = 0; i < r->n; i++) {
            r->weights[c] += r->weight[c][i];
            r->all_weights[i] += r->weight[c][i];
        }
    }
    r->target = (struct tl_window_target){
        .n = r->n, .base = r->base, .total = r->all_weights, .n_channels = (int)r->n_channels};
    for (int64_t c = 0; c < r->n_channels; c++) {
        r->target.weight[c] = r->weight[c];
        r->target.effort[c] = c == 0 ? NULL : r->effort[c]; /* the search's is told by group */
    }
done:
    tl_free(inside);
    return err;
}

tl_err tl_release_reference_window(struct tl_ctx *ctx, const struct tl_release_prior *prior,
                                   struct tl_release_run *r)
{
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, r->base, r->n);
    TL_TRY_ALLOC(ctx, r->all_weights, r->n);
    TL_TRY(set_efforts(ctx, r));
    TL_TRY(make_window(ctx, prior, r));
done:
    return err;
}

static bool works_in(const struct tl_release_run *r, const struct tl_release_block *b,
                     const struct tl_release_band *band)
{
    for (int32_t k = band->first; k < band->first + band->n; k++)
        if (b->row >= 0 ? r->works[k].row == b->row : r->works[k].lot == b->lot)
            return true;
    return false;
}

static bool may_be_of(const struct tl_release_run *r, const struct tl_release_count *count,
                      const uint8_t *group_mine)
{
    for (int32_t j = count->first; j < count->first + count->n; j++)
        if (group_mine[r->slot_group[r->count_slot[j]]] != 0)
            return true;
    return false;
}

/* The bands of a block (of everything, with neither row nor lot), and the items that its chances bear on. */
static tl_err set_ground(struct tl_ctx *ctx, const struct tl_release_run *r,
                         struct tl_release_block *b)
{
    tl_err err = TL_OK;
    bool all = b->row < 0 && b->lot < 0;
    uint8_t *group_mine = NULL;
    TL_TRY_ALLOC(ctx, group_mine, r->m->n_groups);
    for (int pass = 0; pass < 2; pass++) {
        if (pass == 1)
            TL_TRY_ALLOC(ctx, b->bands, b->n_bands);
        b->n_bands = 0;
        for (int32_t k = 0; k < r->n_bands; k++) {
            if (!all && !works_in(r, b, &r->bands[k]))
                continue;
            if (pass == 1)
                b->bands[b->n_bands] = k;
            b->n_bands++;
            group_mine[r->bands[k].group] = 1;
        }
    }
    TL_TRY_ALLOC(ctx, b->counts, r->n_counts);
    for (int32_t k = 0; k < r->n_counts; k++)
        if (may_be_of(r, &r->counts[k], group_mine))
            b->counts[b->n_counts++] = k;
    for (int64_t e = 0; e < r->m->n_entries && !b->in_area; e++)
        b->in_area = r->m->entries[e].inside_m2 > 0.0 && group_mine[r->m->entries[e].group] != 0;
done:
    tl_free(group_mine);
    return err;
}

static tl_err set_block(struct tl_ctx *ctx, struct tl_release_run *r, int32_t row, int32_t lot)
{
    struct tl_release_block *b = &r->blocks[r->n_blocks++];
    tl_err err;
    *b = (struct tl_release_block){.row = row, .lot = lot};
    err = set_ground(ctx, r, b);
    return err == TL_OK ? tl_release_sweep_own(ctx, r, b) : err;
}

static bool share_ground(const struct tl_release_block *a, const struct tl_release_block *b)
{
    int32_t i = 0, j = 0; /* both ascend */
    while (i < a->n_bands && j < b->n_bands) {
        if (a->bands[i] == b->bands[j])
            return true;
        if (a->bands[i] < b->bands[j])
            i++;
        else
            j++;
    }
    return false;
}

static tl_err set_rivals(struct tl_ctx *ctx, struct tl_release_run *r)
{
    tl_err err = TL_OK;
    for (int64_t k = 0; k < r->n_blocks; k++) {
        struct tl_release_block *b = &r->blocks[k];
        if (b->row >= 0)
            continue;
        TL_TRY_ALLOC(ctx, b->rivals, r->n_blocks);
        for (int32_t j = 0; j < r->n_blocks; j++)
            if (j != k && r->blocks[j].row < 0 && share_ground(b, &r->blocks[j]))
                b->rivals[b->n_rivals++] = j;
    }
done:
    return err;
}

/* A block pulls at its part of the expected counts of each cell. */
static tl_err set_ridge(struct tl_ctx *ctx, struct tl_release_run *r, struct tl_release_block *b)
{
    tl_err err = TL_OK;
    const struct tl_release_model *m = r->m;
    double *share = NULL; /* found share of the block's groups */
    TL_TRY_ALLOC(ctx, share, m->n_groups);
    TL_TRY_ALLOC(ctx, b->pull, r->n);
    TL_TRY_ALLOC(ctx, b->way, r->row);
    for (int32_t k = 0; k < b->n_bands; k++) {
        int32_t g = r->bands[b->bands[k]].group;
        if (share[g] == 0.0)
            share[g] = tl_release_found_mean(m, g);
    }
    for (int64_t e = 0; e < m->n_entries; e++)
        b->pull[m->entries[e].cell] += m->entries[e].area_m2 * share[m->entries[e].group];
    for (int64_t i = 0; i < r->n; i++)
        b->pull[i] =
            r->effort[0][i] > 0.0 ? r->weight[0][i] * fmin(b->pull[i] / r->effort[0][i], 1.0) : 0.0;
    TL_TRY(tl_window_pull(ctx, r->window, 0, b->pull, b->way));
    for (int64_t i = 0; i < r->n; i++) {
        b->pull_sum += b->pull[i];
        b->curvature += b->pull[i] * (b->way[i] + b->way[r->n]);
    }
done:
    tl_free(share);
    return err;
}

/* Ridges of the methods and of the lots that worked in P: elsewhere a flip does without. */
tl_err tl_release_reference_blocks(struct tl_ctx *ctx, struct tl_release_run *r)
{
    tl_err err = TL_OK;
    const struct tl_release_model *m = r->m;
    TL_TRY_ALLOC(ctx, r->blocks, m->n_rows + m->n_lots);
    if (r->options->independent)
        goto done;
    TL_TRY(tl_release_sweep_init(ctx, r));
    r->everything = (struct tl_release_block){.row = -1, .lot = -1};
    TL_TRY(set_ground(ctx, r, &r->everything));
    for (int32_t row = 0; row < m->n_rows; row++)
        TL_TRY(set_block(ctx, r, row, -1));
    for (int32_t lot = 0; lot < m->n_lots; lot++)
        if (m->lot_row[lot] >= 0 && m->lot_failure[lot] > 0.0)
            TL_TRY(set_block(ctx, r, -1, lot));
    TL_TRY(set_rivals(ctx, r));
    for (int64_t k = 0; k < r->n_blocks && r->n_ridges < RIDGES_MAX; k++) {
        struct tl_release_block *b = &r->blocks[k];
        if (b->n_bands == 0 || (b->row < 0 && !b->in_area))
            continue;
        TL_TRY(set_ridge(ctx, r, b));
        r->n_ridges++;
    }
done:
    return err;
}

static void block_fini(struct tl_release_block *b)
{
    tl_free(b->bands);
    tl_free(b->counts);
    tl_free(b->rivals);
    tl_free(b->own);
    tl_free(b->totals);
    tl_free(b->pull);
    tl_free(b->way);
}

void tl_release_reference_fini(struct tl_release_run *r)
{
    tl_window_free(r->window);
    for (int c = 0; c < TL_RELEASE_CHANNELS_MAX; c++) {
        tl_free(r->weight[c]);
        tl_free(r->effort[c]);
    }
    block_fini(&r->everything);
    tl_release_sweep_fini(r);
    for (int64_t k = 0; k < r->n_blocks; k++)
        block_fini(&r->blocks[k]);
    tl_free(r->blocks);
    tl_free(r->base);
    tl_free(r->all_weights);
}
