// Products of float rows with planes of codes, in integers: nothing is decoded.
//
// A number is scale * code + offset, so a sum along the lanes of a panel (over dimensions for scores, over
// slots for values) falls apart, whichever way the groups lie:
//
//     groups across lanes     sum x_i (s_i c_i + o_i) = sum y_i c_i + sum x_i o_i,      y_i = x_i s_i
//     groups along a lane     sum x_i (s c_i + o)     = s sum y_i c_i + o sum x_i,      y_i = x_i
//
// y is written as integers of 15 bits:
//
//     y_i ~ unit n_i        unit = max |y| / 16,319         of a query
//                           unit = max s / 16,319           of probabilities, whose largest is 1
//
// and sum n_i c_i is computed exactly: in any order, with whatever products of integers an instruction set
// has. Rounding moves each y by at most half a unit: less than binary16, which holds keys and values of exact
// pages, moves numbers of more than an eighth of the largest.
//
// Included after the target pragma. The including file defines PRODUCT_PANELS, the panels a tile of 3 rows
// can take at once, and how products are made (integer_products.h).

#ifndef NUTHATCH_CODED_PRODUCTS_H
#define NUTHATCH_CODED_PRODUCTS_H

#include "band.h"
#include "fetching.h"
#include "product_inputs.h"

// sum n_i c_i of each row and panel over the numbers of one segment.
LANES_INLINE void product_tile(int rows, int panels, int bits, const struct coded_plane *plane,
                               const struct places *ahead, size_t panel, struct interval words,
                               const struct product_input *inputs, lanes sums[PRODUCT_ROWS][PRODUCT_PANELS]) {
    int_lanes digit_sums[PRODUCT_ROWS][PRODUCT_PANELS][DIGITS];
    const int sets = FIELD_BITS / bits;
    uint32_t field = (uint32_t)((1u << bits) - 1);
    for (int width = FIELD_BITS; width < 32; width += FIELD_BITS) field |= field << width;
    size_t word_count = panel_word_count(plane);
    for (int row = 0; row < rows; row++) {
        for (int p = 0; p < panels; p++) {
            for (int digit = 0; digit < DIGITS; digit++) digit_sums[row][p][digit] = (int_lanes){0};
        }
    }
    for (size_t word = words.first; word < words.end; word++) {
        uint_lanes found[PRODUCT_PANELS];
        for (int p = 0; p < panels; p++) {
            size_t element = ((panel + (size_t)p) * word_count + word) * LANES;
            memcpy(&found[p], plane->words + element, sizeof(found[p]));
            if (ahead) fetch_step(ahead, panel * word_count, word, panels, p, sizeof(found[p]));
        }
        for (int set = 0; set < sets; set++) {
            size_t at = word * (size_t)sets + (size_t)set;
            int_lanes codes[PRODUCT_PANELS];
            for (int p = 0; p < panels; p++) {
                codes[p] = (int_lanes)(found[p] >> (uint32_t)(set * bits) & field);
            }
            for (int row = 0; row < rows; row++) {
                for (int digit = 0; digit < DIGITS; digit++) {
                    int32_t factor = inputs[row].digits[at + (size_t)digit * inputs[row].digit_stride];
                    for (int p = 0; p < panels; p++) {
                        digit_sums[row][p][digit] = add_products(digit_sums[row][p][digit], codes[p], factor);
                    }
                }
            }
        }
    }
    for (int row = 0; row < rows; row++) {
        for (int p = 0; p < panels; p++) sums[row][p] = join_digits(digit_sums[row][p]);
    }
}

// The numbers along a lane whose products are added as integers: from where a group begins, 512 at a time.
LANES_INLINE struct interval segment_at(const struct coded_plane *plane, size_t index) {
    size_t count = along_count(plane);
    size_t length = plane->coding->group_length;
    size_t group = 0;
    if (groups_lie_along(plane)) {
        group = index / length * length;
    } else {
        length = count;
    }
    size_t first = group + (index - group) / SEGMENT_LENGTH * SEGMENT_LENGTH;
    size_t end = group + length < first + SEGMENT_LENGTH ? group + length : first + SEGMENT_LENGTH;
    struct interval segment = {first, end < count ? end : count};
    return segment;
}

