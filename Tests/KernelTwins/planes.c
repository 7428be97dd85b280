#include "planes.h"

#include <string.h>

enum { PANEL = NUTHATCH_ATTENTION_PANEL_WIDTH, GUARD = 16 };

static size_t rounded(size_t count, size_t unit) {
    return (count + unit - 1) / unit * unit;
}

size_t padded(size_t dimension) {
    return rounded(dimension, PANEL);
}

static size_t number_bytes(enum nuthatch_storage storage) {
    return storage == NUTHATCH_STORAGE_F32 ? 4 : 2;
}

// Bytes of one head's keys (or values) with their tables; the coding's fields beside.
static size_t plan_holding(struct holding holding, size_t slots, size_t dimension, bool holds_keys,
                           struct nuthatch_coding *coding) {
    size_t across = holds_keys ? slots : padded(dimension), along = holds_keys ? dimension : slots;
    if (holding.storage != NUTHATCH_STORAGE_CODES) {
        return slots * (holds_keys ? dimension : padded(dimension)) * number_bytes(holding.storage);
    }
    size_t words = across * ((along * (size_t)holding.bits + 31) / 32) * sizeof(uint32_t);
    size_t span = 1;
    while (holding.is_by_slot && span * 2 * dimension <= holding.group_length && span < PANEL) span *= 2;
    size_t groups = holding.is_by_slot
                        ? (dimension + holding.group_length - 1) / holding.group_length * (slots / span)
                        : slots / holding.group_length * padded(dimension);
    size_t table = rounded(groups * number_bytes(holding.parameters), 64);
    *coding = (struct nuthatch_coding){.bits = holding.bits,
                                       .is_by_slot = holding.is_by_slot,
                                       .group_length = holding.group_length,
                                       .span = span,
                                       .parameter_storage = holding.parameters,
                                       .method = holding.method,
                                       .scale_offset = rounded(words, 64),
                                       .offset_offset = rounded(words, 64) + table};
    return coding->offset_offset + table;
}

struct page_plan plan_page(size_t slots, size_t key_dimension, size_t value_dimension, struct holding keys,
                           struct holding values) {
    struct page_plan plan = {.plane = {.page_length = slots,
                                       .key_dimension = key_dimension,
                                       .value_dimension = value_dimension,
                                       .key_offset = 64,
                                       .key_storage = keys.storage,
                                       .value_storage = values.storage}};
    size_t key_bytes = plan_holding(keys, slots, key_dimension, true, &plan.plane.key_coding);
    plan.plane.value_offset = rounded(plan.plane.key_offset + key_bytes, 64);
    size_t value_bytes = plan_holding(values, slots, value_dimension, false, &plan.plane.value_coding);
    plan.byte_count = rounded(plan.plane.value_offset + value_bytes, 64);
    return plan;
}

struct page_plan plan_keys_page(size_t slots, size_t key_dimension, size_t value_dimension,
                                struct holding keys) {
    struct page_plan plan = plan_page(slots, key_dimension, value_dimension, keys, keys);
    plan.plane.holds_values_in_keys = 1;
    plan.byte_count = plan.plane.value_offset;
    return plan;
}

uint8_t *poisoned_page(const struct page_plan *plan) {
    return memset(zeroed_bytes(plan->byte_count), 0xff, plan->byte_count);
}

struct tokens sample_tokens(struct samples *samples, size_t count, size_t head_count, size_t key_dimension,
                            size_t value_dimension) {
    struct tokens tokens = {untouched_floats(count * head_count * key_dimension, 1),
                            untouched_floats(count * key_dimension, 2),
                            untouched_floats(count * value_dimension, 3)};
    sample_floats(samples, tokens.queries, count * head_count * key_dimension, -2, 2);
    for (size_t index = 0; index < count * key_dimension; index++) {
        // Channels have ranges of their own, as real keys do.
        float middle = (float)(index % key_dimension) * 0.0625f;
        tokens.keys[index] = sample_float(samples, middle - 1, middle + 1);
    }
    sample_floats(samples, tokens.values, count * value_dimension, -1, 1);
    return tokens;
}

size_t write_pages(const struct tables *tables, const struct page_plan *plan, uint8_t *const *pages,
                   const struct tokens *tokens, size_t count) {
    const struct nuthatch_head_plane *plane = &plan->plane;
    size_t at_once = 1, saturated = 0;
    for (size_t first = 0, run; first < count; first += run) {
        size_t slot = first % plane->page_length;
        run = at_once < count - first ? at_once : count - first;
        if (run > plane->page_length - slot) run = plane->page_length - slot;
        uint8_t *page = pages[first / plane->page_length];
        saturated += tables->attention->write_keys(tokens->keys + first * plane->key_dimension,
                                                   plane->key_dimension, run, page, slot, plane);
        if (plane->holds_values_in_keys) continue;
        saturated += tables->attention->write_values(tokens->values + first * plane->value_dimension,
                                                     plane->value_dimension, run, page, slot, plane);
        at_once = at_once % 23 + 5;
    }
    return saturated;
}

