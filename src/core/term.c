#include "core/term.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/text.h"

/* Terms of the register and of IMAS. The table of methods that a project begins with is among them. */
static const struct {
    const char *term, *words;
} terms[] = {
    {"SHA", TL_CATALOGUE_MARK("suspected hazardous area")},
    {"CHA", TL_CATALOGUE_MARK("confirmed hazardous area")},
    {"direct", TL_CATALOGUE_MARK("direct evidence")},
    {"indirect", TL_CATALOGUE_MARK("indirect evidence")},
    {"open", TL_CATALOGUE_MARK("open")},
    {"closed", TL_CATALOGUE_MARK("closed")},
    {"handed over", TL_CATALOGUE_MARK("handed over")},
    {"cancelled", TL_CATALOGUE_MARK("cancelled")},
    {"reduced", TL_CATALOGUE_MARK("reduced")},
    {"cleared", TL_CATALOGUE_MARK("cleared")},
    {"none", TL_CATALOGUE_MARK("not released")},
    {"NTS", TL_CATALOGUE_MARK("non-technical survey")},
    {"TS", TL_CATALOGUE_MARK("technical survey")},
    {"clearance", TL_CATALOGUE_MARK("clearance")},
    {"inspection", TL_CATALOGUE_MARK("sampling inspection")},
    {"other", TL_CATALOGUE_MARK("other")},
    {"item", TL_CATALOGUE_MARK("item found")},
    {"accident", TL_CATALOGUE_MARK("accident")},
    {"search", TL_CATALOGUE_MARK("found by a search")},
    {"spot find", TL_CATALOGUE_MARK("found by chance")},
    {"mines", TL_CATALOGUE_MARK("mines")},
    {"erw", TL_CATALOGUE_MARK("explosive remnants of war")},
    {"all", TL_CATALOGUE_MARK("all explosive ordnance")},
    {"approver", TL_CATALOGUE_MARK("approver")},
    {"quality manager", TL_CATALOGUE_MARK("quality manager")},
    {"manual", TL_CATALOGUE_MARK("manual")},
    {"metal detector", TL_CATALOGUE_MARK("metal detector")},
    {"dual-sensor", TL_CATALOGUE_MARK("dual-sensor detector")},
    {"dogs", TL_CATALOGUE_MARK("dogs")},
    {"mechanical", TL_CATALOGUE_MARK("mechanical")},
    {"visual", TL_CATALOGUE_MARK("visual")},
    {"battle area clearance", TL_CATALOGUE_MARK("battle area clearance")},
    {"unknown", TL_CATALOGUE_MARK("unknown")},
    {"draft", TL_CATALOGUE_MARK("draft")},
    {"submitted", TL_CATALOGUE_MARK("submitted")},
    {"approved", TL_CATALOGUE_MARK("approved")},
};

const char *tl_term_words(const struct tl_catalogue *catalogue, const char *term)
{
    for (size_t k = 0; k < sizeof terms / sizeof terms[0]; k++)
        if (strcasecmp(terms[k].term, term) == 0)
            return tl_catalogue_text(catalogue, terms[k].words);
    return term;
}

/* Read off the language's way to write 1234.5. */
void tl_term_signs(const struct tl_catalogue *catalogue, char group[TL_TERM_SIGN_BYTES],
                   char point[TL_TERM_SIGN_BYTES])
{
    /* Translators: how your language writes this number; the signs between the digits are taken from it. */
    const char *model = tl_catalogue_text(catalogue, "1,234.5");
    const char *middle = strstr(model, "234"), *end = strrchr(model, '5');
    strcpy(group, ",");
    strcpy(point, ".");
    if (model[0] != '1' || middle == NULL || end == NULL || middle - model > 7 ||
        end - middle > 10 || end < middle + 3)
        return;
    memcpy(group, model + 1, (size_t)(middle - model - 1));
    group[middle - model - 1] = '\0';
    memcpy(point, middle + 3, (size_t)(end - middle - 3));
    point[end - middle - 3] = '\0';
}

/* What was written the English way, with the language's signs. */
static char *with_signs(const struct tl_catalogue *catalogue, const char *plain, char *text)
{
    char group[TL_TERM_SIGN_BYTES], point[TL_TERM_SIGN_BYTES];
    size_t at = 0;
    tl_term_signs(catalogue, group, point);
    text[0] = '\0';
    for (size_t i = 0; plain[i] != '\0' && at < TL_TERM_NUMBER_BYTES - TL_TERM_SIGN_BYTES; i++) {
        const char digit[2] = {plain[i], '\0'};
        const char *sign = plain[i] == ',' ? group : plain[i] == '.' ? point : digit;
        at += (size_t)snprintf(text + at, TL_TERM_NUMBER_BYTES - at, "%s", sign);
    }
    return text;
}

static char *unknown(const struct tl_catalogue *catalogue, char *text)
{
    snprintf(text, TL_TERM_NUMBER_BYTES, "%s", tl_catalogue_text(catalogue, "unknown"));
    return text;
}

char *tl_term_number(const struct tl_catalogue *catalogue, double value, char *text)
{
    char plain[TL_TEXT_NUMBER_BYTES];
    return isfinite(value) ? with_signs(catalogue, tl_text_number(value, plain), text)
                           : unknown(catalogue, text);
}

char *tl_term_exact(const struct tl_catalogue *catalogue, double value, char *text)
{
    char digits[32], plain[48];
    if (!isfinite(value))
        return unknown(catalogue, text);
    int n = snprintf(digits, sizeof digits, "%.10g", value), at = 0;
    int whole = (int)strcspn(digits, "."), first = digits[0] == '-';
    for (int i = 0; i <= n; i++) {
        if (i > first && i < whole && (whole - i) % 3 == 0 && strchr(digits, 'e') == NULL)
            plain[at++] = ',';
        plain[at++] = digits[i];
    }
    return with_signs(catalogue, plain, text);
}

char *tl_term_percent(const struct tl_catalogue *catalogue, double share, int digits, char *text)
{
    char plain[TL_TEXT_NUMBER_BYTES];
    return isfinite(share) ? with_signs(catalogue, tl_text_percent(share, digits, plain), text)
                           : unknown(catalogue, text);
}
