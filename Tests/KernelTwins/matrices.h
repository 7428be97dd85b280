// Matrices of every weight format, as files hold them and as panels.

#ifndef KERNEL_TWINS_MATRICES_H
#define KERNEL_TWINS_MATRICES_H

#include "nuthatch_panels.h"
#include "samples.h"

/// Numbers of a block, and its bytes.
size_t block_length_of(enum nuthatch_format format);
size_t block_bytes_of(enum nuthatch_format format);

enum matrix_kind {
    /// Random codes, factors of moderate size and both signs.
    MATRIX_MODERATE,
    /// Any factors, infinities and NaN too.
    MATRIX_SPECIAL,
    /// Blocks of least and of largest codes, where integers as narrow as can be are full.
    MATRIX_EXTREME,
    MATRIX_KIND_COUNT,
};

/// Rows one past an aligned address, for files promise no alignment.
uint8_t *sample_rows(struct samples *samples, enum nuthatch_format format, size_t row_count,
                     size_t column_count, enum matrix_kind kind);

/// Rows packed in panels of the format's own layout.
struct nuthatch_panels packed_rows(enum nuthatch_format format, const uint8_t *rows, size_t row_count,
                                   size_t column_count);

#endif
