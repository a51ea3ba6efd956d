/*
 * A gradient costs about three factorisations, so the maximum is sought with BFGS on gradients and a curvature carried
 * up from coarser lattices; the search ends when the expected gain is a small part of a unit of log posterior: the
 * design around it does not need the exact maximum, because each node is weighed by its own value.
 */
#include "field/theta.h"

#include <math.h>
#include <string.h>

enum { SEARCH_MAX = 40 };

static const double step_max = 1.2; /* longest step in log range and log sigma */

static void clamp(const struct tl_theta_limits *limits, double t[2])
{
    for (int j = 0; j < 2; j++)
        t[j] = fmin(fmax(t[j], limits->low[j]), limits->high[j]);
}

/* Eigenvalues descending and the eigenvectors as columns of e. */
static void eigen(const double c[3], double value[2], double e[2][2])
{
    double half = 0.5 * (c[0] - c[2]), root = hypot(half, c[1]), mean = 0.5 * (c[0] + c[2]);
    value[0] = mean + root;
    value[1] = mean - root;
    double angle = 0.5 * atan2(c[1], half);
    e[0][0] = cos(angle);
    e[1][0] = sin(angle);
    e[0][1] = -sin(angle);
    e[1][1] = cos(angle);
}

/* Not flatter than the priors could ever be alone. */
static void make_positive(double c[3])
{
    double value[2], e[2][2];
    eigen(c, value, e);
    for (int k = 0; k < 2; k++)
        value[k] = fmin(fmax(fabs(value[k]), 0.15), 1e9);
    c[0] = value[0] * e[0][0] * e[0][0] + value[1] * e[0][1] * e[0][1];
    c[1] = value[0] * e[0][0] * e[1][0] + value[1] * e[0][1] * e[1][1];
    c[2] = value[0] * e[1][0] * e[1][0] + value[1] * e[1][1] * e[1][1];
}

static void newton_step(const double c[3], const double g[2], double step[2])
{
    double det = c[0] * c[2] - c[1] * c[1];
    step[0] = (c[2] * g[0] - c[1] * g[1]) / det;
    step[1] = (c[0] * g[1] - c[1] * g[0]) / det;
    double longest = fmax(fabs(step[0]), fabs(step[1]));
    for (int j = 0; j < 2 && longest > step_max; j++)
        step[j] *= step_max / longest;
}

void tl_theta_update_curvature(double c[3], const struct tl_laplace_point *a,
                               const struct tl_laplace_point *b)
{
    double s[2], y[2], cs[2];
    for (int j = 0; j < 2; j++) {
        s[j] = b->t[j] - a->t[j];
        y[j] = a->gradient[j] - b->gradient[j];
    }
    cs[0] = c[0] * s[0] + c[1] * s[1];
    cs[1] = c[1] * s[0] + c[2] * s[1];
    double ys = y[0] * s[0] + y[1] * s[1], scs = cs[0] * s[0] + cs[1] * s[1];
    if (!(ys > 0.05 * scs))
        return;
    c[0] += y[0] * y[0] / ys - cs[0] * cs[0] / scs;
    c[1] += y[0] * y[1] / ys - cs[0] * cs[1] / scs;
    c[2] += y[1] * y[1] / ys - cs[1] * cs[1] / scs;
    make_positive(c);
}

static tl_err evaluate(struct tl_ctx *ctx, struct tl_laplace *l, struct tl_theta *theta,
                       const double t[2], struct tl_laplace_point *point)
{
    theta->n_points++;
    return tl_laplace_at(ctx, l, t, point);
}

static tl_err differences_at_best(struct tl_ctx *ctx, struct tl_laplace *l, struct tl_theta *theta)
{
    tl_err err = TL_OK;
    double rows[2][2];
    for (int j = 0; j < 2; j++) {
        struct tl_laplace_point p;
        double step = 0.12, t[2] = {theta->best.t[0], theta->best.t[1]};
        t[j] += step;
        TL_TRY(evaluate(ctx, l, theta, t, &p));
        for (int k = 0; k < 2; k++)
            rows[j][k] = (theta->best.gradient[k] - p.gradient[k]) / step;
    }
    theta->curvature[0] = rows[0][0];
    theta->curvature[1] = 0.5 * (rows[0][1] + rows[1][0]);
    theta->curvature[2] = rows[1][1];
    make_positive(theta->curvature);
    theta->has_curvature = true;
done:
    return err;
}

