/** What windows share, and what one window is made of. For the files local*.c. */
#ifndef TL_EVIDENCE_LOCAL_BASE_H
#define TL_EVIDENCE_LOCAL_BASE_H

#include "evidence/attribute.h"
#include "evidence/covariate.h"
#include "evidence/use.h"
#include "tilth/local.h"

/** What the search channel makes of one item or accident, once somebody has asked. */
struct tl_local_known {
    struct tl_attribute_result result;
    bool is_known;
};

/** Items that a search gives only as a number. */
struct tl_local_rest {
    double number, weight; /* of the rest; sum of its cells' weights */
    bool is_known;
};

/** A stretch of a line, short enough that what is far away can be left out. */
struct tl_local_stretch {
    void *wkb; /* owns: grid CRS */
    int64_t wkb_bytes;
    int type; /* of the line */
    double box[4];
};

struct tl_local_by_name {
    const char *name; /* borrows */
    int64_t item;
};

/** A channel in which people meet items: of the whole project. */
struct tl_local_people {
    bool is_there;
    struct tl_use_span span;
    struct tl_use_times times;
};

struct tl_local_base {
    struct tl_project *project; /* borrows */
    struct tl_evidence_options options;
    char group[16];
    struct tl_land land;
    struct tl_gather g;
    struct tl_attribute a;
    struct tl_local_known *known[TL_KIND_COUNT]; /* owns: of items and accidents */
    struct tl_local_rest *rests;                 /* owns: [n searches] */
    struct tl_local_by_name *by_name;            /* owns: items by the search they name */
    int64_t n_by_name;
    int64_t *by_id[TL_KIND_COUNT]; /* owns: items and accidents in order of id */
    bool has_search;
    struct tl_local_people people[TL_KIND_COUNT]; /* of items and accidents */
    struct tl_covariate_info *infos;              /* owns */
    struct tl_covariate_raster *rasters;          /* owns */
    int64_t n_rasters;
    struct tl_local_stretch *stretches; /* owns */
    int64_t n_stretches, room_stretches;
    uint8_t common[TL_HASH_BYTES]; /* hash of methods, options, grid */
};

/** One window at work. */
struct tl_local_window {
    struct tl_local_base *base;
    struct tl_local *out;
    void *polygon; /* owns: P in the grid's system */
    int64_t polygon_bytes;
    double polygon_m2;
    double box[4];                   /* of the window [m] */
    double polygon_box[4];           /* of P [m] */
    double polygon_deg[4];           /* the same in degrees */
    struct tl_gather sub;            /* records near the window, borrowed, on its grid */
    int64_t n_shapes;                /* searches that touch the window */
    int64_t *shapes;                 /* owns: their numbers in base->g */
    int64_t *search;                 /* owns: the same in base->a, -1 = takes no effort */
    int64_t n_touch;                 /* of them, that take effort */
    int64_t *touch;                  /* owns: [n_touch] place in `shapes` */
    double *piece_left;              /* owns: [n_pieces] share left now */
    double *integral[TL_KIND_COUNT]; /* owns: [n_cells] of items and accidents */
    int64_t room_pieces, n_piece_search, room_piece_search;
    int64_t room_finds;
    struct tl_hash hash;
};

/* local_open.c */

/** Attribution of an item or accident, remembered. */
TL_MUST_USE tl_err tl_local_known(struct tl_ctx *ctx, struct tl_local_base *base, enum tl_kind kind,
                                  int64_t i, struct tl_attribute_result *result);

/** Cuts lines into stretches. */
TL_MUST_USE tl_err tl_local_cut_lines(struct tl_ctx *ctx, struct tl_local_base *base);

/** Number of an item or accident by its id, -1 = not of the group. */
int64_t tl_local_by_id(const struct tl_local_base *base, enum tl_kind kind, int64_t id);

/* local_piece.c: frame, land, searches, pieces, residual. */
TL_MUST_USE tl_err tl_local_make_frame(struct tl_ctx *ctx, struct tl_local_window *w,
                                       const void *wkb, int64_t wkb_bytes, double margin_m);
TL_MUST_USE tl_err tl_local_make_pieces(struct tl_ctx *ctx, struct tl_local_window *w);

/* local_count.c: counts and finds. */
TL_MUST_USE tl_err tl_local_make_counts(struct tl_ctx *ctx, struct tl_local_window *w);

/* local_near.c: covariates and use of land, from what is near. */
TL_MUST_USE tl_err tl_local_make_near(struct tl_ctx *ctx, struct tl_local_window *w,
                                      int64_t n_names, const char *const *names);

/* local_tell.c: searches, lots, items in P. */
TL_MUST_USE tl_err tl_local_make_searches(struct tl_ctx *ctx, struct tl_local_window *w);
TL_MUST_USE tl_err tl_local_make_items(struct tl_ctx *ctx, struct tl_local_window *w);

/** Channel of the window by its name. */
struct tl_evidence_channel *tl_local_channel(struct tl_local_window *w, const char *name);

static inline bool tl_local_meets(const double a[4], const double b[4])
{
    return a[0] <= b[2] && a[2] >= b[0] && a[1] <= b[3] && a[3] >= b[1];
}

#endif
