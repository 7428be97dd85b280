// Pages of one head: how they are laid out, filled, and recorded.

#ifndef KERNEL_TWINS_PLANES_H
#define KERNEL_TWINS_PLANES_H

#include "record.h"
#include "samples.h"

/// Tokens of a sequence: queries of all heads that share a kv head, one key, one value.
struct tokens {
    /// [token][head][key_dimension]
    float *queries;
    /// [token][key_dimension]
    float *keys;
    /// [token][value_dimension]
    float *values;
};

/// How keys or values are held: numbers, or codes.
struct holding {
    enum nuthatch_storage storage;
    int bits;
    int is_by_slot;
    size_t group_length;
    enum nuthatch_storage parameters;
    enum nuthatch_quantization method;
};

struct page_plan {
    struct nuthatch_head_plane plane;
    size_t byte_count;
};

/// A dimension rounded up to whole vectors.
size_t padded(size_t dimension);

struct page_plan plan_page(size_t slots, size_t key_dimension, size_t value_dimension, struct holding keys,
                           struct holding values);

/// A page whose values are the first columns of its keys.
struct page_plan plan_keys_page(size_t slots, size_t key_dimension, size_t value_dimension,
                                struct holding keys);

/// A page whose every number is NaN, so that what no row sees must not be looked at.
uint8_t *poisoned_page(const struct page_plan *plan);

struct tokens sample_tokens(struct samples *samples, size_t count, size_t head_count, size_t key_dimension,
                            size_t value_dimension);

/// Writes tokens into consecutive pages, a few at a time; returns how many numbers saturated.
size_t write_pages(const struct tables *tables, const struct page_plan *plan, uint8_t *const *pages,
                   const struct tokens *tokens, size_t count);

/// Seals a full open page, whose first `exact_count` slots are kept elsewhere.
uint8_t *sealed_page(const struct tables *tables, struct record *record, const struct page_plan *open,
                     const uint8_t *open_page, const struct page_plan *sealed, size_t exact_count);

void add_page(struct record *record, const struct page_plan *plan, const uint8_t *page);

/// Shows pages, of which the first is `page_position`'s, to rows, in two runs folded together where there are
/// two pages; records states and outputs. `rows` lacks only its states.
void attend(const struct tables *tables, struct record *record, const struct page_plan *plan,
            uint8_t *const *pages, size_t page_count, int64_t page_position,
            struct nuthatch_attention_rows rows);

#endif
