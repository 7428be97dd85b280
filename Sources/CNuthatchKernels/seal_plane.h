// Coding of a full page: keys and values of one head as codes with a scale and an offset per group.
//
// affine (optimum-quanto's MaxOptimizer), q = 2^bits - 1:
//
//     scale = (max - min) / q       offset = min       code = clamp(round((x - offset) / scale), 0, q)
//
// hqq (H. Badri and A. Shaji, Half-Quadratic Quantization, 2023; package hqq 0.2.8, its default solver): one
// over scale as above is s (1 where max - min <= 1e-4, at most 2e4), the offset is -z / s. From z = -min s,
// up to 20 times, until the mean of |e| over the plane stops to fall:
//
//     c = clamp(round(x s + z), 0, q)      e = x - (c - z) / s
//     z = mean over the group of c - (x - shrunk(e)) s,       shrunk(e) = sign(e) max(|e| - |e|^-0.3 / 10, 0)
//
// Scale and offset are rounded to how they are stored before codes are computed, so that a code is the best
// one for the numbers that it will be read with. A group whose scale is 0 (constant, or too narrow for
// binary16) has codes 0: it reads as its offset. A group with an infinity or NaN reads as NaN.
//
// Groups are taken 16 at a time, one per lane, their numbers one after another: sums and extremes of a group
// have one order whatever the lanes are made of.

#ifndef NUTHATCH_SEAL_PLANE_H
#define NUTHATCH_SEAL_PLANE_H

#include "coded_planes.h"

enum { HQQ_ITERATIONS = 20 };

// How a plane falls into groups: `section_count` times `lane_count` groups of `length` numbers. By dimension,
// a section is one group of slots and a lane a dimension; by slot, a section is one group of dimensions (the
// last perhaps shorter) and a lane `span` slots.
struct cut {
    size_t section_count;
    size_t lane_count;
    size_t length;
};

LANES_INLINE struct cut cut_of(const struct coded_plane *plane) {
    const struct nuthatch_coding *coding = plane->coding;
    if (!coding->is_by_slot) {
        struct cut cut = {plane->page_length / coding->group_length, plane->dimension, coding->group_length};
        return cut;
    }
    size_t lane_count = plane->page_length / coding->span;
    if (coding->group_length >= plane->dimension) {
        struct cut cut = {1, lane_count, plane->dimension * coding->span};
        return cut;
    }
    size_t section_count = (plane->dimension + coding->group_length - 1) / coding->group_length;
    struct cut cut = {section_count, lane_count, coding->group_length};
    return cut;
}

// 16 groups of one section, or what is left of them.
struct block {
    size_t slot;
    size_t dimension;
    // Groups, at most 16, and their numbers.
    size_t lane_count;
    size_t length;
    // Where the block's numbers and its parameters begin, in vectors.
    size_t start;
    size_t index;
};

LANES_INLINE size_t block_count(const struct cut *cut) {
    return cut->section_count * ((cut->lane_count + LANES - 1) / LANES);
}

LANES_INLINE struct block block_at(const struct coded_plane *plane, const struct cut *cut, size_t index) {
    size_t blocks = (cut->lane_count + LANES - 1) / LANES;
    size_t section = index / blocks;
    size_t lane = index % blocks * LANES;
    struct block block = {.lane_count = cut->lane_count - lane < LANES ? cut->lane_count - lane : LANES,
                          .length = cut->length,
                          .index = index};
    if (plane->coding->is_by_slot) {
        block.slot = lane * plane->coding->span;
        block.dimension = section * cut->length;
        size_t left = plane->dimension * plane->coding->span - block.dimension;
        if (left < block.length) block.length = left;
    } else {
        block.slot = section * cut->length;
        block.dimension = lane;
    }
    block.start = section * blocks * cut->length + index % blocks * block.length;
    return block;
}

// Where the number of (slot, dimension) lies: which of the plane's vectors, and which lane.
struct place {
    size_t panel;
    size_t along;
    size_t lane;
};

// The place of a block's element-th number, of its lane-th group.
LANES_INLINE struct place place_of(const struct coded_plane *plane, const struct block *block, size_t element,
                                   size_t lane) {
    size_t slot = block->slot, dimension = block->dimension;
    if (!plane->coding->is_by_slot) {
        slot += element;
        dimension += lane;
    } else if (plane->coding->span == 1) {
        slot += lane;
        dimension += element;
    } else {
        slot += lane * plane->coding->span + element / plane->dimension;
        dimension += element % plane->dimension;
    }
    size_t across = plane->holds_keys ? slot : dimension;
    struct place place = {across / LANES, plane->holds_keys ? dimension : slot, across % LANES};
    return place;
}

