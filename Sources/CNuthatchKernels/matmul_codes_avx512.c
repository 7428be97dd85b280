#if defined(__x86_64__)

// Coded panels with AVX-512 VNNI: an output per lane, VPDPBUSD multiplies four inputs of each of 16 outputs
// with four activations broadcast from memory.

#include <immintrin.h>

#include "coded_layouts.h"
#include "kernels.h"
#include "panels_ahead.h"

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni"))),       \
                             apply_to = function)

#include "panels_avx512.h"

INLINE __m512i broadcast(const int32_t *value) {
    return _mm512_set1_epi32(*value);
}

// One block of one panel onto the sums of `row_count` rows. The rows' products take turns: each row's form a
// chain, and one chain after the other fills the core's scheduler with products that wait (8 rows, in cycles
// for a block: 68 that way, 49 this way, and no fewer than 48 for its vector instructions).
INLINE void add_block(enum nuthatch_layout layout, const uint8_t *code_bytes,
                      const struct block_scales *scales, const struct nuthatch_activation_block *blocks,
                      size_t block_stride, int row_count, __m512 *sums) {
    __m512i codes[8];
    if (layout_has_nibbles(layout)) {
#pragma clang loop unroll(full)
        for (int i = 0; i < 4; i++) unpack_nibbles(code_bytes + 64 * i, &codes[i], &codes[i + 4]);
    } else {
#pragma clang loop unroll(full)
        for (int i = 0; i < 8; i++) codes[i] = _mm512_load_si512(code_bytes + 64 * i);
    }
    bool has_minima = layout_has_minima(layout);
    // centres are stored for 4-bit codes; the zero point of 8-bit ones is 16 times theirs
    int centre_shift = layout_has_nibbles(layout) ? 0 : 4;
    int parts = layout_has_half_scales(layout) ? 2 : 1, groups = 8 / parts;
#pragma clang loop unroll(full)
    for (int part = 0; part < parts; part++) {
        __m512i dots[8];
#pragma clang loop unroll(full)
        for (int row = 0; row < row_count; row++) {
            const struct nuthatch_activation_block *at = blocks + (size_t)row * block_stride;
            const int32_t *centre = parts == 2 ? &at->half_centres[part] : &at->centre;
            dots[row] =
                has_minima ? _mm512_setzero_si512() : _mm512_slli_epi32(broadcast(centre), centre_shift);
        }
#pragma clang loop unroll(full)
        for (int group = part * groups; group < (part + 1) * groups; group++) {
#pragma clang loop unroll(full)
            for (int row = 0; row < row_count; row++) {
                int32_t four;
                __builtin_memcpy(&four, blocks[(size_t)row * block_stride].codes + 4 * group, sizeof(four));
                dots[row] = _mm512_dpbusd_epi32(dots[row], codes[group], _mm512_set1_epi32(four));
            }
        }
#pragma clang loop unroll(full)
        for (int row = 0; row < row_count; row++) {
            const struct nuthatch_activation_block *at = blocks + (size_t)row * block_stride;
            __m512 scale = _mm512_mul_ps(scales->scales[part], _mm512_set1_ps(at->scale));
            sums[row] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(dots[row]), scale, sums[row]);
            if (has_minima) {
                float sum = parts == 2 ? at->scaled_half_sums[part] : at->scaled_sum;
                sums[row] = _mm512_fmadd_ps(scales->minima[part], _mm512_set1_ps(sum), sums[row]);
            }
        }
    }
}

enum {
    // Panels that are read side by side. Memory gives a core more of several places at a time than of one:
    // with 380 MB of panels and two threads, one row took 17 GB/s of one panel after the other, 20 of two at
    // once, 23 of four and 25 of eight.
    ONE_ROW_PANELS = 4,
    // With more rows there are registers for the sums of so many.
    PANELS = 2,
};

// Some panels, block by block of each.
struct panel_group {
    const uint8_t *base;
    size_t stride;
    // What is asked for meanwhile.
    struct panel_ahead ahead[ONE_ROW_PANELS];
    __mmask16 outputs[ONE_ROW_PANELS];
};

