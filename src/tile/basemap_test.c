#include "unit.h"

#include "core/json.h"
#include "tile/pmtiles_fixture.h"
#include "tilth/basemap.h"

static const char mvt[] = "\x1a\x08\x0a\x01"
                          "a\x28\x80\x20\x78\x02";
enum { MVT_BYTES = sizeof mvt - 1 };
static const char png[] = "\x89PNG\r\n\x1a\nand so on", jpeg[] = "\xff\xd8\xff\xe0 and so on";

static bool write_tiles(struct tl_ctx *ctx, int n, const struct fixture_tile *tiles,
                        const char *json)
{
    const struct fixture_pmtiles f = {
        .n = n, .tiles = tiles, .max_zoom = 1, .json = json, .box_deg = {20, 40, 41, 53}};
    struct tl_buf file = {0};
    fixture_pmtiles(ctx, &f, &file);
    bool good = fixture_write("a.pmtiles", file.text, file.size_bytes);
    tl_buf_fini(&file);
    return good;
}

TEST(pictures_are_what_their_bytes_say)
{
    const struct fixture_tile tiles[] = {{0, 1, png, sizeof png - 1},
                                         {1, 1, jpeg, sizeof jpeg - 1}};
    struct tl_basemap *b = NULL;
    struct tl_basemap_tile tile = {0}, other = {0};
    char *json = NULL;
    CHECK(write_tiles(
        ctx, 2, tiles,
        "{\"name\": \"Поле\", \"attribution\": \"<a href='x'>&copy; OSM</a> &amp; us\"}"));
    CHECK_OK(tl_basemap_open(ctx, "a.pmtiles", &b));
    CHECK_OK(tl_basemap_json(ctx, b, &json));
    CHECK_STR(json, "{\"name\":\"Поле\",\"format\":\"png\",\"minzoom\":0,\"maxzoom\":1,\"bounds\":["
                    "20.0,40.0,41.0,53.0],\"attribution\":\"© OSM & us\",\"layers\":[]}\n");
    CHECK_OK(tl_basemap_tile(ctx, b, (struct tl_tile_id){0, 0, 0}, &tile));
    CHECK(tile.format == TL_BASEMAP_PNG && tile.n_bytes == sizeof png - 1 && !tile.is_gzip);
    CHECK_STR(tl_basemap_format_type(tile.format), "image/png");
    CHECK_OK(tl_basemap_tile(ctx, b, (struct tl_tile_id){1, 0, 0}, &other));
    CHECK(other.format == TL_BASEMAP_JPEG && strcmp(tile.etag, other.etag) != 0);
    tl_free(tile.bytes);
    tl_free(other.bytes);
    CHECK_OK(tl_basemap_tile(ctx, b, (struct tl_tile_id){1, 1, 1}, &tile));
    CHECK(tile.bytes == NULL && tile.n_bytes == 0);
    tl_free(json);
    tl_basemap_close(b);
}

