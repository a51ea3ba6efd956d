#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "serve/upload.h"

static const char project[] = "upload_test.gpkg", folder[] = "upload_test.gpkg.uploads";

static tl_err keep(struct tl_ctx *ctx, struct tl_uploads *uploads, const char *text, const char *at,
                   char id[TL_UPLOAD_ID_BYTES])
{
    struct tl_upload_inflow *inflow = NULL;
    char sha256[TL_HASH_HEX];
    int64_t n = 0;
    tl_err err = TL_OK;
    TL_TRY(tl_upload_begin(ctx, uploads, -1, &inflow));
    TL_TRY(tl_upload_add(ctx, inflow, text, (int64_t)strlen(text)));
    (void)tl_upload_received(inflow, &n, sha256, id);
    json_t *known = json_pack("{s:s, s:s, s:s, s:I}", "id", id, "at", at, "sha256", sha256, "bytes",
                              (json_int_t)n);
    err = tl_upload_keep(ctx, inflow, known);
    json_decref(known);
done:
    tl_upload_drop(inflow);
    return err;
}

static bool is_there(const char *id, const char *ending)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s%s", folder, id, ending);
    return access(path, F_OK) == 0;
}

TEST(an_upload_is_kept_listed_locked_and_removed)
{
    struct tl_uploads *uploads = NULL;
    struct tl_upload one = {.fd = -1}, two = {.fd = -1};
    char a[TL_UPLOAD_ID_BYTES], b[TL_UPLOAD_ID_BYTES], path[5000];
    json_t *list = NULL, *known = NULL;
    struct stat facts;
    int fd = -1;
    CHECK_OK(tl_uploads_open(ctx, project, &uploads));
    CHECK(access(folder, F_OK) != 0); /* not before the first */
    CHECK_OK(tl_uploads_list(ctx, uploads, &list));
    CHECK(json_array_size(list) == 0);
    json_decref(list);
    CHECK_OK(keep(ctx, uploads, "abc", "2026-11-23T00:00:00Z", a));
    CHECK_OK(keep(ctx, uploads, "de", "2026-11-23T00:00:01Z", b));
    CHECK(stat(folder, &facts) == 0 && (facts.st_mode & 0777) == 0700);
    CHECK_OK(tl_uploads_list(ctx, uploads, &list));
    CHECK(json_array_size(list) == 2);
    CHECK_STR(json_string_value(json_object_get(json_array_get(list, 0), "id")), b);
    json_decref(list);
    CHECK_OK(tl_uploads_known(ctx, uploads, a, &known));
    CHECK_STR(json_string_value(json_object_get(known, "sha256")),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    json_decref(known);
    CHECK_OK(tl_upload_open(ctx, uploads, a, &one));
    CHECK_FAILS(tl_upload_open(ctx, uploads, a, &two), TL_ELOCKED, "works with this upload");
    CHECK_OK(tl_upload_rows_create(ctx, &one, &fd));
    CHECK(write(fd, "x", 1) == 1);
    close(fd);
    tl_upload_rows_path(&one, path, sizeof path);
    CHECK(access(path, F_OK) == 0);
    json_object_set_new(one.known, "last", json_string("t"));
    CHECK_OK(tl_upload_note(ctx, &one));
    tl_upload_close(&one);
    CHECK_OK(tl_upload_open(ctx, uploads, a, &one));
    CHECK_STR(json_string_value(json_object_get(one.known, "last")), "t");
    tl_upload_remove(&one);
    tl_upload_close(&one);
    CHECK(!is_there(a, ".data") && !is_there(a, ".json") && !is_there(a, ".rows"));
    CHECK_FAILS(tl_upload_open(ctx, uploads, a, &one), TL_ENOTFOUND, "no such upload");
    CHECK_OK(tl_upload_open(ctx, uploads, b, &one));
    tl_upload_remove(&one);
    tl_upload_close(&one);
    tl_uploads_free(uploads);
    CHECK(access(folder, F_OK) != 0);
}

TEST(an_id_is_a_number_and_never_a_path)
{
    static const char *const ids[] = {"",
                                      "..",
                                      "../x",
                                      "0123",
                                      "00000000000000000000000000000000",
                                      "0000000000000000000000000000000g",
                                      "../../../../../../../etc/passwd",
                                      "000000000000000000000000000000000"};
    struct tl_uploads *uploads = NULL;
    struct tl_upload one = {.fd = -1};
    json_t *known = NULL;
    CHECK_OK(tl_uploads_open(ctx, project, &uploads));
    CHECK(mkdir(folder, 0700) == 0);
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        CHECK(tl_upload_open(ctx, uploads, ids[i], &one) == TL_ENOTFOUND);
        CHECK(tl_uploads_known(ctx, uploads, ids[i], &known) == TL_ENOTFOUND);
    }
    tl_uploads_free(uploads);
}

