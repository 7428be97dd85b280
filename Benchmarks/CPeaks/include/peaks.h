// What kernels are held against, and so must not get better or worse with them: loops of independent products
// on registers, which nothing in memory holds up, and of reading, which no product holds up.

#ifndef NUTHATCH_PEAKS_H
#define NUTHATCH_PEAKS_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

struct nuthatch_peaks {
    /// The kernel table whose instructions these are.
    const char *table;
    /// Does `rounds` rounds of fused products of float32; returns how many single products those were.
    uint64_t (*multiply_floats)(uint64_t rounds);
    /// Multiplies bytes, summed in 32 bits.
    uint64_t (*multiply_bytes)(uint64_t rounds);
};

/// The peaks of the kernel table of this name, which the CPU has to have; null for a
/// name that none is known for.
const struct nuthatch_peaks *_Nullable nuthatch_peaks(const char *table);

/// Reads memory once, in four places at a time, and returns a sum of it; `byte_count` is a multiple of 256.
/// From front to back a thread gets some two thirds of that: hardware fetches ahead for each place by itself.
uint64_t nuthatch_read(const void *bytes, size_t byte_count);

/// Seconds of processor time that the calling thread has had: what it waits while others run is left out.
double nuthatch_thread_seconds(void);

#pragma clang assume_nonnull end

#endif
