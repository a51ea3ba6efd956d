#include "unit.h"

#include "tile/decode.h"
#include "tile/mvt.h"

static tl_err tag(struct tl_ctx *ctx, struct tl_mvt *mvt, int key, const struct tl_buf *value)
{
    return tl_mvt_tag(ctx, mvt, key, value->text, value->size_bytes);
}

TEST(what_is_written_reads_back)
{
    struct tl_mvt mvt = {0};
    struct tl_buf value = {0}, out = {0};
    static const int32_t ring[4][2] = {{-64, -64}, {4160, -64}, {4160, 4160}, {-64, 4160}},
                         line[3][2] = {{0, 0}, {1, -1}, {2000000000, 5}},
                         points[2][2] = {{7, 8}, {-9, 10}};
    CHECK_OK(tl_mvt_key(ctx, &mvt, "code"));
    CHECK_OK(tl_mvt_key(ctx, &mvt, "n"));
    for (int i = 0; i < 3000; i++) { /* many values: the table grows */
        char text[32];
        tl_mvt_begin(&mvt);
        tl_buf_clear(&value);
        CHECK_OK(tl_mvt_text(ctx, &value, text, snprintf(text, sizeof text, "HA-%d", i % 1000)));
        CHECK_OK(tag(ctx, &mvt, 0, &value));
        tl_buf_clear(&value);
        if (i % 3 == 0)
            CHECK_OK(tl_mvt_integer(ctx, &value, i % 2 ? i : -i));
        else if (i % 3 == 1)
            CHECK_OK(tl_mvt_real(ctx, &value, i + 0.25));
        else
            CHECK_OK(tl_mvt_yesno(ctx, &value, i % 2));
        CHECK_OK(tag(ctx, &mvt, 1, &value));
        if (i % 3 == 0)
            CHECK_OK(tl_mvt_path(ctx, &mvt, TL_MVT_POLYGON, 4, ring));
        else if (i % 3 == 1)
            CHECK_OK(tl_mvt_path(ctx, &mvt, TL_MVT_LINE, 3, line));
        else
            CHECK_OK(tl_mvt_path(ctx, &mvt, TL_MVT_POINT, 2, points));
        CHECK_OK(tl_mvt_end(ctx, &mvt,
                            i % 3 == 0   ? TL_MVT_POLYGON
                            : i % 3 == 1 ? TL_MVT_LINE
                                         : TL_MVT_POINT,
                            i + 1));
    }
    tl_mvt_begin(&mvt);
    CHECK_OK(tl_mvt_path(ctx, &mvt, TL_MVT_POLYGON, 2, ring)); /* no ring */
    CHECK_OK(tl_mvt_end(ctx, &mvt, TL_MVT_POLYGON, 9));
    CHECK(mvt.n_features == 3000 && mvt.n_values == 1000 + 1000 + 1000 + 2);
    CHECK_OK(tl_mvt_finish(ctx, &mvt, "hazard-area", 4096, &out));
    struct decode *d = decode_tile((const uint8_t *)out.text, out.size_bytes);
    CHECK(d != NULL && d->version == 2 && d->extent == 4096 && d->n_features == 3000);
    CHECK_STR(d->layer, "hazard-area");
    for (int i = 0; i < 3000; i++) {
        char text[32];
        const struct decode_feature *f = &d->features[i];
        snprintf(text, sizeof text, "HA-%d", i % 1000);
        CHECK_STR(decode_text(d, i, "code"), text);
        CHECK(f->id == i + 1 && f->n_tags == 2);
        const int32_t *at = d->xy[d->paths[f->first_path][0]];
        double number = decode_get(d, i, "n")->number;
        if (i % 3 == 0)
            CHECK(f->type == 3 && number == (i % 2 ? i : -i) && f->n_paths == 1 &&
                  d->closed[f->first_path] && at[0] == -64);
        if (i % 3 == 1)
            CHECK(f->type == 2 && number == i + 0.25 && d->paths[f->first_path][1] == 3 &&
                  at[4] == 2000000000);
        if (i % 3 == 2)
            CHECK(f->type == 1 && number == i % 2 && f->n_paths == 2 && at[2] == -9);
    }
    decode_free(d);
    tl_buf_fini(&value);
    tl_buf_fini(&out);
    tl_mvt_fini(&mvt);
}

static tl_err small(struct tl_ctx *ctx)
{
    struct tl_mvt mvt = {0};
    struct tl_buf out = {0};
    static const int32_t point[1][2] = {{7, 8}};
    tl_err err = TL_OK;
    TL_TRY(tl_mvt_key(ctx, &mvt, "code"));
    tl_mvt_begin(&mvt);
    TL_TRY(tl_mvt_tag(ctx, &mvt, 0, "\x0a\x01x", 3));
    TL_TRY(tl_mvt_path(ctx, &mvt, TL_MVT_POINT, 1, point));
    TL_TRY(tl_mvt_end(ctx, &mvt, TL_MVT_POINT, 1));
    TL_TRY(tl_mvt_finish(ctx, &mvt, "l", 4096, &out));
done:
    tl_buf_fini(&out);
    tl_mvt_fini(&mvt);
    return err;
}

TEST(each_allocation_may_fail)
{
    CHECK_EVERY_ALLOC(ctx, small(ctx));
}
