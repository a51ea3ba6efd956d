#include "unit.h"

#include "core/rng.h"
#include "geo/test_table.h"
#include "tilth/coord.h"

TEST(positions_are_written_as_the_table_says)
{
    static const char *const formats[] = {"degrees", "dms", "utm", "mgrs"};
    struct table table;
    int n = 0, more;
    CHECK(table_open(&table, "coord_format.tbl"));
    while ((more = table_next(&table)) > 0) {
        char format[16], text[TL_COORD_TEXT_BYTES] = "as it was";
        double lon, lat, precision;
        int which = 0;
        CHECK(sscanf(table.ask, "%lf %lf %15s %lf", &lon, &lat, format, &precision) == 4);
        while (which < 3 && strcmp(formats[which], format) != 0)
            which++;
        tl_err err = tl_coord_format(ctx, lon, lat, (enum tl_coord_format)which, precision, text);
        int failure = table_failure(&table, ctx, err);
        bool ok = failure < 0 ? err == TL_OK && strcmp(text, table.expect) == 0
                              : failure == 1 && strcmp(text, "as it was") == 0;
        if (!ok)
            printf("  line %d: \"%s\" gave \"%s\" %s\n", table.line, table.ask, text,
                   tl_err_name(err));
        CHECK(ok);
        n++;
    }
    CHECK(more == 0 && n > 20);
}

TEST(geodesics_are_as_the_table_says)
{
    struct table table;
    int n = 0, more;
    CHECK(table_open(&table, "coord_geodesic.tbl"));
    while ((more = table_next(&table)) > 0) {
        double a, b, c, d, first, second, got_first = 0.0, got_second = 0.0;
        bool inverse = strcmp(table.verb, "inverse") == 0;
        CHECK(sscanf(table.ask, "%lf %lf %lf %lf", &a, &b, &c, &d) == 4 &&
              sscanf(table.expect, "%lf %lf", &first, &second) == 2);
        if (inverse)
            tl_coord_distance(a, b, c, d, &got_first, &got_second);
        else
            tl_coord_destination(a, b, c, d, &got_first, &got_second);
        CHECK_NEAR(got_first, first, inverse ? 1e-4 : 1e-9);
        CHECK_NEAR(got_second, second, inverse ? 1e-7 : 1e-9);
        n++;
    }
    CHECK(more == 0 && n == 9);
    double distance = 0.0;
    tl_coord_distance(1.0, 2.0, 1.0, 2.0, &distance, NULL);
    CHECK(distance == 0.0);
}

/* Every format reads back what it wrote, to its precision, all over the Earth. */
TEST(written_and_read_again_is_the_same_place)
{
    struct tl_rng rng = tl_rng_make(41, 1);
    for (uint64_t k = 0; k < 20000; k++) {
        double lon = 360.0 * tl_rng_uniform(rng, 4 * k) - 180.0,
               lat = 180.0 * tl_rng_uniform(rng, 4 * k + 1) - 90.0;
        double precision = pow(10.0, floor(4.0 * tl_rng_uniform(rng, 4 * k + 2)) - 1.0), away = 0.0;
        enum tl_coord_format format = (enum tl_coord_format)(k % 4);
        char text[TL_COORD_TEXT_BYTES];
        if (format == TL_COORD_UTM && (lat < -80.0 || lat > 84.0))
            continue;
        CHECK_OK(tl_coord_format(ctx, lon, lat, format, precision, text));
        double lon2, lat2;
        tl_err err = tl_coord_parse(ctx, text, &lon2, &lat2, NULL);
        if (err != TL_OK)
            printf("  %s: %s\n", text, tl_ctx_message(ctx));
        CHECK_OK(err);
        tl_coord_distance(lon, lat, lon2, lat2, &away, NULL);
        CHECK(away <= 1.3 * precision);
    }
}
