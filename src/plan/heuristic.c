/*
 * Search near the bound's prices. A greedy pass puts tasks where they are worth most for what they take at those prices. Then, round by round, two to
 * five related bins (a team's year each; related = some task could go to either) are emptied, wholly or in part, and filled again in a shaken order, with
 * exchanges of one task against another at the end; what got worse beyond a small and shrinking allowance is undone. Open must-do tasks and
 * floors count in the score, so the same search first finds a plan and then a better one. A task that is taken out takes with it what waits for it, and the bins that lose
 * so are filled again as well; where tasks wait, filling goes on until nothing more fits.
 *
 * Only cells near the prices are looked at (near.h). A round on 20,000 tasks x 200 teams x 3 years takes about 30 microseconds.
 */
#include "plan/heuristic.h"

#include <math.h>
#include <stdlib.h>

#include "core/rng.h"
#include "plan/near.h"

enum { BINS_MAX = 5, BINS_LOST_MAX = 16, FILLS_MAX = 8 };
enum { REFRESH = 4096, LOOK = 256, ROUNDS_LEAST = 2000, ROUNDS_A_BIN = 400 };
enum { ROUNDS_A_TASK = 100, TASKS_MOST = 500 }; /* beyond these it is the bins that count */

/* Share of the objective that a round may lose at the beginning. */
static const double ALLOWANCE = 2e-4;

/*
 * A cell counts as dearer by this many times what it loses: a task is tried where it is best before it is tried anywhere else. Without it (0), plans of 50,000 rounds
 * were two to three times as far from the bound; from 10 to 100 it makes little difference.
 */
static const double DEARER = 30.0;

struct item {
    double key;
    int64_t cell; /* into near.cells */
};

struct move {
    int64_t task, pick; /* as it was before */
    int32_t year;
};

struct search {
    struct tl_ctx *ctx;
    const struct tl_plan_model *m;
    const struct tl_plan_dual *dual;
    struct tl_plan_near near;
    struct tl_plan_state *s;
    struct item *items; /* [n_cells near] */
    struct move *moves; /* grows */
    int64_t n_items, n_moves, room_moves;
    int64_t *best_pick; /* [n_tasks] */
    int32_t *best_year;
    double best_score;
    bool best_complete;
    int64_t bins[BINS_MAX + BINS_LOST_MAX],
        n_bins; /* of this round: emptied, and such as lost a task by it */
    struct tl_rng rng;
    uint64_t n_random;
};

static double uniform(struct search *h)
{
    return tl_rng_uniform(h->rng, h->n_random++);
}

static int64_t below(struct search *h, int64_t n)
{
    int64_t i = (int64_t)(uniform(h) * (double)n);
    return i < n ? i : n - 1;
}

static const struct tl_plan_choice *choice_of(const struct search *h, int64_t cell)
{
    return &h->m->choices[h->near.cells[cell].choice];
}

static int by_key(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    if (x->key != y->key)
        return x->key > y->key ? -1 : 1;
    return (x->cell > y->cell) - (x->cell < y->cell);
}

/* Room for one more move in the list of what would have to be undone. */
static tl_err note(struct search *h, int64_t task)
{
    if (h->n_moves == h->room_moves) {
        struct move *grown =
            tl_regrow(h->ctx, h->moves, h->room_moves, 2 * h->room_moves + 64, sizeof *h->moves);
        if (grown == NULL)
            return TL_ENOMEM;
        h->moves = grown;
        h->room_moves = 2 * h->room_moves + 64;
    }
    h->moves[h->n_moves++] = (struct move){task, h->s->pick[task], h->s->year[task]};
    return TL_OK;
}

static void undo(struct search *h)
{
    while (h->n_moves > 0) {
        struct move *move = &h->moves[--h->n_moves];
        if (h->s->pick[move->task] >= 0)
            tl_plan_state_take(h->s, move->task);
        if (move->pick >= 0)
            tl_plan_state_put(h->s, move->pick, move->year);
    }
}

