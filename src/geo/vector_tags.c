/* The Humanitarian Exchange Language, 1.1: "#" and a word, then attributes ("+lat", "+f"), with or without blanks between. */
#include "geo/vector_tags.h"

#include <string.h>

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char of_word[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

/* One word after a sign; NULL when there is none. */
static const char *word_end(const char *at, char sign)
{
    if (at[0] != sign || at[1] == '\0' || strchr(letters, at[1]) == NULL)
        return NULL;
    return at + 1 + strspn(at + 1, of_word);
}

static bool is_tag(const char *cell)
{
    const char *at = word_end(cell, '#');
    while (at != NULL) {
        at += strspn(at, " ");
        if (*at == '\0')
            return true;
        at = word_end(at, '+');
    }
    return false;
}

/* Those of the standard's core that stand in tables of places and events: a list of colours has none. */
static bool is_known(const char *cell)
{
    static const char *const core[] = {"geo", "date", "adm", "loc", "country", "meta", "event"};
    size_t n = strspn(cell + 1, letters);
    for (size_t i = 0; i < sizeof core / sizeof *core; i++)
        if (strlen(core[i]) == n && strncmp(cell + 1, core[i], n) == 0)
            return true;
    return false;
}

void tl_vector_tags_look(struct tl_vector_tags *tags, const char *cell)
{
    cell += strspn(cell, " ");
    if (*cell == '\0')
        return;
    bool tag = is_tag(cell);
    tags->n += tag;
    tags->n_others += !tag;
    tags->n_known += tag && is_known(cell);
}

bool tl_vector_tags_are(const struct tl_vector_tags *tags)
{
    return tags->n >= 2 && tags->n_others == 0 && tags->n_known > 0;
}
