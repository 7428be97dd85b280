// Products of float rows with planes of codes, in integers: nothing is decoded.
//
// A number is scale * code + offset, so a sum along the lanes of a panel (over dimensions for scores, over
// slots for values) falls apart, whichever way the groups lie:
//
//     groups across lanes     sum x_i (s_i c_i + o_i) = sum y_i c_i + sum x_i o_i,      y_i = x_i s_i
//     groups along a lane     sum x_i (s c_i + o)     = s sum y_i c_i + o sum x_i,      y_i = x_i
//
// y is written as integers of 15 bits, relative to its largest magnitude:
//
//     y_i ~ unit n_i,      unit = max |y| / 16,319,      n_i = 128 a_i + b_i,   |a_i| <= 127,  -64 <= b_i <
//     64
//
// and sum n_i c_i is computed exactly: in any order, with whatever products of integers an instruction set
// has. Rounding moves each y by at most half a unit: less than binary16, which holds keys and values of exact
// pages, moves numbers of more than an eighth of the largest.
//
// Included after the target pragma. The including file defines PRODUCT_PANELS, the panels a tile of 3 rows
// can take at once, and says how products are made: nothing (32-bit products), HAS_PAIR_PRODUCTS (VPMADDWD)
// or HAS_BYTE_PRODUCTS (VPDPBUSD).

#ifndef NUTHATCH_CODED_PRODUCTS_H
#define NUTHATCH_CODED_PRODUCTS_H

#include "coded_planes.h"

enum {
    PRODUCT_ROWS = NUTHATCH_PRODUCT_ROWS,
    INTEGER_LIMIT = 127 * 128 + 63,
    // |sum n_i c_i| <= 16,319 * 255 * 512 < 2^31
    SEGMENT_LENGTH = 512,
};

// A word holds 32 / bits codes. Products are made of fields of it, FIELD_BITS wide: shifted right by k * bits
// and masked, k < FIELD_BITS / bits, field f holds code k + f * (FIELD_BITS / bits). So there are FIELD_BITS
// / bits sets of fields in a word, and each meets one int32 per row, whose fields are those numbers; in
// bytes, two: their digits.
#if defined(HAS_BYTE_PRODUCTS)
enum { FIELD_BITS = 8, DIGITS = 2 };
#elif defined(HAS_PAIR_PRODUCTS)
enum { FIELD_BITS = 16, DIGITS = 1 };
#else
enum { FIELD_BITS = 32, DIGITS = 1 };
#endif

// One row's numbers as integers, for all lanes or one group of them.
struct product_input {
    float unit;
    // What all lanes get: sum x_i o_i where groups lie across lanes.
    float bias;
    // x_i where groups lie along a lane, zero where the row doesn't look.
    float *numbers;
    // [DIGITS][set of fields], `digit_stride` from digit to digit
    int32_t *digits;
    size_t digit_stride;
};

LANES_INLINE size_t rounded_up(size_t count, size_t unit) {
    return (count + unit - 1) / unit * unit;
}

// The order in which 16 numbers meet the fields of the words that hold their codes.
#define ORDER_8_4 0, 2, 4, 6, 1, 3, 5, 7, 8, 10, 12, 14, 9, 11, 13, 15
#define ORDER_8_2 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15
#define ORDER_16_8 0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15
#define ORDER_16_4 0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15
#define ORDER_16_2 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15
#define ORDERED(ORDER) x = __builtin_shufflevector(x, x, ORDER)

LANES_INLINE int_lanes in_field_order(int_lanes x, int bits) {
#if defined(HAS_BYTE_PRODUCTS)
    if (bits == 4) ORDERED(ORDER_8_4);
    if (bits == 2) ORDERED(ORDER_8_2);
#elif defined(HAS_PAIR_PRODUCTS)
    if (bits == 8) ORDERED(ORDER_16_8);
    if (bits == 4) ORDERED(ORDER_16_4);
    if (bits == 2) ORDERED(ORDER_16_2);
#endif
    (void)bits;
    return x;
}

// Stores the digits of 16 numbers from the index-th on.
LANES_INLINE void store_digits(int_lanes n, size_t index, int bits, struct product_input *input) {
    n = in_field_order(n, bits);
#if defined(HAS_BYTE_PRODUCTS)
    int_lanes upper = (n + 64) >> 7;
    int_lanes parts[DIGITS] = {upper, n - (upper << 7)};
    typedef int8_t narrow __attribute__((vector_size(16)));
#elif defined(HAS_PAIR_PRODUCTS)
    int_lanes parts[DIGITS] = {n};
    typedef int16_t narrow __attribute__((vector_size(32)));
#else
    int_lanes parts[DIGITS] = {n};
    typedef int32_t narrow __attribute__((vector_size(64)));
#endif
    int32_t *to = input->digits + index * FIELD_BITS / 32;
    for (int digit = 0; digit < DIGITS; digit++) {
        narrow part = __builtin_convertvector(parts[digit], narrow);
        memcpy(to + (size_t)digit * input->digit_stride, &part, sizeof(part));
    }
}

