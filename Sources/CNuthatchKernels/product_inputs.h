// Rows of floats as integers, for products with a plane of codes; see coded_products.h.

#ifndef NUTHATCH_PRODUCT_INPUTS_H
#define NUTHATCH_PRODUCT_INPUTS_H

#include "coded_planes.h"
#include "integer_products.h"

enum { PRODUCT_ROWS = NUTHATCH_PRODUCT_ROWS };

// One row's numbers as integers, for all lanes or one group of them.
struct product_input {
    float unit;
    // What all lanes get: sum x_i o_i where groups lie across lanes.
    float bias;
    // y_i, zero where the row doesn't look.
    float *numbers;
    // [DIGITS][set of fields], `digit_stride` from digit to digit
    int32_t *digits;
    size_t digit_stride;
};

LANES_INLINE int_lanes larger(int_lanes a, int_lanes b) {
    return __builtin_elementwise_max(a, b);
}

// The float of the largest of 16 magnitudes, compared by their bits: NaN is larger than infinity.
LANES_INLINE float largest_magnitude(int_lanes bits) {
    bits = larger(bits, LANES_FROM(bits, 8));
    bits = larger(bits, LANES_FROM(bits, 4));
    bits = larger(bits, LANES_FROM(bits, 2));
    bits = larger(bits, LANES_FROM(bits, 1));
    return float_from_bits((uint32_t)bits[0]);
}

// The parameters of groups across lanes for 16 consecutive numbers along, `first` being the index of number
// 0's.
LANES_INLINE lanes parameters_along(const struct coded_plane *plane, const void *parameters, size_t first,
                                    size_t index) {
    const struct nuthatch_coding *coding = plane->coding;
    size_t span = coding->is_by_slot ? coding->span : 1;
    // A power of two: no division.
    index >>= __builtin_ctzll(span);
    return load_spread(parameters, first + index, span, coding->parameter_storage);
}

// Takes 16 of a row's numbers: stores y_i and adds to the row's bias and largest magnitude.
LANES_INLINE void take_numbers(lanes number, lanes scale, lanes offset, float *scaled, lanes *bias,
                               int_lanes *largest) {
    lanes product = number * scale;
    *bias = lanes_fma(number, offset, *bias);
    lanes_store(scaled, product);
    *largest = larger(*largest, (int_lanes)lanes_magnitude(product));
}

// The same where the row sees only some of the numbers from the index-th on: what it doesn't see may have any
// parameters, and must leave no trace.
LANES_INLINE void take_seen_numbers(const float *x, size_t index, struct interval seen, lanes scale,
                                    lanes offset, float *scaled, lanes *bias, int_lanes *largest) {
    const lanes nothing = lanes_fill(0);
    struct interval part = overlap((struct interval){index, index + LANES}, seen);
    if (is_empty(part)) {
        lanes_store(scaled, nothing);
        return;
    }
    int first = (int)(part.first - index);
    int end = (int)(part.end - index);
    take_numbers(lanes_keep(lanes_load_some(x + index, (size_t)end), first, end, nothing),
                 lanes_keep(scale, first, end, nothing), lanes_keep(offset, first, end, nothing), scaled,
                 bias, largest);
}

// Whether all rows see the same numbers, whole vectors of them.
LANES_INLINE int see_whole_vectors(int rows, const struct interval *seen) {
    int is_same = 1;
    for (int row = 1; row < rows; row++) {
        is_same &= seen[row].first == seen[0].first && seen[row].end == seen[0].end;
    }
    return is_same && seen[0].first % LANES == 0 && seen[0].end % LANES == 0;
}

// Makes the rows' inputs for the lanes that share a group with the across-th. x[row] holds a number for each
// of seen[row] and may hold anything elsewhere; `all` is what any of the rows sees.
LANES_INLINE void prepare_inputs(int rows, int bits, const struct coded_plane *plane, size_t across,
                                 const float *const *x, const struct interval *seen, struct interval all,
                                 struct product_input *inputs) {
    int is_along = groups_lie_along(plane);
    int is_whole = see_whole_vectors(rows, seen);
    size_t parameter = is_along ? 0 : plane->holds_keys ? parameter_index(plane, across, 0)
                                                        : parameter_index(plane, 0, across);
    int_lanes largest[PRODUCT_ROWS];
    lanes bias[PRODUCT_ROWS];
    for (int row = 0; row < rows; row++) {
        largest[row] = (int_lanes){0};
        bias[row] = lanes_fill(0);
    }
    for (size_t index = all.first / LANES * LANES; index < all.end; index += LANES) {
        lanes scale = lanes_fill(1);
        lanes offset = lanes_fill(0);
        if (!is_along) {
            scale = parameters_along(plane, plane->scales, parameter, index);
            offset = parameters_along(plane, plane->offsets, parameter, index);
        }
        // Rows side by side, in registers: only what has no branches is unrolled.
        if (is_whole) {
            for (int row = 0; row < rows; row++) {
                take_numbers(lanes_load(x[row] + index), scale, offset, inputs[row].numbers + index,
                             &bias[row], &largest[row]);
            }
            continue;
        }
        for (int row = 0; row < rows; row++) {
            take_seen_numbers(x[row], index, seen[row], scale, offset, inputs[row].numbers + index,
                              &bias[row], &largest[row]);
        }
    }
    float factors[PRODUCT_ROWS];
    for (int row = 0; row < rows; row++) {
        float most = largest_magnitude(largest[row]);
        inputs[row].bias = lanes_sum(bias[row]);
        // Numbers that are none make every lane NaN; those too small to have a reciprocal count as zero.
        int is_finite = most < __builtin_inff();
        int is_usable = is_finite && most >= 0x1p-100f;
        factors[row] = is_usable ? (float)INTEGER_LIMIT / most : 0;
        inputs[row].unit = is_usable ? most / (float)INTEGER_LIMIT : is_finite ? 0 : __builtin_nanf("");
    }
    for (size_t index = all.first / LANES * LANES; index < all.end; index += LANES) {
        for (int row = 0; row < rows; row++) {
            lanes magic = lanes_fill(0x1.8p23f);
            lanes factor = lanes_fill(factors[row]);
            lanes rounded = lanes_fma(lanes_load(inputs[row].numbers + index), factor, magic);
            int_lanes n = (int_lanes)rounded - (int_lanes)magic;
            // A factor of 0 times infinity would be no integer.
            if (factors[row] == 0) n = (int_lanes){0};
            store_digits(n, index, bits, inputs[row].digits, inputs[row].digit_stride);
        }
    }
}

// Sum of a row's numbers in a part of what it sees.
LANES_INLINE float sum_numbers(const struct product_input *input, struct interval part) {
    lanes sum = lanes_fill(0);
    for (size_t index = part.first / LANES * LANES; index < part.end; index += LANES) {
        sum += lanes_load(input->numbers + index);
    }
    return lanes_sum(sum);
}

#endif
