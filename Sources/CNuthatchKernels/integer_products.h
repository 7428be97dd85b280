// Sums of products of codes, as words hold them, and integers of 15 bits: exact on every instruction set.
//
// The including file says how products are made: nothing (32-bit products), HAS_PAIR_PRODUCTS (VPMADDWD; with
// HAS_WORD_PRODUCTS VPDPWSSD, which adds) or HAS_BYTE_PRODUCTS (VPDPBUSD). For the last an integer is two
// digits,
//
//     n = 128 a + b       |a| <= 127       -64 <= b < 64

#ifndef NUTHATCH_INTEGER_PRODUCTS_H
#define NUTHATCH_INTEGER_PRODUCTS_H

#include "lanes.h"

enum {
    INTEGER_LIMIT = 127 * 128 + 63,
    // Of what is added as integers: |sum n_i c_i| <= 16,319 * 255 * 512 < 2^31.
    SEGMENT_LENGTH = 512,
};

// A word holds 32 / bits codes. Products are made of fields of it, FIELD_BITS wide: shifted right by k * bits
// and masked, k < FIELD_BITS / bits, field f holds code k + f * (FIELD_BITS / bits). So there are FIELD_BITS
// / bits sets of fields in a word, and each meets one int32 per row, whose fields are those numbers; in
// bytes, two: their digits.
#if defined(HAS_BYTE_PRODUCTS)
enum { FIELD_BITS = 8, DIGITS = 2 };
#elif defined(HAS_PAIR_PRODUCTS)
enum { FIELD_BITS = 16, DIGITS = 1 };
#else
enum { FIELD_BITS = 32, DIGITS = 1 };
#endif

// The order in which 16 numbers meet the fields of the words that hold their codes.
#define ORDER_8_4 0, 2, 4, 6, 1, 3, 5, 7, 8, 10, 12, 14, 9, 11, 13, 15
#define ORDER_8_2 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15
#define ORDER_16_8 0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15
#define ORDER_16_4 0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15
#define ORDER_16_2 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15
#define ORDERED(ORDER) x = __builtin_shufflevector(x, x, ORDER)

LANES_INLINE int_lanes in_field_order(int_lanes x, int bits) {
#if defined(HAS_BYTE_PRODUCTS)
    if (bits == 4) ORDERED(ORDER_8_4);
    if (bits == 2) ORDERED(ORDER_8_2);
#elif defined(HAS_PAIR_PRODUCTS)
    if (bits == 8) ORDERED(ORDER_16_8);
    if (bits == 4) ORDERED(ORDER_16_4);
    if (bits == 2) ORDERED(ORDER_16_2);
#endif
    (void)bits;
    return x;
}

// Stores the digits of 16 numbers from the index-th on: [DIGITS][set of fields], `stride` from digit to
// digit.
LANES_INLINE void store_digits(int_lanes n, size_t index, int bits, int32_t *digits, size_t stride) {
    n = in_field_order(n, bits);
#if defined(HAS_BYTE_PRODUCTS)
    int_lanes upper = (n + 64) >> 7;
    int_lanes parts[DIGITS] = {upper, n - (upper << 7)};
    typedef int8_t narrow __attribute__((vector_size(16)));
#elif defined(HAS_PAIR_PRODUCTS)
    int_lanes parts[DIGITS] = {n};
    typedef int16_t narrow __attribute__((vector_size(32)));
#else
    int_lanes parts[DIGITS] = {n};
    typedef int32_t narrow __attribute__((vector_size(64)));
#endif
    int32_t *to = digits + index * FIELD_BITS / 32;
    for (int digit = 0; digit < DIGITS; digit++) {
        narrow part = __builtin_convertvector(parts[digit], narrow);
        memcpy(to + (size_t)digit * stride, &part, sizeof(part));
    }
}

#if defined(HAS_PAIR_PRODUCTS)
// sum + the products of each lane's two numbers of 16 bits with the two of `pair`.
LANES_INLINE int_lanes add_word_products(int_lanes sum, int_lanes words, int32_t pair) {
    __m256i halves[2], sums[2];
    memcpy(halves, &words, sizeof(halves));
    memcpy(sums, &sum, sizeof(sums));
    __m256i factor = _mm256_set1_epi32(pair);
    for (int half = 0; half < 2; half++) {
#if defined(HAS_WORD_PRODUCTS)
        sums[half] = _mm256_dpwssd_avx_epi32(sums[half], halves[half], factor);
#else
        sums[half] = _mm256_add_epi32(sums[half], _mm256_madd_epi16(halves[half], factor));
#endif
    }
    memcpy(&sum, sums, sizeof(sum));
    return sum;
}
#endif

// sum + products of a set of fields, `codes`, with a row's digit.
LANES_INLINE int_lanes add_products(int_lanes sum, int_lanes codes, int32_t digit) {
#if defined(HAS_BYTE_PRODUCTS)
    return (int_lanes)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)codes, _mm512_set1_epi32(digit));
#elif defined(HAS_PAIR_PRODUCTS)
    return add_word_products(sum, codes, digit);
#else
    return sum + codes * digit;
#endif
}

// sum n_i c_i from its digits' sums, rounded once.
LANES_INLINE lanes join_digits(const int_lanes *sums) {
#if defined(HAS_BYTE_PRODUCTS)
    return __builtin_convertvector((sums[0] << 7) + sums[1], lanes);
#else
    return __builtin_convertvector(sums[0], lanes);
#endif
}

#endif
