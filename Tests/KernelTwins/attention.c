// Attention over pages of numbers and of codes: heads, dimensions, storages and page lengths of
// EqualBitsTests.swift, with every way to see less than all, drawn at random.

#include <string.h>

#include "operations.h"
#include "planes.h"

static const size_t dimensions[][2] = {{64, 64}, {12, 20}, {80, 64},   {20, 96},
                                      {16, 16}, {7, 1},   {128, 128}, {528, 24}};
enum { SHAPE_COUNT = sizeof(dimensions) / sizeof(dimensions[0]) };

static const enum nuthatch_storage storages[] = {NUTHATCH_STORAGE_F32, NUTHATCH_STORAGE_F16,
                                                 NUTHATCH_STORAGE_BF16};

static void write(const struct tables *tables, struct record *record, int choice) {
    struct holding holding = {.storage = (enum nuthatch_storage)choice};
    for (size_t shape = 0; shape < SHAPE_COUNT; shape++) {
        for (int kind = 0; kind < 3; kind++) {
            struct samples samples = {shape};
            size_t key_dimension = dimensions[shape][0], value_dimension = dimensions[shape][1];
            struct page_plan plan = plan_page(32, key_dimension, value_dimension, holding, holding);
            uint8_t *pages[2] = {poisoned_page(&plan), poisoned_page(&plan)};
            struct tokens tokens = sample_tokens(&samples, 53, 1, key_dimension, value_dimension);
            if (kind == 1) {
                scatter_specials(&samples, tokens.keys, 53 * key_dimension, 3);
                scatter_specials(&samples, tokens.values, 53 * value_dimension, 3);
            } else if (kind == 2) {
                // Halves are normal, subnormal, and zero here.
                sample_floats(&samples, tokens.keys, 53 * key_dimension, -0x1p-13f, 0x1p-13f);
                sample_floats(&samples, tokens.values, 53 * value_dimension, -0x1p-23f, 0x1p-23f);
            }
            begin_case(record, "heads of %zu + %zu, kind %d", key_dimension, value_dimension, kind);
            size_t saturated = write_pages(tables, &plan, pages, &tokens, 53);
            add_bytes(record, &saturated, sizeof(saturated));
            add_page(record, &plan, pages[0]);
            add_page(record, &plan, pages[1]);
            release_memory();
        }
    }
}

// All numbers of 16 bits; of 32, every 65,537th.
static void widen(const struct tables *tables, struct record *record, int choice) {
    enum { COUNT = 1 << 16 };
    float *floats = untouched_floats(COUNT, 1);
    uint32_t *words = zeroed_bytes(COUNT * sizeof(uint32_t));
    uint16_t *halves = zeroed_bytes(COUNT * sizeof(uint16_t));
    for (uint32_t index = 0; index < COUNT; index++) {
        words[index] = index * 65537;
        halves[index] = (uint16_t)index;
    }
    bool is_wide = choice == NUTHATCH_STORAGE_F32;
    begin_case(record, "65,536 numbers");
    tables->attention->widen(is_wide ? (void *)words : (void *)halves, (enum nuthatch_storage)choice, COUNT,
                             floats);
    add_floats(record, floats, COUNT);
}

static size_t one_of(struct samples *samples, const size_t *choices, size_t count) {
    return choices[sample_below(samples, count)];
}

// What rows see of `count` tokens: all before them, or less. `special` numbers are among the tokens at times.
static struct nuthatch_attention_rows sample_rows_view(struct samples *samples, size_t count,
                                                       int64_t page_position) {
    static const size_t windows[] = {1, 5, 64, 100, 10000, (size_t)1 << 31};
    static const size_t segments[] = {0, 0, 0, 24, 7};
    static const size_t lags[] = {0, 0, 0, 3, 40};
    struct nuthatch_attention_rows rows = {
        .window = (int64_t)one_of(samples, windows, 6),
        .segment = (int64_t)one_of(samples, segments, 5),
        .lag = (int64_t)one_of(samples, lags, 5),
        .end = (int64_t)1 << 31,
        .scale = 0.125f,
    };
    if (sample_below(samples, 4) == 0) rows.start = page_position + (int64_t)sample_below(samples, count);
    if (sample_below(samples, 4) == 0) rows.end = page_position + (int64_t)sample_below(samples, count) + 1;
    if (sample_below(samples, 3) == 0) rows.softcap = 3;
    return rows;
}