tl_err tl_theta_maximise(struct tl_ctx *ctx, struct tl_laplace *l,
                         const struct tl_theta_limits *limits, double gain, bool differences,
                         struct tl_theta *theta)
{
    tl_err err = TL_OK;
    double t[2] = {theta->best.t[0], theta->best.t[1]}, step[2], shrink = 1.0;
    clamp(limits, t);
    TL_TRY(evaluate(ctx, l, theta, t, &theta->best));
    tl_laplace_set_centre(l, t);
    if (!theta->has_curvature)
        TL_TRY(differences_at_best(ctx, l, theta));
    for (int k = 0; k < SEARCH_MAX; k++) {
        struct tl_laplace_point next;
        newton_step(theta->curvature, theta->best.gradient, step);
        double expected =
            0.5 * (step[0] * theta->best.gradient[0] + step[1] * theta->best.gradient[1]);
        if (expected < gain)
            break;
        for (int j = 0; j < 2; j++)
            t[j] = theta->best.t[j] + shrink * step[j];
        clamp(limits, t);
        if (t[0] == theta->best.t[0] && t[1] == theta->best.t[1])
            break;
        TL_TRY(evaluate(ctx, l, theta, t, &next));
        tl_theta_update_curvature(theta->curvature, &theta->best, &next);
        if (next.value > theta->best.value - 1e-3) {
            theta->best = next;
            tl_laplace_set_centre(l, t);
            shrink = 1.0;
        } else {
            shrink *= 0.4;
        }
        if (shrink < 1e-3)
            break;
    }
    if (differences)
        TL_TRY(differences_at_best(ctx, l, theta));
done:
    return err;
}

/* The design. */

struct design_run {
    struct tl_laplace *laplace;
    const struct tl_theta_limits *limits;
    struct tl_theta *theta;
    tl_theta_visit visit;
    void *user;
    struct tl_theta_design *design;
};

static void place(const struct design_run *r, const double z[2], double t[2])
{
    for (int j = 0; j < 2; j++)
        t[j] = r->theta->best.t[j] + r->design->axes[j][0] * z[0] + r->design->axes[j][1] * z[1];
}

/* A convex polygon's corners: a node's cell, four of them, gets one more at most from each of the limits. */
enum { CORNERS_MAX = 8 };

struct polygon {
    int n;
    double at[CORNERS_MAX][2];
};

/* What of p lies on the side `sign` of t[axis] = limit (Sutherland, Hodgman). */
static void cut(struct polygon *p, int axis, double limit, double sign)
{
    struct polygon kept = {0};
    for (int k = 0; k < p->n; k++) {
        const double *a = p->at[k], *b = p->at[(k + 1) % p->n];
        double from = sign * (a[axis] - limit), to = sign * (b[axis] - limit);
        if (from >= 0.0) {
            kept.at[kept.n][0] = a[0];
            kept.at[kept.n++][1] = a[1];
        }
        if ((from > 0.0 && to < 0.0) || (from < 0.0 && to > 0.0)) {
            double share = from / (from - to);
            for (int j = 0; j < 2; j++)
                kept.at[kept.n][j] = a[j] + share * (b[j] - a[j]);
            kept.n++;
        }
    }
    *p = kept;
}

static double area_of(const struct polygon *p, double centre[2])
{
    double area = 0.0;
    centre[0] = centre[1] = 0.0;
    for (int k = 1; k + 1 < p->n; k++) {
        const double *o = p->at[0], *a = p->at[k], *b = p->at[k + 1];
        double part = 0.5 * fabs((a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]));
        area += part;
        for (int j = 0; j < 2; j++)
            centre[j] += part * (o[j] + a[j] + b[j]) / 3.0;
    }
    for (int j = 0; j < 2 && area > 0.0; j++)
        centre[j] /= area;
    return area;
}

/*
 * The share of a node's cell (a step of the grid wide) that the limits leave; where they cut it the node moves to the middle of what is
 * left. Without this a design of steps of a whole sd ends anywhere between the limit and a step before it, and where theta is as flat
 * as its prior much of the variance sits there.
 */
