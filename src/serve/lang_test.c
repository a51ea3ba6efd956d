#include "unit.h"

#include "serve/lang.h"

static struct tl_serve serve;

static struct tl_call call_in(struct tl_ctx *ctx, const char *language)
{
    struct tl_call call = {.serve = &serve, .ctx = ctx};
    snprintf(call.language, sizeof call.language, "%s", language);
    return call;
}

TEST(english_and_languages_that_are_not_there_are_left_as_they_are)
{
    CHECK_OK(tl_langs_open(ctx, &serve.langs));
    for (int i = 0; i < 3; i++) {
        struct tl_call call = call_in(ctx, i == 0 ? "en" : i == 1 ? "tlh" : "");
        CHECK(tl_lang_say(&call, "log in first") == NULL);
        CHECK(tl_lang_catalogue(&call) == NULL);
    }
    tl_langs_free(serve.langs);
    tl_langs_free(NULL);
}

TEST(a_refusal_is_said_in_the_language_that_was_asked_for)
{
    CHECK_OK(tl_langs_open(ctx, &serve.langs));
    struct tl_call call = call_in(ctx, "uk");
    char *said = tl_lang_say(&call, "log in first");
    CHECK_STR(said, "спершу увійдіть");
    tl_free(said);
    CHECK_STR(tl_catalogue_language(tl_lang_catalogue(&call)), "uk");
    tl_langs_free(serve.langs);
}

TEST(of_a_reply_only_the_programs_own_sentences_are_said_again)
{
    CHECK_OK(tl_langs_open(ctx, &serve.langs));
    struct tl_call call = call_in(ctx, "uk");
    char *text =
        tl_strdup(ctx, "{\"message\": \"log in first\", \"list\": [{\"remarks\": \"log in first\", "
                       "\"words\": \"log in first\"}], \"n\": 1}");
    CHECK_OK(tl_lang_text(&call, &text));
    json_t *json = json_loads(text, 0, NULL);
    const json_t *one = json_array_get(json_object_get(json, "list"), 0);
    CHECK_STR(json_string_value(json_object_get(json, "message")), "спершу увійдіть");
    CHECK_STR(json_string_value(json_object_get(one, "words")), "спершу увійдіть");
    CHECK_STR(json_string_value(json_object_get(one, "remarks")), "log in first");
    json_decref(json);
    tl_free(text);
    text = tl_strdup(ctx, "no JSON");
    CHECK_FAILS(tl_lang_text(&call, &text), TL_EBUG, "no JSON");
    tl_free(text);
    tl_langs_free(serve.langs);
}

TEST(without_memory_the_languages_are_not_there)
{
    CHECK_EVERY_ALLOC(ctx, tl_langs_open(ctx, &serve.langs));
    tl_langs_free(serve.langs);
}
