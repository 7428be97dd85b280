#if defined(__x86_64__)

// Coded panels with AVX-512 VNNI: an output per lane, VPDPBUSD multiplies four inputs of each of 16 outputs with
// four activations broadcast from memory.

#include <immintrin.h>

#include "coded_layouts.h"
#include "kernels.h"

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni"))), apply_to = function)

#define INLINE static inline __attribute__((always_inline))

struct block_scales {
    __m512 scales[2], minima[2];
};

INLINE __m512 widened_halves(const uint16_t *halves) {
    return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)halves));
}

INLINE __m512 widened_integers(const int8_t *integers) {
    return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)integers)));
}

// Scales of block `within` of a record; factors are the record's own, widened once per record.
INLINE struct block_scales scales_of(enum nuthatch_layout layout, const uint8_t *record, size_t within,
                                     __m512 scale_factor, __m512 minimum_factor) {
    struct block_scales result;
    switch (layout) {
        case NUTHATCH_NIBBLES_SCALE_MINIMUM:
        case NUTHATCH_BYTES_SCALE_MINIMUM: {
            const struct nuthatch_scales_minima *at = (const struct nuthatch_scales_minima *)record;
            result.scales[0] = widened_halves(at->scales);
            result.minima[0] = widened_halves(at->minima);
            break;
        }
        case NUTHATCH_NIBBLES_SUPER_MINIMUM:
        case NUTHATCH_BYTES_SUPER_MINIMUM: {
            const struct nuthatch_super_minima *at = (const struct nuthatch_super_minima *)record;
            result.scales[0] = _mm512_mul_ps(scale_factor, widened_integers(at->scales[within]));
            result.minima[0] = _mm512_mul_ps(minimum_factor, widened_integers(at->minima[within]));
            break;
        }
        case NUTHATCH_NIBBLES_SUPER16:
        case NUTHATCH_BYTES_SUPER16: {
            const struct nuthatch_super16 *at = (const struct nuthatch_super16 *)record;
            result.scales[0] = _mm512_mul_ps(scale_factor, widened_integers(at->scales[2 * within]));
            result.scales[1] = _mm512_mul_ps(scale_factor, widened_integers(at->scales[2 * within + 1]));
            break;
        }
        case NUTHATCH_NIBBLES_SUPER16_MINIMUM: {
            const struct nuthatch_super16_minima *at = (const struct nuthatch_super16_minima *)record;
            result.scales[0] = _mm512_mul_ps(scale_factor, widened_integers(at->scales[2 * within]));
            result.scales[1] = _mm512_mul_ps(scale_factor, widened_integers(at->scales[2 * within + 1]));
            result.minima[0] = _mm512_mul_ps(minimum_factor, widened_integers(at->minima[2 * within]));
            result.minima[1] = _mm512_mul_ps(minimum_factor, widened_integers(at->minima[2 * within + 1]));
            break;
        }
        default:
            result.scales[0] = widened_halves(((const struct nuthatch_scales *)record)->scales);
    }
    return result;
}

INLINE __m512 factor_of(const uint8_t *record, size_t which) {
    return widened_halves((const uint16_t *)record + which * NUTHATCH_PANEL_WIDTH);
}

INLINE __m512i broadcast(const int32_t *value) {
    return _mm512_set1_epi32(*value);
}

// Groups first .. first + count - 1 of a block's codes by the same of the activations, onto `sum`.
INLINE __m512i dot_groups(__m512i sum, const __m512i *codes, const int8_t *activations, int first, int count) {
#pragma clang loop unroll(full)
    for (int group = first; group < first + count; group++) {
        int32_t four;
        __builtin_memcpy(&four, activations + 4 * group, sizeof(four));
        sum = _mm512_dpbusd_epi32(sum, codes[group], _mm512_set1_epi32(four));
    }
    return sum;
}

// One block of one panel onto the sums of `row_count` rows.
INLINE void add_block(enum nuthatch_layout layout, const uint8_t *code_bytes, const struct block_scales *scales,
                      const struct nuthatch_activation_block *blocks, size_t block_stride, int row_count,
                      __m512 *sums) {
    __m512i codes[8];
    if (layout_has_nibbles(layout)) {
        __m512i low = _mm512_set1_epi8(15);
#pragma clang loop unroll(full)
        for (int i = 0; i < 4; i++) {
            __m512i both = _mm512_load_si512(code_bytes + 64 * i);
            codes[i] = _mm512_and_si512(both, low);
            codes[i + 4] = _mm512_and_si512(_mm512_srli_epi16(both, 4), low);
        }
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
                __m512i dot = has_minima ? _mm512_setzero_si512()
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
            __m512i dot = has_minima ? _mm512_setzero_si512()
                                     : _mm512_slli_epi32(broadcast(&at->centre), centre_shift);
            dot = dot_groups(dot, codes, at->codes, 0, 8);
            sums[row] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(dot), _mm512_mul_ps(scales->scales[0], activation_scale),
                                        sums[row]);
            if (has_minima) {
                sums[row] = _mm512_fmadd_ps(scales->minima[0], _mm512_set1_ps(at->scaled_sum), sums[row]);
            }
        }
    }
}

enum {
    // How far ahead of one row's pass codes are fetched: 2 KiB are some 80 ns of work, a memory access.
    PREFETCH_BYTES = 2048,
};

// One panel by `row_count` rows. Blocks overlap in the core's window: only the float sums form chains.
INLINE void multiply_tile(enum nuthatch_layout layout, const uint8_t *panel, size_t block_count,
                          const struct nuthatch_activation_block *blocks, int row_count, float *output,
                          size_t output_stride, __mmask16 outputs) {
    __m512 sums[16];
#pragma clang loop unroll(full)
    for (int row = 0; row < row_count; row++) sums[row] = _mm512_setzero_ps();
    size_t block_bytes = layout_block_bytes(layout), record_bytes = layout_record_bytes(layout);
    const uint8_t *record = panel + block_count * block_bytes;
    size_t in_record = layout_record_blocks(layout);
    for (size_t block = 0; block < block_count; block += in_record, record += record_bytes) {
        __m512 scale_factor = layout_is_super(layout) ? factor_of(record, 0) : _mm512_setzero_ps();
        __m512 minimum_factor =
            layout_is_super(layout) && layout_has_minima(layout) ? factor_of(record, 1) : _mm512_setzero_ps();
        for (size_t within = 0; within < in_record; within++) {
            const uint8_t *codes = panel + (block + within) * block_bytes;
            if (row_count == 1) {
#pragma clang loop unroll(full)
                for (size_t i = 0; i < block_bytes; i += 64) {
                    _mm_prefetch((const char *)codes + PREFETCH_BYTES + i, _MM_HINT_T0);
                }
            }
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
        size_t width = weights->output_count - column;
        __mmask16 outputs = width >= 16 ? 0xffff : (__mmask16)((1u << width) - 1);
        size_t row = 0;
#define ROWS(count)                                                                                            \
    for (; row + (count) <= row_count; row += (count)) {                                                       \
        multiply_tile(layout, base, block_count, blocks + row * block_count, count,                            \
                      output + row * output_stride + column, output_stride, outputs);                          \
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
