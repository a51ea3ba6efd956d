/*
 * Pages. Those built in are sent as they lie in the program, compressed. From a folder (for development) a file is found by looking its name's
 * parts up one by one, without following links and without names that begin with a dot, so that no path leads out of it.
 */
#include "serve/static.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/hash.h"
#include "serve/pages.h"

enum { FILE_MAX_BYTES = 32 << 20 };

static const char *type_of(const char *path)
{
    static const char *const types[][2] = {{".html", "text/html; charset=utf-8"},
                                           {".js", "text/javascript; charset=utf-8"},
                                           {".mjs", "text/javascript; charset=utf-8"},
                                           {".css", "text/css; charset=utf-8"},
                                           {".json", "application/json"},
                                           {".svg", "image/svg+xml"},
                                           {".png", "image/png"},
                                           {".ico", "image/x-icon"},
                                           {".woff2", "font/woff2"},
                                           {".webmanifest", "application/manifest+json"},
                                           {".txt", "text/plain; charset=utf-8"},
                                           {".map", "application/json"}};
    size_t n = strlen(path);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        size_t length = strlen(types[i][0]);
        if (n > length && strcmp(path + n - length, types[i][0]) == 0)
            return types[i][1];
    }
    return "application/octet-stream";
}

static bool has_ending(const char *path)
{
    return strchr(strrchr(path, '/'), '.') != NULL;
}

static const struct tl_pages_file *built_in(const char *path)
{
    size_t low = 0, high = tl_pages_n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(path, tl_pages_files[middle].path);
        if (order == 0)
            return &tl_pages_files[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static tl_err answer_built_in(struct tl_call *call, const struct tl_pages_file *file)
{
    char etag[128];
    bool same = false;
    tl_err err = TL_OK;
    snprintf(etag, sizeof etag, "%.*s", (int)strcspn(file->etag + 1, "\""), file->etag + 1);
    TL_TRY(tl_call_etag(call, etag, &same));
    TL_TRY(tl_call_header(call, "Cache-Control",
                          file->is_immutable ? "public, max-age=31536000, immutable" : "no-cache"));
    if (same)
        goto done;
    tl_call_bytes(call, 200, file->type, (void *)(uintptr_t)file->bytes, (int64_t)file->n_bytes);
    call->reply.is_static = true;
    if (file->is_gzip)
        TL_TRY(tl_call_header(call, "Content-Encoding", "gzip"));
done:
    return err;
}

/* Opens folder/path part by part; -1 when there is none. */
static int open_under(const char *folder, const char *path)
{
    char part[256];
    int at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (const char *from = path; at >= 0 && *from == '/';) {
        size_t n = strcspn(++from, "/");
        if (n == 0 || n >= sizeof part || from[0] == '.') {
            close(at);
            return -1;
        }
        memcpy(part, from, n);
        part[n] = '\0';
        from += n;
        int next = openat(at, part,
                          O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK |
                              (*from == '/' ? O_DIRECTORY : 0));
        close(at);
        at = next;
    }
    return at;
}

static tl_err answer_file(struct tl_call *call, const char *path)
{
    struct stat facts;
    uint8_t *bytes = NULL, id[TL_HASH_ID_BYTES];
    char etag[2 * TL_HASH_ID_BYTES + 1];
    bool same = false;
    tl_err err = TL_OK;
    int file = open_under(call->serve->pages, path);
    if (file < 0 || fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode) ||
        facts.st_size > FILE_MAX_BYTES)
        TL_THROW(call->ctx, TL_ENOTFOUND, "there is no %s", path);
    TL_TRY_ALLOC(call->ctx, bytes, facts.st_size);
    if (read(file, bytes, (size_t)facts.st_size) != facts.st_size)
        TL_THROW(call->ctx, TL_EIO, "%s: cannot be read", path);
    tl_hash_id(bytes, facts.st_size, id);
    for (int i = 0; i < TL_HASH_ID_BYTES; i++)
        snprintf(etag + 2 * i, 3, "%02x", id[i]);
    TL_TRY(tl_call_etag(call, etag, &same));
    TL_TRY(tl_call_header(call, "Cache-Control", "no-cache"));
    if (!same) {
        tl_call_bytes(call, 200, type_of(path), bytes, facts.st_size);
        bytes = NULL;
    }
done:
    if (file >= 0)
        close(file);
    tl_free(bytes);
    return err;
}

static tl_err no_pages(struct tl_call *call)
{
    static const char words[] =
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Tilth</title>"
        "<h1>Tilth</h1><p>This program was built without its pages (TILTH_WEB=OFF). Its JSON "
        "interface works: see "
        "<a href=\"/api/openapi.json\">/api/openapi.json</a>.</p></html>\n";
    tl_call_bytes(call, 200, "text/html; charset=utf-8", (void *)(uintptr_t)words,
                  (int64_t)sizeof words - 1);
    call->reply.is_static = true;
    return TL_OK;
}

tl_err tl_static_answer(struct tl_call *call)
{
    const char *path = call->path;
    /* No address of the application has these: whoever asks is looking for a way out of the pages. */
    if (strchr(path, '%') != NULL || strstr(path, "/.") != NULL)
        return tl_fail(call->ctx, TL_ENOTFOUND, "there is no %s", path);
    if (call->serve->pages != NULL) {
        if (strcmp(path, "/field") == 0) /* a page of its own, kept on devices */
            path = "/field.html";
        else if (strcmp(path, "/") == 0 || !has_ending(path))
            path = "/index.html";
        return answer_file(call, path);
    }
    const struct tl_pages_file *file = built_in(path);
    if (file == NULL && !has_ending(path))
        file = built_in("/");
    if (file != NULL)
        return answer_built_in(call, file);
    if (strcmp(path, "/") == 0)
        return no_pages(call);
    return tl_fail(call->ctx, TL_ENOTFOUND, "there is no %s", path);
}
