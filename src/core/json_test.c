#include "unit.h"

#include <unistd.h>

#include "core/json.h"

TEST(numbers_are_rounded_and_nan_is_null)
{
    json_t *array = json_pack("[o,o,o]", tl_json_number(1.0 / 3.0, 4), tl_json_number(NAN, 4),
                              tl_json_number(1234567.0, 3));
    char *text = NULL;
    CHECK_OK(tl_json_text(ctx, array, &text));
    CHECK(strstr(text, "0.3333") != NULL && strstr(text, "null") != NULL);
    CHECK(strstr(text, "1230000.0") != NULL);
    tl_free(text);
    json_decref(array);
}

TEST(what_is_written_is_read_again)
{
    json_t *value = json_pack("{s:s, s:i}", "name", "Зона", "n", 3), *back = NULL;
    CHECK_OK(tl_json_write(ctx, "json_test.json", value));
    CHECK_OK(tl_json_read(ctx, "json_test.json", &back));
    CHECK(json_equal(value, back));
    json_decref(value);
    json_decref(back);
    unlink("json_test.json");
}

TEST(a_bad_file_is_refused_with_its_place)
{
    json_t *value = NULL;
    CHECK_OK(tl_file_write(ctx, "bad.json", "{\n \"a\": }\n", 11));
    CHECK_FAILS(tl_json_read(ctx, "bad.json", &value), TL_EDATA, "bad.json: line 2");
    CHECK_FAILS(tl_json_read(ctx, "none.json", &value), TL_ENOTFOUND, "none.json");
    CHECK_FAILS(tl_file_write(ctx, "no/such/dir/x", "a", 1), TL_EIO, "no/such/dir/x");
    unlink("bad.json");
}