// What distances are worth, head by head: more of them than there are tokens, or so few that most lie beyond.
static struct nuthatch_distance_bias sample_bias(struct samples *samples, size_t heads) {
    static const size_t reaches[] = {0, 3, 16, 40, 200};
    size_t reach = one_of(samples, reaches, 5), count = nuthatch_distance_bias_count((int64_t)reach);
    // Heads may lie further apart than their numbers take.
    size_t stride = count + sample_below(samples, 2) * 5;
    float *values = zeroed_bytes(heads * stride * sizeof(float));
    sample_floats(samples, values, heads * stride, -4, 4);
    return (struct nuthatch_distance_bias){.values = values, .stride = stride, .reach = (int64_t)reach};
}

// Tokens in pages: numbers, or codes for `plan` made of the numbers of `open`.
static void fill_pages(const struct tables *tables, struct record *record, const struct page_plan *open,
                       const struct page_plan *plan, const struct tokens *tokens, size_t count,
                       uint8_t **pages, size_t page_count) {
    for (size_t page = 0; page < page_count; page++) pages[page] = poisoned_page(open);
    write_pages(tables, open, pages, tokens, count);
    if (open == plan) return;
    for (size_t page = 0; page < page_count; page++) {
        pages[page] = sealed_page(tables, record, open, pages[page], plan, 0);
    }
}

// One case: pages of a random shape with keys and values held so, or values in keys, shown to random rows.
static void attend_case(const struct tables *tables, struct record *record, struct samples *samples,
                        struct holding keys, struct holding values, bool in_keys) {
    static const size_t page_lengths[] = {16, 16, 32, 32, 64, 64, 64, 64, 64, 128, 128, 640};
    static const size_t head_counts[] = {1, 2, 3, 8};
    // One tile and several, rows that share widened pages and rows that don't.
    static const size_t token_counts[] = {1, 1, 2, 3, 5, 7, 20};
    const size_t *drawn = dimensions[sample_below(samples, SHAPE_COUNT)];
    size_t shape[2] = {drawn[0], in_keys && drawn[1] > drawn[0] ? drawn[0] : drawn[1]};
    size_t page_length = one_of(samples, page_lengths, 12), heads = one_of(samples, head_counts, 4);
    bool is_sealed = keys.storage == NUTHATCH_STORAGE_CODES || values.storage == NUTHATCH_STORAGE_CODES;
    // Groups of slots divide a page.
    if (!keys.is_by_slot && keys.group_length > page_length) keys.group_length = page_length;
    if (!values.is_by_slot && values.group_length > page_length) values.group_length = page_length;
    struct holding exact = {.storage = NUTHATCH_STORAGE_F32};
    struct page_plan plan = plan_page(page_length, shape[0], shape[1], keys, values);
    struct page_plan open = plan_page(page_length, shape[0], shape[1], exact, exact);
    if (in_keys) {
        plan = plan_keys_page(page_length, shape[0], shape[1], keys);
        open = plan_keys_page(page_length, shape[0], shape[1], exact);
    }
    uint8_t *pages[4];
    size_t page_count = 1 + sample_below(samples, page_length < 64 ? 4 : 2);
    // Only full pages are sealed.
    size_t count = page_count * page_length - (is_sealed ? 0 : sample_below(samples, page_length));
    int64_t position = (int64_t)(sample_below(samples, 3) * 7 * page_length);
    struct tokens tokens = sample_tokens(samples, count, heads, shape[0], shape[1]);
    size_t kind = sample_below(samples, 8);
    if (kind == 0) scatter_specials(samples, tokens.queries, count * heads * shape[0], 100);
    if (kind == 1) scatter_specials(samples, tokens.keys, count * shape[0], 200);
    if (kind == 2) scatter_specials(samples, tokens.values, count * shape[1], 200);
    // Scores of thousands: probabilities 1 and 0, and rows whose maximum jumps.
    if (kind == 3) sample_floats(samples, tokens.queries, count * heads * shape[0], -3000, 3000);
    struct nuthatch_attention_rows rows = sample_rows_view(samples, count, position);
    size_t token_count = one_of(samples, token_counts, 7);
    rows.token_count = token_count < count ? token_count : count;
    rows.head_count = heads;
    if (sample_below(samples, 3) == 0) rows.bias = sample_bias(samples, heads);
    // An encoder's rows see what stands behind them.
    if (sample_below(samples, 4) == 0) rows.lag = -(int64_t)count;
    // The last tokens; or, of sealed pages, any after the page's middle.
    size_t first = count - rows.token_count;
    rows.first_position = position + (int64_t)(is_sealed ? sample_below(samples, count) + count / 2 : first);
    rows.query_stride = heads * shape[0];
    rows.queries = tokens.queries + first * rows.query_stride;
    begin_case(record, "case %zu, kind %zu: %zu x %zu rows, heads of %zu + %zu, %zu tokens in pages of %zu",
               record->case_count, kind, rows.token_count, heads, shape[0], shape[1], count, page_length);
    fill_pages(tables, record, is_sealed ? &open : &plan, &plan, &tokens, count, pages, page_count);
    attend(tables, record, &plan, pages, page_count, position, rows);
    release_memory();
}

