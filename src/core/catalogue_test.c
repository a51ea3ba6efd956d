#include "unit.h"

#include "core/buf.h"
#include "core/catalogue.h"
#include "core/json.h"
#include "core/rng.h"

#define HEADER                                                                                     \
    "Language: xx\nContent-Type: text/plain; charset=UTF-8\n"                                      \
    "Plural-Forms: nplurals=3; plural=n%10==1 ? 0 : n%10>=2 && n%10<=4 ? 1 : 2;\n"

/* With their lengths, since a plural's text holds zeros. */
struct pair {
    const char *text, *translation;
    int64_t text_bytes, translation_bytes;
};

#define PAIR(a, b)                                                                                 \
    {                                                                                              \
        a, b, sizeof a - 1, sizeof b - 1                                                           \
    }

static const struct pair pairs[] = {
    PAIR("", HEADER),
    PAIR("%lld item\0%lld items", "%lld річ\0%lld речі\0%lld речей"),
    PAIR("area", "ділянка"),
    PAIR("left as it is", ""),
    PAIR("what may remain", "що може залишатися"),
};
enum { N_PAIRS = sizeof pairs / sizeof pairs[0] };

static void put_u32(unsigned char *at, uint32_t v, bool swapped)
{
    v = swapped ? __builtin_bswap32(v) : v;
    memcpy(at, &v, 4);
}

/* A catalogue as msgfmt lays it out, without the hash table. */
static int64_t make(unsigned char *bytes, const struct pair *list, int n, bool swapped)
{
    int64_t at = 28 + 16 * n;
    const uint32_t head[] = {0x950412de, 0, (uint32_t)n, 28, (uint32_t)(28 + 8 * n), 0, 0};
    for (int k = 0; k < 7; k++)
        put_u32(bytes + 4 * k, head[k], swapped);
    for (int half = 0; half < 2; half++)
        for (int k = 0; k < n; k++) {
            int64_t length = half == 0 ? list[k].text_bytes : list[k].translation_bytes;
            unsigned char *row = bytes + 28 + 8 * n * half + 8 * k;
            put_u32(row, (uint32_t)length, swapped);
            put_u32(row + 4, (uint32_t)at, swapped);
            memcpy(bytes + at, half == 0 ? list[k].text : list[k].translation, (size_t)length);
            bytes[at + length] = '\0';
            at += length + 1;
        }
    return at;
}

static unsigned char bytes[4096];

TEST(both_byte_orders_are_read)
{
    for (int swapped = 0; swapped < 2; swapped++) {
        struct tl_catalogue *c = NULL;
        int64_t n = make(bytes, pairs, N_PAIRS, swapped != 0);
        CHECK_OK(tl_catalogue_read(ctx, "made up", bytes, n, &c));
        CHECK_STR(tl_catalogue_language(c), "xx");
        CHECK_STR(tl_catalogue_text(c, "area"), "ділянка");
        CHECK_STR(tl_catalogue_text(c, "what may remain"), "що може залишатися");
        CHECK_STR(tl_catalogue_text(c, "left as it is"), "left as it is");
        CHECK_STR(tl_catalogue_text(c, "not in it"), "not in it");
        CHECK_STR(tl_catalogue_text(c, ""), "");
        CHECK_STR(tl_catalogue_plural(c, "%lld item", "%lld items", 21), "%lld річ");
        CHECK_STR(tl_catalogue_plural(c, "%lld item", "%lld items", 3), "%lld речі");
        CHECK_STR(tl_catalogue_plural(c, "%lld item", "%lld items", 5), "%lld речей");
        CHECK_STR(tl_catalogue_plural(c, "%lld day", "%lld days", 1), "%lld day");
        CHECK_STR(tl_catalogue_plural(c, "%lld day", "%lld days", 5), "%lld days");
        tl_catalogue_free(c);
    }
}

