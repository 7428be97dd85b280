// The rows of a band as integers, for products with codes in pairs: what product_inputs.h makes of few rows,
// with what is done across a row's lanes done for 16 rows at once.
//
// Included after the target pragma.

#ifndef NUTHATCH_BAND_INPUTS_H
#define NUTHATCH_BAND_INPUTS_H

#include "attention_scores.h"
#include "pair_products.h"
#include "product_inputs.h"

// The rows' numbers as integers.
struct band_inputs {
    // Numbers of a row, rounded up to whole vectors.
    size_t count;
    // [row][count / 2], two n_i each
    int32_t *pairs;
    struct parameters parameters;
    // [BAND_ROWS], both times what the row's sums are multiplied by.
    float *units;
    float *biases;
};

// Surveys `vectors` vectors of each row from the index-th number on; scales and offsets stay in registers.
LANES_INLINE void survey_queries(int rows, int vectors, const struct parameters *parameters, size_t left,
                                 const float *const *x, size_t index, lanes *biases, int_lanes *largest) {
    enum { MOST = 4 };
    lanes scales[MOST], offsets[MOST];
    for (int v = 0; v < vectors; v++) {
        scales[v] = lanes_load(parameters->scales + index + v * LANES);
        offsets[v] = lanes_load(parameters->offsets + index + v * LANES);
    }
    for (int row = 0; row < rows; row++) {
        lanes bias = index == 0 ? lanes_fill(0) : biases[row];
        int_lanes most = index == 0 ? (int_lanes){0} : largest[row];
        for (int v = 0; v < vectors; v++) {
            lanes number = load_query(x[row] + index + v * LANES, left - (size_t)v * LANES);
            survey_query(number, scales[v], offsets[v], &bias, &most);
        }
        biases[row] = bias;
        largest[row] = most;
    }
}

// The 16 low bits of `vectors` vectors of rounded numbers.
LANES_INLINE void store_pairs(int bits, int vectors, const lanes *rounded, int16_t *to) {
    for (int v = 0; v < vectors; v += 2) {
        lanes second = rounded[v + 1 < vectors ? v + 1 : v];
        short_lanes narrow = low_halves((int_lanes)rounded[v], (int_lanes)second, bits);
        memcpy(to + v * LANES, &narrow, v + 1 < vectors ? sizeof(narrow) : sizeof(narrow) / 2);
    }
}

LANES_INLINE void round_queries(int rows, int bits, int vectors, const struct band_inputs *inputs,
                                size_t left, const float *const *x, size_t index, const float *factors,
                                int32_t *pairs) {
    enum { MOST = 4 };
    lanes scales[MOST];
    for (int v = 0; v < vectors; v++) scales[v] = lanes_load(inputs->parameters.scales + index + v * LANES);
    for (int row = 0; row < rows; row++) {
        lanes factor = lanes_fill(factors[row]), rounded[MOST];
        for (int v = 0; v < vectors; v++) {
            lanes number = load_query(x[row] + index + v * LANES, left - (size_t)v * LANES);
            rounded[v] = lanes_fma(number * scales[v], factor, ROUNDING_MAGIC);
        }
        store_pairs(bits, vectors, rounded, (int16_t *)(pairs + (size_t)row * inputs->count / 2) + index);
    }
}

