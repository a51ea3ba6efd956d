#include "unit.h"

#include <cpl_vsi.h>

#include "geo/csv_scan.h"
#include "geo/vector.h"

static const char path[] = "csv_scan_test.csv";

static bool put(const char *text, size_t n)
{
    FILE *file = fopen(path, "wb");
    return file != NULL && fwrite(text, 1, n, file) == n && fclose(file) == 0;
}

/* All rows by tl_vector, as an import reads them. */
static tl_err read_all(struct tl_ctx *ctx, const char *where, int64_t *n)
{
    struct tl_vector *v = NULL;
    struct tl_vector_options options = {.where = where};
    bool more = true;
    tl_err err = tl_vector_open(ctx, path, &options, &v);
    for (*n = 0; err == TL_OK && more; *n += err == TL_OK && more)
        err = tl_vector_next(ctx, v, &more);
    tl_vector_close(v);
    return err;
}

#define FAILS(text, part)                                                                          \
    do {                                                                                           \
        int64_t n_ = 0;                                                                            \
        CHECK(put(text, sizeof(text) - 1));                                                        \
        CHECK_FAILS(read_all(ctx, NULL, &n_), TL_EDATA, part);                                     \
    } while (0)

#define READS(text, n_rows)                                                                        \
    do {                                                                                           \
        int64_t n_ = 0;                                                                            \
        CHECK(put(text, sizeof(text) - 1));                                                        \
        CHECK_OK(read_all(ctx, NULL, &n_));                                                        \
        CHECK(n_ == (n_rows));                                                                     \
    } while (0)

TEST(values_beyond_the_header_are_not_dropped_in_silence)
{
    FAILS("a,b,c\n1,2,near the road, by the mill\n", "row 1 has 4 values, but the header names 3");
    FAILS("a;b\n1;2\n1;x;y\n", "row 2 has 3 values");
    READS("a,b,c\n1,2,\"near the road, by the mill\"\n1,2\n1,2,3,,, \n\n\n1,2,3\n", 4);
    READS("\xef\xbb\xbf"
          "a\tb\r\n1\t2\r\n3\t4",
          2);
    READS("a,b\r1,2\r3,4\r", 2);
    READS("a,b\n\"two\nlines\",\"said \"\"no, no\"\"\"\n", 1);
}

TEST(a_quote_that_swallows_rows_is_an_error)
{
    FAILS("a,b\n1,\"never closed\n2,x\n", "row 1: a quote is never closed");
    FAILS("a,b\n1,5\" shell\n2,x\n3,6\" shell\n", "row 1: a quote in the middle of a value");
    FAILS("a,b\n37°06'00\"E,48°18'00\"N\n", "row 1: a quote in the middle of a value");
    READS("a,b\n1,a \"small\" mine\n", 1);
}

TEST(what_stands_behind_a_zero_byte_is_not_lost)
{
    char text[6000] = "a,b\n1,";
    memset(text + 6, 'x', 5000); /* beyond what is looked at before */
    memcpy(text + 5006, "\0hidden\n", 8);
    int64_t n = 0;
    CHECK(put(text, 5014));
    CHECK_FAILS(read_all(ctx, NULL, &n), TL_EDATA, "row 1: the file is not text");
}

TEST(under_a_condition_rows_are_those_of_the_file)
{
    int64_t n = 0;
    static const char text[] = "a,b\n1,x,y\n2,x\n3,x,z\n2,y\n";
    CHECK(put(text, sizeof text - 1));
    CHECK_OK(read_all(ctx, "a = 2", &n));
    CHECK(n == 2);
    CHECK_FAILS(read_all(ctx, "a = 3", &n), TL_EDATA, "row 3 has 3 values");
}

static tl_err open_and_go(struct tl_ctx *ctx)
{
    struct tl_csv_scan *scan = NULL;
    tl_err err = tl_csv_scan_open(ctx, path, "a.csv", 2, &scan);
    if (err == TL_OK && scan != NULL)
        err = tl_csv_scan_row(ctx, scan, INT64_MAX);
    tl_csv_scan_close(scan);
    return err;
}

TEST(every_allocation_may_fail)
{
    static const char text[] = "a,b\n1,2\n";
    CHECK(put(text, sizeof text - 1));
    CHECK_EVERY_ALLOC(ctx, open_and_go(ctx));
}