TEST(vector_tiles_stay_packed_and_packed_pictures_do_not)
{
    struct tl_pack *pack = NULL;
    struct tl_buf vector = {0}, picture = {0};
    struct tl_basemap *b = NULL;
    struct tl_basemap_tile tile = {0};
    CHECK_OK(tl_pack_create(ctx, &pack));
    CHECK_OK(tl_pack_gzip(ctx, pack, mvt, MVT_BYTES, &vector));
    CHECK_OK(tl_pack_gzip(ctx, pack, png, sizeof png - 1, &picture));
    tl_pack_free(pack);
    const struct fixture_tile tiles[] = {
        {0, 1, vector.text, (uint32_t)vector.size_bytes}, {1, 1, mvt, MVT_BYTES}, {2, 1, png, 9}};
    CHECK(write_tiles(ctx, 3, tiles, "{\"vector_layers\": [{\"id\": \"water\"}, {\"id\": 3}]}"));
    CHECK_OK(tl_basemap_open(ctx, "a.pmtiles", &b));
    CHECK_OK(tl_basemap_tile(ctx, b, (struct tl_tile_id){0, 0, 0}, &tile));
    CHECK(tile.format == TL_BASEMAP_MVT && tile.is_gzip && tile.n_bytes == vector.size_bytes);
    tl_free(tile.bytes);
    CHECK_OK(tl_basemap_tile(ctx, b, (struct tl_tile_id){1, 0, 0}, &tile));
    CHECK(tile.format == TL_BASEMAP_MVT && !tile.is_gzip);
    tl_free(tile.bytes);
    CHECK_FAILS(tl_basemap_tile(ctx, b, (struct tl_tile_id){1, 0, 1}, &tile), TL_EDATA, "mixed");
    tl_basemap_close(b);
    const struct fixture_tile packed[] = {{0, 1, picture.text, (uint32_t)picture.size_bytes}};
    CHECK(write_tiles(ctx, 1, packed, NULL));
    CHECK_OK(tl_basemap_open(ctx, "a.pmtiles", &b));
    CHECK_OK(tl_basemap_tile(ctx, b, (struct tl_tile_id){0, 0, 0}, &tile));
    CHECK(tile.format == TL_BASEMAP_PNG && !tile.is_gzip && tile.n_bytes == sizeof png - 1);
    CHECK(memcmp(tile.bytes, png, sizeof png - 1) == 0);
    tl_free(tile.bytes);
    tl_basemap_close(b);
    tl_buf_fini(&vector);
    tl_buf_fini(&picture);
}

TEST(what_is_no_base_map_is_said)
{
    static const char page[] = "<script>alert(1)</script>";
    const struct fixture_tile tiles[] = {{0, 1, png, sizeof png - 1},
                                         {1, 1, page, sizeof page - 1}};
    struct tl_basemap *b = NULL;
    struct tl_basemap_tile tile = {0};
    CHECK(write_tiles(ctx, 2, tiles, "no json"));
    CHECK_OK(tl_basemap_open(ctx, "a.pmtiles", &b));
    CHECK_FAILS(tl_basemap_tile(ctx, b, (struct tl_tile_id){1, 0, 0}, &tile), TL_EDATA, "neither");
    tl_basemap_close(b);
    CHECK(write_tiles(ctx, 1, &tiles[1], NULL));
    CHECK_FAILS(tl_basemap_open(ctx, "a.pmtiles", &b), TL_EDATA, "neither");
    CHECK(write_tiles(ctx, 0, tiles, NULL));
    CHECK_FAILS(tl_basemap_open(ctx, "a.pmtiles", &b), TL_EDATA, "no tiles");
    CHECK(fixture_write("text.mbtiles", "text", 4));
    CHECK_FAILS(tl_basemap_open(ctx, "text.mbtiles", &b), TL_EDATA, "text.mbtiles");
    CHECK_FAILS(tl_basemap_open(ctx, "none", &b), TL_ENOTFOUND, "none");
}

TEST(bounds_and_credits_that_cannot_be_do_no_harm)
{
    const struct fixture_tile tiles[] = {{0, 1, png, sizeof png - 1}};
    const struct fixture_pmtiles f = {.n = 1,
                                      .tiles = tiles,
                                      .max_zoom = 1,
                                      .json = "{\"name\": 3, \"attribution\": \"<<b\"}",
                                      .box_deg = {41, 40, 20, 53}};
    struct tl_basemap *b = NULL;
    struct tl_buf file = {0};
    char *json = NULL;
    fixture_pmtiles(ctx, &f, &file);
    CHECK(fixture_write("b.pmtiles", file.text, file.size_bytes));
    CHECK_OK(tl_basemap_open(ctx, "b.pmtiles", &b));
    CHECK_OK(tl_basemap_json(ctx, b, &json));
    CHECK(strstr(json, "[-180.0,") != NULL && strstr(json, "\"name\":\"b.pmtiles\"") != NULL);
    tl_free(json);
    tl_basemap_close(b);
    tl_buf_fini(&file);
}
