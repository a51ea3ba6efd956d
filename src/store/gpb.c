/*
 * GeoPackage 1.3, clause 2.1.3: "GP", version, flags, srs_id, envelope (none for points), WKB. The reader walks any WKB with
 * a limit on depth and never past the end; counts are checked against the bytes that are left before anything is written.
 */
#include "store/gpb.h"

#include <math.h>
#include <string.h>

#include "store/sql.h"

#include "core/text.h"

enum { POINT = 1, LINE, POLYGON, MULTIPOINT, MULTILINE, MULTIPOLYGON, COLLECTION, DEPTH_MAX = 8 };
enum { HEADER = 8, BOXED_HEADER = 40, FLAG_LITTLE = 1, FLAG_BOX = 2, FLAG_EMPTY = 16, SRS = 4326 };

struct reader {
    const uint8_t *at, *end;
    bool swap;
    struct tl_gpb_box box;
    struct tl_ctx *ctx;
    struct tl_buf *out; /* NULL: only the envelope is wanted */
};

static const struct tl_gpb_box no_box = {INFINITY, -INFINITY, INFINITY, -INFINITY};

static bool little_machine(void)
{
    const uint16_t one = 1;
    uint8_t first;
    memcpy(&first, &one, 1);
    return first == 1;
}

static void reverse(uint8_t *bytes, int n)
{
    for (int i = 0; i < n / 2; i++) {
        uint8_t t = bytes[i];
        bytes[i] = bytes[n - 1 - i];
        bytes[n - 1 - i] = t;
    }
}

static bool read_u32(struct reader *r, uint32_t *value)
{
    uint8_t bytes[4];
    if (r->end - r->at < 4)
        return false;
    memcpy(bytes, r->at, 4);
    r->at += 4;
    if (r->swap)
        reverse(bytes, 4);
    memcpy(value, bytes, 4);
    return true;
}

static double read_real(const uint8_t *at, bool swap)
{
    uint8_t bytes[8];
    double value;
    memcpy(bytes, at, 8);
    if (swap)
        reverse(bytes, 8);
    memcpy(&value, bytes, 8);
    return value;
}

static tl_err put(struct reader *r, const void *bytes, int64_t n)
{
    return r->out == NULL ? TL_OK : tl_buf_add_bytes(r->ctx, r->out, bytes, n);
}

static tl_err put_head(struct reader *r, uint32_t type)
{
    uint8_t head[5] = {1, (uint8_t)type, 0, 0, 0};
    return put(r, head, 5);
}

static tl_err put_u32(struct reader *r, uint32_t value)
{
    uint8_t bytes[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                        (uint8_t)(value >> 24)};
    return put(r, bytes, 4);
}

static tl_err malformed(struct reader *r, const char *why)
{
    return tl_fail(r->ctx, TL_EDATA, "a geometry is not well-formed WKB: %s", why);
}

/* Copies n points of `n_dims` numbers each as x, y. An empty point is NaN NaN. */
static tl_err points(struct reader *r, uint32_t n, int n_dims, bool may_be_nan)
{
    int64_t step = 8 * n_dims;
    if ((int64_t)(r->end - r->at) / step < (int64_t)n)
        return malformed(r, "it ends too early");
    for (uint32_t i = 0; i < n; i++, r->at += step) {
        double xy[2] = {read_real(r->at, r->swap), read_real(r->at + 8, r->swap)};
        uint8_t bytes[16];
        if (!isfinite(xy[0]) || !isfinite(xy[1])) {
            if (!(may_be_nan && isnan(xy[0]) && isnan(xy[1])))
                return malformed(r, "a coordinate is not finite");
        } else {
            r->box.west = fmin(r->box.west, xy[0]);
            r->box.east = fmax(r->box.east, xy[0]);
            r->box.south = fmin(r->box.south, xy[1]);
            r->box.north = fmax(r->box.north, xy[1]);
        }
        memcpy(bytes, xy, 16);
        if (!little_machine()) {
            reverse(bytes, 8);
            reverse(bytes + 8, 8);
        }
        tl_err err = put(r, bytes, 16);
        if (err != TL_OK)
            return err;
    }
    return TL_OK;
}

/* Reads byte order and type; n_dims counts the numbers of a point. */
static tl_err head(struct reader *r, uint32_t *type, int *n_dims)
{
    uint32_t code, srid;
    if (r->end - r->at < 5)
        return malformed(r, "it ends too early");
    uint8_t order = *r->at++;
    if (order > 1)
        return malformed(r, "its byte order is neither 0 nor 1");
    r->swap = (order == 1) != little_machine();
    if (!read_u32(r, &code))
        return malformed(r, "it ends too early");
    *n_dims = 2 + ((code & 0x80000000u) != 0) + ((code & 0x40000000u) != 0);
    if ((code & 0x20000000u) != 0 && !read_u32(r, &srid))
        return malformed(r, "it ends too early");
    code &= 0x1fffffffu;
    if (code >= 1000 && code < 4000)
        *n_dims = code < 3000 ? 3 : 4;
    *type = code % 1000;
    if (code >= 4000 || *type < POINT || *type > COLLECTION)
        return malformed(r, "it is not a point, line, polygon or a collection of them");
    return TL_OK;
}

