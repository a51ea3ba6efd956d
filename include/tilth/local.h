/**
 * Evidence of one area and a margin around it, piece by piece: which searches lie over which ground, so that what they missed can be
 * drawn anew (model.md section 6). The figures equal those of tl_evidence_build on the same cells (a test keeps it).
 */
#ifndef TILTH_LOCAL_H
#define TILTH_LOCAL_H

#include "tilth/evidence.h"
#include "tilth/method.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A search that touches the window. Texts are owned by the local evidence, "" where not known. */
struct tl_local_search {
    int64_t id;
    char *code, *type, *method, *organisation, *team, *task, *date_start, *date_end, *released_as;
    int32_t row; /* of `methods` */
    int32_t passes;
    int32_t
        lot; /* work that fails as a whole: same team and task; a search without either is a lot of its own */
    double depth_cm; /* NaN = not known */
    double area_m2;  /* inside the polygon P */
    double found;    /* items found inside P, records and numbers */
    bool takes_effort;
    bool is_inspection; /* sampling inspection of work done */
};

/** Ground under one set of searches (of those that take effort) inside one cell. Pieces of a cell add up to its area. */
struct tl_local_piece {
    int32_t cell; /* of the window */
    float inside; /* 0..1: share of the piece that lies in P */
    double area_m2;
    int32_t first, n; /* its searches: piece_search[first .. first + n) */
};

/** Items counted by the search channel, by cell and search. */
struct tl_local_find {
    int32_t cell;
    int32_t search; /* -1 = not known which */
    double number;
};

struct tl_local_item {
    char *code, *category, *date;
    double lon_deg, lat_deg, depth_cm; /* NaN = not known */
    double number;
    enum tl_kind kind; /* item or accident */
    bool by_search;
};

struct tl_local {
    struct tl_grid grid; /* the window: cells of the project's grid */
    int64_t column, row; /* of its first cell in the project's grid */
    double *cell_area;   /* owns: [n_cells] land [m2] */
    double *inside_area; /* owns: [n_cells] part of it in P [m2] */
    double area_m2;      /* of P on land inside the area of interest */
    double outside_m2;   /* of P outside the area of interest: nothing is said of it */
    int64_t n_searches;
    struct tl_local_search *
        searches; /* owns; those that take effort and those that do not; in an order that records make, not imports */
    int64_t n_lots;
    int64_t n_pieces;
    struct tl_local_piece *pieces; /* owns: by cell, ascending */
    int32_t *piece_search;         /* owns */
    int64_t n_finds;
    struct tl_local_find *finds; /* owns */
    int64_t n_items;
    struct tl_local_item *items; /* owns: inside P, items and accidents */
    int64_t n_methods;
    struct tl_method *methods; /* owns: the project's table */
    int64_t n_depths;  /* recorded depths of items in the project (all of them, not only here) */
    double *depths_cm; /* owns: sorted */
    struct tl_evidence
        evidence;  /* owns: channels, covariates, residual on the window's cells (mean detection) */
    char hash[65]; /* of all records that touch the window, the methods and the options */
};

/**
 * Share of items no deeper than a depth, from the project's recorded depths: Beta(a, b), whose mean is returned; 1 with b = 0 when the depth
 * is not known (NaN) or infinite. A search finds only items no deeper than its depth. For several depths draw the bands between them
 * jointly: Dirichlet with the differences of a, and the last b (src/evidence/depth.c).
 * @param[out] a,b  may be NULL
 */
double tl_local_depth_share(const struct tl_local *local, double depth_cm, double *a, double *b);

struct tl_local_base;

/** What many windows share (methods, index of records); cheap. Free with tl_local_close. */
TL_MUST_USE tl_err tl_local_open(struct tl_ctx *ctx, struct tl_project *project,
                                 const struct tl_evidence_options *options,
                                 struct tl_local_base **base);
void tl_local_close(struct tl_local_base *base);

/**
 * Evidence of the cells that P's box and a margin touch. Time goes with the window and the records near it, not with the project.
 * @param wkb       P in WGS 84, polygon or multipolygon; must be valid (self-crossing: TL_EDATA says where)
 * @param margin_m  around P's box
 * @param names     covariates that the map used, in its order; others are left out; NULL = all that the records make, none dropped
 * Errors: TL_EDATA (not a polygon, self-crossing, no overlap with the area of interest, a named covariate that records no longer make),
 * TL_ENOMEM, TL_EIO, TL_ECANCELLED.
 */
TL_MUST_USE tl_err tl_local_window(struct tl_ctx *ctx, struct tl_local_base *base, const void *wkb,
                                   int64_t wkb_bytes, double margin_m, int64_t n_names,
                                   const char *const *names, struct tl_local *local);
void tl_local_fini(struct tl_local *local);

#ifdef __cplusplus
}
#endif
#endif
