#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/term.h"
#include "report/dossier.h"

struct tl_dossier_text {
    struct tl_dossier_text *next;
    char text[];
};

static const char *const dash = "–";

const json_t *tl_dossier_at(const struct tl_dossier *d, const json_t *from, const char *path)
{
    const json_t *at = from == NULL ? d->root : from;
    while (at != NULL && *path != '\0') {
        char key[64];
        size_t n = strcspn(path, ".");
        snprintf(key, sizeof key, "%.*s", (int)n, path);
        at = json_object_get(at, key);
        path += n + (path[n] == '.');
    }
    return at;
}

double tl_dossier_number(const struct tl_dossier *d, const json_t *from, const char *path)
{
    const json_t *at = tl_dossier_at(d, from, path);
    return json_is_number(at) ? json_number_value(at) : NAN;
}

const char *tl_dossier_string(const struct tl_dossier *d, const json_t *from, const char *path)
{
    const char *text = json_string_value(tl_dossier_at(d, from, path));
    return text == NULL || text[0] == '\0' ? NULL : text;
}

const char *tl_dossier_say(struct tl_dossier *d, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    struct tl_dossier_text *made =
        n < 0 ? NULL : tl_alloc(d->ctx, (int64_t)sizeof *made + n + 1, 1);
    if (made == NULL) {
        if (d->err == TL_OK)
            d->err = n < 0 ? tl_fail(d->ctx, TL_EBUG, "a text cannot be formatted") : TL_ENOMEM;
        return "";
    }
    va_start(args, format);
    vsnprintf(made->text, (size_t)n + 1, format, args);
    va_end(args);
    made->next = d->texts;
    d->texts = made;
    return made->text;
}

void tl_dossier_texts_free(struct tl_dossier *d)
{
    while (d->texts != NULL) {
        struct tl_dossier_text *next = d->texts->next;
        tl_free(d->texts);
        d->texts = next;
    }
}

const char *tl_dossier_or_dash(const char *text)
{
    return text == NULL || text[0] == '\0' ? dash : text;
}

const char *tl_dossier_fixed(struct tl_dossier *d, double value, int decimals)
{
    char digits[64], out[160] = "", group[TL_TERM_SIGN_BYTES], point[TL_TERM_SIGN_BYTES];
    if (!isfinite(value))
        return dash;
    if (fabs(value) >= 1e15)
        return tl_dossier_say(d, "%.3g", value);
    tl_term_signs(d->words, group, point);
    snprintf(digits, sizeof digits, "%.*f", decimals, fabs(value));
    size_t n = strcspn(digits, "."), at = 0;
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            at += (size_t)snprintf(out + at, sizeof out - at, "%s", group);
        out[at++] = digits[i];
        out[at] = '\0';
    }
    if (digits[n] == '.')
        snprintf(out + at, sizeof out - at, "%s%s", point, digits + n + 1);
    bool zero = strspn(digits, "0.") == strlen(digits);
    return tl_dossier_say(d, "%s%s", value < 0.0 && !zero ? "−" : "", out);
}

const char *tl_dossier_whole(struct tl_dossier *d, double value)
{
    return tl_dossier_fixed(d, value, 0);
}

/* Decimals that show `digits` that count, without zeros at the end. */
static int decimals_for(double value, int digits)
{
    char text[64];
    if (value == 0.0)
        return 0;
    int decimals = digits - 1 - (int)floor(log10(fabs(value)) + 1e-12);
    decimals = decimals < 0 ? 0 : decimals > 9 ? 9 : decimals;
    snprintf(text, sizeof text, "%.*f", decimals, value);
    for (size_t n = strlen(text); decimals > 0 && text[n - 1] == '0'; n--)
        decimals--;
    return decimals;
}

const char *tl_dossier_figure(struct tl_dossier *d, double value)
{
    if (!isfinite(value))
        return dash;
    if (value != 0.0 && fabs(value) < 1e-6)
        return tl_dossier_say(d, "< %s", tl_dossier_fixed(d, 1e-6, 6));
    if (fabs(value) >= 1000.0) {
        double unit = pow(10.0, floor(log10(fabs(value))) - 2.0);
        value = round(value / unit) * unit;
    }
    return tl_dossier_fixed(d, value, decimals_for(value, 3));
}

const char *tl_dossier_error(struct tl_dossier *d, double mcse)
{
    double twice = 1.96 * mcse;
    if (!isfinite(twice) || twice <= 0.0)
        return NULL;
    double unit = pow(10.0, floor(log10(twice)));
    return tl_dossier_figure(d, ceil(twice / unit) * unit);
}

const char *tl_dossier_percent(struct tl_dossier *d, double share)
{
    if (!isfinite(share))
        return dash;
    double percent = 100.0 * share;
    if (percent > 0.0 && percent < 0.01)
        return tl_dossier_say(d, "< %s\u00a0%%", tl_dossier_fixed(d, 0.01, 2));
    if (percent < 100.0 && percent >= 99.95) /* which %.1f writes as 100.0 */
        return tl_dossier_say(d, "> %s\u00a0%%", tl_dossier_fixed(d, 99.9, 1));
    int decimals = percent >= 9.95 && percent <= 99.05 ? 0 : decimals_for(percent, 2);
    if (percent > 99.05 && percent < 100.0)
        decimals = 1;
    return tl_dossier_say(d, "%s\u00a0%%", tl_dossier_fixed(d, percent, decimals));
}

const char *tl_dossier_chance(struct tl_dossier *d, double p)
{
    if (isfinite(p) && p > 0.9995)
        return tl_dossier_say(d, "> %s\u00a0%%", tl_dossier_fixed(d, 99.9, 1));
    return tl_dossier_percent(d, isfinite(p) ? fmax(p, 1e-9) : p);
}

const char *tl_dossier_area(struct tl_dossier *d, double area_m2)
{
    if (!isfinite(area_m2))
        return dash;
    if (area_m2 >= 9999.5)
        return tl_dossier_say(d, tl_catalogue_text(d->words, "%s ha"),
                              tl_dossier_fixed(d, area_m2 / 1e4, area_m2 < 1e7 ? 2 : 0));
    return tl_dossier_say(d, tl_catalogue_text(d->words, "%s m²"), tl_dossier_whole(d, area_m2));
}

const char *tl_dossier_range(struct tl_dossier *d, double value, double low, double high)
{
    const char *middle = tl_dossier_figure(d, value);
    if (!isfinite(value) || !isfinite(low) || !isfinite(high) || low == high)
        return middle;
    const char *from = tl_dossier_figure(d, low), *to = tl_dossier_figure(d, high);
    return strcmp(from, to) == 0 ? middle : tl_dossier_say(d, "%s (%s–%s)", middle, from, to);
}

const char *tl_dossier_money(struct tl_dossier *d, double value, const char *currency)
{
    if (!isfinite(value))
        return dash;
    return tl_dossier_say(d, "%s %s", tl_dossier_figure(d, value),
                          currency == NULL ? "" : currency);
}

const char *tl_dossier_term(const struct tl_dossier *d, const char *term)
{
    if (term == NULL)
        return dash;
    return tl_term_words(d->words, term);
}
