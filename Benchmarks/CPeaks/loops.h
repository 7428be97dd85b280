// The loops' common part. Chains are as many as hide the latency of one product behind the others, and as few
// as fit the registers: two products per cycle and four cycles of latency want eight.

#ifndef NUTHATCH_PEAK_LOOPS_H
#define NUTHATCH_PEAK_LOOPS_H

#include <stddef.h>
#include <string.h>

#include "include/peaks.h"

#define UNROLLED _Pragma("clang loop unroll(full)")

// How inline assembly asks for a register that holds a vector. No address of a sum is ever taken: they would
// lie in memory.
#if defined(__x86_64__)
#define VECTOR_REGISTER "x"
#elif defined(__aarch64__)
#define VECTOR_REGISTER "w"
#endif

// Takes a sum for read, so that the loop before can't be left out.
#define KEEP(sum) __asm__ volatile("" : : VECTOR_REGISTER(sum))

// Products of float32 in `chains` vectors of `bytes` bytes. With __builtin_elementwise_fma, which is what
// the kernels' lanes_fma is, `product` becomes what it becomes there.
#define FLOAT_LOOP(name, bytes, product, chains)                                                             \
    typedef float name##_vector __attribute__((vector_size(bytes)));                                         \
    static uint64_t name(uint64_t rounds) {                                                                  \
        name##_vector sums[chains] = {0};                                                                    \
        name##_vector half = (name##_vector){0} + 0.5f, one = (name##_vector){0} + 1.0f;                     \
        for (uint64_t round = 0; round < rounds; round++) {                                                  \
            UNROLLED for (size_t chain = 0; chain < (chains); chain++) {                                     \
                sums[chain] = product(sums[chain], half, one);                                               \
            }                                                                                                \
        }                                                                                                    \
        UNROLLED for (size_t chain = 0; chain < (chains); chain++) KEEP(sums[chain]);                        \
        return rounds * (chains) * ((bytes) / sizeof(float));                                                \
    }

// Products of bytes: `product(sum, a, b)` adds `count` single products to each of `chains` sums.
#define BYTE_LOOP(name, sum_type, operand_type, fill, product, chains, count)                                \
    static uint64_t name(uint64_t rounds) {                                                                  \
        sum_type sums[chains] = {0};                                                                         \
        operand_type a = fill(3), b = fill(5);                                                               \
        for (uint64_t round = 0; round < rounds; round++) {                                                  \
            /* Operands that may have changed: or else their products would be made once. */                 \
            __asm__ volatile("" : "+" VECTOR_REGISTER(a), "+" VECTOR_REGISTER(b));                           \
            UNROLLED for (size_t chain = 0; chain < (chains); chain++) {                                     \
                sums[chain] = product(sums[chain], a, b);                                                    \
            }                                                                                                \
        }                                                                                                    \
        UNROLLED for (size_t chain = 0; chain < (chains); chain++) KEEP(sums[chain]);                        \
        return rounds * (chains) * (count);                                                                  \
    }

extern const struct nuthatch_peaks nuthatch_peaks_scalar;
#if defined(__x86_64__)
extern const struct nuthatch_peaks nuthatch_peaks_avx2, nuthatch_peaks_avxvnni, nuthatch_peaks_avx512,
    nuthatch_peaks_avx512amx;
#elif defined(__aarch64__)
extern const struct nuthatch_peaks nuthatch_peaks_neon, nuthatch_peaks_neondot, nuthatch_peaks_neoni8mm;
#endif

#endif
