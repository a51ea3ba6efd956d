/*
 * Vector tiles by hand: the format is four small messages of protocol buffers (Mapbox Vector Tile Specification 2.1), and an encoder that
 * goes straight from coordinates to bytes is shorter than the use of a library. Values are kept once per layer: a table by hash finds them.
 */
#include "tile/mvt.h"

#include <string.h>

enum { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, MOVE_TO = 1, LINE_TO = 2, CLOSE = 7 };

void tl_mvt_fini(struct tl_mvt *mvt)
{
    tl_buf_fini(&mvt->features);
    tl_buf_fini(&mvt->keys);
    tl_buf_fini(&mvt->values);
    tl_buf_fini(&mvt->tags);
    tl_buf_fini(&mvt->geometry);
    tl_free(mvt->value_at);
    tl_free(mvt->value_starts);
    *mvt = (struct tl_mvt){0};
}

static int64_t varint(uint64_t value, uint8_t out[10])
{
    int64_t n = 0;
    for (; value >= 128; value >>= 7)
        out[n++] = (uint8_t)(value | 128);
    out[n++] = (uint8_t)value;
    return n;
}

static tl_err add_varint(struct tl_ctx *ctx, struct tl_buf *buf, uint64_t value)
{
    uint8_t bytes[10];
    return tl_buf_add_bytes(ctx, buf, bytes, varint(value, bytes));
}

static tl_err add_number(struct tl_ctx *ctx, struct tl_buf *buf, int field, uint64_t value)
{
    uint8_t bytes[20];
    int64_t n = varint((uint64_t)(field << 3 | WIRE_VARINT), bytes);
    n += varint(value, bytes + n);
    return tl_buf_add_bytes(ctx, buf, bytes, n);
}

static tl_err add_bytes(struct tl_ctx *ctx, struct tl_buf *buf, int field, const void *bytes,
                        int64_t n)
{
    uint8_t head[20];
    int64_t n_head = varint((uint64_t)(field << 3 | WIRE_BYTES), head);
    n_head += varint((uint64_t)n, head + n_head);
    tl_err err = tl_buf_add_bytes(ctx, buf, head, n_head);
    return err == TL_OK && n > 0 ? tl_buf_add_bytes(ctx, buf, bytes, n) : err;
}

static uint64_t zigzag(int64_t value)
{
    return ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
}

tl_err tl_mvt_key(struct tl_ctx *ctx, struct tl_mvt *mvt, const char *name)
{
    tl_err err = add_bytes(ctx, &mvt->keys, 3, name, (int64_t)strlen(name));
    mvt->n_keys += err == TL_OK;
    return err;
}

tl_err tl_mvt_text(struct tl_ctx *ctx, struct tl_buf *buf, const char *text, int64_t n)
{
    return add_bytes(ctx, buf, 1, text, n);
}

tl_err tl_mvt_integer(struct tl_ctx *ctx, struct tl_buf *buf, int64_t value)
{
    return value >= 0 ? add_number(ctx, buf, 5, (uint64_t)value)
                      : add_number(ctx, buf, 6, zigzag(value));
}

tl_err tl_mvt_real(struct tl_ctx *ctx, struct tl_buf *buf, double value)
{
    uint8_t bytes[9] = {3 << 3 | WIRE_64};
    memcpy(bytes + 1, &value, sizeof value); /* little endian, as all machines that we build for */
    return tl_buf_add_bytes(ctx, buf, bytes, sizeof bytes);
}

tl_err tl_mvt_yesno(struct tl_ctx *ctx, struct tl_buf *buf, bool value)
{
    return add_number(ctx, buf, 7, value);
}

static uint32_t hash_of(const void *bytes, int64_t n)
{
    const uint8_t *at = bytes;
    uint32_t h = 2166136261u;
    for (int64_t i = 0; i < n; i++)
        h = (h ^ at[i]) * 16777619u; /* FNV-1a */
    return h;
}

