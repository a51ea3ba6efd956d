#include "evidence/reason.h"

#include <stdio.h>
#include <string.h>

#include "core/catalogue.h"

_Static_assert((int)TL_REASON_COUNT <= (int)TL_IMPORT_REASONS_MAX, "the report holds every reason");

static const struct {
    const char *name;
    bool refused;
} reasons[] = {
#define TL_REASON_ROW(id, name, refused, words) {name, refused},
    TL_REASON_LIST(TL_REASON_ROW)
#undef TL_REASON_ROW
};

const char *tl_reason_name(enum tl_reason reason)
{
    return reasons[reason].name;
}

bool tl_reason_refuses(enum tl_reason reason)
{
    return reasons[reason].refused;
}

/* Cuts at a character, not inside one: the text ends up in JSON. */
static void copy_utf8(char *out, size_t size, const char *text)
{
    size_t n = strlen(text);
    if (n >= size) {
        n = size - 1;
        while (n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80)
            n--;
    }
    memcpy(out, text, n);
    out[n] = '\0';
}

void tl_reason_count(struct tl_reason_tally *tally, enum tl_reason reason, int64_t row,
                     const char *message)
{
    if (tally->reasons[reason].n++ > 0)
        return;
    char text[1200];
    if (row > 0)
        snprintf(text, sizeof text, TL_CATALOGUE_MARK("row %lld: %s"), (long long)row, message);
    else
        snprintf(text, sizeof text, "%s", message);
    copy_utf8(tally->reasons[reason].example, sizeof tally->reasons[reason].example, text);
}

void tl_reason_report(const struct tl_reason_tally *tally, struct tl_import_report *report)
{
    report->n_reasons = 0;
    for (int pass = 1; pass >= 0; pass--)
        for (int r = 0; r < TL_REASON_COUNT; r++) {
            if (tally->reasons[r].n == 0 || reasons[r].refused != (pass == 1))
                continue;
            struct tl_import_reason *out = &report->reasons[report->n_reasons++];
            memset(out, 0, sizeof *out);
            copy_utf8(out->reason, sizeof out->reason, reasons[r].name);
            copy_utf8(out->example, sizeof out->example, tally->reasons[r].example);
            out->n = tally->reasons[r].n;
            out->refused = reasons[r].refused;
        }
}
