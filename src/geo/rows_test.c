#include "unit.h"

#include <fcntl.h>
#include <unistd.h>

#include "geo/rows.h"

static const char csv[] = "rows_test.csv", plain[] = "rows_test.rows";

static void put_csv(const char *text)
{
    FILE *file = fopen(csv, "w");
    fputs(text, file);
    fclose(file);
}

static tl_err make_plain(struct tl_ctx *ctx, const char *text, const char *where)
{
    struct tl_vector_options how = {.where = where};
    struct tl_vector *v = NULL;
    int64_t n = 0;
    put_csv(text);
    tl_err err = tl_vector_open(ctx, csv, &how, &v);
    int fd = open(plain, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (err == TL_OK)
        err = tl_rows_put(ctx, v, "deaths", fd, &n);
    close(fd);
    tl_vector_close(v);
    unlink(csv);
    return err;
}

static int64_t size_of(const char *path)
{
    FILE *file = fopen(path, "rb");
    fseek(file, 0, SEEK_END);
    int64_t n = ftell(file);
    fclose(file);
    return n;
}

static void overwrite(int64_t at, unsigned char byte)
{
    int fd = open(plain, O_WRONLY);
    (void)!pwrite(fd, &byte, 1, at);
    close(fd);
}

/* Reads to the end, whatever comes. */
static tl_err read_all(struct tl_ctx *ctx, int64_t *n)
{
    struct tl_vector_options how = {.plain_label = "deaths.csv"};
    struct tl_vector *v = NULL;
    bool more = true;
    tl_err err = tl_vector_open(ctx, plain, &how, &v);
    for (*n = 0; err == TL_OK && more; *n += err == TL_OK && more)
        err = tl_vector_next(ctx, v, &more);
    tl_vector_close(v);
    return err;
}

TEST(plain_rows_are_read_as_the_file_itself)
{
    struct tl_vector_options how = {.plain_label = "deaths.csv"};
    struct tl_vector *v = NULL;
    const void *wkb = plain;
    int64_t n = 1;
    bool more = false;
    CHECK_OK(make_plain(ctx, "id,name\n1,a\n2,\n3,\"b, \xd0\x96\"\n", "id <> 1"));
    CHECK_OK(tl_vector_open(ctx, plain, &how, &v));
    CHECK_STR(tl_vector_driver(v), "CSV");
    CHECK_STR(tl_vector_layer(v), "deaths");
    CHECK_STR(tl_vector_crs(v), "");
    CHECK(tl_vector_n_columns(v) == 2 && tl_vector_find_column(v, " NAME ") == 1);
    CHECK((tl_vector_n_rows(v) == 2 || tl_vector_n_rows(v) == -1) && tl_vector_n_layers(v) == 0);
    CHECK_OK(tl_vector_next(ctx, v, &more));
    CHECK(more && tl_vector_row(v) == 2 && tl_vector_is_null(v, 1) && !tl_vector_is_null(v, 0));
    CHECK_STR(tl_vector_text(v, 0), "2");
    CHECK_STR(tl_vector_text(v, 1), "");
    CHECK_OK(tl_vector_next(ctx, v, &more));
    CHECK(more && tl_vector_row(v) == 3);
    CHECK_STR(tl_vector_text(v, 1), "b, \xd0\x96");
    CHECK_OK(tl_vector_wkb(ctx, v, &wkb, &n));
    CHECK(wkb == NULL && n == 0);
    CHECK_OK(tl_vector_next(ctx, v, &more));
    CHECK(!more);
    tl_vector_close(v);
    unlink(plain);
}

TEST(rows_cut_off_anywhere_are_an_error_and_never_fewer_rows)
{
    int64_t n = 0;
    CHECK_OK(make_plain(ctx, "id,name\n1,a\n2,b\n3,c\n", NULL));
    int64_t size = size_of(plain);
    CHECK_OK(read_all(ctx, &n));
    CHECK(n == 3);
    for (int64_t at = size - 1; at >= 0; at--) {
        CHECK(truncate(plain, at) == 0);
        CHECK(read_all(ctx, &n) == TL_EDATA);
    }
    CHECK_FAILS(read_all(ctx, &n), TL_EDATA, "deaths.csv");
    unlink(plain);
}

/* The reader of the file may have been taken over: whatever it writes, nothing is read past the end. Under the address sanitizer this test sees it. */
TEST(any_byte_may_be_any_other)
{
    static const unsigned char bytes[] = {0, 1, 0x7f, 0x80, 0xff};
    int64_t n = 0, n_bad = 0, n_all = 0;
    CHECK_OK(make_plain(ctx, "id,name\n1,a\n2,b\n", NULL));
    int64_t size = size_of(plain);
    for (int64_t at = 0; at < size; at++)
        for (size_t i = 0; i < sizeof bytes; i++) {
            CHECK_OK(make_plain(ctx, "id,name\n1,a\n2,b\n", NULL));
            overwrite(at, bytes[i]);
            tl_err err = read_all(ctx, &n);
            CHECK(err == TL_OK || err == TL_EDATA || err == TL_ENOMEM);
            CHECK(n <= 2);
            n_bad += err != TL_OK;
            n_all++;
        }
    CHECK(n_bad > n_all / 3 && n_bad < n_all); /* a letter of a value may well be another */
    CHECK_FAILS(tl_vector_open(ctx, "rows_test.none",
                               &(struct tl_vector_options){.plain_label = "x.csv"},
                               &(struct tl_vector *){NULL}),
                TL_EIO, "x.csv");
    unlink(plain);
}

TEST(a_disk_that_is_full_is_an_error)
{
    struct tl_vector *v = NULL;
    int64_t n = 0;
    put_csv("id,name\n1,a\n");
    CHECK_OK(tl_vector_open(ctx, csv, NULL, &v));
    int fd = open("/dev/full", O_WRONLY);
    CHECK_FAILS(tl_rows_put(ctx, v, "x", fd, &n), TL_EIO, "cannot be kept");
    close(fd);
    tl_vector_close(v);
    unlink(csv);
}
