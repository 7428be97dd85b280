// Scales and offsets of a page's codes as floats, number by number, made once for all rows that see the page;
// see coded_products.h.
//
// Included after the target pragma.

#ifndef NUTHATCH_PLANE_PARAMETERS_H
#define NUTHATCH_PLANE_PARAMETERS_H

#include "coded_planes.h"
#include "integer_products.h"

// Scales and offsets of what groups across lanes hold, number by number; ones and zeros where groups lie
// along lanes. Those of values have been divided by the largest scale and multiplied by the integers' limit.
struct parameters {
    const float *scales;
    const float *offsets;
    // Of values: what an integer is worth.
    float unit;
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

// How numbers become integers whose limit is the largest of them.
struct fit {
    // What to multiply them by,
    float factor;
    // and what an integer is worth.
    float unit;
};

// Where the largest is none every sum becomes NaN; numbers too small to have a reciprocal count as zero.
LANES_INLINE struct fit fit_of(float most) {
    int is_finite = most < __builtin_inff(), is_usable = is_finite && most >= 0x1p-100f;
    struct fit fit = {.factor = is_usable ? (float)INTEGER_LIMIT / most : 0,
                      .unit = is_usable   ? most / (float)INTEGER_LIMIT
                              : is_finite ? 0
                                          : __builtin_nanf("")};
    return fit;
}

// The same of 16.
LANES_INLINE void fit_all(lanes most, lanes *factor, lanes *unit) {
    int_lanes is_finite = most < __builtin_inff();
    int_lanes is_usable = is_finite & (most >= 0x1p-100f);
    lanes none = lanes_select(is_finite, lanes_fill(0), lanes_fill(__builtin_nanf("")));
    *unit = lanes_select(is_usable, most / (float)INTEGER_LIMIT, none);
    *factor = lanes_select(is_usable, (float)INTEGER_LIMIT / most, lanes_fill(0));
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

// The parameters of a plane, for each of the stretches of lanes that share theirs: `length` lanes, and
// [stretch][scales, offsets, unit].
struct plane_parameters {
    size_t length;
    size_t count;
    float *numbers;
};

LANES_INLINE struct plane_parameters place_parameters(const struct coded_plane *plane, float *scratch) {
    size_t length = plane->coding->group_length;
    int is_shared = groups_lie_along(plane) || (!plane->holds_keys && length >= plane->dimension);
    struct plane_parameters result = {.length = is_shared ? SIZE_MAX / 2 : length,
                                      .count = nuthatch_padded_dimension(along_count(plane)),
                                      .numbers = scratch};
    return result;
}

LANES_INLINE float *stretch_of(const struct plane_parameters *all, size_t lane) {
    return all->numbers + lane / all->length * (2 * all->count + LANES);
}

// Those that hold for a lane.
LANES_INLINE struct parameters parameters_at(const struct plane_parameters *all, size_t lane) {
    const float *start = stretch_of(all, lane);
    struct parameters parameters = {
        .scales = start, .offsets = start + all->count, .unit = start[2 * all->count]};
    return parameters;
}

// Scales and offsets of a stretch, zeros behind the last number.
LANES_INLINE void widen_stretch(const struct coded_plane *plane, size_t lane, size_t padded, float *scales) {
    float *offsets = scales + padded;
    size_t count = along_count(plane);
    size_t first = plane->holds_keys ? parameter_index(plane, lane, 0) : parameter_index(plane, 0, lane);
    size_t span = plane->coding->is_by_slot ? plane->coding->span : 1;
    if (span == 1 && plane->coding->parameter_storage == NUTHATCH_STORAGE_F16) {
        // The usual case, without a choice in its loop: 2 to 3 % of a token's attention.
        for (size_t index = 0; index < count; index += LANES) {
            lanes_store(scales + index,
                        lanes_widen_half(load_halves((const uint16_t *)plane->scales + first + index)));
            lanes_store(offsets + index,
                        lanes_widen_half(load_halves((const uint16_t *)plane->offsets + first + index)));
        }
    } else {
        for (size_t index = 0; index < count; index += LANES) {
            lanes_store(scales + index, parameters_along(plane, plane->scales, first, index));
            lanes_store(offsets + index, parameters_along(plane, plane->offsets, first, index));
        }
    }
    for (size_t index = count; index < padded; index++) scales[index] = offsets[index] = 0;
}

// Makes parameters of values such that probabilities, which are at most 1, become integers by one
// multiplication. The page alone decides, whatever a row sees of it. Scales that are none make their offsets
// none, which every sum with them shows. Returns what an integer is worth.
LANES_INLINE float normalize_stretch(size_t count, float *scales) {
    float *offsets = scales + count;
    int_lanes largest = {0};
    for (size_t index = 0; index < count; index += LANES) {
        lanes scale = lanes_load(scales + index);
        int_lanes is_finite = lanes_magnitude(scale) < __builtin_inff();
        lanes offset = lanes_load(offsets + index);
        scale = (lanes)((int_lanes)scale & is_finite);
        lanes_store(scales + index, scale);
        lanes_store(offsets + index, lanes_select(is_finite, offset, lanes_fill(__builtin_nanf(""))));
        largest = larger(largest, (int_lanes)lanes_magnitude(scale));
    }
    struct fit fit = fit_of(largest_magnitude(largest));
    for (size_t index = 0; index < count; index += LANES) {
        lanes_store(scales + index, lanes_load(scales + index) * fit.factor);
    }
    return fit.unit;
}

// The parameters of the lanes of some panels.
static void widen_parameters(const struct coded_plane *plane, struct interval panels,
                             const struct plane_parameters *all) {
    for (size_t lane = panels.first * LANES; lane < panels.end * LANES;) {
        float *scales = stretch_of(all, lane);
        if (groups_lie_along(plane)) {
            for (size_t index = 0; index < all->count; index++) {
                scales[index] = 1;
                scales[all->count + index] = 0;
            }
        } else {
            widen_stretch(plane, lane, all->count, scales);
        }
        scales[2 * all->count] = plane->holds_keys ? 1 : normalize_stretch(all->count, scales);
        lane = (lane / all->length + 1) * all->length;
    }
}

#endif