/* How early a cell is tried: worth for what it takes, or how near the prices it is; what must be done first. */
static double key_of(struct search *h, int64_t cell, int kind, double noise)
{
    const struct tl_plan_cell *c = &h->near.cells[cell];
    int64_t task = choice_of(h, cell)->task;
    double worth = h->m->problem->value[task] * h->m->problem->year_weight[c->year];
    double tiny = 1e-9 * h->m->value_max, shake = noise * (uniform(h) - 0.5);
    int32_t d = h->m->problem->district[task];
    double first = d >= 0 && h->s->served[d] < h->m->problem->floor[d] ? 1e3 : 0.0;
    if (c->must > 0.0) /* the largest first, each where it is nearest */
        return 2e3 + 100.0 * c->must - c->loss / h->m->value_max + shake;
    double bonus = d < 0 ? 0.0 : h->dual->bonus[d] * tl_plan_model_counts(h->m, task);
    if (h->dual->wait != NULL) /* at least: others may wait for it */
        bonus += fmax(-0.9 * worth, h->dual->wait[task * h->m->n_years + c->year]);
    if (kind == 0)
        return first + log((worth + bonus + tiny) / (c->price + DEARER * c->loss + tiny)) + shake;
    if (kind == 1)
        return first - c->loss / (worth + tiny) + shake;
    return first + log(worth + tiny) + shake;
}

/* The cells of some bins whose tasks are not done, in the order in which they are tried. */
static void list_items(struct search *h)
{
    static const double noises[] = {0.02, 0.1, 0.1, 0.3, 0.3, 1.0, 1.0, 6.0};
    int kind = (int)below(h, 16);
    double noise = noises[below(h, 8)];
    kind = kind < 10 ? 0 : kind < 15 ? 1 : 2;
    h->n_items = 0;
    for (int64_t b = 0; b < h->n_bins; b++)
        for (int64_t i = h->near.start[h->bins[b]]; i < h->near.start[h->bins[b] + 1]; i++)
            if (h->s->pick[choice_of(h, i)->task] < 0)
                h->items[h->n_items++] = (struct item){key_of(h, i, kind, noise), i};
    qsort(h->items, (size_t)h->n_items, sizeof *h->items, by_key);
}

/* Puts what fits, in order. @param[out] n  how many */
static tl_err fill_once(struct search *h, double *change, int64_t *n)
{
    tl_err err = TL_OK;
    *n = 0;
    for (int64_t i = 0; i < h->n_items; i++) {
        const struct tl_plan_cell *c = &h->near.cells[h->items[i].cell];
        const struct tl_plan_choice *choice = &h->m->choices[c->choice];
        if (h->s->pick[choice->task] >= 0 || !tl_plan_state_fits(h->s, choice, c->year))
            continue;
        TL_TRY(note(h, choice->task));
        *change += tl_plan_state_put(h->s, c->choice, c->year);
        ++*n;
    }
done:
    return err;
}

static tl_err fill(struct search *h, double *change)
{
    tl_err err = TL_OK;
    int64_t n = 1;
    for (int i = 0; i < (h->m->orders.n > 0 ? FILLS_MAX : 1) && n > 0; i++)
        TL_TRY(fill_once(h, change, &n));
done:
    return err;
}

/* The cheapest task of the cell's bin that makes room for the cell; -1 without one that is worth less. */
static int64_t worst_of(const struct search *h, const struct tl_plan_cell *c)
{
    const struct tl_plan_choice *choice = &h->m->choices[c->choice];
    int64_t bin = choice->team * h->m->n_years + c->year, worst = -1;
    double least = tl_plan_state_gain(h->s, choice->task, c->year);
    double days = choice->days - h->s->days_left[bin];
    double money = choice->cost - h->s->money_room[c->year];
    for (int64_t t = h->s->head[bin]; t >= 0; t = h->s->next[t]) {
        const struct tl_plan_choice *other = &h->m->choices[h->s->pick[t]];
        if (other->days < days || other->cost < money || tl_plan_state_waiting(h->s, t) >= 0)
            continue;
        double loss = tl_plan_state_loss(h->s, t);
        if (loss >= least)
            continue;
        least = loss;
        worst = t;
    }
    return worst;
}

/* One task against another wherever that gains. */
static tl_err exchange(struct search *h, double *change)
{
    tl_err err = TL_OK;
    for (int64_t i = 0; i < h->n_items; i++) {
        const struct tl_plan_cell *c = &h->near.cells[h->items[i].cell];
        const struct tl_plan_choice *choice = &h->m->choices[c->choice];
        int64_t worst = h->s->pick[choice->task] >= 0 ? -1 : worst_of(h, c);
        if (worst < 0)
            continue;
        int64_t was = h->s->pick[worst];
        int32_t year = h->s->year[worst];
        TL_TRY(note(h, worst));
        TL_TRY(note(h, choice->task));
        *change -= tl_plan_state_take(h->s, worst);
        /* Its turn may be full, or it waits for what is not done. */
        if (tl_plan_state_fits(h->s, choice, c->year))
            *change += tl_plan_state_put(h->s, c->choice, c->year);
        else
            *change += tl_plan_state_put(h->s, was, year);
    }
done:
    return err;
}

