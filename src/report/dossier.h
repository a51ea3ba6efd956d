/** The land-release dossier while it is made: what its sections share. */
#ifndef TL_REPORT_DOSSIER_H
#define TL_REPORT_DOSSIER_H

#include "core/buf.h"
#include "core/catalogue.h"
#include "core/json.h"
#include "report/flow.h"
#include "report/outline.h"
#include "tilth/attach.h"
#include "tilth/dossier.h"

/** A search or inspection of the assessment with its polygon in the register. */
struct tl_dossier_search {
    const json_t *row; /* borrows: of "by" or "quality" */
    bool is_quality;
    struct tl_outline
        outline; /* in WGS 84, then in the project's system; no rings where it has no polygon */
    void *wkb;   /* owns: WGS 84; NULL = none */
    int64_t wkb_bytes;
};

struct tl_dossier {
    struct tl_ctx *ctx;         /* borrows */
    struct tl_project *project; /* borrows */
    struct tl_catalogue *words; /* owns */
    json_t *root;               /* owns: the assessment */
    const char *hash;           /* borrows: of the assessment */
    struct tl_outline area;     /* in the project's system */
    void *area_wkb;             /* owns: WGS 84 */
    int64_t area_wkb_bytes;
    struct tl_crs_map *to_grid; /* owns: from WGS 84 */
    int64_t n_searches;
    struct tl_dossier_search *searches; /* owns */
    int64_t n_attached;
    struct tl_attach_info *attached; /* owns: files of the area's record, in the order of coming */
    struct tl_flow flow;
    struct tl_dossier_text *texts; /* owns: what tl_dossier_say made */
    tl_err err;                    /* first error of making a text; looked at once at the end */
};

/* Values of the assessment by path ("remaining.p_any.value"); `from` NULL = the whole. */
const json_t *tl_dossier_at(const struct tl_dossier *d, const json_t *from, const char *path);
double tl_dossier_number(const struct tl_dossier *d, const json_t *from,
                         const char *path); /* NaN = none */
const char *tl_dossier_string(const struct tl_dossier *d, const json_t *from,
                              const char *path); /* NULL = none */

/** A formatted text that lives as long as the dossier. Never NULL; after a failure "" and d->err. */
const char *tl_dossier_say(struct tl_dossier *d, const char *format, ...) TL_PRINTF(2, 3);

/* Numbers as the language writes them. Not finite: a dash. */
const char *tl_dossier_figure(struct tl_dossier *d, double value); /* three digits that count */
const char *tl_dossier_whole(struct tl_dossier *d, double value);  /* no decimals */
const char *tl_dossier_fixed(struct tl_dossier *d, double value, int decimals);
/** Twice a Monte Carlo error, rounded up to one digit; NULL where there is none. */
const char *tl_dossier_error(struct tl_dossier *d, double mcse);
const char *tl_dossier_percent(struct tl_dossier *d, double share); /* "41 %", "under 0.01 %" */
/** A chance that was computed by random draws: never "0 %" nor "100 %", which no draws can show. */
const char *tl_dossier_chance(struct tl_dossier *d, double p);
const char *tl_dossier_area(struct tl_dossier *d, double area_m2); /* "4.12 ha", "850 m²" */
/** "12 (8–20)"; the range is left out where it is not known. */
const char *tl_dossier_range(struct tl_dossier *d, double value, double low, double high);
/** A number with its unit of money. */
const char *tl_dossier_money(struct tl_dossier *d, double value, const char *currency);

/** Frees what tl_dossier_say made. */
void tl_dossier_texts_free(struct tl_dossier *d);

/** What is known of a value, "–" when nothing is. */
const char *tl_dossier_or_dash(const char *text);

/** Words for a term of the register ("SHA", "clearance", "spot find", "manual"); another text is left as it is. */
const char *tl_dossier_term(const struct tl_dossier *d, const char *term);

/* Sections, in the order of the dossier. */
void tl_dossier_summary(struct tl_dossier *d);
TL_MUST_USE tl_err tl_dossier_map(struct tl_dossier *d);
void tl_dossier_turning_points(struct tl_dossier *d);
void tl_dossier_work(struct tl_dossier *d);
void tl_dossier_remains(struct tl_dossier *d);
void tl_dossier_criteria(struct tl_dossier *d);
void tl_dossier_grounds(struct tl_dossier *d);
void tl_dossier_decisions(struct tl_dossier *d);
void tl_dossier_attached(struct tl_dossier *d);
void tl_dossier_signatures(struct tl_dossier *d);
void tl_dossier_provenance(struct tl_dossier *d);

/** Reads what is attached to the area. Errors: TL_EIO, TL_ENOMEM. */
TL_MUST_USE tl_err tl_dossier_take_attached(struct tl_dossier *d);

/** Dots of P(at least one) on one axis: before any search, now, if misses were independent, after one more pass of each. */
void tl_dossier_chart(struct tl_dossier *d);

/* Files beside the PDF. */
TL_MUST_USE tl_err tl_dossier_geojson(struct tl_dossier *d, const char *path);
TL_MUST_USE tl_err tl_dossier_points_csv(struct tl_dossier *d, const char *path);
TL_MUST_USE tl_err tl_dossier_searches_csv(struct tl_dossier *d, const char *path);

#endif
