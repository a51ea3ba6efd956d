/**
 * JSON written straight into text: an import writes a small object per row, for which building a
 * tree first would cost more than reading the row.
 */
#ifndef TL_EVIDENCE_JSONTEXT_H
#define TL_EVIDENCE_JSONTEXT_H

#include "core/buf.h"

/** Appends a quoted string. Bytes that are not UTF-8 are written as the character of ISO 8859-1
 * with that number: nothing is lost. */
TL_MUST_USE tl_err tl_jsontext_string(struct tl_ctx *ctx, struct tl_buf *buf, const char *text);

/** Appends `"key": "value"`, with `{` in front when it is the object's first member, else `, `. */
TL_MUST_USE tl_err tl_jsontext_member(struct tl_ctx *ctx, struct tl_buf *buf, const char *key,
                                      const char *value);

/** Closes an object; one without members becomes "{}". */
TL_MUST_USE tl_err tl_jsontext_close(struct tl_ctx *ctx, struct tl_buf *buf);

#endif
