#include "serve/lang.h"

#include <string.h>

#include "core/retell.h"

enum { LANGUAGES_MAX = 16 };

struct language {
    const char *code;               /* borrows: a constant */
    struct tl_catalogue *catalogue; /* owns */
    struct tl_retell *retell;       /* owns */
};

struct tl_langs {
    int n;
    struct language all[LANGUAGES_MAX];
};

tl_err tl_langs_open(struct tl_ctx *ctx, struct tl_langs **langs)
{
    struct tl_langs *made = NULL;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, made, 1);
    for (const struct tl_catalogue_builtin *b = tl_catalogue_builtins;
         b->language != NULL && made->n < LANGUAGES_MAX; b++) {
        struct language *one = &made->all[made->n++];
        one->code = b->language;
        TL_TRY(tl_catalogue_open(ctx, b->language, &one->catalogue));
        TL_TRY(tl_retell_create(ctx, one->catalogue, &one->retell));
    }
    *langs = made;
    made = NULL;
done:
    tl_langs_free(made);
    return err;
}

void tl_langs_free(struct tl_langs *langs)
{
    for (int i = 0; langs != NULL && i < langs->n; i++) {
        tl_retell_free(langs->all[i].retell);
        tl_catalogue_free(langs->all[i].catalogue);
    }
    tl_free(langs);
}

/* NULL = English. */
static const struct language *language_of(const struct tl_call *call)
{
    const struct tl_langs *langs = call->serve != NULL ? call->serve->langs : NULL;
    for (int i = 0; langs != NULL && i < langs->n; i++)
        if (strcmp(langs->all[i].code, call->language) == 0)
            return &langs->all[i];
    return NULL;
}

const struct tl_catalogue *tl_lang_catalogue(const struct tl_call *call)
{
    const struct language *language = language_of(call);
    return language != NULL ? language->catalogue : NULL;
}

char *tl_lang_say(struct tl_call *call, const char *said)
{
    const struct language *language = language_of(call);
    char *told = NULL;
    if (language == NULL ||
        tl_retell(call->ctx, language->retell, false, said, &told, NULL) != TL_OK)
        return NULL;
    return told;
}

/* Members that hold sentences in the replies of most routes. */
static const char *const sentences[] = {"message", "words", "why", "problem", "example", NULL};

tl_err tl_lang_members(struct tl_call *call, json_t *json, const char *const *names)
{
    const struct language *language = language_of(call);
    return language == NULL ? TL_OK
                            : tl_retell_json(call->ctx, language->retell, false, json, names);
}

tl_err tl_lang_json(struct tl_call *call, json_t *json)
{
    return tl_lang_members(call, json, sentences);
}

tl_err tl_lang_lines(struct tl_call *call, json_t *list, const char *member)
{
    const struct language *language = language_of(call);
    size_t i;
    json_t *one;
    tl_err err = TL_OK;
    json_array_foreach(list, i, one)
    {
        const char *said = json_string_value(json_object_get(one, member));
        char *told = NULL;
        if (language == NULL || said == NULL)
            continue;
        TL_TRY(tl_retell(call->ctx, language->retell, false, said, &told, NULL));
        json_object_set_new(one, member, json_string(told));
        tl_free(told);
    }
done:
    return err;
}

tl_err tl_lang_text_members(struct tl_call *call, char **text, const char *const *names)
{
    char *told = NULL;
    json_t *json = NULL;
    tl_err err = TL_OK;
    if (language_of(call) == NULL)
        return TL_OK;
    json = json_loads(*text, 0, NULL);
    if (json == NULL)
        TL_THROW(call->ctx, TL_EBUG, "a reply is no JSON");
    TL_TRY(tl_lang_members(call, json, names));
    TL_TRY(tl_json_text(call->ctx, json, &told));
    tl_free(*text);
    *text = told;
done:
    json_decref(json);
    return err;
}

tl_err tl_lang_text(struct tl_call *call, char **text)
{
    return tl_lang_text_members(call, text, sentences);
}

tl_err tl_lang_kept(struct tl_call *call, json_t *kept)
{
    const struct language *language = language_of(call);
    return tl_retell_kept(call->ctx, kept, language != NULL ? language->code : "en");
}
