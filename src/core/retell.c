/*
 * Each text of the catalogue with placeholders is a pattern: literal pieces with arguments between them. A sentence is tried against the patterns by the length of
 * their literal parts, the longest first, so that "%s: expected a list" goes before "%s: expected %s". A pattern whose literals hold no word
 * ("%s: %s") is none: the place in front of a message is taken off instead. Arguments of numbers match digits only.
 *
 * Left: keeping the format and its arguments with every message. It would say the same of what is made now, but nothing of what registers keep already
 * (refused rows, assessments), nor of what a reader in a process of its own has said.
 */
#include "core/retell.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/placeholder.h"
#include "core/term.h"

enum {
    PIECES_MAX = 33, /* 16 arguments and what stands around them */
    ARGUMENTS_MAX = 16,
    STEPS_MAX = 4000, /* of one match: a sentence made to be ambiguous must not take long */
    DEPTH_MAX = 4,
    PLACES_TRIED_MAX = 6, /* in front of a message: file, layer, row, ... */
    SAID_MAX = 4096,      /* longer is no sentence of ours */
    WORD_LETTERS = 2
};

/* A piece of a text: literal bytes, or an argument. */
struct piece {
    const char *literal; /* borrows: NULL = an argument */
    int n_bytes;
    int place; /* of the argument, from 0 */
    char kind; /* 's', 'd', 'f', ... */
    bool is_quoted;
};

struct pattern {
    const char *text,
        *many; /* borrow: the English text by which its translation is found; many NULL = no plural */
    const char *form; /* borrows: what sentences are held against */
    int n_literal;    /* bytes of its literal parts */
    bool is_format, has_words;
};

struct side {
    struct pattern *patterns; /* owns: by n_literal, the longest first */
    int64_t n;
};

struct tl_retell {
    const struct tl_catalogue *catalogue; /* borrows */
    struct side from_english, back;
};

struct match {
    const char *begin[ARGUMENTS_MAX];
    int n_bytes[ARGUMENTS_MAX];
    bool is_quoted[ARGUMENTS_MAX];
    char kind[ARGUMENTS_MAX];
    int n_steps;
};

/* Pieces of a text; a text that is no format is one literal. -1 = it has what this cannot take apart. "%%" ends a piece, since it says one sign. */
static int cut(const char *text, bool is_format, struct piece pieces[PIECES_MAX])
{
    int n = 0, turn = 0;
    const char *at = text;
    while (*at != '\0') {
        const char *sign = is_format ? strchr(at, '%') : NULL;
        int n_bytes = sign != NULL ? (int)(sign - at) : (int)strlen(at);
        if (n + 2 > PIECES_MAX)
            return -1;
        if (n_bytes > 0)
            pieces[n++] = (struct piece){.literal = at, .n_bytes = n_bytes};
        if (sign == NULL)
            break;
        struct tl_placeholder found;
        if (!tl_placeholder_read(sign, &turn, &found))
            return -1;
        if (found.kind == '%')
            pieces[n++] = (struct piece){.literal = sign, .n_bytes = 1};
        else
            pieces[n++] =
                (struct piece){.place = found.place,
                               .kind = found.kind,
                               .is_quoted = sign > text && sign[-1] == '"' && found.end[0] == '"'};
        if (found.place >= ARGUMENTS_MAX)
            return -1;
        at = found.end;
    }
    return n;
}

/* ---- patterns ---- */

static void weigh(struct pattern *p)
{
    struct piece pieces[PIECES_MAX];
    int n = cut(p->form, p->is_format, pieces), letters = 0;
    for (int i = 0; i < n; i++) {
        p->n_literal += pieces[i].literal != NULL ? pieces[i].n_bytes : 0;
        for (int k = 0; pieces[i].literal != NULL && k < pieces[i].n_bytes; k++)
            letters += isalpha((unsigned char)pieces[i].literal[k]) ||
                       (unsigned char)pieces[i].literal[k] >= 0x80;
    }
    p->has_words = n > 0 && letters >= WORD_LETTERS;
}

static int by_literal(const void *a, const void *b)
{
    const struct pattern *x = a, *y = b;
    if (x->n_literal != y->n_literal)
        return x->n_literal < y->n_literal ? 1 : -1;
    return strcmp(x->form, y->form); /* the same order wherever it is sorted */
}

static void add(struct side *side, const struct tl_catalogue_entry *e, const char *form)
{
    struct pattern p = {.text = e->text, .many = e->many, .form = form};
    p.is_format = tl_placeholder_is_format(e->many != NULL ? e->many : e->text);
    weigh(&p);
    if (p.has_words)
        side->patterns[side->n++] = p;
}

