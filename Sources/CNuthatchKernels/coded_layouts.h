// Where the parts of a panel of codes lie, and what distinguishes the layouts, as constants the compiler
// folds.

#ifndef NUTHATCH_CODED_LAYOUTS_H
#define NUTHATCH_CODED_LAYOUTS_H

#include <stdbool.h>

#include "nuthatch_panels.h"

static inline __attribute__((always_inline, unused)) bool layout_has_codes(enum nuthatch_layout layout) {
    return layout >= NUTHATCH_NIBBLES_SCALE;
}

static inline __attribute__((always_inline, unused)) bool layout_has_nibbles(enum nuthatch_layout layout) {
    return layout >= NUTHATCH_NIBBLES_SCALE && layout <= NUTHATCH_NIBBLES_SUPER16_MINIMUM;
}

// Whether values are scale * code + minimum; else codes have a zero point in their middle.
static inline __attribute__((always_inline, unused)) bool layout_has_minima(enum nuthatch_layout layout) {
    return layout == NUTHATCH_NIBBLES_SCALE_MINIMUM || layout == NUTHATCH_BYTES_SCALE_MINIMUM ||
           layout == NUTHATCH_NIBBLES_SUPER_MINIMUM || layout == NUTHATCH_BYTES_SUPER_MINIMUM ||
           layout == NUTHATCH_NIBBLES_SUPER16_MINIMUM;
}

// Whether each half of a block has a scale of its own.
static inline __attribute__((always_inline, unused)) bool layout_has_half_scales(
    enum nuthatch_layout layout) {
    return layout == NUTHATCH_NIBBLES_SUPER16 || layout == NUTHATCH_NIBBLES_SUPER16_MINIMUM ||
           layout == NUTHATCH_BYTES_SUPER16;
}

// Whether scales are small integers times a factor per 256 inputs.
static inline __attribute__((always_inline, unused)) bool layout_is_super(enum nuthatch_layout layout) {
    return layout_has_half_scales(layout) || layout == NUTHATCH_NIBBLES_SUPER_MINIMUM ||
           layout == NUTHATCH_BYTES_SUPER_MINIMUM;
}

static inline __attribute__((always_inline, unused)) size_t layout_block_bytes(enum nuthatch_layout layout) {
    return layout_has_nibbles(layout) ? NUTHATCH_NIBBLE_BLOCK_BYTES : NUTHATCH_BYTE_BLOCK_BYTES;
}

// Bytes of one record of scales, which serves layout_record_blocks blocks.
static inline __attribute__((always_inline, unused)) size_t layout_record_bytes(enum nuthatch_layout layout) {
    switch (layout) {
        case NUTHATCH_NIBBLES_SCALE:
        case NUTHATCH_BYTES_SCALE:
            return sizeof(struct nuthatch_scales);
        case NUTHATCH_NIBBLES_SCALE_MINIMUM:
        case NUTHATCH_BYTES_SCALE_MINIMUM:
            return sizeof(struct nuthatch_scales_minima);
        case NUTHATCH_NIBBLES_SUPER_MINIMUM:
        case NUTHATCH_BYTES_SUPER_MINIMUM:
            return sizeof(struct nuthatch_super_minima);
        case NUTHATCH_NIBBLES_SUPER16:
        case NUTHATCH_BYTES_SUPER16:
            return sizeof(struct nuthatch_super16);
        case NUTHATCH_NIBBLES_SUPER16_MINIMUM:
            return sizeof(struct nuthatch_super16_minima);
        case NUTHATCH_FLOAT32:
        case NUTHATCH_FLOAT16:
        case NUTHATCH_BFLOAT16:
            break;
    }
    return 0;
}

static inline __attribute__((always_inline, unused)) size_t
layout_record_blocks(enum nuthatch_layout layout) {
    return layout_is_super(layout) ? NUTHATCH_SUPER_BLOCKS : 1;
}

static inline __attribute__((always_inline, unused)) size_t block_count_of(size_t input_count) {
    return (input_count + NUTHATCH_BLOCK_LENGTH - 1) / NUTHATCH_BLOCK_LENGTH;
}

#endif
