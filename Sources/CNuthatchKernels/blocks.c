#include "blocks.h"

#include <stdbool.h>
#include <string.h>

// Field orders and byte counts are those of the GGUF specification; a block's bytes have no alignment.

enum {
    Q4_0_BYTES = 2 + 16,                 // scale, nibbles: 4.5 bits per weight
    Q4_1_BYTES = 2 + 2 + 16,             // scale, minimum, nibbles: 5
    Q5_0_BYTES = 2 + 4 + 16,             // scale, fifth bits, nibbles: 5.5
    Q5_1_BYTES = 2 + 2 + 4 + 16,         // scale, minimum, fifth bits, nibbles: 6
    Q8_0_BYTES = 2 + 32,                 // scale, bytes: 8.5
    Q2_K_BYTES = 16 + 64 + 2 + 2,        // scales and minima in nibbles, 2-bit codes, factors: 2.625
    Q3_K_BYTES = 32 + 64 + 12 + 2,       // third bits, low 2 bits, 6-bit scales, factor: 3.4375
    Q4_K_BYTES = 2 + 2 + 12 + 128,       // factors, 6-bit scales and minima, nibbles: 4.5
    Q5_K_BYTES = 2 + 2 + 12 + 32 + 128,  // the same with fifth bits: 5.5
    Q6_K_BYTES = 128 + 64 + 16 + 2,      // low nibbles, high 2 bits, 8-bit scales, factor: 6.5625
};

static uint16_t half_at(const uint8_t *from) {
    return (uint16_t)(from[0] | from[1] << 8);
}

const uint8_t *read_simple_block(enum nuthatch_format format, const uint8_t *from,
                                 struct simple_block *block) {
    block->scale = half_at(from);
    block->minimum = 0;
    uint32_t fifth;
    const uint8_t *nibbles;
    const uint8_t *next;
    switch (format) {
        case NUTHATCH_Q8_0:
            // signed codes, here with zero point 128
            for (int i = 0; i < 32; i++) block->codes[i] = from[2 + i] ^ 0x80;
            return from + Q8_0_BYTES;
        case NUTHATCH_Q4_0:
            memcpy(block->codes, from + 2, 16);
            return from + Q4_0_BYTES;
        case NUTHATCH_Q4_1:
            block->minimum = half_at(from + 2);
            memcpy(block->codes, from + 4, 16);
            return from + Q4_1_BYTES;
        case NUTHATCH_Q5_0:
            memcpy(&fifth, from + 2, 4);
            nibbles = from + 6;
            next = from + Q5_0_BYTES;
            break;
        default:  // Q5_1
            block->minimum = half_at(from + 2);
            memcpy(&fifth, from + 4, 4);
            nibbles = from + 8;
            next = from + Q5_1_BYTES;
            break;
    }
    for (int i = 0; i < 16; i++) {
        block->codes[i] = (uint8_t)((nibbles[i] & 15) | (fifth >> i & 1) << 4);
        block->codes[16 + i] = (uint8_t)(nibbles[i] >> 4 | (fifth >> (16 + i) & 1) << 4);
    }
    if (format == NUTHATCH_Q5_0) {
        // zero point 16 in the file, 128 in the panel
        for (int i = 0; i < 32; i++) block->codes[i] += 128 - 16;
    }
    return next;
}

// Eight 6-bit scales and minima in 12 bytes: four of each in the low 6 bits of bytes 0 to 7; of the others
// the low 4 bits in bytes 8 to 11, the high 2 bits on top of bytes 0 to 7.
static void read_packed_scales(const uint8_t *from, struct super_block *block) {
    for (int i = 0; i < 4; i++) {
        block->scales[i] = (int8_t)(from[i] & 63);
        block->minima[i] = (int8_t)(from[4 + i] & 63);
        block->scales[4 + i] = (int8_t)((from[8 + i] & 15) | from[i] >> 6 << 4);
        block->minima[4 + i] = (int8_t)(from[8 + i] >> 4 | from[4 + i] >> 6 << 4);
    }
}

