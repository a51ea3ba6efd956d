/*
 * Everything that goes over the whole lattice besides the solver: each function is one pass that reads and writes each array
 * once. Work is cut into tiles of 512 x 64 cells that do not depend on the number of threads; a tile's sums are doubles and are
 * added in the tiles' order. The stencil is applied in double precision to single-precision fields, so that a
 * gradient has no rounding of its own: Newton on it is iterative refinement of the single-precision solves.
 */
#include <math.h>
#include <string.h>

#include "field/lattice.h"
#include "par/par.h"

enum { TX = TL_LATTICE_TILE_X, TY = TL_LATTICE_TILE_Y, ALONG = 65536 };

/* Above this an expected count and its products do not fit into single precision any more. */
static const double weight_max = 1e30;

/* Held variances as in the exact engine (mode.c). */
static const double variance_max = 6.0;

static int64_t tiles_across(const struct tl_stencil_grid *grid)
{
    return (grid->n_x + TX - 1) / TX;
}

int64_t tl_lattice_pass_tiles(const struct tl_stencil_grid *grid)
{
    return tiles_across(grid) * ((grid->n_y + TY - 1) / TY);
}

struct tl_lattice_tile tl_lattice_pass_tile(const struct tl_stencil_grid *grid, int64_t tile)
{
    int64_t across = tiles_across(grid);
    struct tl_lattice_tile t = {.x0 = tile % across * TX, .y0 = tile / across * TY};
    t.x1 = t.x0 + TX < grid->n_x ? t.x0 + TX : grid->n_x;
    t.y1 = t.y0 + TY < grid->n_y ? t.y0 + TY : grid->n_y;
    return t;
}

void tl_lattice_pass_k_row(const struct tl_stencil_grid *g, double a, const float *u, int64_t y,
                           int64_t x0, int64_t x1, double *t)
{
    const float *row = u + y * g->n_x, *up = y > 0 ? row - g->n_x : row;
    const float *down = y + 1 < g->n_y ? row + g->n_x : row;
    double inv = 1.0 / a;
    for (int64_t x = x0; x < x1; x++) {
        double here = (double)row[x];
        t[x - x0] = (here - (double)up[x]) + (here - (double)down[x]);
    }
    /* At the edge the missing neighbour is the cell itself. */
    for (int64_t x = x0 > 0 ? x0 : 1; x < x1; x++)
        t[x - x0] += (double)row[x] - (double)row[x - 1];
    int64_t last = x1 < g->n_x ? x1 : g->n_x - 1;
    for (int64_t x = x0; x < last; x++)
        t[x - x0] += (double)row[x] - (double)row[x + 1];
    for (int64_t x = x0; x < x1; x++)
        t[x - x0] = a * (double)row[x] + inv * t[x - x0];
}

/* Three rows of K u around row y of a tile, one column more on each side where there is one. */
struct rolling {
    const struct tl_stencil_grid *grid;
    const float *u;
    double a, c;
    int64_t xa, xb; /* columns held */
    double rows[3][TX + 2];
    double *up, *here, *down;
};

static void roll_start(struct rolling *r, const struct tl_stencil_grid *grid, struct tl_stencil_q q,
                       const float *u, const struct tl_lattice_tile *tile)
{
    r->grid = grid;
    r->u = u;
    r->a = q.a;
    r->c = q.c;
    r->xa = tile->x0 > 0 ? tile->x0 - 1 : 0;
    r->xb = tile->x1 < grid->n_x ? tile->x1 + 1 : grid->n_x;
    r->up = r->rows[0];
    r->here = r->rows[1];
    r->down = r->rows[2];
    if (tile->y0 > 0)
        tl_lattice_pass_k_row(grid, q.a, u, tile->y0 - 1, r->xa, r->xb, r->here);
    tl_lattice_pass_k_row(grid, q.a, u, tile->y0, r->xa, r->xb, r->down);
}

/* Moves to row y; rows must come in order. */
static void roll_to(struct rolling *r, int64_t y)
{
    double *free_row = r->up;
    r->up = r->here;
    r->here = r->down;
    r->down = free_row;
    if (y + 1 < r->grid->n_y)
        tl_lattice_pass_k_row(r->grid, r->a, r->u, y + 1, r->xa, r->xb, r->down);
}

