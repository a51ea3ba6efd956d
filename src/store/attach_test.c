#include "unit.h"

#include <fcntl.h>

#include "store/fixture.h"
#include "tilth/attach.h"

static const char path[] = "attach_test.gpkg";

#include "store/fixture_check.h"

/* make() leaves accidents 1 to 6, AC-0001 and on. */
static tl_err add(struct tl_ctx *ctx, const char *code, const struct tl_attach_file *file,
                  int64_t *id, bool *is_new)
{
    struct tl_project *project = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_project_open(ctx, path, TL_PROJECT_WRITE, &project));
    TL_TRY(tl_project_set_actor(ctx, project, "O. Koval"));
    TL_TRY(tl_project_begin(ctx, project));
    TL_TRY(tl_attach_add(ctx, project, TL_KIND_ACCIDENT, code, file, id, is_new));
    TL_TRY(tl_project_commit(ctx, project));
done:
    tl_project_close(project);
    return err;
}

static struct tl_attach_file text_file(const char *name, const char *text)
{
    return (struct tl_attach_file){
        .name = name, .media_type = "text/plain", .bytes = text, .n_bytes = (int64_t)strlen(text)};
}

TEST(a_file_is_kept_once_whoever_attaches_it)
{
    struct tl_attach_file file = text_file("sketch.txt", "where the path forks\n");
    struct tl_attach_info *list = NULL, info;
    struct tl_project *project = NULL;
    int64_t first = 0, again = 0, other = 0, n = 0;
    bool is_new = false;
    CHECK_OK(make(ctx));
    CHECK_OK(add(ctx, "AC-0002", &file, &first, &is_new));
    CHECK(first == 1 && is_new);
    file.name = "the same.txt";
    CHECK_OK(add(ctx, "AC-0002", &file, &again, &is_new));
    CHECK(again == first && !is_new);
    CHECK_OK(add(ctx, "AC-0003", &file, &other, &is_new));
    CHECK(other == 2 && is_new);
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_READ, &project));
    CHECK_OK(tl_attach_list(ctx, project, TL_KIND_ACCIDENT, "AC-0002", &list, &n));
    CHECK(n == 1 && list[0].id == 1 && list[0].n_bytes == 21 && !list[0].is_missing);
    CHECK_STR(list[0].name, "sketch.txt");
    CHECK_STR(list[0].by, "O. Koval");
    CHECK(strlen(list[0].at) == 20);
    tl_free(list);
    CHECK_OK(tl_attach_list(ctx, project, TL_KIND_ACCIDENT, "AC-0001", &list, &n));
    CHECK(n == 0);
    tl_free(list);
    CHECK_OK(tl_attach_info(ctx, project, 2, &info));
    CHECK_STR(info.code, "AC-0003");
    CHECK_STR(info.name, "the same.txt");
    CHECK(info.kind == TL_KIND_ACCIDENT);
    CHECK_OK(tl_sql_int(ctx, project->db, "SELECT count(*) FROM attachment_bytes", 0, &n));
    CHECK(n == 1);
    /* the log has the hash and never the content */
    CHECK_OK(tl_sql_int(ctx, project->db,
                        "SELECT count(*) FROM log WHERE \"after\" LIKE '%' || (SELECT sha256 FROM "
                        "attachment_bytes) || '%' AND \"after\" NOT LIKE '%forks%'",
                        0, &n));
    CHECK(n == 3);
    CHECK_FAILS(tl_attach_info(ctx, project, 9, &info), TL_ENOTFOUND, "no attachment 9");
    CHECK_FAILS(tl_attach_list(ctx, project, TL_KIND_ACCIDENT, "AC-0099", &list, &n), TL_ENOTFOUND,
                "AC-0099");
    tl_project_close(project);
    CHECK_CLEAN();
}

TEST(a_large_file_comes_back_as_it_was)
{
    enum { N = 300001 };
    struct tl_project *project = NULL;
    struct tl_attach_file file = {.name = "фото 1.jpg", .media_type = "image/jpeg"};
    uint8_t *bytes = tl_alloc(ctx, N, 1), *back = tl_alloc(ctx, N + 1, 1);
    int64_t id = 0;
    bool is_new;
    CHECK(bytes != NULL && back != NULL);
    for (int64_t i = 0; i < N; i++)
        bytes[i] = (uint8_t)((i * 2654435761u) >> 13);
    CHECK_OK(make(ctx));
    int in = open("attach_in.bin", O_RDWR | O_CREAT | O_TRUNC, 0600);
    CHECK(in >= 0 && write(in, bytes, N) == N);
    file.file = in;
    CHECK_OK(add(ctx, "AC-0001", &file, &id, &is_new));
    close(in);
    int out = open("attach_out.bin", O_RDWR | O_CREAT | O_TRUNC, 0600);
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_READ, &project));
    CHECK_OK(tl_attach_write(ctx, project, id, out));
    CHECK(pread(out, back, N + 1, 0) == N && memcmp(bytes, back, N) == 0);
    close(out);
    tl_project_close(project);
    tl_free(bytes);
    tl_free(back);
    CHECK_CLEAN();
}

