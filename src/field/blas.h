/**
 * OpenBLAS' own threads are switched off while we work: our threads run along the tree, and what a kernel computes must not
 * depend on how many there are. The setting is the library's, one for the process; it is put back afterwards.
 */
#ifndef TL_FIELD_BLAS_H
#define TL_FIELD_BLAS_H

/** Number of threads BLAS had, for tl_blas_restore. */
int tl_blas_one_thread(void);
void tl_blas_restore(int n_threads);

#endif