tl_err tl_retell_create(struct tl_ctx *ctx, const struct tl_catalogue *catalogue,
                        struct tl_retell **retell)
{
    struct tl_retell *made = NULL;
    struct tl_catalogue_entry e;
    int64_t n = tl_catalogue_size(catalogue), n_forms = 0;
    tl_err err = TL_OK;
    for (int64_t k = 0; k < n; k++) {
        tl_catalogue_at(catalogue, k, &e);
        n_forms += e.n_forms;
    }
    TL_TRY_ALLOC(ctx, made, 1);
    made->catalogue = catalogue;
    TL_TRY_ALLOC(ctx, made->from_english.patterns, 2 * n);
    TL_TRY_ALLOC(ctx, made->back.patterns, n_forms);
    for (int64_t k = 0; k < n; k++) {
        tl_catalogue_at(catalogue, k, &e);
        if (e.text[0] == '\0' || e.translation[0] == '\0')
            continue;
        add(&made->from_english, &e, e.text);
        if (e.many != NULL)
            add(&made->from_english, &e, e.many);
        const char *form = e.translation;
        for (int f = 0; f < e.n_forms; f++, form += strlen(form) + 1)
            add(&made->back, &e, form);
    }
    qsort(made->from_english.patterns, (size_t)made->from_english.n, sizeof(struct pattern),
          by_literal);
    qsort(made->back.patterns, (size_t)made->back.n, sizeof(struct pattern), by_literal);
    *retell = made;
    made = NULL;
done:
    tl_retell_free(made);
    return err;
}

void tl_retell_free(struct tl_retell *retell)
{
    if (retell == NULL)
        return;
    tl_free(retell->from_english.patterns);
    tl_free(retell->back.patterns);
    tl_free(retell);
}

/* ---- matching ---- */

static bool may_be(char kind, const char *at, int n_bytes)
{
    const char *set = kind == 's' || kind == 'c' ? NULL
                      : kind == 'd' || kind == 'i' || kind == 'u'
                          ? "+-0123456789"
                          : "+-0123456789.eEinfaxXbcdfABCDF";
    for (int i = 0; set != NULL && i < n_bytes; i++)
        if (strchr(set, at[i]) == NULL)
            return false;
    return set == NULL || n_bytes > 0;
}

static bool match_from(const struct piece *pieces, int n, const char *at, struct match *m)
{
    if (++m->n_steps > STEPS_MAX)
        return false;
    if (n == 0)
        return *at == '\0';
    if (pieces->literal != NULL)
        return strncmp(at, pieces->literal, (size_t)pieces->n_bytes) == 0 &&
               match_from(pieces + 1, n - 1, at + pieces->n_bytes, m);
    /* The shortest that does; the last takes all. */
    int longest = (int)strlen(at), n_bytes = n == 1 ? longest : 0;
    for (; n_bytes <= longest; n_bytes++) {
        if (n > 1 && pieces[1].literal != NULL && at[n_bytes] != pieces[1].literal[0])
            continue;
        if (may_be(pieces->kind, at, n_bytes) && match_from(pieces + 1, n - 1, at + n_bytes, m)) {
            m->begin[pieces->place] = at;
            m->n_bytes[pieces->place] = n_bytes;
            m->is_quoted[pieces->place] = pieces->is_quoted;
            m->kind[pieces->place] = pieces->kind;
            return true;
        }
        if (m->n_steps > STEPS_MAX)
            return false;
    }
    return false;
}

static const struct pattern *find(const struct side *side, const char *said, struct match *m)
{
    struct piece pieces[PIECES_MAX];
    size_t length = strlen(said);
    for (int64_t k = 0; k < side->n; k++) {
        const struct pattern *p = &side->patterns[k];
        if ((size_t)p->n_literal > length || (p->form[0] != '%' && p->form[0] != said[0]))
            continue;
        memset(m, 0, sizeof *m);
        int n = cut(p->form, p->is_format, pieces);
        if (n > 0 && match_from(pieces, n, said, m))
            return p;
    }
    return NULL;
}

/* ---- saying it ---- */

struct teller {
    struct tl_ctx *ctx;
    const struct tl_retell *retell;
    bool back;
    int depth;
};

static tl_err tell(const struct teller *t, const char *said, struct tl_buf *out, bool *known);