/* out = Q u in row y of the tile; returns c sum (K u)^2 over it. */
static double roll_apply(const struct rolling *r, const struct tl_lattice_tile *tile, int64_t y,
                         double *out)
{
    int64_t n_x = r->grid->n_x, off = tile->x0 - r->xa;
    const double *here = r->here, *up = y > 0 ? r->up : here;
    const double *down = y + 1 < r->grid->n_y ? r->down : here;
    double inv = 1.0 / r->a, form = 0.0;
    for (int64_t x = tile->x0; x < tile->x1; x++) {
        int64_t i = x - tile->x0 + off;
        double t = here[i], left = x > 0 ? here[i - 1] : t, right = x + 1 < n_x ? here[i + 1] : t;
        double lap = ((t - up[i]) + (t - down[i])) + ((t - left) + (t - right));
        form += t * t;
        out[x - tile->x0] = r->c * (r->a * t + inv * lap);
    }
    return r->c * form;
}

double tl_lattice_pass_fixed(const struct tl_lattice_data *d, const double *g, int64_t cell)
{
    double sum = g[0];
    for (int64_t k = 0; k < d->n_cov; k++)
        sum += g[1 + k] * (double)d->x[k][cell];
    return sum;
}

/* Part of a tile's row that lies in the grid (not in the margin): columns of the grid, and the row's first cell. */
struct stretch {
    int64_t y, x0, x1; /* of the grid; x0 >= x1 = nothing */
    int64_t off;       /* place of x0 in the tile's row */
    int64_t cell;      /* of x0 */
};

static struct stretch stretch_of(const struct tl_lattice_data *d,
                                 const struct tl_lattice_tile *tile, int64_t y)
{
    struct stretch s = {.y = y - d->pad, .x0 = tile->x0 - d->pad, .x1 = tile->x1 - d->pad};
    if (s.x0 < 0)
        s.x0 = 0;
    if (s.x1 > d->n_x)
        s.x1 = d->n_x;
    if (s.y < 0 || s.y >= d->n_y)
        s.x1 = s.x0;
    s.off = s.x0 + d->pad - tile->x0;
    s.cell = s.y * d->n_x + s.x0;
    return s;
}

/* Assembling. A tile's part: objective, largest weight, gradient by g [k], D [k * k]. */

struct row_work {
    double eta[TX], half[TX], slope[TX], w[TX];
};

static double *part_of(const struct tl_lattice_mode *m, int64_t tile)
{
    return m->parts + tile * m->part_size;
}

static void row_eta(const struct tl_lattice_mode *m, const struct stretch *s, int64_t base,
                    struct row_work *work)
{
    const struct tl_lattice_data *d = m->data;
    int64_t n = s->x1 - s->x0;
    const float *u = m->u + base + s->off;
    for (int64_t x = 0; x < n; x++)
        work->eta[x] = (double)u[x] + m->g[0];
    for (int64_t k = 0; k < d->n_cov; k++) {
        const float *z = d->x[k] + s->cell;
        for (int64_t x = 0; x < n; x++)
            work->eta[x] += m->g[1 + k] * (double)z[x];
    }
}

/* The held variance of the log-intensity; a channel's own effect adds its part. */
static void row_variance(const struct tl_lattice_mode *m, const struct stretch *s, int64_t base,
                         int32_t effect, bool held, struct row_work *work)
{
    const struct tl_lattice_data *d = m->data;
    int64_t n = s->x1 - s->x0, k = m->k;
    for (int64_t x = 0; x < n; x++)
        work->half[x] = held ? (double)m->variance[s->cell + x] : 0.0;
    if (held && effect >= 0) {
        const double *row = m->held_s + effect * k;
        for (int64_t x = 0; x < n; x++)
            work->half[x] += row[effect] + 2.0 * row[0];
        for (int64_t j = 0; j < d->n_cov; j++)
            for (int64_t x = 0; x < n; x++)
                work->half[x] += 2.0 * row[1 + j] * (double)d->x[j][s->cell + x];
        for (int64_t j = 0; j < k; j++) {
            const float *v = m->v[j] + base + s->off;
            for (int64_t x = 0; x < n; x++)
                work->half[x] -= 2.0 * row[j] * (double)v[x];
        }
    }
}

