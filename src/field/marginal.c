/*
 * Marginals of range and sigma. Between the nodes of the design the log posterior is a blend of the nodes' own
 * expansions, value + gradient + curvature (from the neighbours' gradients), weighed by distance: it meets value and
 * gradient at every node, and serves designs of 5 points and of 50 alike.
 */
#include "field/theta.h"

#include <math.h>
#include <stdlib.h>

enum { SIDE = 141 };

struct mass {
    double value, weight;
};

/* A node's slopes and curvatures along the two axes of the design, and where it has no neighbour: below, above. */
struct bend {
    double slope[2], curve[2];
    bool edge[2][2];
};

static const struct tl_theta_node *node_at(const struct tl_theta_design *d, double z0, double z1)
{
    for (int64_t k = 0; k < d->n; k++)
        if (fabs(d->nodes[k].z[0] - z0) < 1e-9 && fabs(d->nodes[k].z[1] - z1) < 1e-9)
            return &d->nodes[k];
    return NULL;
}

static const struct tl_theta_node *
neighbour(const struct tl_theta_design *d, const struct tl_theta_node *node, int axis, double sign)
{
    double step = sign * d->spacing;
    return node_at(d, node->z[0] + (axis == 0 ? step : 0.0), node->z[1] + (axis == 0 ? 0.0 : step));
}

static double slope_along(const struct tl_theta_design *d, const struct tl_theta_node *node,
                          int axis)
{
    return d->axes[0][axis] * node->point.gradient[0] + d->axes[1][axis] * node->point.gradient[1];
}

/* Curvature from the neighbours' slopes; -1, the axes' own, where there is no neighbour. */
static double curve_along(const struct tl_theta_design *d, const struct tl_theta_node *node,
                          int axis)
{
    const struct tl_theta_node *down = neighbour(d, node, axis, -1.0);
    const struct tl_theta_node *up = neighbour(d, node, axis, 1.0);
    if (down == NULL && up == NULL)
        return -1.0;
    double width = (down != NULL ? d->spacing : 0.0) + (up != NULL ? d->spacing : 0.0);
    double difference = slope_along(d, up != NULL ? up : node, axis) -
                        slope_along(d, down != NULL ? down : node, axis);
    return fmin(fmax(difference / width, -20.0), 0.0);
}

/*
 * A node's expansion along one axis. Where the design ends on a rise, the rise is not believed for long: a slope carried
 * into the empty part beyond would gather all mass there.
 */
static double expansion(const struct bend *bend, int axis, double at)
{
    double slope = bend->slope[axis], curve = bend->curve[axis];
    if (slope * at > 0.0 && bend->edge[axis][at > 0.0]) {
        slope = copysign(fmin(fabs(slope), 1.0), slope);
        curve = fmin(curve, -1.0);
    }
    return slope * at + 0.5 * curve * at * at;
}

static double blended(const struct tl_theta_design *d, const struct bend *bend, double z0,
                      double z1)
{
    double nearest = INFINITY, top = 0.0, bottom = 0.0;
    for (int64_t k = 0; k < d->n; k++)
        nearest = fmin(nearest, hypot(z0 - d->nodes[k].z[0], z1 - d->nodes[k].z[1]));
    for (int64_t k = 0; k < d->n; k++) {
        const struct tl_theta_node *node = &d->nodes[k];
        double a = z0 - node->z[0], b = z1 - node->z[1];
        double weight = exp(-2.0 * (a * a + b * b - nearest * nearest) / (d->spacing * d->spacing));
        top += weight * (node->point.value + expansion(&bend[k], 0, a) + expansion(&bend[k], 1, b));
        bottom += weight;
    }
    return top / bottom;
}

static int by_value(const void *a, const void *b)
{
    double x = ((const struct mass *)a)->value, y = ((const struct mass *)b)->value;
    return x < y ? -1 : x > y;
}

/* Quantile with linear interpolation between the middles of the masses. */
static double quantile(const struct mass *m, int64_t n, double total, double p)
{
    double before = 0.0;
    for (int64_t k = 0; k < n; k++) {
        double middle = before + 0.5 * m[k].weight;
        if (middle >= p * total && k > 0) {
            double last = before - 0.5 * m[k - 1].weight;
            double share = middle > last ? (p * total - last) / (middle - last) : 1.0;
            return m[k - 1].value + fmin(fmax(share, 0.0), 1.0) * (m[k].value - m[k - 1].value);
        }
        before += m[k].weight;
    }
    return m[n - 1].value;
}

static struct tl_estimate summary(struct mass *m, int64_t n)
{
    double total = 0.0, mean = 0.0, square = 0.0;
    for (int64_t k = 0; k < n; k++) {
        total += m[k].weight;
        mean += m[k].weight * m[k].value;
    }
    mean /= total;
    for (int64_t k = 0; k < n; k++)
        square += m[k].weight * (m[k].value - mean) * (m[k].value - mean);
    qsort(m, (size_t)n, sizeof *m, by_value);
    return (struct tl_estimate){.mean = mean,
                                .sd = sqrt(square / total),
                                .q025 = quantile(m, n, total, 0.025),
                                .q50 = quantile(m, n, total, 0.5),
                                .q975 = quantile(m, n, total, 0.975)};
}

tl_err tl_theta_marginals(struct tl_ctx *ctx, const struct tl_theta *theta,
                          const struct tl_theta_design *d, struct tl_estimate marginals[2])
{
    tl_err err = TL_OK;
    struct mass *mass = NULL;
    struct bend *bend = NULL;
    double low[2] = {0.0, 0.0}, high[2] = {0.0, 0.0};
    TL_TRY_ALLOC(ctx, mass, SIDE * SIDE);
    TL_TRY_ALLOC(ctx, bend, d->n);
    for (int64_t k = 0; k < d->n; k++) {
        for (int j = 0; j < 2; j++) {
            bend[k].slope[j] = slope_along(d, &d->nodes[k], j);
            bend[k].curve[j] = curve_along(d, &d->nodes[k], j);
            for (int up = 0; up < 2; up++)
                bend[k].edge[j][up] = neighbour(d, &d->nodes[k], j, up ? 1.0 : -1.0) == NULL;
            low[j] = fmin(low[j], d->nodes[k].z[j]);
            high[j] = fmax(high[j], d->nodes[k].z[j]);
        }
    }
    for (int which = 0; which < 2; which++) {
        double top = -INFINITY;
        for (int64_t k = 0; k < SIDE * SIDE; k++) {
            const double margin = 2.5;
            double z0 = low[0] - margin +
                        (high[0] - low[0] + 2.0 * margin) * (double)(k % SIDE) / (SIDE - 1);
            double z1 = low[1] - margin +
                        (high[1] - low[1] + 2.0 * margin) * (double)(k / SIDE) / (SIDE - 1);
            double t = theta->best.t[which] + d->axes[which][0] * z0 + d->axes[which][1] * z1;
            mass[k] = (struct mass){exp(t), blended(d, bend, z0, z1)};
            top = fmax(top, mass[k].weight);
        }
        /* By the blend's own top: a node's may be out of its reach. */
        for (int64_t k = 0; k < SIDE * SIDE; k++)
            mass[k].weight = exp(mass[k].weight - top);
        marginals[which] = summary(mass, SIDE * SIDE);
    }
done:
    tl_free(mass);
    tl_free(bend);
    return err;
}
