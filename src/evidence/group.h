/** Groups of items that have their own field (model.md section 2), told from what people write as a
 * category. */
#ifndef TL_EVIDENCE_GROUP_H
#define TL_EVIDENCE_GROUP_H

#include "core/core.h"

enum tl_group { TL_GROUP_ALL, TL_GROUP_MINES, TL_GROUP_ERW };

/** Group of a name: "all" (also NULL), "mines", "erw". Errors: TL_EUSAGE. */
TL_MUST_USE tl_err tl_group_find(struct tl_ctx *ctx, const char *name, enum tl_group *group);

/** Group that a category speaks of; TL_GROUP_ALL when it says nothing, or both. NULL is fine. */
enum tl_group tl_group_of(const char *category);

/** Whether a record of a category belongs to a group: what is not known belongs to every group. */
bool tl_group_takes(enum tl_group group, const char *category);

#endif
