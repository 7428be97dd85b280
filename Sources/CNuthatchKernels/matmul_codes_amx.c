#if defined(__x86_64__)

// Coded panels with AMX: TDPBSUD multiplies 16 rows by a panel's 16 outputs over 32 inputs (16 where half
// blocks have their own scales) in one instruction. Its sums are the same integers VPDPBUSD makes, and what
// follows them is the same float operations, so results equal the other tables'. Rows beyond a multiple of 16
// go to AVX-512.

#include <immintrin.h>

#include "kernels.h"

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(                                                                                \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,amx-tile,amx-int8"))),              \
    apply_to = function)

#include "panels_avx512.h"

enum {
    TILE_ROWS = 16,
    VECTOR_BYTES = 64,
    // Panels are unpacked to bytes once per call and panel, so many blocks at a time: 32 KiB of the
    // first-level cache's 48 (all processors with AMX have that), the rest for activations and sums.
    UNPACKED_BLOCKS = 64,
};

// Tiles 0 to 3 hold sums, 4 and 6 activations, 5 and 7 codes. A product takes 52 cycles but a next one can
// start after 16: four under way hide what the tile registers, which are not renamed, can't.
enum { SUM_TILES = 4 };

// Palette 1: bytes per row at 16, rows at 48 (Intel SDM volume 1, section 18.2).
struct tile_configuration {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
};
_Static_assert(sizeof(struct tile_configuration) == 64, "the operand of LDTILECFG");

INLINE void configure_tiles(bool has_half_scales) {
    struct tile_configuration tiles = {.palette = 1};
    for (int tile = 0; tile < SUM_TILES; tile++) {
        tiles.rows[tile] = TILE_ROWS;
        tiles.row_bytes[tile] = VECTOR_BYTES;
    }
    for (int tile = SUM_TILES; tile < 8; tile += 2) {
        tiles.rows[tile] = TILE_ROWS;
        tiles.row_bytes[tile] = has_half_scales ? 16 : 32;
        tiles.rows[tile + 1] = has_half_scales ? 4 : 8;
        tiles.row_bytes[tile + 1] = VECTOR_BYTES;
    }
    _tile_loadconfig(&tiles);
}

#define DOT_TILE(sum_tile, activation_tile, code_tile, step)                                                 \
    if (step < step_count) {                                                                                 \
        _tile_zero(sum_tile);                                                                                \
        _tile_loadd(activation_tile, activations_of(rows, step, part_count), row_bytes);                     \
        _tile_loadd(code_tile, codes + (step) * part_bytes, VECTOR_BYTES);                                   \
        _tile_dpbsud(sum_tile, activation_tile, code_tile);                                                  \
    }

INLINE const int8_t *activations_of(const struct nuthatch_activation_block *rows, size_t step,
                                    size_t part_count) {
    return rows[step / part_count].codes + step % part_count * 16;
}

// The integer sums of 16 rows over up to four blocks (or halves of blocks) from `step` on, left in the tiles.
INLINE void multiply_tiles(size_t part_count, const uint8_t *codes,
                           const struct nuthatch_activation_block *rows, size_t row_bytes, size_t step,
                           size_t step_count) {
    size_t part_bytes = NUTHATCH_BYTE_BLOCK_BYTES / part_count;
    DOT_TILE(0, 4, 5, step)
    DOT_TILE(1, 6, 7, step + 1)
    DOT_TILE(2, 4, 5, step + 2)
    DOT_TILE(3, 6, 7, step + 3)
}

// The tiles to memory: [tile][row][16 outputs]. Those a last, shorter round left unused hold old sums, never
// read.
INLINE void store_tiles(int32_t (*dots)[TILE_ROWS * NUTHATCH_PANEL_WIDTH]) {
    _tile_stored(0, dots[0], VECTOR_BYTES);
    _tile_stored(1, dots[1], VECTOR_BYTES);
    _tile_stored(2, dots[2], VECTOR_BYTES);
    _tile_stored(3, dots[3], VECTOR_BYTES);
}

// Integer sums of 16 rows onto their float sums, as in the scalar definition.
INLINE void add_sums(enum nuthatch_layout layout, const int32_t *dots, const struct block_scales *scales,
                     int part, const struct nuthatch_activation_block *rows, size_t block_stride,
                     __m512 *sums) {
    bool has_minima = layout_has_minima(layout), has_half_scales = layout_has_half_scales(layout);
    int centre_shift = layout_has_nibbles(layout) ? 0 : 4;
#pragma clang loop unroll(full)
    for (int row = 0; row < TILE_ROWS; row++) {
        const struct nuthatch_activation_block *at = rows + (size_t)row * block_stride;
        __m512i dot = _mm512_load_si512(dots + row * NUTHATCH_PANEL_WIDTH);
        if (!has_minima) {
            __m512i centre = _mm512_set1_epi32(has_half_scales ? at->half_centres[part] : at->centre);
            dot = _mm512_add_epi32(dot, _mm512_slli_epi32(centre, centre_shift));
        }
        __m512 scale = _mm512_mul_ps(scales->scales[part], _mm512_set1_ps(at->scale));
        sums[row] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(dot), scale, sums[row]);
        if (has_minima) {
            float scaled_sum = has_half_scales ? at->scaled_half_sums[part] : at->scaled_sum;
            sums[row] = _mm512_fmadd_ps(scales->minima[part], _mm512_set1_ps(scaled_sum), sums[row]);
        }
    }
}

