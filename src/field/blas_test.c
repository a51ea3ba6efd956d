#include "unit.h"

#include "field/blas.h"

TEST(number_of_threads_is_put_back)
{
    int first = tl_blas_one_thread();
    CHECK(first >= 1);
    CHECK(tl_blas_one_thread() == 1);
    tl_blas_restore(first);
    CHECK(tl_blas_one_thread() == first);
    tl_blas_restore(first);
}
