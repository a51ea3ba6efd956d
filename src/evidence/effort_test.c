#include "unit.h"

#include "evidence/effort.h"

/* Chance that one pass, and very many, find an item, by total probability over "the lot failed" and
 * "it did not". */
static double found(const struct tl_method *m, double passes)
{
    double d = m->detectable_a / (m->detectable_a + m->detectable_b);
    double q = m->per_pass_a / (m->per_pass_a + m->per_pass_b);
    double works = d * (1.0 - pow(1.0 - q, passes));
    return (1.0 - m->process_failure) * works + m->process_failure * m->process_failure_p;
}

TEST(process_failure_is_exact_at_one_pass_and_in_the_limit)
{
    static const struct tl_method methods[] = {
        {.detectable_a = 18,
         .detectable_b = 2,
         .per_pass_a = 12,
         .per_pass_b = 4,
         .process_failure = 0.02,
         .process_failure_p = 0.5},
        {.detectable_a = 1,
         .detectable_b = 1,
         .per_pass_a = 1,
         .per_pass_b = 9,
         .process_failure = 0.3,
         .process_failure_p = 0.1},
        {.detectable_a = 5, .detectable_b = 0, .per_pass_a = 5, .per_pass_b = 0},
        {.detectable_a = 5,
         .detectable_b = 5,
         .per_pass_a = 5,
         .per_pass_b = 5,
         .process_failure = 1.0,
         .process_failure_p = 0.25}};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        struct tl_cover_method m = tl_miss_method(&methods[i]);
        CHECK_NEAR(m.detectable * m.per_pass, found(&methods[i], 1.0), 1e-12);
        CHECK_NEAR(m.detectable, found(&methods[i], 1e9), 1e-12);
        CHECK(m.detectable <= 1.0 && m.per_pass <= 1.0);
    }
    struct tl_method none = {
        .detectable_a = 0, .detectable_b = 5, .per_pass_a = 1, .per_pass_b = 1};
    CHECK(tl_miss_method(&none).detectable == 0.0 && tl_miss_method(&none).per_pass == 0.0);
}
