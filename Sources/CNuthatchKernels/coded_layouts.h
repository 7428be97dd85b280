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

// A panel that is read later, and how much of it is asked for during each block of one that is read now.
struct panel_ahead {
    const uint8_t *start;
    size_t byte_count;
    size_t step;
};

// The index-th panel if it is below `end`, else one of those behind them; of no bytes where nothing follows.
static inline __attribute__((always_inline, unused)) struct panel_ahead panel_ahead(
    const struct nuthatch_panels *weights, size_t index, size_t end) {
    struct panel_ahead ahead = {NULL, 0, 0};
    if (index < end) {
        ahead.start = weights->base + index * weights->panel_byte_count;
        ahead.byte_count = weights->panel_byte_count;
    } else if (index - end < weights->next_panel_count) {
        ahead.start = weights->next + (index - end) * weights->next_panel_byte_count;
        ahead.byte_count = weights->next_panel_byte_count;
    }
    // Whole lines of 64 bytes, rounded up.
    ahead.step = (ahead.byte_count / block_count_of(weights->input_count) + 63) / 64 * 64;
    return ahead;
}

// Asks for what goes with one block, in the second-level cache: it takes more requests at a time than the
// first.
static inline __attribute__((always_inline, unused)) void fetch_ahead(const struct panel_ahead *ahead,
                                                                      size_t block) {
    size_t end = (block + 1) * ahead->step;
    if (end > ahead->byte_count) end = ahead->byte_count;
    for (size_t byte = block * ahead->step; byte < end; byte += 64) {
        __builtin_prefetch(ahead->start + byte, 0, 2);
    }
}

#endif