/* "1,234.5" as the other language writes it; false: no such number. */
static bool tell_number(const struct teller *t, const char *said, struct tl_buf *out, tl_err *err)
{
    char group[2][TL_TERM_SIGN_BYTES], point[2][TL_TERM_SIGN_BYTES];
    int from = t->back ? 1 : 0, to = 1 - from;
    bool has_sign = false;
    tl_term_signs(NULL, group[0], point[0]);
    tl_term_signs(t->retell->catalogue, group[1], point[1]);
    for (int pass = 0; pass < 2 && (pass == 0 || has_sign); pass++) /* looked through, then said */
        for (const char *at = said; *at != '\0';) {
            size_t n_group = strlen(group[from]), n_point = strlen(point[from]);
            const char *sign = NULL;
            size_t n = 1;
            bool inside = at > said && isdigit((unsigned char)at[-1]);
            if (inside && strncmp(at, group[from], n_group) == 0 &&
                isdigit((unsigned char)at[n_group]) && isdigit((unsigned char)at[n_group + 1]) &&
                isdigit((unsigned char)at[n_group + 2]) &&
                !isdigit((unsigned char)at[n_group + 3])) {
                sign = group[to];
                n = n_group;
            } else if (inside && strncmp(at, point[from], n_point) == 0 &&
                       isdigit((unsigned char)at[n_point])) {
                sign = point[to];
                n = n_point;
            } else if (strchr("0123456789 %<>-+", *at) == NULL) {
                return false;
            }
            has_sign = has_sign || sign != NULL;
            if (pass == 1 && *err == TL_OK)
                *err = sign != NULL ? tl_buf_add(t->ctx, out, sign)
                                    : tl_buf_add_bytes(t->ctx, out, at, 1);
            at += n;
        }
    return has_sign;
}

static tl_err tell_argument(const struct teller *t, const struct match *m, int place,
                            struct tl_buf *out)
{
    char *text = NULL;
    bool known = false;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(t->ctx, text, m->n_bytes[place] + 1);
    memcpy(text, m->begin[place] != NULL ? m->begin[place] : "", (size_t)m->n_bytes[place]);
    if (m->kind[place] == 's' && !m->is_quoted[place] && t->depth < DEPTH_MAX) {
        const struct teller inner = {t->ctx, t->retell, t->back, t->depth + 1};
        if (!tell_number(t, text, out, &err))
            err = tell(&inner, text, out, &known);
    } else {
        err = tl_buf_add(t->ctx, out, text);
    }
done:
    tl_free(text);
    return err;
}

static int64_t number_in(const struct match *m)
{
    for (int i = 0; i < ARGUMENTS_MAX; i++)
        if (m->begin[i] != NULL && strchr("diu", m->kind[i]) != NULL)
            return strtoll(m->begin[i], NULL, 10);
    return 0;
}

static tl_err tell_by(const struct teller *t, const struct pattern *p, const struct match *m,
                      struct tl_buf *out)
{
    const struct tl_catalogue *to = t->back ? NULL : t->retell->catalogue;
    /* The form for the number that was said; without one, whatever the text says first. */
    const char *form = p->many != NULL ? tl_catalogue_plural(to, p->text, p->many, number_in(m))
                                       : tl_catalogue_text(to, p->text);
    struct piece pieces[PIECES_MAX];
    tl_err err = TL_OK;
    int n = cut(form, p->is_format, pieces);
    for (int i = 0; i < n; i++) {
        if (pieces[i].literal != NULL)
            TL_TRY(tl_buf_add_bytes(t->ctx, out, pieces[i].literal, pieces[i].n_bytes));
        else
            TL_TRY(tell_argument(t, m, pieces[i].place, out));
    }
done:
    return err;
}

/* "PLACE: MESSAGE": the place stays, or is said again by itself ("row 3"). */
static tl_err tell_after_place(const struct teller *t, const char *said, struct tl_buf *out,
                               bool *known)
{
    const struct side *side = t->back ? &t->retell->back : &t->retell->from_english;
    const struct teller inner = {t->ctx, t->retell, t->back, t->depth + 1};
    struct match m;
    char *place = NULL;
    bool ignored;
    tl_err err = TL_OK;
    const char *at = strstr(said, ": ");
    for (int n = 0; at != NULL && n < PLACES_TRIED_MAX; n++, at = strstr(at + 2, ": ")) {
        const struct pattern *p = find(side, at + 2, &m);
        if (p == NULL)
            continue;
        TL_TRY_ALLOC(t->ctx, place, at - said + 1);
        memcpy(place, said, (size_t)(at - said));
        if (t->depth < DEPTH_MAX)
            TL_TRY(tell(&inner, place, out, &ignored));
        else
            TL_TRY(tl_buf_add(t->ctx, out, place));
        TL_TRY(tl_buf_add(t->ctx, out, ": "));
        TL_TRY(tell_by(t, p, &m, out));
        *known = true;
        goto done;
    }
    TL_TRY(tl_buf_add(t->ctx, out, said));
done:
    tl_free(place);
    return err;
}