static tl_err body(struct reader *r, uint32_t type, int n_dims, int depth);

static tl_err parts(struct reader *r, uint32_t type, uint32_t n, int depth)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t part;
        int n_dims;
        tl_err err = head(r, &part, &n_dims);
        if (err == TL_OK && type != COLLECTION && part != type - 3)
            err = malformed(r, "a part is of another type than the whole");
        if (err == TL_OK)
            err = put_head(r, part);
        if (err == TL_OK)
            err = body(r, part, n_dims, depth + 1);
        if (err != TL_OK)
            return err;
    }
    return TL_OK;
}

static tl_err body(struct reader *r, uint32_t type, int n_dims, int depth)
{
    uint32_t n = 0, n_points = 0;
    tl_err err;
    if (depth > DEPTH_MAX)
        return malformed(r, "it is nested too deeply");
    if (type == POINT)
        return points(r, 1, n_dims, true);
    if (!read_u32(r, &n))
        return malformed(r, "it ends too early");
    err = put_u32(r, n);
    if (type == LINE && err == TL_OK)
        return points(r, n, n_dims, false);
    if (type >= MULTIPOINT && err == TL_OK)
        return parts(r, type, n, depth);
    for (uint32_t i = 0; i < n && err == TL_OK; i++) {
        if (!read_u32(r, &n_points))
            return malformed(r, "it ends too early");
        err = put_u32(r, n_points);
        if (err == TL_OK)
            err = points(r, n_points, n_dims, false);
    }
    return err;
}

static const char *const family_names[] = {"geometry", "point", "line", "polygon"};

/* Writes what the layer declares: single lines and polygons wrapped, a multipoint of one unwrapped. */
static tl_err whole(struct reader *r, enum tl_gpb_family family)
{
    static const uint32_t single[] = {0, POINT, LINE, POLYGON};
    uint32_t type;
    int n_dims;
    tl_err err = head(r, &type, &n_dims);
    if (err != TL_OK)
        return err;
    if (family == TL_GPB_POINT && type == MULTIPOINT) {
        uint32_t n = 0;
        if (!read_u32(r, &n) || n != 1)
            return tl_fail(r->ctx, TL_EDATA, "a point was expected, this is a multipoint of %u", n);
        err = head(r, &type, &n_dims);
        if (err != TL_OK)
            return err;
    }
    if (family != TL_GPB_ANY && type != single[family] &&
        (family == TL_GPB_POINT || type != single[family] + 3))
        return tl_fail(r->ctx, TL_EDATA, "a %s was expected, this is WKB of type %u",
                       family_names[family], type);
    if (family != TL_GPB_ANY && family != TL_GPB_POINT && type == single[family]) {
        err = put_head(r, type + 3);
        if (err == TL_OK)
            err = put_u32(r, 1);
    }
    if (err == TL_OK)
        err = put_head(r, type);
    if (err == TL_OK)
        err = body(r, type, n_dims, 0);
    if (err == TL_OK && r->at != r->end)
        err = malformed(r, "bytes are left over at its end");
    return err;
}

tl_err tl_gpb_make(struct tl_ctx *ctx, enum tl_gpb_family family, const void *wkb,
                   int64_t wkb_bytes, struct tl_buf *out, struct tl_gpb_box *box)
{
    uint8_t header[BOXED_HEADER] = {'G', 'P', 0, FLAG_LITTLE | FLAG_BOX};
    const int32_t srs = SRS;
    struct reader r = {.at = wkb, .end = (const uint8_t *)wkb + wkb_bytes, .box = no_box};
    r.ctx = ctx;
    r.out = out;
    tl_buf_clear(out);
    tl_err err = tl_buf_add_bytes(ctx, out, header, family == TL_GPB_POINT ? HEADER : BOXED_HEADER);
    if (err == TL_OK)
        err = whole(&r, family);
    if (err != TL_OK)
        return err;
    bool empty = r.box.west > r.box.east;
    if (family == TL_GPB_POINT)
        header[3] = FLAG_LITTLE;
    else if (empty)
        r.box.west = r.box.east = r.box.south = r.box.north = (double)NAN;
    if (empty)
        header[3] |= FLAG_EMPTY;
    memcpy(header + 4, &srs, 4);
    memcpy(header + HEADER, &r.box, sizeof r.box);
    memcpy(out->text, header, family == TL_GPB_POINT ? HEADER : BOXED_HEADER);
    *box = empty ? no_box : r.box;
    return TL_OK;
}