static const uint8_t *read_q2(const uint8_t *from, struct super_block *block) {
    const uint8_t *codes = from + 16;
    for (int i = 0; i < 16; i++) {
        block->scales[i] = from[i] & 15;
        block->minima[i] = (int8_t)(from[i] >> 4);
    }
    for (int i = 0; i < NUTHATCH_SUPER_LENGTH; i++) {
        block->codes[i] = codes[i / 128 * 32 + i % 32] >> (i % 128 / 32 * 2) & 3;
    }
    block->scale = half_at(from + 80);
    block->minimum = half_at(from + 82) ^ 0x8000;
    return from + Q2_K_BYTES;
}

static const uint8_t *read_q3(const uint8_t *from, struct super_block *block) {
    const uint8_t *codes = from + 32, *scales = from + 96;
    for (int i = 0; i < 16; i++) {
        int low = i < 8 ? scales[i] & 15 : scales[i - 8] >> 4;
        int high = scales[8 + i % 4] >> (i / 4 * 2) & 3;
        block->scales[i] = (int8_t)((low | high << 4) - 32);
    }
    for (int i = 0; i < NUTHATCH_SUPER_LENGTH; i++) {
        int low = codes[i / 128 * 32 + i % 32] >> (i % 128 / 32 * 2) & 3;
        int third = from[i % 32] >> (i / 32) & 1;
        // -4 to 3 in the file, zero point 8 in the panel
        block->codes[i] = (uint8_t)(low + 4 * third + 4);
    }
    block->scale = half_at(from + 108);
    block->minimum = 0;
    return from + Q3_K_BYTES;
}

static const uint8_t *read_q4_or_q5(bool has_fifth, const uint8_t *from, struct super_block *block) {
    block->scale = half_at(from);
    block->minimum = half_at(from + 2) ^ 0x8000;
    read_packed_scales(from + 4, block);
    const uint8_t *fifth = from + 16;
    const uint8_t *nibbles = has_fifth ? fifth + 32 : fifth;
    for (int i = 0; i < NUTHATCH_SUPER_LENGTH; i++) {
        uint8_t byte = nibbles[i / 64 * 32 + i % 32];
        block->codes[i] = i % 64 < 32 ? byte & 15 : byte >> 4;
        if (has_fifth) block->codes[i] |= (uint8_t)((fifth[i % 32] >> (i / 32) & 1) << 4);
    }
    return from + (has_fifth ? Q5_K_BYTES : Q4_K_BYTES);
}

static const uint8_t *read_q6(const uint8_t *from, struct super_block *block) {
    const uint8_t *high = from + 128, *scales = from + 192;
    for (int i = 0; i < NUTHATCH_SUPER_LENGTH; i++) {
        int within = i % 128;
        uint8_t byte = from[i / 128 * 64 + within % 64];
        int low = within < 64 ? byte & 15 : byte >> 4;
        int two = high[i / 128 * 32 + within % 32] >> (within / 32 * 2) & 3;
        // zero point 32 in the file, 128 in the panel
        block->codes[i] = (uint8_t)((low | two << 4) + 128 - 32);
    }
    memcpy(block->scales, scales, 16);
    block->scale = half_at(from + 208);
    block->minimum = 0;
    return from + Q6_K_BYTES;
}

const uint8_t *read_super_block(enum nuthatch_format format, const uint8_t *from, struct super_block *block) {
    switch (format) {
        case NUTHATCH_Q2_K:
            return read_q2(from, block);
        case NUTHATCH_Q3_K:
            return read_q3(from, block);
        case NUTHATCH_Q4_K:
            return read_q4_or_q5(false, from, block);
        case NUTHATCH_Q5_K:
            return read_q4_or_q5(true, from, block);
        default:
            return read_q6(from, block);
    }
}
