/** The area that is spoken of: found in the register or read from a file; its corners as a surveyor walks them. */
#ifndef TL_RELEASE_SUBJECT_H
#define TL_RELEASE_SUBJECT_H

#include "core/json.h"
#include "tilth/release.h"

struct tl_release_subject {
    bool is_area; /* a registered hazardous area */
    char code[32], name[200], classification[16], status[32], evidence_kind[32];
    double suspected_cm; /* depth down to which items are suspected; NaN = not known */
    char date[32];       /* when it was recorded */
    void *wkb;           /* owns: WGS 84 */
    int64_t wkb_bytes;
};

/** By the options' area, polygon file or wkb. Errors: TL_ENOTFOUND (nearest names), TL_EUSAGE (none or several given), TL_EDATA, TL_ENOMEM. */
TL_MUST_USE tl_err tl_release_subject_find(struct tl_ctx *ctx, struct tl_project *project,
                                           const struct tl_release_options *options,
                                           struct tl_release_subject *subject);
void tl_release_subject_fini(struct tl_release_subject *subject);

/** All open hazardous areas that have a polygon, in order of code. @param[out] subjects  owns: the caller, each and the array */
TL_MUST_USE tl_err tl_release_subject_all(struct tl_ctx *ctx, struct tl_project *project,
                                          struct tl_release_subject **subjects, int64_t *n);

/** All suspected areas (SHA), open or closed, that have a polygon, in order of code. @param[out] subjects  owns: the caller, each and the array */
TL_MUST_USE tl_err tl_release_subject_suspected(struct tl_ctx *ctx, struct tl_project *project,
                                                struct tl_release_subject **subjects, int64_t *n);

/** The JSON object "area" of an assessment, without sizes. owns: the caller. */
TL_MUST_USE tl_err tl_release_subject_json(struct tl_ctx *ctx, struct tl_project *project,
                                           const struct tl_release_subject *subject, json_t **json);

#endif
