#include "unit.h"

#include "store/method.h"

/* Figures of the literature that the table claims to hold (domain.md, "Numbers"): d and q as means of their Betas. */
TEST(figures_are_those_of_their_sources)
{
    int n_seen = 0;
    for (int i = 0; i < tl_method_n_defaults; i++) {
        const struct tl_method *m = &tl_method_defaults[i];
        double q = m->per_pass_a / (m->per_pass_a + m->per_pass_b);
        if (strcmp(m->name, "metal detector") == 0) { /* blind trials: 50-70 % */
            n_seen++;
            CHECK(q >= 0.5 && q <= 0.7 && strstr(m->source, "JMU journal 8.2") != NULL);
        } else if (strcmp(m->name, "dogs") == 0) { /* 213 of 213 found */
            n_seen++;
            CHECK(m->per_pass_a == 214 && m->per_pass_b == 1 &&
                  strstr(m->source, "213 of 213") != NULL);
        } else { /* no figure, so it must say so, and be wide: worth fewer than 30 trials */
            CHECK(m->is_assumption && strncmp(m->source, "assumption: ", 12) == 0 &&
                  m->per_pass_a + m->per_pass_b < 30);
        }
    }
    CHECK(n_seen == 2);
}

TEST(pace_and_price_have_a_source_or_are_not_there)
{
    int n_paces = 0, n_prices = 0;
    for (int i = 0; i < tl_method_n_defaults; i++) {
        const struct tl_method *m = &tl_method_defaults[i];
        CHECK(isnan(m->m2_per_day) == (m->pace_source[0] == '\0'));
        CHECK(isnan(m->price_per_m2) == (m->price_source[0] == '\0'));
        CHECK(m->terrain_source[0] == '\0'); /* no source gives what terrain does */
        for (int k = 0; k < TL_METHOD_VEGETATION; k++)
            CHECK(m->vegetation_pace[k] == 1 && m->vegetation_detect[k] == 1);
        for (int k = 0; k < TL_METHOD_SLOPE; k++)
            CHECK(m->slope_pace[k] == 1 && m->slope_detect[k] == 1);
        if (strcmp(m->name, "manual") == 0)
            CHECK(m->m2_per_day_low == 10 && m->m2_per_day_high == 50 && m->price_per_m2 == 3);
        if (strcmp(m->name, "NTS") == 0) /* 6 USD/ha */
            CHECK(m->price_per_m2 == 6e-4 && !m->is_search);
        n_paces += !isnan(m->m2_per_day);
        n_prices += !isnan(m->price_per_m2);
    }
    CHECK(n_paces == 1 && n_prices == 2);
}
