// Sums of products of codes with integers of 15 bits, two of each at a time: for many rows, which share codes
// that are widened to 16 bits once. The same integers as in integer_products.h.
//
// The including file says how products are made: HAS_BYTE_PRODUCTS (VPDPWSSD of 64 bytes),
// HAS_PAIR_PRODUCTS with or without HAS_WORD_PRODUCTS (VPDPWSSD of 32 bytes, VPMADDWD), or nothing (NEON, or
// 32-bit products). PAIR_PRODUCT_TARGET is tuned for a processor on which a product that adds is one
// operation: for others the compiler makes two of it, which wait less for each other but take twice the room.

#ifndef NUTHATCH_PAIR_PRODUCTS_H
#define NUTHATCH_PAIR_PRODUCTS_H

#if defined(__aarch64__)
#include <arm_neon.h>
#endif

#include "integer_products.h"

#ifndef PAIR_PRODUCT_TARGET
#define PAIR_PRODUCT_TARGET
#endif

typedef int16_t short_lanes __attribute__((vector_size(64)));

// Two codes of each lane, from fields of 16 bits, as add_pairs takes them: side by side, or, for NEON, which
// multiplies whole vectors by one number, the first of all lanes before the second of all.
LANES_INLINE int_lanes make_pairs(int_lanes fields) {
#if defined(__aarch64__)
    typedef int16_t narrow __attribute__((vector_size(32)));
    narrow first = __builtin_convertvector(fields, narrow);
    narrow second = __builtin_convertvector(fields >> 16, narrow);
    int_lanes pairs;
    memcpy(&pairs, &first, sizeof(first));
    memcpy((char *)&pairs + sizeof(first), &second, sizeof(second));
    return pairs;
#else
    return fields;
#endif
}

// sum + products of two codes of each lane with a row's two integers, the first in the lower half of `pair`.
LANES_INLINE int_lanes add_pairs(int_lanes sum, int_lanes codes, int32_t pair) {
#if defined(HAS_BYTE_PRODUCTS)
    return (int_lanes)_mm512_dpwssd_epi32((__m512i)sum, (__m512i)codes, _mm512_set1_epi32(pair));
#elif defined(HAS_PAIR_PRODUCTS)
    return add_word_products(sum, codes, pair);
#elif defined(__aarch64__)
    int16x4_t halves[8];
    int32x4_t sums[4];
    memcpy(halves, &codes, sizeof(halves));
    memcpy(sums, &sum, sizeof(sums));
    for (int part = 0; part < 4; part++) {
        sums[part] = vmlal_n_s16(sums[part], halves[part], (int16_t)pair);
        sums[part] = vmlal_n_s16(sums[part], halves[part + 4], (int16_t)(pair >> 16));
    }
    memcpy(&sum, sums, sizeof(sum));
    return sum;
#else
    return sum + (codes & 0xffff) * (int16_t)pair + (codes >> 16) * (pair >> 16);
#endif
}

// Indices of the low halves of 32 bits of two vectors, 16 numbers of each in an order.
#define LOW_HALVES(A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P)                                           \
    2 * (A), 2 * (B), 2 * (C), 2 * (D), 2 * (E), 2 * (F), 2 * (G), 2 * (H), 2 * (I), 2 * (J), 2 * (K),       \
        2 * (L), 2 * (M), 2 * (N), 2 * (O), 2 * (P), 2 * (A) + 32, 2 * (B) + 32, 2 * (C) + 32, 2 * (D) + 32, \
        2 * (E) + 32, 2 * (F) + 32, 2 * (G) + 32, 2 * (H) + 32, 2 * (I) + 32, 2 * (J) + 32, 2 * (K) + 32,    \
        2 * (L) + 32, 2 * (M) + 32, 2 * (N) + 32, 2 * (O) + 32, 2 * (P) + 32
#define PICK_LOW_HALVES(ORDER) __builtin_shufflevector((short_lanes)a, (short_lanes)b, ORDER)
#define IN_ORDER(...) LOW_HALVES(__VA_ARGS__)

// The 16 low bits of each of 32 numbers, in the order in which they meet the fields of words.
LANES_INLINE short_lanes low_halves(int_lanes a, int_lanes b, int bits) {
    switch (bits) {
    case 2: return PICK_LOW_HALVES(IN_ORDER(ORDER_16_2));
    case 4: return PICK_LOW_HALVES(IN_ORDER(ORDER_16_4));
    default: return PICK_LOW_HALVES(IN_ORDER(ORDER_16_8));
    }
}

#endif