// sum + products of a set of fields, `codes`, with a row's digit.
LANES_INLINE int_lanes add_products(int_lanes sum, int_lanes codes, int32_t digit) {
#if defined(HAS_BYTE_PRODUCTS)
    return (int_lanes)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)codes, _mm512_set1_epi32(digit));
#elif defined(HAS_PAIR_PRODUCTS)
    __m256i halves[2], sums[2];
    memcpy(halves, &codes, sizeof(halves));
    memcpy(sums, &sum, sizeof(sums));
    __m256i factor = _mm256_set1_epi32(digit);
    for (int half = 0; half < 2; half++) {
        sums[half] = _mm256_add_epi32(sums[half], _mm256_madd_epi16(halves[half], factor));
    }
    memcpy(&sum, sums, sizeof(sum));
    return sum;
#else
    return sum + codes * digit;
#endif
}

// sum n_i c_i from its digits' sums, rounded once.
LANES_INLINE lanes join_digits(const int_lanes *sums) {
#if defined(HAS_BYTE_PRODUCTS)
    return __builtin_convertvector((sums[0] << 7) + sums[1], lanes);
#else
    return __builtin_convertvector(sums[0], lanes);
#endif
}

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

// Groups across: one of each parameter for all lanes of a group; else each lane has its own, the same for 16
// numbers at least.
LANES_INLINE int groups_lie_along(const struct coded_plane *plane) {
    return plane->holds_keys == (plane->coding->is_by_slot != 0);
}

LANES_INLINE struct interval common(struct interval a, struct interval b) {
    struct interval result = {a.first > b.first ? a.first : b.first, a.end < b.end ? a.end : b.end};
    return result;
}

// The parameters of groups across lanes for 16 consecutive numbers along, `first` being the index of number
// 0's.
LANES_INLINE lanes parameters_along(const struct coded_plane *plane, const void *parameters, size_t first,
                                    size_t across, size_t index) {
    int is_by_slot = plane->coding->is_by_slot;
    if (!is_by_slot || plane->coding->span == 1) {
        return load_stored(parameters, first + index, plane->coding->parameter_storage);
    }
    return load_parameters(plane, parameters, index, across, 1);
}

