// Packing: a file's rows, or floats, into panels. Run once per matrix at load.

#include <float.h>
#include <math.h>
#include <string.h>

#include "blocks.h"
#include "coded_layouts.h"
#include "halves.h"
#include "nuthatch_encode.h"
#include "scalar_panels.h"

#pragma STDC FP_CONTRACT OFF

enum { VECTOR_BYTES = 64 };

size_t nuthatch_panel_byte_count(enum nuthatch_layout layout, size_t input_count) {
    switch (layout) {
        case NUTHATCH_FLOAT32:
            return input_count * 4 * NUTHATCH_PANEL_WIDTH;
        case NUTHATCH_FLOAT16:
        case NUTHATCH_BFLOAT16:
            return (input_count + 1) / 2 * 4 * NUTHATCH_PANEL_WIDTH;
        default:
            break;
    }
    size_t blocks = block_count_of(input_count);
    size_t records = (blocks + layout_record_blocks(layout) - 1) / layout_record_blocks(layout);
    size_t bytes = blocks * layout_block_bytes(layout) + records * layout_record_bytes(layout);
    return (bytes + VECTOR_BYTES - 1) / VECTOR_BYTES * VECTOR_BYTES;
}

enum nuthatch_layout nuthatch_native_layout(enum nuthatch_format format) {
    switch (format) {
        case NUTHATCH_F32:
            return NUTHATCH_FLOAT32;
        case NUTHATCH_F16:
            return NUTHATCH_FLOAT16;
        case NUTHATCH_BF16:
            return NUTHATCH_BFLOAT16;
        case NUTHATCH_Q4_0:
            return NUTHATCH_NIBBLES_SCALE;
        case NUTHATCH_Q4_1:
            return NUTHATCH_NIBBLES_SCALE_MINIMUM;
        case NUTHATCH_Q5_0:
        case NUTHATCH_Q8_0:
            return NUTHATCH_BYTES_SCALE;
        case NUTHATCH_Q5_1:
            return NUTHATCH_BYTES_SCALE_MINIMUM;
        case NUTHATCH_Q2_K:
            return NUTHATCH_NIBBLES_SUPER16_MINIMUM;
        case NUTHATCH_Q3_K:
            return NUTHATCH_NIBBLES_SUPER16;
        case NUTHATCH_Q4_K:
            return NUTHATCH_NIBBLES_SUPER_MINIMUM;
        case NUTHATCH_Q5_K:
            return NUTHATCH_BYTES_SUPER_MINIMUM;
        case NUTHATCH_Q6_K:
            return NUTHATCH_BYTES_SUPER16;
    }
    return NUTHATCH_FLOAT32;
}

// A lane's codes of a block into their places, four bytes to a vector.
static void put_codes(enum nuthatch_layout layout, uint8_t *block, size_t lane, const uint8_t *codes) {
    size_t group_count = layout_has_nibbles(layout) ? 4 : 8;
    for (size_t group = 0; group < group_count; group++) {
        memcpy(block + group * VECTOR_BYTES + lane * 4, codes + 4 * group, 4);
    }
}

// 32 codes, a byte each, as a block has them.
static void put_bytes(enum nuthatch_layout layout, uint8_t *block, size_t lane, const uint8_t *codes) {
    uint8_t pairs[NUTHATCH_BLOCK_LENGTH / 2];
    if (layout_has_nibbles(layout)) {
        for (size_t i = 0; i < 16; i++) pairs[i] = (uint8_t)(codes[i] | codes[16 + i] << 4);
        codes = pairs;
    }
    put_codes(layout, block, lane, codes);
}

static void put_simple(enum nuthatch_layout layout, uint8_t *record, size_t lane,
                       const struct simple_block *block) {
    if (layout_has_minima(layout)) {
        struct nuthatch_scales_minima *pair = (struct nuthatch_scales_minima *)record;
        pair->scales[lane] = block->scale;
        pair->minima[lane] = block->minimum;
    } else {
        ((struct nuthatch_scales *)record)->scales[lane] = block->scale;
    }
}

