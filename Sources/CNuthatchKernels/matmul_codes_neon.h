// Coded panels on NEON: each quarter of a panel's 16 outputs is a register; four inputs of a row multiply
// those of each of four outputs. The including file defines CODES_KERNEL (the kernel's name), USES_DOTPROD
// (whether there is SDOT) and USES_I8MM (whether there is SMMLA), under its target.
//
// Factors are signed bytes: 4-bit codes and those of layouts with minima (below 128) are such as they are,
// others become so by their zero point, 128.
//
// Without SDOT, products are summed in 16 bits as far as these hold them: a block of 4-bit codes
// (8 * 15 * 127 = 15,240), or two groups of 8-bit ones (2 * 128 * 127 = 32,512). With SMMLA, two rows and two
// outputs meet in one instruction, eight inputs deep: two groups of codes side by side. All are exact, so the
// sums equal the other tables'.

#include <arm_neon.h>

#include "coded_layouts.h"
#include "kernels.h"

#pragma STDC FP_CONTRACT OFF

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

// Groups first .. first + count - 1 of a block's codes by the same of the activations, onto `sum`.
#if USES_DOTPROD
INLINE int32x4_t dot_groups(bool has_nibbles, int32x4_t sum, const int8x16_t *codes,
                            const int8_t *activations, int first, int count) {
    (void)has_nibbles;
#pragma clang loop unroll(full)
    for (int group = first; group < first + count; group += 4) {
        int8x16_t sixteen = vld1q_s8(activations + 4 * group);
        // A lane's index must be a constant.
        sum = vdotq_laneq_s32(sum, codes[group], sixteen, 0);
        sum = vdotq_laneq_s32(sum, codes[group + 1], sixteen, 1);
        sum = vdotq_laneq_s32(sum, codes[group + 2], sixteen, 2);
        sum = vdotq_laneq_s32(sum, codes[group + 3], sixteen, 3);
    }
    return sum;
}
#else
INLINE int8x16_t four_activations(const int8_t *activations) {
    int32_t four;
    __builtin_memcpy(&four, activations, sizeof(four));
    return vreinterpretq_s8_s32(vdupq_n_s32(four));
}

INLINE int32x4_t dot_groups(bool has_nibbles, int32x4_t sum, const int8x16_t *codes,
                            const int8_t *activations, int first, int count) {
    // Half an output per lane.
    int32x4_t low = vdupq_n_s32(0), high = vdupq_n_s32(0);
    int at_once = has_nibbles ? count : 2;
#pragma clang loop unroll(full)
    for (int start = first; start < first + count; start += at_once) {
        int16x8_t low_products = vdupq_n_s16(0), high_products = vdupq_n_s16(0);
#pragma clang loop unroll(full)
        for (int group = start; group < start + at_once; group++) {
            int8x16_t four = four_activations(activations + 4 * group);
            low_products = vmlal_s8(low_products, vget_low_s8(codes[group]), vget_low_s8(four));
            high_products = vmlal_high_s8(high_products, codes[group], four);
        }
        low = vpadalq_s16(low, low_products);
        high = vpadalq_s16(high, high_products);
    }
    return vaddq_s32(sum, vpaddq_s32(low, high));
}
#endif

// What the dot product of a block, or of a half, begins with: what undoes the zero point of 4-bit codes.
INLINE int32_t centre_of(enum nuthatch_layout layout, const struct nuthatch_activation_block *at, int half) {
    if (!layout_has_nibbles(layout) || layout_has_minima(layout)) return 0;
    return layout_has_half_scales(layout) ? at->half_centres[half] : at->centre;
}

// The dot product of a block, or of a half, onto a row's sum.
INLINE float32x4_t add_dot(enum nuthatch_layout layout, float32x4_t sum, int32x4_t dot,
                           const struct block_scales *scales, const struct nuthatch_activation_block *at,
                           int half) {
    sum = vfmaq_f32(sum, vcvtq_f32_s32(dot), vmulq_n_f32(scales->scales[half], at->scale));
    if (!layout_has_minima(layout)) return sum;
    float scaled_sum = layout_has_half_scales(layout) ? at->scaled_half_sums[half] : at->scaled_sum;
    return vfmaq_n_f32(sum, scales->minima[half], scaled_sum);
}

