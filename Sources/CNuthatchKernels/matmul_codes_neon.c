#if defined(__aarch64__)

// Coded panels with NEON's SDOT: each quarter of a panel's 16 outputs is a register; a lane of the
// activations, four inputs, is multiplied with four inputs of each of four outputs. SDOT takes signed bytes:
// 4-bit codes and those of layouts with minima (below 128) are such as they are, others become so by their
// zero point, 128.

#include <arm_neon.h>

#include "coded_layouts.h"
#include "kernels.h"

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)

#define INLINE static inline __attribute__((always_inline))

enum { QUARTER_WIDTH = 4 };

struct block_scales {
    float32x4_t scales[2], minima[2];
};

INLINE float32x4_t widened_halves(const uint16_t *halves) {
    return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(halves)));
}

INLINE float32x4_t widened_integers(const int8_t *integers) {
    int32_t four;
    __builtin_memcpy(&four, integers, sizeof(four));
    int8x8_t bytes = vreinterpret_s8_s32(vdup_n_s32(four));
    return vcvtq_f32_s32(vmovl_s16(vget_low_s16(vmovl_s8(bytes))));
}

// Scales of block `within` of a record for the outputs from `lane` on; factors are the record's, widened
// once.
INLINE struct block_scales scales_of(enum nuthatch_layout layout, const uint8_t *record, size_t within,
                                     size_t lane, float32x4_t scale_factor, float32x4_t minimum_factor) {
    struct block_scales result;
    switch (layout) {
        case NUTHATCH_NIBBLES_SCALE_MINIMUM:
        case NUTHATCH_BYTES_SCALE_MINIMUM: {
            const struct nuthatch_scales_minima *at = (const struct nuthatch_scales_minima *)record;
            result.scales[0] = widened_halves(at->scales + lane);
            result.minima[0] = widened_halves(at->minima + lane);
            break;
        }
        case NUTHATCH_NIBBLES_SUPER_MINIMUM:
        case NUTHATCH_BYTES_SUPER_MINIMUM: {
            const struct nuthatch_super_minima *at = (const struct nuthatch_super_minima *)record;
            result.scales[0] = vmulq_f32(scale_factor, widened_integers(at->scales[within] + lane));
            result.minima[0] = vmulq_f32(minimum_factor, widened_integers(at->minima[within] + lane));
            break;
        }
        case NUTHATCH_NIBBLES_SUPER16:
        case NUTHATCH_BYTES_SUPER16: {
            const struct nuthatch_super16 *at = (const struct nuthatch_super16 *)record;
            for (size_t half = 0; half < 2; half++) {
                const int8_t *integers = at->scales[2 * within + half] + lane;
                result.scales[half] = vmulq_f32(scale_factor, widened_integers(integers));
            }
            break;
        }
        case NUTHATCH_NIBBLES_SUPER16_MINIMUM: {
            const struct nuthatch_super16_minima *at = (const struct nuthatch_super16_minima *)record;
            for (size_t half = 0; half < 2; half++) {
                const int8_t *integers = at->scales[2 * within + half] + lane;
                result.scales[half] = vmulq_f32(scale_factor, widened_integers(integers));
                integers = at->minima[2 * within + half] + lane;
                result.minima[half] = vmulq_f32(minimum_factor, widened_integers(integers));
            }
            break;
        }
        default:
            result.scales[0] = widened_halves(((const struct nuthatch_scales *)record)->scales + lane);
    }
    return result;
}

INLINE float32x4_t factor_of(const uint8_t *record, size_t which, size_t lane) {
    return widened_halves((const uint16_t *)record + which * NUTHATCH_PANEL_WIDTH + lane);
}

// Groups 0 to 3 (half 0) or 4 to 7 of a block, onto `sum`; a lane index must be a constant.
INLINE int32x4_t dot_half(int32x4_t sum, const int8x16_t *codes, const int8_t *activations, int half) {
    int8x16_t sixteen = vld1q_s8(activations + 16 * half);
    sum = vdotq_laneq_s32(sum, codes[4 * half], sixteen, 0);
    sum = vdotq_laneq_s32(sum, codes[4 * half + 1], sixteen, 1);
    sum = vdotq_laneq_s32(sum, codes[4 * half + 2], sixteen, 2);
    return vdotq_laneq_s32(sum, codes[4 * half + 3], sixteen, 3);
}