/* Any cell of a task, as a bin; -1 where it has none. */
static int64_t bin_of_task(struct search *h, int64_t task)
{
    int64_t n = h->m->start[task + 1] - h->m->start[task];
    if (n == 0)
        return -1;
    const struct tl_plan_choice *c = &h->m->choices[h->m->start[task] + below(h, n)];
    uint64_t years = c->years;
    for (int64_t skip = below(h, __builtin_popcountll(years)); skip > 0; skip--)
        years &= years - 1;
    return c->team * h->m->n_years + __builtin_ctzll(years);
}

/* A bin to begin with: of a must-do task that is open where there is one, else any. */
static int64_t first_bin(struct search *h)
{
    if (h->s->n_missing > 0 && uniform(h) < 0.7) {
        int64_t from = below(h, h->m->n_tasks);
        for (int64_t i = 0; i < h->m->n_tasks; i++) {
            int64_t t = (from + i) % h->m->n_tasks;
            if (tl_plan_model_must(h->m, t) && h->s->pick[t] < 0)
                return bin_of_task(h, t);
        }
    }
    return below(h, h->m->n_bins);
}

/* A bin in which a task that waits for this one, or that it waits for, is or could be; -1 without one. */
static int64_t bin_in_order(struct search *h, int64_t task)
{
    const struct tl_plan_orders *o = &h->m->orders;
    int64_t n_before = o->before_at[task + 1] - o->before_at[task],
            n = n_before + o->after_at[task + 1] - o->after_at[task];
    if (n == 0 || uniform(h) < 0.5)
        return -1;
    int64_t i = below(h, n);
    int64_t other = i < n_before ? o->before[o->before_at[task] + i]
                                 : o->after[o->after_at[task] + i - n_before];
    return h->s->pick[other] >= 0 && uniform(h) < 0.5 ? tl_plan_state_bin(h->s, other)
                                                      : bin_of_task(h, other);
}

static bool has_bin(const struct search *h, int64_t bin)
{
    for (int64_t i = 0; i < h->n_bins; i++)
        if (h->bins[i] == bin)
            return true;
    return false;
}

/* Two to five bins between which tasks could move. */
static void choose_bins(struct search *h)
{
    int64_t wanted = 1 + below(h, BINS_MAX);
    h->bins[0] = first_bin(h);
    h->n_bins = h->bins[0] >= 0;
    for (int tries = 0; tries < 4 * BINS_MAX && h->n_bins > 0 && h->n_bins < wanted; tries++) {
        int64_t of = h->bins[below(h, h->n_bins)], first = h->near.start[of];
        int64_t n_cells = h->near.start[of + 1] - first;
        if (n_cells == 0)
            continue;
        int64_t task = choice_of(h, first + below(h, n_cells))->task, bin = -1;
        if (h->m->orders.n > 0)
            bin = bin_in_order(h, task);
        if (bin < 0)
            bin = h->s->pick[task] >= 0 && uniform(h) < 0.5 ? tl_plan_state_bin(h->s, task)
                                                            : bin_of_task(h, task);
        if (bin >= 0 && !has_bin(h, bin))
            h->bins[h->n_bins++] = bin;
    }
}

/* Takes a task out, and before it what waits for it. */
static tl_err take_out(struct search *h, int64_t task, double *change)
{
    tl_err err = TL_OK;
    for (;;) {
        int64_t deepest = task, waits;
        while ((waits = tl_plan_state_waiting(h->s, deepest)) >= 0)
            deepest = waits;
        if (deepest == task)
            break;
        int64_t bin = tl_plan_state_bin(h->s, deepest);
        if (h->n_bins < BINS_MAX + BINS_LOST_MAX && !has_bin(h, bin))
            h->bins[h->n_bins++] = bin;
        TL_TRY(note(h, deepest));
        *change -= tl_plan_state_take(h->s, deepest);
    }
    TL_TRY(note(h, task));
    *change -= tl_plan_state_take(h->s, task);
done:
    return err;
}

static tl_err empty(struct search *h, int64_t bin, double share, double *change)
{
    tl_err err = TL_OK;
    for (int64_t t = h->s->head[bin], next; t >= 0; t = next) {
        next = h->s->next[t];
        if (uniform(h) >= share)
            continue;
        /* What waits for it may be of this bin, and the next. */
        bool leads = tl_plan_state_waiting(h->s, t) >= 0;
        TL_TRY(take_out(h, t, change));
        next = leads ? h->s->head[bin] : next;
    }
done:
    return err;
}

static void keep_best(struct search *h)
{
    double score = tl_plan_state_score(h->s);
    if (!(score > h->best_score))
        return;
    h->best_score = score;
    h->best_complete = tl_plan_state_complete(h->s);
    for (int64_t t = 0; t < h->m->n_tasks; t++) {
        h->best_pick[t] = h->s->pick[t];
        h->best_year[t] = h->s->year[t];
    }
}

