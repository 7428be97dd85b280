// Asking for panels that are read later, in the same matrix or the one that is multiplied next,
// while others are multiplied.

#ifndef NUTHATCH_PANELS_AHEAD_H
#define NUTHATCH_PANELS_AHEAD_H

#include "coded_layouts.h"
#include "fetch_line.h"

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

// Asks for what goes with one block.
static inline __attribute__((always_inline, unused)) void fetch_ahead(const struct panel_ahead *ahead,
                                                                      size_t block) {
    size_t end = (block + 1) * ahead->step;
    if (end > ahead->byte_count) end = ahead->byte_count;
    for (size_t byte = block * ahead->step; byte < end; byte += 64) {
        fetch_line(ahead->start + byte);
    }
}

#endif
