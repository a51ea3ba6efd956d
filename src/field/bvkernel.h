/**
 * Conditional variances inside a batch of windows of the lattice, many windows at once: lane l of every vector belongs to window l, so
 * that nothing is ever shuffled. For blockvar.c only.
 *
 * A window has m = b + 2h rows, filled up to whole tiles of 4 with unknowns of their own, and n = s + 2h columns; its middle b x s cells are wanted, given everything outside the window. Columns are
 * eliminated from the left and from the right; where both meet, the two columns' 2m unknowns hold all that is needed.
 * The operator is a^2/c A = l^2 + 2 a^2 l + a^4 + a^2/c W, whose entries off the diagonal are small numbers without cancellation.
 */
#ifndef TL_FIELD_BVKERNEL_H
#define TL_FIELD_BVKERNEL_H

#include "core/core.h"

struct tl_bvkernel_shape {
    int64_t b, s, h; /* rows and columns wanted (even), halo (at least 2) */
    int64_t k;       /* draws */
};

/* What is kept of a cell (x, y): its diagonal in two parts, and its couplings. */
enum tl_bvkernel_coefficient {
    TL_BVKERNEL_HIGH,  /* diagonal, rounded to the kernel's precision */
    TL_BVKERNEL_LOW,   /* what rounding took from it: added at the pivot, where it matters */
    TL_BVKERNEL_DOWN,  /* with (x, y + 1) */
    TL_BVKERNEL_DOWN2, /* (x, y + 2) */
    TL_BVKERNEL_NEXT,  /* (x + 1, y) */
    TL_BVKERNEL_NEXTD, /* (x + 1, y + 1) */
    TL_BVKERNEL_NEXTU, /* (x + 1, y - 1) */
    TL_BVKERNEL_NEXT2, /* (x + 2, y) */
    TL_BVKERNEL_N
};

/** Arrays of one batch, all in one piece of memory. Numbers are float or double, [...][lanes]. */
struct tl_bvkernel_work {
    struct tl_bvkernel_shape shape;
    int64_t m, n, kp; /* rows and draws, filled up to whole tiles; columns */
    void *coef;       /* [n][TL_BVKERNEL_N][m][lanes] */
    void *
        rhs; /* [n][kp][m][lanes] right-hand sides: what the draws outside say; NULL without draws */
    void *slots; /* [s / 2] states of the elimination from the right */
    void *state[2], *panel, *mid;
    void *var;    /* out: [s][b][lanes] */
    void *square; /* out: [s][b][lanes] sum over draws of the conditional mean's square */
    void *fourth; /* out: ... of its fourth power */
    void *least; /* out: [lanes] least pivot over its diagonal: 0 or less = not positive definite */
};

/**
 * Log-determinants of a batch of matrices of the same kind, each coupled as the lattice is (with up to two columns on), column after column: for
 * loggain.c. A cell that is none has 1 on the diagonal and no couplings.
 */
struct tl_bvkernel_columns {
    int64_t m, n; /* rows, a multiple of 4; columns */
    void *memory; /* tl_bvkernel_columns_bytes, aligned to 64 bytes */
    void *user;
    /* Fills a column of the batch, [TL_BVKERNEL_N][m][lanes]; what the call before left is still there. */
    void (*fill)(void *user, int64_t column, void *coef);
    double *logdet; /* out: [lanes] */
    double *least;  /* out: [lanes] as in tl_bvkernel_work */
};

struct tl_bvkernel {
    const char *name;
    int lanes;
    size_t real; /* bytes of a number */
    void (*run)(struct tl_bvkernel_work *work);
    void (*logdet)(struct tl_bvkernel_columns *columns);
};

enum tl_bvkernel_isa { TL_BVKERNEL_BEST, TL_BVKERNEL_PLAIN, TL_BVKERNEL_AVX2, TL_BVKERNEL_AVX512 };

/** The kernel in float or double for an instruction set; NULL where this machine lacks it. */
const struct tl_bvkernel *tl_bvkernel_of(enum tl_bvkernel_isa isa, bool doubles);

/** Bytes that a batch needs; and its arrays, laid out in `memory` (aligned to 64 bytes). */
int64_t tl_bvkernel_bytes(const struct tl_bvkernel *kernel, struct tl_bvkernel_shape shape);
void tl_bvkernel_lay_out(const struct tl_bvkernel *kernel, struct tl_bvkernel_shape shape,
                         void *memory, struct tl_bvkernel_work *work);

/** Bytes that columns of m rows need. */
int64_t tl_bvkernel_columns_bytes(const struct tl_bvkernel *kernel, int64_t m);

/** Operations (a multiplication and an addition are two) that one window takes. */
double tl_bvkernel_flops(struct tl_bvkernel_shape shape);

#endif