// How the 16 groups of a block lie in panels.
enum arrangement {
    // They are the 16 lanes of a panel.
    ARRANGEMENT_LANES,
    // They are consecutive numbers of one lane, `span` apart.
    ARRANGEMENT_RUN,
    // They are `span` lanes apart.
    ARRANGEMENT_SCATTERED,
};

LANES_INLINE enum arrangement arrangement_of(const struct coded_plane *plane) {
    if (plane->holds_keys != (plane->coding->is_by_slot != 0)) return ARRANGEMENT_RUN;
    if (!plane->holds_keys) return ARRANGEMENT_LANES;
    return plane->coding->span == 1 ? ARRANGEMENT_LANES : ARRANGEMENT_SCATTERED;
}

// Numbers in panels to numbers in blocks. Lanes without a group get zeros.
static void gather_blocks(const struct coded_plane *plane, const struct cut *cut, const float *panels,
                          float *blocks) {
    enum arrangement arrangement = arrangement_of(plane);
    size_t count = along_count(plane);
    for (size_t index = 0; index < block_count(cut); index++) {
        struct block block = block_at(plane, cut, index);
        for (size_t element = 0; element < block.length; element++) {
            float *to = blocks + (block.start + element) * LANES;
            struct place place = place_of(plane, &block, element, 0);
            const float *from = panels + (place.panel * count + place.along) * LANES + place.lane;
            if (block.lane_count < LANES) lanes_store(to, lanes_fill(0));
            if (arrangement == ARRANGEMENT_LANES) {
                memcpy(to, from, block.lane_count * sizeof(float));
                continue;
            }
            if (arrangement == ARRANGEMENT_RUN) {
                size_t stride = plane->coding->span * LANES;
                for (size_t lane = 0; lane < block.lane_count; lane++) to[lane] = from[lane * stride];
                continue;
            }
            for (size_t lane = 0; lane < block.lane_count; lane++) {
                place = place_of(plane, &block, element, lane);
                to[lane] = panels[(place.panel * count + place.along) * LANES + place.lane];
            }
        }
    }
}

// Packs the codes of a block, [element][16 groups], into the words they belong to, which are 0.
LANES_INLINE void pack_codes(int bits, const struct coded_plane *plane, const struct block *block,
                             const float *codes, uint32_t *words) {
    enum arrangement arrangement = arrangement_of(plane);
    size_t word_count = panel_word_count(plane);
    size_t per_word = 32 / (size_t)bits;
    if (arrangement == ARRANGEMENT_LANES) {
        // Groups begin at multiples of 16: at a word.
        for (size_t element = 0; element < block->length; element += per_word) {
            uint_lanes word = {0};
            for (size_t code = 0; code < per_word && element + code < block->length; code++) {
                lanes found = lanes_load(codes + (element + code) * LANES);
                word |= __builtin_convertvector(__builtin_convertvector(found, int_lanes), uint_lanes)
                        << (uint32_t)(code * (size_t)bits);
            }
            struct place place = place_of(plane, block, element, 0);
            uint32_t *to = words + (place.panel * word_count + place.along / per_word) * LANES;
            memcpy(to, &word, block->lane_count * sizeof(uint32_t));
        }
        return;
    }
    for (size_t element = 0; element < block->length; element++) {
        uint32_t code[LANES];
        int_lanes found = __builtin_convertvector(lanes_load(codes + element * LANES), int_lanes);
        memcpy(code, &found, sizeof(code));
        if (arrangement == ARRANGEMENT_RUN && plane->coding->span == 1) {
            struct place place = place_of(plane, block, element, 0);
            uint32_t *to = words + (place.panel * word_count + place.along / per_word) * LANES + place.lane;
            for (size_t first = 0; first < block->lane_count; first += per_word) {
                uint32_t word = 0;
                for (size_t lane = 0; lane < per_word; lane++) {
                    word |= code[first + lane] << (lane * (size_t)bits);
                }
                to[first / per_word * LANES] = word;
            }
            continue;
        }
        for (size_t lane = 0; lane < block->lane_count; lane++) {
            struct place place = place_of(plane, block, element, lane);
            words[(place.panel * word_count + place.along / per_word) * LANES + place.lane] |=
                code[lane] << (place.along % per_word * (size_t)bits);
        }
    }
}

