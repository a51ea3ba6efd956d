#include "unit.h"

#include "evidence/fixture.h"
#include "evidence/mapping.h"

static tl_err open_csv(struct tl_ctx *ctx, const char *header, struct tl_vector **vector)
{
    char text[512];
    struct tl_vector_options options = {0};
    snprintf(text, sizeof text, "%s\n1,2,3,4,5\n", header);
    tl_err err = fixture_write(ctx, "mapping_test.csv", text);
    return err == TL_OK ? tl_vector_open(ctx, "mapping_test.csv", &options, vector) : err;
}

static bool pairs_are(const struct tl_mapping *mapping, const char *expected)
{
    char pairs[512];
    tl_mapping_pairs(mapping, pairs, sizeof pairs);
    if (strcmp(pairs, expected) != 0)
        printf("  \"%s\", expected \"%s\"\n", pairs, expected);
    return strcmp(pairs, expected) == 0;
}

TEST(names_that_say_what_they_are_need_no_mapping)
{
    struct tl_mapping m;
    struct tl_vector *vector = NULL;
    CHECK_OK(open_csv(ctx, "ID,Longitude,Latitude,Date,municipio", &vector));
    tl_mapping_init(&m, TL_KIND_ACCIDENT);
    CHECK_OK(tl_mapping_resolve(ctx, &m, vector));
    CHECK(pairs_are(&m, "lon=Longitude lat=Latitude id=ID date=Date"));
    CHECK(m.way == TL_WAY_LONLAT && m.fields[TL_FIELD_LON].index == 1);
    tl_mapping_fini(&m);
    tl_vector_close(vector);
}

TEST(what_is_said_goes_before_what_is_remembered_and_that_before_names)
{
    struct tl_mapping m;
    struct tl_vector *vector = NULL;
    CHECK_OK(open_csv(ctx, "lon,lat,date,position,year", &vector));
    tl_mapping_init(&m, TL_KIND_ACCIDENT);
    CHECK_OK(tl_mapping_set(ctx, &m, "date", "year", TL_ORIGIN_FILE));
    CHECK_OK(tl_mapping_set(ctx, &m, "position", "position", TL_ORIGIN_GIVEN));
    CHECK_OK(tl_mapping_from_json(ctx, &m,
                                  "{\"date\": \"date\", \"lon\": \"lon\", \"lat\": \"lat\", "
                                  "\"category\": \"=mine\", \"gone\": \"x\"}",
                                  TL_ORIGIN_REMEMBERED));
    CHECK_OK(tl_mapping_resolve(ctx, &m, vector));
    CHECK(pairs_are(&m, "position=position date=year category==mine") && m.way == TL_WAY_POSITION);
    char *json = NULL;
    CHECK_OK(tl_mapping_json(ctx, &m, true, &json));
    struct tl_mapping back;
    tl_mapping_init(&back, TL_KIND_ACCIDENT);
    CHECK_OK(tl_mapping_from_json(ctx, &back, json, TL_ORIGIN_REMEMBERED));
    CHECK_OK(tl_mapping_resolve(ctx, &back, vector));
    CHECK(pairs_are(&back, "position=position date=year category==mine"));
    tl_free(json);
    tl_mapping_fini(&back);
    tl_mapping_fini(&m);
    tl_vector_close(vector);
}

TEST(an_empty_column_leaves_a_field_out)
{
    struct tl_mapping m;
    struct tl_vector *vector = NULL;
    CHECK_OK(open_csv(ctx, "id,lon,lat,date,marked", &vector));
    tl_mapping_init(&m, TL_KIND_ACCIDENT);
    CHECK_OK(tl_mapping_set(ctx, &m, "marked", "", TL_ORIGIN_GIVEN));
    CHECK_OK(tl_mapping_set(ctx, &m, "id", "", TL_ORIGIN_GIVEN));
    CHECK_OK(tl_mapping_resolve(ctx, &m, vector));
    CHECK(pairs_are(&m, "lon=lon lat=lat date=date"));
    /* It stays left out when the mapping is remembered; who only looks is not told of it. */
    char *json = NULL;
    CHECK_OK(tl_mapping_json(ctx, &m, false, &json));
    CHECK(strstr(json, "\"id\"") == NULL && strstr(json, "\"date\"") != NULL);
    tl_free(json);
    CHECK_OK(tl_mapping_json(ctx, &m, true, &json));
    tl_mapping_fini(&m);
    tl_mapping_init(&m, TL_KIND_ACCIDENT);
    CHECK_OK(tl_mapping_from_json(ctx, &m, json, TL_ORIGIN_REMEMBERED));
    CHECK_OK(tl_mapping_resolve(ctx, &m, vector));
    CHECK(pairs_are(&m, "lon=lon lat=lat date=date"));
    tl_free(json);
    tl_mapping_fini(&m);
    tl_vector_close(vector);
}

