// Coded panels on 256-bit registers: each half of a panel's 16 outputs in turn. The including file defines
// CODES_KERNEL (the kernel's name) and USES_VNNI (whether there is VPDPBUSD), under its target.
//
// Without VPDPBUSD, 4-bit codes go through VPMADDUBSW: pairs of products in 16 bits, and all eight groups of
// a block still fit (8 * 2 * 15 * 127 = 30,480). 8-bit codes would saturate there; they are widened to 16
// bits in place (even and odd bytes) and go through VPMADDWD. Both are exact, so the sums equal the other
// tables'.

#include <immintrin.h>

#include "coded_layouts.h"
#include "kernels.h"
#include "panels_ahead.h"

#pragma STDC FP_CONTRACT OFF

#define INLINE static inline __attribute__((always_inline))

// Lanes (outputs) of one register; a panel has two such halves.
enum { HALF_WIDTH = 8 };

struct block_scales {
    __m256 scales[2], minima[2];
};

INLINE __m256 widened_halves(const uint16_t *halves) {
    return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)halves));
}

INLINE __m256 widened_integers(const int8_t *integers) {
    return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)integers)));
}

// Scales of block `within` of a record for the outputs from `lane` on; factors are the record's, widened
// once.
INLINE struct block_scales scales_of(enum nuthatch_layout layout, const uint8_t *record, size_t within,
                                     size_t lane, __m256 scale_factor, __m256 minimum_factor) {
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
            result.scales[0] = _mm256_mul_ps(scale_factor, widened_integers(at->scales[within] + lane));
            result.minima[0] = _mm256_mul_ps(minimum_factor, widened_integers(at->minima[within] + lane));
            break;
        }
        case NUTHATCH_NIBBLES_SUPER16:
        case NUTHATCH_BYTES_SUPER16: {
            const struct nuthatch_super16 *at = (const struct nuthatch_super16 *)record;
            for (size_t half = 0; half < 2; half++) {
                const int8_t *integers = at->scales[2 * within + half] + lane;
                result.scales[half] = _mm256_mul_ps(scale_factor, widened_integers(integers));
            }
            break;
        }
        case NUTHATCH_NIBBLES_SUPER16_MINIMUM: {
            const struct nuthatch_super16_minima *at = (const struct nuthatch_super16_minima *)record;
            for (size_t half = 0; half < 2; half++) {
                const int8_t *integers = at->scales[2 * within + half] + lane;
                result.scales[half] = _mm256_mul_ps(scale_factor, widened_integers(integers));
                integers = at->minima[2 * within + half] + lane;
                result.minima[half] = _mm256_mul_ps(minimum_factor, widened_integers(integers));
            }
            break;
        }
        default:
            result.scales[0] = widened_halves(((const struct nuthatch_scales *)record)->scales + lane);
    }
    return result;
}

INLINE __m256 factor_of(const uint8_t *record, size_t which, size_t lane) {
    return widened_halves((const uint16_t *)record + which * NUTHATCH_PANEL_WIDTH + lane);
}

INLINE __m256i four_activations(const int8_t *activations) {
    int32_t four;
    __builtin_memcpy(&four, activations, sizeof(four));
    return _mm256_set1_epi32(four);
}

// Groups first .. first + count - 1 of a block's codes by the same of the activations, onto `sum`.
INLINE __m256i dot_groups(bool has_nibbles, __m256i sum, const __m256i *codes, const int8_t *activations,
                          int first, int count) {
#if USES_VNNI
    (void)has_nibbles;
#pragma clang loop unroll(full)
    for (int group = first; group < first + count; group++) {
        sum = _mm256_dpbusd_avx_epi32(sum, codes[group], four_activations(activations + 4 * group));
    }
    return sum;
#else
    if (has_nibbles) {
        __m256i pairs = _mm256_setzero_si256();
#pragma clang loop unroll(full)
        for (int group = first; group < first + count; group++) {
            __m256i products = _mm256_maddubs_epi16(codes[group], four_activations(activations + 4 * group));
            pairs = _mm256_add_epi16(pairs, products);
        }
        return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
    }
#pragma clang loop unroll(full)
    for (int group = first; group < first + count; group++) {
        __m256i four = four_activations(activations + 4 * group);
        __m256i odd_activations = _mm256_srai_epi16(four, 8);
        __m256i even_activations = _mm256_srai_epi16(_mm256_slli_epi16(four, 8), 8);
        __m256i odd_codes = _mm256_srli_epi16(codes[group], 8);
        __m256i even_codes = _mm256_and_si256(codes[group], _mm256_set1_epi16(255));
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(odd_codes, odd_activations));
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(even_codes, even_activations));
    }
    return sum;
#endif
}

