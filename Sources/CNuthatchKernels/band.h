// The rows that go through a page together, and what they see of it.

#ifndef NUTHATCH_BAND_H
#define NUTHATCH_BAND_H

#include "attention_lanes.h"
#include "include/nuthatch_attention.h"

enum {
    TILE_ROWS = NUTHATCH_TILE_ROWS,
    BAND_ROWS = NUTHATCH_BAND_ROWS,
    HEADER = NUTHATCH_STATE_HEADER,
    MAXIMUM = LANES,
};
_Static_assert(BAND_ROWS % LANES == 0, "rows are reduced 16 at a time");

LANES_INLINE size_t clamp_slot(int64_t slot, size_t page_length) {
    if (slot < 0) return 0;
    return slot > (int64_t)page_length ? page_length : (size_t)slot;
}

// The slots of a page that a token's rows see.
LANES_INLINE struct interval visible_slots(const struct nuthatch_attention_rows *rows, size_t token,
                                           int64_t page_position, size_t page_length) {
    int64_t position = rows->first_position + (int64_t)token;
    int64_t first = position - rows->window + 1;
    if (first < rows->start) first = rows->start;
    if (rows->segment != 0) {
        int64_t start = position - position % rows->segment;
        if (start > first) first = start;
    }
    int64_t end = position - rows->lag + 1;
    if (end > rows->end) end = rows->end;
    struct interval slots = {clamp_slot(first - page_position, page_length),
                             clamp_slot(end - page_position, page_length)};
    return slots;
}

// Rows that go through a page together.
struct band {
    size_t first_row;
    int rows;
    // What they see of the page's slots.
    struct view view;
    struct interval slots[BAND_ROWS];
    const float *queries[BAND_ROWS];
    float *states[BAND_ROWS];
    // Of each row's scaled products with the page's keys, the largest by lane: [row][16].
    float largest[BAND_ROWS * LANES];
    // Whether distances are worth anything; then of each row's head, at distance 0,
    int has_biases;
    const float *biases[BAND_ROWS];
    // and positions from the row's to the page's first.
    int64_t distances[BAND_ROWS];
};

// Of `rows` rows, where the index-th of as few parts of up to `most` as can be begins, as even as can be: 7
// rows are 4 + 3, not 6 + 1.
LANES_INLINE int part_start(int rows, int most, int index) {
    return rows * index / ((rows + most - 1) / most);
}

LANES_INLINE int part_count(int rows, int most) {
    return (rows + most - 1) / most;
}

// What distances are worth to the rows of a band.
static void gather_biases(const struct nuthatch_attention_rows *rows, int64_t page_position,
                          struct band *band) {
    const struct nuthatch_distance_bias *bias = &rows->bias;
    for (int row = 0; row < band->rows; row++) {
        size_t token = (band->first_row + (size_t)row) / rows->head_count;
        size_t head = (band->first_row + (size_t)row) % rows->head_count;
        band->biases[row] = bias->values + head * bias->stride + (size_t)bias->reach + LANES;
        band->distances[row] = page_position - rows->first_position - (int64_t)token;
    }
}

// The rows of a band from the first-th on.
static void gather_rows(const struct nuthatch_attention_rows *rows, size_t first_row, int row_count,
                        size_t dimension, struct band *band) {
    size_t token = first_row / rows->head_count, head = first_row % rows->head_count;
    float *state = rows->states + first_row * rows->state_stride;
    band->first_row = first_row;
    band->rows = row_count;
    for (int row = 0; row < row_count; row++, head++, state += rows->state_stride) {
        if (head == rows->head_count) {
            head = 0;
            token++;
        }
        band->queries[row] = rows->queries + token * rows->query_stride + head * dimension;
        band->states[row] = state;
    }
}

// What a band sees of a page, and what distances from it are worth.
static void look_at_page(const struct nuthatch_attention_rows *rows, size_t page_length,
                         int64_t page_position, struct band *band) {
    size_t heads = rows->head_count;
    size_t last_row = band->first_row + (size_t)band->rows - 1;
    struct interval first = visible_slots(rows, band->first_row / heads, page_position, page_length);
    struct interval last = visible_slots(rows, last_row / heads, page_position, page_length);
    // No token sees less far on, or less far back, than one behind it.
    band->view = (struct view){
        .all = first, .is_same = first.first == last.first && first.end == last.end, .each = band->slots};
    for (int row = 0; !band->view.is_same && row < band->rows; row++) {
        size_t token = (band->first_row + (size_t)row) / heads;
        band->slots[row] = visible_slots(rows, token, page_position, page_length);
        band->view.all = hull(band->view.all, band->slots[row]);
    }
    band->has_biases = rows->bias.values != NULL;
    if (band->has_biases) gather_biases(rows, page_position, band);
}

// Where products go: scores to [row][lane], `stride` apart, and the largest of each row by lane to [row][16];
// or, where there are states, into their accumulators, which are multiplied by the rows' corrections first
// (then the former are scratch).
struct product_target {
    float *out;
    size_t stride;
    float *largest;
    // Of those to come.
    size_t first_panel;
    float *const *states;
    const float *corrections;
};

// The same for the rows from some on.
LANES_INLINE struct product_target target_from(const struct product_target *target, int row) {
    struct product_target part = *target;
    part.out += (size_t)row * target->stride;
    if (target->states == NULL) {
        part.largest += row * LANES;
    } else {
        part.states += row;
        part.corrections += row;
    }
    return part;
}

// Takes what a row gets of some panels of keys.
LANES_INLINE void deliver_scores(const struct product_target *target, int row, int panels, size_t panel,
                                 const lanes *results) {
    float *out = target->out + (size_t)row * target->stride + panel * LANES;
    float *largest = target->largest + row * LANES;
    lanes most = panel == target->first_panel ? lanes_fill(-__builtin_inff()) : lanes_load(largest);
    for (int p = 0; p < panels; p++) {
        lanes_store(out + p * LANES, results[p]);
        most = lanes_maximum(most, results[p]);
    }
    lanes_store(largest, most);
}

// The same of keys or values.
LANES_INLINE void deliver(const struct product_target *target, int row, int panels, size_t panel,
                          const lanes *results) {
    if (target->states == NULL) {
        deliver_scores(target, row, panels, panel, results);
        return;
    }
    float *out = target->states[row] + HEADER + panel * LANES;
    lanes correction = lanes_fill(target->corrections[row]);
    for (int p = 0; p < panels; p++) {
        lanes_store(out + p * LANES, lanes_fma(lanes_load(out + p * LANES), correction, results[p]));
    }
}

// The same of sums of integers: unit * sum + bias.
LANES_INLINE void finish_products(const struct product_target *target, int row, int panels, size_t panel,
                                  float unit, float bias, lanes *sums) {
    for (int p = 0; p < panels; p++) sums[p] = lanes_fma(lanes_fill(unit), sums[p], lanes_fill(bias));
    deliver(target, row, panels, panel, sums);
}

#endif
