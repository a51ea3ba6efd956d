#include "unit.h"

#include "cli/cli.h"

struct row {
    enum tl_cli_type type;
    const char *text;
    double first, second;
};

TEST(quantities_come_out_in_si_units)
{
    static const struct row rows[] = {
        {TL_CLI_LENGTH, "500m", 500, 0},
        {TL_CLI_LENGTH, "2km", 2000, 0},
        {TL_CLI_LENGTH, "1.5 km", 1500, 0},
        {TL_CLI_LENGTH, "25cm", 0.25, 0},
        {TL_CLI_LENGTH, "1e2m", 100, 0},
        {TL_CLI_AREA, "2ha", 20000, 0},
        {TL_CLI_AREA, "3km2", 3e6, 0},
        {TL_CLI_AREA, "500m2", 500, 0},
        {TL_CLI_TIME, "30d", 2592000, 0},
        {TL_CLI_SIZE, "8GiB", 8589934592.0, 0},
        {TL_CLI_SIZE, "500MB", 5e8, 0},
        {TL_CLI_TIME, "8h", 28800, 0},
        {TL_CLI_TIME, "90min", 5400, 0},
        {TL_CLI_TIME, "2w", 1209600, 0},
        {TL_CLI_LENGTH_PRIOR, "5km:0.1", 5000, 0.1},
        {TL_CLI_NUMBER_PRIOR, "2:0.05", 2, 0.05},
        {TL_CLI_NORMAL, "-0.5:1.5", -0.5, 1.5},
        {TL_CLI_INTEGER, "-3", -3, 0},
        {TL_CLI_REAL, "0.25", 0.25, 0},
    };
    char message[TL_CLI_MESSAGE_BYTES];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double number[TL_CLI_NUMBERS] = {0, 0};
        bool read = tl_cli_units_parse(rows[i].type, rows[i].text, number, message);
        if (!read)
            CHECK_STR(message, "no error");
        CHECK_NEAR(number[0], rows[i].first, 1e-9 * fabs(rows[i].first));
        CHECK_NEAR(number[1], rows[i].second, 1e-12);
    }
}

TEST(what_cannot_be_read_is_refused_with_an_example)
{
    static const struct {
        enum tl_cli_type type;
        const char *text, *part;
    } rows[] = {
        {TL_CLI_LENGTH, "500", "has no unit; expected a length such as 500m or 2km"},
        {TL_CLI_LENGTH, "2 miles", "unit that is not known"},
        {TL_CLI_LENGTH, "2ha", "unit that is not known"},
        {TL_CLI_LENGTH, "2kmm", "unit that is not known"},
        {TL_CLI_LENGTH, "0m", "not above zero"},
        {TL_CLI_LENGTH, "-5m", "not above zero"},
        {TL_CLI_LENGTH, "km", "not a number"},
        {TL_CLI_LENGTH, "nankm", "not a number"},
        {TL_CLI_LENGTH, "infm", "not a number"},
        {TL_CLI_LENGTH, "0x10m", "not a number"},
        {TL_CLI_LENGTH, "1e999m", "not a number"},
        {TL_CLI_LENGTH, "1e308km", "too large"},
        {TL_CLI_AREA, "2", "has no unit; expected an area such as 2ha"},
        {TL_CLI_TIME, "30", "has no unit; expected a time such as 30d"},
        {TL_CLI_SIZE, "8", "has no unit; expected a size such as 8GiB"},
        {TL_CLI_LENGTH_PRIOR, "5km", "has no colon"},
        {TL_CLI_LENGTH_PRIOR, "5:0.1", "has no unit"},
        {TL_CLI_LENGTH_PRIOR, "5km:1", "not between 0 and 1"},
        {TL_CLI_LENGTH_PRIOR, "5km:0", "not between 0 and 1"},
        {TL_CLI_LENGTH_PRIOR, "5km:", "cannot be read"},
        {TL_CLI_NUMBER_PRIOR, "0:0.1", "not above zero"},
        {TL_CLI_NORMAL, "1:0", "no spread"},
        {TL_CLI_INTEGER, "1e3", "cannot be read"},
        {TL_CLI_INTEGER, "99999999999999999999", "too large"},
        {TL_CLI_REAL, "1,5", "cannot be read"},
    };
    char message[TL_CLI_MESSAGE_BYTES];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double number[TL_CLI_NUMBERS];
        CHECK(!tl_cli_units_parse(rows[i].type, rows[i].text, number, message));
        if (strstr(message, rows[i].part) == NULL)
            CHECK_STR(message, rows[i].part);
    }
}