/* One round; `score` follows. */
static tl_err round_of(struct search *h, double allowance, double *score)
{
    tl_err err = TL_OK;
    double change = 0.0, share;
    choose_bins(h);
    share = uniform(h) < 0.5 ? 1.0 : 0.3 + 0.7 * uniform(h);
    h->n_moves = 0;
    for (int64_t b = 0, n = h->n_bins; b < n; b++)
        TL_TRY(empty(h, h->bins[b], share, &change));
    list_items(h);
    TL_TRY(fill(h, &change));
    TL_TRY(exchange(h, &change));
    TL_TRY(fill(h, &change));
    if (*score + change < h->best_score - allowance)
        undo(h);
    else
        *score += change;
    h->n_moves = 0;
done:
    return err;
}

/* Whether the best is good enough, or time is up. */
static bool is_done(const struct search *h, const struct tl_plan_effort *effort)
{
    double bound = h->dual->bound;
    return (h->best_complete && bound - h->best_score <= fmax(effort->gap, 1e-12) * bound) ||
           tl_clock_s() > effort->until_s;
}

static tl_err rounds(struct search *h, const struct tl_plan_effort *effort)
{
    tl_err err = TL_OK;
    int64_t n_tasks = h->m->n_tasks < TASKS_MOST ? h->m->n_tasks : TASKS_MOST;
    int64_t by_size = ROUNDS_LEAST + ROUNDS_A_TASK * n_tasks + ROUNDS_A_BIN * h->m->n_bins;
    int64_t n = effort->n_rounds > 0 ? effort->n_rounds : by_size;
    double score = tl_plan_state_score(h->s);
    for (int64_t i = 0; i < n && h->m->n_cells > 0; i++) {
        double left = 1.0 - (double)i / (double)n;
        double allowance = ALLOWANCE * left * fmax(0.0, h->best_score);
        if (i % LOOK == 0) {
            TL_TRY(tl_cancelled(h->ctx));
            tl_progress_set(h->ctx, (double)i / (double)n);
            if (is_done(h, effort))
                break;
        }
        if (i % REFRESH == REFRESH - 1) {
            tl_plan_state_refresh(h->s);
            score = tl_plan_state_score(h->s);
        }
        TL_TRY(round_of(h, allowance, &score));
        if (score > h->best_score)
            keep_best(h);
    }
done:
    return err;
}

/* All cells that are near, at once. */
static tl_err greedy(struct search *h)
{
    tl_err err = TL_OK;
    double change = 0.0;
    h->n_items = 0;
    for (int64_t i = 0; i < h->near.start[h->m->n_bins]; i++)
        if (h->s->pick[choice_of(h, i)->task] < 0)
            h->items[h->n_items++] = (struct item){key_of(h, i, 0, 0.0), i};
    qsort(h->items, (size_t)h->n_items, sizeof *h->items, by_key);
    TL_TRY(fill(h, &change));
    TL_TRY(exchange(h, &change));
    TL_TRY(fill(h, &change));
done:
    return err;
}

static void restore_best(struct search *h)
{
    tl_plan_state_clear(h->s);
    for (int64_t t = 0; t < h->m->n_tasks; t++)
        if (h->best_pick[t] >= 0)
            tl_plan_state_put(h->s, h->best_pick[t], h->best_year[t]);
}

tl_err tl_plan_heuristic_improve(struct tl_ctx *ctx, const struct tl_plan_dual *dual,
                                 const struct tl_plan_effort *effort, struct tl_plan_state *state)
{
    tl_err err = TL_OK;
    struct search h = {.ctx = ctx, .m = state->m, .dual = dual, .s = state};
    h.rng = tl_rng_make(1, 0x706c616e);
    h.best_score = -INFINITY;
    TL_TRY(tl_plan_near_init(ctx, h.m, dual, TL_PLAN_NEAR_MAX, &h.near));
    TL_TRY_ALLOC(ctx, h.items, h.near.start[h.m->n_bins]);
    TL_TRY_ALLOC(ctx, h.best_pick, h.m->n_tasks);
    TL_TRY_ALLOC(ctx, h.best_year, h.m->n_tasks);
    TL_TRY(greedy(&h));
    keep_best(&h);
    TL_TRY(rounds(&h, effort));
    restore_best(&h);
done:
    tl_plan_near_fini(&h.near);
    tl_free(h.items);
    tl_free(h.moves);
    tl_free(h.best_pick);
    tl_free(h.best_year);
    return err;
}
