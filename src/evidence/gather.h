/**
 * The register as counting needs it: positions and shapes in the grid's system, the groups that are
 * asked for, sorted by their content, so that the order in which records came in does not change a
 * bit of the answer.
 */
#ifndef TL_EVIDENCE_GATHER_H
#define TL_EVIDENCE_GATHER_H

#include "core/hash.h"
#include "evidence/depth.h"
#include "evidence/group.h"
#include "evidence/land.h"
#include "tilth/crs.h"
#include "tilth/project.h"

enum tl_how { TL_HOW_UNKNOWN, TL_HOW_SEARCH, TL_HOW_SPOT };

/** A record with one position: item, accident, report, place. */
struct tl_gather_point {
    double x_m, y_m;   /* grid CRS */
    double accuracy_m; /* NaN = not known */
    double number;     /* items; people of a place (0 = not known) */
    double year;       /* with its fraction; NaN = not known */
    enum tl_how how;   /* of an item; an accident during demining is TL_HOW_SEARCH */
    char *search;      /* owns: source id or code of its search; NULL = none */
    int64_t cell;      /* -1 = outside the area */
    double depth_cm;   /* of an item; NaN = not known */
    bool is_other; /* an item of another group: known only so that its search's number is not spread
                    */
    int64_t id;    /* in the register */
    uint8_t key[TL_HASH_ID_BYTES]; /* hash of the record's content: all columns, not its id */
};

/** Texts of a search that counting does not need, but telling of it does. */
enum tl_gather_text {
    TL_GATHER_TYPE,
    TL_GATHER_ORGANISATION,
    TL_GATHER_TEAM,
    TL_GATHER_TASK,
    TL_GATHER_DATE_START,
    TL_GATHER_DATE_END,
    TL_GATHER_RELEASED_AS,
    TL_GATHER_TEXTS
};

/** A record with a shape: hazardous area, search, line. */
struct tl_gather_shape {
    void *wkb; /* owns: grid CRS */
    int64_t wkb_bytes;
    int type;     /* choice number of its type or classification; -1 = not known */
    int status;   /* of a hazardous area; -1 = not known */
    bool direct;  /* of a hazardous area: it rests on direct evidence */
    char *method; /* owns: of a search; NULL = not known */
    int32_t n_passes;
    double found;                  /* items as reported; NaN = not known */
    double year;                   /* when it ended; NaN = not known */
    char *code, *source_id;        /* owns */
    double box[4];                 /* west, south, east, north [m] */
    double depth_cm;               /* of a search; NaN = not known */
    char *texts[TL_GATHER_TEXTS];  /* owns: of a search, enum tl_gather_text; NULL = not known */
    int64_t id;                    /* in the register */
    uint8_t key[TL_HASH_ID_BYTES]; /* hash of the record's content: all columns, not its id */
};

struct tl_gather {
    struct tl_grid grid;
    const double *cell_area;    /* borrows: [n_cells]; NULL = `land` says it */
    const struct tl_land *land; /* borrows; NULL = `cell_area` says it */
    struct tl_crs_map *to_grid; /* owns */
    enum tl_group group;
    struct tl_gather_point *points[TL_KIND_COUNT]; /* owns: of items, accidents, reports, places */
    struct tl_gather_shape *shapes[TL_KIND_COUNT]; /* owns: of hazardous areas, searches, lines */
    int64_t n[TL_KIND_COUNT];
    int64_t n_other_group;
};

/** Reads all kinds. The land is known as `cell_area` or as `land`. Errors: TL_EIO, TL_EDATA, TL_ENOMEM, TL_ECANCELLED. */
TL_MUST_USE tl_err tl_gather_init(struct tl_ctx *ctx, struct tl_project *project,
                                  enum tl_group group, const double *cell_area,
                                  const struct tl_land *land, struct tl_gather *gather);
void tl_gather_fini(struct tl_gather *gather);

/** Land of a cell [m2]. */
double tl_gather_land(const struct tl_gather *gather, int64_t cell);

/** Depths of the items of the group, sorted. */
TL_MUST_USE tl_err tl_gather_depths(struct tl_ctx *ctx, const struct tl_gather *gather,
                                    struct tl_depth *depth);

/** Number of a choice ("cancelled") in a column's list, -1 when it is not there or text is NULL. */
int tl_gather_choice(enum tl_kind kind, const char *column, const char *text);

#endif
