/** Range and sigma: the maximum of their posterior, a design of integration points around it, their marginals. */
#ifndef TL_FIELD_THETA_H
#define TL_FIELD_THETA_H

#include "field/laplace.h"

struct tl_theta {
    struct tl_laplace_point best;
    double curvature[3]; /* minus the second derivatives: (0,0), (0,1), (1,1); positive definite */
    bool has_curvature;
    int64_t n_points; /* evaluations so far */
};

struct tl_theta_limits {
    double low[2], high[2]; /* of log range, log sigma */
};

struct tl_theta_node {
    double z[2]; /* place in units of the posterior's axes */
    struct tl_laplace_point point;
    double weight; /* sums to 1 over the design */
};

/** What is done with the mode and the variances at a node, before the next one. */
typedef tl_err (*tl_theta_visit)(struct tl_ctx *ctx, void *user, const struct tl_theta_node *node,
                                 int64_t index);

struct tl_theta_design {
    int64_t n, room;
    struct tl_theta_node *nodes; /* owns */
    double axes[2][2];           /* t = best + axes z (columns) */
    double spacing;              /* between neighbouring nodes, in z */
    double log_evidence; /* log of the integral of the posterior over (log range, log sigma) */
};

/**
 * Quasi-Newton (BFGS) from theta->best.t until the expected gain is below `gain`.
 * @param differences  get the curvature from two more gradients at the end
 * Errors: TL_ENUMERIC, TL_ECANCELLED.
 */
TL_MUST_USE tl_err tl_theta_maximise(struct tl_ctx *ctx, struct tl_laplace *laplace,
                                     const struct tl_theta_limits *limits, double gain,
                                     bool differences, struct tl_theta *theta);

/** BFGS: curvature (as in tl_theta) after going from a to b, of which t and gradient are read; stays positive definite. */
void tl_theta_update_curvature(double c[3], const struct tl_laplace_point *a,
                               const struct tl_laplace_point *b);

/** Wider than this (sd along an axis of a design) a posterior of theta has its priors' tails. */
#define TL_THETA_FLAT_SD 0.5

/** Nodes that a design will have at most. */
enum { TL_THETA_NODES_MAX = 128 };

/**
 * Evaluates the nodes around theta->best and weighs them.
 * @param fine  a grid out to a drop of the log posterior by 6; else 5 or 7 points, as theta is sharp or wide
 * Errors: TL_ENOMEM, TL_ENUMERIC, TL_ECANCELLED, those of `visit`.
 */
TL_MUST_USE tl_err tl_theta_integrate(struct tl_ctx *ctx, struct tl_laplace *laplace,
                                      const struct tl_theta_limits *limits, struct tl_theta *theta,
                                      bool fine, tl_theta_visit visit, void *user,
                                      struct tl_theta_design *design);
void tl_theta_design_fini(struct tl_theta_design *design);

/** Marginals of range and sigma from the values and gradients at the nodes. Errors: TL_ENOMEM. */
TL_MUST_USE tl_err tl_theta_marginals(struct tl_ctx *ctx, const struct tl_theta *theta,
                                      const struct tl_theta_design *design,
                                      struct tl_estimate marginals[2]);

#endif
