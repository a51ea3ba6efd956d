#include "unit.h"

#include "geo/test_table.h"
#include "tilth/coord.h"

TEST(positions_are_read_as_the_table_says)
{
    struct table table;
    int n = 0, more;
    CHECK(table_open(&table, "coord_parse.tbl"));
    while ((more = table_next(&table)) > 0) {
        double lon = 777.0, lat = 777.0, accuracy = 777.0, want[4] = {0};
        tl_err err = tl_coord_parse(ctx, table.ask, &lon, &lat, &accuracy);
        int failure = table_failure(&table, ctx, err);
        bool ok = failure == 1 && lon == 777.0 && lat == 777.0 && accuracy == 777.0;
        if (failure < 0 && err == TL_OK &&
            sscanf(table.expect, "%lf %lf %lf %lf", &want[0], &want[1], &want[2], &want[3]) == 4)
            ok = fabs(lon - want[0]) <= want[2] && fabs(lat - want[1]) <= want[2] &&
                 (want[3] == 0.0 || fabs(accuracy - want[3]) <= 1e-6 * want[3]);
        if (!ok)
            printf("  line %d: \"%s\" gave %.12f %.12f (%g m) %s: %s\n", table.line, table.ask, lon,
                   lat, accuracy, tl_err_name(err), err == TL_OK ? "" : tl_ctx_message(ctx));
        CHECK(ok);
        n++;
    }
    CHECK(more == 0 && n > 80);
}

TEST(one_angle_by_itself)
{
    static const struct {
        const char *text;
        int is_lat;
        double degrees;
    } good[] = {{"50.453472", 1, 50.453472},
                {"50\xc2\xb0"
                 "27'12.5\"N",
                 1, 50.0 + 27.0 / 60.0 + 12.5 / 3600.0},
                {"50 27.2083 N", 1, 50.0 + 27.2083 / 60.0},
                {"-30.5", 0, -30.5},
                {"30.5W", 0, -30.5},
                {"30,5", 0, 30.5},
                {" 33 52 10 s ", 1, -(33.0 + 52.0 / 60.0 + 10.0 / 3600.0)},
                {"-0 30 0", 0, -0.5},
                {"180", 0, 180.0},
                {"90", 1, 90.0}};
    static const struct {
        const char *text;
        int is_lat;
        const char *part;
    } bad[] = {{"", 1, "empty"},
               {"91", 1, "beyond 90"},
               {"180.1", 0, "beyond 180"},
               {"50 N", 0, "not a hemisphere"},
               {"50 E", 1, "not a hemisphere"},
               {"50 61", 1, "minutes"},
               {"1 2 3 4", 0, "fourth"},
               {"5; 6", 0, "separator"},
               {"N", 1, "without a number"},
               {"5-6", 0, "dash"},
               {"50 N 3", 1, "after the hemisphere"},
               {"1..5", 1, "points"}};
    for (size_t k = 0; k < sizeof good / sizeof good[0]; k++) {
        double degrees = 777.0;
        CHECK_OK(tl_coord_parse_angle(ctx, good[k].text, good[k].is_lat, &degrees));
        CHECK_NEAR(degrees, good[k].degrees, 1e-13);
    }
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
        double degrees = 777.0;
        CHECK_FAILS(tl_coord_parse_angle(ctx, bad[k].text, bad[k].is_lat, &degrees), TL_EDATA,
                    bad[k].part);
        CHECK(degrees == 777.0);
    }
}

TEST(endless_text_is_refused)
{
    char text[1000];
    double lon, lat;
    memset(text, '1', sizeof text);
    text[999] = '\0';
    CHECK_FAILS(tl_coord_parse(ctx, text, &lon, &lat, NULL), TL_EDATA, "too long");
    text[199] = '\0';
    CHECK_FAILS(tl_coord_parse(ctx, text, &lon, &lat, NULL), TL_EDATA, "digits");
    for (int i = 0; i < 199; i++)
        text[i] = i % 2 ? ' ' : '-';
    CHECK_FAILS(tl_coord_parse(ctx, text, &lon, &lat, NULL), TL_EDATA, "too many parts");
}
