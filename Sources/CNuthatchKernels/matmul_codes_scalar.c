// The definition of the product with coded panels: what every other table's must equal bit for bit.
//
// Per output, blocks in order; per block (or half block, where halves have scales) an exact integer dot
// product, then sum = fma((float)dot, weight scale * activation scale, sum), and where the layout has minima
// sum = fma(minimum, activation scale * sum of activation codes, sum).

#include "coded_layouts.h"
#include "halves.h"
#include "kernels.h"
#include "scalar_panels.h"

#include <math.h>

#pragma STDC FP_CONTRACT OFF

static int32_t dot(const uint8_t *codes, const int8_t *activations, size_t count) {
    int32_t sum = 0;
    for (size_t i = 0; i < count; i++) sum += (int32_t)codes[i] * activations[i];
    return sum;
}

static float output_of(enum nuthatch_layout layout, const uint8_t *panel, size_t lane, size_t block_count,
                       const struct nuthatch_activation_block *row) {
    bool has_minima = layout_has_minima(layout);
    bool has_half_scales = layout_has_half_scales(layout);
    int32_t centre_factor = has_minima ? 0 : layout_has_nibbles(layout) ? 1 : 16;
    float sum = 0;
    for (size_t block = 0; block < block_count; block++, row++) {
        struct lane_block weights = lane_block_of(layout, panel, lane, block, block_count);
        if (has_half_scales) {
            for (size_t half = 0; half < 2; half++) {
                int32_t product = dot(weights.codes + 16 * half, row->codes + 16 * half, 16);
                product += centre_factor * row->half_centres[half];
                sum = fmaf((float)product, weights.scales[half] * row->scale, sum);
                if (has_minima) sum = fmaf(weights.minima[half], row->scaled_half_sums[half], sum);
            }
        } else {
            int32_t product = dot(weights.codes, row->codes, 32) + centre_factor * row->centre;
            sum = fmaf((float)product, weights.scales[0] * row->scale, sum);
            if (has_minima) sum = fmaf(weights.minima[0], row->scaled_sum, sum);
        }
    }
    return sum;
}

void nuthatch_multiply_codes_scalar(const struct nuthatch_panels *weights, size_t first_panel,
                                    size_t panel_count, const struct nuthatch_activation_block *blocks,
                                    size_t row_count, float *output, size_t output_stride) {
    size_t block_count = block_count_of(weights->input_count);
    for (size_t panel = first_panel; panel < first_panel + panel_count; panel++) {
        const uint8_t *base = weights->base + panel * weights->panel_byte_count;
        for (size_t lane = 0; lane < NUTHATCH_PANEL_WIDTH; lane++) {
            size_t column = panel * NUTHATCH_PANEL_WIDTH + lane;
            if (column >= weights->output_count) break;
            for (size_t row = 0; row < row_count; row++) {
                output[row * output_stride + column] =
                    output_of(weights->layout, base, lane, block_count, blocks + row * block_count);
            }
        }
    }
}
