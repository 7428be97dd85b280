// Rows of activations to 8 bits per 32 inputs. Body shared by every table; see lanes.h.

#include "coded_layouts.h"
#include "lanes.h"
#include "nuthatch_kernels.h"

// Adding 1.5 * 2^23 rounds |x| < 2^22 to the nearest even integer, which then stands in the low bits.
#define ROUNDING_CONSTANT 0x1.8p23f

// What a block's codes stand for: their scale, and their sums by halves.
struct block_sums {
    float scale;
    int32_t low;
    int32_t high;
};

// 32 numbers to codes. Infinity and NaN in a row must come out as NaN, not as some number: the scale carries
// it.
LANES_INLINE struct block_sums quantize_block(lanes low, lanes high, int8_t *codes) {
    // As integers, magnitudes of floats order like the floats, with infinity and then NaN on top.
    int_lanes magnitudes = (int_lanes)lanes_magnitude(low);
    int_lanes others = (int_lanes)lanes_magnitude(high);
    magnitudes = __builtin_elementwise_max(magnitudes, others);
    int32_t largest_bits = __builtin_reduce_max(magnitudes);
    float largest;
    memcpy(&largest, &largest_bits, sizeof(largest));

    struct block_sums sums = {0, 0, 0};
    int is_finite = largest_bits < 0x7f800000;
    // Below this 127 / largest would overflow; such a block is as good as zero.
    if (!is_finite || largest < 0x1p-100f) {
        memset(codes, 0, NUTHATCH_BLOCK_LENGTH);
        if (!is_finite) sums.scale = largest - largest;
        return sums;
    }
    lanes inverse = lanes_fill(127.0f / largest);
    int_lanes magic = (int_lanes)lanes_fill(ROUNDING_CONSTANT);
    int_lanes low_codes = (int_lanes)(low * inverse + lanes_fill(ROUNDING_CONSTANT)) - magic;
    int_lanes high_codes = (int_lanes)(high * inverse + lanes_fill(ROUNDING_CONSTANT)) - magic;
    byte_lanes low_bytes = __builtin_convertvector(low_codes, byte_lanes);
    byte_lanes high_bytes = __builtin_convertvector(high_codes, byte_lanes);
    memcpy(codes, &low_bytes, sizeof(low_bytes));
    memcpy(codes + LANES, &high_bytes, sizeof(high_bytes));
    sums.scale = largest / 127.0f;
    sums.low = __builtin_reduce_add(low_codes);
    sums.high = __builtin_reduce_add(high_codes);
    return sums;
}

// Codes of block `index` of a row.
LANES_INLINE struct block_sums quantize_columns(const float *values, size_t index, size_t column_count,
                                                int8_t *codes) {
    size_t column = index * NUTHATCH_BLOCK_LENGTH;
    if (column + NUTHATCH_BLOCK_LENGTH <= column_count) {
        return quantize_block(lanes_load(values + column), lanes_load(values + column + LANES), codes);
    }
    float rest[NUTHATCH_BLOCK_LENGTH] = {0};
    memcpy(rest, values + column, (column_count - column) * sizeof(float));
    return quantize_block(lanes_load(rest), lanes_load(rest + LANES), codes);
}

static void quantize_rows(const float *rows, size_t row_stride, size_t row_count, size_t column_count,
                          struct nuthatch_activation_block *blocks) {
    size_t block_count = block_count_of(column_count);
    for (size_t row = 0; row < row_count; row++) {
        for (size_t index = 0; index < block_count; index++, blocks++) {
            struct block_sums sums =
                quantize_columns(rows + row * row_stride, index, column_count, blocks->codes);
            blocks->scale = sums.scale;
            blocks->scaled_sum = sums.scale * (float)(sums.low + sums.high);
            blocks->scaled_half_sums[0] = sums.scale * (float)sums.low;
            blocks->scaled_half_sums[1] = sums.scale * (float)sums.high;
            blocks->centre = -8 * (sums.low + sums.high);
            blocks->half_centres[0] = -8 * sums.low;
            blocks->half_centres[1] = -8 * sums.high;
            blocks->unused = 0;
        }
    }
}
