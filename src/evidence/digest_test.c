#include "unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "core/json.h"
#include "evidence/digest.h"

TEST(every_part_of_a_source_counts)
{
    char a[TL_HASH_HEX], b[TL_HASH_HEX], c[TL_HASH_HEX];
    CHECK_OK(tl_file_write(ctx, "digest_test.shp", "points", 6));
    CHECK_OK(tl_file_write(ctx, "digest_test.dbf", "values", 6));
    CHECK_OK(tl_digest_source(ctx, "digest_test.shp", a));
    CHECK_OK(tl_file_write(ctx, "digest_test.dbf", "Values", 6));
    CHECK_OK(tl_digest_source(ctx, "digest_test.shp", b));
    CHECK(strcmp(a, b) != 0);
    mkdir("digest_test.gdb", 0777);
    CHECK_OK(tl_file_write(ctx, "digest_test.gdb/a1", "x", 1));
    CHECK_OK(tl_digest_source(ctx, "digest_test.gdb", a));
    CHECK_OK(tl_digest_source(ctx, "digest_test.gdb", b));
    CHECK_STR(a, b);
    CHECK_OK(tl_file_write(ctx, "digest_test.gdb/a2", "x", 1));
    CHECK_OK(tl_digest_source(ctx, "digest_test.gdb", c));
    CHECK(strcmp(a, c) != 0);
    unlink("digest_test.gdb/a1");
    unlink("digest_test.gdb/a2");
    rmdir("digest_test.gdb");
    unlink("digest_test.shp");
    unlink("digest_test.dbf");
}

TEST(a_plain_file_has_its_own_hash_and_a_missing_one_is_said)
{
    char hex[TL_HASH_HEX];
    CHECK_OK(tl_file_write(ctx, "digest_test.csv", "abc", 3));
    CHECK_OK(tl_digest_source(ctx, "digest_test.csv", hex)); /* FIPS 180-4's example */
    CHECK_STR(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    unlink("digest_test.csv");
    CHECK_FAILS(tl_digest_source(ctx, "digest_test.csv", hex), TL_ENOTFOUND, "digest_test.csv");
    CHECK_OK(tl_digest_source(ctx, "/vsizip/a.zip/b.csv", hex));
    CHECK_STR(hex, "");
}