// `panel_count` panels by `row_count` rows. Blocks overlap in the core's window: only the float sums form
// chains.
INLINE void multiply_tile(enum nuthatch_layout layout, const struct panel_group *group, int panel_count,
                          size_t block_count, const struct nuthatch_activation_block *blocks, int row_count,
                          bool fetches, float *output, size_t output_stride) {
    __m512 sums[ONE_ROW_PANELS][8];
#pragma clang loop unroll(full)
    for (int panel = 0; panel < panel_count; panel++) {
#pragma clang loop unroll(full)
        for (int row = 0; row < row_count; row++) sums[panel][row] = _mm512_setzero_ps();
    }
    size_t block_bytes = layout_block_bytes(layout), record_bytes = layout_record_bytes(layout);
    size_t in_record = layout_record_blocks(layout);
    const uint8_t *records = group->base + block_count * block_bytes;
    for (size_t block = 0; block < block_count; block += in_record, records += record_bytes) {
        __m512 scale_factors[ONE_ROW_PANELS], minimum_factors[ONE_ROW_PANELS];
#pragma clang loop unroll(full)
        for (int panel = 0; panel < panel_count; panel++) {
            const uint8_t *record = records + (size_t)panel * group->stride;
            bool has_minima = layout_has_minima(layout);
            scale_factors[panel] = layout_is_super(layout) ? factor_of(record, 0) : _mm512_setzero_ps();
            minimum_factors[panel] =
                layout_is_super(layout) && has_minima ? factor_of(record, 1) : _mm512_setzero_ps();
        }
        for (size_t within = 0; within < in_record; within++) {
#pragma clang loop unroll(full)
            for (int panel = 0; panel < panel_count; panel++) {
                const uint8_t *base = group->base + (size_t)panel * group->stride;
                if (fetches) fetch_ahead(&group->ahead[panel], block + within);
                struct block_scales scales = scales_of(layout, records + (size_t)panel * group->stride,
                                                       within, scale_factors[panel], minimum_factors[panel]);
                add_block(layout, base + (block + within) * block_bytes, &scales, blocks + block + within,
                          block_count, row_count, sums[panel]);
            }
        }
    }
#pragma clang loop unroll(full)
    for (int panel = 0; panel < panel_count; panel++) {
        float *to = output + panel * NUTHATCH_PANEL_WIDTH;
#pragma clang loop unroll(full)
        for (int row = 0; row < row_count; row++) {
            _mm512_mask_storeu_ps(to + (size_t)row * output_stride, group->outputs[panel], sums[panel][row]);
        }
    }
}

// Panels from `panel` on, `at_once` at a time while there are so many; returns the first that is left.
INLINE size_t multiply_groups(enum nuthatch_layout layout, const struct nuthatch_panels *weights,
                              size_t panel, size_t end, int at_once,
                              const struct nuthatch_activation_block *blocks, size_t row_count, float *output,
                              size_t output_stride) {
    size_t block_count = block_count_of(weights->input_count), count = (size_t)at_once;
    for (; panel + count <= end; panel += count) {
        struct panel_group group = {.base = weights->base + panel * weights->panel_byte_count,
                                    .stride = weights->panel_byte_count};
        for (int index = 0; index < at_once; index++) {
            group.outputs[index] = lanes_of(weights, panel + (size_t)index);
            group.ahead[index] = panel_ahead(weights, panel + count + (size_t)index, end);
        }
        float *to = output + panel * NUTHATCH_PANEL_WIDTH;
        size_t row = 0;
#define ROWS(rows)                                                                                           \
    for (; row + (rows) <= row_count; row += (rows)) {                                                       \
        multiply_tile(layout, &group, at_once, block_count, blocks + row * block_count, rows,                \
                      row == 0, to + row * output_stride, output_stride);                                    \
    }
        if (at_once <= PANELS) {
            ROWS(8)
            ROWS(4)
            ROWS(2)
        }
        ROWS(1)
#undef ROWS
    }
    return panel;
}

INLINE void multiply_layout(enum nuthatch_layout layout, const struct nuthatch_panels *weights,
                            size_t first_panel, size_t panel_count,
                            const struct nuthatch_activation_block *blocks, size_t row_count, float *output,
                            size_t output_stride) {
    size_t end = first_panel + panel_count, panel = first_panel;
#define GROUPS(at_once)                                                                                      \
    panel = multiply_groups(layout, weights, panel, end, at_once, blocks, row_count, output, output_stride);
    if (row_count == 1) GROUPS(ONE_ROW_PANELS)
    GROUPS(PANELS)
    GROUPS(1)
#undef GROUPS
}

#include "layout_functions.h"

NUTHATCH_CODES_KERNEL(nuthatch_multiply_codes_avx512) {
    DISPATCH_LAYOUTS
}

#pragma clang attribute pop

#endif
