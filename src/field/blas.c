#include "field/blas.h"

#include <cblas.h>

int tl_blas_one_thread(void)
{
    int before = openblas_get_num_threads();
    if (before != 1)
        openblas_set_num_threads(1);
    return before;
}

void tl_blas_restore(int n_threads)
{
    if (n_threads != 1)
        openblas_set_num_threads(n_threads);
}