static void cap_half(const struct stretch *s, struct row_work *work)
{
    for (int64_t x = 0; x < s->x1 - s->x0; x++)
        work->half[x] = 0.5 * fmin(fmax(work->half[x], 0.0), variance_max);
}

/* What one observation adds to g's gradient, or its weight to D's lower half. */
static void add_fixed(const struct tl_lattice_mode *m, int64_t cell, int32_t effect, double slope,
                      double mean, double *gradient, double *d)
{
    const struct tl_lattice_data *data = m->data;
    int64_t k = m->k;
    gradient[0] += slope;
    d[0] += mean;
    for (int64_t j = 0; j < data->n_cov; j++) {
        double z = (double)data->x[j][cell];
        gradient[1 + j] += slope * z;
        d[(1 + j) * k] += mean * z;
        for (int64_t i = 0; i <= j; i++)
            d[(1 + j) * k + 1 + i] += mean * z * (double)data->x[i][cell];
    }
    if (effect < 0)
        return;
    gradient[effect] += slope;
    d[effect * k + effect] += mean;
    d[effect * k] += mean;
    for (int64_t j = 0; j < data->n_cov; j++)
        d[effect * k + 1 + j] += mean * (double)data->x[j][cell];
}

static void row_counts(const struct tl_lattice_mode *m, int64_t c, const struct stretch *s,
                       double shift, struct row_work *work, double *part)
{
    const struct tl_lattice_data *d = m->data;
    const int32_t *columns = d->count_x[c];
    int64_t low = d->count_at[c][s->y], high = d->count_at[c][s->y + 1];
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (columns[middle] < s->x0)
            low = middle + 1;
        else
            high = middle;
    }
    for (int64_t at = low; at < d->count_at[c][s->y + 1] && columns[at] < s->x1; at++) {
        int64_t x = columns[at] - s->x0;
        double count = (double)d->count[c][at];
        part[0] -= count * (work->eta[x] + shift);
        work->slope[x] -= count;
        int32_t effect = d->scale.effect[c];
        double *gradient = part + 2;
        gradient[0] -= count;
        for (int64_t j = 0; j < d->n_cov; j++)
            gradient[1 + j] -= count * (double)d->x[j][s->cell + x];
        if (effect >= 0)
            gradient[effect] -= count;
    }
}

static void row_channel(const struct tl_lattice_mode *m, int64_t c, const struct stretch *s,
                        int64_t base, struct row_work *work, double *part)
{
    const struct tl_lattice_data *d = m->data;
    int32_t effect = d->scale.effect[c];
    double shift = effect >= 0 ? m->g[effect] : 0.0;
    const float *effort = d->effort[c] + s->cell;
    float *keep = m->mean[c] != NULL ? m->mean[c] + s->cell : NULL;
    row_variance(m, s, base, effect, m->correct, work);
    cap_half(s, work);
    for (int64_t x = 0; x < s->x1 - s->x0; x++) {
        double mean = 0.0;
        if (effort[x] > 0.0F) {
            mean = (double)effort[x] * exp(work->eta[x] + shift + work->half[x]);
            part[0] += mean;
            part[1] = fmax(part[1], mean);
            work->w[x] += mean;
            work->slope[x] += mean;
            add_fixed(m, s->cell + x, effect, mean, mean, part + 2, part + 2 + m->k);
        }
        if (keep != NULL)
            keep[x] = (float)mean;
    }
    row_counts(m, c, s, shift, work, part);
}

