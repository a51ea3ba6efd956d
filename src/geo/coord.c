/*
 * Positions as people type them. The text becomes tokens (numbers, degree, minute and second marks, hemispheres,
 * separators); tokens become two angles, or a UTM zone with easting and northing; MGRS is told by its shape. Where a
 * text has two readings it is refused as ambiguous: a wrong place is worse than a question. So
 *   "50,5 30"          50.5 and 30, or 50 and 5 deg 30 min?         ambiguous
 *   "50 27 12 30 31 24"  which is the latitude?                      letters are asked for
 *   "38S 444000 3684000" band S (32 to 40 N) or the southern zone?   "38 north" or "38 south" is asked for
 * Two plain numbers are longitude, latitude, as everywhere in this program.
 */
#include "tilth/coord.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/core.h"
#include "geo/mgrs.h"

enum { TEXT_MAX = 200, TOKENS_MAX = 64, DIGITS_MAX = 18 };
static const double DEGREE_M = 111195.0;

enum kind { END, NUMBER, DEGREE, MINUTE, SECOND, LETTER, SIGN, SEPARATOR, DASH };

struct token {
    enum kind kind;
    int at;       /* byte in the text */
    double value; /* of a number; of a sign: -1 or 1 */
    int decimals; /* of a number, -1 without a point */
    char letter;  /* N S E W */
};

struct text {
    struct tl_ctx *ctx; /* borrows */
    const char *text;   /* borrows */
    bool comma_is_point;
    bool lacks_letters; /* refused only because no hemispheres were given */
    struct token tokens[TOKENS_MAX];
    int n;
};

static tl_err wrong(const struct text *t, int at, const char *what)
{
    return tl_fail(t->ctx, TL_EDATA, "\"%s\": %s, at character %d", t->text, what, at + 1);
}

/* Marks as keyboards and word processors make them. */
static const struct {
    const char *bytes;
    enum kind kind;
} marks[] = {
    {"\xc2\xb0", DEGREE},
    {"\xc2\xba", DEGREE},
    {"\xcb\x9a", DEGREE},
    {"''", SECOND},
    {"\xe2\x80\xb2\xe2\x80\xb2", SECOND},
    {"\xe2\x80\x99\xe2\x80\x99", SECOND},
    {"'", MINUTE},
    {"`", MINUTE},
    {"\xe2\x80\xb2", MINUTE},
    {"\xe2\x80\x99", MINUTE},
    {"\xe2\x80\x98", MINUTE},
    {"\xc2\xb4", MINUTE},
    {"\"", SECOND},
    {"\xe2\x80\xb3", SECOND},
    {"\xe2\x80\x9d", SECOND},
    {"\xe2\x80\x9c", SECOND},
    {"\xe2\x88\x92", SIGN},
    {"\xe2\x80\x93", SIGN},
    {";", SEPARATOR},
    {"/", SEPARATOR},
    {"|", SEPARATOR},
};

static const char *const blanks[] = {" ",        "\t",           "\r",           "\n",
                                     "\xc2\xa0", "\xe2\x80\xaf", "\xe2\x80\x89", "\xef\xbb\xbf"};

