// A panel's scales in full vectors, one output per lane. Included under an AVX-512 target, after
// <immintrin.h>.

#ifndef NUTHATCH_PANELS_AVX512_H
#define NUTHATCH_PANELS_AVX512_H

#include "coded_layouts.h"

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

// The outputs of a panel that exist, as a mask of lanes.
INLINE __mmask16 lanes_of(const struct nuthatch_panels *weights, size_t panel) {
    size_t width = weights->output_count - panel * NUTHATCH_PANEL_WIDTH;
    return width >= NUTHATCH_PANEL_WIDTH ? 0xffff : (__mmask16)((1u << width) - 1);
}

// One vector of nibbles: group g in the low halves, group g + 4 in the high ones.
INLINE void unpack_nibbles(const uint8_t *from, __m512i *low_group, __m512i *high_group) {
    __m512i low = _mm512_set1_epi8(15);
    __m512i both = _mm512_load_si512(from);
    *low_group = _mm512_and_si512(both, low);
    *high_group = _mm512_and_si512(_mm512_srli_epi16(both, 4), low);
}

#endif
