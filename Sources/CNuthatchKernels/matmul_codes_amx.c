#if defined(__x86_64__)

// Coded panels with AMX: TDPBSSD multiplies 16 rows by a panel's 16 outputs over a step of 32 inputs (16
// where half blocks have their own scales) in one instruction. Its sums are the same integers VPDPBUSD makes,
// and what follows them is the same float operations, so results equal the other tables'. Rows beyond a
// multiple of 16 go to AVX-512.
//
// Measured on Sapphire Rapids, in cycles of the time stamp counter for a product of 16 x 16 x 32: 12 for the
// product itself and beside it 6 for loading two tiles and 12 for storing one; then 20 for 48 vector
// operations on 16 rows, or 36 while tiles are in use, which take one of the two vector ports. So the two
// kinds of work take turns instead of running side by side, in groups just large enough to pay for the turns.

#include <immintrin.h>

#include "kernels.h"

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(                                                                                \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,amx-tile,amx-int8"))),              \
    apply_to = function)

#include "panels_avx512.h"

enum {
    TILE_ROWS = NUTHATCH_TILE_LENGTH,
    VECTOR_BYTES = 64,
    // Panels, and tiles of rows, that are multiplied with each other: four products for four tiles read.
    PAIR = 2,
    // Steps that are multiplied, then scaled together: each row's float sums are loaded and stored once for
    // all of them. Their integer sums take 16 KiB of the first-level cache.
    GROUP_STEPS = 4,
    // Pairs of tiles of rows that share what is unpacked of a group; their float sums stay near.
    PASS_PAIRS = 4,
    PASS_ROWS = PASS_PAIRS * PAIR * TILE_ROWS,
    // Rows whose float sums, two vectors each, stay in registers beside scales and products.
    SUM_ROWS = 8,
};

// Palette 1: bytes per row at 16, rows at 48 (Intel SDM volume 1, section 18.2).
struct tile_configuration {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
};
_Static_assert(sizeof(struct tile_configuration) == 64, "the operand of LDTILECFG");

// Tiles 0 to 3 hold sums, 4 and 5 activations, 6 and 7 codes.
INLINE void configure_tiles(bool has_half_scales) {
    struct tile_configuration tiles = {.palette = 1};
    for (int tile = 0; tile < 4; tile++) {
        tiles.rows[tile] = TILE_ROWS;
        tiles.row_bytes[tile] = VECTOR_BYTES;
    }
    for (int tile = 4; tile < 6; tile++) {
        tiles.rows[tile] = TILE_ROWS;
        tiles.row_bytes[tile] = has_half_scales ? 16 : 32;
        tiles.rows[tile + 2] = has_half_scales ? 4 : 8;
        tiles.row_bytes[tile + 2] = VECTOR_BYTES;
    }
    _tile_loadconfig(&tiles);
}

// A group of steps of two panels: codes as the tile unit reads them, around zero where they have no minima,
// and scales as floats.
struct group {
    _Alignas(VECTOR_BYTES) int8_t codes[PAIR][GROUP_STEPS * NUTHATCH_BYTE_BLOCK_BYTES];
    __m512 scales[GROUP_STEPS][PAIR];
    __m512 minima[GROUP_STEPS][PAIR];
};

// Integer sums of a group of steps: [step][tile of rows][panel][row][16 outputs].
typedef int32_t products[PAIR][PAIR][TILE_ROWS * NUTHATCH_PANEL_WIDTH];

struct float_sums {
    _Alignas(VECTOR_BYTES) __m512 rows[PAIR * TILE_ROWS][PAIR];
};

INLINE void unpack_codes(enum nuthatch_layout layout, const uint8_t *from, int8_t *to) {
    bool has_minima = layout_has_minima(layout);
    __m512i zero_point = _mm512_set1_epi8((char)(layout_has_nibbles(layout) ? 8 : 128));
    if (has_minima) zero_point = _mm512_setzero_si512();
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
        __m512i low, high;
        if (layout_has_nibbles(layout)) {
            unpack_nibbles(from + i * VECTOR_BYTES, &low, &high);
        } else {
            low = _mm512_load_si512(from + i * VECTOR_BYTES);
            high = _mm512_load_si512(from + (i + 4) * VECTOR_BYTES);
        }
        _mm512_store_si512(to + i * VECTOR_BYTES, _mm512_sub_epi8(low, zero_point));
        _mm512_store_si512(to + (i + 4) * VECTOR_BYTES, _mm512_sub_epi8(high, zero_point));
    }
}

