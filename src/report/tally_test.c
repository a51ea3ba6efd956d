/* The document of the progress tables: whole, the same bytes twice, in both languages, nothing on an error. */
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

#include "evidence/tally_fixture.h"

#define NAME "report_tally_test.gpkg"
#define OUT  "report_tally_test.out"

static const char *const files[] = {"progress.pdf", "progress.json", "progress.csv", "items.csv",
                                    "apart.csv"};

static void drop(void)
{
    char path[256];
    for (int k = 0; k < 5; k++) {
        snprintf(path, sizeof path, "%s/%s", OUT, files[k]);
        unlink(path);
    }
    rmdir(OUT);
}

static int64_t read_all(const char *path, char *bytes, int64_t room)
{
    FILE *file = fopen(path, "rb");
    int64_t n = file == NULL ? -1 : (int64_t)fread(bytes, 1, (size_t)room, file);
    if (file != NULL)
        fclose(file);
    return n;
}

static tl_err make(struct tl_ctx *ctx, enum tl_tally_by by, struct tl_tally **tally)
{
    struct tl_project *project = NULL;
    tl_err err = tally_fixture(ctx, NAME, &project);
    if (err == TL_OK)
        err = tl_tally_make(ctx, project, &(struct tl_tally_options){.by = by}, tally);
    tl_project_close(project);
    unlink(NAME);
    return err;
}

TEST(document_is_the_same_twice_and_whole)
{
    static char a[1 << 20], b[1 << 20];
    struct tl_tally *t = NULL;
    drop();
    for (int by = 0; by < 3; by++) {
        CHECK_OK(make(ctx, (enum tl_tally_by)by, &t));
        CHECK_OK(tl_tally_write(ctx, t, "en", OUT, false));
        int64_t n = read_all(OUT "/progress.pdf", a, sizeof a);
        CHECK(n > 5000 && memcmp(a, "%PDF", 4) == 0);
        CHECK_FAILS(tl_tally_write(ctx, t, "en", OUT, false), TL_EEXISTS, "");
        CHECK_OK(tl_tally_write(ctx, t, "en", OUT, true));
        CHECK(n == read_all(OUT "/progress.pdf", b, sizeof b) && memcmp(a, b, (size_t)n) == 0);
        CHECK_OK(tl_tally_write(ctx, t, "uk", OUT, true));
        CHECK(read_all(OUT "/progress.pdf", b, sizeof b) > 5000 && memcmp(a, b, (size_t)n) != 0);
        CHECK(read_all(OUT "/apart.csv", b, sizeof b) > 100);
        drop();
        tl_tally_free(t);
    }
}

TEST(nothing_is_left_on_an_error)
{
    struct tl_tally *t = NULL;
    struct stat status;
    CHECK_OK(make(ctx, TL_TALLY_BY_YEAR, &t));
    CHECK_FAILS(tl_tally_write(ctx, t, "xx", OUT, false), TL_EUSAGE, "xx");
    CHECK(stat(OUT, &status) != 0);
    tl_tally_free(t);
}
