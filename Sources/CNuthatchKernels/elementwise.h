// What is done to each element of a row, and the two norms. Body shared by every table; see lanes.h.
//
// A tail of fewer than 16 elements runs the same operations as a full vector, so a value depends neither on
// its place in the row nor on how the row was cut. Norms sum in 16 interleaved chains (element i in chain i
// mod 16), then across lanes in lanes_sum's tree; zeros behind the tail add nothing.

#include "nuthatch_kernels.h"
#include "transcendental.h"

static void rms_norm(const float *input, const float *weight, float weight_offset, float epsilon,
                     size_t count, float *output) {
    lanes squares = lanes_fill(0);
    size_t full = count / LANES * LANES, rest = count % LANES;
    for (size_t i = 0; i < full; i += LANES) {
        lanes x = lanes_load(input + i);
        squares = lanes_fma(x, x, squares);
    }
    if (rest > 0) {
        lanes x = lanes_load_some(input + full, rest);
        squares = lanes_fma(x, x, squares);
    }
    lanes factor = lanes_fill(1.0f / __builtin_sqrtf(lanes_sum(squares) / (float)count + epsilon));
    lanes offset = lanes_fill(weight_offset);
    for (size_t i = 0; i < full; i += LANES) {
        lanes_store(output + i, lanes_load(input + i) * factor * (lanes_load(weight + i) + offset));
    }
    if (rest > 0) {
        lanes w = lanes_load_some(weight + full, rest) + offset;
        lanes_store_some(output + full, lanes_load_some(input + full, rest) * factor * w, rest);
    }
}

LANES_INLINE lanes normalized(lanes x, lanes mean, lanes factor, lanes weight, lanes bias) {
    return lanes_fma((x - mean) * factor, weight, bias);
}

static void layer_norm(const float *input, const float *weight, const float *bias, float epsilon,
                       size_t count, float *output) {
    lanes sums = lanes_fill(0);
    size_t full = count / LANES * LANES, rest = count % LANES;
    for (size_t i = 0; i < full; i += LANES) sums += lanes_load(input + i);
    if (rest > 0) sums += lanes_load_some(input + full, rest);
    lanes mean = lanes_fill(lanes_sum(sums) / (float)count);

    // A second pass over deviations: the mean of squares minus the square of the mean would cancel.
    lanes squares = lanes_fill(0);
    for (size_t i = 0; i < full; i += LANES) {
        lanes deviation = lanes_load(input + i) - mean;
        squares = lanes_fma(deviation, deviation, squares);
    }
    if (rest > 0) {
        float deviations[LANES] = {0};
        lanes deviation = lanes_load_some(input + full, rest) - mean;
        lanes_store_some(deviations, deviation, rest);
        squares = lanes_fma(lanes_load(deviations), lanes_load(deviations), squares);
    }
    lanes factor = lanes_fill(1.0f / __builtin_sqrtf(lanes_sum(squares) / (float)count + epsilon));
    for (size_t i = 0; i < full; i += LANES) {
        lanes b = bias ? lanes_load(bias + i) : lanes_fill(0);
        lanes_store(output + i, normalized(lanes_load(input + i), mean, factor, lanes_load(weight + i), b));
    }
    if (rest > 0) {
        lanes b = bias ? lanes_load_some(bias + full, rest) : lanes_fill(0);
        lanes w = lanes_load_some(weight + full, rest);
        lanes x = lanes_load_some(input + full, rest);
        lanes_store_some(output + full, normalized(x, mean, factor, w, b), rest);
    }
}

LANES_INLINE void turn(lanes *first, lanes *second, lanes cosine, lanes sine) {
    lanes a = *first, b = *second;
    *first = lanes_fma(a, cosine, -(b * sine));
    *second = lanes_fma(b, cosine, a * sine);
}

static void rotate_halves(float *heads, size_t head_count, size_t head_dimension, const float *cosines,
                          const float *sines, size_t half_count) {
    size_t full = half_count / LANES * LANES, rest = half_count % LANES;
    for (size_t head = 0; head < head_count; head++) {
        float *low = heads + head * head_dimension;
        float *high = low + half_count;
        for (size_t i = 0; i < full; i += LANES) {
            lanes a = lanes_load(low + i), b = lanes_load(high + i);
            turn(&a, &b, lanes_load(cosines + i), lanes_load(sines + i));
            lanes_store(low + i, a);
            lanes_store(high + i, b);
        }
        if (rest > 0) {
            lanes a = lanes_load_some(low + full, rest), b = lanes_load_some(high + full, rest);
            turn(&a, &b, lanes_load_some(cosines + full, rest), lanes_load_some(sines + full, rest));
            lanes_store_some(low + full, a, rest);
            lanes_store_some(high + full, b, rest);
        }
    }
}

