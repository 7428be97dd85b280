#if defined(__x86_64__)

// Coded panels with AVX-512 VNNI: an output per lane, VPDPBUSD multiplies four inputs of each of 16 outputs
// with four activations broadcast from memory.

#include <immintrin.h>

#include "coded_layouts.h"
#include "kernels.h"

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni"))),       \
                             apply_to = function)

#include "panels_avx512.h"

INLINE __m512i broadcast(const int32_t *value) {
    return _mm512_set1_epi32(*value);
}

// Groups first .. first + count - 1 of a block's codes by the same of the activations, onto `sum`.
INLINE __m512i dot_groups(__m512i sum, const __m512i *codes, const int8_t *activations, int first,
                          int count) {
#pragma clang loop unroll(full)
    for (int group = first; group < first + count; group++) {
        int32_t four;
        __builtin_memcpy(&four, activations + 4 * group, sizeof(four));
        sum = _mm512_dpbusd_epi32(sum, codes[group], _mm512_set1_epi32(four));
    }
    return sum;
}

// One block of one panel onto the sums of `row_count` rows.
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
#pragma clang loop unroll(full)
    for (int row = 0; row < row_count; row++) {
        const struct nuthatch_activation_block *at = blocks + (size_t)row * block_stride;
        __m512 activation_scale = _mm512_set1_ps(at->scale);
        if (layout_has_half_scales(layout)) {
#pragma clang loop unroll(full)
            for (int half = 0; half < 2; half++) {
                __m512i dot = has_minima
                                  ? _mm512_setzero_si512()
                                  : _mm512_slli_epi32(broadcast(&at->half_centres[half]), centre_shift);
                dot = dot_groups(dot, codes, at->codes, 4 * half, 4);
                sums[row] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(dot),
                                            _mm512_mul_ps(scales->scales[half], activation_scale), sums[row]);
                if (has_minima) {
                    sums[row] = _mm512_fmadd_ps(scales->minima[half],
                                                _mm512_set1_ps(at->scaled_half_sums[half]), sums[row]);
                }
            }
        } else {
            __m512i dot =
                has_minima ? _mm512_setzero_si512() : _mm512_slli_epi32(broadcast(&at->centre), centre_shift);
            dot = dot_groups(dot, codes, at->codes, 0, 8);
            sums[row] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(dot),
                                        _mm512_mul_ps(scales->scales[0], activation_scale), sums[row]);
            if (has_minima) {
                sums[row] = _mm512_fmadd_ps(scales->minima[0], _mm512_set1_ps(at->scaled_sum), sums[row]);
            }
        }
    }
}

// One panel by `row_count` rows. Blocks overlap in the core's window: only the float sums form chains.
INLINE void multiply_tile(enum nuthatch_layout layout, const uint8_t *panel, size_t block_count,
                          const struct nuthatch_activation_block *blocks, int row_count, bool fetches,
                          float *output, size_t output_stride, __mmask16 outputs) {
    __m512 sums[16];
#pragma clang loop unroll(full)
    for (int row = 0; row < row_count; row++) sums[row] = _mm512_setzero_ps();
    size_t block_bytes = layout_block_bytes(layout), record_bytes = layout_record_bytes(layout);
    const uint8_t *record = panel + block_count * block_bytes;
    size_t in_record = layout_record_blocks(layout);
    size_t step_bytes = block_bytes + record_bytes / in_record;
    for (size_t block = 0; block < block_count; block += in_record, record += record_bytes) {
        __m512 scale_factor = layout_is_super(layout) ? factor_of(record, 0) : _mm512_setzero_ps();
        __m512 minimum_factor =
            layout_is_super(layout) && layout_has_minima(layout) ? factor_of(record, 1) : _mm512_setzero_ps();
        for (size_t within = 0; within < in_record; within++) {
            const uint8_t *codes = panel + (block + within) * block_bytes;
            if (fetches) fetch_block(layout, panel + (block + within) * step_bytes);
            struct block_scales scales = scales_of(layout, record, within, scale_factor, minimum_factor);
            add_block(layout, codes, &scales, blocks + block + within, block_count, row_count, sums);
        }
    }
#pragma clang loop unroll(full)
    for (int row = 0; row < row_count; row++) {
        _mm512_mask_storeu_ps(output + (size_t)row * output_stride, outputs, sums[row]);
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
        __mmask16 outputs = lanes_of(weights, panel);
        size_t row = 0;
#define ROWS(count)                                                                                          \
    for (; row + (count) <= row_count; row += (count)) {                                                     \
        multiply_tile(layout, base, block_count, blocks + row * block_count, count, row == 0,                \
                      output + row * output_stride + column, output_stride, outputs);                        \
    }
        ROWS(8)
        ROWS(4)
        ROWS(2)
        ROWS(1)
#undef ROWS
    }
}

#include "layout_functions.h"

NUTHATCH_CODES_KERNEL(nuthatch_multiply_codes_avx512) {
    DISPATCH_LAYOUTS
}

#pragma clang attribute pop

#endif
