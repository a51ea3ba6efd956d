#include "unit.h"

#include "core/hash.h"

/* FIPS 180-2, appendix B.1 and B.2. */
TEST(sha256_agrees_with_the_standard)
{
    struct tl_hash hash;
    uint8_t sum[TL_HASH_BYTES];
    char hex[TL_HASH_HEX];
    tl_hash_init(&hash);
    tl_hash_add(&hash, "abc", 3);
    tl_hash_done(&hash, sum);
    tl_hash_hex(sum, hex);
    CHECK_STR(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    tl_hash_of("abcd", 3, hex);
    CHECK_STR(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    tl_hash_of(NULL, 0, hex);
    CHECK_STR(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    const char *two = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    tl_hash_init(&hash);
    tl_hash_add(&hash, two, 20);
    tl_hash_add(&hash, two + 20, (int64_t)strlen(two) - 20);
    tl_hash_done(&hash, sum);
    tl_hash_hex(sum, hex);
    CHECK_STR(hex, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(a_missing_file_is_named)
{
    char hex[TL_HASH_HEX] = "untouched";
    CHECK_FAILS(tl_hash_file(ctx, "no/such/file", hex), TL_ENOTFOUND, "no/such/file");
    CHECK_STR(hex, "untouched");
}