// Adds a segment's sums to the results of a row and one panel, or several.
LANES_INLINE void add_segment(int panels, const struct coded_plane *plane, size_t panel,
                              struct interval segment, lanes unit, lanes total, const lanes *sums,
                              lanes *results) {
    int is_along = groups_lie_along(plane);
    for (int p = 0; p < panels; p++) {
        if (!is_along) {
            results[p] = lanes_fma(unit, sums[p], results[p]);
            continue;
        }
        size_t across = (panel + (size_t)p) * LANES;
        size_t slot = plane->holds_keys ? across : segment.first;
        size_t dimension = plane->holds_keys ? segment.first : across;
        lanes scale = load_parameters(plane, plane->scales, slot, dimension, plane->holds_keys);
        lanes offset = load_parameters(plane, plane->offsets, slot, dimension, plane->holds_keys);
        results[p] = lanes_fma(scale, sums[p] * unit, results[p]);
        results[p] = lanes_fma(offset, total, results[p]);
    }
}

// Whether rows see the same numbers of one segment, with scales by number.
LANES_INLINE int is_one_segment(const struct coded_plane *plane, const struct view *view) {
    return view->is_same && !is_empty(view->all) && !groups_lie_along(plane) &&
           segment_at(plane, view->all.first).end >= view->all.end;
}

// The whole sums of consecutive panels that share the inputs, whatever rows see.
LANES_INLINE void multiply_panels(int rows, int panels, int bits, const struct coded_plane *plane,
                                  const struct places *ahead, size_t panel, const float *const *x,
                                  const struct view *view, const float *factors,
                                  const struct product_input *inputs, const struct product_target *to) {
    struct interval all = view->all;
    int is_along = groups_lie_along(plane);
    size_t codes = 32 / (size_t)bits;
    lanes result[PRODUCT_ROWS][PRODUCT_PANELS];
    for (int row = 0; row < rows; row++) {
        for (int p = 0; p < panels; p++) result[row][p] = lanes_fill(is_along ? 0 : inputs[row].bias);
    }
    struct interval segment = segment_at(plane, all.first);
    for (; segment.first < all.end; segment = segment_at(plane, segment.end)) {
        struct interval read = overlap(segment, all);
        struct interval words = {read.first / codes, (read.end + codes - 1) / codes};
        lanes sums[PRODUCT_ROWS][PRODUCT_PANELS];
        product_tile(rows, panels, bits, plane, ahead, panel, words, inputs, sums);
        for (int row = 0; row < rows; row++) {
            struct interval part = overlap(segment, seen_by(view, row));
            // What a row doesn't see must not touch it, not even a scale that is no number.
            if (is_empty(part)) continue;
            lanes total = {0};
            if (is_along) total = lanes_fill(sum_numbers(x[row], part) * factors[row]);
            add_segment(panels, plane, panel, segment, lanes_fill(inputs[row].unit), total, sums[row],
                        result[row]);
        }
        if (segment.end >= along_count(plane)) break;
    }
    for (int row = 0; row < rows; row++) {
        if (!is_empty(seen_by(view, row))) deliver(to, row, panels, panel, result[row]);
    }
}

// The same of one segment, of which all rows see the same, with scales by number: nothing but what is needed
// leaves the registers.
LANES_INLINE void multiply_whole_panels(int rows, int panels, int bits, const struct coded_plane *plane,
                                        const struct places *ahead, size_t panel, struct interval numbers,
                                        const struct product_input *inputs, const struct product_target *to) {
    const size_t codes = 32 / (size_t)bits;
    struct interval words = {numbers.first / codes, (numbers.end + codes - 1) / codes};
    lanes sums[PRODUCT_ROWS][PRODUCT_PANELS];
    product_tile(rows, panels, bits, plane, ahead, panel, words, inputs, sums);
    for (int row = 0; row < rows; row++) {
        finish_products(to, row, panels, panel, inputs[row].unit, inputs[row].bias, sums[row]);
    }
}

