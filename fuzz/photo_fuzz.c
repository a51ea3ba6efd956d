/*
 * Fuzzer of what a photograph from the field may be. What must hold for any bytes: no crash, no read outside; a refusal has words; what passes holds no metadata by
 * a second, simpler look, begins and ends as a JPEG does, and passes no more once anything follows it.
 */
#include <stdlib.h>
#include <string.h>

#include "serve/photo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
    if (!holds)
        abort();
}

/* Segments before the first scan, by their lengths alone. */
static bool tells_something(const uint8_t *data, size_t size)
{
    for (size_t at = 2; at + 4 <= size && data[at] == 0xFF && data[at + 1] != 0xDA;) {
        int marker = data[at + 1];
        if (marker == 0xFF || marker == 0x01 || (marker >= 0xD0 && marker <= 0xD7)) {
            at += marker == 0xFF ? 1 : 2;
            continue;
        }
        if (marker == 0xE1 || marker == 0xED || marker == 0xFE)
            return true;
        at += 2 + (size_t)(data[at + 2] << 8 | data[at + 3]);
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tl_ctx *ctx = tl_ctx_create();
    uint8_t *more = malloc(size + 1);
    must(ctx != NULL && more != NULL);
    tl_err err = tl_photo_check(ctx, data, (int64_t)size);
    must(err == TL_OK || (err == TL_EDATA && tl_ctx_message(ctx)[0] != '\0'));
    if (err == TL_OK) {
        must(size > 4 && data[0] == 0xFF && data[1] == 0xD8 && data[size - 2] == 0xFF &&
             data[size - 1] == 0xD9);
        must(!tells_something(data, size));
        memcpy(more, data, size);
        more[size] = 0xFF;
        must(tl_photo_check(ctx, more, (int64_t)size + 1) == TL_EDATA);
    }
    free(more);
    tl_ctx_free(ctx);
    return 0;
}
