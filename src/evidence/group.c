/*
 * Categories come in every language and spelling. Short words ("AP", "UXO") must stand alone;
 * longer ones may be part of a word ("Antipersonnel mines", "submunición"). What the table does not
 * know belongs to every group: leaving a record out because of its spelling would hide evidence.
 */
#include "evidence/group.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *word;
    enum tl_group group;
    bool alone; /* must be a word of its own */
} words[] = {
    {"ap", TL_GROUP_MINES, true},
    {"apm", TL_GROUP_MINES, true},
    {"apl", TL_GROUP_MINES, true},
    {"av", TL_GROUP_MINES, true},
    {"avm", TL_GROUP_MINES, true},
    {"at", TL_GROUP_MINES, true},
    {"atm", TL_GROUP_MINES, true},
    {"map", TL_GROUP_MINES, true},
    {"ied", TL_GROUP_MINES, true},
    {"aei", TL_GROUP_MINES, true},
    {"mine", TL_GROUP_MINES, true},
    {"mines", TL_GROUP_MINES, true},
    {"mina", TL_GROUP_MINES, true},
    {"minas", TL_GROUP_MINES, true},
    {"landmine", TL_GROUP_MINES, false},
    {"minefield", TL_GROUP_MINES, false},
    {"antipersonal", TL_GROUP_MINES, false},
    {"antipersonnel", TL_GROUP_MINES, false},
    {"anti-personnel", TL_GROUP_MINES, false},
    {"anti-vehicle", TL_GROUP_MINES, false},
    {"antivehicle", TL_GROUP_MINES, false},
    {"anti-tank", TL_GROUP_MINES, false},
    {"antitank", TL_GROUP_MINES, false},
    {"improvised", TL_GROUP_MINES, false},
    {"improvisado", TL_GROUP_MINES, false},
    {"booby", TL_GROUP_MINES, false},
    {"міна", TL_GROUP_MINES, false},
    {"міни", TL_GROUP_MINES, false},
    {"мина", TL_GROUP_MINES, false},
    {"мины", TL_GROUP_MINES, false},
    {"Міна", TL_GROUP_MINES, false},
    {"Міни", TL_GROUP_MINES, false},
    {"Мина", TL_GROUP_MINES, false},
    {"Мины", TL_GROUP_MINES, false},
    {"uxo", TL_GROUP_ERW, true},
    {"axo", TL_GROUP_ERW, true},
    {"erw", TL_GROUP_ERW, true},
    {"muse", TL_GROUP_ERW, true},
    {"cmr", TL_GROUP_ERW, true},
    {"unexploded", TL_GROUP_ERW, false},
    {"abandoned", TL_GROUP_ERW, false},
    {"munition", TL_GROUP_ERW, false},
    {"munici", TL_GROUP_ERW, false},
    {"cluster", TL_GROUP_ERW, false},
    {"bomb", TL_GROUP_ERW, false},
    {"grenade", TL_GROUP_ERW, false},
    {"granada", TL_GROUP_ERW, false},
    {"mortar", TL_GROUP_ERW, false},
    {"mortero", TL_GROUP_ERW, false},
    {"rocket", TL_GROUP_ERW, false},
    {"missile", TL_GROUP_ERW, false},
    {"projectile", TL_GROUP_ERW, false},
    {"shell", TL_GROUP_ERW, false},
    {"нрб", TL_GROUP_ERW, false},
    {"снаряд", TL_GROUP_ERW, false},
    {"боєприпас", TL_GROUP_ERW, false},
    {"касет", TL_GROUP_ERW, false},
    {"граната", TL_GROUP_ERW, false},
};

tl_err tl_group_find(struct tl_ctx *ctx, const char *name, enum tl_group *group)
{
    static const char *const names[] = {"all", "mines", "erw"};
    for (int i = 0; i < 3; i++)
        if (strcmp(name == NULL ? "all" : name, names[i]) == 0) {
            *group = (enum tl_group)i;
            return TL_OK;
        }
    return tl_fail(ctx, TL_EUSAGE, "\"%s\" is not a group: expected all, mines or erw", name);
}

static bool is_letter(char c)
{
    return isalnum((unsigned char)c) || ((unsigned char)c & 0x80) != 0;
}

static bool has_word(const char *text, const char *word, bool alone)
{
    size_t n = strlen(word);
    for (const char *at = text; *at != '\0'; at++) {
        if (strncasecmp(at, word, n) != 0)
            continue;
        if (!alone || ((at == text || !is_letter(at[-1])) && !is_letter(at[n])))
            return true;
    }
    return false;
}

enum tl_group tl_group_of(const char *category)
{
    bool found[3] = {false, false, false};
    for (size_t i = 0; category != NULL && i < sizeof words / sizeof *words; i++)
        if (has_word(category, words[i].word, words[i].alone))
            found[words[i].group] = true;
    if (found[TL_GROUP_MINES] == found[TL_GROUP_ERW])
        return TL_GROUP_ALL;
    return found[TL_GROUP_MINES] ? TL_GROUP_MINES : TL_GROUP_ERW;
}

bool tl_group_takes(enum tl_group group, const char *category)
{
    enum tl_group of = tl_group_of(category);
    return group == TL_GROUP_ALL || of == TL_GROUP_ALL || of == group;
}
