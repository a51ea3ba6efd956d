#include "unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "serve/reads.h"

static const char project[] = "reads_test.gpkg", path[] = "reads_test.gpkg.reads";

static void change(const char *from, const char *to)
{
    char text[65536];
    FILE *file = fopen(path, "r");
    size_t n = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[n] = '\0';
    char *at = strstr(text, from);
    if (at != NULL)
        memcpy(at, to, strlen(to));
    file = fopen(path, "w");
    fwrite(text, 1, n, file);
    fclose(file);
}

TEST(lines_are_chained_and_a_change_is_seen)
{
    struct tl_serve serve = {0};
    struct tl_call call = {
        .serve = &serve, .ctx = ctx, .person = {.role = TL_ACCOUNT_ENTRY, .name = "A"}};
    struct stat facts;
    char *json = NULL, code[16];
    bool intact = false;
    unlink(path);
    CHECK_OK(tl_reads_open(ctx, project, &serve.reads));
    CHECK_OK(tl_reads_list(ctx, serve.reads, 10, &json, &intact));
    CHECK_STR(json, "[]\n");
    CHECK(intact);
    tl_free(json);
    for (int i = 0; i < 200; i++) { /* more than the end that is looked at */
        snprintf(code, sizeof code, "IT-%04d", i);
        CHECK_OK(tl_reads_note(&call, "record", "item", code, 1));
    }
    CHECK(stat(path, &facts) == 0 && (facts.st_mode & 0777) == 0600);
    CHECK_OK(tl_reads_list(ctx, serve.reads, 1000, &json, &intact));
    json_t *lines = json_loads(json, 0, NULL);
    CHECK(intact && json_array_size(lines) == 200);
    CHECK_STR(json_string_value(json_object_get(json_array_get(lines, 0), "code")), "IT-0199");
    CHECK_STR(json_string_value(json_object_get(json_array_get(lines, 199), "previous")),
              "00000000000000000000000000000000");
    json_decref(lines);
    tl_free(json);
    change("IT-0150", "IT-0151");
    CHECK_OK(tl_reads_list(ctx, serve.reads, 1000, &json, &intact));
    CHECK(!intact);
    tl_free(json);
    CHECK_OK(
        tl_reads_list(ctx, serve.reads, 10, &json, &intact)); /* the last ten are as they were */
    CHECK(intact);
    tl_free(json);
    tl_reads_close(serve.reads);
}