static double move_inside(const struct design_run *r, double z[2])
{
    const struct tl_theta_design *d = r->design;
    static const double around[4][2] = {{-0.5, -0.5}, {0.5, -0.5}, {0.5, 0.5}, {-0.5, 0.5}};
    struct polygon p = {.n = 4};
    double centre[2], whole, left;
    for (int k = 0; k < 4; k++)
        place(r, (const double[2]){z[0] + around[k][0], z[1] + around[k][1]}, p.at[k]);
    whole = area_of(&p, centre);
    for (int j = 0; j < 2; j++) {
        cut(&p, j, r->limits->low[j], 1.0);
        cut(&p, j, r->limits->high[j], -1.0);
    }
    left = area_of(&p, centre) / whole;
    if (!(left > 1e-3))
        return 0.0;
    if (left > 1.0 - 1e-9)
        return 1.0;
    double det = d->axes[0][0] * d->axes[1][1] - d->axes[0][1] * d->axes[1][0];
    for (int j = 0; j < 2; j++)
        centre[j] -= r->theta->best.t[j];
    z[0] = (d->axes[1][1] * centre[0] - d->axes[0][1] * centre[1]) / det;
    z[1] = (d->axes[0][0] * centre[1] - d->axes[1][0] * centre[0]) / det;
    return left;
}

static bool is_outside(const struct tl_theta_limits *limits, const double t[2])
{
    bool outside = false;
    for (int j = 0; j < 2; j++)
        outside = outside || t[j] < limits->low[j] - 1e-9 || t[j] > limits->high[j] + 1e-9;
    return outside;
}

/* A node at z; *value = -INFINITY where the limits leave nothing of it. Weights are log densities until weigh(). */
static tl_err add_node(struct tl_ctx *ctx, struct design_run *r, const double z[2], double share,
                       double *value)
{
    tl_err err = TL_OK;
    struct tl_theta_design *d = r->design;
    struct tl_theta_node *node = &d->nodes[d->n];
    double t[2];
    TL_ASSERT(ctx, d->n < d->room);
    memcpy(node->z, z, sizeof node->z);
    place(r, z, t);
    *value = -INFINITY;
    if (!(share > 0.0) || is_outside(r->limits, t))
        goto done;
    TL_TRY(evaluate(ctx, r->laplace, r->theta, t, &node->point));
    TL_TRY(r->visit(ctx, r->user, node, d->n));
    *value = node->point.value;
    node->weight = node->point.value + log(share);
    d->n++;
    tl_progress_set(ctx, (double)d->n / (double)(d->n + 4));
done:
    return err;
}

static tl_err add_cell(struct tl_ctx *ctx, struct design_run *r, int a, int b, double *value)
{
    double z[2] = {a, b}, share = move_inside(r, z);
    return add_node(ctx, r, z, share, value);
}

/* Weights from log densities; returns the log of their sum. */
static double weigh(struct tl_theta_design *d)
{
    double top = -INFINITY, sum = 0.0;
    for (int64_t k = 0; k < d->n; k++)
        top = fmax(top, d->nodes[k].weight);
    for (int64_t k = 0; k < d->n; k++) {
        d->nodes[k].weight = exp(d->nodes[k].weight - top);
        sum += d->nodes[k].weight;
    }
    for (int64_t k = 0; k < d->n; k++)
        d->nodes[k].weight /= sum;
    return log(sum) + top;
}

/* Quadrature rules for a Gaussian in two dimensions: 5 points (degree 3) or 7 (Radon's hexagon, degree 5). */
static tl_err few_points(struct tl_ctx *ctx, struct design_run *r, int n_around)
{
    tl_err err = TL_OK;
    struct tl_theta_design *d = r->design;
    double radius = n_around == 4 ? sqrt(3.0) : 2.0, value, z[2] = {0.0, 0.0};
    double around = n_around == 4 ? 1.0 / 6.0 : 1.0 / 12.0;
    TL_TRY(add_node(ctx, r, z, 1.0 - n_around * around, &value));
    for (int k = 0; k < n_around; k++) {
        double angle = 2.0 * 3.14159265358979323846 * k / n_around;
        z[0] = radius * cos(angle);
        z[1] = radius * sin(angle);
        TL_TRY(add_node(ctx, r, z, around, &value));
    }
    for (int64_t k = 0; k < d->n; k++) {
        struct tl_theta_node *node = &d->nodes[k];
        node->weight += 0.5 * (node->z[0] * node->z[0] + node->z[1] * node->z[1]);
    }
    d->spacing = radius;
    d->log_evidence = weigh(d) + log(2.0 * 3.14159265358979323846);
done:
    return err;
}

