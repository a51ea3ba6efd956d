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

TEST(what_scenarios_and_base_maps_are_refused_for_is_said_in_ukrainian)
{
    static const char *const rows[][2] = {
        {"scenario: line 7, column 5: class \"AP\" has numbers and a density; expected one of them",
         "scenario: рядок 7, стовпець 5: для класу «AP» зазначено і кількість, і щільність; "
         "очікується щось одне"},
        {"scenario: line 3, column 1: draws: \"many\" is not a number",
         "scenario: рядок 3, стовпець 1: draws: «many» — не число"},
        {"land.pmtiles: not a PMTiles file", "land.pmtiles: не файл PMTiles"},
        {"assumption: wide; depends on soil, machine and depth",
         "припущення: широке; залежить від ґрунту, машини й глибини"},
        {"blind trials found 60-70 % (inexperienced) and 50-65 % (experienced, hard soil, deep "
         "targets) per pass: JMU journal 8.2 (Mueller); q centred on 60 %, as 12 of 20; their "
         "targets are hard ones; d is an assumption",
         "у сліпих випробуваннях за прохід виявляли 60-70 % (недосвідчені) і 50-65 % (досвідчені, "
         "складний ґрунт, глибокі цілі): JMU journal 8.2 (Mueller); q зосереджено на 60 %, як 12 з "
         "20; цілі там складні; d — припущення"},
        {"its score of 7.32 is less than the 8.1 that its days and money earn on other tasks",
         "його бал (7,32) менший за 8,1, що їх ті самі дні й гроші дають на інших завданнях"},
        {"there are days and money enough for it; it waits for T-003, done on 2027-05-02",
         "днів і грошей на нього вистачає; воно чекає на T-003, яке буде виконано 2027-05-02"}};
    CHECK_OK(tl_langs_open(ctx, &serve.langs));
    struct tl_call call = call_in(ctx, "uk");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *said = tl_lang_say(&call, rows[i][0]);
        CHECK(said != NULL);
        CHECK_STR(said, rows[i][1]);
        tl_free(said);
    }
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
