#include "unit.h"

#include "serve/steady.h"

TEST(time_goes_on_when_the_clock_is_set_back)
{
    struct tl_steady steady = {0};
    CHECK_NEAR(tl_steady_now(&steady, 1e9, 50.0), 1e9, 0);
    CHECK_NEAR(tl_steady_now(&steady, 1e9 + 10.0, 60.0), 1e9 + 10.0, 0);
    /* An hour back: the second clock counts on. */
    CHECK_NEAR(tl_steady_now(&steady, 1e9 - 3590.0, 65.0), 1e9 + 15.0, 0);
    CHECK_NEAR(tl_steady_now(&steady, 1e9 - 3580.0, 75.0), 1e9 + 25.0, 0);
    /* Right again, and a machine that slept for a day. */
    CHECK_NEAR(tl_steady_now(&steady, 1e9 + 30.0, 80.0), 1e9 + 30.0, 0);
    CHECK_NEAR(tl_steady_now(&steady, 1e9 + 86430.0, 81.0), 1e9 + 86430.0, 0);
    /* A second clock that goes back, which none should, takes nothing away. */
    CHECK_NEAR(tl_steady_now(&steady, 1e9, 3.0), 1e9 + 86430.0, 0);
}