static void assemble_tile(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct tl_lattice_mode *m = user;
    const struct tl_lattice_data *d = m->data;
    (void)last;
    (void)chunk;
    struct tl_lattice_tile tile = tl_lattice_pass_tile(&d->grid, first);
    double *part = part_of(m, first), q_row[TX];
    struct rolling roll;
    struct row_work work;
    memset(part, 0, (size_t)m->part_size * sizeof *part);
    roll_start(&roll, &d->grid, m->q, m->u, &tile);
    for (int64_t y = tile.y0; y < tile.y1; y++) {
        int64_t base = y * d->grid.n_x + tile.x0;
        struct stretch s = stretch_of(d, &tile, y);
        float *w = m->w + base, *gradient = m->gradient + base;
        roll_to(&roll, y);
        part[0] += 0.5 * roll_apply(&roll, &tile, y, q_row);
        for (int64_t x = 0; x < tile.x1 - tile.x0; x++) {
            gradient[x] = (float)q_row[x];
            w[x] = 0.0F;
        }
        if (s.x0 >= s.x1)
            continue;
        memset(work.slope, 0, sizeof work.slope);
        memset(work.w, 0, sizeof work.w);
        row_eta(m, &s, base, &work);
        for (int64_t c = 0; c < d->n_channels; c++)
            row_channel(m, c, &s, base, &work, part);
        for (int64_t x = 0; x < s.x1 - s.x0; x++) {
            gradient[s.off + x] = (float)(q_row[s.off + x] + work.slope[x]);
            w[s.off + x] = (float)fmin(work.w[x], weight_max);
        }
    }
}

tl_err tl_lattice_pass_assemble(struct tl_ctx *ctx, struct tl_lattice_mode *m)
{
    int64_t k = m->k;
    const struct tl_model_scale *scale = &m->data->scale;
    double most = 0.0;
    tl_par_for(ctx, m->n_tiles, 1, assemble_tile, m);
    if (tl_is_cancelled(ctx))
        return tl_cancelled(ctx);
    m->objective = 0.0;
    memset(m->d, 0, (size_t)(k * k) * sizeof *m->d);
    for (int64_t j = 0; j < k; j++) {
        double off = m->g[j] - scale->prior_mean[j];
        m->objective += 0.5 * scale->prior_prec[j] * off * off;
        m->gradient_g[j] = scale->prior_prec[j] * off;
        m->d[j * k + j] = scale->prior_prec[j];
    }
    for (int64_t t = 0; t < m->n_tiles; t++) {
        const double *part = part_of(m, t);
        m->objective += part[0];
        most = fmax(most, part[1]);
        for (int64_t j = 0; j < k; j++) {
            m->gradient_g[j] += part[2 + j];
            for (int64_t i = 0; i <= j; i++)
                m->d[j * k + i] += part[2 + k + j * k + i];
        }
    }
    for (int64_t j = 0; j < k; j++)
        for (int64_t i = 0; i < j; i++)
            m->d[i * k + j] = m->d[j * k + i];
    /* Such a point is never accepted: its objective is above any that Newton comes from. */
    if (!(most <= weight_max))
        m->objective = INFINITY;
    m->w_is_set = false;
    return TL_OK;
}

/* The border. */

struct column_job {
    const struct tl_lattice_mode *m;
    int64_t j;
    float *out;
};

static void column_tile(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct column_job *job = user;
    const struct tl_lattice_mode *m = job->m;
    const struct tl_lattice_data *d = m->data;
    struct tl_lattice_tile tile = tl_lattice_pass_tile(&d->grid, first);
    const float *mean = NULL;
    (void)last;
    (void)chunk;
    for (int64_t c = 0; c < d->n_channels; c++)
        if (d->scale.effect[c] == job->j)
            mean = m->mean[c];
    for (int64_t y = tile.y0; y < tile.y1; y++) {
        int64_t base = y * d->grid.n_x + tile.x0;
        struct stretch s = stretch_of(d, &tile, y);
        memset(job->out + base, 0, (size_t)(tile.x1 - tile.x0) * sizeof *job->out);
        for (int64_t x = 0; x < s.x1 - s.x0; x++) {
            int64_t at = base + s.off + x, cell = s.cell + x;
            if (job->j > d->n_cov)
                job->out[at] = mean != NULL ? mean[cell] : 0.0F;
            else
                job->out[at] = job->j == 0 ? m->w[at] : m->w[at] * d->x[job->j - 1][cell];
        }
    }
}

