/*
 * PMTiles version 3 (Protomaps' specification): 127 bytes of header, a root directory, JSON, leaf directories, tiles. A directory is four columns of
 * varints: numbers of tiles as steps, how many tiles each entry stands for (0 = a leaf directory), lengths, offsets (0 = right after the one before).
 * A tile is found by its number along Hilbert's curve, by bisection, through at most four directories. Leaf directories that were read are kept, 8 MiB.
 * Compression: none and gzip; brotli and zstd have no place in the house, and a file that uses them is refused in words.
 */
#include "tile/pmtiles.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tile/cache.h"
#include "tile/unpack.h"

enum {
    HEADER = 127,
    DEPTH = 4,
    DIRECTORY_MAX = 4 << 20, /* as kept */
    UNPACKED_MAX = 16 << 20, /* of a directory or the metadata */
    LEAVES_BYTES = 8 << 20,
    NONE = 1,
    GZIP = 2
};

struct entry {
    uint64_t id, offset;
    uint32_t n_bytes, run; /* run 0 = a leaf directory */
};

struct directory {
    struct tl_cache_thing thing;
    int64_t n;
    struct entry entries[];
};

struct section {
    uint64_t offset, n_bytes;
};

struct tl_pmtiles {
    char *name; /* owns: the file's, without its folder */
    int file;
    uint64_t size;
    struct section root_section, metadata, leaves, tiles;
    int packing, tile_packing, type;
    struct tl_pmtiles_facts facts;
    struct directory *root; /* holds */
    struct tl_cache *cache; /* owns: leaf directories */
};

static uint64_t le64(const uint8_t *at)
{
    uint64_t value = 0;
    for (int i = 7; i >= 0; i--)
        value = value << 8 | at[i];
    return value;
}

