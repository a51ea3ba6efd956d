/*
 * A copy of a project, for work that must not keep others from writing. SQLite's own backup, piece by piece: between two pieces nobody is locked
 * out, and where somebody writes meanwhile it begins anew, so that the copy is always one state. Who is overtaken too often takes the whole at once:
 * then a writer's commit waits as long as that takes (16 MiB about 10 ms, from the system's cache).
 *
 * Not copied as a file: opening and closing the project's file beside SQLite would drop the locks that this process has on it (POSIX).
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/catalogue.h"
#include "store/store.h"

enum { PIECE_PAGES = 4096, OVERTAKEN_MAX = 3 };

static tl_err make_file(struct tl_ctx *ctx, const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return tl_fail(ctx, errno == EEXIST ? TL_EEXISTS : TL_EIO,
                       "a copy of the project cannot be made: %s", strerror(errno));
    close(fd);
    return TL_OK;
}

static tl_err copy_pages(struct tl_ctx *ctx, sqlite3_backup *backup)
{
    int code = SQLITE_OK, left = 0, n_overtaken = 0;
    tl_err err = TL_OK;
    while (code == SQLITE_OK) {
        TL_TRY(tl_cancelled(ctx));
        code = sqlite3_backup_step(backup, n_overtaken > OVERTAKEN_MAX ? -1 : PIECE_PAGES);
        int now = sqlite3_backup_remaining(backup);
        n_overtaken += left > 0 && now >= left; /* it began anew */
        left = now;
    }
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
        TL_THROW(ctx, TL_ELOCKED,
                 "a copy of the project cannot be made: another program is "
                 "writing to it; try again in a moment");
    if (code != SQLITE_DONE)
        TL_THROW(ctx, code == SQLITE_NOMEM ? TL_ENOMEM : TL_EIO,
                 "a copy of the project cannot be made: %s",
                 code == SQLITE_FULL ? TL_CATALOGUE_MARK("the disk is full")
                                     : sqlite3_errstr(code));
done:
    return err;
}

tl_err tl_project_copy(struct tl_ctx *ctx, struct tl_project *project, const char *path)
{
    sqlite3 *to = NULL;
    sqlite3_backup *backup = NULL;
    bool made = false;
    tl_err err = TL_OK;
    TL_TRY(make_file(ctx, path));
    made = true;
    if (sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        TL_TRY(tl_sql_fail(ctx, to, "opening"));
    /* A copy that is cut short is thrown away: it needs neither a journal nor to be on the disk. */
    TL_TRY(tl_sql_exec(ctx, to, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF"));
    backup = sqlite3_backup_init(to, "main", project->db, "main");
    if (backup == NULL)
        TL_TRY(tl_sql_fail(ctx, to, "copying"));
    TL_TRY(copy_pages(ctx, backup));
done:
    sqlite3_backup_finish(backup);
    sqlite3_close_v2(to);
    if (err != TL_OK && made)
        unlink(path);
    return err;
}