static tl_err tell(const struct teller *t, const char *said, struct tl_buf *out, bool *known)
{
    struct match m;
    const struct pattern *p = find(t->back ? &t->retell->back : &t->retell->from_english, said, &m);
    *known = p != NULL;
    return p != NULL ? tell_by(t, p, &m, out) : tell_after_place(t, said, out, known);
}

tl_err tl_retell(struct tl_ctx *ctx, const struct tl_retell *retell, bool back, const char *said,
                 char **told, bool *known)
{
    const struct teller teller = {ctx, retell, back, 0};
    struct tl_buf out = {.max_bytes = 4 * SAID_MAX};
    bool made = false;
    tl_err err = TL_OK;
    TL_TRY(tl_buf_add(ctx, &out, ""));
    if (strlen(said) <= SAID_MAX)
        TL_TRY(tell(&teller, said, &out, &made));
    else
        TL_TRY(tl_buf_add(ctx, &out, said));
    *told = out.text;
    out = (struct tl_buf){0};
    if (known != NULL)
        *known = made;
done:
    tl_buf_fini(&out);
    return err;
}

/* ---- JSON ---- */

static bool is_named(const char *key, const char *const *names)
{
    for (; *names != NULL; names++)
        if (strcmp(key, *names) == 0)
            return true;
    return false;
}

/* *told is what takes a text's place, NULL = it stays. */
static tl_err tell_text(struct tl_ctx *ctx, const struct tl_retell *retell, bool back,
                        const json_t *text, json_t **told)
{
    char *words = NULL;
    *told = NULL;
    tl_err err = tl_retell(ctx, retell, back, json_string_value(text), &words, NULL);
    if (err == TL_OK && strcmp(words, json_string_value(text)) != 0)
        *told = json_string(words);
    tl_free(words);
    return err;
}

tl_err tl_retell_json(struct tl_ctx *ctx, const struct tl_retell *retell, bool back, json_t *json,
                      const char *const *names)
{
    const char *key;
    json_t *value, *told, *one;
    void *next;
    size_t i, k;
    tl_err err = TL_OK;
    json_array_foreach(json, i, value) TL_TRY(tl_retell_json(ctx, retell, back, value, names));
    json_object_foreach_safe(json, next, key, value)
    {
        if (json_is_string(value) && is_named(key, names)) {
            TL_TRY(tell_text(ctx, retell, back, value, &told));
            if (told != NULL)
                json_object_set_new(json, key, told); /* `value` is gone */
            continue;
        }
        TL_TRY(tl_retell_json(ctx, retell, back, value, names));
        for (k = 0; is_named(key, names) && k < json_array_size(value); k++) {
            one = json_array_get(value, k);
            if (!json_is_string(one))
                continue;
            TL_TRY(tell_text(ctx, retell, back, one, &told));
            if (told != NULL)
                json_array_set_new(value, k, told);
        }
    }
done:
    return err;
}

static bool is_built_in(const char *language)
{
    for (const struct tl_catalogue_builtin *b = tl_catalogue_builtins; b->language != NULL; b++)
        if (strcmp(b->language, language) == 0)
            return true;
    return false;
}

tl_err tl_retell_kept(struct tl_ctx *ctx, json_t *json, const char *language)
{
    static const char english[] = "en", *const names[] = {"words", "why", NULL};
    const char *is = json_string_value(json_object_get(json, "language"));
    const char *const steps[2] = {is, language}; /* by way of English */
    struct tl_catalogue *catalogue = NULL;
    struct tl_retell *retell = NULL;
    tl_err err = TL_OK;
    if (is == NULL || strcmp(is, language) == 0 || (strcmp(is, english) != 0 && !is_built_in(is)))
        return TL_OK;
    for (int k = 0; k < 2; k++) {
        TL_TRY(tl_catalogue_open(ctx, steps[k], &catalogue));
        TL_TRY(tl_retell_create(ctx, catalogue, &retell));
        TL_TRY(tl_retell_json(ctx, retell, k == 0, json, names));
        if (k == 1) /* a path of a catalogue is no language */
            json_object_set_new(json, "language", json_string(tl_catalogue_language(catalogue)));
        tl_retell_free(retell);
        tl_catalogue_free(catalogue);
        retell = NULL;
        catalogue = NULL;
    }
done:
    tl_retell_free(retell);
    tl_catalogue_free(catalogue);
    return err;
}
