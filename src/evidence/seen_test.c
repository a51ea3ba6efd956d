#include "unit.h"

#include "evidence/reader.h"
#include "evidence/seen.h"

TEST(a_fingerprint_is_new_once)
{
    struct tl_seen seen = {NULL};
    CHECK_OK(tl_seen_init(ctx, &seen));
    for (int i = 0; i < 20000; i++) {
        double xy[2] = {30.0 + i * 1e-5, 50.0};
        CHECK(!tl_seen_add(&seen, tl_reader_fingerprint(1, xy, "1990")));
        CHECK(!tl_seen_add(&seen, tl_reader_fingerprint(1, xy, "1991")));
    }
    for (int i = 0; i < 20000; i++) {
        double xy[2] = {30.0 + i * 1e-5, 50.0};
        CHECK(tl_seen_add(&seen, tl_reader_fingerprint(1, xy, "1990")));
    }
    tl_seen_fini(&seen);
}

TEST(the_oldest_is_forgotten_first)
{
    struct tl_seen seen = {NULL};
    CHECK_OK(tl_seen_init(ctx, &seen));
    for (uint64_t i = 1; i <= 9; i++)
        CHECK(!tl_seen_add(&seen, i << 40)); /* all in one bucket of eight */
    CHECK(tl_seen_add(&seen, (uint64_t)2 << 40));
    CHECK(!tl_seen_add(&seen, (uint64_t)1 << 40));
    tl_seen_fini(&seen);
}