static void attend_numbers(const struct tables *tables, struct record *record, int choice) {
    struct samples samples = {(uint64_t)choice + 1};
    for (int index = 0; index < 50; index++) {
        struct holding keys = {.storage = storages[choice / 3]}, values = {.storage = storages[choice % 3]};
        attend_case(tables, record, &samples, keys, values, false);
    }
}

static struct holding sample_coding(struct samples *samples, int bits) {
    static const size_t group_lengths[] = {16, 32, 64, 128};
    return (struct holding){.storage = NUTHATCH_STORAGE_CODES,
                            .bits = bits,
                            .is_by_slot = (int)sample_below(samples, 2),
                            .group_length = one_of(samples, group_lengths, 4),
                            .parameters = storages[sample_below(samples, 3)]};
}

// `choice`: bits of keys, times 10, and of values. Now and then only keys, or only values, are codes.
static void attend_codes(const struct tables *tables, struct record *record, int choice) {
    struct samples samples = {(uint64_t)choice};
    for (int index = 0; index < 50; index++) {
        struct holding keys = sample_coding(&samples, choice / 10);
        struct holding values = sample_coding(&samples, choice % 10);
        struct holding exact = {.storage = storages[index / 7 % 3]};
        if (index % 7 == 5) keys = exact;
        if (index % 7 == 6) values = exact;
        attend_case(tables, record, &samples, keys, values, false);
    }
}

static void attend_numbers_in_keys(const struct tables *tables, struct record *record, int choice) {
    struct samples samples = {(uint64_t)choice + 30};
    for (int index = 0; index < 50; index++) {
        struct holding keys = {.storage = (enum nuthatch_storage)choice};
        attend_case(tables, record, &samples, keys, keys, true);
    }
}

static void attend_codes_in_keys(const struct tables *tables, struct record *record, int choice) {
    struct samples samples = {(uint64_t)choice + 40};
    for (int index = 0; index < 50; index++) {
        struct holding keys = sample_coding(&samples, choice);
        attend_case(tables, record, &samples, keys, keys, true);
    }
}

const struct operation attention_operations[] = {
    {"write f32 pages", write, NUTHATCH_STORAGE_F32, PART_ATTENTION},
    {"write f16 pages", write, NUTHATCH_STORAGE_F16, PART_ATTENTION},
    {"write bf16 pages", write, NUTHATCH_STORAGE_BF16, PART_ATTENTION},
    {"widen f32", widen, NUTHATCH_STORAGE_F32, PART_ATTENTION},
    {"widen f16", widen, NUTHATCH_STORAGE_F16, PART_ATTENTION},
    {"widen bf16", widen, NUTHATCH_STORAGE_BF16, PART_ATTENTION},
    {"attend f32 + f32", attend_numbers, 0, PART_ATTENTION},
    {"attend f32 + f16", attend_numbers, 1, PART_ATTENTION},
    {"attend f32 + bf16", attend_numbers, 2, PART_ATTENTION},
    {"attend f16 + f32", attend_numbers, 3, PART_ATTENTION},
    {"attend f16 + f16", attend_numbers, 4, PART_ATTENTION},
    {"attend f16 + bf16", attend_numbers, 5, PART_ATTENTION},
    {"attend bf16 + f32", attend_numbers, 6, PART_ATTENTION},
    {"attend bf16 + f16", attend_numbers, 7, PART_ATTENTION},
    {"attend bf16 + bf16", attend_numbers, 8, PART_ATTENTION},
    {"attend 8 bits + 8 bits", attend_codes, 88, PART_ATTENTION},
    {"attend 8 bits + 4 bits", attend_codes, 84, PART_ATTENTION},
    {"attend 4 bits + 4 bits", attend_codes, 44, PART_ATTENTION},
    {"attend 4 bits + 2 bits", attend_codes, 42, PART_ATTENTION},
    {"attend 2 bits + 2 bits", attend_codes, 22, PART_ATTENTION},
    {"attend f32 in keys", attend_numbers_in_keys, NUTHATCH_STORAGE_F32, PART_ATTENTION},
    {"attend f16 in keys", attend_numbers_in_keys, NUTHATCH_STORAGE_F16, PART_ATTENTION},
    {"attend bf16 in keys", attend_numbers_in_keys, NUTHATCH_STORAGE_BF16, PART_ATTENTION},
    {"attend 8 bits in keys", attend_codes_in_keys, 8, PART_ATTENTION},
    {"attend 4 bits in keys", attend_codes_in_keys, 4, PART_ATTENTION},
    {"attend 2 bits in keys", attend_codes_in_keys, 2, PART_ATTENTION},
    NO_OPERATION,
};
