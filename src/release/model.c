/*
 * A window as an inference problem. Ground under the same searches is one group, whatever its cells: what its searches leave is then
 * one number a group and depth layer, and all that the field has to tell is the sum of area times density over a group.
 *
 * Depth. Layers are cut at the depths that searches reached and at the depth that is asked for. A search finds items of the layers that it
 * reaches and leaves the others as they are. The map's density is that of the items which searches can reach, so shares are told
 * per item of the layers down to the deepest search here (the reference layers). Shares come from the depths of all items that
 * are recorded in the project, with half an item a layer beside them and two in the uppermost: where no depth is recorded at
 * all, a fifth as many items may be expected in a next layer as in the uppermost one. Items found are found where people
 * searched, so what lies deeper than searches go is seen too seldom: the words say so.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "release/release.h"

enum { LAYERS_FINE = TL_RELEASE_LAYERS_MAX - 4 };
static const double UPPER_PRIOR = 2.0, LAYER_PRIOR = 0.5, SAME_CM = 1e-6;

/* ---- depth ---- */

static int add_edge(double *edges, int n, double cm)
{
    int at = n;
    for (int k = 0; k < n; k++)
        if (fabs(edges[k] - cm) < SAME_CM)
            return n;
    while (at > 0 && edges[at - 1] > cm) {
        edges[at] = edges[at - 1];
        at--;
    }
    edges[at] = cm;
    return n + 1;
}

/* Depths of searches, rounded down to multiples of `step` (0 = as they are). -1 when there are too many. */
static int search_edges(const struct tl_local *local, double step, double *edges)
{
    int n = 0;
    for (int64_t s = 0; s < local->n_searches; s++) {
        double cm = local->searches[s].depth_cm;
        if (!local->searches[s].takes_effort || !(cm > 0.0))
            continue;
        if (step > 0.0)
            cm = fmax(step * floor(cm / step), step);
        if (n >= LAYERS_FINE)
            return -1;
        n = add_edge(edges, n, cm);
    }
    return n;
}

int tl_release_model_reach(const struct tl_release_model *m, double cm)
{
    int n = 0;
    while (n < m->n_layers && m->layer_cm[n] <= cm + SAME_CM)
        n++;
    return n;
}

static double round_depth(const struct tl_local *local, double cm)
{
    double edges[TL_RELEASE_LAYERS_MAX], steps[] = {0.0, 5.0, 10.0, 50.0};
    for (int k = 0; k < 4; k++)
        if (search_edges(local, steps[k], edges) >= 0)
            return steps[k] > 0.0 ? fmax(steps[k] * floor(cm / steps[k]), steps[k]) : cm;
    return cm;
}

static tl_err set_layers(struct tl_ctx *ctx, double depth_cm, struct tl_release_model *m)
{
    const struct tl_local *local = m->local;
    const double steps[] = {0.0, 5.0, 10.0, 50.0};
    int n = -1;
    for (int k = 0; k < 4 && n < 0; k++)
        n = search_edges(local, steps[k], m->layer_cm);
    if (n < 0)
        return tl_fail(ctx, TL_EDATA, "searches here were made to more than %d different depths",
                       LAYERS_FINE);
    m->n_layers = n;
    m->n_reference = n;
    if (n == 0) { /* nothing is known of depth: one layer, whatever it is */
        m->layer_cm[0] = INFINITY;
        m->layer_alpha[0] = 1.0;
        m->n_layers = m->n_asked = m->n_reference = 1;
        return TL_OK;
    }
    double deepest = m->layer_cm[n - 1];
    if (isfinite(depth_cm))
        m->n_layers = add_edge(m->layer_cm, n, depth_cm);
    else if (local->n_depths > 0 && local->depths_cm[local->n_depths - 1] > deepest)
        m->layer_cm[m->n_layers++] = INFINITY;
    m->n_reference = tl_release_model_reach(m, deepest);
    m->n_asked = isfinite(depth_cm) ? tl_release_model_reach(m, depth_cm) : m->n_layers;
    for (int l = 0; l < m->n_layers; l++)
        m->layer_alpha[l] = LAYER_PRIOR + (l == 0 ? UPPER_PRIOR : 0.0);
    for (int64_t k = 0; k < local->n_depths; k++)
        for (int l = 0; l < m->n_layers; l++)
            if (local->depths_cm[k] <= m->layer_cm[l]) {
                m->layer_alpha[l] += 1.0;
                break;
            }
    return TL_OK;
}