// NaN stays, once met.
LANES_INLINE void find_extremes(const float *numbers, size_t length, lanes *least, lanes *largest) {
    lanes low = lanes_load(numbers), high = low;
    for (size_t element = 1; element < length; element++) {
        lanes x = lanes_load(numbers + element * LANES);
        low = lanes_select((x < low) | (x != x), x, low);
        high = lanes_select((x > high) | (x != x), x, high);
    }
    *least = low;
    *largest = high;
}

// x rounded to an integer, ties to even, between 0 and last: 1.5 * 2^23 pushes fractions out of the float.
// NaN becomes 0.
LANES_INLINE lanes nearest_code(lanes x, float last) {
    const lanes magic = lanes_fill(0x1.8p23f);
    x = lanes_select(x > 0, x, lanes_fill(0));
    x = lanes_select(x < last, x, lanes_fill(last));
    return (x + magic) - magic;
}

LANES_INLINE lanes round_parameter(lanes x, enum nuthatch_storage storage) {
    float stored[LANES];
    store_stored(stored, 0, storage, x);
    return load_stored(stored, 0, storage);
}

// |e| - |e|^(p - 1) / beta, p = 0.7 and beta = 10, at least 0, with e's sign: 0 up to 0.1701 = 0.1^(1 / 1.3),
// which spares most groups of small numbers the powers.
LANES_INLINE lanes shrink(lanes e) {
    lanes magnitude = lanes_magnitude(e);
    if (!__builtin_reduce_or(magnitude > 0.17f)) return lanes_fill(0);
    lanes less = magnitude - lanes_exp(lanes_log(magnitude) * -0.3f) * 0.1f;
    less = lanes_select(less > 0, less, lanes_fill(0));
    return (lanes)((int_lanes)less | ((int_lanes)e & (int_lanes)lanes_fill(-0.0f)));
}

// One step of a block: a better zero for each group; adds the error of the old one.
static lanes refine_zero(const float *numbers, size_t length, lanes inverse, lanes zero, float last,
                         lanes *error) {
    lanes sum = lanes_fill(0), magnitudes = lanes_fill(0);
    for (size_t element = 0; element < length; element++) {
        lanes x = lanes_load(numbers + element * LANES);
        lanes code = nearest_code(x * inverse + zero, last);
        // Divided as the package does: a reciprocal moves numbers in the middle between two codes.
        lanes e = x - (code - zero) / inverse;
        magnitudes += lanes_magnitude(e);
        sum += code - (x - shrink(e)) * inverse;
    }
    *error += magnitudes;
    return sum / (float)length;
}

// Scales and offsets of all groups, not yet rounded: [block][16].
static void fit_affine(const struct coded_plane *plane, const struct cut *cut, const float *numbers,
                       float last, float *scales, float *offsets) {
    for (size_t index = 0; index < block_count(cut); index++) {
        struct block block = block_at(plane, cut, index);
        lanes least, largest;
        find_extremes(numbers + block.start * LANES, block.length, &least, &largest);
        lanes_store(scales + index * LANES, (largest - least) / last);
        lanes_store(offsets + index * LANES, least);
    }
}

