// Values of pages without a plane of values: the first columns of the keys, as floats, a page at a time.
//
// A panel of keys is [dimension][16 slots], one of values [slot][16 dimensions]. Both cut into squares of
// 16 x 16, each is 256 adjacent numbers in both, and its values are the keys transposed. What attention then
// adds up are the floats that a plane of values, held in the same storage, would give, in the same order:
// equal bits.
//
// Codes are decoded right into panels of values, as many dimensions of a slot at a time as make a vector;
// keys are multiplied as codes all the same (coded_products.h). Decoding keys to floats for both products
// took 1.5 microseconds longer a page, 16 rows of 576 + 512 dimensions; only prompts would gain by it.
//
// Included after the target pragma.

#ifndef NUTHATCH_VALUES_IN_KEYS_H
#define NUTHATCH_VALUES_IN_KEYS_H

#include "page_planes.h"

typedef float quarter_lanes __attribute__((vector_size(16)));

// 4 adjacent numbers of each of 4 rows of 16, four rows apart.
LANES_INLINE lanes load_quarters(const float *from) {
    quarter_lanes quarters[4];
    for (int index = 0; index < 4; index++) {
        memcpy(&quarters[index], from + index * 4 * LANES, sizeof(quarters[index]));
    }
#define JOIN(A, B) __builtin_shufflevector(A, B, 0, 1, 2, 3, 4, 5, 6, 7)
    return __builtin_shufflevector(JOIN(quarters[0], quarters[1]), JOIN(quarters[2], quarters[3]), 0, 1, 2, 3,
                                   4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
#undef JOIN
}

// Numbers of two vectors, picked alike in each quarter: A and B of the first, C and D of the second.
#define QUARTERS_PICK(X, Y, A, B, C, D)                                                                      \
    __builtin_shufflevector(X, Y, A, B, (C) + 16, (D) + 16, (A) + 4, (B) + 4, (C) + 20, (D) + 20, (A) + 8,   \
                            (B) + 8, (C) + 24, (D) + 24, (A) + 12, (B) + 12, (C) + 28, (D) + 28)
#define QUARTERS_MIX(X, Y, A, B)                                                                             \
    __builtin_shufflevector(X, Y, A, (A) + 16, B, (B) + 16, (A) + 4, (A) + 20, (B) + 4, (B) + 20, (A) + 8,   \
                            (A) + 24, (B) + 8, (B) + 24, (A) + 12, (A) + 28, (B) + 12, (B) + 28)

// to[j][i] = from[i][j], both 16 x 16.
LANES_INLINE void transpose_square(const float *from, float *to) {
    for (int column = 0; column < LANES; column += 4) {
        // Of the rows 0, 4, 8, 12; then of those behind each.
        lanes a = load_quarters(from + 0 * LANES + column);
        lanes b = load_quarters(from + 1 * LANES + column);
        lanes c = load_quarters(from + 2 * LANES + column);
        lanes d = load_quarters(from + 3 * LANES + column);
        lanes low_ab = QUARTERS_MIX(a, b, 0, 1), high_ab = QUARTERS_MIX(a, b, 2, 3);
        lanes low_cd = QUARTERS_MIX(c, d, 0, 1), high_cd = QUARTERS_MIX(c, d, 2, 3);
        lanes_store(to + (column + 0) * LANES, QUARTERS_PICK(low_ab, low_cd, 0, 1, 0, 1));
        lanes_store(to + (column + 1) * LANES, QUARTERS_PICK(low_ab, low_cd, 2, 3, 2, 3));
        lanes_store(to + (column + 2) * LANES, QUARTERS_PICK(high_ab, high_cd, 0, 1, 0, 1));
        lanes_store(to + (column + 3) * LANES, QUARTERS_PICK(high_ab, high_cd, 2, 3, 2, 3));
    }
}

// Of a square, the first `count` rows; zeros for the others.
static void transpose_some(const float *from, size_t count, float *to) {
    float square[LANES * LANES] = {0};
    memcpy(square, from, count * LANES * sizeof(float));
    transpose_square(square, to);
}

// Values of the slots `seen`, at least, out of keys that are floats.
static void transpose_keys(const float *keys, const struct nuthatch_head_plane *plane, struct interval seen,
                           float *values) {
    size_t panel_length = plane->key_dimension * LANES;
    for (size_t dimension = 0; dimension < plane->value_dimension; dimension += LANES) {
        size_t left = plane->value_dimension - dimension;
        for (size_t slot = seen.first / LANES * LANES; slot < seen.end; slot += LANES) {
            const float *from = keys + slot / LANES * panel_length + dimension * LANES;
            float *to = values + dimension * plane->page_length + slot * LANES;
            if (left >= LANES) {
                transpose_square(from, to);
            } else {
                transpose_some(from, left, to);
            }
        }
    }
}

// The codes of 16 adjacent dimensions of one slot, whose words are 16 numbers apart; `left` words are there.
LANES_INLINE int_lanes load_slot_codes(int bits, const uint32_t *words, size_t left) {
    uint_lanes found = {0};
    const int codes = 32 / bits;
#pragma clang loop unroll(full)
    for (int word = 0; word < LANES / codes; word++) {
        if ((size_t)word >= left) break;
        uint32_t all = words[word * LANES];
#pragma clang loop unroll(full)
        for (int code = 0; code < codes; code++) found[word * codes + code] = all;
    }
    uint_lanes shifts;
#pragma clang loop unroll(full)
    for (int lane = 0; lane < LANES; lane++) shifts[lane] = (uint32_t)(lane % codes * bits);
    return (int_lanes)(found >> shifts & ((1u << bits) - 1));
}

// Values of the slots `seen` out of codes of keys: each number as it is decoded among the keys. What lies
// beyond the values' dimensions in their last panel is anything.
LANES_INLINE void decode_values(int bits, const struct coded_plane *keys, size_t value_dimension,
                                struct interval seen, float *values) {
    const struct nuthatch_coding *coding = keys->coding;
    size_t word_count = panel_word_count(keys);
    // Slots that share their parameters.
    size_t length = coding->is_by_slot ? coding->span : coding->group_length;
    for (size_t dimension = 0; dimension < value_dimension; dimension += LANES) {
        size_t word = dimension * (size_t)bits / 32;
        for (size_t slot = seen.first; slot < seen.end;) {
            size_t parameter = parameter_index(keys, slot, dimension);
            size_t width = coding->is_by_slot ? LANES : 1;
            lanes scale = load_spread(keys->scales, parameter, width, coding->parameter_storage);
            lanes offset = load_spread(keys->offsets, parameter, width, coding->parameter_storage);
            size_t end = (slot / length + 1) * length;
            if (end > seen.end) end = seen.end;
            for (; slot < end; slot++) {
                const uint32_t *words =
                    keys->words + (slot / LANES * word_count + word) * LANES + slot % LANES;
                int_lanes codes = load_slot_codes(bits, words, word_count - word);
                lanes_store(values + dimension * keys->page_length + slot * LANES,
                            decode(__builtin_convertvector(codes, lanes), scale, offset));
            }
        }
    }
}

// Values of the slots `seen`, at least, [panel of 16 dimensions][page_length][16], out of keys as they are
// held or widened.
static void take_values(const void *keys, enum nuthatch_storage storage, const struct coded_plane *coded,
                        const struct nuthatch_head_plane *plane, struct interval seen, float *values) {
    if (storage != NUTHATCH_STORAGE_CODES) {
        transpose_keys(keys, plane, seen, values);
        return;
    }
    switch (coded->coding->bits) {
    case 2: decode_values(2, coded, plane->value_dimension, seen, values); break;
    case 4: decode_values(4, coded, plane->value_dimension, seen, values); break;
    default: decode_values(8, coded, plane->value_dimension, seen, values); break;
    }
}

static void read_plane(const void *page, const struct nuthatch_head_plane *plane, float *keys,
                       float *values) {
    struct interval slots = {0, plane->page_length};
    widen_keys(page, plane, slots, keys);
    if (plane->holds_values_in_keys) {
        transpose_keys(keys, plane, slots, values);
    } else {
        widen_values(page, plane, slots, values);
    }
}

#endif
