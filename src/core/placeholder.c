#include "core/placeholder.h"

#include <stdint.h>
#include <string.h>

enum { PLACES_MAX = 16, KIND_BYTES = 8 };

/* What a format asks for: of each argument its length and conversion ("lld", "s", "*" = an int that is a width). */
struct wants {
    char kinds[PLACES_MAX][KIND_BYTES];
    int n;          /* arguments taken in turn */
    int last;       /* place of the argument wanted last, from 1 */
    bool is_format; /* has a placeholder or "%%" */
    bool bad, has_places, has_turns;
};

static void want(struct wants *w, int place, const char *kind, size_t length)
{
    char made[KIND_BYTES] = "";
    w->has_places = w->has_places || place > 0;
    w->has_turns = w->has_turns || place == 0;
    if (place == 0)
        place = ++w->n;
    w->last = place;
    if (place > PLACES_MAX || length >= sizeof made || (w->has_places && w->has_turns)) {
        w->bad = true;
        return;
    }
    memcpy(made, kind, length);
    char *slot = w->kinds[place - 1];
    w->bad = w->bad || (slot[0] != '\0' && strcmp(slot, made) != 0);
    memcpy(slot, made, sizeof made);
}

/* "2$" in front of anything else gives 2, else 0 and nothing is taken. */
static int take_place(const char **at)
{
    int place = 0;
    const char *p = *at;
    for (; *p >= '0' && *p <= '9' && place <= PLACES_MAX; p++)
        place = place * 10 + (*p - '0');
    if (*p != '$' || place == 0)
        return 0;
    *at = p + 1;
    return place;
}

static const char *take_number(struct wants *w, const char *at)
{
    if (*at == '*') {
        at++;
        want(w, take_place(&at), "*", 1);
        return at;
    }
    while (*at >= '0' && *at <= '9')
        at++;
    return at;
}

/* One placeholder after its '%'; returns where it ends. */
static const char *take_one(struct wants *w, const char *at)
{
    int place = take_place(&at);
    at += strspn(at, "-+ #0'I");
    at = take_number(w, at);
    if (*at == '.')
        at = take_number(w, at + 1);
    const char *kind = at;
    at += strspn(at, "hlLqjzt");
    if (*at == '\0' || strchr("diouxXeEfFgGaAcs", *at) == NULL) {
        w->bad = true; /* %n and %p among them */
        return at;
    }
    want(w, place, kind, (size_t)(at + 1 - kind));
    return at + 1;
}

/* A per cent sign in a sentence: a blank, the end or a mark of punctuation follows. */
static bool is_percent_sign(const char *at)
{
    if (*at == '.')
        return at[1] != '*' && (at[1] < '0' || at[1] > '9');
    return *at == '\0' || (unsigned char)*at <= ' ' || strchr(",;:)", *at) != NULL;
}

/* In a text of ours a '%' before a blank is a per cent sign; in a translation of a format it is a placeholder. */
static void read_wants(const char *text, bool is_ours, struct wants *w)
{
    memset(w, 0, sizeof *w);
    for (const char *at = text; (at = strchr(at, '%')) != NULL && !w->bad;) {
        at++;
        bool percent = *at == '%';
        if (!percent && is_ours && is_percent_sign(at))
            continue;
        w->is_format = true;
        at = percent ? at + 1 : take_one(w, at);
    }
}

bool tl_placeholder_same(const char *text, const char *translation)
{
    struct wants a, b;
    read_wants(text, true, &a);
    if (!a.is_format)
        return true;
    read_wants(translation, false, &b);
    return !a.bad && !b.bad && memcmp(a.kinds, b.kinds, sizeof a.kinds) == 0;
}

bool tl_placeholder_is_format(const char *text)
{
    struct wants w;
    read_wants(text, true, &w);
    return w.is_format;
}

bool tl_placeholder_read(const char *sign, int *turn, struct tl_placeholder *found)
{
    struct wants w = {.n = *turn};
    if (sign[1] == '%') {
        *found = (struct tl_placeholder){.end = sign + 2, .kind = '%'};
        return true;
    }
    const char *end = take_one(&w, sign + 1);
    if (w.bad)
        return false;
    *turn = w.n;
    *found = (struct tl_placeholder){.end = end, .place = w.last - 1, .kind = end[-1]};
    return true;
}