TEST(quantities_are_written_for_people)
{
    char text[32];
    CHECK_STR(tl_cli_units_length(2000, text), "2 km");
    CHECK_STR(tl_cli_units_length(250, text), "250 m");
    CHECK_STR(tl_cli_units_area(125000, text), "12.5 ha");
    CHECK_STR(tl_cli_units_area(3.2e8, text), "320 km2");
    CHECK_STR(tl_cli_units_area(1.80812e11, text), "180800 km2");
    CHECK_STR(tl_cli_units_bytes(1.4e9, text), "1.40 GB");
    CHECK_STR(tl_cli_units_bytes(4.2e6, text), "4 MB");
    CHECK_STR(tl_cli_units_bytes(8300, text), "8 kB");
}

TEST(shares_densities_and_paces)
{
    static const struct {
        enum tl_cli_type type;
        const char *text;
        double value;
    } good[] = {{TL_CLI_SHARE, "95%", 0.95},       {TL_CLI_SHARE, "99.6 %", 0.996},
                {TL_CLI_SHARE, "0.5", 0.5},        {TL_CLI_SHARE, "0", 0},
                {TL_CLI_DENSITY, "0.02/m2", 0.02}, {TL_CLI_DENSITY, "200/ha", 0.02},
                {TL_CLI_DENSITY, "3 /km2", 3e-6},  {TL_CLI_DENSITY, "0/m2", 0},
                {TL_CLI_DENSITY, "0", 0},          {TL_CLI_PACE, "500m2/day", 500},
                {TL_CLI_PACE, "0.2 ha/day", 2000}};
    static const struct {
        enum tl_cli_type type;
        const char *text, *part;
    } bad[] = {{TL_CLI_SHARE, "95", "not between 0 and 1"},
               {TL_CLI_SHARE, "101%", "not between"},
               {TL_CLI_SHARE, "-1%", "not between"},
               {TL_CLI_SHARE, "half", "is not a number"},
               {TL_CLI_SHARE, "5 permille", "a share such as 95% or 0.95"},
               {TL_CLI_DENSITY, "0.02", "has no unit"},
               {TL_CLI_DENSITY, "0.02/acre", "a unit that is not known"},
               {TL_CLI_DENSITY, "-1/m2", "not above zero"},
               {TL_CLI_PACE, "500", "has no unit"},
               {TL_CLI_PACE, "500m2", "a pace such as 500m2/day"}};
    double number[TL_CLI_NUMBERS];
    char why[TL_CLI_MESSAGE_BYTES];
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        CHECK(tl_cli_units_parse(good[i].type, good[i].text, number, why));
        CHECK_NEAR(number[0], good[i].value, 1e-12);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK(!tl_cli_units_parse(bad[i].type, bad[i].text, number, why));
        if (strstr(why, bad[i].part) == NULL)
            CHECK_STR(why, bad[i].part);
    }
}

TEST(targets_are_circles_and_ellipses)
{
    double number[TL_CLI_NUMBERS];
    char why[TL_CLI_MESSAGE_BYTES];
    CHECK(tl_cli_units_parse(TL_CLI_TARGET, "circle 40m", number, why));
    CHECK(number[0] == 40 && number[1] == 40 && isnan(number[2]));
    CHECK(tl_cli_units_parse(TL_CLI_TARGET, "ellipse 0.06km 20m", number, why));
    CHECK_NEAR(number[0], 60, 1e-12);
    CHECK(number[1] == 20 && isnan(number[2]));
    CHECK(tl_cli_units_parse(TL_CLI_TARGET, "ellipse 60m 20m 30deg", number, why));
    CHECK(number[2] == 30);
    static const char *const bad[] = {"",
                                      "square 4m",
                                      "circle",
                                      "circle 4",
                                      "circle 4m 5m",
                                      "ellipse 4m",
                                      "ellipse 20m 60m",
                                      "ellipse 6m 2m 30",
                                      "circle 0m",
                                      "ellipse 6m 2m 3deg x",
                                      "ellipse 60m 20m 400deg"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK(!tl_cli_units_parse(TL_CLI_TARGET, bad[i], number, why));
        CHECK(strstr(why, "a target such as \"circle 40m\"") != NULL);
    }
}
