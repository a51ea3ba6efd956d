#include "serve/steady.h"

#include <math.h>

double tl_steady_now(struct tl_steady *steady, double day_s, double clock_s)
{
    if (steady->clock_s > 0.0)
        day_s = fmax(day_s, steady->day_s + fmax(clock_s - steady->clock_s, 0.0));
    *steady = (struct tl_steady){day_s, clock_s};
    return day_s;
}