TEST(what_is_cut_off_goes_at_once_and_what_is_old_goes_later)
{
    struct tl_uploads *uploads = NULL;
    struct tl_upload_inflow *inflow = NULL;
    char id[TL_UPLOAD_ID_BYTES], sha256[TL_HASH_HEX], path[128];
    int64_t n = 0;
    CHECK_OK(tl_uploads_open(ctx, project, &uploads));
    CHECK_OK(tl_upload_begin(ctx, uploads, 10, &inflow));
    CHECK_OK(tl_upload_add(ctx, inflow, "abc", 3));
    (void)tl_upload_received(inflow, &n, sha256, id);
    CHECK(n == 3 && is_there(id, ".part"));
    tl_upload_drop(inflow);
    CHECK(!is_there(id, ".part"));
    CHECK_OK(keep(ctx, uploads, "abc", "2026", id));
    snprintf(path, sizeof path, "%s/%s.data", folder, id);
    CHECK(utimensat(AT_FDCWD, path, (struct timespec[2]){{1, 0}, {1, 0}}, 0) == 0);
    /* Of a server that was killed. */
    FILE *part = fopen("upload_test.gpkg.uploads/ffffffffffffffffffffffffffffffff.part", "w");
    fclose(part);
    CHECK(utimensat(AT_FDCWD, "upload_test.gpkg.uploads/ffffffffffffffffffffffffffffffff.part",
                    (struct timespec[2]){{1, 0}, {1, 0}}, 0) == 0);
    tl_uploads_free(uploads);
    CHECK_OK(tl_uploads_open(ctx, project, &uploads));
    CHECK(!is_there(id, ".data") && !is_there(id, ".json") &&
          !is_there("ffffffffffffffffffffffffffffffff", ".part"));
    tl_uploads_free(uploads);
}

TEST(what_came_while_the_clock_was_ahead_grows_old_from_now_on)
{
    struct tl_uploads *uploads = NULL;
    struct stat facts;
    char id[TL_UPLOAD_ID_BYTES], path[128];
    time_t now = time(NULL);
    CHECK_OK(tl_uploads_open(ctx, project, &uploads));
    CHECK_OK(keep(ctx, uploads, "abc", "2026", id));
    snprintf(path, sizeof path, "%s/%s.data", folder, id);
    const struct timespec ahead = {.tv_sec = now + 400 * 86400L};
    CHECK(utimensat(AT_FDCWD, path, (struct timespec[2]){ahead, ahead}, 0) == 0);
    tl_uploads_free(uploads);
    CHECK_OK(tl_uploads_open(ctx, project, &uploads));
    CHECK(is_there(id, ".data") && stat(path, &facts) == 0);
    CHECK(facts.st_mtime >= now && facts.st_mtime < now + 3600);
    tl_uploads_free(uploads);
    CHECK(utimensat(AT_FDCWD, path, (struct timespec[2]){{1, 0}, {1, 0}}, 0) == 0);
    CHECK_OK(tl_uploads_open(ctx, project, &uploads));
    CHECK(!is_there(id, ".data"));
    tl_uploads_free(uploads);
}

TEST(only_so_many_and_only_in_a_folder_of_ones_own)
{
    struct tl_uploads *uploads = NULL;
    struct tl_upload_inflow *inflows[TL_UPLOADS_MAX] = {NULL}, *more = NULL;
    CHECK_OK(tl_uploads_open(ctx, project, &uploads));
    for (int i = 0; i < TL_UPLOADS_MAX; i++)
        CHECK_OK(tl_upload_begin(ctx, uploads, -1, &inflows[i]));
    CHECK_FAILS(tl_upload_begin(ctx, uploads, -1, &more), TL_ECONFLICT, "8 files wait");
    CHECK_OK(tl_upload_begin_passing(ctx, uploads, -1, &more)); /* does not wait */
    tl_upload_drop(more);
    more = NULL;
    for (int i = 0; i < TL_UPLOADS_MAX; i++)
        tl_upload_drop(inflows[i]);
    CHECK_FAILS(tl_upload_begin(ctx, uploads, (int64_t)1 << 60, &more), TL_EIO, "no room");
    CHECK(chmod(folder, 0755) == 0);
    CHECK_FAILS(tl_upload_begin(ctx, uploads, -1, &more), TL_EIO, "mode 0700");
    CHECK(rmdir(folder) == 0 && symlink("/tmp", folder) == 0);
    CHECK_FAILS(tl_upload_begin(ctx, uploads, -1, &more), TL_EIO, "cannot be used");
    unlink(folder);
    tl_uploads_free(uploads);
}

TEST(a_name_is_a_label)
{
    static const char *const names[][2] = {
        {"deaths 2024 (final).xlsx", "deaths 2024 (final).xlsx"},
        {"\xd0\x96\xd1\x96.csv", "\xd0\x96\xd1\x96.csv"},
        {"../../etc/passwd.csv", "_._.._etc_passwd.csv"},
        {"..\\x\"<>|*?:{}\n.csv", "_._x__________.csv"},
        {".csv", "_csv"},
        {"", "_"},
        {"\xff.csv", "_"},
    };
    char label[TL_UPLOAD_NAME_BYTES], name[600] = "";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        tl_upload_label(names[i][0], label);
        printf("  %s\n", label);
        CHECK(strchr(label, '/') == NULL && strchr(label, '\\') == NULL && label[0] != '.');
        CHECK_STR(label, names[i][1]);
    }
    for (int i = 0; i < 200; i++)
        strcat(name, "\xd0\x96");
    strcat(name, ".geojson");
    tl_upload_label(name, label);
    CHECK(strlen(label) == 126 && strcmp(label + 118, ".geojson") == 0);
}
