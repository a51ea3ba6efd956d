/** Conditions on text columns: a comparison with a number is made a comparison of numbers. */
#ifndef TL_GEO_VECTOR_WHERE_H
#define TL_GEO_VECTOR_WHERE_H

#include "core/core.h"

/**
 * Rewrites a condition in OGR SQL so that text columns compared with number literals compare as numbers.
 * @param is_text  [n_columns] whether the column is text
 * @param[out] out owns: the caller, tl_free
 * Errors: TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_vector_where(struct tl_ctx *ctx, const char *where, int n_columns,
                                   char *const *names, const bool *is_text, char **out);

#endif
