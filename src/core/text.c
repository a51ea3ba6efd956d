#include "core/text.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

char *tl_text_number(double value, char *text)
{
    if (!isfinite(value)) {
        strcpy(text, "unknown");
        return text;
    }
    if (fabs(value) < 999.5) { /* from there on three digits are 1,000 */
        snprintf(text, 40, "%.3g", value);
        return text;
    }
    /* Three significant digits, then commas: 1,230,000. */
    double unit = pow(10.0, floor(log10(fabs(value))) - 2.0);
    char plain[40];
    snprintf(plain, sizeof plain, "%.0f", round(value / unit) * unit);
    if (strlen(plain) > 24) {
        snprintf(text, 40, "%.2e", value);
        return text;
    }
    size_t n = strlen(plain), first = plain[0] == '-' ? 1 : 0, out = 0;
    for (size_t i = 0; i < n; i++) {
        if (i > first && (n - i) % 3 == 0)
            text[out++] = ',';
        text[out++] = plain[i];
    }
    text[out] = '\0';
    return text;
}

/* From a ten-thousandth of a per cent to under 100, %g writes plain decimals. */
char *tl_text_percent(double share, int digits, char *text)
{
    double percent = 100.0 * share;
    int most = digits + 2;
    if (!isfinite(share))
        strcpy(text, "unknown");
    else if (share == 0.0 || share >= 1.0)
        snprintf(text, TL_TEXT_NUMBER_BYTES, "%.0f %%", percent);
    else if (percent > 0.0 && percent < 1e-4)
        strcpy(text, "< 0.0001 %");
    else
        do
            snprintf(text, TL_TEXT_NUMBER_BYTES, "%.*g %%", digits, percent);
        while (strtod(text, NULL) >= 100.0 && digits++ < most);
    if (share < 1.0 && strtod(text, NULL) >= 100.0)
        snprintf(text, TL_TEXT_NUMBER_BYTES, "> 99.%.*s %%", most - 2, "99999999999999999999");
    return text;
}

static int lower(char c)
{
    return tolower((unsigned char)c);
}

/* Optimal string alignment distance, of the first 63 bytes of each. */
int tl_text_slips(const char *a, const char *b)
{
    enum { MAX = 63 };
    int row[3][MAX + 1];
    int n_a = (int)strnlen(a, MAX), n_b = (int)strnlen(b, MAX);
    for (int j = 0; j <= n_b; j++)
        row[0][j] = j;
    for (int i = 1; i <= n_a; i++) {
        int *now = row[i % 3], *before = row[(i + 2) % 3], *two_before = row[(i + 1) % 3];
        now[0] = i;
        for (int j = 1; j <= n_b; j++) {
            int best = before[j - 1] + (lower(a[i - 1]) != lower(b[j - 1]));
            best = before[j] + 1 < best ? before[j] + 1 : best;
            best = now[j - 1] + 1 < best ? now[j - 1] + 1 : best;
            bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                           lower(a[i - 2]) == lower(b[j - 1]);
            now[j] = swapped && two_before[j - 2] + 1 < best ? two_before[j - 2] + 1 : best;
        }
    }
    return row[n_a % 3][n_b];
}

const char *tl_text_nearest(const char *word, int n, const char *const *names)
{
    const char *best = NULL;
    size_t length = strlen(word);
    int least = (int)length / 3 + 1; /* beyond a third of the letters it is another word */
    for (int i = 0; i < n; i++) {
        bool begins = length >= 2 && strncasecmp(word, names[i], length) == 0;
        int slips = begins ? 1 : tl_text_slips(word, names[i]);
        if (slips <= least && (best == NULL || slips < least)) {
            best = names[i];
            least = slips;
        }
    }
    return best;
}

/* Bytes of the character that begins here, 0 when it is none. */
static int64_t character_bytes(const unsigned char *c, int64_t n_left)
{
    if (c[0] < 0x80)
        return 1;
    int64_t n = c[0] >= 0xF0 ? 4 : c[0] >= 0xE0 ? 3 : 2;
    if (c[0] < 0xC2 || c[0] > 0xF4 || n > n_left)
        return 0;
    if ((c[0] == 0xE0 && c[1] < 0xA0) || (c[0] == 0xED && c[1] > 0x9F) ||
        (c[0] == 0xF0 && c[1] < 0x90) || (c[0] == 0xF4 && c[1] > 0x8F))
        return 0;
    for (int64_t i = 1; i < n; i++)
        if ((c[i] & 0xC0) != 0x80)
            return 0;
    return n;
}

