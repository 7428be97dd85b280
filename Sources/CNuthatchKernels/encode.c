// Floats into plain formats and blocks of 32 with one scale, in portable C.

#include "nuthatch_encode.h"

#include <math.h>
#include <string.h>

#include "halves.h"
#include "nuthatch_dequantize.h"

// Rounded as the reference rounds: each product and each sum to float32.
#pragma STDC FP_CONTRACT OFF

// memcpy, since blocks lie at any alignment in a file.
#define STORE_BLOCK(name, blocks, index) \
    memcpy((uint8_t *)(blocks) + (index) * (ptrdiff_t)sizeof(name), &(name), sizeof(name))

float nuthatch_largest_magnitude(const float *values, ptrdiff_t count) {
    // Bits of floats without sign order as integers do, and everything not finite comes last.
    uint32_t largest = 0;
    for (ptrdiff_t i = 0; i < count; i++) {
        const uint32_t magnitude = bits_from_float(values[i]) & 0x7fffffff;
        largest = magnitude > largest ? magnitude : largest;
    }
    return largest >= 0x7f800000u ? INFINITY : float_from_bits(largest);
}

void nuthatch_encode_f32(const float *values, void *blocks, ptrdiff_t block_count) {
    memcpy(blocks, values, (size_t)block_count * sizeof(float));
}

void nuthatch_encode_f16(const float *values, void *blocks, ptrdiff_t block_count) {
    for (ptrdiff_t i = 0; i < block_count; i++) {
        const uint16_t half = half_from_float(values[i]);
        STORE_BLOCK(half, blocks, i);
    }
}

void nuthatch_encode_bf16(const float *values, void *blocks, ptrdiff_t block_count) {
    for (ptrdiff_t i = 0; i < block_count; i++) {
        const uint16_t bfloat = bfloat_from_float(values[i]);
        STORE_BLOCK(bfloat, blocks, i);
    }
}

static float reciprocal(float scale) {
    return scale == 0 ? 0 : 1 / scale;
}

// The first of the 32 that is farthest from zero.
static float farthest(const float *values) {
    float found = values[0];
    for (int i = 1; i < 32; i++) {
        if (fabsf(values[i]) > fabsf(found)) found = values[i];
    }
    return found;
}

// Truncated after half a step was added, and within 0 ... highest. A reciprocal of a tiny scale may be
// infinite and its product with zero no number, which becomes code 0.
static uint8_t code(float shifted, float highest) {
    if (!(shifted > 0)) return 0;
    return (uint8_t)(shifted < highest ? shifted : highest);
}

void nuthatch_encode_q4_0(const float *values, void *blocks, ptrdiff_t block_count) {
    for (ptrdiff_t b = 0; b < block_count; b++, values += 32) {
        // The farthest value becomes code 0, which reaches one step farther than code 15.
        const float scale = farthest(values) / -8;
        const float inverse = reciprocal(scale);
        NuthatchBlockQ4_0 block = {.d = half_from_float(scale)};
        for (int i = 0; i < 16; i++) {
            const uint8_t low = code(values[i] * inverse + 8.5f, 15);
            const uint8_t high = code(values[i + 16] * inverse + 8.5f, 15);
            block.codes[i] = (uint8_t)(low | high << 4);
        }
        STORE_BLOCK(block, blocks, b);
    }
}

void nuthatch_encode_q4_1(const float *values, void *blocks, ptrdiff_t block_count) {
    for (ptrdiff_t b = 0; b < block_count; b++, values += 32) {
        float lowest = values[0];
        float highest = values[0];
        for (int i = 1; i < 32; i++) {
            lowest = values[i] < lowest ? values[i] : lowest;
            highest = values[i] > highest ? values[i] : highest;
        }
        const float scale = (highest - lowest) / 15;
        const float inverse = reciprocal(scale);
        NuthatchBlockQ4_1 block = {.d = half_from_float(scale), .m = half_from_float(lowest)};
        for (int i = 0; i < 16; i++) {
            const uint8_t low = code((values[i] - lowest) * inverse + 0.5f, 15);
            const uint8_t high = code((values[i + 16] - lowest) * inverse + 0.5f, 15);
            block.codes[i] = (uint8_t)(low | high << 4);
        }
        STORE_BLOCK(block, blocks, b);
    }
}

void nuthatch_encode_q5_0(const float *values, void *blocks, ptrdiff_t block_count) {
    for (ptrdiff_t b = 0; b < block_count; b++, values += 32) {
        const float scale = farthest(values) / -16;
        const float inverse = reciprocal(scale);
        NuthatchBlockQ5_0 block = {.d = half_from_float(scale)};
        for (int i = 0; i < 32; i++) {
            const uint8_t five = code(values[i] * inverse + 16.5f, 31);
            block.codes[i % 16] |= (uint8_t)((five & 0x0F) << (i < 16 ? 0 : 4));
            block.high_bits[i / 8] |= (uint8_t)((five >> 4) << (i % 8));
        }
        STORE_BLOCK(block, blocks, b);
    }
}

void nuthatch_encode_q8_0(const float *values, void *blocks, ptrdiff_t block_count) {
    for (ptrdiff_t b = 0; b < block_count; b++, values += 32) {
        const float scale = fabsf(farthest(values)) / 127;
        const float inverse = reciprocal(scale);
        NuthatchBlockQ8_0 block = {.d = half_from_float(scale)};
        for (int i = 0; i < 32; i++) {
            // Halves away from zero. |value| <= 127 scale, so no product rounds beyond 127 but by one unit in
            // its last place; an infinite reciprocal (a scale below 2^-128) is caught like any other excess.
            const float rounded = roundf(values[i] * inverse);
            block.codes[i] = (int8_t)(rounded > 127        ? 127
                                      : rounded < -127     ? -127
                                      : rounded == rounded ? rounded
                                                           : 0);
        }
        STORE_BLOCK(block, blocks, b);
    }
}
