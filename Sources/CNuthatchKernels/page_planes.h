// One head's keys and values in a page: writing them, reading them as floats, and sealing.
//
// Included after the target pragma.

#ifndef NUTHATCH_PAGE_PLANES_H
#define NUTHATCH_PAGE_PLANES_H

#include "attention_lanes.h"
#include "include/nuthatch_attention.h"
#include "seal_plane.h"

static void widen(const void *stored, enum nuthatch_storage storage, size_t count, float *floats) {
#define WIDEN(STORAGE) \
    for (size_t index = 0; index < count; index += LANES) \
        lanes_store(floats + index, load_stored(stored, index, STORAGE))
    switch (storage) {
    case NUTHATCH_STORAGE_F32: WIDEN(NUTHATCH_STORAGE_F32); break;
    case NUTHATCH_STORAGE_F16: WIDEN(NUTHATCH_STORAGE_F16); break;
    case NUTHATCH_STORAGE_BF16: WIDEN(NUTHATCH_STORAGE_BF16); break;
    case NUTHATCH_STORAGE_CODES: break;
    }
#undef WIDEN
}

LANES_INLINE size_t stored_byte_count(enum nuthatch_storage storage) {
    return storage == NUTHATCH_STORAGE_F32 ? 4 : 2;
}

// Keys of a page as floats, at least those of the slots `seen`.
static void widen_keys(const void *page, const struct nuthatch_head_plane *plane, struct interval seen,
                       float *keys) {
    struct interval panels = {seen.first / LANES, (seen.end + LANES - 1) / LANES};
    if (plane->key_storage == NUTHATCH_STORAGE_CODES) {
        struct coded_plane coded = coded_keys(page, plane);
        struct interval dimensions = {0, plane->key_dimension};
        decode_panels(&coded, panels, dimensions, keys);
        return;
    }
    size_t panel_length = plane->key_dimension * LANES;
    size_t start = panels.first * panel_length;
    const char *from = (const char *)page + plane->key_offset + start * stored_byte_count(plane->key_storage);
    widen(from, plane->key_storage, panels.end * panel_length - start, keys + start);
}

static void widen_values(const void *page, const struct nuthatch_head_plane *plane, struct interval seen,
                         float *values) {
    struct interval panels = {0, (plane->value_dimension + LANES - 1) / LANES};
    if (plane->value_storage == NUTHATCH_STORAGE_CODES) {
        struct coded_plane coded = coded_values(page, plane);
        decode_panels(&coded, panels, seen, values);
        return;
    }
    for (size_t panel = 0; panel < panels.end; panel++) {
        size_t start = (panel * plane->page_length + seen.first) * LANES;
        const char *from =
            (const char *)page + plane->value_offset + start * stored_byte_count(plane->value_storage);
        widen(from, plane->value_storage, (seen.end - seen.first) * LANES, values + start);
    }
}

static void store_floats(void *stored, enum nuthatch_storage storage, const float *floats, size_t count) {
    for (size_t index = 0; index < count; index += LANES) {
        store_stored(stored, index, storage, lanes_load(floats + index));
    }
}

// Slots before the count-th become copies of it, so that they stretch no group's range.
static void cover_keys(float *keys, size_t dimension, size_t count) {
    for (size_t slot = 0; slot < count; slot++) {
        size_t from = count / LANES * dimension * LANES + count % LANES;
        size_t to = slot / LANES * dimension * LANES + slot % LANES;
        for (size_t index = 0; index < dimension; index++) {
            keys[to + index * LANES] = keys[from + index * LANES];
        }
    }
}

static void cover_values(float *values, size_t panels, size_t page_length, size_t count) {
    for (size_t panel = 0; panel < panels; panel++) {
        float *start = values + panel * page_length * LANES;
        for (size_t slot = 0; slot < count; slot++) {
            lanes_store(start + slot * LANES, lanes_load(start + count * LANES));
        }
    }
}

static void seal(const void *open_page, const struct nuthatch_head_plane *open, void *sealed_page,
                 const struct nuthatch_head_plane *sealed, size_t exact_count, float *scratch) {
    struct interval slots = {0, open->page_length};
    size_t padded = (open->value_dimension + LANES - 1) / LANES * LANES;
    char *keys = (char *)sealed_page + sealed->key_offset;
    char *values = (char *)sealed_page + sealed->value_offset;
    size_t key_count = open->page_length * open->key_dimension;
    size_t value_count = open->page_length * padded;

    widen_keys(open_page, open, slots, scratch);
    if (sealed->key_storage == NUTHATCH_STORAGE_CODES) {
        cover_keys(scratch, open->key_dimension, exact_count);
        struct coded_plane coded = coded_keys(sealed_page, sealed);
        seal_codes(&coded, (uint32_t *)keys, keys + sealed->key_coding.scale_offset,
                   keys + sealed->key_coding.offset_offset, scratch, scratch + key_count);
    } else {
        store_floats(keys, sealed->key_storage, scratch, key_count);
    }
    if (sealed->holds_values_in_keys) return;
    widen_values(open_page, open, slots, scratch);
    if (sealed->value_storage == NUTHATCH_STORAGE_CODES) {
        cover_values(scratch, padded / LANES, open->page_length, exact_count);
        struct coded_plane coded = coded_values(sealed_page, sealed);
        seal_codes(&coded, (uint32_t *)values, values + sealed->value_coding.scale_offset,
                   values + sealed->value_coding.offset_offset, scratch, scratch + value_count);
    } else {
        store_floats(values, sealed->value_storage, scratch, value_count);
    }
}

static size_t attention_write_keys(const float *keys, size_t stride, size_t token_count, void *page,
                                   size_t first_slot, const struct nuthatch_head_plane *plane) {
    char *plane_start = (char *)page + plane->key_offset;
    float largest = largest_stored(plane->key_storage);
    int_lanes beyond = {0};
    for (size_t token = 0; token < token_count; token++, keys += stride) {
        size_t slot = first_slot + token;
        size_t start = slot / LANES * plane->key_dimension * LANES + slot % LANES;
        for (size_t index = 0; index < plane->key_dimension; index += LANES) {
            size_t left = plane->key_dimension - index;
            lanes key = left < LANES ? lanes_load_some(keys + index, left) : lanes_load(keys + index);
            // A lane beyond is -1.
            beyond -= lanes_beyond(key, largest);
            scatter_stored(plane_start, start + index * LANES, plane->key_storage, keys + index,
                           left < LANES ? left : LANES);
        }
    }
    return (size_t)__builtin_reduce_add(beyond);
}

static size_t attention_write_values(const float *values, size_t stride, size_t token_count, void *page,
                                     size_t first_slot, const struct nuthatch_head_plane *plane) {
    char *plane_start = (char *)page + plane->value_offset;
    float largest = largest_stored(plane->value_storage);
    int_lanes beyond = {0};
    for (size_t token = 0; token < token_count; token++, values += stride) {
        for (size_t index = 0; index < plane->value_dimension; index += LANES) {
            size_t left = plane->value_dimension - index;
            lanes value = left < LANES ? lanes_load_some(values + index, left) : lanes_load(values + index);
            size_t element = (index / LANES * plane->page_length + first_slot + token) * LANES;
            beyond -= lanes_beyond(value, largest);
            store_stored(plane_start, element, plane->value_storage, value);
        }
    }
    return (size_t)__builtin_reduce_add(beyond);
}

#endif