bool tl_text_is_utf8(const char *bytes, int64_t n_bytes)
{
    const unsigned char *at = (const unsigned char *)bytes;
    for (int64_t k = 0, n; k < n_bytes; k += n)
        if ((n = character_bytes(at + k, n_bytes - k)) == 0)
            return false;
    return true;
}

/* Bytes of a letter that begins here and was cut off, 0 when none does. */
static int64_t cut_bytes(const unsigned char *c)
{
    int64_t n = c[0] < 0xC2 || c[0] > 0xF4 ? 0 : c[0] >= 0xF0 ? 4 : c[0] >= 0xE0 ? 3 : 2, have = 1;
    while (have < n && (c[have] & 0xC0) == 0x80)
        have++;
    return have < n ? have : 0;
}

/* Of a whole character: C0, DEL and, of two bytes, C1. */
static bool is_control(const unsigned char *c, int64_t n)
{
    return n == 1 ? *c < 0x20 || *c == 0x7f : n == 2 && c[0] == 0xC2 && c[1] < 0xA0;
}

void tl_text_one_line(char *text)
{
    int64_t n_left = (int64_t)strlen(text), n;
    char *to = text;
    for (const char *at = text; n_left > 0; at += n, n_left -= n) {
        const unsigned char *c = (const unsigned char *)at;
        n = character_bytes(c, n_left);
        if (n > 0 && !is_control(c, n)) {
            memmove(to, at, (size_t)n);
            to += n;
            continue;
        }
        bool is_cut = n == 0 && cut_bytes(c) > 0;
        if (!is_cut)
            *to++ = n > 0 ? ' ' : '?';
        n = is_cut ? cut_bytes(c) : n > 0 ? n : 1;
    }
    while (to > text && to[-1] == ' ')
        to--;
    *to = '\0';
}

bool tl_text_is_formula(const char *text)
{
    char *end = NULL;
    if (text[0] == '\0' || strchr("=+-@\t\r", text[0]) == NULL)
        return false;
    strtod(text, &end);
    return end == text || *end != '\0';
}

/* The small letter of a character of two bytes; those that have none there, or one of another length, stay. */
static unsigned small_of(unsigned c)
{
    if ((c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x391 && c <= 0x3A9) ||
        (c >= 0x410 && c <= 0x42F))
        return c + 0x20;
    if (c >= 0x400 && c <= 0x40F)
        return c + 0x50;
    bool odd_is_capital = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E);
    bool even_is_capital = (c >= 0x100 && c <= 0x137 && c != 0x130) || (c >= 0x14A && c <= 0x177) ||
                           (c >= 0x460 && c <= 0x481) || (c >= 0x48A && c <= 0x4BF);
    if ((odd_is_capital && c % 2 == 1) || (even_is_capital && c % 2 == 0))
        return c + 1;
    return c;
}

void tl_text_fold(const char *text, char *folded)
{
    const unsigned char *at = (const unsigned char *)text;
    for (; *at != '\0'; at++) {
        if ((*at & 0xE0) == 0xC0 && (at[1] & 0xC0) == 0x80) {
            unsigned c = small_of((*at & 0x1Fu) << 6 | (at[1] & 0x3Fu));
            *folded++ = (char)(0xC0 | c >> 6);
            *folded++ = (char)(0x80 | (c & 0x3F));
            at++;
        } else {
            *folded++ = (char)(*at >= 'A' && *at <= 'Z' ? *at + 32 : *at);
        }
    }
    *folded = '\0';
}

bool tl_text_is_date(const char *text)
{
    static const char shape[] = "0000-00-00";
    size_t n = strlen(text);
    if (n != 4 && n != 7 && n != 10)
        return false;
    for (size_t i = 0; i < n; i++)
        if (shape[i] == '-' ? text[i] != '-' : text[i] < '0' || text[i] > '9')
            return false;
    return true;
}
