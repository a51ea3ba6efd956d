/** Growing text, with a maximum: for messages, SQL, SVG, XML. */
#ifndef TL_CORE_BUF_H
#define TL_CORE_BUF_H

#include <stdint.h>

#include "core/core.h"

struct tl_buf {
    char *text; /* owns: zero-terminated, "" at first use; NULL before */
    int64_t size_bytes;
    int64_t room_bytes;
    int64_t max_bytes; /* 0 = 256 MiB */
};

/** Appends; on error the text is as it was. Errors: TL_ENOMEM (memory or the maximum). */
TL_MUST_USE tl_err tl_buf_add(struct tl_ctx *ctx, struct tl_buf *buf, const char *text);
TL_MUST_USE tl_err tl_buf_add_bytes(struct tl_ctx *ctx, struct tl_buf *buf, const void *bytes,
                                    int64_t n);
TL_MUST_USE tl_err tl_buf_printf(struct tl_ctx *ctx, struct tl_buf *buf, const char *format, ...)
    TL_PRINTF(3, 4);
/** The same as text of XML or an attribute of it; control characters, which XML has no way to write, are left out. */
TL_MUST_USE tl_err tl_buf_add_xml(struct tl_ctx *ctx, struct tl_buf *buf, const char *text);
/**
 * The same as a cell of CSV: in quotes where it has to be; what a spreadsheet would compute (tl_text_is_formula) gets an apostrophe in front, as
 * spreadsheets themselves write it. What stands between cells is the caller's.
 */
TL_MUST_USE tl_err tl_buf_add_cell(struct tl_ctx *ctx, struct tl_buf *buf, const char *text);
void tl_buf_clear(struct tl_buf *buf);
void tl_buf_fini(struct tl_buf *buf);

#endif