TEST(english_needs_no_catalogue)
{
    struct tl_catalogue *c = (struct tl_catalogue *)bytes;
    CHECK_OK(tl_catalogue_open(ctx, "en", &c));
    CHECK(c == NULL);
    CHECK_STR(tl_catalogue_text(c, "area"), "area");
    CHECK_STR(tl_catalogue_language(c), "en");
    CHECK_STR(tl_catalogue_plural(c, "%lld item", "%lld items", 1), "%lld item");
    CHECK_STR(tl_catalogue_plural(c, "%lld item", "%lld items", 0), "%lld items");
    tl_catalogue_free(c);
}

TEST(ukrainian_is_built_in)
{
    struct tl_catalogue *c = NULL;
    CHECK_OK(tl_catalogue_open(ctx, "uk", &c));
    CHECK_STR(tl_catalogue_language(c), "uk");
    tl_catalogue_free(c);
}

/* Its forms were held against its own plural, so they are no format for the arguments of another. */
TEST(a_plural_of_other_words_is_not_used)
{
    struct tl_catalogue *c = NULL;
    int64_t n = make(bytes, pairs, N_PAIRS, false);
    CHECK_OK(tl_catalogue_read(ctx, "own.mo", bytes, n, &c));
    CHECK(strcmp(tl_catalogue_plural(c, "%lld item", "%lld items", 5), "%lld items") != 0);
    CHECK_STR(tl_catalogue_plural(c, "%lld item", "items of %s: %lld", 5), "items of %s: %lld");
    tl_catalogue_free(c);
}

TEST(every_language_that_is_built_in_is_read)
{
    for (const struct tl_catalogue_builtin *b = tl_catalogue_builtins; b->language != NULL; b++) {
        struct tl_catalogue *c = NULL;
        CHECK_OK(tl_catalogue_open(ctx, b->language, &c));
        CHECK_STR(tl_catalogue_language(c), b->language);
        tl_catalogue_free(c);
    }
}

TEST(another_language_is_refused_with_those_that_there_are)
{
    struct tl_catalogue *c = NULL;
    CHECK_FAILS(tl_catalogue_open(ctx, "tlh", &c), TL_EUSAGE, "\"tlh\"");
    CHECK(strstr(tl_ctx_message(ctx), "en, uk") != NULL && c == NULL);
    CHECK_FAILS(tl_catalogue_open(ctx, "", &c), TL_EUSAGE, "");
    CHECK_FAILS(tl_catalogue_open(ctx, "no/such.mo", &c), TL_ENOTFOUND, "no/such.mo");
}

TEST(a_file_of_ones_own_is_read)
{
    struct tl_catalogue *c = NULL;
    int64_t n = make(bytes, pairs, N_PAIRS, false);
    CHECK_OK(tl_file_write(ctx, "catalogue_own.mo", bytes, n));
    CHECK_OK(tl_catalogue_open(ctx, "catalogue_own.mo", &c));
    CHECK_STR(tl_catalogue_text(c, "area"), "ділянка");
    tl_catalogue_free(c);
    CHECK_OK(tl_file_write(ctx, "catalogue_own.mo", "", 0));
    CHECK_FAILS(tl_catalogue_open(ctx, "catalogue_own.mo", &c), TL_EDATA,
                "catalogue_own.mo: 0 bytes");
}