const void *tl_gpb_wkb(const void *blob, int64_t blob_bytes, int64_t *wkb_bytes)
{
    static const int envelope_bytes[8] = {0, 32, 48, 48, 64, -1, -1, -1};
    const uint8_t *b = blob;
    if (b == NULL || blob_bytes < HEADER || b[0] != 'G' || b[1] != 'P')
        return NULL;
    int envelope = envelope_bytes[(b[3] >> 1) & 7];
    if (envelope < 0 || blob_bytes < HEADER + envelope + 5)
        return NULL;
    *wkb_bytes = blob_bytes - HEADER - envelope;
    return b + HEADER + envelope;
}

bool tl_gpb_envelope(const void *blob, int64_t blob_bytes, struct tl_gpb_box *box)
{
    int64_t wkb_bytes = 0;
    const uint8_t *b = blob, *wkb = tl_gpb_wkb(blob, blob_bytes, &wkb_bytes);
    if (wkb == NULL || (b[3] & FLAG_EMPTY) != 0)
        return false;
    if (wkb != b + HEADER) {
        bool swap = ((b[3] & FLAG_LITTLE) != 0) != little_machine();
        box->west = read_real(b + HEADER, swap);
        box->east = read_real(b + HEADER + 8, swap);
        box->south = read_real(b + HEADER + 16, swap);
        box->north = read_real(b + HEADER + 24, swap);
    } else {
        struct tl_ctx *aside = NULL;
        struct reader r = {.at = wkb, .end = wkb + wkb_bytes, .box = no_box, .ctx = aside};
        uint32_t type;
        int n_dims;
        if (wkb_bytes < 5 || wkb[0] > 1)
            return false;
        if (wkb_bytes >= 21 && wkb[0] == (little_machine() ? 1 : 0) && wkb[1] == 1 && wkb[2] == 0) {
            /* a plain point, nearly always */
            box->west = box->east = read_real(wkb + 5, false);
            box->south = box->north = read_real(wkb + 13, false);
            return box->west == box->east && box->south == box->north;
        }
        aside = tl_ctx_create();
        if (aside == NULL)
            return false;
        r.ctx = aside;
        tl_err err = head(&r, &type, &n_dims);
        if (err == TL_OK)
            err = body(&r, type, n_dims, 0);
        tl_ctx_free(aside);
        if (err != TL_OK)
            return false;
        *box = r.box;
    }
    return box->west <= box->east && box->south <= box->north;
}

enum edge { MIN_X, MAX_X, MIN_Y, MAX_Y, IS_EMPTY };

static void edge_of(sqlite3_context *context, sqlite3_value *value, enum edge edge)
{
    struct tl_gpb_box box;
    const void *blob = sqlite3_value_blob(value);
    bool any = tl_gpb_envelope(blob, sqlite3_value_bytes(value), &box);
    if (edge == IS_EMPTY) {
        if (blob == NULL)
            sqlite3_result_null(context);
        else
            sqlite3_result_int(context, !any);
    } else if (any) {
        const double edges[] = {box.west, box.east, box.south, box.north};
        sqlite3_result_double(context, edges[edge]);
    } else {
        sqlite3_result_null(context);
    }
}

#define ST(name, edge)                                                                             \
    static void name(sqlite3_context *context, int n, sqlite3_value **values)                      \
    {                                                                                              \
        (void)n;                                                                                   \
        edge_of(context, values[0], edge);                                                         \
    }
ST(st_min_x, MIN_X)
ST(st_max_x, MAX_X)
ST(st_min_y, MIN_Y)
ST(st_max_y, MAX_Y)
ST(st_is_empty, IS_EMPTY)

/* Text folded for searching; NULL stays NULL. */
static void fold(sqlite3_context *context, int n, sqlite3_value **values)
{
    const char *text = (const char *)sqlite3_value_text(values[0]);
    (void)n;
    if (text == NULL) {
        sqlite3_result_null(context);
        return;
    }
    char *folded = sqlite3_malloc64(strlen(text) + 1);
    if (folded == NULL) {
        sqlite3_result_error_nomem(context);
        return;
    }
    tl_text_fold(text, folded);
    sqlite3_result_text(context, folded, -1, sqlite3_free);
}

tl_err tl_gpb_register(struct tl_ctx *ctx, sqlite3 *db)
{
    static const struct {
        const char *name;
        void (*call)(sqlite3_context *, int, sqlite3_value **);
    } functions[] = {{"ST_MinX", st_min_x}, {"ST_MaxX", st_max_x},       {"ST_MinY", st_min_y},
                     {"ST_MaxY", st_max_y}, {"ST_IsEmpty", st_is_empty}, {"tl_fold", fold}};
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
        if (sqlite3_create_function_v2(db, functions[i].name, 1,
                                       SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, NULL,
                                       functions[i].call, NULL, NULL, NULL) != SQLITE_OK)
            return tl_sql_fail(ctx, db, "registering functions");
    return TL_OK;
}