// What is coded lies in half floats, so |x| <= 65504, and no scale or offset is beyond binary16. Affine: the
// offset is a number itself, the scale at most 131008 / 3. HQQ's scale is the same. Its offset o = -z / s
// moves in a step by the group's mean of e - shrunk(e), for x = c / s + o + e: less than 0.171 whatever e is
// (see `shrink`). Rounding adds at most 127 * 2^-24 |o| < 0.5 in the sum over 128 numbers, each about o s,
// and 3 * 2^-24 * 196512 < 0.04 in the numbers. Together 20 * (0.171 + 0.54) < 14.3 in all steps, and below
// 65520 a float rounds to 65504.
static void fit_hqq(const struct coded_plane *plane, const struct cut *cut, const float *numbers, float last,
                    float *scales, float *offsets) {
    // Until the end, inverse scales and zeros.
    float *inverses = scales, *zeros = offsets;
    size_t blocks = block_count(cut);
    for (size_t index = 0; index < blocks; index++) {
        struct block block = block_at(plane, cut, index);
        lanes least, largest;
        find_extremes(numbers + block.start * LANES, block.length, &least, &largest);
        lanes range = largest - least;
        // Through the reciprocal, as the package divides: its scales to the last bit.
        lanes inverse = lanes_select(range <= 1e-4f, lanes_fill(1), 1.0f / range * last);
        inverse = lanes_select(inverse > 2e4f, lanes_fill(2e4f), inverse);
        lanes_store(inverses + index * LANES, inverse);
        lanes_store(zeros + index * LANES, -least * inverse);
    }
    float best = __builtin_inff();
    for (int iteration = 0; iteration < HQQ_ITERATIONS; iteration++) {
        lanes errors = lanes_fill(0);
        for (size_t index = 0; index < blocks; index++) {
            struct block block = block_at(plane, cut, index);
            lanes zero = lanes_load(zeros + index * LANES);
            lanes inverse = lanes_load(inverses + index * LANES);
            zero = refine_zero(numbers + block.start * LANES, block.length, inverse, zero, last, &errors);
            lanes_store(zeros + index * LANES, zero);
        }
        // Of the same numbers each time: the sum does for the mean.
        float error = lanes_sum(errors);
        if (!(error < best)) break;
        best = error;
    }
    for (size_t index = 0; index < blocks; index++) {
        lanes scale = 1.0f / lanes_load(inverses + index * LANES);
        lanes zero = lanes_load(zeros + index * LANES);
        lanes_store(scales + index * LANES, scale);
        lanes_store(offsets + index * LANES, -zero * scale);
    }
}

// `panels` holds the plane's numbers, `scratch` room for them in blocks and for two parameters per group.
static void seal_codes(const struct coded_plane *plane, uint32_t *words, char *scale_table,
                       char *offset_table, const float *panels, float *scratch) {
    const struct nuthatch_coding *coding = plane->coding;
    enum nuthatch_storage storage = coding->parameter_storage;
    struct cut cut = cut_of(plane);
    size_t blocks = block_count(&cut);
    struct block final = block_at(plane, &cut, blocks - 1);
    float *scales = scratch + (final.start + final.length) * LANES;
    float *offsets = scales + blocks * LANES;
    float last = (float)((1 << coding->bits) - 1);
    gather_blocks(plane, &cut, panels, scratch);
    if (coding->method == NUTHATCH_QUANTIZATION_HQQ) {
        fit_hqq(plane, &cut, scratch, last, scales, offsets);
    } else {
        fit_affine(plane, &cut, scratch, last, scales, offsets);
    }
    size_t panel_count = (across_count(plane) + LANES - 1) / LANES;
    memset(words, 0, panel_count * panel_word_count(plane) * LANES * sizeof(uint32_t));
    size_t byte_count = storage == NUTHATCH_STORAGE_F32 ? sizeof(float) : sizeof(uint16_t);
    for (size_t index = 0; index < blocks; index++) {
        struct block block = block_at(plane, &cut, index);
        lanes scale = round_parameter(lanes_load(scales + index * LANES), storage);
        lanes offset = round_parameter(lanes_load(offsets + index * LANES), storage);
        float stored[LANES];
        size_t first = parameter_index(plane, block.slot, block.dimension) * byte_count;
        // By dimension the table has room for lanes without a group, and they have to be something.
        size_t lane_count = coding->is_by_slot ? block.lane_count : LANES;
        store_stored(stored, 0, storage, scale);
        memcpy(scale_table + first, stored, lane_count * byte_count);
        store_stored(stored, 0, storage, offset);
        memcpy(offset_table + first, stored, lane_count * byte_count);
        float *numbers = scratch + block.start * LANES;
        for (size_t element = 0; element < block.length; element++) {
            lanes x = lanes_load(numbers + element * LANES);
            lanes code = nearest_code(lanes_select(scale == 0, lanes_fill(0), (x - offset) / scale), last);
            lanes_store(numbers + element * LANES, code);
        }
        switch (coding->bits) {
        case 2: pack_codes(2, plane, &block, numbers, words); break;
        case 4: pack_codes(4, plane, &block, numbers, words); break;
        default: pack_codes(8, plane, &block, numbers, words); break;
        }
    }
}

#endif