/* ---- methods, lots, searches ---- */

static int32_t row_of(struct tl_release_model *m, int32_t method)
{
    for (int32_t r = 0; r < m->n_rows; r++)
        if (m->rows[r].method == method)
            return r;
    if (m->n_rows >= TL_RELEASE_ROWS_MAX)
        return -1;
    const struct tl_method *from = &m->local->methods[method];
    m->rows[m->n_rows] = (struct tl_release_row){.method = method,
                                                 .d_a = from->detectable_a,
                                                 .d_b = from->detectable_b,
                                                 .q_a = from->per_pass_a,
                                                 .q_b = from->per_pass_b,
                                                 .p_failed = from->process_failure_p};
    return (int32_t)m->n_rows++;
}

static tl_err set_searches(struct tl_ctx *ctx, struct tl_release_model *m)
{
    tl_err err = TL_OK;
    const struct tl_local *local = m->local;
    m->n_searches = local->n_searches;
    m->n_lots = local->n_lots;
    TL_TRY_ALLOC(ctx, m->searches, m->n_searches);
    TL_TRY_ALLOC(ctx, m->rows, TL_RELEASE_ROWS_MAX);
    TL_TRY_ALLOC(ctx, m->lot_failure, m->n_lots);
    TL_TRY_ALLOC(ctx, m->lot_row, m->n_lots);
    for (int64_t l = 0; l < m->n_lots; l++)
        m->lot_row[l] = -1;
    for (int64_t s = 0; s < m->n_searches; s++) {
        const struct tl_local_search *from = &local->searches[s];
        struct tl_release_search *to = &m->searches[s];
        *to = (struct tl_release_search){.row = -1, .lot = from->lot, .passes = from->passes};
        if (!from->takes_effort)
            continue;
        TL_ASSERT(ctx, from->row >= 0 && from->row < local->n_methods && from->lot >= 0 &&
                           from->lot < m->n_lots);
        to->row = row_of(m, from->row);
        if (to->row < 0)
            TL_THROW(ctx, TL_EDATA, "more than %d methods were used here", TL_RELEASE_ROWS_MAX);
        to->n_layers = from->depth_cm > 0.0
                           ? tl_release_model_reach(m, round_depth(local, from->depth_cm))
                           : m->n_reference;
        if (m->lot_row[from->lot] < 0) {
            m->lot_row[from->lot] = to->row;
            m->lot_failure[from->lot] = local->methods[from->row].process_failure;
        }
    }
done:
    return err;
}

/* ---- groups ---- */

struct grouping {
    struct tl_release_model *m;
    int32_t *list;  /* owns: searches of the piece at hand, in order of time */
    int32_t *table; /* owns: [2^bits] group + 1 */
    int64_t size, n_slots, room_slots, room_groups;
};

static const char *when(const struct tl_local_search *s)
{
    const char *text = s->date_start != NULL && s->date_start[0] != '\0' ? s->date_start
                       : s->date_end != NULL                             ? s->date_end
                                                                         : "";
    return text;
}

/* Undated ones count as done before, as everywhere in the program. */
static bool is_later(const struct tl_local *local, int32_t a, int32_t b)
{
    int order = strcmp(when(&local->searches[a]), when(&local->searches[b]));
    return order > 0 || (order == 0 && a > b);
}

