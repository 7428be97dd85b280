// What the bytes of every weight format mean, in portable C: the definition that faster readers answer to.

#include "nuthatch_dequantize.h"

#include <string.h>

// Each product and each sum is rounded to float32, as the reference does; a fused multiply-add would not.
#pragma STDC FP_CONTRACT OFF

// memcpy, since blocks lie at any alignment in a mapped file.
#define LOAD_BLOCK(Type, name, blocks, index) \
    Type name;                                \
    memcpy(&name, (const uint8_t *)(blocks) + (index) * (ptrdiff_t)sizeof(Type), sizeof(Type))

static float float_from_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

// IEEE 754 binary16 to binary32: exact for every input.
static float float_from_half(uint16_t half) {
    const uint32_t sign = (uint32_t)(half & 0x8000u) << 16;
    const uint32_t exponent = (half >> 10) & 0x1Fu;
    const uint32_t fraction = half & 0x3FFu;
    if (exponent == 0) {
        // Zero and subnormals: fraction * 2^-24, exact in float32.
        const float magnitude = (float)fraction * 0x1p-24f;
        return sign ? -magnitude : magnitude;
    }
    // Infinities and NaNs keep all exponent bits; others are rebiased from 15 to 127.
    const uint32_t wide_exponent = exponent == 0x1Fu ? 0xFFu : exponent + (127u - 15u);
    return float_from_bits(sign | wide_exponent << 23 | fraction << 13);
}

void nuthatch_dequantize_f32(const void *blocks, float *values, ptrdiff_t block_count) {
    memcpy(values, blocks, (size_t)block_count * sizeof(float));
}

void nuthatch_dequantize_f16(const void *blocks, float *values, ptrdiff_t block_count) {
    for (ptrdiff_t i = 0; i < block_count; i++) {
        LOAD_BLOCK(uint16_t, half, blocks, i);
        values[i] = float_from_half(half);
    }
}

void nuthatch_dequantize_bf16(const void *blocks, float *values, ptrdiff_t block_count) {
    for (ptrdiff_t i = 0; i < block_count; i++) {
        LOAD_BLOCK(uint16_t, top_half, blocks, i);
        values[i] = float_from_bits((uint32_t)top_half << 16);
    }
}

void nuthatch_dequantize_q4_0(const void *blocks, float *values, ptrdiff_t block_count) {
    for (ptrdiff_t b = 0; b < block_count; b++, values += 32) {
        LOAD_BLOCK(NuthatchBlockQ4_0, block, blocks, b);
        const float d = float_from_half(block.d);
        for (int i = 0; i < 16; i++) {
            values[i] = d * (float)((block.codes[i] & 0x0F) - 8);
            values[i + 16] = d * (float)((block.codes[i] >> 4) - 8);
        }
    }
}

void nuthatch_dequantize_q4_1(const void *blocks, float *values, ptrdiff_t block_count) {
    for (ptrdiff_t b = 0; b < block_count; b++, values += 32) {
        LOAD_BLOCK(NuthatchBlockQ4_1, block, blocks, b);
        const float d = float_from_half(block.d);
        const float m = float_from_half(block.m);
        for (int i = 0; i < 16; i++) {
            values[i] = d * (float)(block.codes[i] & 0x0F) + m;
            values[i + 16] = d * (float)(block.codes[i] >> 4) + m;
        }
    }
}

