#include "unit.h"

#include "store/blob.h"

static tl_err round_trip(struct tl_ctx *ctx, const float *in, float *out, int64_t n)
{
    void *packed = NULL;
    int64_t bytes = 0;
    tl_err err = TL_OK;
    TL_TRY(tl_blob_pack(ctx, in, 4 * n, 4, &packed, &bytes));
    TL_TRY(tl_blob_unpack(ctx, packed, bytes, 4, out, 4 * n));
done:
    tl_free(packed);
    return err;
}

TEST(arrays_come_back_bit_by_bit)
{
    float in[1000], out[1000];
    for (int i = 0; i < 1000; i++)
        in[i] = i % 7 == 0 ? (float)NAN : (float)sin(i) * 1e-3f;
    CHECK_EVERY_ALLOC(ctx, round_trip(ctx, in, out, 1000));
    CHECK(memcmp(in, out, sizeof in) == 0);
}

TEST(damaged_or_short_arrays_are_refused)
{
    double in[100] = {1, 2, 3}, out[100];
    void *packed = NULL;
    int64_t n = 0;
    CHECK_OK(tl_blob_pack(ctx, in, sizeof in, 8, &packed, &n));
    CHECK_FAILS(tl_blob_unpack(ctx, packed, n, 8, out, 8 * 50), TL_EDATA, "400 bytes");
    CHECK_FAILS(tl_blob_unpack(ctx, packed, n - 3, 8, out, sizeof out), TL_EDATA, "damaged");
    CHECK_FAILS(tl_blob_unpack(ctx, NULL, 0, 8, out, sizeof out), TL_EDATA, "damaged");
    tl_free(packed);
}
