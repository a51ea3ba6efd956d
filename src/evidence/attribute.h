/**
 * Searches that took effort, and which of them found what: record by record, without arrays over the whole grid, so that counting
 * the whole project and looking at one area of it do the same.
 */
#ifndef TL_EVIDENCE_ATTRIBUTE_H
#define TL_EVIDENCE_ATTRIBUTE_H

#include "evidence/bins.h"
#include "evidence/gather.h"
#include "evidence/miss.h"
#include "geo/cover.h"

/** A search that took effort. */
struct tl_attribute_search {
    const struct tl_gather_shape *shape; /* borrows */
    double once;                         /* chance that it finds an item on its ground */
    struct tl_cover_cell *cells;         /* owns: of the whole grid, once somebody has asked */
    int64_t n_cells;
    bool has_cells;
};

struct tl_attribute {
    const struct tl_gather *g;            /* borrows */
    struct tl_attribute_search *searches; /* owns: in the order of the gathered shapes */
    struct tl_cover_search *covers;       /* owns: their polygons */
    int64_t n_searches;
    int64_t
        n_surveys; /* non-technical surveys and searches of unknown type and method: no effort */
    int64_t n_unlimited;       /* searches without a depth */
    struct tl_method *methods; /* owns: the project's table */
    int64_t n_methods;
    struct tl_miss miss;   /* owns */
    struct tl_depth depth; /* owns */
    struct tl_attribute_name {
        const char *name; /* borrows: code or source id */
        int64_t search;
    } * names; /* owns: sorted */
    int64_t n_names;
    struct tl_bins bins; /* owns: of the searches' boxes */
    /* borrows: a bit by cell, set where there was effort; NULL = told from the searches */
    const uint8_t *is_worked;
};

/** What a search channel makes of an item or accident. */
struct tl_attribute_result {
    int64_t search; /* that found it, -1 = not known which */
    int64_t cell;   /* that it is counted in by the search channel, -1 = none: people met it */
    bool is_left;   /* a search found it, but none covers ground near it */
};

TL_MUST_USE tl_err tl_attribute_init(struct tl_ctx *ctx, struct tl_project *project,
                                     const struct tl_gather *gather,
                                     struct tl_attribute *attribute);
void tl_attribute_fini(struct tl_attribute *attribute);

TL_MUST_USE tl_err tl_attribute_point(struct tl_ctx *ctx, struct tl_attribute *attribute,
                                      const struct tl_gather_point *point,
                                      struct tl_attribute_result *result);

/** Cells of a search, on the whole grid; made once. */
TL_MUST_USE tl_err tl_attribute_cells(struct tl_ctx *ctx, struct tl_attribute *attribute,
                                      int64_t search);

/** Whether a search (of those that are known, `search` first) works in a cell of the land. */
TL_MUST_USE tl_err tl_attribute_worked(struct tl_ctx *ctx, struct tl_attribute *attribute,
                                       int64_t search, int64_t cell, bool *worked);

/** Adds to a hash what of a method changes detection. */
void tl_attribute_hash_method(struct tl_hash *hash, const struct tl_method *method);

/** Whether a search takes effort at all. */
bool tl_attribute_takes_effort(const struct tl_gather_shape *shape);

#endif
