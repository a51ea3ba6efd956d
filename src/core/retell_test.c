#include "unit.h"

#include "core/buf.h"
#include "core/placeholder.h"
#include "core/retell.h"

static struct tl_catalogue *words;
static struct tl_retell *retell;

static tl_err open_all(struct tl_ctx *ctx)
{
    tl_err err = tl_catalogue_open(ctx, "uk", &words);
    return err == TL_OK ? tl_retell_create(ctx, words, &retell) : err;
}

static void close_all(void)
{
    tl_retell_free(retell);
    tl_catalogue_free(words);
    retell = NULL;
    words = NULL;
}

/* A format with sample arguments, as printf would fill it in: each says its place, so that a wrong one shows. */
static tl_err fill(struct tl_ctx *ctx, const char *format, bool is_format, struct tl_buf *out)
{
    tl_err err = TL_OK;
    int turn = 0;
    tl_buf_clear(out);
    TL_TRY(tl_buf_add(ctx, out, ""));
    for (const char *at = format; *at != '\0';) {
        struct tl_placeholder p;
        if (*at != '%' || !is_format) {
            TL_TRY(tl_buf_add_bytes(ctx, out, at++, 1));
            continue;
        }
        if (!tl_placeholder_read(at, &turn, &p))
            TL_THROW(ctx, TL_EDATA, "\"%s\" cannot be filled in", format);
        if (p.kind == '%')
            TL_TRY(tl_buf_add(ctx, out, "%"));
        else if (p.kind == 's' || p.kind == 'c')
            TL_TRY(tl_buf_printf(ctx, out, "Qx%dq", p.place));
        else
            TL_TRY(tl_buf_printf(ctx, out, "%d", 12 + p.place));
        at = p.end;
    }
done:
    return err;
}

/* Of the words; the sample arguments have none of these. */
static int n_letters(const char *text)
{
    int n = 0;
    for (; *text != '\0'; text++)
        n += strchr("abcdefghijklmnoprstuvwyzABCDEFGHIJKLMNOPRSTUVWXYZ", *text) != NULL;
    return n;
}

/* Number that decides the form: the first argument that is one. */
static int64_t first_number(const char *format)
{
    int turn = 0, best = 99;
    struct tl_placeholder p;
    for (const char *at = format; (at = strchr(at, '%')) != NULL; at = p.end)
        if (tl_placeholder_read(at, &turn, &p) && strchr("diu", p.kind) != NULL && p.place < best)
            best = p.place;
    return 12 + (best < 99 ? best : 0);
}

TEST(every_text_that_is_built_in_is_said_again_with_its_arguments)
{
    struct tl_buf said = {0}, expected = {0};
    struct tl_catalogue_entry e;
    char *told = NULL;
    int n_formats = 0, n_wrong = 0;
    CHECK_OK(open_all(ctx));
    for (int64_t k = 1; k < tl_catalogue_size(words); k++) {
        tl_catalogue_at(words, k, &e);
        const char *text = e.many != NULL ? e.many : e.text;
        bool is_format = tl_placeholder_is_format(text);
        const char *form = e.many != NULL
                               ? tl_catalogue_plural(words, e.text, e.many, first_number(text))
                               : e.translation;
        CHECK_OK(fill(ctx, text, is_format, &said));
        if (n_letters(said.text) < 2)
            continue; /* a number with its unit, or punctuation */
        CHECK_OK(fill(ctx, form, is_format, &expected));
        CHECK_OK(tl_retell(ctx, retell, false, said.text, &told, NULL));
        n_formats += is_format;
        if (strcmp(told, expected.text) != 0) {
            n_wrong++;
            printf("  \"%s\"\n   became \"%s\"\n   expected \"%s\"\n", said.text, told,
                   expected.text);
        }
        tl_free(told);
    }
    CHECK(n_formats > 100);
    CHECK(n_wrong == 0);
    tl_buf_fini(&said);
    tl_buf_fini(&expected);
    close_all();
}

TEST(what_was_said_in_ukrainian_is_said_in_english)
{
    char *told = NULL;
    bool known = false;
    CHECK_OK(open_all(ctx));
    CHECK_OK(tl_retell(ctx, retell, true, "підозрювана небезпечна територія", &told, &known));
    CHECK_STR(told, "suspected hazardous area");
    CHECK(known);
    tl_free(told);
    CHECK_OK(tl_retell(ctx, retell, true, "щось інше", &told, &known));
    CHECK_STR(told, "щось інше");
    CHECK(!known);
    tl_free(told);
    close_all();
}

#define HEADER                                                                                     \
    "Language: xx\nContent-Type: text/plain; charset=UTF-8\n"                                      \
    "Plural-Forms: nplurals=2; plural=n!=1;\n"

static const char *const pairs[][2] = {
    {"", HEADER},
    {"%s %s", "%s %s"},
    {"%s: \"%.60s\" is not valid, expected %s", "%s: „%.60s“ ist ungültig, erwartet: %s"},
    {"%s: expected %s", "%s: erwartet: %s"},
    {"%s: expected a list", "%s: eine Liste ist gefragt"},
    {"1,234.5", "1.234,5"},
    {"50 %% of %s", "%s, davon 50 %%"},
    {"a number from %.10g to %.10g", "eine Zahl von %.10g bis %.10g"},
    {"open", "offen"},
    {"row %lld", "Zeile %lld"},
    {"the date lies in the future", "das Datum liegt in der Zukunft"},
    {"there is no %s \"%s\"", "„%2$s“: kein(e) %1$s"},
};
enum { N_PAIRS = sizeof pairs / sizeof pairs[0] };

