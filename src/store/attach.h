/** Attachments of any row of the project's tables; what users of the library see is tilth/attach.h. */
#ifndef TL_STORE_ATTACH_H
#define TL_STORE_ATTACH_H

#include "store/store.h"
#include "tilth/attach.h"

/** What files hang on. */
struct tl_attach_owner {
    const char *table; /* borrows */
    int64_t row;
    const char *label; /* borrows: what people call it, in messages */
    int64_t max;       /* files it may have */
};

/** As tl_attach_add, of any row; it is there. */
TL_MUST_USE tl_err tl_attach_to(struct tl_ctx *ctx, struct tl_project *project,
                                const struct tl_attach_owner *owner,
                                const struct tl_attach_file *file, int64_t *id, bool *is_new);

/** As tl_attach_list, of any row. */
TL_MUST_USE tl_err tl_attach_of(struct tl_ctx *ctx, struct tl_project *project,
                                const struct tl_attach_owner *owner, struct tl_attach_info **list,
                                int64_t *n);

#endif