// prepare_queries for the rows of a band.
LANES_INLINE void prepare_band_queries(int rows, int bits, size_t dimension, const float *const *x,
                                       const float *factors, const struct band_inputs *inputs) {
    const struct parameters *parameters = &inputs->parameters;
    for (int first = 0; first < rows; first += LANES) {
        int count = rows - first < LANES ? rows - first : LANES;
        const float *const *from = x + first;
        int32_t *pairs = inputs->pairs + (size_t)first * inputs->count / 2;
        lanes biases[LANES] = {0};
        int_lanes largest[LANES] = {0};
        size_t index = 0;
        for (; index + 4 * LANES <= dimension; index += 4 * LANES) {
            survey_queries(count, 4, parameters, 4 * LANES, from, index, biases, largest);
        }
        for (; index < dimension; index += LANES) {
            survey_queries(count, 1, parameters, dimension - index, from, index, biases, largest);
        }
        lanes fitting, unit, factor = lanes_load(factors + first);
        fit_all((lanes)largest_integers_across(largest), &fitting, &unit);
        lanes_store(inputs->units + first, unit * factor);
        lanes_store(inputs->biases + first, sums_across(biases) * factor);
        float by[LANES];
        lanes_store(by, fitting);
        for (index = 0; index + 4 * LANES <= dimension; index += 4 * LANES) {
            round_queries(count, bits, 4, inputs, 4 * LANES, from, index, by, pairs);
        }
        for (; index < dimension; index += LANES) {
            round_queries(count, bits, 1, inputs, dimension - index, from, index, by, pairs);
        }
    }
}

// Takes `vectors` vectors of each row, all of whose slots it sees, from the index-th slot on.
LANES_INLINE void round_probabilities(int rows, int bits, int vectors, const struct band_inputs *inputs,
                                      const float *const *x, size_t index, int is_first, int32_t *pairs,
                                      lanes *biases) {
    enum { MOST = 4 };
    lanes scales[MOST], offsets[MOST];
    for (int v = 0; v < vectors; v++) {
        scales[v] = lanes_load(inputs->parameters.scales + index + v * LANES);
        offsets[v] = lanes_load(inputs->parameters.offsets + index + v * LANES);
    }
    for (int row = 0; row < rows; row++) {
        lanes bias = is_first ? lanes_fill(0) : biases[row];
        lanes rounded[MOST];
        for (int v = 0; v < vectors; v++) {
            rounded[v] =
                take_probabilities(lanes_load(x[row] + index + v * LANES), scales[v], offsets[v], &bias);
        }
        store_pairs(bits, vectors, rounded, (int16_t *)(pairs + (size_t)row * inputs->count / 2) + index);
        biases[row] = bias;
    }
}

// prepare_probabilities for the rows of a band.
LANES_INLINE void prepare_band_probabilities(int rows, int bits, const float *const *x,
                                             const struct view *view, const float *factors,
                                             const struct band_inputs *inputs) {
    const struct parameters *parameters = &inputs->parameters;
    size_t start = view->all.first / LANES * LANES;
    for (int first = 0; first < rows; first += LANES) {
        int count = rows - first < LANES ? rows - first : LANES;
        int32_t *pairs = inputs->pairs + (size_t)first * inputs->count / 2;
        lanes biases[LANES] = {0};
        size_t index = start;
        if (is_whole(view)) {
            for (; index + 4 * LANES <= view->all.end; index += 4 * LANES) {
                round_probabilities(count, bits, 4, inputs, x + first, index, index == start, pairs, biases);
            }
            for (; index < view->all.end; index += LANES) {
                round_probabilities(count, bits, 1, inputs, x + first, index, index == start, pairs, biases);
            }
        }
        for (; index < view->all.end; index += LANES) {
            for (int row = 0; row < count; row++) {
                lanes rounded = take_some_probabilities(
                    lanes_load(x[first + row] + index), index, seen_by(view, first + row),
                    lanes_load(parameters->scales + index), lanes_load(parameters->offsets + index),
                    &biases[row]);
                store_pairs(bits, 1, &rounded, (int16_t *)(pairs + (size_t)row * inputs->count / 2) + index);
            }
        }
        lanes factor = lanes_load(factors + first);
        lanes_store(inputs->units + first, factor * parameters->unit);
        lanes_store(inputs->biases + first, sums_across(biases) * factor);
    }
}

LANES_INLINE void prepare_band(int rows, int bits, const struct coded_plane *plane, const float *const *x,
                               const struct view *view, const float *factors,
                               const struct band_inputs *inputs) {
    if (plane->holds_keys) {
        prepare_band_queries(rows, bits, plane->dimension, x, factors, inputs);
    } else {
        prepare_band_probabilities(rows, bits, x, view, factors, inputs);
    }
}

#endif
