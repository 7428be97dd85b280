// Compressive memory (T. Munkhdalai et al., Infini-attention, arXiv:2404.07143), one kv head at a time, on
// the 16 lanes of lanes.h:
//
//     sigma(x) = x + 1 where x > 0, else exp(x)
//     recall     A = sigma(q) M / (sigma(q) . z)             0 while nothing is remembered
//                output = g A + (1 - g) output               g = 1 / (1 + exp(-gate))
//     remember   M' += sigma(k)^T v     or, by the delta rule, sigma(k)^T (v - sigma(k) M / (sigma(k) . z))
//                z' += sigma(k)
//
// M and z are those of all earlier segments, M' and z' grow during one. Sums over dimensions ascend, one fma
// each; token follows token; so bits depend on the tokens only.

#include "include/nuthatch_attention.h"
#include "transcendental.h"

LANES_INLINE lanes lanes_kernel_feature(lanes x) {
    return lanes_select(x > lanes_fill(0), x + lanes_fill(1), lanes_exp(x));
}

// sigma of a vector, zeros behind its end; returns sigma . z.
static float memory_features(const float *vector, size_t dimension, const float *normalizer,
                             float *features) {
    lanes sums = lanes_fill(0);
    for (size_t index = 0; index < dimension; index += LANES) {
        size_t left = dimension - index;
        lanes x = left < LANES ? lanes_load_some(vector + index, left) : lanes_load(vector + index);
        lanes_store(features + index, lanes_kernel_feature(x));
        if (left < LANES) {
            for (size_t lane = left; lane < LANES; lane++) features[index + lane] = 0;
        }
        sums = lanes_fma(lanes_load(features + index), lanes_load(normalizer + index), sums);
    }
    return lanes_sum(sums);
}

// One panel of features x matrix.
LANES_INLINE lanes memory_product(const float *features, const float *matrix, size_t rows, size_t stride,
                                  size_t column) {
    lanes sum = lanes_fill(0);
    for (size_t row = 0; row < rows; row++) {
        sum = lanes_fma(lanes_fill(features[row]), lanes_load(matrix + row * stride + column), sum);
    }
    return sum;
}

static void memory_recall(const struct nuthatch_memory *memory, const float *queries, size_t query_stride,
                          size_t token_count, size_t head_count, const float *gates, float *output,
                          size_t output_stride, float *scratch) {
    size_t stride = nuthatch_padded_dimension(memory->value_dimension);
    for (size_t token = 0; token < token_count; token++) {
        for (size_t head = 0; head < head_count; head++) {
            const float *query = queries + token * query_stride + head * memory->key_dimension;
            float *to = output + token * output_stride + head * memory->value_dimension;
            float norm = memory_features(query, memory->key_dimension, memory->past_normalizer, scratch);
            lanes one = lanes_fill(1);
            lanes gate = one / (one + lanes_exp(-lanes_fill(gates[head])));
            for (size_t index = 0; index < memory->value_dimension; index += LANES) {
                size_t left = memory->value_dimension - index;
                lanes recalled = memory_product(scratch, memory->past, memory->key_dimension, stride, index);
                recalled = norm == 0 ? lanes_fill(0) : recalled / norm;
                lanes local = left < LANES ? lanes_load_some(to + index, left) : lanes_load(to + index);
                lanes mixed = gate * recalled + (one - gate) * local;
                lanes_store_some(to + index, mixed, left < LANES ? left : LANES);
            }
        }
    }
}

static void memory_remember(const struct nuthatch_memory *memory, const float *keys, size_t key_stride,
                            const float *values, size_t value_stride, size_t token_count, int is_delta,
                            float *scratch) {
    size_t stride = nuthatch_padded_dimension(memory->value_dimension);
    for (size_t token = 0; token < token_count; token++) {
        const float *key = keys + token * key_stride;
        const float *value = values + token * value_stride;
        float norm = memory_features(key, memory->key_dimension, memory->past_normalizer, scratch);
        for (size_t index = 0; index < memory->value_dimension; index += LANES) {
            size_t left = memory->value_dimension - index;
            lanes news = left < LANES ? lanes_load_some(value + index, left) : lanes_load(value + index);
            if (is_delta && norm != 0) {
                news -= memory_product(scratch, memory->past, memory->key_dimension, stride, index) / norm;
            }
            for (size_t row = 0; row < memory->key_dimension; row++) {
                float *to = memory->growing + row * stride + index;
                lanes_store(to, lanes_fma(lanes_fill(scratch[row]), news, lanes_load(to)));
            }
        }
        for (size_t index = 0; index < memory->key_dimension; index += LANES) {
            float *to = memory->growing_normalizer + index;
            lanes_store(to, lanes_load(to) + lanes_load(scratch + index));
        }
    }
}