uint8_t *sealed_page(const struct tables *tables, struct record *record, const struct page_plan *open,
                     const uint8_t *open_page, const struct page_plan *sealed, size_t exact_count) {
    // Not zeros, so that what sealing leaves out shows.
    uint8_t *page = memset(zeroed_bytes(sealed->byte_count), 0xa5, sealed->byte_count);
    size_t count = nuthatch_seal_scratch_count(&sealed->plane);
    float *scratch = untouched_floats(count + GUARD, 3);
    const float *fresh = untouched_floats(GUARD, 0);
    tables->attention->seal(open_page, &open->plane, page, &sealed->plane, exact_count, scratch);
    if (memcmp(scratch + count, fresh, GUARD * sizeof(float)) != 0) {
        add_fault(record, "seal wrote past its scratch");
    }
    return page;
}

static void add_held(struct record *record, enum nuthatch_storage storage,
                     const struct nuthatch_coding *coding, const uint8_t *from, size_t byte_count) {
    if (storage == NUTHATCH_STORAGE_CODES) {
        add_bytes(record, from, coding->scale_offset);
        from += coding->scale_offset;
        byte_count -= coding->scale_offset;
        storage = coding->parameter_storage;
    }
    add_stored(record, from, storage, byte_count / number_bytes(storage));
}

void add_page(struct record *record, const struct page_plan *plan, const uint8_t *page) {
    const struct nuthatch_head_plane *plane = &plan->plane;
    add_bytes(record, page, plane->key_offset);
    add_held(record, plane->key_storage, &plane->key_coding, page + plane->key_offset,
             plane->value_offset - plane->key_offset);
    if (plane->holds_values_in_keys) return;
    add_held(record, plane->value_storage, &plane->value_coding, page + plane->value_offset,
             plan->byte_count - plane->value_offset);
}

static void extend(const struct tables *tables, struct record *record, const struct page_plan *plan,
                   uint8_t *const *pages, size_t page_count, int64_t position,
                   const struct nuthatch_attention_rows *rows) {
    const void *pointers[16];
    for (size_t page = 0; page < page_count; page++) pointers[page] = pages[page];
    struct nuthatch_attention_pages run = {.pages = pointers,
                                           .page_count = page_count,
                                           .listed_count = page_count,
                                           .first_position = position,
                                           .plane = plan->plane};
    size_t count = nuthatch_attention_scratch_count(&plan->plane);
    float *scratch = untouched_floats(count + GUARD, 2);
    float *fresh = untouched_floats(GUARD, 0);
    tables->attention->extend(rows, &run, scratch);
    if (memcmp(scratch + count, fresh, GUARD * sizeof(float)) != 0) {
        add_fault(record, "extend wrote past its scratch");
    }
}

void attend(const struct tables *tables, struct record *record, const struct page_plan *plan,
            uint8_t *const *pages, size_t page_count, int64_t page_position,
            struct nuthatch_attention_rows rows) {
    size_t dimension = plan->plane.value_dimension, row_count = rows.token_count * rows.head_count;
    rows.state_stride = NUTHATCH_STATE_HEADER + padded(dimension);
    size_t split = (page_count + 1) / 2, state_count = row_count * rows.state_stride;
    float *states[2];
    for (int run = 0; run < 2; run++) {
        size_t first = run == 0 ? 0 : split, end = run == 0 ? split : page_count;
        if (first == end) break;
        rows.states = states[run] = untouched_floats(state_count, 1);
        tables->attention->begin(rows.states, rows.state_stride, row_count, dimension);
        extend(tables, record, plan, pages + first, end - first,
               page_position + (int64_t)(first * plan->plane.page_length), &rows);
        add_floats(record, rows.states, state_count);
        if (run == 0) continue;
        tables->attention->fold(states[0], states[1], rows.state_stride, row_count, dimension);
        add_floats(record, states[0], state_count);
    }
    size_t output_stride = rows.head_count * dimension + 5;
    float *output = untouched_floats(rows.token_count * output_stride, 1);
    tables->attention->finish(states[0], rows.state_stride, rows.token_count, rows.head_count, dimension,
                              output, output_stride);
    add_floats(record, output, rows.token_count * output_stride);
}
