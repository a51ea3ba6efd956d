/**
 * Kernels of the multigrid solver (multigrid.h), one set for each kind of vector instructions. A kernel works on a tile: it reads a tile and
 * a margin from memory once, takes its rows through all steps of a pass in a window that stays in cache, and writes the
 * inside of the tile once. What a margin holds twice is computed twice, so that tiles do not wait for each other.
 */
#ifndef TL_FIELD_MGKERNEL_H
#define TL_FIELD_MGKERNEL_H

#include "core/rng.h"
#include "field/stencil.h"

enum {
    TL_MGKERNEL_SMOOTH = 3, /* steps of the smoother before and after the coarse correction */
    TL_MGKERNEL_LANES =
        16, /* floats that are worked on together, whatever the machine's own width */
    TL_MGKERNEL_MARGIN =
        16, /* columns on either side of a tile that are computed again: 9 are needed */
    TL_MGKERNEL_MARGIN_Y = 10, /* rows, the same */
    TL_MGKERNEL_TILE_X = 736,  /* widest tile */
    TL_MGKERNEL_BLOCK = 6,     /* rows that a step takes before the next step has its turn */
    TL_MGKERNEL_SUMS = 4
};

/* A coarse level sees of a weight no more than what a hole in a smooth function costs, times this: found by trial, 0.2 to 0.3. */
#define TL_MGKERNEL_HOLE 0.25

/**
 * One axis of a level. All cells are 1 wide but the last, which is `last` wide (0.75 to 1.75), so that the far edge of the grid lies where
 * it is on every level. `own`, `other`, `weight`: a cell's value comes from (1 - weight) of the coarse cell `own` + weight of `other`.
 */
struct tl_mgkernel_axis {
    int64_t n, n_coarse;
    double last, last_coarse;
    int32_t *own, *other; /* owns: [n] */
    float *weight;        /* owns: [n] */
    float back,
        forth; /* coupling of the last cell to the one before it, and of that one to the last */
};

/** A level: A = M B B + diag(w), B = root_c (a I + M^-1 K / a); M = areas, K = 5-point couplings. */
struct tl_mgkernel_level {
    struct tl_mgkernel_axis x, y;
    int64_t stride;                 /* floats from row to row of the level's own arrays */
    int64_t plane;                  /* floats of one array */
    double a, c;                    /* of this level's cells */
    float straight, mix;            /* root_c a, root_c / a */
    float top;                      /* largest eigenvalue of B B */
    float diagonal;                 /* of B B, inside */
    float step[TL_MGKERNEL_SMOOTH]; /* of the smoother, in units of 1/(m top + hold w) */
    float hold;
    const float *w; /* borrows or points to own_w */
    int64_t w_stride;
    float *own_w;  /* owns: NULL on the finest level */
    float *b, *e;  /* owns: [k_max][plane] right-hand side and answer; NULL on the finest level */
    float *smooth; /* owns: [k_max][plane] smoothed, on the way down */
    bool stream;   /* too large for the caches: what is written goes past them */
    int64_t tile_x, tile_y, n_tiles_x, n_tiles_y;
};

enum tl_mgkernel_source {
    TL_MGKERNEL_GIVEN, /* the residual is given */
    TL_MGKERNEL_START, /* residual = b - A x */
    TL_MGKERNEL_STEP   /* p = z + beta p, x += alpha p, residual -= alpha A p */
};

/** What a pass over a level reads and writes, for one right-hand side. Strides: the caller's arrays n_x, ours the level's. */
struct tl_mgkernel_pass {
    const struct tl_mgkernel_level *level, *coarse; /* coarse = NULL: no coarse correction */
    enum tl_mgkernel_source source;
    double alpha, beta;
    const float *z, *p_in, *r_in;
    float *p_out, *r_out;
    float *x;              /* caller's */
    int64_t r_in_stride;   /* r_in may be the caller's b */
    float *smooth;         /* smoothed: written down, read up */
    float *coarse_b;       /* down: restricted residual */
    const float *coarse_e; /* up: correction */
    float *out;            /* up: z; apply: A x (may be NULL) */
    int64_t out_stride;
    bool want_form;    /* up: z'Az too */
    struct tl_rng rng; /* draw */
};

struct tl_mgkernel_tile {
    int64_t x0, x1, y0, y1;     /* inside */
    int64_t cx0, cx1, cy0, cy1; /* with margin */
};

typedef void (*tl_mgkernel_fn)(const struct tl_mgkernel_pass *pass,
                               const struct tl_mgkernel_tile *tile, double sums[TL_MGKERNEL_SUMS]);

struct tl_mgkernel {
    const char *name;
    /** New residual (see source), smoothing, its residual restricted. sums: |r|^2, |b|^2 at the start, p'Ap. */
    tl_mgkernel_fn down;
    /** Smoothing again, coarse correction, smoothing: out. sums: r'z, z'Az. */
    tl_mgkernel_fn up;
    /** out = A x (x: r_in). sums: x'Ax, |x|^2, x'lx, |lx|^2. */
    tl_mgkernel_fn apply;
    /** coarse_b = the coarse level's weights. */
    tl_mgkernel_fn weigh;
    /** out = Q^(1/2) z1 + w^(1/2) z2. */
    tl_mgkernel_fn draw;
    /** Standard normals of cells first..first+n-1: two a cell. */
    void (*normals)(struct tl_rng rng, int64_t first, int64_t n, float *z1, float *z2);
};

/** Key of a series of random numbers (core/rng.h). */
void tl_mgkernel_key(struct tl_rng rng, uint32_t *k0, uint32_t *k1);

/** Kernels of a kind: 0 plain, 1 AVX2 + FMA, 2 AVX-512; NULL where this machine or build has none. */
const struct tl_mgkernel *tl_mgkernel_of(int kind);

#endif