static int32_t sorted_list(struct grouping *g, const struct tl_local_piece *piece)
{
    int32_t n = 0;
    for (int32_t k = 0; k < piece->n; k++) {
        int32_t s = g->m->local->piece_search[piece->first + k], at = n;
        if (g->m->searches[s].row < 0)
            continue;
        while (at > 0 && is_later(g->m->local, g->list[at - 1], s)) {
            g->list[at] = g->list[at - 1];
            at--;
        }
        g->list[at] = s;
        n++;
    }
    return n;
}

static tl_err group_of(struct tl_ctx *ctx, struct grouping *g, int32_t n, int32_t *group)
{
    tl_err err = TL_OK;
    struct tl_release_model *m = g->m;
    uint64_t hash = 1469598103934665603u;
    for (int32_t k = 0; k < n; k++)
        hash = (hash ^ (uint64_t)g->list[k]) * 1099511628211u;
    int64_t at = (int64_t)(hash >> 20) & (g->size - 1);
    for (; g->table[at] != 0; at = (at + 1) & (g->size - 1)) {
        int32_t one = g->table[at] - 1, first = m->group_at[one];
        if (m->group_at[one + 1] - first == n &&
            memcmp(m->slot_search + first, g->list, (size_t)n * sizeof *g->list) == 0) {
            *group = one;
            return TL_OK;
        }
    }
    if (m->n_groups + 2 > g->room_groups) {
        int32_t *more =
            tl_regrow(ctx, m->group_at, g->room_groups, 2 * g->room_groups, sizeof *more);
        if (more == NULL) {
            err = TL_ENOMEM;
            goto done;
        }
        m->group_at = more;
        g->room_groups *= 2;
    }
    while (g->n_slots + n > g->room_slots) {
        int32_t *more =
            tl_regrow(ctx, m->slot_search, g->room_slots, 2 * g->room_slots, sizeof *more);
        if (more == NULL) {
            err = TL_ENOMEM;
            goto done;
        }
        m->slot_search = more;
        g->room_slots *= 2;
    }
    TL_ASSERT(ctx, 2 * m->n_groups < g->size);
    *group = (int32_t)m->n_groups++;
    memcpy(m->slot_search + g->n_slots, g->list, (size_t)n * sizeof *g->list);
    g->n_slots += n;
    m->group_at[m->n_groups] = (int32_t)g->n_slots;
    g->table[at] = *group + 1;
done:
    return err;
}

static int32_t coarse_cell(const struct tl_release_model *m, int64_t cell)
{
    int64_t n_x = m->local->grid.n_x;
    return (int32_t)(cell / n_x / m->coarse * m->n_x + cell % n_x / m->coarse);
}

static int compare_entries(const void *left, const void *right)
{
    const struct tl_release_entry *a = left, *b = right;
    int cells = (a->cell > b->cell) - (a->cell < b->cell);
    return cells != 0 ? cells : (a->group > b->group) - (a->group < b->group);
}

/* One entry for each cell and group. */
static void merge_entries(struct tl_release_model *m)
{
    int64_t n = 0;
    qsort(m->entries, (size_t)m->n_entries, sizeof *m->entries, compare_entries);
    for (int64_t k = 0; k < m->n_entries; k++) {
        struct tl_release_entry *last = n > 0 ? &m->entries[n - 1] : NULL;
        if (last != NULL && compare_entries(last, &m->entries[k]) == 0) {
            last->area_m2 += m->entries[k].area_m2;
            last->inside_m2 += m->entries[k].inside_m2;
        } else {
            m->entries[n++] = m->entries[k];
        }
    }
    m->n_entries = n;
}

