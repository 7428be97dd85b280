// Pages of codes, of the shapes and groups of QuantizedPlaneTests.swift: sealed, read back, and shown to
// rows.

#include <string.h>

#include "operations.h"
#include "planes.h"

static const struct {
    size_t slots, key_dimension, value_dimension;
} shapes[] = {{64, 64, 64}, {128, 80, 20}, {32, 20, 96}, {64, 12, 8}};

static const size_t group_lengths[] = {16, 32, 128};
static const enum nuthatch_storage storages[] = {NUTHATCH_STORAGE_F16, NUTHATCH_STORAGE_F32,
                                                 NUTHATCH_STORAGE_BF16};

enum { GUARD = 16, HQQ = 100, IN_KEYS = 1000 };

static void read_plane(const struct tables *tables, struct record *record, const struct page_plan *plan,
                       const uint8_t *page) {
    const struct nuthatch_head_plane *plane = &plan->plane;
    size_t key_count = plane->page_length * plane->key_dimension;
    size_t value_count = plane->page_length * padded(plane->value_dimension);
    float *keys = untouched_floats(key_count + GUARD, 1);
    float *values = untouched_floats(value_count + GUARD, 2);
    tables->attention->read_plane(page, plane, keys, values);
    add_floats(record, keys, key_count + GUARD);
    add_floats(record, values, value_count + GUARD);
}

// `kind` 0: plain numbers; 1: special ones among them; 2: groups without a range; 3: slots kept elsewhere.
static void seal_and_read(const struct tables *tables, struct record *record, const struct page_plan *open,
                          const struct page_plan *sealed, struct samples *samples, int kind) {
    enum { HEADS = 3, TOKENS = 7 };
    const struct nuthatch_head_plane *plane = &sealed->plane;
    size_t slots = plane->page_length, key_dimension = plane->key_dimension;
    struct tokens tokens = sample_tokens(samples, slots, HEADS, key_dimension, plane->value_dimension);
    if (kind == 1) {
        scatter_specials(samples, tokens.keys, slots * key_dimension, 150);
        scatter_specials(samples, tokens.values, slots * plane->value_dimension, 150);
    } else if (kind == 2) {
        // Constant groups, whose scales are 0, and narrow ones.
        for (size_t index = 0; index < slots * key_dimension; index++) tokens.keys[index] = -0.75f;
        sample_floats(samples, tokens.values, slots * plane->value_dimension, 1, 1.0001f);
    }
    uint8_t *open_page = poisoned_page(open);
    write_pages(tables, open, &open_page, &tokens, slots);
    uint8_t *page = sealed_page(tables, record, open, open_page, sealed, kind == 3 ? 5 : 0);
    add_page(record, sealed, page);
    read_plane(tables, record, sealed, page);
    // One row, a tile, and enough rows to share a widened page.
    static const size_t token_counts[] = {1, 2, TOKENS};
    for (size_t index = 0; index < 3; index++) {
        struct nuthatch_attention_rows rows = {.queries = tokens.queries,
                                               .query_stride = HEADS * key_dimension,
                                               .token_count = token_counts[index],
                                               .head_count = HEADS,
                                               .first_position = (int64_t)(slots / 2),
                                               .window = 1 << 30,
                                               .start = kind == 3 ? 5 : 0,
                                               .end = 1 << 30,
                                               .scale = 0.125f};
        attend(tables, record, sealed, &page, 1, 0, rows);
    }
}

// `choice`: bits, HQQ more for that method, IN_KEYS more for values in keys.
static void seal_codes(const struct tables *tables, struct record *record, int choice) {
    struct samples samples = {(uint64_t)choice};
    bool in_keys = choice >= IN_KEYS;
    choice %= IN_KEYS;
    size_t number = 0;
    for (size_t shape = 0; shape < 4; shape++) {
        for (size_t group = 0; group < 3; group++) {
            for (int is_by_slot = 0; is_by_slot < 2; is_by_slot++) {
                size_t slots = shapes[shape].slots, length = group_lengths[group];
                if (!is_by_slot && slots % length != 0) continue;
                for (int kind = 0; kind < 4; kind++, number++) {
                    // Every other case of the slow method: 20 rounds over each page.
                    if (choice > HQQ && (number + group) % 2 == 1) continue;
                    struct holding keys = {.storage = NUTHATCH_STORAGE_CODES,
                                           .bits = choice % HQQ,
                                           .is_by_slot = is_by_slot,
                                           .group_length = length,
                                           .parameters = storages[number % 3],
                                           .method = choice > HQQ ? NUTHATCH_QUANTIZATION_HQQ
                                                                  : NUTHATCH_QUANTIZATION_AFFINE};
                    struct holding values = keys;
                    if (slots % length == 0) values.is_by_slot = number % 5 < 2;
                    struct holding exact = {.storage = storages[number / 3 % 3]};
                    // Now and then only keys, or only values.
                    if (number % 11 == 3) keys = exact;
                    if (number % 11 == 7) values = exact;
                    size_t key_dimension = shapes[shape].key_dimension;
                    size_t value_dimension = shapes[shape].value_dimension;
                    struct page_plan open = plan_page(slots, key_dimension, value_dimension, exact, exact);
                    struct page_plan sealed = plan_page(slots, key_dimension, value_dimension, keys, values);
                    if (in_keys) {
                        if (value_dimension > key_dimension) value_dimension = key_dimension;
                        open = plan_keys_page(slots, key_dimension, value_dimension, exact);
                        sealed = plan_keys_page(slots, key_dimension, value_dimension, keys);
                    }
                    begin_case(record, "heads of %zu + %zu, groups of %zu by %s, kind %d", key_dimension,
                               value_dimension, length, is_by_slot ? "slot" : "dimension", kind);
                    seal_and_read(tables, record, &open, &sealed, &samples, kind);
                    release_memory();
                }
            }
        }
    }
}

const struct operation sealing_operations[] = {
    {"seal affine 8 bits", seal_codes, 8, PART_ATTENTION},
    {"seal affine 4 bits", seal_codes, 4, PART_ATTENTION},
    {"seal affine 2 bits", seal_codes, 2, PART_ATTENTION},
    {"seal hqq 8 bits", seal_codes, HQQ + 8, PART_ATTENTION},
    {"seal hqq 4 bits", seal_codes, HQQ + 4, PART_ATTENTION},
    {"seal hqq 2 bits", seal_codes, HQQ + 2, PART_ATTENTION},
    {"seal affine 4 bits with values in keys", seal_codes, IN_KEYS + 4, PART_ATTENTION},
    {"seal hqq 8 bits with values in keys", seal_codes, IN_KEYS + HQQ + 8, PART_ATTENTION},
    NO_OPERATION,
};
