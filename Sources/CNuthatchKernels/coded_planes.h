// Reading planes of codes (see nuthatch_coding) as floats in panels.
//
// Keys and values lie alike, with slots and dimensions exchanged: 16 lanes `across` (slots of keys,
// dimensions of values), and `along` a lane its numbers one after another (dimensions of keys, slots of
// values).

#ifndef NUTHATCH_CODED_PLANES_H
#define NUTHATCH_CODED_PLANES_H

#include "attention_lanes.h"

// One head's coded keys or values.
struct coded_plane {
    const struct nuthatch_coding *coding;
    size_t page_length;
    size_t dimension;
    int holds_keys;
    const uint32_t *words;
    const void *scales;
    const void *offsets;
};

LANES_INLINE struct coded_plane coded_keys(const void *page, const struct nuthatch_head_plane *plane) {
    const char *start = (const char *)page + plane->key_offset;
    struct coded_plane keys = {.coding = &plane->key_coding,
                               .page_length = plane->page_length,
                               .dimension = plane->key_dimension,
                               .holds_keys = 1,
                               .words = (const uint32_t *)start,
                               .scales = start + plane->key_coding.scale_offset,
                               .offsets = start + plane->key_coding.offset_offset};
    return keys;
}

LANES_INLINE struct coded_plane coded_values(const void *page, const struct nuthatch_head_plane *plane) {
    const char *start = (const char *)page + plane->value_offset;
    struct coded_plane values = {.coding = &plane->value_coding,
                                 .page_length = plane->page_length,
                                 .dimension = plane->value_dimension,
                                 .words = (const uint32_t *)start,
                                 .scales = start + plane->value_coding.scale_offset,
                                 .offsets = start + plane->value_coding.offset_offset};
    return values;
}

LANES_INLINE size_t along_count(const struct coded_plane *plane) {
    return plane->holds_keys ? plane->dimension : plane->page_length;
}

LANES_INLINE size_t across_count(const struct coded_plane *plane) {
    return plane->holds_keys ? plane->page_length : plane->dimension;
}

// Groups along a lane: each lane has its own parameters, the same for 16 numbers at least. Groups across: one
// of each for all lanes.
LANES_INLINE int groups_lie_along(const struct coded_plane *plane) {
    return plane->holds_keys == (plane->coding->is_by_slot != 0);
}

LANES_INLINE size_t panel_word_count(const struct coded_plane *plane) {
    return (along_count(plane) * (size_t)plane->coding->bits + 31) / 32;
}

// Where the scale and the offset of a number's group lie in their tables.
LANES_INLINE size_t parameter_index(const struct coded_plane *plane, size_t slot, size_t dimension) {
    const struct nuthatch_coding *coding = plane->coding;
    if (coding->is_by_slot) {
        size_t group = coding->group_length < plane->dimension ? dimension / coding->group_length : 0;
        return group * (plane->page_length / coding->span) + slot / coding->span;
    }
    size_t stride = (plane->dimension + LANES - 1) / LANES * LANES;
    return slot / coding->group_length * stride + dimension;
}

// The parameters of 16 consecutive slots (or dimensions), from a multiple of 16 on.
LANES_INLINE lanes load_parameters(const struct coded_plane *plane, const void *parameters, size_t slot,
                                   size_t dimension, int is_over_slots) {
    size_t first = parameter_index(plane, slot, dimension);
    size_t span = is_over_slots && plane->coding->is_by_slot ? plane->coding->span : 1;
    return load_spread(parameters, first, span, plane->coding->parameter_storage);
}

// Product and sum are rounded one after the other, as quanto does.
LANES_INLINE lanes decode(lanes code, lanes scale, lanes offset) {
    return code * scale + offset;
}

// The numbers of one word of each lane; of groups across lanes, scales and offsets one after another.
LANES_INLINE void decode_word(int bits, int is_along, uint_lanes word, const float *scales,
                              const float *offsets, float *floats) {
    lanes scale = {0}, offset = {0};
    if (is_along) {
        scale = lanes_load(scales);
        offset = lanes_load(offsets);
    }
#pragma clang loop unroll(full)
    for (int code = 0; code < 32 / bits; code++) {
        uint_lanes found = word >> (uint32_t)(code * bits) & ((1u << bits) - 1);
        if (!is_along) {
            scale = lanes_fill(scales[code]);
            offset = lanes_fill(offsets[code]);
        }
        lanes_store(floats + code * LANES,
                    decode(__builtin_convertvector((int_lanes)found, lanes), scale, offset));
    }
}

// Numbers first ... end - 1 of the lanes of a panel, and perhaps some around them.
LANES_INLINE void decode_panel(int bits, int is_along, const struct coded_plane *plane, size_t panel,
                               struct interval along, float *floats) {
    size_t count = along_count(plane);
    size_t word_count = panel_word_count(plane);
    const int codes = 32 / bits;
    size_t across = panel * LANES;
    for (size_t start = along.first / LANES * LANES; start < along.end; start += LANES) {
        size_t slot = plane->holds_keys ? across : start;
        size_t dimension = plane->holds_keys ? start : across;
        int is_over_slots = is_along == plane->holds_keys;
        float scales[LANES], offsets[LANES];
        lanes_store(scales, load_parameters(plane, plane->scales, slot, dimension, is_over_slots));
        lanes_store(offsets, load_parameters(plane, plane->offsets, slot, dimension, is_over_slots));
        size_t end = start + LANES < count ? start + LANES : count;
        for (size_t index = start; index < end; index += (size_t)codes) {
            uint_lanes word;
            memcpy(&word, plane->words + (panel * word_count + index / (size_t)codes) * LANES, sizeof(word));
            float *to = floats + (panel * count + index) * LANES;
            size_t first = is_along ? 0 : index - start;
            if (index + (size_t)codes <= end) {
                decode_word(bits, is_along, word, scales + first, offsets + first, to);
                continue;
            }
            float all[LANES * LANES];
            decode_word(bits, is_along, word, scales + first, offsets + first, all);
            memcpy(to, all, (end - index) * LANES * sizeof(float));
        }
    }
}

// Decodes panels.first ... panels.end - 1.
static void decode_panels(const struct coded_plane *plane, struct interval panels, struct interval along,
                          float *floats) {
    int is_along = groups_lie_along(plane);
#define DECODE(BITS)                                                                                         \
    if (is_along) {                                                                                          \
        decode_panel(BITS, 1, plane, panel, along, floats);                                                  \
    } else {                                                                                                 \
        decode_panel(BITS, 0, plane, panel, along, floats);                                                  \
    }
    for (size_t panel = panels.first; panel < panels.end; panel++) {
        switch (plane->coding->bits) {
        case 2: DECODE(2); break;
        case 4: DECODE(4); break;
        default: DECODE(8); break;
        }
    }
#undef DECODE
}

#endif
