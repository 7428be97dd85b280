#ifndef NUTHATCH_DEQUANTIZE_H
#define NUTHATCH_DEQUANTIZE_H

#include <stddef.h>
#include <stdint.h>

// Block formats of the GGUF specification (ggml's ggml-common.h) and what their bytes mean.
//
// d: scale, m: minimum, both float16 bits; K formats nest: d and dmin scale small integers that in turn scale
// 16 or 32 codes. A code's value is d * q, d * q + m, or (K) (d * scale) * q - (dmin * minimum).

// Codes of elements i and i + 16 in the low and high half of codes[i]; value d * (q - 8).
typedef struct {
    uint16_t d;
    uint8_t codes[16];
} NuthatchBlockQ4_0;
_Static_assert(sizeof(NuthatchBlockQ4_0) == 18, "4.5 bits per weight");

// As above; value d * q + m.
typedef struct {
    uint16_t d;
    uint16_t m;
    uint8_t codes[16];
} NuthatchBlockQ4_1;
_Static_assert(sizeof(NuthatchBlockQ4_1) == 20, "5 bits per weight");

// Bit i of high_bits (little-endian) is bit 4 of element i's code; value d * (q - 16).
typedef struct {
    uint16_t d;
    uint8_t high_bits[4];
    uint8_t codes[16];
} NuthatchBlockQ5_0;
_Static_assert(sizeof(NuthatchBlockQ5_0) == 22, "5.5 bits per weight");

// As above; value d * q + m.
typedef struct {
    uint16_t d;
    uint16_t m;
    uint8_t high_bits[4];
    uint8_t codes[16];
} NuthatchBlockQ5_1;
_Static_assert(sizeof(NuthatchBlockQ5_1) == 24, "6 bits per weight");

// value d * q.
typedef struct {
    uint16_t d;
    int8_t codes[32];
} NuthatchBlockQ8_0;
_Static_assert(sizeof(NuthatchBlockQ8_0) == 34, "8.5 bits per weight");

// 16 groups of 16. scales[g]: scale in the low half, minimum in the high one. Each 128 elements take 32
// bytes of codes: element 32 s + i is bits 2 s of byte i.
typedef struct {
    uint8_t scales[16];
    uint8_t codes[64];
    uint16_t d;
    uint16_t dmin;
} NuthatchBlockQ2_K;
_Static_assert(sizeof(NuthatchBlockQ2_K) == 84, "2.625 bits per weight");

// 16 groups of 16, codes as in Q2_K; bit (element / 32) of high_bits[element % 32] is bit 2 of a
// code that 4 is subtracted from.
// scales: 6 bits, offset by 32; low halves in bytes 0...7 (groups g and g + 8 share one), high pairs in
// bytes 8...11 (groups g, g + 4, g + 8, g + 12 share one).
typedef struct {
    uint8_t high_bits[32];
    uint8_t codes[64];
    uint8_t scales[12];
    uint16_t d;
} NuthatchBlockQ3_K;
_Static_assert(sizeof(NuthatchBlockQ3_K) == 110, "3.4375 bits per weight");

// 8 groups of 32. Each 64 elements take 32 bytes of codes: low halves first. scales: 6-bit scales and
// minimums; groups 0...3 in the low six bits of bytes 0...3 and 4...7, groups 4...7 in the halves of bytes
// 8...11 (scale low, minimum high) with their top two bits in those of bytes 0...7.
typedef struct {
    uint16_t d;
    uint16_t dmin;
    uint8_t scales[12];
    uint8_t codes[128];
} NuthatchBlockQ4_K;
_Static_assert(sizeof(NuthatchBlockQ4_K) == 144, "4.5 bits per weight");

// As Q4_K; bit (element / 32) of high_bits[element % 32] is bit 4 of the code.
typedef struct {
    uint16_t d;
    uint16_t dmin;
    uint8_t scales[12];
    uint8_t high_bits[32];
    uint8_t codes[128];
} NuthatchBlockQ5_K;
_Static_assert(sizeof(NuthatchBlockQ5_K) == 176, "5.5 bits per weight");

// 16 groups of 16, value (d * scale) * (q - 32). Each 128 elements take 64 bytes of codes (low four bits:
// elements 0...63 in the low halves, 64...127 in the high ones) and 32 of high_bits (two bits of elements
// i, i + 32, i + 64, i + 96 in byte i).
typedef struct {
    uint8_t codes[128];
    uint8_t high_bits[64];
    int8_t scales[16];
    uint16_t d;
} NuthatchBlockQ6_K;
_Static_assert(sizeof(NuthatchBlockQ6_K) == 210, "6.5625 bits per weight");

// Each decodes block_count blocks, at any alignment, into the float32 values of all their elements in order.
// f32, f16 and bf16 have blocks of one element.
void nuthatch_dequantize_f32(const void *blocks, float *values, ptrdiff_t block_count);
void nuthatch_dequantize_f16(const void *blocks, float *values, ptrdiff_t block_count);
void nuthatch_dequantize_bf16(const void *blocks, float *values, ptrdiff_t block_count);
void nuthatch_dequantize_q4_0(const void *blocks, float *values, ptrdiff_t block_count);
void nuthatch_dequantize_q4_1(const void *blocks, float *values, ptrdiff_t block_count);
void nuthatch_dequantize_q5_0(const void *blocks, float *values, ptrdiff_t block_count);
void nuthatch_dequantize_q5_1(const void *blocks, float *values, ptrdiff_t block_count);
void nuthatch_dequantize_q8_0(const void *blocks, float *values, ptrdiff_t block_count);
void nuthatch_dequantize_q2_k(const void *blocks, float *values, ptrdiff_t block_count);
void nuthatch_dequantize_q3_k(const void *blocks, float *values, ptrdiff_t block_count);
void nuthatch_dequantize_q4_k(const void *blocks, float *values, ptrdiff_t block_count);
void nuthatch_dequantize_q5_k(const void *blocks, float *values, ptrdiff_t block_count);
void nuthatch_dequantize_q6_k(const void *blocks, float *values, ptrdiff_t block_count);

#endif