static double degrees(const uint8_t *at)
{
    uint32_t bits =
        (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
    int32_t value;
    memcpy(&value, &bits, sizeof value);
    return value / 1e7;
}

static tl_err damaged(struct tl_ctx *ctx, const struct tl_pmtiles *p, const char *what)
{
    return tl_fail(ctx, TL_EDATA, "%s: %s", p->name, what);
}

static tl_err read_at(struct tl_ctx *ctx, const struct tl_pmtiles *p, uint64_t offset, uint64_t n,
                      uint64_t max, struct tl_buf *bytes)
{
    char *room = NULL;
    tl_err err = TL_OK;
    if (n > max || offset > p->size || n > p->size - offset)
        return damaged(ctx, p, "a part of it lies beyond its end or is too large");
    TL_TRY_ALLOC(ctx, room, (int64_t)n + 1);
    for (uint64_t at = 0; at < n;) {
        ssize_t got = pread(p->file, room + at, n - at, (off_t)(offset + at));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            TL_THROW(ctx, got < 0 ? TL_EIO : TL_EDATA, "%s: %s", p->name,
                     got < 0 ? strerror(errno) : "has become shorter");
        at += (uint64_t)got;
    }
    if (n > 0)
        TL_TRY(tl_buf_add_bytes(ctx, bytes, room, (int64_t)n));
done:
    tl_free(room);
    return err;
}

/* Reads a directory or the metadata and unpacks it where the header says that it is packed. */
static tl_err read_plain(struct tl_ctx *ctx, const struct tl_pmtiles *p, struct section section,
                         struct tl_buf *plain)
{
    struct tl_buf kept = {0};
    tl_err err = TL_OK;
    if (p->packing == NONE)
        return read_at(ctx, p, section.offset, section.n_bytes, DIRECTORY_MAX, plain);
    TL_TRY(read_at(ctx, p, section.offset, section.n_bytes, DIRECTORY_MAX, &kept));
    err = tl_unpack_gzip(ctx, kept.text != NULL ? kept.text : "", kept.size_bytes, UNPACKED_MAX,
                         plain);
    if (err != TL_OK)
        err = tl_fail_at(ctx, err, "%s", p->name);
done:
    tl_buf_fini(&kept);
    return err;
}

struct cursor {
    const uint8_t *at, *end;
    bool bad;
};

static uint64_t varint(struct cursor *c)
{
    uint64_t value = 0;
    for (int shift = 0; shift < 64 && c->at < c->end; shift += 7) {
        uint8_t byte = *c->at++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
    c->bad = true;
    return 0;
}

static void directory_fini(struct tl_cache_thing *thing)
{
    tl_free(thing);
}

/* Whether an entry's place lies within its section. */
static bool entry_fits(const struct tl_pmtiles *p, const struct entry *e)
{
    const struct section *in = e->run == 0 ? &p->leaves : &p->tiles;
    return e->n_bytes > 0 && e->offset <= in->n_bytes && e->n_bytes <= in->n_bytes - e->offset;
}

static bool read_columns(const struct tl_pmtiles *p, struct cursor *c, struct directory *d)
{
    uint64_t id = 0, value;
    for (int64_t i = 0; i < d->n; i++) {
        value = varint(c);
        if ((i > 0 && value == 0) || value > UINT64_MAX - id)
            return false;
        d->entries[i].id = id += value;
    }
    for (int64_t i = 0; i < d->n; i++) {
        if ((value = varint(c)) > UINT32_MAX)
            return false;
        d->entries[i].run = (uint32_t)value;
    }
    for (int64_t i = 0; i < d->n; i++) {
        if ((value = varint(c)) > UINT32_MAX)
            return false;
        d->entries[i].n_bytes = (uint32_t)value;
    }
    for (int64_t i = 0; i < d->n; i++) {
        struct entry *e = &d->entries[i];
        value = varint(c);
        if (value == 0 && i == 0)
            return false;
        e->offset = value > 0 ? value - 1 : e[-1].offset + e[-1].n_bytes;
        if (!entry_fits(p, e))
            return false;
    }
    return !c->bad;
}

static tl_err parse(struct tl_ctx *ctx, const struct tl_pmtiles *p, const struct tl_buf *plain,
                    struct directory **directory)
{
    struct directory *made = NULL;
    struct cursor c = {.at = (const uint8_t *)(plain->text != NULL ? plain->text : "")};
    tl_err err = TL_OK;
    c.end = c.at + plain->size_bytes;
    uint64_t n = plain->size_bytes > 0 ? varint(&c) : 0;
    /* Each entry takes four bytes at least: a number that is larger than that allows for would only make us ask for memory. */
    if (c.bad || n > (uint64_t)(c.end - c.at) / 4)
        return damaged(ctx, p, "a directory is cut off");
    int64_t bytes = (int64_t)(sizeof *made + n * sizeof made->entries[0]);
    made = tl_alloc(ctx, bytes, 1);
    if (made == NULL)
        return TL_ENOMEM;
    made->n = (int64_t)n;
    tl_cache_thing_init(&made->thing, bytes, directory_fini);
    if (!read_columns(p, &c, made))
        TL_THROW(ctx, TL_EDATA,
                 "%s: a directory is damaged: entries out of order, or beyond their section",
                 p->name);
    *directory = made;
    made = NULL;
done:
    if (made != NULL)
        tl_cache_drop(&made->thing);
    return err;
}

static tl_err read_directory(struct tl_ctx *ctx, const struct tl_pmtiles *p, struct section section,
                             struct directory **directory)
{
    struct tl_buf plain = {0};
    tl_err err = TL_OK;
    TL_TRY(read_plain(ctx, p, section, &plain));
    TL_TRY(parse(ctx, p, &plain, directory));
done:
    tl_buf_fini(&plain);
    return err;
}

static tl_err leaf(struct tl_ctx *ctx, struct tl_pmtiles *p, const struct entry *e,
                   struct directory **directory)
{
    struct tl_cache_key key;
    uint64_t place[2] = {e->offset, e->n_bytes};
    tl_hash_id(place, sizeof place, key.id);
    *directory = (void *)tl_cache_get(p->cache, &key);
    if (*directory != NULL)
        return TL_OK;
    tl_err err = read_directory(ctx, p, (struct section){p->leaves.offset + e->offset, e->n_bytes},
                                directory);
    if (err == TL_OK)
        tl_cache_put(p->cache, &key, &(*directory)->thing);
    return err;
}

static const char *packing_name(int packing)
{
    return packing == 3 ? "brotli" : packing == 4 ? "zstd" : "an unknown way";
}

static tl_err read_header(struct tl_ctx *ctx, struct tl_pmtiles *p, const uint8_t *h)
{
    struct section *const sections[] = {&p->root_section, &p->metadata, &p->leaves, &p->tiles};
    if (memcmp(h, "PMTiles", 7) != 0)
        return damaged(ctx, p, "not a PMTiles file");
    if (h[7] != 3)
        return tl_fail(ctx, TL_EDATA, "%s: PMTiles of version %d, expected 3", p->name, h[7]);
    for (int i = 0; i < 4; i++) {
        *sections[i] = (struct section){le64(h + 8 + 16 * i), le64(h + 16 + 16 * i)};
        if (sections[i]->offset > p->size || sections[i]->n_bytes > p->size - sections[i]->offset)
            return damaged(ctx, p, "cut off: a section lies beyond the file's end");
    }
    p->packing = h[97];
    p->tile_packing = h[98];
    p->type = h[99];
    if (p->packing != NONE && p->packing != GZIP)
        return tl_fail(ctx, TL_EDATA, "%s: its directories are packed by %s, expected none or gzip",
                       p->name, packing_name(p->packing));
    if (p->tile_packing > GZIP)
        return tl_fail(ctx, TL_EDATA, "%s: its tiles are packed by %s, expected none or gzip",
                       p->name, packing_name(p->tile_packing));
    p->facts.min_zoom = h[100];
    p->facts.max_zoom = h[101];
    for (int i = 0; i < 4; i++)
        p->facts.box_deg[i] = degrees(h + 102 + 4 * i);
    if (h[100] > h[101] || h[101] > TL_PMTILES_ZOOM_MAX)
        return tl_fail(ctx, TL_EDATA, "%s: zooms %d to %d, expected 0 to %d in order", p->name,
                       h[100], h[101], TL_PMTILES_ZOOM_MAX);
    return TL_OK;
}

tl_err tl_pmtiles_open(struct tl_ctx *ctx, const char *path, struct tl_pmtiles **pmtiles)
{
    struct tl_pmtiles *made = NULL;
    struct tl_buf header = {0};
    struct stat facts;
    const char *slash = strrchr(path, '/');
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, made, 1);
    made->file = open(path, O_RDONLY | O_CLOEXEC);
    if (made->file < 0 || fstat(made->file, &facts) != 0)
        TL_THROW(ctx, errno == ENOENT || errno == ENOTDIR ? TL_ENOTFOUND : TL_EIO, "%s: %s", path,
                 strerror(errno));
    made->name = tl_strdup(ctx, slash != NULL ? slash + 1 : path);
    if (made->name == NULL) {
        err = TL_ENOMEM;
        goto done;
    }
    if (!S_ISREG(facts.st_mode) || facts.st_size < HEADER)
        TL_THROW(ctx, TL_EDATA, "%s: not a PMTiles file", made->name);
    made->size = (uint64_t)facts.st_size;
    TL_TRY(read_at(ctx, made, 0, HEADER, HEADER, &header));
    TL_TRY(read_header(ctx, made, (const uint8_t *)header.text));
    TL_TRY(tl_cache_create(ctx, LEAVES_BYTES, &made->cache));
    TL_TRY(read_directory(ctx, made, made->root_section, &made->root));
    *pmtiles = made;
    made = NULL;
done:
    tl_buf_fini(&header);
    tl_pmtiles_close(made);
    return err;
}

void tl_pmtiles_close(struct tl_pmtiles *pmtiles)
{
    if (pmtiles == NULL)
        return;
    if (pmtiles->root != NULL)
        tl_cache_drop(&pmtiles->root->thing);
    tl_cache_free(pmtiles->cache);
    if (pmtiles->file >= 0)
        close(pmtiles->file);
    tl_free(pmtiles->name);
    tl_free(pmtiles);
}

void tl_pmtiles_facts(const struct tl_pmtiles *pmtiles, struct tl_pmtiles_facts *facts)
{
    *facts = pmtiles->facts;
}

tl_err tl_pmtiles_metadata(struct tl_ctx *ctx, const struct tl_pmtiles *pmtiles,
                           struct tl_buf *json)
{
    return pmtiles->metadata.n_bytes > 0 ? read_plain(ctx, pmtiles, pmtiles->metadata, json)
                                         : tl_buf_add(ctx, json, "{}");
}

uint64_t tl_pmtiles_id(int z, int64_t x, int64_t y)
{
    uint64_t before = ((UINT64_C(1) << 2 * z) - 1) / 3, along = 0;
    uint64_t u = (uint64_t)x, v = (uint64_t)y;
    for (uint64_t side = (UINT64_C(1) << z) / 2; side > 0; side /= 2) {
        uint64_t right = (u & side) != 0, down = (v & side) != 0;
        along += side * side * ((3 * right) ^ down);
        if (down == 0) { /* this quarter of the curve is mirrored */
            uint64_t u_before = right ? side - 1 - (u & (side - 1)) : u & (side - 1);
            uint64_t v_before = right ? side - 1 - (v & (side - 1)) : v & (side - 1);
            u = v_before;
            v = u_before;
        }
    }
    return before + along;
}

/* The last entry that begins at or before a tile's number; NULL when all begin after it. */
static const struct entry *entry_before(const struct directory *d, uint64_t id)
{
    int64_t low = 0, high = d->n;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (d->entries[middle].id <= id)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? &d->entries[low - 1] : NULL;
}

static tl_err add_tile(struct tl_ctx *ctx, const struct tl_pmtiles *p, const struct entry *e,
                       struct tl_buf *bytes)
{
    return read_at(ctx, p, p->tiles.offset + e->offset, e->n_bytes, TL_PMTILES_TILE_MAX, bytes);
}

tl_err tl_pmtiles_tile(struct tl_ctx *ctx, struct tl_pmtiles *pmtiles, int z, int64_t x, int64_t y,
                       struct tl_buf *bytes, bool *there)
{
    struct directory *d = pmtiles->root, *next;
    bool found = false;
    tl_err err = TL_OK;
    *there = false;
    if (z < 0 || z > TL_PMTILES_ZOOM_MAX || x < 0 || y < 0 || x >> z != 0 || y >> z != 0)
        return TL_OK;
    uint64_t id = tl_pmtiles_id(z, x, y);
    tl_cache_hold(&d->thing);
    for (int depth = 0; depth < DEPTH && !found; depth++) {
        const struct entry *e = entry_before(d, id);
        if (e == NULL || (e->run > 0 && id - e->id >= e->run))
            goto done;
        if (e->run > 0) {
            TL_TRY(add_tile(ctx, pmtiles, e, bytes));
            found = true;
            continue;
        }
        TL_TRY(leaf(ctx, pmtiles, e, &next));
        tl_cache_drop(&d->thing);
        d = next;
    }
    if (!found)
        TL_THROW(ctx, TL_EDATA, "%s: its directories lie more than %d deep", pmtiles->name, DEPTH);
    *there = true;
done:
    tl_cache_drop(&d->thing);
    return err;
}

tl_err tl_pmtiles_any(struct tl_ctx *ctx, struct tl_pmtiles *pmtiles, struct tl_buf *bytes,
                      bool *there)
{
    struct directory *d = pmtiles->root, *next;
    tl_err err = TL_OK;
    *there = false;
    tl_cache_hold(&d->thing);
    for (int depth = 0; depth < DEPTH && !*there; depth++) {
        if (d->n == 0)
            goto done;
        if (d->entries[0].run > 0) {
            TL_TRY(add_tile(ctx, pmtiles, &d->entries[0], bytes));
            *there = true;
            goto done;
        }
        TL_TRY(leaf(ctx, pmtiles, &d->entries[0], &next));
        tl_cache_drop(&d->thing);
        d = next;
    }
done:
    tl_cache_drop(&d->thing);
    return err;
}
