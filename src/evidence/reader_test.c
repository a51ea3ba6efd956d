#include "unit.h"

#include "evidence/fixture.h"
#include "evidence/reader.h"

static const char path[] = "reader_test.gpkg";

TEST(rows_come_in_batches_with_trimmed_values_and_originals_as_they_were)
{
    struct tl_project *project = NULL;
    struct tl_vector *vector = NULL;
    struct tl_mapping mapping;
    struct tl_reader reader = {0};
    struct tl_batch batch;
    struct tl_buf json = {0};
    struct tl_import_options options = {.as = "accident", .source = "s", .today = FIXTURE_TODAY};
    FILE *file = fopen("reader_test.csv", "w");
    CHECK(file != NULL);
    fputs("lon,lat,category,other\n", file);
    for (int i = 0; i < 1500; i++)
        fprintf(file, "30.05,50.05,\" AP %d \",\" x\"\n", i);
    fclose(file);
    CHECK_OK(fixture_district(ctx, path, &project));
    struct tl_vector_options how = {0};
    CHECK_OK(tl_vector_open(ctx, "reader_test.csv", &how, &vector));
    tl_mapping_init(&mapping, TL_KIND_ACCIDENT);
    CHECK_OK(tl_mapping_resolve(ctx, &mapping, vector));
    CHECK_OK(tl_reader_init(ctx, project, vector, &mapping, &options, NULL, &reader));
    CHECK_OK(tl_batch_init(ctx, &batch));
    CHECK_OK(tl_reader_fill(ctx, &reader, &batch));
    CHECK(batch.n_rows == TL_BATCH_ROWS && !reader.done);
    CHECK_STR(batch.rows[7].record.values[tl_kind_column(TL_KIND_ACCIDENT, "category")], "AP 7");
    CHECK_STR(batch.rows[7].record.extra, "{\"other\": \" x\"}");
    CHECK(batch.rows[7].number == 8 && batch.rows[7].record.source_row == 8);
    CHECK_OK(tl_reader_original(ctx, &reader, &batch.rows[7], &json));
    CHECK_STR(
        json.text,
        "{\"lon\": \"30.05\", \"lat\": \"50.05\", \"category\": \" AP 7 \", \"other\": \" x\"}");
    CHECK_OK(tl_reader_fill(ctx, &reader, &batch));
    CHECK(batch.n_rows == 1500 - TL_BATCH_ROWS && reader.done && reader.n_rows == 1500);
    CHECK_OK(tl_reader_fill(ctx, &reader, &batch));
    CHECK(batch.n_rows == 0);
    tl_buf_fini(&json);
    tl_batch_fini(&batch);
    tl_reader_fini(&reader);
    tl_mapping_fini(&mapping);
    tl_vector_close(vector);
    tl_project_close(project);
    unlink("reader_test.csv");
}

TEST(fingerprints_tell_positions_and_dates_apart)
{
    double a[2] = {30.05, 50.05}, b[2] = {50.05, 30.05};
    uint64_t h = tl_reader_fingerprint(1, a, "1990");
    CHECK(h != 0 && h == tl_reader_fingerprint(1, a, "1990"));
    CHECK(h != tl_reader_fingerprint(1, b, "1990") && h != tl_reader_fingerprint(1, a, "1991"));
    CHECK(h != tl_reader_fingerprint(1, a, NULL));
    CHECK(tl_reader_date_column(TL_KIND_SEARCH) == tl_kind_column(TL_KIND_SEARCH, "date_end"));
    CHECK(tl_reader_date_column(TL_KIND_PLACE) == -1);
}
