// Matrices of every weight format, as files hold them and as panels.

#ifndef KERNEL_TWINS_MATRICES_H
#define KERNEL_TWINS_MATRICES_H

#include "nuthatch_panels.h"
#include "samples.h"

/// Numbers of a block, and its bytes.
size_t block_length_of(enum nuthatch_format format);
size_t block_bytes_of(enum nuthatch_format format);

/// Rows one past an aligned address, for files promise no alignment: random codes, factors of moderate size
/// and both signs, or any factors at all.
uint8_t *sample_rows(struct samples *samples, enum nuthatch_format format, size_t row_count,
                     size_t column_count, int has_any_factors);

/// The same rows in panels of the format's own layout.
struct nuthatch_panels packed_rows(enum nuthatch_format format, const uint8_t *rows, size_t row_count,
                                   size_t column_count);

#endif