static int blank_length(const char *p)
{
    for (size_t k = 0; k < sizeof blanks / sizeof blanks[0]; k++)
        if (strncmp(p, blanks[k], strlen(blanks[k])) == 0)
            return (int)strlen(blanks[k]);
    return 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A comma between two digits, without a blank: a decimal comma or a separator. */
static bool is_tight_comma(const char *text, int at)
{
    return text[at] == ',' && at > 0 && is_digit(text[at - 1]) && is_digit(text[at + 1]);
}

static tl_err read_number(struct text *t, int *at, struct token *token)
{
    char digits[DIGITS_MAX + 2];
    int n = 0, p = *at, decimals = -1;
    token->kind = NUMBER;
    for (;; p++) {
        char c = t->text[p];
        bool point = c == '.' || (t->comma_is_point && is_tight_comma(t->text, p));
        if (!is_digit(c) && !point)
            break;
        if (point && decimals >= 0)
            return wrong(t, p, "a number with two decimal points");
        if (n >= DIGITS_MAX)
            return wrong(t, p, "a number with too many digits");
        digits[n++] = point ? '.' : c;
        decimals = point ? 0 : decimals >= 0 ? decimals + 1 : decimals;
    }
    digits[n] = '\0';
    if (n == 1 && decimals >= 0)
        return wrong(t, *at, "a point without digits");
    token->value = strtod(digits, NULL);
    token->decimals = decimals;
    *at = p;
    return TL_OK;
}

static enum kind last_kind(const struct text *t)
{
    return t->n > 0 ? t->tokens[t->n - 1].kind : END;
}

/* Letters: d, m, s as marks; N, S, E, W as hemispheres. A small s is seconds only after a minute mark. */
static bool read_letter(const struct text *t, int at, struct token *token)
{
    char c = t->text[at];
    if (isalpha((unsigned char)t->text[at + 1]) && strchr("NSEWnsew", t->text[at + 1]) == NULL)
        return false;
    bool minutes_before = false;
    for (int k = t->n - 1; k >= 0 && t->tokens[k].kind != LETTER &&
                           t->tokens[k].kind != SEPARATOR && t->tokens[k].kind != DEGREE;
         k--)
        minutes_before = minutes_before || t->tokens[k].kind == MINUTE;
    if (c == 'd' || c == 'D')
        token->kind = DEGREE;
    else if (c == 'm' || c == 'M')
        token->kind = MINUTE;
    else if (c == 's' && minutes_before && last_kind(t) == NUMBER)
        token->kind = SECOND;
    else if (strchr("NSEWnsew", c) != NULL)
        token->kind = LETTER;
    else
        return false;
    token->letter = (char)toupper((unsigned char)c);
    return true;
}

static int mark_length(const char *p, enum kind *kind)
{
    for (size_t k = 0; k < sizeof marks / sizeof marks[0]; k++)
        if (strncmp(p, marks[k].bytes, strlen(marks[k].bytes)) == 0) {
            *kind = marks[k].kind;
            return (int)strlen(marks[k].bytes);
        }
    return 0;
}

/* One token at *at, which moves on. */
static tl_err read_token(struct text *t, int *at, struct token *token)
{
    const char *p = t->text + *at;
    int length = mark_length(p, &token->kind);
    token->value = -1.0; /* of the foreign minus signs */
    if (length > 0) {
        *at += length;
        return TL_OK;
    }
    if (is_digit(*p) || (*p == '.' && is_digit(p[1])))
        return read_number(t, at, token);
    if (*p == ',') {
        token->kind = SEPARATOR;
    } else if (*p == '-' || *p == '+') {
        token->kind = *p == '-' && *at > 0 && is_digit(p[-1]) && is_digit(p[1]) ? DASH : SIGN;
        token->value = *p == '-' ? -1.0 : 1.0;
    } else if (!read_letter(t, *at, token)) {
        return wrong(t, *at, "something that does not belong in a coordinate");
    }
    (*at)++;
    return TL_OK;
}

static tl_err tokenize(struct text *t)
{
    t->n = 0;
    for (int at = 0; t->text[at] != '\0';) {
        int blank = blank_length(t->text + at);
        if (blank > 0) {
            at += blank;
            continue;
        }
        struct token token = {.at = at};
        tl_err err = read_token(t, &at, &token);
        if (err != TL_OK)
            return err;
        if (t->n >= TOKENS_MAX - 1)
            return wrong(t, token.at, "too many parts for a coordinate");
        t->tokens[t->n++] = token;
    }
    t->tokens[t->n] = (struct token){.kind = END, .at = (int)strlen(t->text)};
    return TL_OK;
}

/* One angle. */

struct angle {
    double degrees;
    double resolution; /* degrees: size of the last digit */
    char letter;       /* N S E W, 0 when not said */
    int n_numbers;
    bool has_sign;
};

static tl_err add_number(const struct text *t, const struct token *token, struct angle *angle,
                         int *decimals)
{
    static const double unit[] = {1.0, 1.0 / 60.0, 1.0 / 3600.0};
    static const char *const words[] = {"degrees", "minutes are 60 or more",
                                        "seconds are 60 or more"};
    if (angle->n_numbers == 3)
        return wrong(t, token->at, "a fourth number in one angle");
    if (angle->n_numbers > 0 && *decimals >= 0)
        return wrong(t, token->at, "a number after one with decimals");
    if (angle->n_numbers > 0 && token->value >= 60.0)
        return wrong(t, token->at, words[angle->n_numbers]);
    angle->degrees += token->value * unit[angle->n_numbers];
    angle->resolution =
        unit[angle->n_numbers] * pow(10.0, token->decimals > 0 ? -token->decimals : 0);
    *decimals = token->decimals;
    angle->n_numbers++;
    return TL_OK;
}

/* Tokens [first, end) as one angle; `is_lat` 1, 0, or -1 when not known yet. */
static tl_err read_angle(const struct text *t, int first, int end, struct angle *out)
{
    struct angle angle = {0};
    double sign = 1.0;
    int decimals = -1;
    bool marked = false;
    for (int k = first; k < end; k++) {
        const struct token *token = &t->tokens[k];
        tl_err err = TL_OK;
        if (token->kind == NUMBER) {
            err = add_number(t, token, &angle, &decimals);
            marked = false;
        } else if (token->kind == SIGN) {
            if (angle.n_numbers > 0 || angle.has_sign)
                return wrong(t, token->at, "a sign within an angle");
            angle.has_sign = true;
            sign = token->value;
        } else if (token->kind == LETTER) {
            if (angle.letter != 0)
                return wrong(t, token->at, "a second hemisphere for one angle");
            if (angle.n_numbers > 0 && k + 1 < end)
                return wrong(t, t->tokens[k + 1].at, "something after the hemisphere");
            angle.letter = token->letter;
        } else if (token->kind == DEGREE || token->kind == MINUTE || token->kind == SECOND) {
            if (marked || angle.n_numbers != (int)token->kind - (int)DEGREE + 1)
                return wrong(t, token->at, "a mark of degrees, minutes or seconds out of place");
            marked = true;
        } else if (token->kind != DASH) {
            return wrong(t, token->at, "a separator within an angle");
        }
        if (err != TL_OK)
            return err;
    }
    if (angle.n_numbers == 0)
        return wrong(t, t->tokens[first].at, "an angle without a number");
    if (angle.has_sign && angle.letter != 0)
        return wrong(t, t->tokens[first].at, "a sign and a hemisphere for one angle");
    angle.degrees *= angle.letter == 'S' || angle.letter == 'W' ? -1.0 : sign;
    *out = angle;
    return TL_OK;
}

static tl_err check_range(const struct text *t, const struct angle *angle, bool is_lat)
{
    double limit = is_lat ? 90.0 : 180.0;
    if (fabs(angle->degrees) > limit)
        return tl_fail(t->ctx, TL_EDATA, "\"%s\": the %s %.10g is beyond %.0f%s", t->text,
                       is_lat ? "latitude" : "longitude", angle->degrees, limit,
                       angle->letter == 0 ? " (plain numbers are longitude, latitude)" : "");
    return TL_OK;
}

/* Two angles. */

static int count(const struct text *t, enum kind kind)
{
    int n = 0;
    for (int k = 0; k < t->n; k++)
        n += t->tokens[k].kind == kind;
    return n;
}

/* Token of the n-th (from 0) of a kind, or the end. */
static int nth(const struct text *t, enum kind kind, int n)
{
    for (int k = 0; k < t->n; k++)
        if (t->tokens[k].kind == kind && n-- == 0)
            return k;
    return t->n;
}

/* Where the second angle begins, 0 when that cannot be told. *skip is 1 when a separator stands there. */
static int find_split(const struct text *t, int *skip)
{
    int n_numbers = count(t, NUMBER), n_separators = count(t, SEPARATOR);
    *skip = n_separators == 1;
    if (n_separators > 1)
        return 0;
    if (n_separators == 1)
        return nth(t, SEPARATOR, 0);
    if (count(t, LETTER) == 2) {
        int first = nth(t, LETTER, 0), second = nth(t, LETTER, 1);
        if (second == t->n - 1) /* letters follow: the second angle begins after the first letter */
            return first == 0 ? 0 : first + 1;
        return first == 0 ? second : 0;
    }
    if (count(t, DEGREE) == 2) {
        int at = nth(t, DEGREE, 1) - 1;
        return at > 0 && t->tokens[at - 1].kind == SIGN ? at - 1 : at;
    }
    if (n_numbers != 2 && n_numbers != 4 && n_numbers != 6)
        return 0;
    int at = nth(t, NUMBER, n_numbers / 2);
    return at > 0 && t->tokens[at - 1].kind == SIGN ? at - 1 : at;
}

struct position {
    double lon_deg, lat_deg, accuracy_m;
};

static bool is_lat_letter(char letter)
{
    return letter == 'N' || letter == 'S';
}

static tl_err read_pair(struct text *t, struct position *out)
{
    struct angle a, b;
    int skip = 0;
    tl_err err = tokenize(t);
    if (err != TL_OK)
        return err;
    int split = find_split(t, &skip);
    if (split == 0)
        return tl_fail(t->ctx, TL_EDATA,
                       "\"%s\" is not a position: two angles, UTM or MGRS are expected, such as "
                       "30.5234,50.4501 or 50 27 00 N, 30 31 24 E",
                       t->text);
    if (count(t, DASH) > 0 && count(t, LETTER) == 0)
        return wrong(t, t->tokens[nth(t, DASH, 0)].at,
                     "a dash that could be a minus; hemispheres (N, S, E, W) are needed");
    err = read_angle(t, 0, split, &a);
    if (err == TL_OK)
        err = read_angle(t, split + skip, t->n, &b);
    if (err != TL_OK)
        return err;
    if ((a.letter != 0) != (b.letter != 0))
        return wrong(t, 0, "a hemisphere for one angle only");
    t->lacks_letters = a.letter == 0 && (a.n_numbers > 1 || b.n_numbers > 1);
    if (t->lacks_letters)
        return wrong(t, 0,
                     "degrees and minutes need hemispheres (N, S, E, W): which is the latitude is "
                     "ambiguous");
    if (a.letter != 0 && is_lat_letter(a.letter) == is_lat_letter(b.letter))
        return wrong(t, 0, "two latitudes or two longitudes");
    bool lat_first = a.letter != 0 && is_lat_letter(a.letter);
    const struct angle *lat = lat_first ? &a : &b, *lon = lat_first ? &b : &a;
    err = check_range(t, lat, true);
    if (err == TL_OK)
        err = check_range(t, lon, false);
    if (err != TL_OK)
        return err;
    double across = lon->resolution * fabs(cos(lat->degrees * 3.14159265358979323846 / 180.0));
    *out = (struct position){lon->degrees, lat->degrees,
                             0.5 * DEGREE_M * fmax(lat->resolution, across)};
    return TL_OK;
}

/* UTM and MGRS. */

/* Copy in capitals without blanks; false when it does not fit or holds more than letters and digits. */
static bool squeeze(const char *text, char *out, size_t room)
{
    size_t n = 0;
    for (int at = 0; text[at] != '\0';) {
        int blank = blank_length(text + at);
        if (blank > 0) {
            at += blank;
            continue;
        }
        if (!isalnum((unsigned char)text[at]) || n + 1 >= room)
            return false;
        out[n++] = (char)toupper((unsigned char)text[at++]);
    }
    out[n] = '\0';
    return true;
}

/* Zone and three letters, then digits only: the shape of MGRS; near the poles without a zone. */
static bool looks_like_mgrs(const char *squeezed)
{
    const char *p = squeezed;
    int n_zone = 0, n_letters = 0;
    for (; is_digit(*p); p++)
        n_zone++;
    for (; isalpha((unsigned char)*p); p++)
        n_letters++;
    if (n_zone > 2 || n_letters != 3)
        return false;
    while (is_digit(*p))
        p++;
    return *p == '\0' &&
           (n_zone > 0 || (strchr("ABYZ", squeezed[0]) != NULL && squeezed[3] != '\0'));
}

static tl_err read_mgrs(struct tl_ctx *ctx, const char *text, const char *squeezed,
                        struct position *out)
{
    char why[TL_MGRS_WHY_BYTES];
    int digits = 0;
    struct position made;
    if (tl_mgrs_read(squeezed, &made.lat_deg, &made.lon_deg, &digits, why) != 0)
        return tl_fail(ctx, TL_EDATA, "\"%s\" is not an MGRS position: %s", text, why);
    made.accuracy_m = 0.5 * pow(10.0, 5 - digits);
    *out = made;
    return TL_OK;
}

struct utm_text {
    int zone;
    char band; /* letter given, 0 when a word was */
    bool is_north, is_word;
    double x_m, y_m, resolution_m;
};

static int take_word(const char **p, char *word, size_t room)
{
    size_t n = 0;
    while (isalpha((unsigned char)**p) && n + 1 < room)
        word[n++] = (char)toupper((unsigned char)*(*p)++);
    word[n] = '\0';
    return (int)n;
}

static void skip_blanks(const char **p)
{
    for (int n = blank_length(*p); n > 0; n = blank_length(*p))
        *p += n;
}

/* A number of metres with an optional label before or after it ("E", "mE", "m N"); false when there is none. */
static bool take_metres(const char **p, double *metres, double *resolution, char *label)
{
    char word[8];
    skip_blanks(p);
    *label = 0;
    if (take_word(p, word, sizeof word) > 0) {
        if (strcmp(word, "E") != 0 && strcmp(word, "N") != 0)
            return false;
        *label = word[0];
        skip_blanks(p);
    }
    const char *begin = *p;
    int decimals = -1;
    for (; is_digit(**p) || (**p == '.' && decimals < 0); (*p)++)
        decimals = **p == '.' ? 0 : decimals >= 0 ? decimals + 1 : decimals;
    if (*p == begin || *p - begin > DIGITS_MAX || !is_digit(*begin))
        return false;
    *metres = strtod(begin, NULL);
    *resolution = pow(10.0, decimals > 0 ? -decimals : 0);
    skip_blanks(p);
    const char *after = *p;
    if (*label == 0 && take_word(p, word, sizeof word) > 0) {
        size_t n = strlen(word);
        if (word[0] == 'M' && n == 1)
            return true;
        char last = word[n - 1];
        bool known = (last == 'E' || last == 'N') && (n == 1 || (n == 2 && word[0] == 'M'));
        *label = known ? last : 0;
        if (!known || (n == 1 && is_digit(**p))) {
            *label = 0; /* a letter right before the next number is that number's */
            *p = after;
        }
    }
    return true;
}

/* The shape of UTM: a zone, a letter or a word for the hemisphere, two numbers too large for degrees. */
static bool looks_like_utm(const char *text, struct utm_text *out)
{
    struct utm_text made = {0};
    const char *p = text;
    char word[16], label_1, label_2;
    double first = 0.0, second = 0.0, resolution_1 = 0.0, resolution_2 = 0.0;
    skip_blanks(&p);
    for (int n = 0; is_digit(*p); p++, n++)
        made.zone = n < 3 ? 10 * made.zone + (*p - '0') : 999;
    skip_blanks(&p);
    int n_letters = take_word(&p, word, sizeof word);
    if (strcmp(word, "NORTH") == 0 || strcmp(word, "SOUTH") == 0)
        made.is_word = true;
    else if (n_letters != 1)
        return false;
    made.band = word[0];
    if (p == text || !take_metres(&p, &first, &resolution_1, &label_1))
        return false;
    skip_blanks(&p);
    p += *p == ',' || *p == ';';
    if (!take_metres(&p, &second, &resolution_2, &label_2))
        return false;
    skip_blanks(&p);
    if (*p != '\0' || (first < 1000.0 && second < 1000.0))
        return false;
    bool swapped = label_1 == 'N' || label_2 == 'E';
    made.x_m = swapped ? second : first;
    made.y_m = swapped ? first : second;
    made.resolution_m = fmax(resolution_1, resolution_2);
    *out = made;
    return true;
}

static const char bands[] = "CDEFGHJKLMNPQRSTUVWX";

/* Latitudes of a band; the last one is higher. */
static bool band_range(char band, double *south, double *north)
{
    const char *at = strchr(bands, band);
    if (at == NULL || band == '\0')
        return false;
    *south = -80.0 + 8.0 * (double)(at - bands);
    *north = band == 'X' ? 84.0 : *south + 8.0;
    return true;
}

static tl_err utm_lat_lon(struct tl_ctx *ctx, const char *text, const struct utm_text *utm,
                          bool is_north, struct position *out)
{
    char why[TL_MGRS_WHY_BYTES];
    struct tl_mgrs_utm place = {utm->zone, is_north, utm->x_m, utm->y_m};
    if (tl_mgrs_from_utm(&place, &out->lat_deg, &out->lon_deg, why) != 0)
        return tl_fail(ctx, TL_EDATA, "\"%s\" is not a UTM position: %s", text, why);
    out->accuracy_m = 0.5 * utm->resolution_m;
    return TL_OK;
}

static tl_err read_utm(struct tl_ctx *ctx, const char *text, const struct utm_text *utm,
                       struct position *out)
{
    struct position made = {0};
    double south = 0.0, north = 0.0;
    if (utm->zone < 1 || utm->zone > 60)
        return tl_fail(ctx, TL_EDATA, "\"%s\": there is no UTM zone %d; 1 to 60 are expected", text,
                       utm->zone);
    if (!utm->is_word && !band_range(utm->band, &south, &north))
        return tl_fail(ctx, TL_EDATA, "\"%s\": there is no UTM band %c", text, utm->band);
    bool is_south_word = utm->is_word && utm->band == 'S';
    bool is_north = utm->is_word ? !is_south_word : utm->band >= 'N';
    tl_err err = utm_lat_lon(ctx, text, utm, is_north, &made);
    if (utm->is_word || utm->band == 'N') {
        if (err == TL_OK)
            *out = made;
        return err;
    }
    /* Half a metre of latitude to spare: a northing is rounded, and a band's edge is not. */
    bool fits = err == TL_OK && made.lat_deg >= south - 5e-6 && made.lat_deg <= north + 5e-6;
    if (utm->band == 'S' && fits)
        return tl_fail(ctx, TL_EDATA,
                       "\"%s\" is ambiguous: S is both band S (32 to 40 N) and the southern "
                       "hemisphere; write \"%d north\" or \"%d south\"",
                       text, utm->zone, utm->zone);
    if (utm->band == 'S')
        err = utm_lat_lon(ctx, text, utm, false, &made);
    else if (err == TL_OK && !fits)
        return tl_fail(ctx, TL_EDATA,
                       "\"%s\": band %c is from %.0f to %.0f degrees, but the northing is at %.4f",
                       text, utm->band, south, north, made.lat_deg);
    if (err == TL_OK)
        *out = made;
    return err;
}

static bool has_tight_comma(const char *text)
{
    for (int k = 0; text[k] != '\0'; k++)
        if (is_tight_comma(text, k))
            return true;
    return false;
}

/* A comma between digits is read both ways; where both make sense the text is ambiguous. */
static tl_err read_angles(struct tl_ctx *ctx, const char *text, struct position *out)
{
    struct text t = {.ctx = ctx, .text = text};
    struct position as_separator, as_point;
    if (!has_tight_comma(text))
        return read_pair(&t, out);
    t.comma_is_point = true;
    tl_err err_point = strchr(text, '.') != NULL ? TL_EDATA : read_pair(&t, &as_point);
    t.comma_is_point = false;
    tl_err err_separator = read_pair(&t, &as_separator);
    if (err_point == TL_OK && (err_separator == TL_OK || t.lacks_letters))
        return tl_fail(
            ctx, TL_EDATA,
            "\"%s\" is ambiguous: its comma may be a decimal point or a separator; write decimals "
            "with a point",
            text);
    if (err_point == TL_OK)
        *out = as_point;
    else if (err_separator == TL_OK)
        *out = as_separator;
    return err_point == TL_OK ? TL_OK : err_separator;
}

tl_err tl_coord_parse(struct tl_ctx *ctx, const char *text, double *lon_deg, double *lat_deg,
                      double *accuracy_m)
{
    char squeezed[TEXT_MAX + 1];
    struct utm_text utm;
    struct position made;
    tl_err err;
    if (strlen(text) > TEXT_MAX)
        return tl_fail(ctx, TL_EDATA, "\"%.40s...\" is too long for a position", text);
    if (squeeze(text, squeezed, sizeof squeezed) && looks_like_mgrs(squeezed))
        err = read_mgrs(ctx, text, squeezed, &made);
    else if (looks_like_utm(text, &utm))
        err = read_utm(ctx, text, &utm, &made);
    else
        err = read_angles(ctx, text, &made);
    if (err != TL_OK)
        return err;
    *lon_deg = made.lon_deg;
    *lat_deg = made.lat_deg;
    if (accuracy_m != NULL)
        *accuracy_m = made.accuracy_m;
    return TL_OK;
}

tl_err tl_coord_parse_angle(struct tl_ctx *ctx, const char *text, int is_lat, double *angle_deg)
{
    struct angle angle;
    if (strlen(text) > TEXT_MAX)
        return tl_fail(ctx, TL_EDATA, "\"%.40s...\" is too long for an angle", text);
    struct text t = {.ctx = ctx, .text = text, .comma_is_point = strchr(text, '.') == NULL};
    tl_err err = tokenize(&t);
    if (err != TL_OK)
        return err;
    if (t.n == 0)
        return tl_fail(ctx, TL_EDATA, "an angle is empty");
    if (count(&t, DASH) > 0 && count(&t, LETTER) == 0)
        return wrong(&t, t.tokens[nth(&t, DASH, 0)].at,
                     "a dash that could be a minus; a hemisphere (N, S, E, W) is needed");
    err = read_angle(&t, 0, t.n, &angle);
    if (err != TL_OK)
        return err;
    if (angle.letter != 0 && is_lat_letter(angle.letter) != (is_lat != 0))
        return tl_fail(ctx, TL_EDATA, "\"%s\": %c is not a hemisphere of a %s", text, angle.letter,
                       is_lat ? "latitude" : "longitude");
    err = check_range(&t, &angle, is_lat != 0);
    if (err == TL_OK)
        *angle_deg = angle.degrees;
    return err;
}
