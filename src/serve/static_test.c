#include "unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "serve/static.h"

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
}

static int answer(struct tl_ctx *ctx, struct tl_serve *serve, const char *path, char *body,
                  size_t room)
{
    struct tl_call call = {.serve = serve, .ctx = ctx};
    snprintf(call.path, sizeof call.path, "%s", path);
    tl_err err = tl_static_answer(&call);
    int status = err == TL_OK ? call.reply.status : tl_err_http(err);
    snprintf(body, room, "%.*s", (int)call.reply.n_bytes,
             call.reply.bytes != NULL ? (const char *)call.reply.bytes : "");
    tl_call_reply_fini(&call.reply);
    return status;
}

TEST(a_folder_gives_its_files_and_nothing_beside_it)
{
    struct tl_serve serve = {.pages = (char[]){"static_test.pages"}};
    char body[64];
    mkdir("static_test.pages", 0755);
    mkdir("static_test.pages/sub", 0755);
    write_file("static_test.pages/index.html", "index");
    write_file("static_test.pages/sub/a.js", "script");
    write_file("static_test.pages/.hidden", "hidden");
    write_file("static_test.secret", "secret");
    unlink("static_test.pages/link.txt");
    CHECK(symlink("../static_test.secret", "static_test.pages/link.txt") == 0);
    CHECK(answer(ctx, &serve, "/", body, sizeof body) == 200);
    CHECK_STR(body, "index");
    CHECK(answer(ctx, &serve, "/areas/HA-0001", body, sizeof body) ==
          200); /* the application's own path */
    CHECK_STR(body, "index");
    CHECK(answer(ctx, &serve, "/sub/a.js", body, sizeof body) == 200);
    CHECK_STR(body, "script");
    static const char *const bad[] = {"/no.js",
                                      "/.hidden",
                                      "/../static_test.secret",
                                      "/sub/../../static_test.secret",
                                      "/link.txt",
                                      "/sub/.",
                                      "/a.b/c.js"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK(answer(ctx, &serve, bad[i], body, sizeof body) == 404);
        CHECK_STR(body, "");
    }
}

TEST(a_page_that_is_nowhere_is_not_found)
{
    struct tl_serve serve = {0};
    char body[64];
    CHECK(answer(ctx, &serve, "/no_such_file.js", body, sizeof body) == 404);
    CHECK(answer(ctx, &serve, "/", body, sizeof body) ==
          200); /* the pages, or words that there are none */
}
