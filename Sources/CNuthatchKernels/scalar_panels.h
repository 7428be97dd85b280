// One lane of one block of a coded panel, decoded: the layouts of nuthatch_panels.h in their plainest form.

#ifndef NUTHATCH_SCALAR_PANELS_H
#define NUTHATCH_SCALAR_PANELS_H

#include "coded_layouts.h"
#include "halves.h"

struct lane_block {
    uint8_t codes[NUTHATCH_BLOCK_LENGTH];
    /// of both halves; equal where the block has one
    float scales[2], minima[2];
};

static inline struct lane_block lane_block_of(enum nuthatch_layout layout, const uint8_t *panel, size_t lane,
                                              size_t block, size_t block_count) {
    struct lane_block result = {0};
    const uint8_t *codes = panel + block * layout_block_bytes(layout);
    for (size_t input = 0; input < NUTHATCH_BLOCK_LENGTH; input++) {
        size_t group = input / 4, within = lane * 4 + input % 4;
        if (layout_has_nibbles(layout)) {
            uint8_t byte = codes[group % 4 * 64 + within];
            result.codes[input] = group < 4 ? byte & 15 : byte >> 4;
        } else {
            result.codes[input] = codes[group * 64 + within];
        }
    }
    size_t record = block / layout_record_blocks(layout), within = block % layout_record_blocks(layout);
    const uint8_t *at =
        panel + block_count * layout_block_bytes(layout) + record * layout_record_bytes(layout);
    if (layout == NUTHATCH_NIBBLES_SCALE || layout == NUTHATCH_BYTES_SCALE) {
        result.scales[0] = float_from_half(((const struct nuthatch_scales *)at)->scales[lane]);
    } else if (layout == NUTHATCH_NIBBLES_SCALE_MINIMUM || layout == NUTHATCH_BYTES_SCALE_MINIMUM) {
        const struct nuthatch_scales_minima *pair = (const struct nuthatch_scales_minima *)at;
        result.scales[0] = float_from_half(pair->scales[lane]);
        result.minima[0] = float_from_half(pair->minima[lane]);
    } else if (layout == NUTHATCH_NIBBLES_SUPER_MINIMUM || layout == NUTHATCH_BYTES_SUPER_MINIMUM) {
        const struct nuthatch_super_minima *two = (const struct nuthatch_super_minima *)at;
        result.scales[0] = float_from_half(two->scale[lane]) * (float)two->scales[within][lane];
        result.minima[0] = float_from_half(two->minimum[lane]) * (float)two->minima[within][lane];
    } else {
        const struct nuthatch_super16_minima *four = (const struct nuthatch_super16_minima *)at;
        const struct nuthatch_super16 *three = (const struct nuthatch_super16 *)at;
        for (size_t half = 0; half < 2; half++) {
            size_t sixteen = 2 * within + half;
            if (layout_has_minima(layout)) {
                result.scales[half] = float_from_half(four->scale[lane]) * (float)four->scales[sixteen][lane];
                result.minima[half] =
                    float_from_half(four->minimum[lane]) * (float)four->minima[sixteen][lane];
            } else {
                result.scales[half] =
                    float_from_half(three->scale[lane]) * (float)three->scales[sixteen][lane];
            }
        }
        return result;
    }
    result.scales[1] = result.scales[0];
    result.minima[1] = result.minima[0];
    return result;
}

#endif