static tl_err set_groups(struct tl_ctx *ctx, struct tl_release_model *m)
{
    tl_err err = TL_OK;
    const struct tl_local *local = m->local;
    struct grouping g = {.m = m, .size = 1024, .room_slots = 256, .room_groups = 64};
    int32_t none = 0;
    while (g.size < 4 * (local->n_pieces + 1) && g.size < (1 << 26))
        g.size *= 2;
    TL_TRY_ALLOC(ctx, g.list, m->n_searches + 1);
    TL_TRY_ALLOC(ctx, g.table, g.size);
    TL_TRY_ALLOC(ctx, m->slot_search, g.room_slots);
    TL_TRY_ALLOC(ctx, m->group_at, g.room_groups);
    TL_TRY_ALLOC(ctx, m->entries, local->n_pieces);
    TL_TRY(group_of(ctx, &g, 0, &none));
    for (int64_t p = 0; p < local->n_pieces; p++) {
        const struct tl_local_piece *piece = &local->pieces[p];
        struct tl_release_entry *entry = &m->entries[m->n_entries];
        if (!(piece->area_m2 > 0.0))
            continue;
        entry->cell = coarse_cell(m, piece->cell);
        entry->area_m2 = piece->area_m2;
        entry->inside_m2 = (double)piece->inside * piece->area_m2;
        TL_TRY(group_of(ctx, &g, sorted_list(&g, piece), &entry->group));
        m->n_entries++;
    }
    merge_entries(m);
    TL_TRY_ALLOC(ctx, m->slot_found, g.n_slots);
done:
    tl_free(g.list);
    tl_free(g.table);
    return err;
}

/* ---- counts ---- */