// Blocks first .. first + count - 1 of a panel.
INLINE void unpack_panel(enum nuthatch_layout layout, const uint8_t *base, size_t block_count, size_t first,
                         size_t count, size_t panel, struct group *to) {
    size_t block_bytes = layout_block_bytes(layout);
    size_t in_record = layout_record_blocks(layout);
    size_t parts = layout_has_half_scales(layout) ? 2 : 1;
    for (size_t index = 0; index < count; index++) {
        size_t block = first + index;
        unpack_codes(layout, base + block * block_bytes,
                     to->codes[panel] + index * NUTHATCH_BYTE_BLOCK_BYTES);
        const uint8_t *record =
            base + block_count * block_bytes + block / in_record * layout_record_bytes(layout);
        __m512 scale_factor = layout_is_super(layout) ? factor_of(record, 0) : _mm512_setzero_ps();
        __m512 minimum_factor =
            layout_is_super(layout) && layout_has_minima(layout) ? factor_of(record, 1) : _mm512_setzero_ps();
        struct block_scales scales =
            scales_of(layout, record, block % in_record, scale_factor, minimum_factor);
        for (size_t part = 0; part < parts; part++) {
            to->scales[index * parts + part][panel] = scales.scales[part];
            if (layout_has_minima(layout)) to->minima[index * parts + part][panel] = scales.minima[part];
        }
    }
}

// The product of activation tile 4 or 5 by code tile 6 or 7.
#define PRODUCT(sum_tile, activation_tile, code_tile)                                                        \
    _tile_zero(sum_tile);                                                                                    \
    if (layout_has_minima(layout)) {                                                                         \
        _tile_dpbsud(sum_tile, activation_tile, code_tile);                                                  \
    } else {                                                                                                 \
        _tile_dpbssd(sum_tile, activation_tile, code_tile);                                                  \
    }

// The integer sums of two tiles of rows by two panels. Each is stored three products later: a store right
// behind its product would wait that one's 52 cycles.
INLINE void multiply_group(enum nuthatch_layout layout, const struct group *codes, size_t step_count,
                           const struct nuthatch_activation_tile *const *tiles, products *to) {
    size_t parts = layout_has_half_scales(layout) ? 2 : 1;
    size_t step_bytes = NUTHATCH_BYTE_BLOCK_BYTES / parts;
    for (size_t step = 0; step < step_count; step++) {
        size_t at = step / parts, half = step % parts * NUTHATCH_BLOCK_LENGTH / 2;
        _tile_loadd(4, tiles[0][at].codes[0] + half, NUTHATCH_BLOCK_LENGTH);
        _tile_loadd(6, codes->codes[0] + step * step_bytes, VECTOR_BYTES);
        PRODUCT(0, 4, 6)
        if (step > 0) _tile_stored(1, to[step - 1][0][1], VECTOR_BYTES);
        _tile_loadd(7, codes->codes[1] + step * step_bytes, VECTOR_BYTES);
        PRODUCT(1, 4, 7)
        if (step > 0) _tile_stored(2, to[step - 1][1][0], VECTOR_BYTES);
        _tile_loadd(5, tiles[1][at].codes[0] + half, NUTHATCH_BLOCK_LENGTH);
        PRODUCT(2, 5, 6)
        if (step > 0) _tile_stored(3, to[step - 1][1][1], VECTOR_BYTES);
        PRODUCT(3, 5, 7)
        _tile_stored(0, to[step][0][0], VECTOR_BYTES);
    }
    _tile_stored(1, to[step_count - 1][0][1], VECTOR_BYTES);
    _tile_stored(2, to[step_count - 1][1][0], VECTOR_BYTES);
    _tile_stored(3, to[step_count - 1][1][1], VECTOR_BYTES);
}

