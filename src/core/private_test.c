#include "unit.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/private.h"

static const char path[] = "private_test.txt";

static bool has(const char *text)
{
    char kept[64] = "";
    FILE *in = fopen(path, "r");
    if (in == NULL)
        return false;
    kept[fread(kept, 1, sizeof kept - 1, in)] = '\0';
    fclose(in);
    return strcmp(kept, text) == 0;
}

TEST(a_file_is_replaced_whole_and_is_its_owners_alone)
{
    struct stat facts;
    unlink(path);
    CHECK_OK(tl_private_write(ctx, path, "one"));
    CHECK(has("one") && stat(path, &facts) == 0 && (facts.st_mode & 0777) == 0600);
    CHECK_OK(tl_private_write(ctx, path, "two"));
    CHECK(has("two"));
    CHECK_FAILS(tl_private_write(ctx, "no such folder/x", "one"), TL_EIO, "no such folder");
}

TEST(a_lock_keeps_others_out_until_it_is_closed)
{
    int file = -1, status = 0;
    CHECK_OK(tl_private_write(ctx, path, "0"));
    CHECK_OK(tl_private_lock(ctx, path, &file));
    pid_t child = fork();
    if (child == 0) {
        int own = -1;
        close(file); /* a lock is the open file's, which a child has, too */
        bool good = tl_private_lock(ctx, path, &own) == TL_OK && has("first");
        _exit(good ? 0 : 1);
    }
    usleep(50000);
    CHECK_OK(tl_private_write(ctx, path, "first")); /* another file is at the path now */
    close(file);
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK_FAILS(tl_private_lock(ctx, "no such folder/x", &file), TL_EIO, "no such folder");
}
