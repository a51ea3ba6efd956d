#include "unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "core/json.h"
#include "tilth/outdir.h"

static const char *const names[] = {"a.txt", "b.json", NULL};

static bool is_there(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0;
}

static void clean(void)
{
    unlink("outdir_t/a.txt");
    unlink("outdir_t/b.json");
    rmdir("outdir_t");
}

TEST(files_appear_at_commit_and_not_before)
{
    struct tl_outdir *out = NULL;
    clean();
    CHECK_OK(tl_outdir_begin(ctx, "outdir_t/", names, false, &out));
    CHECK_OK(tl_file_write(ctx, tl_outdir_file(out, "a.txt"), "x", 1));
    CHECK(!is_there("outdir_t/a.txt"));
    CHECK_OK(tl_outdir_commit(ctx, out));
    CHECK(is_there("outdir_t/a.txt") && !is_there("outdir_t/b.json"));
    CHECK_FAILS(tl_outdir_begin(ctx, "outdir_t", names, false, &out), TL_EEXISTS, "outdir_t/a.txt");
    CHECK_OK(tl_outdir_begin(ctx, "outdir_t", names, true, &out));
    CHECK_OK(tl_file_write(ctx, tl_outdir_file(out, "a.txt"), "yy", 2));
    tl_outdir_abort(out);
    struct stat info;
    CHECK(stat("outdir_t/a.txt", &info) == 0 && info.st_size == 1);
    clean();
    CHECK(!is_there("outdir_t"));
}

TEST(aborting_leaves_no_folder_behind)
{
    struct tl_outdir *out = NULL;
    clean();
    CHECK_OK(tl_outdir_begin(ctx, "outdir_t", names, false, &out));
    CHECK_OK(tl_file_write(ctx, tl_outdir_file(out, "a.txt"), "x", 1));
    tl_outdir_abort(out);
    CHECK(!is_there("outdir_t"));
}

TEST(a_folder_that_cannot_be_made_is_named)
{
    struct tl_outdir *out = NULL;
    CHECK_FAILS(tl_outdir_begin(ctx, "no/such/parent", names, false, &out), TL_EIO,
                "no/such/parent");
    CHECK_FAILS(tl_outdir_begin(ctx, "", names, false, &out), TL_EUSAGE, "output folder");
    CHECK(out == NULL);
}
