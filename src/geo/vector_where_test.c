#include "unit.h"

#include "geo/vector_where.h"

TEST(only_comparisons_of_text_columns_with_numbers_are_rewritten)
{
    static const struct {
        const char *where, *out;
    } cases[] = {
        {"a = 1", "(a < ':' AND CAST(a AS float) = 1 ) "},
        {"1 <> \"a b\"", "(\"a b\" < ':' AND 1 <> CAST(\"a b\" AS float) ) "},
        {"a IN (1, -2.5e3)", "(a < ':' AND CAST(a AS float) IN ( 1 , -2.5e3 ) ) "},
        {"not a between -1 and 2 and b = 3",
         "not (a < ':' AND CAST(a AS float) between -1 and 2 ) and b = 3 "},
        {"a = '1'", "a = '1' "},
        {"'a = 1' = a", "'a = 1' = a "},
        {"a in ('x',1)", "a in ( 'x' , 1 ) "},
        {"n = 1 or unknown = 2", "n = 1 or unknown = 2 "},
        {"a = 'it\\'s' and a=2", "a = 'it\\'s' and (a < ':' AND CAST(a AS float) = 2 ) "},
        {"a", "a "},
        {"", ""},
        {"a = 'open", "a = 'open "},
        {"a in (1", "a in ( 1 "},
    };
    char *names[] = {"a", "a b", "n"};
    const bool is_text[] = {true, true, false};
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        char *out = NULL;
        CHECK_OK(tl_vector_where(ctx, cases[k].where, 3, names, is_text, &out));
        CHECK_STR(out, cases[k].out);
        tl_free(out);
    }
}

TEST(endless_condition_is_refused)
{
    char *out = NULL, text[10001];
    memset(text, '(', 10000);
    text[10000] = '\0';
    CHECK_FAILS(tl_vector_where(ctx, text, 0, NULL, NULL, &out), TL_EDATA, "4096");
}

static tl_err rewrite(struct tl_ctx *ctx)
{
    char *names[] = {"a"}, *out = NULL;
    tl_err err = tl_vector_where(ctx, "a = 1", 1, names, (const bool[]){true}, &out);
    tl_free(out);
    return err;
}

TEST(every_allocation_may_fail)
{
    CHECK_EVERY_ALLOC(ctx, rewrite(ctx));
}
