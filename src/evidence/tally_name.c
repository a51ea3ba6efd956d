/* Names of what progress tables count, and categories of treaty reports told from what people write. */
#include <ctype.h>
#include <string.h>

#include "core/core.h"
#include "core/text.h"
#include "evidence/group.h"
#include "tilth/tally.h"

const char *tl_tally_product_name(enum tl_tally_product product)
{
    static const char *const names[] = {"cancelled", "reduced", "cleared"};
    return names[product];
}

const char *tl_tally_category_name(enum tl_tally_category category)
{
    static const char *const names[] = {"anti-personnel mines",         "anti-vehicle mines",
                                        "improvised mines and devices", "cluster munition remnants",
                                        "other explosive ordnance",     "not known"};
    return names[category];
}

const char *tl_tally_apart_words(enum tl_tally_apart apart)
{
    static const char *const words[] = {
        "hazardous areas without a polygon",
        "hazardous areas neither suspected nor confirmed",
        "hazardous areas without a date of recording",
        "hazardous areas closed without a date",
        "cancelled land without a polygon",
        "reduced land without a polygon",
        "cleared land without a polygon",
        "cancelled land without a date",
        "reduced land without a date",
        "cleared land without a date",
        "items found without a date",
        "accidents without a date",
    };
    return words[apart];
}

/* Parts of words, folded. Short ones must stand alone. */
static const struct {
    const char *word;
    enum tl_tally_category category;
    bool alone;
} words[] = {
    {"ap", TL_TALLY_AP, true},
    {"apm", TL_TALLY_AP, true},
    {"apl", TL_TALLY_AP, true},
    {"map", TL_TALLY_AP, true},
    {"antiperson", TL_TALLY_AP, false},
    {"anti-person", TL_TALLY_AP, false},
    {"anti person", TL_TALLY_AP, false},
    {"протипіхот", TL_TALLY_AP, false},
    {"противопехот", TL_TALLY_AP, false},
    {"av", TL_TALLY_AV, true},
    {"avm", TL_TALLY_AV, true},
    {"at", TL_TALLY_AV, true},
    {"atm", TL_TALLY_AV, true},
    {"antivehic", TL_TALLY_AV, false},
    {"anti-vehic", TL_TALLY_AV, false},
    {"antitank", TL_TALLY_AV, false},
    {"anti-tank", TL_TALLY_AV, false},
    {"anti tank", TL_TALLY_AV, false},
    {"протитанк", TL_TALLY_AV, false},
    {"противотанк", TL_TALLY_AV, false},
    {"ied", TL_TALLY_IMPROVISED, true},
    {"aei", TL_TALLY_IMPROVISED, true},
    {"improvis", TL_TALLY_IMPROVISED, false},
    {"booby", TL_TALLY_IMPROVISED, false},
    {"саморобн", TL_TALLY_IMPROVISED, false},
    {"submuni", TL_TALLY_SUBMUNITION, false},
    {"bomblet", TL_TALLY_SUBMUNITION, false},
    {"cluster", TL_TALLY_SUBMUNITION, false},
    {"cmr", TL_TALLY_SUBMUNITION, true},
    {"касетн", TL_TALLY_SUBMUNITION, false},
    {"суббоєприпас", TL_TALLY_SUBMUNITION, false},
};

static bool stands_alone(const char *text, const char *at, size_t n)
{
    bool before = at > text && (isalnum((unsigned char)at[-1]) || (at[-1] & 0x80) != 0);
    return !before && !isalnum((unsigned char)at[n]) && (at[n] & 0x80) == 0;
}

static bool has_word(const char *text, const char *word, bool alone)
{
    size_t n = strlen(word);
    for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word))
        if (!alone || stands_alone(text, at, n))
            return true;
    return false;
}

enum tl_tally_category tl_tally_category_of(const char *category)
{
    char folded[256];
    int found = -1;
    if (category == NULL)
        return TL_TALLY_UNKNOWN;
    size_t n = strlen(category);
    n = n < sizeof folded - 1 ? n : sizeof folded - 1;
    memcpy(folded, category, n);
    folded[n] = '\0';
    tl_text_fold(folded, folded);
    for (size_t k = 0; k < sizeof words / sizeof words[0]; k++) {
        if (!has_word(folded, words[k].word, words[k].alone))
            continue;
        if (found >= 0 && found != (int)words[k].category)
            return TL_TALLY_UNKNOWN; /* several */
        found = (int)words[k].category;
    }
    if (found >= 0)
        return (enum tl_tally_category)found;
    return tl_group_of(category) == TL_GROUP_ERW ? TL_TALLY_OTHER : TL_TALLY_UNKNOWN;
}