void tl_lattice_pass_column(struct tl_ctx *ctx, const struct tl_lattice_mode *m, int64_t j,
                            float *out)
{
    struct column_job job = {m, j, out};
    tl_par_for(ctx, m->n_tiles, 1, column_tile, &job);
}

/* What one cell of weight w adds to B'V: rows of `part` are B's columns. */
static void border_cell(const struct tl_lattice_mode *m, int64_t at, int64_t cell, double w,
                        double *part)
{
    const struct tl_lattice_data *d = m->data;
    int64_t k = m->k;
    for (int64_t i = 0; i < k; i++) {
        double v = (double)m->v[i][at];
        part[i] += w * v;
        for (int64_t j = 0; j < d->n_cov; j++)
            part[(1 + j) * k + i] += w * (double)d->x[j][cell] * v;
    }
    for (int64_t c = 0; c < d->n_channels; c++) {
        const float *mean = m->mean[c];
        for (int64_t i = 0; i < k && mean != NULL; i++)
            part[d->scale.effect[c] * k + i] += (double)mean[cell] * (double)m->v[i][at];
    }
}

static void border_row(const struct tl_lattice_mode *m, const struct stretch *s, int64_t base,
                       double *part)
{
    for (int64_t x = 0; x < s->x1 - s->x0; x++) {
        int64_t at = base + s->off + x;
        double w = (double)m->w[at];
        if (w > 0.0)
            border_cell(m, at, s->cell + x, w, part);
    }
}

static void border_tile(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct tl_lattice_mode *m = user;
    struct tl_lattice_tile tile = tl_lattice_pass_tile(&m->data->grid, first);
    double *part = part_of(m, first);
    (void)last;
    (void)chunk;
    memset(part, 0, (size_t)m->part_size * sizeof *part);
    for (int64_t y = tile.y0; y < tile.y1; y++) {
        struct stretch s = stretch_of(m->data, &tile, y);
        border_row(m, &s, y * m->data->grid.n_x + tile.x0, part);
    }
}

void tl_lattice_pass_border(struct tl_ctx *ctx, struct tl_lattice_mode *m)
{
    int64_t size = m->k * m->k;
    tl_par_for(ctx, m->n_tiles, 1, border_tile, m);
    memset(m->border, 0, (size_t)size * sizeof *m->border);
    for (int64_t t = 0; t < m->n_tiles; t++)
        for (int64_t i = 0; i < size; i++)
            m->border[i] += part_of(m, t)[i];
}

static void combine_tile(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct tl_lattice_mode *m = user;
    int64_t n = m->n;
    double *part = m->parts + chunk * 2;
    part[0] = part[1] = 0.0;
    for (int64_t i = first; i < last && i < n; i++) {
        double sum = (double)m->step[i];
        for (int64_t j = 0; j < m->k; j++)
            sum -= (double)m->v[j][i] * m->dg[j];
        m->step[i] = (float)sum;
        part[0] = fmax(part[0], fabs(sum));
        part[1] += sum * (double)m->gradient[i];
    }
}

void tl_lattice_pass_combine(struct tl_ctx *ctx, struct tl_lattice_mode *m)
{
    int64_t n_chunks = (m->n + ALONG - 1) / ALONG;
    tl_par_for(ctx, m->n, ALONG, combine_tile, m);
    m->longest = m->decrement = 0.0;
    for (int64_t c = 0; c < n_chunks; c++) {
        m->longest = fmax(m->longest, m->parts[2 * c]);
        m->decrement += m->parts[2 * c + 1];
    }
    for (int64_t j = 0; j < m->k; j++)
        m->decrement += m->gradient_g[j] * m->dg[j];
}

struct move_job {
    struct tl_lattice_mode *m;
    double t;
};

static void move_chunk(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct move_job *job = user;
    (void)chunk;
    for (int64_t i = first; i < last; i++)
        job->m->u[i] = (float)((double)job->m->u[i] + job->t * (double)job->m->step[i]);
}