TEST(what_is_no_attachment_is_refused_and_changes_nothing)
{
    static const char *const names[] = {"", ".", "..", "a/b", "..\\b", "a\nb", "\xff\xfe"};
    struct tl_attach_file file = text_file("x", "x"),
                          empty = {.name = "e", .bytes = "", .n_bytes = 0};
    int64_t id = 7;
    bool is_new = true;
    CHECK_OK(make(ctx));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        file.name = names[i];
        CHECK_FAILS(add(ctx, "AC-0001", &file, &id, &is_new), TL_EDATA, "is not a file's name");
    }
    file.name = "x";
    CHECK_FAILS(add(ctx, "AC-0099", &file, &id, &is_new), TL_ENOTFOUND, "AC-0099");
    CHECK_FAILS(add(ctx, "AC-0001", &empty, &id, &is_new), TL_EDATA, "an empty file");
    void *much = tl_alloc(ctx, TL_ATTACH_MAX_BYTES + 1, 1);
    CHECK(much != NULL);
    struct tl_attach_file large = {.name = "l", .bytes = much, .n_bytes = TL_ATTACH_MAX_BYTES + 1};
    CHECK_FAILS(add(ctx, "AC-0001", &large, &id, &is_new), TL_EDATA, "larger than 32 MiB");
    tl_free(much);
    CHECK(id == 7 && is_new);
    CHECK_CLEAN();
    CHECK_STR(tl_attach_type_of("A.JPG"), "image/jpeg");
    CHECK_STR(tl_attach_type_of("page.html"), "application/octet-stream");
    CHECK_STR(tl_attach_type_of(".jpg"), "application/octet-stream");
}

TEST(a_record_has_a_bounded_number_of_attachments)
{
    struct tl_project *project = NULL;
    struct tl_attach_file file;
    char text[16];
    int64_t id = 0;
    bool is_new;
    CHECK_OK(make(ctx));
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_WRITE, &project));
    CHECK_OK(tl_project_begin(ctx, project));
    for (int i = 0; i <= TL_ATTACH_PER_RECORD; i++) {
        snprintf(text, sizeof text, "note %d", i);
        file = text_file("n.txt", text);
        if (i < TL_ATTACH_PER_RECORD)
            CHECK_OK(tl_attach_add(ctx, project, TL_KIND_ACCIDENT, "AC-0001", &file, &id, &is_new));
        else
            CHECK_FAILS(
                tl_attach_add(ctx, project, TL_KIND_ACCIDENT, "AC-0001", &file, &id, &is_new),
                TL_EDATA, "expected at most 200");
    }
    tl_project_close(project);
}

TEST(a_check_tells_of_altered_and_missing_contents_and_of_lost_records)
{
    struct tl_attach_file file = text_file("a.txt", "one"), second = text_file("b.txt", "two");
    struct tl_project *project = NULL;
    int64_t id = 0;
    bool is_new;
    CHECK_OK(make(ctx));
    CHECK_OK(add(ctx, "AC-0001", &file, &id, &is_new));
    CHECK_OK(add(ctx, "AC-0001", &second, &id, &is_new));
    CHECK_CLEAN();
    CHECK_OK(tamper(ctx, "UPDATE attachment_bytes SET bytes = CAST('oNe' AS BLOB) WHERE id = 1"));
    CHECK_SAYS("error attachment: the content of an attachment is not the one that its hash says");
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_READ, &project));
    int out = open("attach_out.bin", O_RDWR | O_CREAT | O_TRUNC, 0600);
    CHECK_FAILS(tl_attach_write(ctx, project, 1, out), TL_EINTEGRITY, "it was altered");
    tl_project_close(project);
    CHECK_OK(outside(ctx, "DELETE FROM attachment_bytes WHERE id = 2"));
    CHECK_SAYS("warning attachment: the content of attachment 2 (b.txt) is missing: SHA-256 ");
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_READ, &project));
    CHECK_FAILS(tl_attach_write(ctx, project, 2, out), TL_ENOTFOUND, "attach it again");
    tl_project_close(project);
    close(out);
    /* attached again, it is whole again */
    CHECK_OK(add(ctx, "AC-0001", &second, &id, &is_new));
    CHECK(id == 2 && !is_new);
    CHECK_OK(outside(ctx, "DELETE FROM accident WHERE id = 1"));
    CHECK_SAYS("warning orphan: attachment 2 (b.txt) belongs to row 1 of accident, which is not");
}

static tl_err add_one(struct tl_ctx *ctx)
{
    struct tl_attach_file file = text_file("a.txt", "one");
    struct tl_attach_info *list = NULL;
    struct tl_project *project = NULL;
    int64_t id = 0, n = 0;
    bool is_new;
    tl_err err = TL_OK;
    TL_TRY(add(ctx, "AC-0001", &file, &id, &is_new));
    TL_TRY(tl_project_open(ctx, path, TL_PROJECT_READ, &project));
    TL_TRY(tl_attach_list(ctx, project, TL_KIND_ACCIDENT, "AC-0001", &list, &n));
done:
    tl_free(list);
    tl_project_close(project);
    return err;
}

TEST(every_allocation_may_fail)
{
    CHECK_OK(make(ctx));
    CHECK_EVERY_ALLOC(ctx, add_one(ctx));
}
