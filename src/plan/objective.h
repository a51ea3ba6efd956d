/** What a task is worth: a sum of named parts with weights that everybody can see. */
#ifndef TL_PLAN_OBJECTIVE_H
#define TL_PLAN_OBJECTIVE_H

#include "core/core.h"
#include "core/yaml.h"
#include "plan/money.h"

enum { TL_OBJECTIVE_PARTS_MAX = 16, TL_OBJECTIVE_USES_MAX = 32, TL_OBJECTIVE_NAME_BYTES = 80 };

enum tl_objective_kind {
    TL_OBJECTIVE_HARM,          /* casualties a year that are expected to be avoided */
    TL_OBJECTIVE_LAND,          /* value of the land */
    TL_OBJECTIVE_BENEFICIARIES, /* of the register */
    TL_OBJECTIVE_HECTARES,
    TL_OBJECTIVE_CONFIRMED, /* 1 where the area is confirmed */
    TL_OBJECTIVE_SUSPECTED,
    TL_OBJECTIVE_NEAR,     /* 1 within a distance of a place or line of a type */
    TL_OBJECTIVE_PRIORITY, /* 1 where the register's priority has this name */
    TL_OBJECTIVE_KINDS
};

struct tl_objective_part {
    enum tl_objective_kind kind;
    char name[TL_OBJECTIVE_NAME_BYTES]; /* "near school" */
    char unit[24];                      /* of its amount */
    const char *what;                   /* borrows: type of place or line, name of a priority */
    double within_m;
    double weight; /* points a unit; with shares set by tl_objective_settle */
    double share;  /* 0..1 of all points, NaN = not given so */
    double total;  /* amount of all tasks together; by tl_objective_settle */
};

struct tl_objective_use {
    const char *name; /* borrows: of blocked_land_use, "other" = any other */
    double per_ha;    /* [currency] */
    const char *source;
};

struct tl_objective {
    struct tl_yaml *yaml; /* owns; NULL of a built-in one */
    char name[80];        /* "harm", or the file's own name */
    char title[160];
    char unit[24]; /* of the score: "casualties a year", "points" */
    double horizon_years;
    double
        rate[3]; /* casualties per item and year in full use: mean, 5 and 95 %; NaN = by the map */
    const char *rate_source;
    int n_parts;
    struct tl_objective_part parts[TL_OBJECTIVE_PARTS_MAX];
    int n_uses;
    struct tl_objective_use uses[TL_OBJECTIVE_USES_MAX];
    bool is_shares;
};

/**
 * "harm", "land", "hectares", or a YAML file.
 * Errors: TL_ENOTFOUND (neither; names the nearest), TL_EIO, TL_EDATA (file, line, column), TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_objective_read(struct tl_ctx *ctx, const char *name, const char *currency,
                                     struct tl_objective *objective);
void tl_objective_fini(struct tl_objective *objective);

bool tl_objective_needs_map(const struct tl_objective *objective);

/** Row of the land's value for a use (NULL = not known). */
const struct tl_objective_use *tl_objective_use(const struct tl_objective *objective,
                                                const char *use);

/**
 * Turns shares into points a unit, so that all tasks together have 100 points. A part that nobody has any of gives none.
 * @param amounts  [n_tasks, n_parts], not negative
 */
void tl_objective_settle(struct tl_objective *objective, int64_t n_tasks, const double *amounts);

#endif
