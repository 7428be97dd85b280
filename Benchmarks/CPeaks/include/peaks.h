// What an instruction set multiplies at most: loops of independent products on registers, which nothing in
// memory holds up. Kernels are held against these, so they must not get better or worse with the kernels.

#ifndef NUTHATCH_PEAKS_H
#define NUTHATCH_PEAKS_H

#include <stdint.h>

#pragma clang assume_nonnull begin

struct nuthatch_peaks {
    /// The kernel table whose instructions these are.
    const char *table;
    /// Does `rounds` rounds of fused products of float32; returns how many single products those were.
    uint64_t (*multiply_floats)(uint64_t rounds);
    /// The same with products of bytes that are summed in 32 bits.
    uint64_t (*multiply_bytes)(uint64_t rounds);
};

/// Those of the kernel table of this name, which the CPU has to have; null for a name that none is known for.
const struct nuthatch_peaks *_Nullable nuthatch_peaks(const char *table);

#pragma clang assume_nonnull end

#endif
