#include "unit.h"

#include "store/gpb.h"
#include "store/sql.h"

/* Bytes of hexadecimal text. */
static int64_t bytes_of(const char *hex, unsigned char *out)
{
    int64_t n = 0;
    for (; hex[2 * n] != '\0'; n++) {
        unsigned value = 0;
        sscanf(hex + 2 * n, "%2x", &value);
        out[n] = (unsigned char)value;
    }
    return n;
}

static bool is_hex(const struct tl_buf *buf, const char *hex)
{
    unsigned char wanted[512];
    int64_t n = bytes_of(hex, wanted);
    return n == buf->size_bytes && memcmp(buf->text, wanted, (size_t)n) == 0;
}

#define POINT_1_2 "0101000000000000000000F03F0000000000000040"

TEST(points_of_any_making_become_plain_ones)
{
    /* little endian; big endian; ISO Z; EWKB with SRID; multipoint of one */
    static const char *const same[] = {
        POINT_1_2, "00000000013FF00000000000004000000000000000",
        "01E9030000000000000000F03F00000000000000400000000000000840",
        "0101000020E6100000000000000000F03F0000000000000040",
        "0104000000010000000101000000000000000000F03F0000000000000040"};
    struct tl_buf out = {0};
    struct tl_gpb_box box;
    unsigned char wkb[128];
    for (int i = 0; i < 5; i++) {
        int64_t n = bytes_of(same[i], wkb);
        CHECK_OK(tl_gpb_make(ctx, TL_GPB_POINT, wkb, n, &out, &box));
        CHECK(is_hex(&out, "47500001E6100000" POINT_1_2));
        CHECK(box.west == 1 && box.east == 1 && box.south == 2 && box.north == 2);
    }
    tl_buf_fini(&out);
}

TEST(lines_become_multi_with_an_envelope)
{
    struct tl_buf out = {0};
    struct tl_gpb_box box, again;
    unsigned char wkb[128];
    int64_t n_wkb = 0;
    int64_t n = bytes_of(
        "010200000002000000000000000000F03F000000000000004000000000000008400000000000001040", wkb);
    CHECK_OK(tl_gpb_make(ctx, TL_GPB_LINE, wkb, n, &out, &box));
    CHECK(is_hex(
        &out,
        "47500003E6100000000000000000F03F0000000000000840000000000000004000000000000010400105000000"
        "0100"
        "0000010200000002000000000000000000F03F000000000000004000000000000008400000000000001040"));
    CHECK(tl_gpb_envelope(out.text, out.size_bytes, &again));
    CHECK(again.west == 1 && again.east == 3 && again.south == 2 && again.north == 4);
    CHECK(tl_gpb_wkb(out.text, out.size_bytes, &n_wkb) == out.text + 40 && n_wkb == n + 9);
    tl_buf_fini(&out);
}

TEST(wkb_that_is_cut_at_any_byte_or_of_another_family_is_refused)
{
    struct tl_buf out = {0};
    struct tl_gpb_box box;
    unsigned char wkb[128];
    int64_t n = bytes_of(
        "010200000002000000000000000000F03F000000000000004000000000000008400000000000001040", wkb);
    for (int64_t cut = 0; cut < n; cut++)
        CHECK_FAILS(tl_gpb_make(ctx, TL_GPB_ANY, wkb, cut, &out, &box), TL_EDATA, "WKB");
    CHECK_FAILS(tl_gpb_make(ctx, TL_GPB_POINT, wkb, n, &out, &box), TL_EDATA,
                "a point was expected");
    CHECK_FAILS(tl_gpb_make(ctx, TL_GPB_POLYGON, wkb, n, &out, &box), TL_EDATA,
                "a polygon was expected");
    memset(wkb + 5, 0xff, 4); /* 4e9 points that are not there */
    CHECK_FAILS(tl_gpb_make(ctx, TL_GPB_ANY, wkb, n, &out, &box), TL_EDATA, "ends too early");
    n = bytes_of("0101000000000000000000F07F0000000000000040", wkb);
    CHECK_FAILS(tl_gpb_make(ctx, TL_GPB_POINT, wkb, n, &out, &box), TL_EDATA, "not finite");
    n = bytes_of("0104000000020000000101000000000000000000F03F0000000000000040010100000000000000000"
                 "0F03F000000000000"
                 "0040",
                 wkb);
    CHECK_FAILS(tl_gpb_make(ctx, TL_GPB_POINT, wkb, n, &out, &box), TL_EDATA, "multipoint of 2");
    tl_buf_fini(&out);
}

TEST(deep_nesting_is_refused)
{
    struct tl_buf out = {0};
    struct tl_gpb_box box;
    unsigned char wkb[9 * 64];
    for (int i = 0; i < 64; i++)
        memcpy(wkb + 9 * i, "\x01\x07\0\0\0\x01\0\0\0", 9);
    CHECK_FAILS(tl_gpb_make(ctx, TL_GPB_ANY, wkb, sizeof wkb, &out, &box), TL_EDATA, "nested");
    tl_buf_fini(&out);
}

TEST(functions_answer_sql)
{
    sqlite3 *db = NULL;
    int64_t value = 0;
    CHECK(sqlite3_open(":memory:", &db) == SQLITE_OK);
    CHECK_OK(tl_gpb_register(ctx, db));
    CHECK_OK(tl_sql_int(ctx, db, "SELECT ST_MaxY(x'47500001E6100000" POINT_1_2 "')", 0, &value));
    CHECK(value == 2);
    CHECK_OK(tl_sql_int(ctx, db, "SELECT ST_IsEmpty(x'47500001E6100000" POINT_1_2 "')", 7, &value));
    CHECK(value == 0);
    CHECK_OK(tl_sql_int(ctx, db, "SELECT ST_IsEmpty(NULL)", 7, &value));
    CHECK(value == 7);
    CHECK_OK(tl_sql_int(ctx, db, "SELECT ST_MinX(x'4750')", 7, &value));
    CHECK(value == 7);
    sqlite3_close(db);
}
