#include "forecast/lanes.h"

bool tl_lanes_has(enum tl_lanes_kind kind)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (kind == TL_LANES_AVX2)
        return __builtin_cpu_supports("avx2");
    if (kind == TL_LANES_AVX512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
#endif
    return kind == TL_LANES_PLAIN;
}

enum tl_lanes_kind tl_lanes_best(void)
{
    return tl_lanes_has(TL_LANES_AVX512) ? TL_LANES_AVX512
           : tl_lanes_has(TL_LANES_AVX2) ? TL_LANES_AVX2
                                         : TL_LANES_PLAIN;
}
