/**
 * Why a row was refused, or taken in with a doubt: one list makes the names in the project and the
 * page in docs; and the tally of an import.
 */
#ifndef TL_EVIDENCE_REASON_H
#define TL_EVIDENCE_REASON_H

#include "tilth/evidence.h"

/*    id                 name                      refused  in words */
#define TL_REASON_LIST(X)                                                                          \
    X(MISSING_POSITION, "missing-position", true, "no position is given")                          \
    X(UNREADABLE_POSITION, "unreadable-position", true, "the position cannot be read")             \
    X(IMPOSSIBLE, "impossible-coordinates", true, "no place on Earth has these coordinates")       \
    X(ZERO_POSITION, "zero-position", true, "0, 0 is what programs write for a missing position")  \
    X(LON_SIGN, "lon-sign", true, "outside the area; inside with the longitude's sign changed")    \
    X(LAT_SIGN, "lat-sign", true, "outside the area; inside with the latitude's sign changed")     \
    X(BOTH_SIGNS, "both-signs", true, "outside the area; inside with both signs changed")          \
    X(SWAPPED, "swapped", true, "outside the area; inside with the two coordinates swapped")       \
    X(OUTSIDE, "outside-area", true, "outside the area of interest")                               \
    X(WRONG_GEOMETRY, "wrong-geometry", true, "another geometry than records of this kind have")   \
    X(EMPTY_GEOMETRY, "empty-geometry", true, "the geometry has no points")                        \
    X(UNREADABLE_GEOMETRY, "unreadable-geometry", true, "the geometry cannot be read")             \
    X(FEW_VERTICES, "too-few-vertices", true,                                                      \
      "a line needs two different vertices, a polygon three")                                      \
    X(DATE_UNREADABLE, "date-unreadable", true, "the date cannot be read")                         \
    X(DATE_AMBIGUOUS, "date-ambiguous", true, "day and month could be either way round")           \
    X(DATE_FUTURE, "date-future", true, "the date lies in the future")                             \
    X(NUMBER_UNREADABLE, "number-unreadable", true, "the number cannot be read")                   \
    X(OUT_OF_RANGE, "out-of-range", true, "the number lies outside its range")                     \
    X(UNKNOWN_CHOICE, "unknown-choice", true, "not one of the words that the column knows")        \
    X(BAD_TEXT, "bad-text", true, "the text is not UTF-8: --encoding may be needed")               \
    X(DUPLICATE_ROW, "duplicate-row", true, "repeats an earlier row of the file exactly")          \
    X(DUPLICATE_ID, "duplicate-id", true, "its id came earlier in the file")                       \
    X(KEPT_OUTSIDE, "kept-outside-area", false,                                                    \
      "outside the area of interest, taken in on request")                                         \
    X(YEAR_ONLY, "year-only", false, "the date says only the year")                                \
    X(DATES_REVERSED, "dates-reversed", false, "it ends before it begins")                         \
    X(INVALID_POLYGON, "invalid-polygon", false, "kept as received; repaired for computing")       \
    X(REPEATED_VERTICES, "repeated-vertices", false, "vertices repeat within 1e-6 degrees")        \
    X(FAR_VERTICES, "far-vertices", false, "two neighbouring vertices lie over 5 km apart")        \
    X(SAME_POSITION, "same-position", false, "same position and date as another record")           \
    X(SAME_SHAPE, "same-shape", false, "same geometry as another record")                          \
    X(OVERLAP, "area-overlap", false, "overlaps another hazardous area by more than 0.9 %")        \
    X(COVARIATE_GAPS, "covariate-gaps", false, "the raster has no value in part of the grid")

enum tl_reason {
    TL_REASON_NONE = -1,
#define TL_REASON_ENUM(id, name, refused, words) TL_REASON_##id,
    TL_REASON_LIST(TL_REASON_ENUM)
#undef TL_REASON_ENUM
        TL_REASON_COUNT
};

const char *tl_reason_name(enum tl_reason reason);
bool tl_reason_refuses(enum tl_reason reason);

/** Counts and first example by reason. */
struct tl_reason_tally {
    struct {
        int64_t n;
        char example[200];
    } reasons[TL_REASON_COUNT];
};

/** Counts one; the first one is kept as the example, with its row (0 = none). */
void tl_reason_count(struct tl_reason_tally *tally, enum tl_reason reason, int64_t row,
                     const char *message);

/** Writes those that occurred into the report: refusals first, in the order of the list. */
void tl_reason_report(const struct tl_reason_tally *tally, struct tl_import_report *report);

#endif