// Little-endian, whatever the machine.
static uint32_t load_high_bits(const uint8_t bytes[4]) {
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

void nuthatch_dequantize_q5_0(const void *blocks, float *values, ptrdiff_t block_count) {
    for (ptrdiff_t b = 0; b < block_count; b++, values += 32) {
        LOAD_BLOCK(NuthatchBlockQ5_0, block, blocks, b);
        const float d = float_from_half(block.d);
        const uint32_t high_bits = load_high_bits(block.high_bits);
        for (int i = 0; i < 16; i++) {
            const int first = (block.codes[i] & 0x0F) | (int)(high_bits >> i & 1) << 4;
            const int second = (block.codes[i] >> 4) | (int)(high_bits >> (i + 16) & 1) << 4;
            values[i] = d * (float)(first - 16);
            values[i + 16] = d * (float)(second - 16);
        }
    }
}

void nuthatch_dequantize_q5_1(const void *blocks, float *values, ptrdiff_t block_count) {
    for (ptrdiff_t b = 0; b < block_count; b++, values += 32) {
        LOAD_BLOCK(NuthatchBlockQ5_1, block, blocks, b);
        const float d = float_from_half(block.d);
        const float m = float_from_half(block.m);
        const uint32_t high_bits = load_high_bits(block.high_bits);
        for (int i = 0; i < 16; i++) {
            const int first = (block.codes[i] & 0x0F) | (int)(high_bits >> i & 1) << 4;
            const int second = (block.codes[i] >> 4) | (int)(high_bits >> (i + 16) & 1) << 4;
            values[i] = d * (float)first + m;
            values[i + 16] = d * (float)second + m;
        }
    }
}

void nuthatch_dequantize_q8_0(const void *blocks, float *values, ptrdiff_t block_count) {
    for (ptrdiff_t b = 0; b < block_count; b++, values += 32) {
        LOAD_BLOCK(NuthatchBlockQ8_0, block, blocks, b);
        const float d = float_from_half(block.d);
        for (int i = 0; i < 32; i++) {
            values[i] = d * (float)block.codes[i];
        }
    }
}

// Q2_K and Q3_K: the bytes that hold a group's two-bit codes, and how far to shift them.
static const uint8_t *two_bit_codes(const uint8_t codes[64], int group, int *shift) {
    *shift = group % 8 / 2 * 2;
    return codes + group / 8 * 32 + group % 2 * 16;
}

void nuthatch_dequantize_q2_k(const void *blocks, float *values, ptrdiff_t block_count) {
    for (ptrdiff_t b = 0; b < block_count; b++) {
        LOAD_BLOCK(NuthatchBlockQ2_K, block, blocks, b);
        const float d = float_from_half(block.d);
        const float dmin = float_from_half(block.dmin);
        for (int group = 0; group < 16; group++, values += 16) {
            const float scale = d * (float)(block.scales[group] & 0x0F);
            const float minimum = dmin * (float)(block.scales[group] >> 4);
            int shift;
            const uint8_t *codes = two_bit_codes(block.codes, group, &shift);
            for (int i = 0; i < 16; i++) {
                values[i] = scale * (float)((codes[i] >> shift) & 3) - minimum;
            }
        }
    }
}

void nuthatch_dequantize_q3_k(const void *blocks, float *values, ptrdiff_t block_count) {
    for (ptrdiff_t b = 0; b < block_count; b++) {
        LOAD_BLOCK(NuthatchBlockQ3_K, block, blocks, b);
        const float d = float_from_half(block.d);
        for (int group = 0; group < 16; group++, values += 16) {
            const int low = (block.scales[group % 8] >> (group / 8 * 4)) & 0x0F;
            const int high = (block.scales[8 + group % 4] >> (group / 4 * 2)) & 3;
            const float scale = d * (float)((low | high << 4) - 32);
            int shift;
            const uint8_t *codes = two_bit_codes(block.codes, group, &shift);
            const uint8_t *high_bits = block.high_bits + group % 2 * 16;
            for (int i = 0; i < 16; i++) {
                const int code = ((codes[i] >> shift) & 3) | ((high_bits[i] >> (group / 2)) & 1) << 2;
                values[i] = scale * (float)(code - 4);
            }
        }
    }
}

// The six-bit scale and minimum of a group of 32 in Q4_K or Q5_K.
static void six_bit_scales(const uint8_t scales[12], int group, int *scale, int *minimum) {
    if (group < 4) {
        *scale = scales[group] & 0x3F;
        *minimum = scales[group + 4] & 0x3F;
    } else {
        *scale = (scales[group + 4] & 0x0F) | (scales[group - 4] >> 6) << 4;
        *minimum = (scales[group + 4] >> 4) | (scales[group] >> 6) << 4;
    }
}

void nuthatch_dequantize_q4_k(const void *blocks, float *values, ptrdiff_t block_count) {
    for (ptrdiff_t b = 0; b < block_count; b++, values += 256) {
        LOAD_BLOCK(NuthatchBlockQ4_K, block, blocks, b);
        const float d = float_from_half(block.d);
        const float dmin = float_from_half(block.dmin);
        for (int group = 0; group < 8; group++) {
            int scale_code, minimum_code;
            six_bit_scales(block.scales, group, &scale_code, &minimum_code);
            const float scale = d * (float)scale_code;
            const float minimum = dmin * (float)minimum_code;
            const uint8_t *codes = block.codes + group / 2 * 32;
            const int shift = group % 2 * 4;
            for (int i = 0; i < 32; i++) {
                values[group * 32 + i] = scale * (float)((codes[i] >> shift) & 0x0F) - minimum;
            }
        }
    }
}

void nuthatch_dequantize_q5_k(const void *blocks, float *values, ptrdiff_t block_count) {
    for (ptrdiff_t b = 0; b < block_count; b++, values += 256) {
        LOAD_BLOCK(NuthatchBlockQ5_K, block, blocks, b);
        const float d = float_from_half(block.d);
        const float dmin = float_from_half(block.dmin);
        for (int group = 0; group < 8; group++) {
            int scale_code, minimum_code;
            six_bit_scales(block.scales, group, &scale_code, &minimum_code);
            const float scale = d * (float)scale_code;
            const float minimum = dmin * (float)minimum_code;
            const uint8_t *codes = block.codes + group / 2 * 32;
            const int shift = group % 2 * 4;
            for (int i = 0; i < 32; i++) {
                const int high = (block.high_bits[i] >> group) & 1;
                values[group * 32 + i] = scale * (float)(((codes[i] >> shift) & 0x0F) | high << 4) - minimum;
            }
        }
    }
}

void nuthatch_dequantize_q6_k(const void *blocks, float *values, ptrdiff_t block_count) {
    for (ptrdiff_t b = 0; b < block_count; b++) {
        LOAD_BLOCK(NuthatchBlockQ6_K, block, blocks, b);
        const float d = float_from_half(block.d);
        for (int group = 0; group < 16; group++, values += 16) {
            const float scale = d * (float)block.scales[group];
            const int half = group / 8;
            const uint8_t *codes = block.codes + half * 64 + group % 4 * 16;
            const uint8_t *high_bits = block.high_bits + half * 32 + group % 2 * 16;
            const int code_shift = group % 8 / 4 * 4;
            const int high_shift = group % 8 / 2 * 2;
            for (int i = 0; i < 16; i++) {
                const int code = ((codes[i] >> code_shift) & 0x0F) | ((high_bits[i] >> high_shift) & 3) << 4;
                values[i] = scale * (float)(code - 32);
            }
        }
    }
}