static int64_t first_entry(const struct tl_release_model *m, int32_t cell)
{
    int64_t low = 0, high = m->n_entries;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (m->entries[middle].cell < cell)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Slots where an item of a search (-1 = of any) in a cell may lie; their number. With NULL only counts. */
static int32_t places_of(const struct tl_release_model *m, const struct tl_local_find *find,
                         int32_t *slots, double *areas)
{
    int32_t n = 0, cell = coarse_cell(m, find->cell);
    for (int64_t e = first_entry(m, cell); e < m->n_entries && m->entries[e].cell == cell; e++) {
        int32_t g = m->entries[e].group;
        for (int32_t k = m->group_at[g]; k < m->group_at[g + 1]; k++) {
            int32_t s = m->slot_search[k];
            if ((find->search >= 0 && s != find->search) || m->searches[s].n_layers == 0)
                continue;
            if (slots != NULL) {
                slots[n] = k;
                areas[n] = m->entries[e].area_m2;
            }
            n++;
        }
    }
    return n;
}

static tl_err set_finds(struct tl_ctx *ctx, struct tl_release_model *m)
{
    tl_err err = TL_OK;
    const struct tl_local *local = m->local;
    int64_t room = 0;
    for (int64_t k = 0; k < local->n_finds; k++)
        room += places_of(m, &local->finds[k], NULL, NULL);
    TL_TRY_ALLOC(ctx, m->mixed, local->n_finds);
    TL_TRY_ALLOC(ctx, m->mixed_slot, room);
    TL_TRY_ALLOC(ctx, m->mixed_area, room);
    TL_TRY_ALLOC(ctx, m->counts, m->n_cells);
    int32_t at = 0;
    for (int64_t k = 0; k < local->n_finds; k++) {
        const struct tl_local_find *find = &local->finds[k];
        int32_t n = places_of(m, find, m->mixed_slot + at, m->mixed_area + at);
        if (n == 0 || !(find->number > 0.0)) {
            m->n_unplaced += find->number;
            continue;
        }
        m->counts[coarse_cell(m, find->cell)] += find->number;
        if (n == 1) {
            m->slot_found[m->mixed_slot[at]] += find->number;
            continue;
        }
        m->mixed[m->n_mixed++] = (struct tl_release_mixed){at, n, find->number};
        at += n;
    }
done:
    return err;
}

static void add_up(const struct tl_release_model *m, const double *fine, double *coarse)
{
    for (int64_t i = 0; i < tl_grid_n_cells(&m->local->grid); i++)
        coarse[coarse_cell(m, i)] += fine[i];
}

/* Covariates as averages over land; NaN (unknown) where no cell knows it. */
static tl_err average(struct tl_ctx *ctx, const struct tl_release_model *m, const double *fine,
                      double *coarse)
{
    tl_err err = TL_OK;
    double *weight = NULL;
    TL_TRY_ALLOC(ctx, weight, m->n_cells);
    for (int64_t i = 0; i < tl_grid_n_cells(&m->local->grid); i++) {
        double a = isnan(fine[i]) ? 0.0 : m->local->cell_area[i] + 1e-9;
        weight[coarse_cell(m, i)] += a;
        coarse[coarse_cell(m, i)] += a > 0.0 ? a * fine[i] : 0.0;
    }
    for (int64_t i = 0; i < m->n_cells; i++)
        coarse[i] = weight[i] > 0.0 ? coarse[i] / weight[i] : (double)NAN;
done:
    tl_free(weight);
    return err;
}

static tl_err set_fields(struct tl_ctx *ctx, struct tl_release_model *m)
{
    tl_err err = TL_OK;
    const struct tl_evidence *e = &m->local->evidence;
    TL_TRY_ALLOC(ctx, m->cell_area, m->n_cells);
    add_up(m, m->local->cell_area, m->cell_area);
    m->search_channel = -1;
    for (int c = 0; c < e->n_channels; c++) {
        if (strcmp(e->channels[c].name, "search") == 0) {
            m->search_channel = c;
            continue;
        }
        int k = m->n_other++;
        m->other[k] = c;
        TL_TRY_ALLOC(ctx, m->other_counts[k], m->n_cells);
        TL_TRY_ALLOC(ctx, m->other_effort[k], m->n_cells);
        add_up(m, e->channels[c].counts, m->other_counts[k]);
        add_up(m, e->channels[c].effort, m->other_effort[k]);
    }
    for (int k = 0; k < e->n_covariates; k++) {
        TL_TRY_ALLOC(ctx, m->covariates[k], m->n_cells);
        TL_TRY(average(ctx, m, e->covariates[k].values, m->covariates[k]));
    }
done:
    return err;
}

tl_err tl_release_model_init(struct tl_ctx *ctx, const struct tl_local *local, double depth_cm,
                             int64_t max_cells, struct tl_release_model *model)
{
    tl_err err = TL_OK;
    struct tl_release_model m = {.local = local, .coarse = 1};
    for (;; m.coarse++) {
        m.n_x = (local->grid.n_x + m.coarse - 1) / m.coarse;
        m.n_y = (local->grid.n_y + m.coarse - 1) / m.coarse;
        if (m.n_x * m.n_y <= max_cells || (m.n_x == 1 && m.n_y == 1))
            break;
    }
    m.n_cells = m.n_x * m.n_y;
    m.step_m = local->grid.step_m * (double)m.coarse;
    TL_TRY(set_layers(ctx, depth_cm, &m));
    TL_TRY(set_searches(ctx, &m));
    TL_TRY(set_groups(ctx, &m));
    TL_TRY(set_finds(ctx, &m));
    TL_TRY(set_fields(ctx, &m));
    *model = m;
    m = (struct tl_release_model){0};
done:
    tl_release_model_fini(&m);
    return err;
}

void tl_release_model_fini(struct tl_release_model *m)
{
    void *owned[] = {m->rows,       m->lot_failure, m->searches, m->group_at,   m->slot_search,
                     m->slot_found, m->entries,     m->mixed,    m->mixed_slot, m->mixed_area,
                     m->counts,     m->cell_area,   m->lot_row};
    for (size_t k = 0; k < sizeof owned / sizeof owned[0]; k++)
        tl_free(owned[k]);
    for (int c = 0; c < TL_EVIDENCE_CHANNELS_MAX; c++) {
        tl_free(m->other_counts[c]);
        tl_free(m->other_effort[c]);
    }
    for (int k = 0; k < TL_EVIDENCE_COVARIATES_MAX; k++)
        tl_free(m->covariates[k]);
    *m = (struct tl_release_model){0};
}