void tl_lattice_pass_move(struct tl_ctx *ctx, struct tl_lattice_mode *m, double t)
{
    struct move_job job = {m, t};
    tl_par_for(ctx, m->n, ALONG, move_chunk, &job);
    for (int64_t j = 0; j < m->k; j++)
        m->g[j] += t * m->dg[j];
}

struct dot_job {
    const float *a, *b;
};

static double dot_term(void *user, int64_t first, int64_t last)
{
    const struct dot_job *job = user;
    double sum = 0.0;
    for (int64_t i = first; i < last; i++)
        sum += (double)job->a[i] * (double)job->b[i];
    return sum;
}

double tl_lattice_pass_dot(struct tl_ctx *ctx, int64_t n, const float *a, const float *b)
{
    struct dot_job job = {a, b};
    return tl_par_sum(ctx, n, dot_term, &job);
}

/* Forms of the prior. */

struct form_job {
    struct tl_lattice_mode *m;
    const float *p, *y, *weight;
};

static void form_tile(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct form_job *job = user;
    struct tl_lattice_mode *m = job->m;
    const struct tl_stencil_grid *g = &m->data->grid;
    struct tl_lattice_tile tile = tl_lattice_pass_tile(g, first);
    double *part = part_of(m, first), kp[TX], ky[TX];
    (void)last;
    (void)chunk;
    part[0] = part[1] = 0.0;
    for (int64_t y = tile.y0; y < tile.y1; y++) {
        int64_t base = y * g->n_x + tile.x0;
        tl_lattice_pass_k_row(g, m->q.a, job->y, y, tile.x0, tile.x1, ky);
        const double *left = ky;
        if (job->p != job->y) {
            tl_lattice_pass_k_row(g, m->q.a, job->p, y, tile.x0, tile.x1, kp);
            left = kp;
        }
        for (int64_t x = 0; x < tile.x1 - tile.x0; x++) {
            double w = job->weight != NULL ? (double)job->weight[base + x] : 1.0;
            part[0] += left[x] * ky[x];
            part[1] += w * (double)job->p[base + x] * ky[x];
        }
    }
}

void tl_lattice_pass_forms(struct tl_ctx *ctx, struct tl_lattice_mode *m, const float *p,
                           const float *y, const float *weight, double out[2])
{
    struct form_job job = {m, p, y, weight};
    tl_par_for(ctx, m->n_tiles, 1, form_tile, &job);
    out[0] = out[1] = 0.0;
    for (int64_t t = 0; t < m->n_tiles; t++) {
        out[0] += part_of(m, t)[0];
        out[1] += part_of(m, t)[1];
    }
}

/* Variances. */

static void add_border_row(const struct tl_lattice_mode *m, int64_t y)
{
    const struct tl_lattice_data *d = m->data;
    int64_t k = m->k, n_base = 1 + d->n_cov;
    for (int64_t x = 0; x < d->n_x; x++) {
        int64_t cell = y * d->n_x + x, at = (y + d->pad) * d->grid.n_x + x + d->pad;
        double sum = (double)m->variance[cell], off[TL_LATTICE_FIXED_MAX];
        if (d->inside != NULL && d->inside[cell] == 0)
            continue;
        for (int64_t j = 0; j < k; j++) {
            double z = j == 0 ? 1.0 : j < n_base ? (double)d->x[j - 1][cell] : 0.0;
            off[j] = z - (double)m->v[j][at];
        }
        for (int64_t j = 0; j < k; j++) {
            sum += m->inverse_s[j * k + j] * off[j] * off[j];
            for (int64_t i = 0; i < j; i++)
                sum += 2.0 * m->inverse_s[j * k + i] * off[j] * off[i];
        }
        m->variance[cell] = (float)sum;
    }
}

static void add_border_chunk(void *user, int64_t first, int64_t last, int64_t chunk)
{
    (void)chunk;
    for (int64_t y = first; y < last; y++)
        add_border_row(user, y);
}

void tl_lattice_pass_add_border(struct tl_ctx *ctx, struct tl_lattice_mode *m)
{
    tl_par_for(ctx, m->data->n_y, 8, add_border_chunk, m);
    memcpy(m->held_s, m->inverse_s, (size_t)(m->k * m->k) * sizeof *m->held_s);
}