LANES_INLINE void multiply_coded(int rows, int bits, const struct coded_plane *plane,
                                 const struct plane_parameters *all_parameters, const struct places *ahead,
                                 const float *const *x, const struct view *view, struct interval panels,
                                 const float *factors, const struct product_target *to, float *scratch) {
    size_t count = all_parameters->count;
    int32_t *digits = (int32_t *)scratch;
    struct product_input inputs[PRODUCT_ROWS];
    for (int row = 0; row < rows; row++) {
        inputs[row].digits = digits + (size_t)row * count;
        inputs[row].digit_stride = count * FIELD_BITS / 32;
    }
    int is_simple = is_one_segment(plane, view);
    for (size_t panel = panels.first; panel < panels.end;) {
        size_t end = (panel * LANES / all_parameters->length + 1) * all_parameters->length / LANES;
        if (end > panels.end) end = panels.end;
        struct parameters parameters = parameters_at(all_parameters, panel * LANES);
        if (plane->holds_keys) {
            prepare_queries(rows, bits, along_count(plane), &parameters, x, factors, inputs);
        } else {
            prepare_probabilities(rows, bits, &parameters, x, view, factors, inputs);
        }
#define MULTIPLY_PANELS(PANELS)                                                                              \
    if (is_simple) {                                                                                         \
        multiply_whole_panels(rows, PANELS, bits, plane, ahead, panel, view->all, inputs, to);               \
    } else {                                                                                                 \
        multiply_panels(rows, PANELS, bits, plane, ahead, panel, x, view, factors, inputs, to);              \
    }
        for (; panel + PRODUCT_PANELS <= end; panel += PRODUCT_PANELS) {
            MULTIPLY_PANELS(PRODUCT_PANELS)
        }
        for (; panel < end; panel++) {
            MULTIPLY_PANELS(1)
        }
#undef MULTIPLY_PANELS
    }
    const char *words = (const char *)plane->words, *scales = (const char *)plane->scales;
    size_t parameter_bytes = (size_t)((const char *)plane->offsets - scales);
    if (ahead) fetch_rest(ahead, (size_t)(scales - words), (size_t)(scales - words) + 2 * parameter_bytes);
}

// The target gets factors[row] times the sum over what the row sees of x[row][i] times the plane's i-th
// number of each lane of `panels`; up to PRODUCT_ROWS rows. What x holds for values is from 0 to 1, and 0
// where a row sees nothing of whole vectors of `view`. Asks for as much of what lies `ahead`, unless NULL.
// `scratch` holds nuthatch_product_scratch_count floats.
static void multiply_plane(int rows, const struct coded_plane *plane,
                           const struct plane_parameters *parameters, const struct places *ahead,
                           const float *const *x, const struct view *view, struct interval panels,
                           const float *factors, const struct product_target *to, float *scratch) {
#define MULTIPLY(ROWS, BITS)                                                                                 \
    multiply_coded(ROWS, BITS, plane, parameters, ahead, x, view, panels, factors, to, scratch)
#define MULTIPLY_ROWS(BITS)                                                                                  \
    switch (rows) {                                                                                          \
    case 1: MULTIPLY(1, BITS); break;                                                                        \
    case 2: MULTIPLY(2, BITS); break;                                                                        \
    default: MULTIPLY(3, BITS); break;                                                                       \
    }
    _Static_assert(PRODUCT_ROWS == 3, "MULTIPLY_ROWS lists the row counts");
    switch (plane->coding->bits) {
    case 2: MULTIPLY_ROWS(2); break;
    case 4: MULTIPLY_ROWS(4); break;
    default: MULTIPLY_ROWS(8); break;
    }
#undef MULTIPLY_ROWS
#undef MULTIPLY
}

#endif