/* Bounds of value i's content in `values`; its length stands before it. */
static void value_of(const struct tl_mvt *mvt, int32_t i, const char **bytes, int64_t *n)
{
    int64_t end =
        i + 1 < mvt->n_values ? mvt->value_starts[2 * (i + 1) + 1] : mvt->values.size_bytes;
    *bytes = mvt->values.text + mvt->value_starts[2 * i];
    *n = end - mvt->value_starts[2 * i];
}

/* Place of a value in the table: its own, or the free one where it belongs. */
static int32_t *slot_of(const struct tl_mvt *mvt, const void *value, int64_t n)
{
    uint32_t mask = (uint32_t)mvt->n_slots - 1, at = hash_of(value, n) & mask;
    for (; mvt->value_at[at] != 0; at = (at + 1) & mask) {
        const char *there = NULL;
        int64_t n_there = 0;
        value_of(mvt, mvt->value_at[at] - 1, &there, &n_there);
        if (n_there == n && memcmp(there, value, (size_t)n) == 0)
            break;
    }
    return &mvt->value_at[at];
}

static tl_err grow(struct tl_ctx *ctx, struct tl_mvt *mvt)
{
    int32_t n_slots = mvt->n_slots == 0 ? 256 : 2 * mvt->n_slots;
    int32_t *table = tl_alloc(ctx, n_slots, sizeof *table);
    int64_t *starts = table == NULL ? NULL
                                    : tl_regrow(ctx, mvt->value_starts, 2 * (int64_t)mvt->n_values,
                                                n_slots, sizeof *starts);
    if (starts == NULL) {
        tl_free(table);
        return TL_ENOMEM;
    }
    tl_free(mvt->value_at);
    mvt->value_at = table;
    mvt->value_starts = starts;
    mvt->n_slots = n_slots;
    for (int32_t i = 0; i < mvt->n_values; i++) {
        const char *bytes = NULL;
        int64_t n = 0;
        value_of(mvt, i, &bytes, &n);
        *slot_of(mvt, bytes, n) = i + 1;
    }
    return TL_OK;
}

static tl_err value_number(struct tl_ctx *ctx, struct tl_mvt *mvt, const void *value, int64_t n,
                           int32_t *number)
{
    tl_err err = TL_OK;
    if (2 * mvt->n_values >= mvt->n_slots)
        TL_TRY(grow(ctx, mvt));
    int32_t *slot = slot_of(mvt, value, n);
    if (*slot == 0) {
        int64_t start = mvt->values.size_bytes;
        TL_TRY(add_bytes(ctx, &mvt->values, 4, value, n));
        mvt->value_starts[2 * mvt->n_values] = mvt->values.size_bytes - n;
        mvt->value_starts[2 * mvt->n_values + 1] = start;
        *slot = ++mvt->n_values;
    }
    *number = *slot - 1;
done:
    return err;
}

void tl_mvt_begin(struct tl_mvt *mvt)
{
    tl_buf_clear(&mvt->tags);
    tl_buf_clear(&mvt->geometry);
    mvt->x = mvt->y = 0;
}

tl_err tl_mvt_tag(struct tl_ctx *ctx, struct tl_mvt *mvt, int32_t key, const void *value, int64_t n)
{
    int32_t number = 0;
    tl_err err = TL_OK;
    TL_TRY(value_number(ctx, mvt, value, n, &number));
    TL_TRY(add_varint(ctx, &mvt->tags, (uint64_t)key));
    TL_TRY(add_varint(ctx, &mvt->tags, (uint64_t)number));
done:
    return err;
}