// Blocks first .. first + count - 1 of a panel by 16 rows, onto `sums`. The tile unit multiplies four
// steps while the vector unit adds the four before. Its sums are stored after those have been read: a store
// before them would hold them up wherever the low 12 bits of addresses agree.
INLINE void multiply_blocks(enum nuthatch_layout layout, const uint8_t *codes, const uint8_t *records,
                            size_t first, size_t count, const struct nuthatch_activation_block *rows,
                            size_t block_count, __m512 *sums) {
    size_t part_count = layout_has_half_scales(layout) ? 2 : 1;
    size_t step_count = count * part_count;
    size_t row_bytes = block_count * sizeof(*rows);
    size_t in_record = layout_record_blocks(layout);
    _Alignas(64) int32_t dots[SUM_TILES][TILE_ROWS * NUTHATCH_PANEL_WIDTH];
    __m512 scale_factor = _mm512_setzero_ps(), minimum_factor = scale_factor;
    multiply_tiles(part_count, codes, rows + first, row_bytes, 0, step_count);
    for (size_t start = 0; start < step_count; start += SUM_TILES) {
        size_t next = start + SUM_TILES;
        store_tiles(dots);
        if (next < step_count) multiply_tiles(part_count, codes, rows + first, row_bytes, next, step_count);
        for (size_t step = start; step < next && step < step_count; step += part_count) {
            size_t block = first + step / part_count;
            const uint8_t *record = records + block / in_record * layout_record_bytes(layout);
            if (layout_is_super(layout) && block % in_record == 0) {
                scale_factor = factor_of(record, 0);
                if (layout_has_minima(layout)) minimum_factor = factor_of(record, 1);
            }
            struct block_scales scales =
                scales_of(layout, record, block % in_record, scale_factor, minimum_factor);
            const int32_t *dot = dots[step - start];
            add_sums(layout, dot, &scales, 0, rows + block, block_count, sums);
            if (part_count == 2) {
                add_sums(layout, dot + TILE_ROWS * NUTHATCH_PANEL_WIDTH, &scales, 1, rows + block,
                         block_count, sums);
            }
        }
    }
}

INLINE void multiply_layout(enum nuthatch_layout layout, const struct nuthatch_panels *weights,
                            size_t first_panel, size_t panel_count,
                            const struct nuthatch_activation_block *blocks, size_t row_count, float *output,
                            size_t output_stride) {
    size_t block_count = block_count_of(weights->input_count);
    size_t block_bytes = layout_block_bytes(layout);
    configure_tiles(layout_has_half_scales(layout));
    _Alignas(64) uint8_t unpacked[UNPACKED_BLOCKS * NUTHATCH_BYTE_BLOCK_BYTES];
    for (size_t panel = first_panel; panel < first_panel + panel_count; panel++) {
        const uint8_t *base = weights->base + panel * weights->panel_byte_count;
        const uint8_t *records = base + block_count * block_bytes;
        __mmask16 outputs = lanes_of(weights, panel);
        for (size_t first = 0; first < block_count; first += UNPACKED_BLOCKS) {
            size_t count = block_count - first < UNPACKED_BLOCKS ? block_count - first : UNPACKED_BLOCKS;
            const uint8_t *codes = base + first * block_bytes;
            if (layout_has_nibbles(layout)) {
                for (size_t i = 0; i < count * 4; i++) {
                    __m512i low_group, high_group;
                    unpack_nibbles(codes + i * VECTOR_BYTES, &low_group, &high_group);
                    uint8_t *to = unpacked + i / 4 * NUTHATCH_BYTE_BLOCK_BYTES + i % 4 * VECTOR_BYTES;
                    _mm512_store_si512(to, low_group);
                    _mm512_store_si512(to + 4 * VECTOR_BYTES, high_group);
                }
                codes = unpacked;
            }
            for (size_t row = 0; row < row_count; row += TILE_ROWS) {
                float *to = output + row * output_stride + panel * NUTHATCH_PANEL_WIDTH;
                __m512 sums[TILE_ROWS];
#pragma clang loop unroll(full)
                for (int i = 0; i < TILE_ROWS; i++) {
                    sums[i] = first == 0 ? _mm512_setzero_ps()
                                         : _mm512_maskz_loadu_ps(outputs, to + (size_t)i * output_stride);
                }
                multiply_blocks(layout, codes, records, first, count, blocks + row * block_count, block_count,
                                sums);
#pragma clang loop unroll(full)
                for (int i = 0; i < TILE_ROWS; i++) {
                    _mm512_mask_storeu_ps(to + (size_t)i * output_stride, outputs, sums[i]);
                }
            }
        }
    }
}

#include "layout_functions.h"

static void multiply_whole_tiles(const struct nuthatch_panels *weights, size_t first_panel,
                                 size_t panel_count, const struct nuthatch_activation_block *blocks,
                                 size_t row_count, float *output, size_t output_stride) {
    DISPATCH_LAYOUTS
    _tile_release();
}

NUTHATCH_CODES_KERNEL(nuthatch_multiply_codes_amx) {
    size_t tiled = row_count / TILE_ROWS * TILE_ROWS;
    if (tiled > 0) {
        multiply_whole_tiles(weights, first_panel, panel_count, blocks, tiled, output, output_stride);
    }
    if (tiled < row_count) {
        nuthatch_multiply_codes_avx512(weights, first_panel, panel_count,
                                       blocks + tiled * block_count_of(weights->input_count),
                                       row_count - tiled, output + tiled * output_stride, output_stride);
    }
}

#pragma clang attribute pop

#endif
