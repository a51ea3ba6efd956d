/**
 * Numbers as people type them. A length, an area or a time without its unit is refused: a 2 that meant kilometres and is
 * taken for metres makes a map of another place's scale, and nobody sees it.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

struct unit {
    const char *name;
    double factor;
};

static const struct unit lengths[] = {{"mm", 1e-3}, {"cm", 1e-2}, {"m", 1}, {"km", 1e3}, {NULL, 0}};
static const struct unit areas[] = {{"m2", 1}, {"ha", 1e4}, {"km2", 1e6}, {NULL, 0}};
static const struct unit times[] = {{"s", 1},     {"min", 60},      {"h", 3600},
                                    {"d", 86400}, {"w", 7 * 86400}, {"y", 365.25 * 86400},
                                    {NULL, 0}};

static const struct unit sizes[] = {{"KiB", 0x1p10}, {"MiB", 0x1p20}, {"GiB", 0x1p30},
                                    {"TiB", 0x1p40}, {"kB", 1e3},     {"MB", 1e6},
                                    {"GB", 1e9},     {"TB", 1e12},    {NULL, 0}};

static const struct unit densities[] = {{"/m2", 1}, {"/ha", 1e-4}, {"/km2", 1e-6}, {NULL, 0}};
static const struct unit paces[] = {{"m2/day", 1}, {"ha/day", 1e4}, {NULL, 0}};

static const struct unit *units_of(enum tl_cli_type type)
{
    switch (type) {
    case TL_CLI_LENGTH:
    case TL_CLI_LENGTH_PRIOR:
        return lengths;
    case TL_CLI_AREA:
        return areas;
    case TL_CLI_TIME:
        return times;
    case TL_CLI_SIZE:
        return sizes;
    case TL_CLI_DENSITY:
        return densities;
    case TL_CLI_PACE:
        return paces;
    default:
        return NULL;
    }
}

const char *tl_cli_units_example(enum tl_cli_type type)
{
    switch (type) {
    case TL_CLI_INTEGER:
        return "a whole number";
    case TL_CLI_REAL:
        return "a number";
    case TL_CLI_LENGTH:
        return "a length such as 500m or 2km";
    case TL_CLI_AREA:
        return "an area such as 2ha, 500m2 or 3km2";
    case TL_CLI_TIME:
        return "a time such as 30d, 8h or 2y";
    case TL_CLI_SIZE:
        return "a size such as 8GiB or 500MB";
    case TL_CLI_LENGTH_PRIOR:
        return "a length and the chance of less, such as 5km:0.1";
    case TL_CLI_NUMBER_PRIOR:
        return "a number above 0 and the chance of more, such as 2:0.1";
    case TL_CLI_NORMAL:
        return "mean and standard deviation, such as 0.5:1";
    case TL_CLI_PAIR:
        return "two names with = between, such as date=year";
    case TL_CLI_SHARE:
        return "a share such as 95% or 0.95";
    case TL_CLI_DENSITY:
        return "a density such as 0.02/m2 or 200/ha";
    case TL_CLI_PACE:
        return "a pace such as 500m2/day or 0.2ha/day";
    case TL_CLI_TARGET:
        return "a target such as \"circle 40m\", \"ellipse 60m 20m\" or \"ellipse 60m 20m 30deg\"";
    case TL_CLI_PASSES:
        return "a method and passes, such as manual,2";
    default:
        return "a value";
    }
}

static bool complain(char *message, const char *text, const char *why, enum tl_cli_type type)
{
    snprintf(message, TL_CLI_MESSAGE_BYTES, "\"%.200s\" %s; expected %s", text, why,
             tl_cli_units_example(type));
    return false;
}

/* strtod also takes "inf", "nan" and hexadecimal, which nobody types on purpose. */
static bool read_number(const char *text, double *value, const char **end)
{
    char *stop = NULL;
    const char *digits = text + (text[0] == '-' || text[0] == '+');
    if ((digits[0] < '0' || digits[0] > '9') && digits[0] != '.')
        return false;
    if (digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X'))
        return false;
    *value = strtod(text, &stop);
    *end = stop;
    return stop != text && isfinite(*value);
}

/* Number with a unit up to `stop`, which is the end or the colon of a prior. */
static bool read_quantity(enum tl_cli_type type, const char *text, const char *stop, double *value,
                          char *message)
{
    const char *end;
    const struct unit *units = units_of(type);
    if (!read_number(text, value, &end))
        return complain(message, text, "is not a number", type);
    while (end < stop && *end == ' ')
        end++;
    if (end >= stop)
        return complain(message, text, "has no unit", type);
    for (; units->name != NULL; units++) {
        size_t n = strlen(units->name);
        if (n == (size_t)(stop - end) && strncmp(end, units->name, n) == 0) {
            *value *= units->factor;
            if (*value > 0 && isfinite(*value))
                return true;
            return complain(message, text, *value > 0 ? "is too large" : "is not above zero", type);
        }
    }
    return complain(message, text, "has a unit that is not known", type);
}

static bool read_plain(enum tl_cli_type type, const char *text, const char *stop, double *value,
                       char *message)
{
    const char *end;
    if (!read_number(text, value, &end) || end != stop)
        return complain(message, text, "cannot be read", type);
    return true;
}

static bool read_prior(enum tl_cli_type type, const char *text, double number[2], char *message)
{
    const char *colon = strrchr(text, ':');
    if (colon == NULL)
        return complain(message, text, "has no colon", type);
    if (type == TL_CLI_LENGTH_PRIOR) {
        if (!read_quantity(type, text, colon, &number[0], message))
            return false;
    } else if (!read_plain(type, text, colon, &number[0], message)) {
        return false;
    }
    if (!read_plain(type, colon + 1, colon + 1 + strlen(colon + 1), &number[1], message))
        return false;
    if (type == TL_CLI_NORMAL)
        return number[1] > 0 || complain(message, text, "has no spread above zero", type);
    if (!(number[1] > 0 && number[1] < 1))
        return complain(message, text, "has a chance that is not between 0 and 1", type);
    if (!(number[0] > 0))
        return complain(message, text, "is not above zero", type);
    return true;
}

static bool read_integer(const char *text, double number[2], char *message)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (end == text || *end != '\0')
        return complain(message, text, "cannot be read", TL_CLI_INTEGER);
    if (errno == ERANGE || value > (1LL << 53) || value < -(1LL << 53))
        return complain(message, text, "is too large", TL_CLI_INTEGER);
    number[0] = (double)value;
    return true;
}