/* A tile's part: t by g [k]. */
static void weights_row(const struct tl_lattice_mode *m, const struct stretch *s, int64_t base,
                        struct row_work *work, double *part)
{
    const struct tl_lattice_data *d = m->data;
    row_eta(m, s, base, work);
    for (int64_t c = 0; c < d->n_channels; c++) {
        int32_t effect = d->scale.effect[c];
        double shift = effect >= 0 ? m->g[effect] : 0.0;
        const float *effort = d->effort[c] + s->cell;
        row_variance(m, s, base, effect, true, work);
        for (int64_t x = 0; x < s->x1 - s->x0; x++) {
            if (!(effort[x] > 0.0F))
                continue;
            double t = (double)effort[x] * exp(work->eta[x] + shift) * work->half[x];
            work->slope[x] += t;
            part[0] += t;
            for (int64_t j = 0; j < d->n_cov; j++)
                part[1 + j] += t * (double)d->x[j][s->cell + x];
            if (effect >= 0)
                part[effect] += t;
        }
    }
}

struct weights_job {
    struct tl_lattice_mode *m;
    float *out;
};

static void weights_tile(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct weights_job *job = user;
    struct tl_lattice_mode *m = job->m;
    const struct tl_lattice_data *d = m->data;
    struct tl_lattice_tile tile = tl_lattice_pass_tile(&d->grid, first);
    double *part = part_of(m, first);
    struct row_work work;
    (void)last;
    (void)chunk;
    memset(part, 0, (size_t)m->part_size * sizeof *part);
    for (int64_t y = tile.y0; y < tile.y1; y++) {
        int64_t base = y * d->grid.n_x + tile.x0;
        struct stretch s = stretch_of(d, &tile, y);
        memset(job->out + base, 0, (size_t)(tile.x1 - tile.x0) * sizeof *job->out);
        memset(work.slope, 0, sizeof work.slope);
        if (s.x0 >= s.x1)
            continue;
        weights_row(m, &s, base, &work, part);
        for (int64_t x = 0; x < s.x1 - s.x0; x++)
            job->out[base + s.off + x] = (float)work.slope[x];
    }
}

void tl_lattice_pass_weights(struct tl_ctx *ctx, struct tl_lattice_mode *m, float *out_u,
                             double *out_g)
{
    struct weights_job job = {m, out_u};
    tl_par_for(ctx, m->n_tiles, 1, weights_tile, &job);
    memset(out_g, 0, (size_t)m->k * sizeof *out_g);
    for (int64_t t = 0; t < m->n_tiles; t++)
        for (int64_t j = 0; j < m->k; j++)
            out_g[j] += part_of(m, t)[j];
}

struct slopes_job {
    const struct tl_lattice_mode *m;
    float **out;
};

/* dQ/d log range = 2 Q - 4 c a K, dQ/d log sigma = -2 Q. */
static void slopes_tile(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct slopes_job *job = user;
    const struct tl_lattice_mode *m = job->m;
    const struct tl_stencil_grid *g = &m->data->grid;
    struct tl_lattice_tile tile = tl_lattice_pass_tile(g, first);
    struct rolling roll;
    double q_row[TX];
    (void)last;
    (void)chunk;
    roll_start(&roll, g, m->q, m->u, &tile);
    for (int64_t y = tile.y0; y < tile.y1; y++) {
        int64_t base = y * g->n_x + tile.x0, off = tile.x0 - roll.xa;
        roll_to(&roll, y);
        (void)roll_apply(&roll, &tile, y, q_row);
        for (int64_t x = 0; x < tile.x1 - tile.x0; x++) {
            job->out[0][base + x] =
                (float)(2.0 * q_row[x] - 4.0 * m->q.c * m->q.a * roll.here[off + x]);
            job->out[1][base + x] = (float)(-2.0 * q_row[x]);
        }
    }
}