/* Steps to n points behind one command. */
static tl_err add_steps(struct tl_ctx *ctx, struct tl_mvt *mvt, int command, int64_t n,
                        const int32_t (*xy)[2])
{
    tl_err err = add_varint(ctx, &mvt->geometry, (uint64_t)n << 3 | (uint64_t)command);
    for (int64_t i = 0; i < n && err == TL_OK; i++) {
        uint8_t bytes[20];
        int64_t k = varint(zigzag((int64_t)xy[i][0] - mvt->x), bytes);
        k += varint(zigzag((int64_t)xy[i][1] - mvt->y), bytes + k);
        err = tl_buf_add_bytes(ctx, &mvt->geometry, bytes, k);
        mvt->x = xy[i][0];
        mvt->y = xy[i][1];
    }
    return err;
}

tl_err tl_mvt_path(struct tl_ctx *ctx, struct tl_mvt *mvt, enum tl_mvt_type type, int64_t n,
                   const int32_t (*xy)[2])
{
    tl_err err = TL_OK;
    if (n < (int64_t)type) /* 1, 2 or 3 points at least */
        return TL_OK;
    if (type == TL_MVT_POINT)
        return add_steps(ctx, mvt, MOVE_TO, n, xy);
    TL_TRY(add_steps(ctx, mvt, MOVE_TO, 1, xy));
    TL_TRY(add_steps(ctx, mvt, LINE_TO, n - 1, xy + 1));
    if (type == TL_MVT_POLYGON)
        TL_TRY(add_varint(ctx, &mvt->geometry, 1 << 3 | CLOSE));
done:
    return err;
}

tl_err tl_mvt_end(struct tl_ctx *ctx, struct tl_mvt *mvt, enum tl_mvt_type type, int64_t id)
{
    uint8_t bytes[64];
    tl_err err = TL_OK;
    if (mvt->geometry.size_bytes == 0)
        return TL_OK;
    int64_t n_tags = mvt->tags.size_bytes, n_geometry = mvt->geometry.size_bytes, n = 0;
    bytes[n++] = 1 << 3 | WIRE_VARINT;
    n += varint((uint64_t)id, bytes + n);
    bytes[n++] = 3 << 3 | WIRE_VARINT;
    bytes[n++] = (uint8_t)type;
    int64_t size = n, k = n;
    k += varint((uint64_t)n_tags, bytes + k);
    size += 1 + (k - n) + n_tags;
    k = n;
    k += varint((uint64_t)n_geometry, bytes + k);
    size += 1 + (k - n) + n_geometry;
    TL_TRY(add_varint(ctx, &mvt->features, 2 << 3 | WIRE_BYTES));
    TL_TRY(add_varint(ctx, &mvt->features, (uint64_t)size));
    TL_TRY(tl_buf_add_bytes(ctx, &mvt->features, bytes, n));
    TL_TRY(add_bytes(ctx, &mvt->features, 2, mvt->tags.text, n_tags));
    TL_TRY(add_bytes(ctx, &mvt->features, 4, mvt->geometry.text, n_geometry));
    mvt->n_features++;
done:
    return err;
}

tl_err tl_mvt_finish(struct tl_ctx *ctx, const struct tl_mvt *mvt, const char *name, int extent,
                     struct tl_buf *out)
{
    struct tl_buf layer = {0};
    tl_err err = TL_OK;
    TL_TRY(add_number(ctx, &layer, 15, 2));
    TL_TRY(add_bytes(ctx, &layer, 1, name, (int64_t)strlen(name)));
    if (mvt->features.size_bytes > 0)
        TL_TRY(tl_buf_add_bytes(ctx, &layer, mvt->features.text, mvt->features.size_bytes));
    if (mvt->keys.size_bytes > 0)
        TL_TRY(tl_buf_add_bytes(ctx, &layer, mvt->keys.text, mvt->keys.size_bytes));
    if (mvt->values.size_bytes > 0)
        TL_TRY(tl_buf_add_bytes(ctx, &layer, mvt->values.text, mvt->values.size_bytes));
    TL_TRY(add_number(ctx, &layer, 5, (uint64_t)extent));
    TL_TRY(add_bytes(ctx, out, 3, layer.text, layer.size_bytes));
done:
    tl_buf_fini(&layer);
    return err;
}
