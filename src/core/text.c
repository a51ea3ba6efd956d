#include "core/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

char *tl_text_number(double value, char *text)
{
    if (!isfinite(value)) {
        strcpy(text, "unknown");
        return text;
    }
    if (fabs(value) < 1000.0) {
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
