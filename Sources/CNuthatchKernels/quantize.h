// Rows of activations to 8 bits per 32 inputs. Body shared by every table; see lanes.h.

#include "lanes.h"
#include "nuthatch_kernels.h"

// Adding 1.5 * 2^23 rounds |x| < 2^22 to the nearest even integer, which then stands in the low bits.
#define ROUNDING_CONSTANT 0x1.8p23f

// Infinity and NaN in a row must come out as NaN, not as some number: the scale carries it.
LANES_INLINE void quantize_block(lanes low, lanes high, struct nuthatch_activation_block *block) {
    // As integers, magnitudes of floats order like the floats, with infinity and then NaN on top.
    int_lanes magnitudes = (int_lanes)lanes_magnitude(low);
    int_lanes others = (int_lanes)lanes_magnitude(high);
    magnitudes = __builtin_elementwise_max(magnitudes, others);
    int32_t largest_bits = __builtin_reduce_max(magnitudes);
    float largest;
    memcpy(&largest, &largest_bits, sizeof(largest));

    memset(block, 0, sizeof(*block));
    if (largest_bits >= 0x7f800000) {
        block->scale = block->scaled_sum = largest - largest;
        block->scaled_half_sums[0] = block->scaled_half_sums[1] = block->scale;
        return;
    }
    // Below this 127 / largest would overflow; such a block is as good as zero.
    if (largest < 0x1p-100f) return;

    lanes inverse = lanes_fill(127.0f / largest);
    int_lanes magic = (int_lanes)lanes_fill(ROUNDING_CONSTANT);
    int_lanes low_codes = (int_lanes)(low * inverse + lanes_fill(ROUNDING_CONSTANT)) - magic;
    int_lanes high_codes = (int_lanes)(high * inverse + lanes_fill(ROUNDING_CONSTANT)) - magic;
    byte_lanes low_bytes = __builtin_convertvector(low_codes, byte_lanes);
    byte_lanes high_bytes = __builtin_convertvector(high_codes, byte_lanes);
    memcpy(block->codes, &low_bytes, sizeof(low_bytes));
    memcpy(block->codes + LANES, &high_bytes, sizeof(high_bytes));

    int32_t low_sum = __builtin_reduce_add(low_codes);
    int32_t high_sum = __builtin_reduce_add(high_codes);
    float scale = largest / 127.0f;
    block->scale = scale;
    block->scaled_sum = scale * (float)(low_sum + high_sum);
    block->scaled_half_sums[0] = scale * (float)low_sum;
    block->scaled_half_sums[1] = scale * (float)high_sum;
    block->centre = -8 * (low_sum + high_sum);
    block->half_centres[0] = -8 * low_sum;
    block->half_centres[1] = -8 * high_sum;
}

// Block `index` of a row.
LANES_INLINE void quantize_columns(const float *values, size_t index, size_t column_count,
                                   struct nuthatch_activation_block *block) {
    size_t column = index * NUTHATCH_BLOCK_LENGTH;
    if (column + NUTHATCH_BLOCK_LENGTH <= column_count) {
        quantize_block(lanes_load(values + column), lanes_load(values + column + LANES), block);
        return;
    }
    float rest[NUTHATCH_BLOCK_LENGTH] = {0};
    memcpy(rest, values + column, (column_count - column) * sizeof(float));
    quantize_block(lanes_load(rest), lanes_load(rest + LANES), block);
}

static void quantize_rows(const float *rows, size_t row_stride, size_t row_count, size_t column_count,
                          struct nuthatch_activation_block *blocks) {
    size_t block_count = (column_count + NUTHATCH_BLOCK_LENGTH - 1) / NUTHATCH_BLOCK_LENGTH;
    for (size_t row = 0; row < row_count; row++) {
        for (size_t index = 0; index < block_count; index++) {
            quantize_columns(rows + row * row_stride, index, column_count, blocks++);
        }
    }
}
