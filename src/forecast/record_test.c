#include <unistd.h>

#include "unit.h"

#include "core/json.h"
#include "tilth/forecast.h"

static tl_err read_text(struct tl_ctx *ctx, const char *text, struct tl_forecast_record *record)
{
    tl_err err = tl_file_write(ctx, "record_test.csv", text, (int64_t)strlen(text));
    if (err == TL_OK)
        err = tl_forecast_record_read(ctx, "record_test.csv", record);
    unlink("record_test.csv");
    return err;
}

TEST(three_shapes_are_read_and_gaps_are_zeros)
{
    struct tl_forecast_record r;
    CHECK_OK(read_text(ctx, "year,killed,injured\n2003,1,2\n2001,0,4\n2003,1,0\n", &r));
    CHECK(r.first_year == 2001 && r.n == 3 && r.count[0] == 4 && r.count[1] == 0 &&
          r.count[2] == 4 && r.killed[2] == 2 && !r.is_events);
    CHECK_OK(read_text(ctx, "year,type_code\n2001,1\n2001,2\n2001,5\n2002,6\n2003,1\n", &r));
    CHECK(r.n == 3 && r.count[0] == 2 && r.count[1] == 0 && r.count[2] == 1 && r.is_events &&
          isnan(r.killed[0]));
    CHECK_OK(read_text(ctx, "year,count\n2001,7\n2002,9\n", &r));
    CHECK(r.n == 2 && r.count[1] == 9);
}

TEST(bad_rows_are_named_with_their_line)
{
    struct tl_forecast_record r = {.n = -7};
    CHECK_FAILS(read_text(ctx, "year,count\n2001,7\n2002,-9\n", &r), TL_EDATA,
                "line 3: count \"-9\"");
    CHECK_FAILS(read_text(ctx, "year,count\n1801,7\n", &r), TL_EDATA, "1801");
    CHECK_FAILS(read_text(ctx, "jahr,count\n2001,7\n", &r), TL_EDATA, "no column \"year\"");
    CHECK_FAILS(read_text(ctx, "year,what\n2001,7\n", &r), TL_EDATA, "killed");
    CHECK_FAILS(read_text(ctx, "year,count\n", &r), TL_EDATA, "");
    CHECK(r.n == -7);
}