void tl_lattice_pass_slopes(struct tl_ctx *ctx, struct tl_lattice_mode *m, float *out[2])
{
    struct slopes_job job = {m, out};
    tl_par_for(ctx, m->n_tiles, 1, slopes_tile, &job);
}

struct square_job {
    const struct tl_lattice_data *d;
    const float *x;
    double factor;
    float *square;
};

static void square_rows(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct square_job *job = user;
    const struct tl_lattice_data *d = job->d;
    (void)chunk;
    for (int64_t y = first; y < last; y++) {
        const float *x = job->x + (y + d->pad) * d->grid.n_x + d->pad;
        for (int64_t i = 0; i < d->n_x; i++)
            job->square[y * d->n_x + i] += (float)(job->factor * (double)x[i] * (double)x[i]);
    }
}

void tl_lattice_pass_add_square(struct tl_ctx *ctx, const struct tl_lattice_mode *m, const float *x,
                                double factor, float *square)
{
    struct square_job job = {m->data, x, factor, square};
    tl_par_for(ctx, m->data->n_y, 16, square_rows, &job);
}

struct weighted_job {
    const struct tl_lattice_mode *m;
    const float *values;
    double *part;
};

static void weighted_rows(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct weighted_job *job = user;
    const struct tl_lattice_data *d = job->m->data;
    double sum = 0.0;
    for (int64_t y = first; y < last; y++) {
        const float *w = job->m->w + (y + d->pad) * d->grid.n_x + d->pad;
        for (int64_t x = 0; x < d->n_x; x++)
            sum += (double)w[x] * (double)job->values[y * d->n_x + x];
    }
    job->part[chunk] = sum;
}

double tl_lattice_pass_weighted(struct tl_ctx *ctx, const struct tl_lattice_mode *m,
                                const float *values)
{
    /* As many chunks as a tile has rows apart at most, so that the parts fit. */
    struct weighted_job job = {m, values, m->parts};
    int64_t n_chunks = (m->data->n_y + TY - 1) / TY;
    double sum = 0.0;
    tl_par_for(ctx, m->data->n_y, TY, weighted_rows, &job);
    for (int64_t c = 0; c < n_chunks; c++)
        sum += m->parts[c];
    return sum;
}

struct unexplained_job {
    const struct tl_lattice_mode *m;
    int64_t c;
    float *out;
};

static void unexplained_tile(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct unexplained_job *job = user;
    const struct tl_lattice_mode *m = job->m;
    const struct tl_lattice_data *d = m->data;
    struct tl_lattice_tile tile = tl_lattice_pass_tile(&d->grid, first);
    int32_t effect = d->scale.effect[job->c];
    double shift = effect >= 0 ? m->g[effect] : 0.0;
    struct row_work work;
    (void)last;
    (void)chunk;
    for (int64_t y = tile.y0; y < tile.y1; y++) {
        int64_t base = y * d->grid.n_x + tile.x0;
        struct stretch s = stretch_of(d, &tile, y);
        memset(job->out + base, 0, (size_t)(tile.x1 - tile.x0) * sizeof *job->out);
        if (s.x0 >= s.x1)
            continue;
        row_eta(m, &s, base, &work);
        row_variance(m, &s, base, effect, m->correct, &work);
        cap_half(&s, &work);
        const float *effort = d->effort[job->c] + s.cell;
        for (int64_t x = 0; x < s.x1 - s.x0; x++)
            if (effort[x] > 0.0F)
                job->out[base + s.off + x] =
                    (float)(-(double)effort[x] * exp(work.eta[x] + shift + work.half[x]));
        for (int64_t at = d->count_at[job->c][s.y]; at < d->count_at[job->c][s.y + 1]; at++) {
            int64_t x = d->count_x[job->c][at];
            if (x >= s.x0 && x < s.x1)
                job->out[base + s.off + x - s.x0] += d->count[job->c][at];
        }
    }
}

void tl_lattice_pass_unexplained(struct tl_ctx *ctx, const struct tl_lattice_mode *m, int64_t c,
                                 float *out)
{
    struct unexplained_job job = {m, c, out};
    tl_par_for(ctx, m->n_tiles, 1, unexplained_tile, &job);
}
