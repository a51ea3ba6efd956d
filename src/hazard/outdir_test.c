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

/* In a folder that others may write to, somebody may have put a link there. */
TEST(a_link_that_is_called_like_a_leftover_takes_nothing_along)
{
    struct tl_outdir *out = NULL;
    clean();
    CHECK(mkdir("outdir_t", 0777) == 0 && mkdir("outdir_elsewhere", 0777) == 0);
    CHECK_OK(tl_file_write(ctx, "outdir_elsewhere/mine.txt", "x", 1));
    CHECK(symlink("../outdir_elsewhere", "outdir_t/.part-4194305-abcdef") == 0);
    CHECK_OK(tl_outdir_begin(ctx, "outdir_t", names, false, &out));
    tl_outdir_abort(out);
    CHECK(is_there("outdir_elsewhere/mine.txt"));
    CHECK(!is_there("outdir_t/.part-4194305-abcdef"));
    unlink("outdir_elsewhere/mine.txt");
    rmdir("outdir_elsewhere");
    clean();
}

/* 4194305 is above Linux's largest process id: such a process cannot be. */
TEST(what_a_killed_run_left_behind_is_removed)
{
    struct tl_outdir *out = NULL;
    clean();
    CHECK(mkdir("outdir_t", 0777) == 0 && mkdir("outdir_t/.part-4194305-abcdef", 0777) == 0);
    CHECK_OK(tl_file_write(ctx, "outdir_t/.part-4194305-abcdef/a.txt", "x", 1));
    CHECK_OK(tl_outdir_begin(ctx, "outdir_t", names, false, &out));
    CHECK(!is_there("outdir_t/.part-4194305-abcdef"));
    CHECK(is_there(tl_outdir_path(out)));
    tl_outdir_abort(out);
    CHECK(is_there("outdir_t"));
    clean();
}

TEST(a_folder_that_cannot_be_made_is_named)
{
    struct tl_outdir *out = NULL;
    CHECK_FAILS(tl_outdir_begin(ctx, "no/such/parent", names, false, &out), TL_EIO,
                "no/such/parent");
    CHECK_FAILS(tl_outdir_begin(ctx, "", names, false, &out), TL_EUSAGE, "output folder");
    CHECK(out == NULL);
}