#if USES_I8MM
// Groups 2 i and 2 i + 1 side by side: outputs 0 and 1, then 2 and 3, of eight inputs each.
struct paired_codes {
    int8x16_t pairs[4][2];
};

INLINE struct paired_codes paired(const int8x16_t *codes) {
    struct paired_codes result;
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
        int32x4_t first = vreinterpretq_s32_s8(codes[2 * i]), second = vreinterpretq_s32_s8(codes[2 * i + 1]);
        result.pairs[i][0] = vreinterpretq_s8_s32(vzip1q_s32(first, second));
        result.pairs[i][1] = vreinterpretq_s8_s32(vzip2q_s32(first, second));
    }
    return result;
}

INLINE int8x16_t eight_of_both(const int8_t *row, const int8_t *next_row) {
    return vcombine_s8(vld1_s8(row), vld1_s8(next_row));
}

// One block onto the sums of two rows.
INLINE void add_two_rows(enum nuthatch_layout layout, const struct paired_codes *codes,
                         const struct block_scales *scales, const struct nuthatch_activation_block *at,
                         const struct nuthatch_activation_block *next, float32x4_t *sums) {
    int part_count = layout_has_half_scales(layout) ? 2 : 1, length = 4 / part_count;
#pragma clang loop unroll(full)
    for (int part = 0; part < part_count; part++) {
        int32x2_t centre = vdup_n_s32(centre_of(layout, at, part));
        int32x2_t next_centre = vdup_n_s32(centre_of(layout, next, part));
        // [row][output]: of outputs 0 and 1, and of 2 and 3.
        int32x4_t low = vcombine_s32(centre, next_centre), high = low;
#pragma clang loop unroll(full)
        for (int i = part * length; i < (part + 1) * length; i++) {
            int8x16_t activations = eight_of_both(at->codes + 8 * i, next->codes + 8 * i);
            low = vmmlaq_s32(low, activations, codes->pairs[i][0]);
            high = vmmlaq_s32(high, activations, codes->pairs[i][1]);
        }
        int64x2_t low_rows = vreinterpretq_s64_s32(low), high_rows = vreinterpretq_s64_s32(high);
        int32x4_t dot = vreinterpretq_s32_s64(vzip1q_s64(low_rows, high_rows));
        int32x4_t next_dot = vreinterpretq_s32_s64(vzip2q_s64(low_rows, high_rows));
        sums[0] = add_dot(layout, sums[0], dot, scales, at, part);
        sums[1] = add_dot(layout, sums[1], next_dot, scales, next, part);
    }
}
#endif

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
#if USES_I8MM
    if (row_count > 1) {
        struct paired_codes pairs = paired(codes);
#pragma clang loop unroll(full)
        for (int row = 0; row < row_count; row += 2) {
            const struct nuthatch_activation_block *at = blocks + (size_t)row * block_stride;
            add_two_rows(layout, &pairs, scales, at, at + block_stride, sums + row);
        }
        return;
    }
#endif
#pragma clang loop unroll(full)
    for (int row = 0; row < row_count; row++) {
        const struct nuthatch_activation_block *at = blocks + (size_t)row * block_stride;
        int part_count = layout_has_half_scales(layout) ? 2 : 1, length = 8 / part_count;
#pragma clang loop unroll(full)
        for (int part = 0; part < part_count; part++) {
            int32x4_t dot = vdupq_n_s32(centre_of(layout, at, part));
            dot = dot_groups(has_nibbles, dot, codes, at->codes, part * length, length);
            sums[row] = add_dot(layout, sums[row], dot, scales, at, part);
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
#if USES_DOTPROD
            ROWS(8)
#endif
            // Without SDOT, what holds products leaves registers for four rows' sums.
            ROWS(4)
            ROWS(2)
            ROWS(1)
#undef ROWS
        }
    }
}

#include "layout_functions.h"

NUTHATCH_CODES_KERNEL(CODES_KERNEL) {
    DISPATCH_LAYOUTS
}
