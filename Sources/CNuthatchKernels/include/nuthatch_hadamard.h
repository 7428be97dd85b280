// Rotation by a Hadamard matrix, as quantised caches hold keys and values.

#ifndef NUTHATCH_HADAMARD_H
#define NUTHATCH_HADAMARD_H

#include <stddef.h>

#pragma clang assume_nonnull begin

/// Multiplies vectors of `dimension` numbers, `stride` floats apart, by a normalised Hadamard matrix
/// (Sylvester's order) in place. Each vector is cut into blocks of the largest power of two that divides
/// `dimension`. The matrix is its own inverse.
void nuthatch_hadamard(float *vectors, size_t count, size_t stride, size_t dimension);

#pragma clang assume_nonnull end

#endif
