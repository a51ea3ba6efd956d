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

static tl_err add_node(struct tl_ctx *ctx, struct design_run *r, double z0, double z1,
                       double *value)
{
    tl_err err = TL_OK;
    struct tl_theta_design *d = r->design;
    struct tl_theta_node *node = &d->nodes[d->n];
    double t[2];
    TL_ASSERT(ctx, d->n < d->room);
    node->z[0] = z0;
    node->z[1] = z1;
    place(r, node->z, t);
    /* A node beyond the limits stands at them: the posterior is cut there, so it has no weight. */
    bool outside = false;
    for (int j = 0; j < 2; j++)
        outside = outside || t[j] < r->limits->low[j] || t[j] > r->limits->high[j];
    *value = -INFINITY;
    if (outside)
        goto done;
    TL_TRY(evaluate(ctx, r->laplace, r->theta, t, &node->point));
    TL_TRY(r->visit(ctx, r->user, node, d->n));
    *value = node->point.value;
    d->n++;
    tl_progress_set(ctx, (double)d->n / (double)(d->n + 4));
done:
    return err;
}

/* Quadrature rules for a Gaussian in two dimensions: 5 points (degree 3) or 7 (Radon's hexagon, degree 5). */
static tl_err few_points(struct tl_ctx *ctx, struct design_run *r, int n_around)
{
    tl_err err = TL_OK;
    struct tl_theta_design *d = r->design;
    double radius = n_around == 4 ? sqrt(3.0) : 2.0, value, sum = 0.0, top = -INFINITY;
    double around = n_around == 4 ? 1.0 / 6.0 : 1.0 / 12.0;
    TL_TRY(add_node(ctx, r, 0.0, 0.0, &value));
    for (int k = 0; k < n_around; k++) {
        double angle = 2.0 * 3.14159265358979323846 * k / n_around;
        TL_TRY(add_node(ctx, r, radius * cos(angle), radius * sin(angle), &value));
    }
    for (int64_t k = 0; k < d->n; k++) {
        struct tl_theta_node *node = &d->nodes[k];
        node->weight =
            node->point.value + 0.5 * (node->z[0] * node->z[0] + node->z[1] * node->z[1]);
        top = fmax(top, node->weight);
    }
    for (int64_t k = 0; k < d->n; k++) {
        double rule = k == 0 ? 1.0 - n_around * around : around;
        d->nodes[k].weight = rule * exp(d->nodes[k].weight - top);
        sum += d->nodes[k].weight;
    }
    for (int64_t k = 0; k < d->n; k++)
        d->nodes[k].weight /= sum;
    d->spacing = radius;
    d->log_evidence = log(sum) + top + log(2.0 * 3.14159265358979323846);
done:
    return err;
}

enum { REACH = 6 }; /* steps along an axis at most */

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
            TL_TRY(
                add_node(ctx, r, axis == 0 ? sign * k : 0.0, axis == 0 ? 0.0 : sign * k, &value));
            double down = r->design->nodes[0].point.value - value;
            fall[REACH + sign * k] = down;
            if (down > drop)
                break;
        }
done:
    return err;
}

/* Trapezoid rule on a grid of one standard deviation: exact to nine digits for a Gaussian (INLA's grid strategy). */
static tl_err grid_points(struct tl_ctx *ctx, struct design_run *r)
{
    tl_err err = TL_OK;
    struct tl_theta_design *d = r->design;
    const double drop = 6.0;
    double fall[2][2 * REACH + 1], value, top, sum = 0.0;
    TL_TRY(add_node(ctx, r, 0.0, 0.0, &value));
    TL_TRY(walk_axis(ctx, r, 0, drop, fall[0]));
    TL_TRY(walk_axis(ctx, r, 1, drop, fall[1]));
    for (int a = -REACH; a <= REACH; a++)
        for (int b = -REACH; b <= REACH; b++)
            if (a != 0 && b != 0 && fall[0][a + REACH] + fall[1][b + REACH] < drop &&
                d->n < d->room)
                TL_TRY(add_node(ctx, r, a, b, &value));
    top = d->nodes[0].point.value;
    for (int64_t k = 1; k < d->n; k++)
        top = fmax(top, d->nodes[k].point.value);
    for (int64_t k = 0; k < d->n; k++) {
        d->nodes[k].weight = exp(d->nodes[k].point.value - top);
        sum += d->nodes[k].weight;
    }
    for (int64_t k = 0; k < d->n; k++)
        d->nodes[k].weight /= sum;
    d->spacing = 1.0;
    d->log_evidence = log(sum) + top;
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
        TL_TRY(grid_points(ctx, &r));
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