// Makes the rows' inputs for the lanes that share a group with the across-th. x[row] holds a number for each
// of seen[row] and may hold anything elsewhere; `all` is what any of the rows sees.
LANES_INLINE void prepare_inputs(int rows, int bits, const struct coded_plane *plane, size_t across,
                                 const float *const *x, const struct interval *seen, struct interval all,
                                 struct product_input *inputs) {
    int is_along = groups_lie_along(plane);
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
            scale = parameters_along(plane, plane->scales, parameter, across, index);
            offset = parameters_along(plane, plane->offsets, parameter, across, index);
        }
        for (int row = 0; row < rows; row++) {
            if (index >= seen[row].first && index + LANES <= seen[row].end) {
                lanes number = lanes_load(x[row] + index);
                lanes scaled = number * scale;
                bias[row] = lanes_fma(number, offset, bias[row]);
                lanes_store(inputs[row].numbers + index, scaled);
                largest[row] = larger(largest[row], (int_lanes)lanes_magnitude(scaled));
                continue;
            }
            // What a row doesn't see may have any parameters, and must leave no trace.
            struct interval part = common((struct interval){index, index + LANES}, seen[row]);
            lanes scaled = lanes_fill(0);
            if (!is_empty(part)) {
                int begin = (int)(part.first - index);
                int end = (int)(part.end - index);
                lanes number = lanes_load_some(x[row] + index, (size_t)end);
                number = lanes_keep(number, begin, end, lanes_fill(0));
                scaled = number * lanes_keep(scale, begin, end, lanes_fill(0));
                bias[row] = lanes_fma(number, lanes_keep(offset, begin, end, lanes_fill(0)), bias[row]);
                largest[row] = larger(largest[row], (int_lanes)lanes_magnitude(scaled));
            }
            lanes_store(inputs[row].numbers + index, scaled);
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
            // Where there is no number, the product with 0 is none either.
            if (factors[row] == 0) n = (int_lanes){0};
            store_digits(n, index, bits, &inputs[row]);
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

// sum n_i c_i of each row and panel over the numbers of one segment.
LANES_INLINE void product_tile(int rows, int panels, int bits, const struct coded_plane *plane,
                               const uint32_t *ahead, size_t panel, struct interval words,
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
            // In the order of addresses, for the hardware to see where they lead.
            if (ahead)
                __builtin_prefetch(ahead + (panel * word_count + word * (size_t)panels + (size_t)p) * LANES);
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

// out[row][lane] = the whole sum, for consecutive panels that share the inputs.
LANES_INLINE void multiply_panels(int rows, int panels, int bits, const struct coded_plane *plane,
                                  const uint32_t *ahead, size_t panel, const struct interval *seen,
                                  struct interval all, const struct product_input *inputs, float *out,
                                  size_t out_stride) {
    int is_along = groups_lie_along(plane);
    size_t codes = 32 / (size_t)bits;
    lanes result[PRODUCT_ROWS][PRODUCT_PANELS];
    for (int row = 0; row < rows; row++) {
        for (int p = 0; p < panels; p++) result[row][p] = lanes_fill(is_along ? 0 : inputs[row].bias);
    }
    struct interval segment = segment_at(plane, all.first);
    for (; segment.first < all.end; segment = segment_at(plane, segment.end)) {
        struct interval read = common(segment, all);
        struct interval words = {read.first / codes, (read.end + codes - 1) / codes};
        lanes sums[PRODUCT_ROWS][PRODUCT_PANELS];
        product_tile(rows, panels, bits, plane, ahead, panel, words, inputs, sums);
        for (int row = 0; row < rows; row++) {
            struct interval part = common(segment, seen[row]);
            // What a row doesn't see must not touch it, not even a scale that is no number.
            if (is_empty(part)) continue;
            for (int p = 0; p < panels; p++) {
                lanes sum = sums[row][p];
                if (!is_along) {
                    result[row][p] = lanes_fma(lanes_fill(inputs[row].unit), sum, result[row][p]);
                    continue;
                }
                size_t across = (panel + (size_t)p) * LANES;
                size_t slot = plane->holds_keys ? across : segment.first;
                size_t dimension = plane->holds_keys ? segment.first : across;
                lanes scale = load_parameters(plane, plane->scales, slot, dimension, plane->holds_keys);
                lanes offset = load_parameters(plane, plane->offsets, slot, dimension, plane->holds_keys);
                result[row][p] = lanes_fma(scale, sum * inputs[row].unit, result[row][p]);
                lanes total = lanes_fill(sum_numbers(&inputs[row], part));
                result[row][p] = lanes_fma(offset, total, result[row][p]);
            }
        }
        if (segment.end >= along_count(plane)) break;
    }
    for (int row = 0; row < rows; row++) {
        for (int p = 0; p < panels; p++) {
            lanes_store(out + (size_t)row * out_stride + (panel + (size_t)p) * LANES, result[row][p]);
        }
    }
}

LANES_INLINE void multiply_coded(int rows, int bits, const struct coded_plane *plane, const uint32_t *ahead,
                                 const float *const *x, const struct interval *seen, struct interval panels,
                                 float *out, size_t out_stride, float *scratch) {
    size_t count = rounded_up(along_count(plane), LANES);
    int is_along = groups_lie_along(plane);
    if (ahead) {
        const char *start = (const char *)ahead + plane->coding->scale_offset;
        size_t byte_count = (size_t)((const char *)plane->offsets - (const char *)plane->scales) * 2;
        for (size_t byte = 0; byte < byte_count; byte += 64) __builtin_prefetch(start + byte);
    }
    // Lanes that share an input.
    size_t length = plane->coding->group_length;
    if (is_along || (!plane->holds_keys && length >= plane->dimension)) length = panels.end * LANES;
    struct product_input inputs[PRODUCT_ROWS];
    struct interval all = seen[0];
    for (int row = 0; row < rows; row++) {
        if (is_empty(all) || (!is_empty(seen[row]) && seen[row].first < all.first))
            all.first = seen[row].first;
        if (seen[row].end > all.end) all.end = seen[row].end;
        inputs[row].numbers = scratch + (size_t)row * 2 * count;
        inputs[row].digits = (int32_t *)(inputs[row].numbers + count);
        inputs[row].digit_stride = count * FIELD_BITS / 32;
    }
    for (size_t panel = panels.first; panel < panels.end;) {
        size_t end = (panel * LANES / length + 1) * length / LANES;
        if (end > panels.end) end = panels.end;
        prepare_inputs(rows, bits, plane, panel * LANES, x, seen, all, inputs);
        for (; panel + PRODUCT_PANELS <= end; panel += PRODUCT_PANELS) {
            multiply_panels(rows, PRODUCT_PANELS, bits, plane, ahead, panel, seen, all, inputs, out,
                            out_stride);
        }
        for (; panel < end; panel++) {
            multiply_panels(rows, 1, bits, plane, ahead, panel, seen, all, inputs, out,
                            out_stride);
        }
    }
}

// out[row][lane] = sum over `seen[row]` of x[row][i] times the plane's i-th number of that lane, for the
// lanes of `panels`; up to PRODUCT_ROWS rows. Fetches the same places of `ahead`, unless NULL. `scratch`
// holds nuthatch_product_scratch_count floats.
static void multiply_plane(int rows, const struct coded_plane *plane, const uint32_t *ahead,
                           const float *const *x, const struct interval *seen, struct interval panels,
                           float *out, size_t out_stride, float *scratch) {
#define MULTIPLY(ROWS, BITS)                                                                                 \
    multiply_coded(ROWS, BITS, plane, ahead, x, seen, panels, out, out_stride, scratch)
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
