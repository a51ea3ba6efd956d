#include "unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tile/shelf.h"

static const char project[] = "shelf_test.file";

static void write_project(const char *text)
{
    FILE *file = fopen(project, "w");
    fputs(text, file);
    fclose(file);
}

static void clean(void)
{
    if (system("rm -rf shelf_test.file.tiles") != 0)
        abort();
    write_project("a project");
}

static struct tl_cache_key key_of(int i)
{
    struct tl_cache_key key;
    tl_hash_id(&i, sizeof i, key.id);
    return key;
}

/* Tile i has i bytes of i. */
static void put(struct tl_ctx *ctx, struct tl_shelf *shelf, int i)
{
    uint8_t bytes[4096];
    struct tl_cache_key key = key_of(i);
    memset(bytes, i, sizeof bytes);
    struct tl_tile tile = {.bytes = bytes, .n_bytes = i, .is_empty = i == 0, .is_gzip = i % 2 == 1};
    snprintf(tile.etag, sizeof tile.etag, "%032x", i);
    tl_shelf_put(ctx, shelf, &key, &tile);
}

/* 1 = as it was put, 0 = not there, -1 = something else, which must never be. */
static int get(struct tl_shelf *shelf, int i)
{
    uint8_t bytes[4096], want[4096];
    char etag[TL_TILE_ETAG_BYTES];
    struct tl_cache_key key = key_of(i);
    struct tl_shelf_place place;
    struct tl_tile facts;
    if (!tl_shelf_find(shelf, &key, &place))
        return 0;
    if (place.n_bytes > (int64_t)sizeof bytes || !tl_shelf_read(shelf, &key, &place, &facts, bytes))
        return 0;
    memset(want, i, sizeof want);
    snprintf(etag, sizeof etag, "%032x", i);
    bool same = facts.n_bytes == i && memcmp(bytes, want, (size_t)i) == 0 &&
                facts.is_empty == (i == 0) && facts.is_gzip == (i % 2 == 1) &&
                strcmp(facts.etag, etag) == 0;
    return same ? 1 : -1;
}

static struct tl_shelf_state state_now(int64_t line)
{
    struct tl_shelf_state state = {.last_line = line};
    tl_shelf_look_at(project, &state.look);
    return state;
}

static tl_err open_it(struct tl_ctx *ctx, struct tl_shelf **shelf, int64_t *line)
{
    struct tl_shelf_state state = {.last_line = -1};
    tl_err err = tl_shelf_open(ctx, project, 1 << 20, &state, shelf);
    *line = state.last_line;
    return err;
}

TEST(tiles_come_back_after_a_new_start)
{
    struct tl_shelf *shelf = NULL;
    struct stat facts;
    int64_t line = 0;
    clean();
    CHECK_OK(open_it(ctx, &shelf, &line));
    CHECK(shelf != NULL && line == -1);
    struct tl_shelf_state state = state_now(7);
    tl_shelf_note(shelf, &state);
    for (int i = 0; i < 100; i++)
        put(ctx, shelf, i);
    CHECK(get(shelf, 55) == 1 && get(shelf, 100) == 0);
    tl_shelf_close(shelf);
    CHECK(stat("shelf_test.file.tiles", &facts) == 0 && (facts.st_mode & 0777) == 0700);
    CHECK(stat("shelf_test.file.tiles/tiles-0", &facts) == 0 && (facts.st_mode & 0777) == 0600);
    CHECK_OK(open_it(ctx, &shelf, &line));
    CHECK(line == 7);
    for (int i = 0; i < 100; i++)
        CHECK(get(shelf, i) == 1);
    put(ctx, shelf, 100);
    CHECK(get(shelf, 100) == 1);
    tl_shelf_close(shelf);
}

TEST(a_project_that_was_written_to_meanwhile_makes_all_worthless)
{
    struct tl_shelf *shelf = NULL;
    int64_t line = 0;
    for (int way = 0; way < 3; way++) {
        clean();
        CHECK_OK(open_it(ctx, &shelf, &line));
        struct tl_shelf_state state = state_now(3);
        tl_shelf_note(shelf, &state);
        put(ctx, shelf, 9);
        tl_shelf_close(shelf);
        if (way == 0)
            write_project("b project"); /* of the same length */
        if (way == 1)
            CHECK(rename(project, "shelf_test.old") == 0 && (write_project("a project"), true));
        if (way == 2)
            CHECK(system("echo x > shelf_test.file-wal") == 0);
        CHECK_OK(open_it(ctx, &shelf, &line));
        CHECK(line == -1 && get(shelf, 9) == 0 && tl_shelf_bytes(shelf) == 0);
        tl_shelf_close(shelf);
        unlink("shelf_test.file-wal");
    }
}

TEST(forgotten_tiles_are_gone_also_when_their_bytes_are_put_back)
{
    struct tl_shelf *shelf = NULL;
    int64_t line = 0;
    clean();
    CHECK_OK(open_it(ctx, &shelf, &line));
    struct tl_shelf_state state = state_now(3);
    tl_shelf_note(shelf, &state);
    put(ctx, shelf, 200);
    CHECK(system("cp shelf_test.file.tiles/tiles-0 shelf_test.kept") == 0);
    tl_shelf_forget(shelf, &state);
    CHECK(get(shelf, 200) == 0);
    tl_shelf_close(shelf);
    CHECK(system("cp shelf_test.kept shelf_test.file.tiles/tiles-0") == 0);
    CHECK_OK(open_it(ctx, &shelf, &line));
    CHECK(line == 3 && get(shelf, 200) == 0);
    tl_shelf_close(shelf);
}