TEST(of_two_columns_of_one_name_none_is_taken)
{
    struct tl_mapping m;
    struct tl_vector *vector = NULL;
    CHECK_OK(open_csv(ctx, "lon,lat,date,date,note", &vector));
    tl_mapping_init(&m, TL_KIND_ACCIDENT);
    CHECK_FAILS(tl_mapping_resolve(ctx, &m, vector), TL_EDATA,
                "two columns are called 'date' (numbers 3 and 4)");
    tl_mapping_fini(&m);
    tl_vector_close(vector);
    /* Nobody asks for the two that are called alike here. */
    CHECK_OK(open_csv(ctx, "lon,lat,date,note,note", &vector));
    tl_mapping_init(&m, TL_KIND_ACCIDENT);
    CHECK_OK(tl_mapping_resolve(ctx, &m, vector));
    tl_mapping_fini(&m);
    tl_vector_close(vector);
}

TEST(contradictions_are_refused)
{
    static const struct {
        enum tl_kind kind;
        const char *fields[3][2];
        tl_err err;
        const char *part;
    } table[] = {
        {TL_KIND_ACCIDENT, {{"lon", "a"}}, TL_EUSAGE, "lat is not"},
        {TL_KIND_ACCIDENT, {{"y", "a"}}, TL_EUSAGE, "x is not"},
        {TL_KIND_ACCIDENT,
         {{"lon", "a"}, {"lat", "b"}, {"position", "c"}},
         TL_EUSAGE,
         "more than one way"},
        {TL_KIND_ACCIDENT, {{"date", "a"}}, TL_EDATA, "no position is mapped"},
        {TL_KIND_SEARCH, {{"lon", "a"}, {"lat", "b"}}, TL_EDATA, "search are polygons"},
        {TL_KIND_LINE, {{"type", "=road"}}, TL_EDATA, "expected wkt"},
        {TL_KIND_ACCIDENT,
         {{"lon", "A "}, {"lat", "bb"}},
         TL_ENOTFOUND,
         "the columns are: a, b, c"},
    };
    struct tl_vector *vector = NULL;
    CHECK_OK(open_csv(ctx, "a,b,c", &vector));
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct tl_mapping m;
        tl_mapping_init(&m, table[i].kind);
        for (int f = 0; f < 3 && table[i].fields[f][0] != NULL; f++)
            CHECK_OK(tl_mapping_set(ctx, &m, table[i].fields[f][0], table[i].fields[f][1],
                                    TL_ORIGIN_GIVEN));
        CHECK_FAILS(tl_mapping_resolve(ctx, &m, vector), table[i].err, table[i].part);
        tl_mapping_fini(&m);
    }
    tl_vector_close(vector);
}

TEST(fields_and_formats_are_checked_when_they_are_set)
{
    struct tl_mapping m;
    tl_mapping_init(&m, TL_KIND_ITEM);
    CHECK_FAILS(tl_mapping_set(ctx, &m, "catagory", "a", TL_ORIGIN_GIVEN), TL_EUSAGE,
                "did you mean \"category\"");
    CHECK_FAILS(tl_mapping_set(ctx, &m, "qqqq", "a", TL_ORIGIN_GIVEN), TL_EUSAGE,
                "there are: lon, lat");
    CHECK_FAILS(tl_mapping_set(ctx, &m, "date_format", "=american", TL_ORIGIN_GIVEN), TL_EUSAGE,
                "american");
    CHECK_OK(tl_mapping_set(ctx, &m, "date_format", "dmy", TL_ORIGIN_GIVEN));
    CHECK_STR(m.fields[TL_FIELD_DATE_FORMAT].column, "=dmy");
    CHECK_FAILS(tl_mapping_set(ctx, &m, "date_format", "mdy", TL_ORIGIN_GIVEN), TL_EUSAGE,
                "mapped twice");
    tl_mapping_fini(&m);
}