static void rotate_neighbours(float *heads, size_t head_count, size_t head_dimension, const float *cosines,
                              const float *sines, size_t half_count) {
    for (size_t head = 0; head < head_count; head++) {
        float *pairs = heads + head * head_dimension;
        for (size_t start = 0; start < half_count; start += LANES) {
            size_t count = half_count - start < LANES ? half_count - start : LANES;
            float evens[LANES] = {0}, odds[LANES] = {0};
            for (size_t i = 0; i < count; i++) {
                evens[i] = pairs[2 * (start + i)];
                odds[i] = pairs[2 * (start + i) + 1];
            }
            lanes a = lanes_load(evens), b = lanes_load(odds);
            turn(&a, &b, lanes_load_some(cosines + start, count), lanes_load_some(sines + start, count));
            lanes_store(evens, a);
            lanes_store(odds, b);
            for (size_t i = 0; i < count; i++) {
                pairs[2 * (start + i)] = evens[i];
                pairs[2 * (start + i) + 1] = odds[i];
            }
        }
    }
}

LANES_INLINE lanes activated(lanes x, enum nuthatch_activation activation) {
    switch (activation) {
        case NUTHATCH_SILU:
            return x / (lanes_fill(1) + lanes_exp(-x));
        case NUTHATCH_GELU_TANH: {
            // x/2 (1 + tanh u) = x / (1 + exp(-2 u)), u = sqrt(2 / pi) (x + 0.044715 x^3) (arXiv:1606.08415)
            lanes cube = x * x * x;
            lanes u = lanes_fill(0x1.988454p-1f) * lanes_fma(lanes_fill(0.044715f), cube, x);
            return x / (lanes_fill(1) + lanes_exp(-(u + u)));
        }
        case NUTHATCH_GELU_ERF:
            return lanes_fill(0.5f) * x * lanes_one_plus_erf(x * lanes_fill(0x1.6a09e6p-1f));
        case NUTHATCH_RELU:
            return lanes_select(x < lanes_fill(0), lanes_fill(0), x);
        case NUTHATCH_GELU_LOGISTIC:
            return x / (lanes_fill(1) + lanes_exp(lanes_fill(-1.702f) * x));
    }
    return x;
}

LANES_INLINE void activate_as(enum nuthatch_activation activation, const float *gate, const float *up,
                              size_t count, float *output) {
    size_t full = count / LANES * LANES, rest = count % LANES;
    for (size_t i = 0; i < full; i += LANES) {
        lanes value = activated(lanes_load(gate + i), activation);
        lanes_store(output + i, up ? value * lanes_load(up + i) : value);
    }
    if (rest > 0) {
        lanes value = activated(lanes_load_some(gate + full, rest), activation);
        lanes_store_some(output + full, up ? value * lanes_load_some(up + full, rest) : value, rest);
    }
}

static void activate(const float *gate, const float *up, enum nuthatch_activation activation, size_t count,
                     float *output) {
    switch (activation) {
        case NUTHATCH_SILU:
            activate_as(NUTHATCH_SILU, gate, up, count, output);
            break;
        case NUTHATCH_GELU_TANH:
            activate_as(NUTHATCH_GELU_TANH, gate, up, count, output);
            break;
        case NUTHATCH_GELU_ERF:
            activate_as(NUTHATCH_GELU_ERF, gate, up, count, output);
            break;
        case NUTHATCH_RELU:
            activate_as(NUTHATCH_RELU, gate, up, count, output);
            break;
        case NUTHATCH_GELU_LOGISTIC:
            activate_as(NUTHATCH_GELU_LOGISTIC, gate, up, count, output);
            break;
    }
}

static void add(const float *addend, size_t count, float *target) {
    for (size_t i = 0; i < count; i++) target[i] += addend[i];
}

static void scale(float factor, size_t count, float *target) {
    for (size_t i = 0; i < count; i++) target[i] *= factor;
}

static void softcap(float cap, size_t count, float *target) {
    lanes c = lanes_fill(cap);
    size_t full = count / LANES * LANES, rest = count % LANES;
    for (size_t i = 0; i < full; i += LANES) {
        lanes_store(target + i, c * lanes_tanh(lanes_load(target + i) / c));
    }
    if (rest > 0)
        lanes_store_some(target + full, c * lanes_tanh(lanes_load_some(target + full, rest) / c), rest);
}