TEST(one_server_at_a_time_and_none_where_it_cannot_be)
{
    struct tl_shelf *first = NULL, *second = NULL;
    int64_t line = 0;
    clean();
    CHECK_OK(open_it(ctx, &first, &line));
    CHECK_OK(open_it(ctx, &second, &line));
    CHECK(first != NULL && second == NULL);
    tl_shelf_close(first);
    /* A file in its place, a link to another folder, a folder that is not there. */
    CHECK(system("rm -rf shelf_test.file.tiles shelf_test.other && touch shelf_test.file.tiles") ==
          0);
    CHECK_OK(open_it(ctx, &first, &line));
    CHECK(first == NULL);
    CHECK(system("rm -rf shelf_test.file.tiles && mkdir shelf_test.other && ln -s shelf_test.other "
                 "shelf_test.file.tiles") == 0);
    CHECK_OK(open_it(ctx, &first, &line));
    CHECK(first == NULL);
    struct tl_shelf_state state = {.last_line = -1};
    CHECK_OK(tl_shelf_open(ctx, "no/such/folder/p.gpkg", 1 << 20, &state, &first));
    CHECK(first == NULL);
    unlink("shelf_test.file.tiles");
}

TEST(it_stays_bounded_and_keeps_the_newest)
{
    struct tl_shelf *shelf = NULL;
    int64_t line = 0;
    clean();
    CHECK_OK(open_it(ctx, &shelf, &line));
    struct tl_shelf_state state = state_now(1);
    tl_shelf_note(shelf, &state);
    for (int i = 1; i < 4000; i++)
        put(ctx, shelf, i);
    CHECK(tl_shelf_bytes(shelf) <= 1 << 20);
    CHECK(get(shelf, 3999) == 1 && get(shelf, 3900) == 1 && get(shelf, 10) == 0);
    tl_shelf_close(shelf);
    CHECK_OK(open_it(ctx, &shelf, &line));
    CHECK(get(shelf, 3999) == 1 && get(shelf, 3900) == 1 && get(shelf, 10) == 0);
    tl_shelf_close(shelf);
}

/* Changes a byte of a file, or cuts it there. */
static bool damage(const char *name, int64_t at, bool cut)
{
    char path[100];
    struct stat facts;
    uint8_t byte = 0;
    snprintf(path, sizeof path, "shelf_test.file.tiles/%s", name);
    int file = open(path, O_RDWR);
    if (file < 0 || fstat(file, &facts) != 0)
        return false;
    at %= facts.st_size;
    bool done = cut ? ftruncate(file, at) == 0 : pread(file, &byte, 1, at) == 1;
    byte ^= 0x40;
    done = done && (cut || pwrite(file, &byte, 1, at) == 1);
    close(file);
    return done;
}

TEST(damage_anywhere_gives_no_tile_and_never_a_wrong_one)
{
    struct tl_shelf *shelf = NULL;
    int64_t line = 0, n_lost = 0, n_kept = 0;
    for (int trial = 0; trial < 400; trial++) {
        clean();
        CHECK_OK(open_it(ctx, &shelf, &line));
        struct tl_shelf_state state = state_now(1);
        tl_shelf_note(shelf, &state);
        for (int i = 0; i < 30; i++)
            put(ctx, shelf, i);
        bool early = trial % 3 == 0; /* while it is open */
        if (!early)
            tl_shelf_close(shelf);
        bool head = trial % 5 == 0;
        CHECK(damage(head ? "head" : "tiles-0", trial * (head ? 1 : 6), trial % 7 == 0));
        if (!early)
            CHECK_OK(open_it(ctx, &shelf, &line));
        for (int i = 0; i < 30; i++) {
            int found = get(shelf, i);
            CHECK(found >= 0);
            n_lost += found == 0;
            n_kept += found == 1;
        }
        put(ctx, shelf, 500); /* and it goes on */
        CHECK(get(shelf, 500) == 1);
        tl_shelf_close(shelf);
    }
    CHECK(n_lost > 2000 && n_kept > 2000);
}

TEST(removed_while_it_is_used)
{
    struct tl_shelf *shelf = NULL;
    int64_t line = 0;
    clean();
    CHECK_OK(open_it(ctx, &shelf, &line));
    struct tl_shelf_state state = state_now(1);
    tl_shelf_note(shelf, &state);
    put(ctx, shelf, 3);
    CHECK(system("rm -rf shelf_test.file.tiles") == 0);
    put(ctx, shelf, 4);
    CHECK(get(shelf, 3) == 1 && get(shelf, 4) == 1);
    tl_shelf_forget(shelf, &state);
    CHECK(get(shelf, 3) == 0 && !tl_shelf_make_room(shelf, 1 << 30, 1 << 20));
    tl_shelf_close(shelf);
    shelf = NULL;
    CHECK_EVERY_ALLOC(ctx, (tl_shelf_close(shelf), shelf = NULL, open_it(ctx, &shelf, &line)));
    tl_shelf_close(shelf);
}