// One block of half a panel onto the sums of `row_count` rows.
INLINE void add_block(enum nuthatch_layout layout, const uint8_t *code_bytes,
                      const struct block_scales *scales, const struct nuthatch_activation_block *blocks,
                      size_t block_stride, int row_count, __m256 *sums) {
    __m256i codes[8];
    bool has_nibbles = layout_has_nibbles(layout), has_minima = layout_has_minima(layout);
    if (has_nibbles) {
        __m256i low = _mm256_set1_epi8(15);
#pragma clang loop unroll(full)
        for (int i = 0; i < 4; i++) {
            __m256i both = _mm256_load_si256((const __m256i *)(code_bytes + 64 * i));
            codes[i] = _mm256_and_si256(both, low);
            codes[i + 4] = _mm256_and_si256(_mm256_srli_epi16(both, 4), low);
        }
    } else {
#pragma clang loop unroll(full)
        for (int i = 0; i < 8; i++) codes[i] = _mm256_load_si256((const __m256i *)(code_bytes + 64 * i));
    }
    // centres are stored for 4-bit codes; the zero point of 8-bit ones is 16 times theirs
    int centre_shift = has_nibbles ? 0 : 4;
#pragma clang loop unroll(full)
    for (int row = 0; row < row_count; row++) {
        const struct nuthatch_activation_block *at = blocks + (size_t)row * block_stride;
        __m256 activation_scale = _mm256_set1_ps(at->scale);
        if (layout_has_half_scales(layout)) {
#pragma clang loop unroll(full)
            for (int half = 0; half < 2; half++) {
                __m256i dot =
                    has_minima ? _mm256_setzero_si256()
                               : _mm256_slli_epi32(_mm256_set1_epi32(at->half_centres[half]), centre_shift);
                dot = dot_groups(has_nibbles, dot, codes, at->codes, 4 * half, 4);
                sums[row] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(dot),
                                            _mm256_mul_ps(scales->scales[half], activation_scale), sums[row]);
                if (has_minima) {
                    sums[row] = _mm256_fmadd_ps(scales->minima[half],
                                                _mm256_set1_ps(at->scaled_half_sums[half]), sums[row]);
                }
            }
        } else {
            __m256i dot = has_minima ? _mm256_setzero_si256()
                                     : _mm256_slli_epi32(_mm256_set1_epi32(at->centre), centre_shift);
            dot = dot_groups(has_nibbles, dot, codes, at->codes, 0, 8);
            sums[row] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(dot),
                                        _mm256_mul_ps(scales->scales[0], activation_scale), sums[row]);
            if (has_minima) {
                sums[row] = _mm256_fmadd_ps(scales->minima[0], _mm256_set1_ps(at->scaled_sum), sums[row]);
            }
        }
    }
}

INLINE void store_outputs(float *to, __m256 values, size_t width) {
    if (width >= HALF_WIDTH) {
        _mm256_storeu_ps(to, values);
        return;
    }
    float all[HALF_WIDTH];
    _mm256_storeu_ps(all, values);
    __builtin_memcpy(to, all, width * sizeof(float));
}

// Half a panel by `row_count` rows; `width` outputs of it exist. Asks for the panel `ahead` meanwhile,
// unless NULL.
INLINE void multiply_tile(enum nuthatch_layout layout, const uint8_t *panel, size_t lane, size_t block_count,
                          const struct nuthatch_activation_block *blocks, int row_count,
                          const struct panel_ahead *ahead, float *output, size_t output_stride,
                          size_t width) {
    __m256 sums[4];
#pragma clang loop unroll(full)
    for (int row = 0; row < row_count; row++) sums[row] = _mm256_setzero_ps();
    size_t block_bytes = layout_block_bytes(layout), record_bytes = layout_record_bytes(layout);
    const uint8_t *record = panel + block_count * block_bytes;
    size_t in_record = layout_record_blocks(layout);
    for (size_t block = 0; block < block_count; block += in_record, record += record_bytes) {
        __m256 scale_factor = layout_is_super(layout) ? factor_of(record, 0, lane) : _mm256_setzero_ps();
        __m256 minimum_factor = layout_is_super(layout) && layout_has_minima(layout)
                                    ? factor_of(record, 1, lane)
                                    : _mm256_setzero_ps();
        for (size_t within = 0; within < in_record; within++) {
            if (ahead) fetch_ahead(ahead, block + within);
            struct block_scales scales =
                scales_of(layout, record, within, lane, scale_factor, minimum_factor);
            add_block(layout, panel + (block + within) * block_bytes + lane * 4, &scales,
                      blocks + block + within, block_count, row_count, sums);
        }
    }
#pragma clang loop unroll(full)
    for (int row = 0; row < row_count; row++) {
        store_outputs(output + (size_t)row * output_stride + lane, sums[row], width);
    }
}

INLINE void multiply_layout(enum nuthatch_layout layout, const struct nuthatch_panels *weights,
                            size_t first_panel, size_t panel_count,
                            const struct nuthatch_activation_block *blocks, size_t row_count, float *output,
                            size_t output_stride) {
    size_t block_count = block_count_of(weights->input_count), end = first_panel + panel_count;
    for (size_t panel = first_panel; panel < end; panel++) {
        const uint8_t *base = weights->base + panel * weights->panel_byte_count;
        struct panel_ahead next = panel_ahead(weights, panel + 1, end);
        size_t column = panel * NUTHATCH_PANEL_WIDTH;
        for (size_t lane = 0; lane < NUTHATCH_PANEL_WIDTH; lane += HALF_WIDTH) {
            if (column + lane >= weights->output_count) break;
            size_t width = weights->output_count - column - lane;
            // Once a panel: later rows, and the other half, find it in the cache.
            const struct panel_ahead *ahead = lane == 0 ? &next : NULL;
            size_t row = 0;
#define ROWS(count)                                                                                          \
    for (; row + (count) <= row_count; row += (count), ahead = NULL) {                                       \
        multiply_tile(layout, base, lane, block_count, blocks + row * block_count, count, ahead,             \
                      output + row * output_stride + column, output_stride, width);                          \
    }
            ROWS(4)
            ROWS(1)
#undef ROWS
        }
    }
}

#include "layout_functions.h"

NUTHATCH_CODES_KERNEL(CODES_KERNEL) {
    DISPATCH_LAYOUTS
}
