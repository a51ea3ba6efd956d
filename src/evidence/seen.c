#include "evidence/seen.h"

#include <string.h>

enum { WAYS = 8, BUCKETS = 1 << 17 }; /* 1,048,576 fingerprints in 8 MiB */

tl_err tl_seen_init(struct tl_ctx *ctx, struct tl_seen *seen)
{
    seen->slots = tl_alloc(ctx, (int64_t)WAYS * BUCKETS, sizeof *seen->slots);
    return seen->slots == NULL ? TL_ENOMEM : TL_OK;
}

void tl_seen_fini(struct tl_seen *seen)
{
    tl_free(seen->slots);
    seen->slots = NULL;
}

bool tl_seen_add(struct tl_seen *seen, uint64_t fingerprint)
{
    uint64_t *bucket = seen->slots + WAYS * (fingerprint & (BUCKETS - 1));
    for (int i = 0; i < WAYS; i++)
        if (bucket[i] == fingerprint)
            return true;
    memmove(bucket + 1, bucket, (WAYS - 1) * sizeof *bucket); /* the oldest falls off the end */
    bucket[0] = fingerprint;
    return false;
}
