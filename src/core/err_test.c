#include "unit.h"

#include "tilth/err.h"

TEST(every_error_has_a_name_a_text_an_exit_code_and_a_status)
{
    for (int e = 0; e < TL_ERR_COUNT; e++) {
        CHECK(strncmp(tl_err_name((tl_err)e), "TL_", 3) == 0);
        CHECK(strlen(tl_err_text((tl_err)e)) > 5);
        CHECK(tl_err_http((tl_err)e) >= 200);
        for (int f = 0; f < e; f++)
            CHECK(tl_err_exit((tl_err)e) != tl_err_exit((tl_err)f));
    }
    CHECK_STR(tl_err_name((tl_err)999), "TL_?");
    CHECK(tl_err_exit((tl_err)999) == 70);
}
