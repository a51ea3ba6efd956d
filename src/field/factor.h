/**
 * Sparse Cholesky factor of Q + diag(w) on a lattice: one plan (ordering, structure, schedule), many numeric factors.
 * All work is cut along the elimination tree in a way that does not depend on the number of threads, and each dense
 * kernel runs on one thread: the same bits on any number of threads.
 */
#ifndef TL_FIELD_FACTOR_H
#define TL_FIELD_FACTOR_H

#include "field/stencil.h"

struct tl_factor_plan {
    struct tl_stencil_grid grid;
    int64_t n;          /* cells */
    int64_t n_super;    /* supernodes, in postorder */
    int32_t *order;     /* owns: [n] cell of each pivot */
    int32_t *place;     /* owns: [n] pivot of each cell */
    int32_t *super;     /* owns: [n_super + 1] first pivot */
    int64_t *row_at;    /* owns: [n_super + 1] where rows begin */
    int64_t *value_at;  /* owns: [n_super + 1] where values begin */
    int32_t *rows;      /* owns: rows of each supernode, its own pivots first, ascending */
    int32_t *in_parent; /* owns: as rows: position of a row below the pivots in the parent's rows */
    int32_t *parent;    /* owns: [n_super] -1 at a root */
    int32_t *child_at;  /* owns: [n_super + 1] */
    int32_t *child;     /* owns: [n_super] children, ascending */
    int64_t *entry_at;  /* owns: [n + 1] lower entries of the matrix by pivot */
    int32_t *entry_pos; /* owns: their positions in the supernode's rows */
    int8_t *entry_l;    /* owns: their entries of l ... */
    int8_t *entry_l2;   /* owns: ... and of l^2 */

    /* Schedule: whole subtrees first, each on one thread, then the nodes above them level by level. */
    int64_t n_trees, n_levels;
    int32_t *tree_first, *tree_last; /* owns: [n_trees] supernodes of a subtree */
    int32_t *level_at, *level_node;  /* owns */
    int64_t *update_at; /* owns: [n_super] place of the update matrix in the work space */
    int64_t *front_at;  /* owns: [n_super] place of the inverse's front */
    int64_t n_values, n_rows, n_work; /* sizes: values, rows, work space */
    int64_t bytes;                    /* of all the above */
};

struct tl_factor {
    const struct tl_factor_plan *plan; /* borrows */
    double *values;                    /* owns: [n_values] */
    double *work;                      /* owns: [n_work] */
    double *solve_work;                /* owns: [n_rows * max_rhs] */
    double *solve_x;                   /* owns: [n * max_rhs] */
    double *part;                      /* owns: [n_super * 4] sums by supernode */
    int64_t max_rhs;
    int64_t n_done; /* numeric factorisations so far */
    double logdet;  /* of the last one */
};

/** Errors: TL_ENOMEM. */
TL_MUST_USE tl_err tl_factor_plan_create(struct tl_ctx *ctx, const struct tl_stencil_grid *grid,
                                         struct tl_factor_plan **plan);
void tl_factor_plan_free(struct tl_factor_plan *plan);

/** Memory for a factor and for solves with up to `max_rhs` right-hand sides. Errors: TL_ENOMEM. */
TL_MUST_USE tl_err tl_factor_init(struct tl_ctx *ctx, const struct tl_factor_plan *plan,
                                  int64_t max_rhs, struct tl_factor *factor);
void tl_factor_fini(struct tl_factor *factor);

/** Factors Q + diag(w), w [n] by cell, NULL = 0. Errors: TL_ENUMERIC (not positive definite), TL_ECANCELLED. */
TL_MUST_USE tl_err tl_factor_compute(struct tl_ctx *ctx, struct tl_factor *factor,
                                     struct tl_stencil_q q, const double *w);

/** x = A^-1 b for `n_rhs` columns [n] by cell; x may be b. Errors: TL_ECANCELLED. */
TL_MUST_USE tl_err tl_factor_solve(struct tl_ctx *ctx, struct tl_factor *factor, int64_t n_rhs,
                                   const double *b, double *x);

/** x = L^-T z: a draw of Normal(0, A^-1) from standard normals z (by pivot). Errors: TL_ECANCELLED. */
TL_MUST_USE tl_err tl_factor_solve_half(struct tl_ctx *ctx, struct tl_factor *factor, int64_t n_rhs,
                                        const double *z, double *x);

/**
 * Selected inverse: variances and the traces that gradients need.
 * @param[out] variance  [n] by cell: diagonal of A^-1
 * @param[out] trace_l,trace_l2  tr(A^-1 l), tr(A^-1 l^2)
 * Errors: TL_ECANCELLED.
 */
TL_MUST_USE tl_err tl_factor_inverse(struct tl_ctx *ctx, struct tl_factor *factor, double *variance,
                                     double *trace_l, double *trace_l2);

/* For factor.c, solve.c and inverse.c: runs `node` over the tree; work per value decides whether threads pay. */
typedef void (*tl_factor_node)(struct tl_factor *factor, int64_t s, void *user);
TL_MUST_USE tl_err tl_factor_walk_up(struct tl_ctx *ctx, struct tl_factor *factor,
                                     double work_per_value, tl_factor_node node, void *user);
TL_MUST_USE tl_err tl_factor_walk_down(struct tl_ctx *ctx, struct tl_factor *factor,
                                       double work_per_value, tl_factor_node node, void *user);

#endif