/* A density may be nought: no background. */
static bool read_density(const char *text, double *value, char *message)
{
    const char *end;
    if (read_number(text, value, &end) && *value == 0 && (*end == '/' || *end == '\0'))
        return true;
    return read_quantity(TL_CLI_DENSITY, text, text + strlen(text), value, message);
}

/* A share of one, with a per cent sign or without. */
static bool read_share(const char *text, double *value, char *message)
{
    const char *end;
    if (!read_number(text, value, &end))
        return complain(message, text, "is not a number", TL_CLI_SHARE);
    end += strspn(end, " ");
    bool percent = strcmp(end, "%") == 0;
    if (!percent && *end != '\0')
        return complain(message, text, "cannot be read", TL_CLI_SHARE);
    *value = percent ? *value / 100 : *value;
    if (!(*value >= 0 && *value <= 1))
        return complain(message, text, "is not between 0 and 1 (0 % and 100 %)", TL_CLI_SHARE);
    return true;
}

/* "ellipse LENGTH WIDTH [ANGLEdeg]": the axes in either order; an angle is that of the longer one. */
static bool read_target(const char *text, double number[TL_CLI_NUMBERS], char *message)
{
    char words[4][32] = {"", "", "", ""}, rest[2] = "";
    char why[TL_CLI_MESSAGE_BYTES];
    const char *end;
    int n = sscanf(text, "%31s %31s %31s %31s %1s", words[0], words[1], words[2], words[3], rest);
    bool circle = strcmp(words[0], "circle") == 0;
    if ((!circle && strcmp(words[0], "ellipse") != 0) || n < (circle ? 2 : 3) ||
        n > (circle ? 2 : 4))
        return complain(message, text, "is not a target", TL_CLI_TARGET);
    for (int i = 0; i < (circle ? 1 : 2); i++)
        if (!read_quantity(TL_CLI_LENGTH, words[i + 1], words[i + 1] + strlen(words[i + 1]),
                           &number[i], why))
            return complain(message, text, "has a length that cannot be read", TL_CLI_TARGET);
    if (circle)
        number[1] = number[0];
    if (number[1] > number[0])
        return complain(message, text, "has its shorter axis first", TL_CLI_TARGET);
    number[2] = NAN;
    if (n == 4 && (!read_number(words[3], &number[2], &end) || strcmp(end, "deg") != 0))
        return complain(message, text, "has an angle that cannot be read", TL_CLI_TARGET);
    if (n == 4 && !(number[2] >= 0 && number[2] <= 180))
        return complain(message, text, "has an angle outside 0 to 180 degrees", TL_CLI_TARGET);
    return true;
}

bool tl_cli_units_parse(enum tl_cli_type type, const char *text, double number[TL_CLI_NUMBERS],
                        char *message)
{
    const char *stop = text + strlen(text);
    switch (type) {
    case TL_CLI_INTEGER:
        return read_integer(text, number, message);
    case TL_CLI_REAL:
        return read_plain(type, text, stop, &number[0], message);
    case TL_CLI_LENGTH:
    case TL_CLI_AREA:
    case TL_CLI_TIME:
    case TL_CLI_SIZE:
    case TL_CLI_PACE:
        return read_quantity(type, text, stop, &number[0], message);
    case TL_CLI_DENSITY:
        return read_density(text, &number[0], message);
    case TL_CLI_SHARE:
        return read_share(text, &number[0], message);
    case TL_CLI_TARGET:
        return read_target(text, number, message);
    case TL_CLI_LENGTH_PRIOR:
    case TL_CLI_NUMBER_PRIOR:
    case TL_CLI_NORMAL:
        return read_prior(type, text, number, message);
    default:
        return true;
    }
}

/* Four significant digits, never as a power of ten. */
static void write_figure(char text[32], double value, const char *unit)
{
    if (value >= 1e4) {
        double step = pow(10, floor(log10(value)) - 3);
        snprintf(text, 32, "%.0f %s", round(value / step) * step, unit);
    } else {
        snprintf(text, 32, "%.4g %s", value, unit);
    }
}

const char *tl_cli_units_length(double length_m, char text[32])
{
    if (length_m >= 1000)
        write_figure(text, length_m / 1000, "km");
    else
        write_figure(text, length_m, "m");
    return text;
}

const char *tl_cli_units_area(double area_m2, char text[32])
{
    if (area_m2 >= 1e6)
        write_figure(text, area_m2 / 1e6, "km2");
    else if (area_m2 >= 1e4)
        write_figure(text, area_m2 / 1e4, "ha");
    else
        write_figure(text, area_m2, "m2");
    return text;
}

const char *tl_cli_units_bytes(double bytes, char text[32])
{
    if (bytes >= 1e9)
        snprintf(text, 32, "%.2f GB", bytes / 1e9);
    else if (bytes >= 1e6)
        snprintf(text, 32, "%.0f MB", bytes / 1e6);
    else
        snprintf(text, 32, "%.0f kB", bytes / 1e3);
    return text;
}