static void put_super(enum nuthatch_layout layout, uint8_t *record, size_t lane,
                      const struct super_block *block) {
    if (layout_has_half_scales(layout) && layout_has_minima(layout)) {
        struct nuthatch_super16_minima *to = (struct nuthatch_super16_minima *)record;
        to->scale[lane] = block->scale;
        to->minimum[lane] = block->minimum;
        for (size_t i = 0; i < 16; i++) {
            to->scales[i][lane] = block->scales[i];
            to->minima[i][lane] = block->minima[i];
        }
    } else if (layout_has_half_scales(layout)) {
        struct nuthatch_super16 *to = (struct nuthatch_super16 *)record;
        to->scale[lane] = block->scale;
        for (size_t i = 0; i < 16; i++) to->scales[i][lane] = block->scales[i];
    } else {
        struct nuthatch_super_minima *to = (struct nuthatch_super_minima *)record;
        to->scale[lane] = block->scale;
        to->minimum[lane] = block->minimum;
        for (size_t i = 0; i < 8; i++) {
            to->scales[i][lane] = block->scales[i];
            to->minima[i][lane] = block->minima[i];
        }
    }
}

static void pack_coded_lane(enum nuthatch_format format, const uint8_t *row, size_t lane, size_t input_count,
                            uint8_t *panel) {
    enum nuthatch_layout layout = nuthatch_native_layout(format);
    size_t block_count = block_count_of(input_count), block_bytes = layout_block_bytes(layout);
    uint8_t *record = panel + block_count * block_bytes;
    if (layout_is_super(layout)) {
        for (size_t at = 0; at < block_count; at += NUTHATCH_SUPER_BLOCKS) {
            struct super_block block;
            row = read_super_block(format, row, &block);
            for (size_t i = 0; i < NUTHATCH_SUPER_BLOCKS; i++) {
                put_bytes(layout, panel + (at + i) * block_bytes, lane,
                          block.codes + i * NUTHATCH_BLOCK_LENGTH);
            }
            put_super(layout, record, lane, &block);
            record += layout_record_bytes(layout);
        }
    } else {
        for (size_t at = 0; at < block_count; at++) {
            struct simple_block block;
            row = read_simple_block(format, row, &block);
            put_codes(layout, panel + at * block_bytes, lane, block.codes);
            put_simple(layout, record, lane, &block);
            record += layout_record_bytes(layout);
        }
    }
}

static void pack_half_lane(const uint8_t *row, size_t lane, size_t input_count, bool pairs, uint16_t *panel) {
    for (size_t input = 0; input < input_count; input++) {
        size_t to = pairs ? input / 2 * 2 * NUTHATCH_PANEL_WIDTH + lane * 2 + input % 2
                          : input * NUTHATCH_PANEL_WIDTH + lane;
        memcpy(panel + to, row + 2 * input, 2);
    }
}

void nuthatch_pack_panel(enum nuthatch_format format, const uint8_t *const *rows, size_t row_count,
                         size_t input_count, uint8_t *panel) {
    for (size_t lane = 0; lane < row_count && lane < NUTHATCH_PANEL_WIDTH; lane++) {
        switch (format) {
            case NUTHATCH_F32:
                for (size_t input = 0; input < input_count; input++) {
                    memcpy(panel + (input * NUTHATCH_PANEL_WIDTH + lane) * 4, rows[lane] + 4 * input, 4);
                }
                break;
            case NUTHATCH_F16:
            case NUTHATCH_BF16:
                pack_half_lane(rows[lane], lane, input_count, format == NUTHATCH_BF16, (uint16_t *)panel);
                break;
            default:
                pack_coded_lane(format, rows[lane], lane, input_count, panel);
        }
    }
}

// 32 floats at 8 bits, as the Q8_0 of GGUF, except that codes are taken with the scale as it is stored.
// Returns the largest magnitude; infinity where a number is none, which has no code and is refused.
static float quantize_simple(const float *values, size_t count, struct simple_block *block) {
    float largest = nuthatch_largest_magnitude(values, (ptrdiff_t)count);
    block->scale = half_from_float(largest / 127.0f);
    block->minimum = 0;
    float scale = float_from_half(block->scale);
    float inverse = scale > 0 && isfinite(scale) ? 1.0f / scale : 0;
    for (size_t i = 0; i < NUTHATCH_BLOCK_LENGTH; i++) {
        float code = i < count ? nearbyintf(values[i] * inverse) : 0;
        block->codes[i] = (uint8_t)(fminf(fmaxf(code, -128), 127) + 128);
    }
    return largest;
}

