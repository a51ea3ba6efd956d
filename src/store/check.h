/** Lines of a check, gathered. For this room. */
#ifndef TL_STORE_CHECK_H
#define TL_STORE_CHECK_H

#include "store/store.h"

enum { TL_CHECK_SHOWN = 20, TL_CHECK_LINES_MAX = 2000 }; /* shown of one check; of all */

struct tl_check {
    struct tl_ctx *ctx;
    struct tl_project *project;
    struct tl_check_line *lines; /* owns */
    int64_t n, room;
    const char *present; /* check whose lines are being counted */
    int64_t n_present;
};

/** Adds a line; beyond TL_CHECK_SHOWN of one check they are only counted. */
TL_MUST_USE tl_err tl_check_add(struct tl_check *check, const char *severity, const char *name,
                                const char *format, ...) TL_PRINTF(4, 5);

/** A line for each row of a query: its first column is the message. */
TL_MUST_USE tl_err tl_check_rows(struct tl_check *check, const char *severity, const char *name,
                                 const char *sql);

/** Says how many lines of the present check were not shown. */
TL_MUST_USE tl_err tl_check_end(struct tl_check *check, const char *severity);

TL_MUST_USE tl_err tl_check_log(struct tl_check *check);         /* check_log.c */
TL_MUST_USE tl_err tl_check_geometry(struct tl_check *check);    /* check_geometry.c */
TL_MUST_USE tl_err tl_check_attachments(struct tl_check *check); /* attach.c */
TL_MUST_USE tl_err tl_check_victims(struct tl_check *check);     /* victim_key.c */

#endif