// The integer sums of a group's steps onto the float sums of SUM_ROWS rows, as in the scalar definition.
INLINE void add_products(enum nuthatch_layout layout, const struct group *codes, size_t step_count,
                         const struct nuthatch_activation_tile *tile, size_t tile_index, size_t first_row,
                         const products *from, bool is_first, struct float_sums *to) {
    size_t parts = layout_has_half_scales(layout) ? 2 : 1;
    __m512(*rows)[PAIR] = to->rows + tile_index * TILE_ROWS + first_row;
    __m512 sums[SUM_ROWS][PAIR];
#pragma clang loop unroll(full)
    for (int row = 0; row < SUM_ROWS; row++) {
        for (int panel = 0; panel < PAIR; panel++) {
            sums[row][panel] = is_first ? _mm512_setzero_ps() : rows[row][panel];
        }
    }
    for (size_t step = 0; step < step_count; step++) {
        const struct nuthatch_activation_tile *at = tile + step / parts;
        const float *scales = at->scales + first_row;
        const float *scaled_sums =
            (parts == 2 ? at->scaled_half_sums[step % parts] : at->scaled_sums) + first_row;
#pragma clang loop unroll(full)
        for (size_t row = 0; row < SUM_ROWS; row++) {
#pragma clang loop unroll(full)
            for (int panel = 0; panel < PAIR; panel++) {
                __m512i sum = _mm512_load_si512(from[step][tile_index][panel] +
                                                (first_row + row) * NUTHATCH_PANEL_WIDTH);
                __m512 scale = _mm512_mul_ps(codes->scales[step][panel], _mm512_set1_ps(scales[row]));
                sums[row][panel] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum), scale, sums[row][panel]);
                if (!layout_has_minima(layout)) continue;
                sums[row][panel] = _mm512_fmadd_ps(codes->minima[step][panel],
                                                   _mm512_set1_ps(scaled_sums[row]), sums[row][panel]);
            }
        }
    }
#pragma clang loop unroll(full)
    for (int row = 0; row < SUM_ROWS; row++) {
        for (int panel = 0; panel < PAIR; panel++) rows[row][panel] = sums[row][panel];
    }
}

// Up to PASS_ROWS rows, whole tiles of them, by two panels. Where there is one tile or panel too few for a
// pair, the one before is taken twice and its second result left.
INLINE void multiply_pair(enum nuthatch_layout layout, const struct nuthatch_panels *weights,
                          size_t first_panel, bool has_second, const struct nuthatch_activation_tile *tiles,
                          size_t tile_count, float *output, size_t output_stride) {
    size_t block_count = block_count_of(weights->input_count);
    size_t parts = layout_has_half_scales(layout) ? 2 : 1;
    size_t group_blocks = GROUP_STEPS / parts;
    struct group codes;
    _Alignas(VECTOR_BYTES) products made[GROUP_STEPS];
    struct float_sums sums[PASS_PAIRS];
    for (size_t first = 0; first < block_count; first += group_blocks) {
        size_t count = block_count - first < group_blocks ? block_count - first : group_blocks;
        for (size_t panel = 0; panel < PAIR; panel++) {
            const uint8_t *base =
                weights->base + (first_panel + (has_second ? panel : 0)) * weights->panel_byte_count;
            unpack_panel(layout, base, block_count, first, count, panel, &codes);
        }
        for (size_t tile = 0; tile < tile_count; tile += PAIR) {
            size_t second = tile + 1 < tile_count ? tile + 1 : tile;
            const struct nuthatch_activation_tile *pair[PAIR] = {tiles + tile * block_count + first,
                                                                 tiles + second * block_count + first};
            multiply_group(layout, &codes, count * parts, pair, made);
            for (size_t index = 0; index < PAIR; index++) {
                for (size_t row = 0; row < TILE_ROWS; row += SUM_ROWS) {
                    add_products(layout, &codes, count * parts, pair[index], index, row, made, first == 0,
                                 &sums[tile / PAIR]);
                }
            }
        }
    }
    __mmask16 outputs = lanes_of(weights, first_panel);
    __mmask16 others = has_second ? lanes_of(weights, first_panel + 1) : 0;
    for (size_t row = 0; row < tile_count * TILE_ROWS; row++) {
        const __m512 *found = sums[row / (PAIR * TILE_ROWS)].rows[row % (PAIR * TILE_ROWS)];
        float *to = output + row * output_stride + first_panel * NUTHATCH_PANEL_WIDTH;
        _mm512_mask_storeu_ps(to, outputs, found[0]);
        _mm512_mask_storeu_ps(to + NUTHATCH_PANEL_WIDTH, others, found[1]);
    }
}

INLINE void multiply_layout(enum nuthatch_layout layout, const struct nuthatch_panels *weights,
                            size_t first_panel, size_t panel_count,
                            const struct nuthatch_activation_block *blocks, size_t row_count, float *output,
                            size_t output_stride) {
    configure_tiles(layout_has_half_scales(layout));
    for (size_t row = 0; row < row_count; row += PASS_ROWS) {
        size_t rows = row_count - row < PASS_ROWS ? row_count - row : PASS_ROWS;
        const struct nuthatch_activation_tile *tiles =
            (const struct nuthatch_activation_tile *)(blocks + row * block_count_of(weights->input_count));
        for (size_t panel = first_panel; panel < first_panel + panel_count; panel += PAIR) {
            multiply_pair(layout, weights, panel, panel + 1 < first_panel + panel_count, tiles,
                          rows / TILE_ROWS, output + row * output_stride, output_stride);
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