TEST(defects_are_named)
{
    struct tl_catalogue *c = NULL;
    struct pair list[N_PAIRS];
    static const struct {
        int at;
        struct pair pair;
        const char *part;
    } cases[] = {
        {1, PAIR("%lld item\0%lld items", "%lld річ\0%lld речі"), "2 plural forms; expected 3"},
        {1, PAIR("%lld item\0%lld items", "%lld річ\0%lld речі\0%s речей"), "other placeholders"},
        {2, PAIR("%s area", "%n"), "other placeholders"},
        {2, PAIR("%s area", "площа"), "other placeholders"},
        {2, PAIR("zone", "зона"), "is not in order"},
        {0, PAIR("", "Content-Type: text/plain; charset=KOI8-U\n"), "not in UTF-8"},
        {0, PAIR(" ", HEADER), "no header"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        memcpy(list, pairs, sizeof pairs);
        list[cases[k].at] = cases[k].pair;
        int64_t n = make(bytes, list, N_PAIRS, false);
        CHECK_FAILS(tl_catalogue_read(ctx, "own.mo", bytes, n, &c), TL_EDATA, cases[k].part);
        CHECK(strncmp(tl_ctx_message(ctx), "own.mo: ", 8) == 0 && c == NULL);
    }
}

/* Copied to memory of exactly its size, so that the sanitizer sees one byte too many. */
static tl_err read_exact(struct tl_ctx *ctx, const unsigned char *from, int64_t n)
{
    struct tl_catalogue *c = NULL;
    unsigned char *copy = malloc(n > 0 ? (size_t)n : 1);
    memcpy(copy, from, (size_t)n);
    tl_err err = tl_catalogue_read(ctx, "x", copy, n, &c);
    free(copy);
    if (err == TL_OK) {
        tl_catalogue_text(c, "area");
        tl_catalogue_plural(c, "%lld item", "%lld items", 7);
    }
    tl_catalogue_free(c);
    return err;
}

TEST(a_file_cut_anywhere_is_refused)
{
    int64_t n = make(bytes, pairs, N_PAIRS, false);
    for (int64_t k = 0; k < n; k++)
        CHECK_FAILS(read_exact(ctx, bytes, k), TL_EDATA, "x: ");
}

TEST(bytes_changed_at_random_never_overrun)
{
    static unsigned char changed[sizeof bytes];
    int64_t n = make(bytes, pairs, N_PAIRS, false);
    int n_refused = 0;
    struct tl_rng rng = tl_rng_make(7, 0);
    uint64_t index = 0;
    for (int round = 0; round < 20000; round++) {
        memcpy(changed, bytes, (size_t)n);
        int64_t span = round % 2 == 0 ? 28 + 16 * N_PAIRS : n;
        for (int k = 0; k <= round % 4; k++) {
            int64_t at = (int64_t)(tl_rng_uniform(rng, index++) * (double)span);
            changed[at] = (unsigned char)(tl_rng_uniform(rng, index++) * 256.0);
        }
        tl_err err = read_exact(ctx, changed, n);
        CHECK(err == TL_OK || err == TL_EDATA);
        n_refused += err == TL_EDATA;
    }
    CHECK(n_refused > 5000 && n_refused < 20000);
}

static tl_err open_and_free(struct tl_ctx *ctx)
{
    struct tl_catalogue *c = NULL;
    tl_err err = tl_catalogue_open(ctx, "catalogue_alloc.mo", &c);
    tl_catalogue_free(c);
    return err;
}

TEST(every_allocation_may_fail)
{
    int64_t n = make(bytes, pairs, N_PAIRS, false);
    CHECK_OK(tl_file_write(ctx, "catalogue_alloc.mo", bytes, n));
    CHECK_EVERY_ALLOC(ctx, open_and_free(ctx));
}

TEST(the_first_language_that_is_accepted_and_spoken)
{
    CHECK_STR(tl_catalogue_accepted("uk"), "uk");
    CHECK_STR(tl_catalogue_accepted("tlh, uk-UA;q=0.8, en;q=0.5"), "uk");
    CHECK_STR(tl_catalogue_accepted("en-GB,uk"), "en");
    CHECK_STR(tl_catalogue_accepted("UK"), "uk");
    CHECK_STR(tl_catalogue_accepted("ukr, *;q=0.1"), "en");
    CHECK_STR(tl_catalogue_accepted(";,,q"), "en");
    CHECK_STR(tl_catalogue_accepted(""), "en");
    CHECK_STR(tl_catalogue_accepted(NULL), "en");
}
