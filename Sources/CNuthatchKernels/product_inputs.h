// Rows of floats as integers, for products with a plane of codes; see coded_products.h.

#ifndef NUTHATCH_PRODUCT_INPUTS_H
#define NUTHATCH_PRODUCT_INPUTS_H

#include "plane_parameters.h"

enum { PRODUCT_ROWS = NUTHATCH_PRODUCT_ROWS };

// One row's numbers as integers, for all lanes or one group of them.
struct product_input {
    // Both times what the row's sums are multiplied by.
    float unit;
    // What all lanes get: sum x_i o_i where groups lie across lanes.
    float bias;
    // [DIGITS][set of fields], `digit_stride` from digit to digit
    int32_t *digits;
    size_t digit_stride;
};

// Adds 16 numbers of a query to its bias and largest magnitude.
LANES_INLINE void survey_query(lanes number, lanes scale, lanes offset, lanes *bias, int_lanes *largest) {
    *bias = lanes_fma(number, offset, *bias);
    *largest = larger(*largest, (int_lanes)lanes_magnitude(number * scale));
}

// The last numbers of a query, fewer than 16, or 16; parameters behind them are zero.
LANES_INLINE lanes load_query(const float *numbers, size_t left) {
    return left < LANES ? lanes_load_some(numbers, left) : lanes_load(numbers);
}

// What makes integers of floats: added to one, it leaves the rounded integer in the low bits.
#define ROUNDING_MAGIC lanes_fill(0x1.8p23f)

// y_i / unit of 16 probabilities, rounded, beside ROUNDING_MAGIC; adds to the bias.
LANES_INLINE lanes take_probabilities(lanes probability, lanes scale, lanes offset, lanes *bias) {
    *bias = lanes_fma(probability, offset, *bias);
    return lanes_fma(probability, scale, ROUNDING_MAGIC);
}

// The same where the row sees only some of the slots from the index-th on: where it doesn't, probabilities
// are zero but offsets may be anything.
LANES_INLINE lanes take_some_probabilities(lanes probability, size_t index, struct interval seen, lanes scale,
                                           lanes offset, lanes *bias) {
    lanes kept = lanes_keep(offset, (int)seen.first - (int)index, (int)seen.end - (int)index, lanes_fill(0));
    return take_probabilities(probability, scale, kept, bias);
}

// Makes the inputs of queries for the lanes that share a group. Products with scales are made twice: cheaper
// than storing them.
LANES_INLINE void prepare_queries(int rows, int bits, size_t dimension, const struct parameters *parameters,
                                  const float *const *x, const float *factors, struct product_input *inputs) {
    int_lanes largest[PRODUCT_ROWS];
    lanes bias[PRODUCT_ROWS];
    for (int row = 0; row < rows; row++) {
        largest[row] = (int_lanes){0};
        bias[row] = lanes_fill(0);
    }
    for (size_t index = 0; index < dimension; index += LANES) {
        lanes scale = lanes_load(parameters->scales + index),
              offset = lanes_load(parameters->offsets + index);
        for (int row = 0; row < rows; row++) {
            survey_query(load_query(x[row] + index, dimension - index), scale, offset, &bias[row],
                         &largest[row]);
        }
    }
    float fitting[PRODUCT_ROWS];
    for (int row = 0; row < rows; row++) {
        struct fit fit = fit_of(largest_magnitude(largest[row]));
        fitting[row] = fit.factor;
        inputs[row].bias = lanes_sum(bias[row]) * factors[row];
        inputs[row].unit = fit.unit * factors[row];
    }
    for (size_t index = 0; index < dimension; index += LANES) {
        lanes scale = lanes_load(parameters->scales + index);
        for (int row = 0; row < rows; row++) {
            lanes scaled = load_query(x[row] + index, dimension - index) * scale;
            lanes rounded = lanes_fma(scaled, lanes_fill(fitting[row]), ROUNDING_MAGIC);
            store_digits((int_lanes)rounded - (int_lanes)ROUNDING_MAGIC, index, bits, inputs[row].digits,
                         inputs[row].digit_stride);
        }
    }
}

// Makes the inputs of probabilities, zero where a row sees nothing, for the lanes that share a group.
LANES_INLINE void prepare_probabilities(int rows, int bits, const struct parameters *parameters,
                                        const float *const *x, const struct view *view, const float *factors,
                                        struct product_input *inputs) {
    lanes bias[PRODUCT_ROWS];
    int is_regular = is_whole(view);
    for (int row = 0; row < rows; row++) bias[row] = lanes_fill(0);
    for (size_t index = view->all.first / LANES * LANES; index < view->all.end; index += LANES) {
        lanes scale = lanes_load(parameters->scales + index),
              offset = lanes_load(parameters->offsets + index);
        for (int row = 0; row < rows; row++) {
            lanes probability = lanes_load(x[row] + index);
            lanes rounded = is_regular ? take_probabilities(probability, scale, offset, &bias[row])
                                       : take_some_probabilities(probability, index, seen_by(view, row),
                                                                 scale, offset, &bias[row]);
            store_digits((int_lanes)rounded - (int_lanes)ROUNDING_MAGIC, index, bits, inputs[row].digits,
                         inputs[row].digit_stride);
        }
    }
    for (int row = 0; row < rows; row++) {
        inputs[row].bias = lanes_sum(bias[row]) * factors[row];
        inputs[row].unit = parameters->unit * factors[row];
    }
}

// Sum of a row's numbers in a part of what it sees.
LANES_INLINE float sum_numbers(const float *numbers, struct interval part) {
    lanes sum = lanes_fill(0);
    size_t index = part.first / LANES * LANES;
    for (; index + LANES <= part.end; index += LANES) sum += lanes_load(numbers + index);
    if (index < part.end) sum += lanes_load_some(numbers + index, part.end - index);
    return lanes_sum(sum);
}

#endif
