/*
 * The folder has: `head`, what all of it rests on; `tiles-0` and `tiles-1`, tiles one after the other as they were made; `*.sheet`, rasters
 * (sheet.c). The newer of the two parts is written to; when it has half of the room, the older one is emptied and becomes the newer. Where a tile
 * lies is kept in memory (16 bytes a tile) and found again at the start by stepping over the tiles' heads.
 *
 * Nothing is trusted: a tile's head has a number drawn by lot when the folder was last emptied (what lies in a part from before is no tile), its key, and the
 * CRC-32 of head and bytes, looked at whenever it is read. So a file that was cut off, altered, torn by a power failure or put there
 * from elsewhere gives no tile at all.
 */
#include "tile/shelf.h"

#include <dirent.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include "core/secret.h"

enum { VERSION = 1, PARTS = 2, GRAIN = 16, SLOTS_MIN = 1 << 10, TILE_MAX = 1 << 26, NAME = 64 };
static const char magic[8] = {'t', 'i', 'l', 't', 'h', ' ', 't', 'l'};

/* Numbers are in the machine's own order: a folder from another machine has another `program` or fails its CRC. */
struct head {
    char magic[8];
    uint32_t version, crc; /* of all that follows */
    uint64_t program[2];   /* size and time of the program: another one may draw otherwise */
    uint32_t epoch, newer; /* part that is written to */
    struct tl_shelf_state state;
};

struct tile_head {
    uint32_t crc; /* of all that follows, bytes too */
    uint32_t epoch;
    uint32_t n_bytes, flags; /* 1 = is_empty, 2 = is_gzip */
    uint8_t key[TL_HASH_ID_BYTES], etag[TL_HASH_ID_BYTES];
};

struct slot {
    uint64_t key; /* first 8 bytes; the whole one is in the head */
    uint32_t at;  /* in grains, + 1; 0 = free */
    uint32_t n_bytes;
};

struct part {
    int file;
    int64_t size; /* where the next tile goes */
    int64_t n_tiles, n_slots;
    struct slot *slots; /* owns: by key */
};

struct tl_shelf {
    pthread_mutex_t lock;
    int folder, head; /* files */
    uint64_t program[2];
    int64_t max_bytes;
    uint32_t epoch;
    int newer;
    bool is_full; /* of the disk: nothing more is written */
    struct part parts[PARTS];
    struct tl_shelf_state state;
};

