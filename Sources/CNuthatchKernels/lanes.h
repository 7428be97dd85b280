// The machine every kernel outside the integer products is written for: 16 lanes of float32, in the
// compiler's vector extension. A file compiled for AVX-512 gets one register per value, for AVX2 two, for
// NEON or plain x86-64 four, and all of them the same IEEE operations in the same order: equal bits
// everywhere. That needs
//  - contraction off: a product and a sum fuse only where fma is written;
//  - no library functions except correctly rounded ones (fma, sqrt);
//  - sums across lanes in one fixed tree.
//
// Included after the target pragma of the including file.

#ifndef NUTHATCH_LANES_H
#define NUTHATCH_LANES_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF
// Every function that takes or returns vectors is inlined, so no calling convention matters.
#pragma clang diagnostic ignored "-Wpsabi"

enum { LANES = 16 };

typedef float lanes __attribute__((vector_size(64)));
typedef int32_t int_lanes __attribute__((vector_size(64)));
typedef uint32_t uint_lanes __attribute__((vector_size(64)));
typedef uint16_t half_lanes __attribute__((vector_size(32)));
typedef int8_t byte_lanes __attribute__((vector_size(16)));

#define LANES_INLINE static inline __attribute__((always_inline, unused))

LANES_INLINE lanes lanes_fill(float value) {
    return (lanes){value, value, value, value, value, value, value, value,
                   value, value, value, value, value, value, value, value};
}

LANES_INLINE lanes lanes_load(const float *from) {
    lanes result;
    memcpy(&result, from, sizeof(result));
    return result;
}

LANES_INLINE void lanes_store(float *to, lanes value) {
    memcpy(to, &value, sizeof(value));
}

// The first `count` < 16 numbers, zeros behind: a tail runs the operations of a full vector.
LANES_INLINE lanes lanes_load_some(const float *from, size_t count) {
    lanes result = {0};
    memcpy(&result, from, count * sizeof(float));
    return result;
}

LANES_INLINE void lanes_store_some(float *to, lanes value, size_t count) {
    memcpy(to, &value, count * sizeof(float));
}

LANES_INLINE lanes lanes_fma(lanes a, lanes b, lanes c) {
    return __builtin_elementwise_fma(a, b, c);
}

LANES_INLINE lanes lanes_select(int_lanes condition, lanes yes, lanes no) {
    return (lanes)((condition & (int_lanes)yes) | (~condition & (int_lanes)no));
}

LANES_INLINE lanes lanes_magnitude(lanes x) {
    return (lanes)((int_lanes)x & 0x7fffffff);
}

// The lanes `width` further on, in the first lanes; anything behind.
#define LANES_FROM(x, width)                                                                                 \
    __builtin_shufflevector(x, x, (width) % 16, ((width) + 1) % 16, ((width) + 2) % 16, ((width) + 3) % 16,  \
                            ((width) + 4) % 16, ((width) + 5) % 16, ((width) + 6) % 16, ((width) + 7) % 16,  \
                            -1, -1, -1, -1, -1, -1, -1, -1)

// Lane i + lane i + 8, then + 4, + 2, + 1.
LANES_INLINE float lanes_sum(lanes x) {
    x += LANES_FROM(x, 8);
    x += LANES_FROM(x, 4);
    x += LANES_FROM(x, 2);
    x += LANES_FROM(x, 1);
    return x[0];
}

// binary16 to binary32 in integers, exact. Shifting the 15 bits of a half up by 13 makes a float whose
// exponent is 112 too small; multiplying by 2^112 repairs that, subnormals included. Infinity and NaN
// (exponent 31 becomes 31 + 112 = 143) get the float's own, 255, by setting all exponent bits.
LANES_INLINE lanes lanes_from_half(half_lanes half) {
    uint_lanes bits = __builtin_convertvector(half, uint_lanes);
    lanes magnitude = (lanes)((bits & 0x7fff) << 13) * lanes_fill(0x1p112f);
    int_lanes special = (int_lanes)((bits & 0x7c00) == 0x7c00);
    uint_lanes result = (uint_lanes)magnitude | ((uint_lanes)special & 0x7f800000u);
    return (lanes)(result | ((bits & 0x8000) << 16));
}

#endif
