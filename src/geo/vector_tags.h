/** HXL: a row under the header that says by hashtags what each column holds ("#geo+lat", "#date"). */
#ifndef TL_GEO_VECTOR_TAGS_H
#define TL_GEO_VECTOR_TAGS_H

#include <stdbool.h>

struct tl_vector_tags { /* of the cells of one row */
    int n, n_others, n_known;
};

/** Looks at a cell; an empty one says nothing. */
void tl_vector_tags_look(struct tl_vector_tags *tags, const char *cell);

/** Whether the row is one of tags: two or more, nothing else, and one of them a hashtag of the standard. */
bool tl_vector_tags_are(const struct tl_vector_tags *tags);

#endif