static void put(unsigned char *at, size_t v)
{
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char)(v >> 8 * i);
}

static tl_err made_up(struct tl_ctx *ctx)
{
    static unsigned char bytes[4096];
    const size_t head[] = {0x950412de, 0, N_PAIRS, 28, 28 + 8 * N_PAIRS, 0, 0};
    size_t at = 28 + 16 * N_PAIRS;
    for (size_t k = 0; k < 7; k++)
        put(bytes + 4 * k, head[k]);
    for (size_t half = 0; half < 2; half++)
        for (size_t k = 0; k < N_PAIRS; k++) {
            size_t n = strlen(pairs[k][half]);
            put(bytes + 28 + 8 * N_PAIRS * half + 8 * k, n);
            put(bytes + 32 + 8 * N_PAIRS * half + 8 * k, at);
            memcpy(bytes + at, pairs[k][half], n + 1);
            at += n + 1;
        }
    tl_err err = tl_catalogue_read(ctx, "made up", bytes, (int64_t)at, &words);
    return err == TL_OK ? tl_retell_create(ctx, words, &retell) : err;
}

TEST(arguments_find_their_places_and_are_said_again_unless_they_are_quoted)
{
    static const char *const cases[][2] = {
        {"the date lies in the future", "das Datum liegt in der Zukunft"},
        {"polygon: expected a list", "polygon: eine Liste ist gefragt"},
        {"depth: expected a number from 1 to 1000", "depth: erwartet: eine Zahl von 1 bis 1000"},
        {"there is no mine \"open\"", "„open“: kein(e) mine"},
        {"there is no open \"x\"", "„x“: kein(e) offen"},
        {"a.csv: row 3: the date lies in the future",
         "a.csv: Zeile 3: das Datum liegt in der Zukunft"},
        {"50 % of 1,234.5", "1.234,5, davon 50 %"},
        {"50 % of 51", "51, davon 50 %"},
        {"50 % of 12,3456", "12,3456, davon 50 %"},
        {"group: \"a: expected b\" is not valid, expected c",
         "group: „a: expected b“ ist ungültig, erwartet: c"},
        {"row x", "row x"},
        {"a b", "a b"},
        {"", ""},
    };
    char *told = NULL;
    CHECK_OK(made_up(ctx));
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        CHECK_OK(tl_retell(ctx, retell, false, cases[k][0], &told, NULL));
        CHECK_STR(told, cases[k][1]);
        tl_free(told);
    }
    CHECK_OK(tl_retell(ctx, retell, true, "1.234,5, davon 50 %", &told, NULL));
    CHECK_STR(told, "50 % of 1,234.5");
    tl_free(told);
    CHECK_EVERY_ALLOC(ctx, tl_retell(ctx, retell, false, cases[5][0], &told, NULL));
    tl_free(told);
    close_all();
}

TEST(what_is_kept_with_its_words_speaks_the_language_of_whoever_reads_it)
{
    json_t *kept = json_loads(
        "{\"language\": \"uk\", \"name\": \"прямі докази\", \"assumptions\": [{\"key\": \"a\", "
        "\"words\": \"прямі докази\"}], \"why\": [\"закрита\", 5]}",
        0, NULL);
    CHECK_OK(tl_retell_kept(ctx, kept, "en"));
    char *text = json_dumps(kept, JSON_SORT_KEYS | JSON_COMPACT);
    CHECK_STR(text, "{\"assumptions\":[{\"key\":\"a\",\"words\":\"direct evidence\"}],\"language\":"
                    "\"en\",\"name\":\"прямі докази\",\"why\":[\"closed\",5]}");
    free(text);
    CHECK_OK(tl_retell_kept(ctx, kept, "uk"));
    CHECK_STR(json_string_value(json_object_get(
                  json_array_get(json_object_get(kept, "assumptions"), 0), "words")),
              "прямі докази");
    CHECK_FAILS(tl_retell_kept(ctx, kept, "tlh"), TL_EUSAGE, "tlh");
    json_object_set_new(kept, "language", json_string("tlh")); /* a catalogue of somebody's own */
    CHECK_OK(tl_retell_kept(ctx, kept, "en"));
    CHECK_STR(json_string_value(json_object_get(kept, "language")), "tlh");
    json_decref(kept);
}

TEST(a_sentence_made_to_be_ambiguous_ends_soon)
{
    struct tl_buf said = {0};
    char *told = NULL;
    CHECK_OK(open_all(ctx));
    for (int i = 0; i < 2000; i++)
        CHECK_OK(tl_buf_add(ctx, &said, i % 2 == 0 ? ": " : "\" "));
    CHECK_OK(tl_retell(ctx, retell, false, said.text, &told, NULL));
    tl_free(told);
    CHECK_OK(tl_retell(ctx, retell, true, said.text, &told, NULL));
    tl_free(told);
    tl_buf_fini(&said);
    close_all();
}

TEST(english_has_nothing_to_be_said_otherwise)
{
    struct tl_retell *none = NULL;
    char *told = NULL;
    bool known = true;
    CHECK_OK(tl_retell_create(ctx, NULL, &none));
    CHECK_OK(tl_retell(ctx, none, false, "log in first", &told, &known));
    CHECK_STR(told, "log in first");
    CHECK(!known);
    tl_free(told);
    tl_retell_free(none);
    tl_retell_free(NULL);
}