float nuthatch_largest_packed(enum nuthatch_layout layout) {
    switch (layout) {
        case NUTHATCH_BFLOAT16:
            return 0x1.fep127f;
        case NUTHATCH_BYTES_SCALE:
            return 127 * 65504.0f;
        default:
            return FLT_MAX;
    }
}

// The larger of what was met so far and a row's largest finite magnitude; bits of floats without sign order
// as integers do.
static uint32_t larger_finite(uint32_t largest, float value) {
    const uint32_t magnitude = bits_from_float(value) & 0x7fffffff;
    return magnitude > largest && magnitude < 0x7f800000u ? magnitude : largest;
}

struct nuthatch_excess nuthatch_pack_floats(enum nuthatch_layout layout, const float *const *rows,
                                            size_t row_count, size_t input_count, uint8_t *panel) {
    struct nuthatch_excess excess = {0, 0};
    const float limit = nuthatch_largest_packed(layout);
    for (size_t lane = 0; lane < row_count && lane < NUTHATCH_PANEL_WIDTH; lane++) {
        const float *row = rows[lane];
        float largest = 0;
        if (layout == NUTHATCH_FLOAT32) {
            float *to = (float *)panel;
            for (size_t input = 0; input < input_count; input++)
                to[input * NUTHATCH_PANEL_WIDTH + lane] = row[input];
        } else if (layout == NUTHATCH_BFLOAT16) {
            uint16_t *to = (uint16_t *)panel;
            uint32_t bits = 0;
            for (size_t input = 0; input < input_count; input++) {
                to[input / 2 * 2 * NUTHATCH_PANEL_WIDTH + lane * 2 + input % 2] =
                    bfloat_from_float(row[input]);
                bits = larger_finite(bits, row[input]);
            }
            largest = float_from_bits(bits);
        } else if (layout == NUTHATCH_BYTES_SCALE) {
            size_t block_count = block_count_of(input_count), block_bytes = layout_block_bytes(layout);
            for (size_t at = 0; at < block_count; at++) {
                size_t start = at * NUTHATCH_BLOCK_LENGTH;
                size_t rest = input_count - start;
                struct simple_block block;
                float most = quantize_simple(
                    row + start, rest < NUTHATCH_BLOCK_LENGTH ? rest : NUTHATCH_BLOCK_LENGTH, &block);
                largest = most > largest ? most : largest;
                put_codes(layout, panel + at * block_bytes, lane, block.codes);
                put_simple(layout, panel + block_count * block_bytes + at * layout_record_bytes(layout), lane,
                           &block);
            }
        }
        if (largest > limit && excess.magnitude == 0) {
            excess.lane = lane;
            excess.magnitude = largest;
        }
    }
    return excess;
}

void nuthatch_unpack_lane(enum nuthatch_layout layout, const uint8_t *panel, size_t lane, size_t input_count,
                          float *values) {
    if (!layout_has_codes(layout)) {
        for (size_t input = 0; input < input_count; input++) {
            size_t at = input * NUTHATCH_PANEL_WIDTH + lane;
            if (layout == NUTHATCH_FLOAT32) {
                values[input] = ((const float *)panel)[at];
            } else if (layout == NUTHATCH_FLOAT16) {
                values[input] = float_from_half(((const uint16_t *)panel)[at]);
            } else {
                at = input / 2 * 2 * NUTHATCH_PANEL_WIDTH + lane * 2 + input % 2;
                values[input] = float_from_bfloat(((const uint16_t *)panel)[at]);
            }
        }
        return;
    }
    size_t block_count = block_count_of(input_count);
    int zero_point = layout_has_minima(layout) ? 0 : layout_has_nibbles(layout) ? 8 : 128;
    for (size_t input = 0; input < input_count; input += NUTHATCH_BLOCK_LENGTH) {
        struct lane_block block =
            lane_block_of(layout, panel, lane, input / NUTHATCH_BLOCK_LENGTH, block_count);
        for (size_t i = 0; i < NUTHATCH_BLOCK_LENGTH && input + i < input_count; i++) {
            float product = block.scales[i / 16] * (float)(block.codes[i] - zero_point);
            values[input + i] = layout_has_minima(layout) ? product + block.minima[i / 16] : product;
        }
    }
}
