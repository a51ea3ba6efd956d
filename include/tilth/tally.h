/**
 * Progress tables in the shape that treaty reports use: suspected and confirmed land at start and end, land cancelled, reduced and cleared (three
 * figures, never added), items found and destroyed by category, accidents; by year and district, from the register alone.
 *
 * Rules (docs/rooms/evidence.md, "Progress tables"):
 * - A hazardous area stands in the land of a moment from the year it was recorded to the year it was closed, less what was released of it since it was
 *   recorded. Ground under several areas counts once: as confirmed where one of them is.
 * - Released land is that of searches with released_as, and of hazardous areas whose status is cancelled, reduced or cleared. Ground that several
 *   of these cover counts once, with the first by date (of one day: cleared before reduced before cancelled); the rest stands in `again`.
 * - District is the second (else first) administrative level of the nearest place of the register, up to 50 km away; else "" (not known).
 * - What has no date, no polygon or no class is counted apart, and in no other figure.
 *
 *     struct tl_tally *tally = NULL;
 *     TL_TRY(tl_tally_make(ctx, project, &(struct tl_tally_options){.by = TL_TALLY_BY_YEAR}, &tally));
 *     TL_TRY(tl_tally_write(ctx, tally, "en", "progress", false));
 */
#ifndef TILTH_TALLY_H
#define TILTH_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "tilth/ctx.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tl_project;

enum tl_tally_by { TL_TALLY_BY_YEAR, TL_TALLY_BY_DISTRICT, TL_TALLY_BY_BOTH };

enum tl_tally_product { TL_TALLY_CANCELLED, TL_TALLY_REDUCED, TL_TALLY_CLEARED, TL_TALLY_PRODUCTS };

/** Categories of treaty reports, told from what people write. */
enum tl_tally_category {
    TL_TALLY_AP,          /* anti-personnel mines */
    TL_TALLY_AV,          /* anti-vehicle mines */
    TL_TALLY_IMPROVISED,  /* improvised mines and devices */
    TL_TALLY_SUBMUNITION, /* cluster munition remnants */
    TL_TALLY_OTHER,       /* other explosive ordnance */
    TL_TALLY_UNKNOWN,     /* not said, not known, or several */
    TL_TALLY_CATEGORIES
};
const char *tl_tally_product_name(enum tl_tally_product product);    /* "cancelled" */
const char *tl_tally_category_name(enum tl_tally_category category); /* "anti-personnel mines" */
enum tl_tally_category tl_tally_category_of(const char *category);

struct tl_tally_row {
    int year;             /* 0 = the whole period */
    const char *district; /* borrows: of the tally; "" = not known, NULL = all */
    double suspected_start_m2, confirmed_start_m2, suspected_end_m2, confirmed_end_m2;
    double recorded_m2; /* ground that came under a hazardous area for the first time */
    double released_m2[TL_TALLY_PRODUCTS];
    double again_m2[TL_TALLY_PRODUCTS]; /* over ground that had been released before */
    /* Of hazardous areas closed or handed over: ground that is none of the three, and under no other open area. */
    double closed_m2;
    int64_t found[TL_TALLY_CATEGORIES], destroyed[TL_TALLY_CATEGORIES];
    int64_t accidents, during_demining, killed, injured;
};

/** What is counted apart. */
enum tl_tally_apart {
    TL_TALLY_AREA_NO_POLYGON,
    TL_TALLY_AREA_NO_CLASS,
    TL_TALLY_AREA_NO_DATE,
    TL_TALLY_AREA_CLOSED_NO_DATE,
    TL_TALLY_CANCELLED_NO_POLYGON, /* in the order of products */
    TL_TALLY_REDUCED_NO_POLYGON,
    TL_TALLY_CLEARED_NO_POLYGON,
    TL_TALLY_CANCELLED_NO_DATE, /* in the order of products */
    TL_TALLY_REDUCED_NO_DATE,
    TL_TALLY_CLEARED_NO_DATE,
    TL_TALLY_ITEM_NO_DATE,
    TL_TALLY_ACCIDENT_NO_DATE,
    TL_TALLY_APARTS
};
const char *tl_tally_apart_words(enum tl_tally_apart apart);

struct tl_tally_sum {
    int64_t records;
    double area_m2; /* of the polygon; as reported where there is none; 0 = not known */
    int64_t number; /* of items */
};

struct tl_tally {
    enum tl_tally_by by;
    int from, to;
    int64_t n_rows;
    struct tl_tally_row *rows; /* owns */
    struct tl_tally_row total;
    struct tl_tally_sum apart[TL_TALLY_APARTS];
    int64_t n_no_district; /* records in the period's figures whose district is not known */
    int64_t n_districts;
    char **districts; /* owns */
    char title[256];  /* of the project */
    char system[256]; /* in which areas are measured */
};

struct tl_tally_options {
    int from, to; /* 0 = the first and the last year on record */
    enum tl_tally_by by;
};

/**
 * Makes the tables. @param[out] tally  owns: the caller, tl_tally_free
 * Errors: TL_EUSAGE (from after to, more than 300 years), TL_EDATA (no dated record and no years given), TL_EIO, TL_ENOMEM, TL_ECANCELLED.
 */
TL_MUST_USE tl_err tl_tally_make(struct tl_ctx *ctx, struct tl_project *project,
                                 const struct tl_tally_options *options, struct tl_tally **tally);
void tl_tally_free(struct tl_tally *tally);

/* What came out. owns: the caller, tl_free. */
TL_MUST_USE tl_err tl_tally_json(struct tl_ctx *ctx, const struct tl_tally *tally, char **json);
TL_MUST_USE tl_err tl_tally_words(struct tl_ctx *ctx, const struct tl_tally *tally, char **words);
/** progress.csv: a line a row and the whole. */
TL_MUST_USE tl_err tl_tally_csv(struct tl_ctx *ctx, const struct tl_tally *tally, char **csv);
/** items.csv: a line a row and category. */
TL_MUST_USE tl_err tl_tally_items_csv(struct tl_ctx *ctx, const struct tl_tally *tally, char **csv);
/** apart.csv: what is in no other figure. */
TL_MUST_USE tl_err tl_tally_apart_csv(struct tl_ctx *ctx, const struct tl_tally *tally, char **csv);

/**
 * Writes progress.pdf, progress.json, progress.csv, items.csv and apart.csv into a folder, whole or not at all.
 * @param language  "en" or "uk": of the PDF
 * Errors: TL_EEXISTS, TL_EIO, TL_ENOMEM, TL_EUSAGE (language).
 */
TL_MUST_USE tl_err tl_tally_write(struct tl_ctx *ctx, const struct tl_tally *tally,
                                  const char *language, const char *folder, bool overwrite);

#ifdef __cplusplus
}
#endif
#endif