enum { REACH = 9 }; /* steps along an axis at most */

static tl_err walk_axis(struct tl_ctx *ctx, struct design_run *r, int axis, double drop,
                        double fall[2 * REACH + 1])
{
    tl_err err = TL_OK;
    for (int k = 0; k <= 2 * REACH; k++)
        fall[k] = INFINITY;
    fall[REACH] = 0.0;
    for (int sign = -1; sign <= 1; sign += 2)
        for (int k = 1; k <= REACH; k++) {
            double value;
            TL_TRY(add_cell(ctx, r, axis == 0 ? sign * k : 0, axis == 0 ? 0 : sign * k, &value));
            double down = r->design->nodes[0].point.value - value;
            fall[REACH + sign * k] = down;
            if (down > drop)
                break;
        }
done:
    return err;
}

/*
 * Trapezoid rule on a grid of one standard deviation: exact to nine digits for a Gaussian (INLA's grid strategy). Where theta is
 * `flat`, falls off like an exponential and not like a Gaussian, the corners of the grid count as well: the variance
 * that a far range or a large sigma brings outweighs that they are improbable.
 */
static tl_err grid_points(struct tl_ctx *ctx, struct design_run *r, bool flat)
{
    tl_err err = TL_OK;
    struct tl_theta_design *d = r->design;
    const double drop = 6.0, corner = flat ? 2.0 * drop : drop;
    double fall[2][2 * REACH + 1], value;
    TL_TRY(add_cell(ctx, r, 0, 0, &value));
    TL_TRY(walk_axis(ctx, r, 0, drop, fall[0]));
    TL_TRY(walk_axis(ctx, r, 1, drop, fall[1]));
    for (int a = -REACH; a <= REACH; a++)
        for (int b = -REACH; b <= REACH; b++)
            if (a != 0 && b != 0 && fall[0][a + REACH] + fall[1][b + REACH] < corner &&
                d->n < d->room)
                TL_TRY(add_cell(ctx, r, a, b, &value));
    d->spacing = 1.0;
    d->log_evidence = weigh(d);
done:
    return err;
}

tl_err tl_theta_integrate(struct tl_ctx *ctx, struct tl_laplace *l,
                          const struct tl_theta_limits *limits, struct tl_theta *theta, bool fine,
                          tl_theta_visit visit, void *user, struct tl_theta_design *design)
{
    tl_err err = TL_OK;
    struct tl_theta_design d = {.room = TL_THETA_NODES_MAX};
    double value[2], e[2][2], det = 1.0, widest = 0.0;
    struct design_run r = {l, limits, theta, visit, user, &d};
    TL_TRY_ALLOC(ctx, d.nodes, d.room);
    eigen(theta->curvature, value, e);
    for (int k = 0; k < 2; k++) {
        double sd = 1.0 / sqrt(value[k]);
        det *= sd;
        widest = fmax(widest, sd);
        for (int j = 0; j < 2; j++)
            d.axes[j][k] = e[j][k] * sd;
    }
    /* The centre of the expected posterior, which the search left a little short of. */
    double step[2];
    newton_step(theta->curvature, theta->best.gradient, step);
    for (int j = 0; j < 2; j++)
        theta->best.t[j] += step[j];
    clamp(limits, theta->best.t);
    if (fine)
        TL_TRY(grid_points(ctx, &r, widest > TL_THETA_FLAT_SD));
    else
        TL_TRY(few_points(ctx, &r, widest < 0.15 ? 4 : 6));
    d.log_evidence += log(det);
    *design = d;
    d = (struct tl_theta_design){0};
done:
    tl_theta_design_fini(&d);
    return err;
}

void tl_theta_design_fini(struct tl_theta_design *design)
{
    tl_free(design->nodes);
    *design = (struct tl_theta_design){0};
}