// One block of a quarter panel onto the sums of `row_count` rows.
INLINE void add_block(enum nuthatch_layout layout, const uint8_t *code_bytes,
                      const struct block_scales *scales, const struct nuthatch_activation_block *blocks,
                      size_t block_stride, int row_count, float32x4_t *sums) {
    int8x16_t codes[8];
    bool has_nibbles = layout_has_nibbles(layout), has_minima = layout_has_minima(layout);
    if (has_nibbles) {
#pragma clang loop unroll(full)
        for (int i = 0; i < 4; i++) {
            uint8x16_t both = vld1q_u8(code_bytes + 64 * i);
            codes[i] = vreinterpretq_s8_u8(vandq_u8(both, vdupq_n_u8(15)));
            codes[i + 4] = vreinterpretq_s8_u8(vshrq_n_u8(both, 4));
        }
    } else {
#pragma clang loop unroll(full)
        for (int i = 0; i < 8; i++) {
            uint8x16_t bytes = vld1q_u8(code_bytes + 64 * i);
            codes[i] = vreinterpretq_s8_u8(has_minima ? bytes : veorq_u8(bytes, vdupq_n_u8(128)));
        }
    }
    bool needs_centre = has_nibbles && !has_minima;
#pragma clang loop unroll(full)
    for (int row = 0; row < row_count; row++) {
        const struct nuthatch_activation_block *at = blocks + (size_t)row * block_stride;
        if (layout_has_half_scales(layout)) {
#pragma clang loop unroll(full)
            for (int half = 0; half < 2; half++) {
                int32x4_t dot = vdupq_n_s32(needs_centre ? at->half_centres[half] : 0);
                dot = dot_half(dot, codes, at->codes, half);
                sums[row] =
                    vfmaq_f32(sums[row], vcvtq_f32_s32(dot), vmulq_n_f32(scales->scales[half], at->scale));
                if (has_minima) {
                    sums[row] = vfmaq_n_f32(sums[row], scales->minima[half], at->scaled_half_sums[half]);
                }
            }
        } else {
            int32x4_t dot = vdupq_n_s32(needs_centre ? at->centre : 0);
            dot = dot_half(dot_half(dot, codes, at->codes, 0), codes, at->codes, 1);
            sums[row] = vfmaq_f32(sums[row], vcvtq_f32_s32(dot), vmulq_n_f32(scales->scales[0], at->scale));
            if (has_minima) sums[row] = vfmaq_n_f32(sums[row], scales->minima[0], at->scaled_sum);
        }
    }
}

// A quarter panel by `row_count` rows; `width` outputs of it exist.
INLINE void multiply_tile(enum nuthatch_layout layout, const uint8_t *panel, size_t lane, size_t block_count,
                          const struct nuthatch_activation_block *blocks, int row_count, float *output,
                          size_t output_stride, size_t width) {
    float32x4_t sums[8];
#pragma clang loop unroll(full)
    for (int row = 0; row < row_count; row++) sums[row] = vdupq_n_f32(0);
    size_t block_bytes = layout_block_bytes(layout), record_bytes = layout_record_bytes(layout);
    const uint8_t *record = panel + block_count * block_bytes;
    size_t in_record = layout_record_blocks(layout);
    for (size_t block = 0; block < block_count; block += in_record, record += record_bytes) {
        float32x4_t scale_factor = layout_is_super(layout) ? factor_of(record, 0, lane) : vdupq_n_f32(0);
        float32x4_t minimum_factor = layout_is_super(layout) && layout_has_minima(layout)
                                         ? factor_of(record, 1, lane)
                                         : vdupq_n_f32(0);
        for (size_t within = 0; within < in_record; within++) {
            struct block_scales scales =
                scales_of(layout, record, within, lane, scale_factor, minimum_factor);
            add_block(layout, panel + (block + within) * block_bytes + lane * 4, &scales,
                      blocks + block + within, block_count, row_count, sums);
        }
    }
#pragma clang loop unroll(full)
    for (int row = 0; row < row_count; row++) {
        float all[QUARTER_WIDTH];
        vst1q_f32(all, sums[row]);
        __builtin_memcpy(output + (size_t)row * output_stride + lane, all, width * sizeof(float));
    }
}

INLINE void multiply_layout(enum nuthatch_layout layout, const struct nuthatch_panels *weights,
                            size_t first_panel, size_t panel_count,
                            const struct nuthatch_activation_block *blocks, size_t row_count, float *output,
                            size_t output_stride) {
    size_t block_count = block_count_of(weights->input_count);
    for (size_t panel = first_panel; panel < first_panel + panel_count; panel++) {
        const uint8_t *base = weights->base + panel * weights->panel_byte_count;
        size_t column = panel * NUTHATCH_PANEL_WIDTH;
        for (size_t lane = 0; lane < NUTHATCH_PANEL_WIDTH; lane += QUARTER_WIDTH) {
            if (column + lane >= weights->output_count) break;
            size_t rest = weights->output_count - column - lane;
            size_t width = rest < QUARTER_WIDTH ? rest : QUARTER_WIDTH;
            size_t row = 0;
#define ROWS(count)                                                                                          \
    for (; row + (count) <= row_count; row += (count)) {                                                     \
        multiply_tile(layout, base, lane, block_count, blocks + row * block_count, count,                    \
                      output + row * output_stride + column, output_stride, width);                          \
    }
            ROWS(8)
            ROWS(4)
            ROWS(1)
#undef ROWS
        }
    }
}

#include "layout_functions.h"

NUTHATCH_CODES_KERNEL(nuthatch_multiply_codes_neon) {
    DISPATCH_LAYOUTS
}

#pragma clang attribute pop

#endif