static uint64_t ns_of(struct timespec t)
{
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void tl_shelf_look_at(const char *path, struct tl_shelf_look *look)
{
    struct stat facts;
    char beside[4200];
    *look = (struct tl_shelf_look){0};
    if (stat(path, &facts) != 0)
        return;
    look->device = (uint64_t)facts.st_dev;
    look->inode = (uint64_t)facts.st_ino;
    look->size = (uint64_t)facts.st_size;
    look->changed_ns = ns_of(facts.st_mtim);
    look->touched_ns = ns_of(facts.st_ctim);
    snprintf(beside, sizeof beside, "%.4096s-wal", path);
    if (stat(beside, &facts) == 0) {
        look->wal_size = (uint64_t)facts.st_size;
        look->wal_changed_ns = ns_of(facts.st_mtim);
    }
}

bool tl_shelf_look_same(const struct tl_shelf_look *a, const struct tl_shelf_look *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static void write_head(struct tl_shelf *s)
{
    struct head head;
    memset(&head, 0, sizeof head);
    memcpy(head.magic, magic, sizeof magic);
    head.version = VERSION;
    memcpy(head.program, s->program, sizeof head.program);
    head.epoch = s->epoch;
    head.newer = (uint32_t)s->newer;
    head.state = s->state;
    head.crc = libdeflate_crc32(0, head.program, sizeof head - offsetof(struct head, program));
    if (pwrite(s->head, &head, sizeof head, 0) != (ssize_t)sizeof head) {
        s->is_full = true;
        if (ftruncate(s->head, 0) != 0) /* no head is no tiles next time */
            unlinkat(s->folder, "head", 0);
    }
}

static bool read_head(struct tl_shelf *s)
{
    struct head head;
    if (pread(s->head, &head, sizeof head, 0) != (ssize_t)sizeof head ||
        memcmp(head.magic, magic, sizeof magic) != 0 || head.version != VERSION ||
        head.crc !=
            libdeflate_crc32(0, head.program, sizeof head - offsetof(struct head, program)) ||
        memcmp(head.program, s->program, sizeof head.program) != 0 || head.newer >= PARTS)
        return false;
    s->epoch = head.epoch;
    s->newer = (int)head.newer;
    s->state = head.state;
    return true;
}

static struct slot *slot_of(const struct part *p, uint64_t key)
{
    uint64_t at = key;
    while (p->slots[at & (uint64_t)(p->n_slots - 1)].at != 0 &&
           p->slots[at & (uint64_t)(p->n_slots - 1)].key != key)
        at++;
    return &p->slots[at & (uint64_t)(p->n_slots - 1)];
}

static tl_err slots_grow(struct tl_ctx *ctx, struct part *p)
{
    int64_t n = p->n_slots == 0 ? SLOTS_MIN : 2 * p->n_slots;
    struct part made = {.n_slots = n, .slots = tl_alloc(ctx, n, sizeof *made.slots)};
    if (made.slots == NULL)
        return TL_ENOMEM;
    for (int64_t i = 0; i < p->n_slots; i++)
        if (p->slots[i].at != 0)
            *slot_of(&made, p->slots[i].key) = p->slots[i];
    tl_free(p->slots);
    p->slots = made.slots;
    p->n_slots = n;
    return TL_OK;
}

static tl_err slot_put(struct tl_ctx *ctx, struct part *p, const uint8_t *key, int64_t at,
                       uint32_t n_bytes)
{
    tl_err err = TL_OK;
    struct slot made = {.at = (uint32_t)(at / GRAIN) + 1, .n_bytes = n_bytes};
    memcpy(&made.key, key, sizeof made.key);
    if (2 * p->n_tiles >= p->n_slots)
        TL_TRY(slots_grow(ctx, p));
    struct slot *slot = slot_of(p, made.key);
    p->n_tiles += slot->at == 0;
    *slot = made;
done:
    return err;
}

static int64_t room_of(int64_t n_bytes)
{
    int64_t n = (int64_t)sizeof(struct tile_head) + n_bytes;
    return (n + GRAIN - 1) / GRAIN * GRAIN;
}

/* Steps over the heads; what comes after one that is not ours is given up. */
static tl_err scan(struct tl_ctx *ctx, struct tl_shelf *s, struct part *p)
{
    struct stat facts;
    struct tile_head head;
    tl_err err = TL_OK;
    if (fstat(p->file, &facts) != 0)
        facts.st_size = 0;
    while (pread(p->file, &head, sizeof head, p->size) == (ssize_t)sizeof head) {
        if (head.epoch != s->epoch || head.n_bytes > TILE_MAX ||
            p->size + room_of(head.n_bytes) > facts.st_size)
            break;
        TL_TRY(slot_put(ctx, p, head.key, p->size, head.n_bytes));
        p->size += room_of(head.n_bytes);
    }
    if (p->size < facts.st_size && ftruncate(p->file, p->size) != 0)
        s->is_full = true;
done:
    return err;
}

static void empty_part(struct tl_shelf *s, struct part *p)
{
    tl_free(p->slots);
    p->slots = NULL;
    p->n_tiles = p->n_slots = p->size = 0;
    if (ftruncate(p->file, 0) != 0)
        s->is_full = true;
}

static uint32_t draw_epoch(void)
{
    char hex[TL_SECRET_HEX];
    tl_secret_make(hex);
    hex[8] = '\0';
    return (uint32_t)strtoul(hex, NULL, 16);
}

static void forget(struct tl_shelf *s)
{
    s->is_full = false;
    for (int i = 0; i < PARTS; i++)
        empty_part(s, &s->parts[i]);
    tl_shelf_sweep(s, "");
    s->epoch = draw_epoch();
    s->newer = 0;
    write_head(s);
}

static int open_file(int folder, const char *name)
{
    return openat(folder, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

/* The folder, made if it is not there, held by nobody else; -1 where that is not to be had. */
static int open_folder(const char *project)
{
    char path[4200];
    struct stat facts;
    snprintf(path, sizeof path, "%.4096s.tiles", project);
    if (mkdir(path, 0700) != 0 && access(path, W_OK) != 0)
        return -1;
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0)
        return -1;
    /* A folder that others may write to is not ours to trust. */
    if (flock(folder, LOCK_EX | LOCK_NB) == 0 && fstat(folder, &facts) == 0 &&
        facts.st_uid == geteuid() && fchmod(folder, 0700) == 0)
        return folder;
    close(folder);
    return -1;
}

static bool open_files(struct tl_shelf *s)
{
    struct stat facts;
    char name[NAME];
    s->head = open_file(s->folder, "head");
    for (int i = 0; i < PARTS; i++) {
        snprintf(name, sizeof name, "tiles-%d", i);
        s->parts[i].file = open_file(s->folder, name);
    }
    if (stat("/proc/self/exe", &facts) == 0) {
        s->program[0] = (uint64_t)facts.st_size;
        s->program[1] = ns_of(facts.st_mtim);
    }
    return s->head >= 0 && s->parts[0].file >= 0 && s->parts[1].file >= 0;
}

tl_err tl_shelf_open(struct tl_ctx *ctx, const char *project, int64_t max_bytes,
                     struct tl_shelf_state *state, struct tl_shelf **shelf)
{
    struct tl_shelf_look look;
    struct tl_shelf *made = NULL;
    tl_err err = TL_OK;
    *shelf = NULL;
    TL_TRY_ALLOC(ctx, made, 1);
    pthread_mutex_init(&made->lock, NULL);
    made->max_bytes = max_bytes;
    made->head = made->parts[0].file = made->parts[1].file = -1;
    made->folder = open_folder(project);
    if (made->folder < 0 || !open_files(made))
        goto done;
    tl_shelf_look_at(project, &look);
    if (read_head(made) && look.inode != 0 && tl_shelf_look_same(&look, &made->state.look)) {
        for (int i = 0; i < PARTS; i++)
            TL_TRY(scan(ctx, made, &made->parts[i]));
    } else {
        made->state = (struct tl_shelf_state){.look = look, .last_line = -1};
        forget(made);
    }
    *state = made->state;
    *shelf = made;
    made = NULL;
done:
    tl_shelf_close(made);
    return err;
}

void tl_shelf_close(struct tl_shelf *shelf)
{
    if (shelf == NULL)
        return;
    for (int i = 0; i < PARTS; i++) {
        tl_free(shelf->parts[i].slots);
        if (shelf->parts[i].file >= 0)
            close(shelf->parts[i].file);
    }
    if (shelf->head >= 0)
        close(shelf->head);
    if (shelf->folder >= 0)
        close(shelf->folder); /* and gives up its lock */
    pthread_mutex_destroy(&shelf->lock);
    tl_free(shelf);
}

void tl_shelf_note(struct tl_shelf *shelf, const struct tl_shelf_state *state)
{
    pthread_mutex_lock(&shelf->lock);
    shelf->state = *state;
    write_head(shelf);
    pthread_mutex_unlock(&shelf->lock);
}

void tl_shelf_forget(struct tl_shelf *shelf, const struct tl_shelf_state *state)
{
    pthread_mutex_lock(&shelf->lock);
    shelf->state = *state;
    forget(shelf);
    pthread_mutex_unlock(&shelf->lock);
}

bool tl_shelf_find(struct tl_shelf *shelf, const struct tl_cache_key *key,
                   struct tl_shelf_place *place)
{
    uint64_t first = 0;
    bool found = false;
    memcpy(&first, key->id, sizeof first);
    pthread_mutex_lock(&shelf->lock);
    for (int i = 0; i < PARTS && !found; i++) {
        const struct part *p = &shelf->parts[(shelf->newer + i) % PARTS];
        const struct slot *slot = p->n_slots > 0 ? slot_of(p, first) : NULL;
        found = slot != NULL && slot->at != 0;
        if (found)
            *place =
                (struct tl_shelf_place){(shelf->newer + i) % PARTS, (int64_t)(slot->at - 1) * GRAIN,
                                        slot->n_bytes, shelf->epoch};
    }
    pthread_mutex_unlock(&shelf->lock);
    return found;
}

static uint32_t crc_of(const struct tile_head *head, const void *bytes)
{
    uint32_t crc = libdeflate_crc32(0, &head->epoch, sizeof *head - sizeof head->crc);
    return head->n_bytes > 0 ? libdeflate_crc32(crc, bytes, head->n_bytes) : crc;
}

bool tl_shelf_read(struct tl_shelf *shelf, const struct tl_cache_key *key,
                   const struct tl_shelf_place *place, struct tl_tile *facts, void *bytes)
{
    struct tile_head head;
    const struct iovec pieces[2] = {{&head, sizeof head}, {bytes, (size_t)place->n_bytes}};
    ssize_t n = (ssize_t)sizeof head + (ssize_t)place->n_bytes;
    if (preadv(shelf->parts[place->part].file, pieces, 2, place->at) != n ||
        head.epoch != place->epoch || head.n_bytes != place->n_bytes ||
        memcmp(head.key, key->id, sizeof head.key) != 0 || head.crc != crc_of(&head, bytes))
        return false;
    *facts = (struct tl_tile){.n_bytes = place->n_bytes,
                              .is_empty = (head.flags & 1) != 0,
                              .is_gzip = (head.flags & 2) != 0};
    for (int i = 0; i < TL_HASH_ID_BYTES; i++)
        snprintf(facts->etag + 2 * i, 3, "%02x", head.etag[i]);
    return true;
}

/* Writes at the newer part's end; what was written in part is cut off again. */
static void append(struct tl_ctx *ctx, struct tl_shelf *s, const struct tile_head *head,
                   const void *bytes)
{
    static const char zeros[GRAIN];
    struct part *p = &s->parts[s->newer];
    int64_t room = room_of(head->n_bytes), pad = room - (int64_t)sizeof *head - head->n_bytes;
    const struct iovec pieces[3] = {{(void *)(uintptr_t)head, sizeof *head},
                                    {(void *)(uintptr_t)bytes, head->n_bytes},
                                    {(void *)(uintptr_t)zeros, (size_t)pad}};
    if (pwritev(p->file, pieces, 3, p->size) != (ssize_t)room) {
        s->is_full = true;
        if (ftruncate(p->file, p->size) != 0)
            p->size = 0; /* never used again before it is emptied */
        return;
    }
    if (slot_put(ctx, p, head->key, p->size, head->n_bytes) == TL_OK)
        p->size += room;
}

void tl_shelf_put(struct tl_ctx *ctx, struct tl_shelf *shelf, const struct tl_cache_key *key,
                  const struct tl_tile *tile)
{
    struct tile_head head = {.n_bytes = (uint32_t)tile->n_bytes,
                             .flags = (tile->is_empty ? 1u : 0u) | (tile->is_gzip ? 2u : 0u)};
    if (tile->n_bytes > TILE_MAX || room_of(tile->n_bytes) > shelf->max_bytes / PARTS)
        return;
    memcpy(head.key, key->id, sizeof head.key);
    for (int i = 0; i < TL_HASH_ID_BYTES; i++) {
        const char pair[3] = {tile->etag[2 * i], tile->etag[2 * i + 1], '\0'};
        head.etag[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    pthread_mutex_lock(&shelf->lock);
    head.epoch = shelf->epoch;
    head.crc = crc_of(&head, tile->bytes);
    if (!shelf->is_full &&
        shelf->parts[shelf->newer].size + room_of(tile->n_bytes) > shelf->max_bytes / PARTS) {
        shelf->newer = (shelf->newer + 1) % PARTS;
        empty_part(shelf, &shelf->parts[shelf->newer]);
        write_head(shelf);
    }
    if (!shelf->is_full)
        append(ctx, shelf, &head, tile->bytes);
    pthread_mutex_unlock(&shelf->lock);
}

int64_t tl_shelf_bytes(struct tl_shelf *shelf)
{
    pthread_mutex_lock(&shelf->lock);
    int64_t n = shelf->parts[0].size + shelf->parts[1].size;
    pthread_mutex_unlock(&shelf->lock);
    return n;
}

int tl_shelf_folder(const struct tl_shelf *shelf)
{
    return shelf->folder;
}

static bool is_sheet(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot != NULL && strlen(name) < NAME &&
           (strcmp(dot, ".sheet") == 0 || strcmp(dot, ".part") == 0);
}

/* Walks over the files of rasters: removes those whose names begin so (NULL = none), finds the oldest, adds up. */
static int64_t walk(int folder, const char *begins, char oldest[NAME])
{
    struct stat facts;
    struct dirent *entry;
    int64_t bytes = 0;
    uint64_t least = UINT64_MAX;
    int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = again >= 0 ? fdopendir(again) : NULL;
    oldest[0] = '\0';
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        if (!is_sheet(entry->d_name) ||
            fstatat(folder, entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (begins != NULL && strncmp(entry->d_name, begins, strlen(begins)) == 0) {
            unlinkat(folder, entry->d_name, 0);
            continue;
        }
        bytes += (int64_t)facts.st_size;
        if (ns_of(facts.st_mtim) < least) {
            least = ns_of(facts.st_mtim);
            snprintf(oldest, NAME, "%.63s", entry->d_name);
        }
    }
    if (dir != NULL)
        closedir(dir);
    else if (again >= 0)
        close(again);
    return bytes;
}

int64_t tl_shelf_sweep(struct tl_shelf *shelf, const char *begins)
{
    char oldest[NAME];
    return walk(shelf->folder, begins, oldest);
}

bool tl_shelf_make_room(struct tl_shelf *shelf, int64_t bytes, int64_t max_bytes)
{
    char oldest[NAME];
    struct statvfs disk;
    while (bytes <= max_bytes && walk(shelf->folder, NULL, oldest) + bytes > max_bytes)
        if (oldest[0] == '\0' || unlinkat(shelf->folder, oldest, 0) != 0)
            return false;
    return bytes <= max_bytes && fstatvfs(shelf->folder, &disk) == 0 &&
           bytes < (int64_t)(disk.f_bavail * disk.f_frsize / 2);
}
