#include "evidence/digest.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

static tl_err add_file(struct tl_ctx *ctx, const char *path, const char *name, struct tl_hash *hash)
{
    char hex[TL_HASH_HEX];
    tl_err err = tl_hash_file(ctx, path, hex);
    if (err == TL_OK) {
        tl_hash_add(hash, name, (int64_t)strlen(name) + 1);
        tl_hash_add(hash, hex, TL_HASH_HEX);
    }
    return err;
}

static int is_file_name(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static tl_err digest_folder(struct tl_ctx *ctx, const char *path, struct tl_hash *hash)
{
    struct dirent **entries = NULL; /* owned by the C library's allocator */
    int n = scandir(path, &entries, is_file_name, alphasort);
    if (n < 0)
        return tl_fail(ctx, TL_EIO, "%s: %s", path, strerror(errno));
    tl_err err = TL_OK;
    for (int i = 0; i < n; i++) {
        char file[4096];
        struct stat info;
        snprintf(file, sizeof file, "%s/%s", path, entries[i]->d_name);
        if (err == TL_OK && stat(file, &info) == 0 && S_ISREG(info.st_mode))
            err = add_file(ctx, file, entries[i]->d_name, hash);
        free(entries[i]);
    }
    free(entries);
    return err;
}

static tl_err digest_shapefile(struct tl_ctx *ctx, const char *path, struct tl_hash *hash)
{
    static const char *const parts[] = {".shp", ".dbf", ".prj", ".cpg"};
    tl_err err = TL_OK;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char file[4096];
        int n = snprintf(file, sizeof file, "%.*s%s", (int)strlen(path) - 4, path, parts[i]);
        if (n < (int)sizeof file && access(file, R_OK) == 0)
            TL_TRY(add_file(ctx, file, parts[i], hash));
    }
done:
    return err;
}

tl_err tl_digest_source(struct tl_ctx *ctx, const char *path, char hex[TL_HASH_HEX])
{
    struct stat info;
    size_t n = strlen(path);
    hex[0] = '\0';
    if (strncmp(path, "/vsi", 4) == 0)
        return TL_OK;
    bool is_folder = stat(path, &info) == 0 && S_ISDIR(info.st_mode);
    bool is_shape = n > 4 && strcasecmp(path + n - 4, ".shp") == 0;
    if (!is_folder && !is_shape)
        return tl_hash_file(ctx, path, hex);
    struct tl_hash hash;
    uint8_t bytes[TL_HASH_BYTES];
    tl_hash_init(&hash);
    tl_err err = is_folder ? digest_folder(ctx, path, &hash) : digest_shapefile(ctx, path, &hash);
    if (err != TL_OK)
        return err;
    tl_hash_done(&hash, bytes);
    tl_hash_hex(bytes, hex);
    return TL_OK;
}
