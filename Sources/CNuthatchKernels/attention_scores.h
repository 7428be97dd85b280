// What becomes of the products of queries and keys: scores, scaled, capped, with what distances are worth and
// without the slots a row doesn't see; then probabilities. See attention_kernel.h for the algorithm.

#ifndef NUTHATCH_ATTENTION_SCORES_H
#define NUTHATCH_ATTENTION_SCORES_H

#include "attention_lanes.h"
#include "include/nuthatch_attention.h"

enum {
    TILE_ROWS = NUTHATCH_TILE_ROWS,
    HEADER = NUTHATCH_STATE_HEADER,
    MAXIMUM = LANES,
};

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

// Rows that share one reading of a page.
struct tile {
    int rows;
    struct interval slots[TILE_ROWS];
    const float *queries[TILE_ROWS];
    float *states[TILE_ROWS];
    // Of each row's head, at distance 0; NULL where distances are worth nothing.
    const float *biases[TILE_ROWS];
    // Positions from the row's to the page's first.
    int64_t distances[TILE_ROWS];
};

// What 16 consecutive distances are worth, those beyond `reach` as much as the one at it; `middle` is that of
// distance 0.
LANES_INLINE lanes load_biases(const float *middle, int64_t reach, int64_t first) {
    if (first < -reach - LANES) first = -reach - LANES;
    if (first > reach + 1) first = reach + 1;
    return lanes_load(middle + first);
}

// Applies scale and cap to a row's products, adds what slots are worth by their distance (`biases`, NULL for
// nothing; slot 0 is `distance` positions beyond the row's) and hides those it doesn't see in the panels it
// reads; returns the largest score by lane.
LANES_INLINE lanes shape_scores(float *scores, struct interval slots,
                                const struct nuthatch_attention_rows *rows, const float *biases,
                                int64_t distance) {
    const lanes nothing = lanes_fill(-__builtin_inff());
    lanes largest = nothing;
    for (size_t slot = slots.first / LANES * LANES; slot < slots.end; slot += LANES) {
        lanes score = lanes_load(scores + slot) * rows->scale;
        if (rows->softcap != 0) score = lanes_tanh(score / rows->softcap) * rows->softcap;
        if (biases != NULL) score += load_biases(biases, rows->bias.reach, distance + (int64_t)slot);
        if (slot < slots.first || slot + LANES > slots.end) {
            score = lanes_keep(score, (int)slots.first - (int)slot, (int)slots.end - (int)slot, nothing);
        }
        lanes_store(scores + slot, score);
        largest = lanes_maximum(largest, score);
    }
    return largest;
}

// Turns the rows' products with a page's keys into probabilities relative to each row's maximum so far (zeros
// for slots it doesn't see), and stores the factors that bring the accumulators to that maximum. In three
// sweeps, for the steps of one row wait for each other and those of six rows don't.
static void soften(const struct tile *tile, const struct nuthatch_attention_rows *rows, float *scores,
                   size_t score_stride, float *corrections) {
    float found[TILE_ROWS];
    float differences[LANES] = {0};
    float references[TILE_ROWS];
    for (int row = 0; row < tile->rows; row++) {
        float *products = scores + (size_t)row * score_stride;
        struct interval slots = tile->slots[row];
        // Two loops, so that rows without biases run the one that knows of none.
        found[row] = lanes_largest(
            tile->biases[row] == NULL
                ? shape_scores(products, slots, rows, NULL, 0)
                : shape_scores(products, slots, rows, tile->biases[row], tile->distances[row]));
    }
    for (int row = 0; row < tile->rows; row++) {
        if (is_empty(tile->slots[row])) continue;
        float before = tile->states[row][MAXIMUM];
        float now = before > found[row] ? before : found[row];
        // Where every score so far is -infinity, exp(-inf - (-inf)) would be NaN; any finite reference makes
        // it 0.
        references[row] = now == -__builtin_inff() ? 0 : now;
        differences[row] = before - references[row];
        tile->states[row][MAXIMUM] = now;
    }
    lanes_store(corrections, lanes_probability(lanes_load(differences)));
    for (int row = 0; row < tile->rows; row++) {
        struct interval slots = tile->slots[row];
        if (is_empty(slots)) continue;
        float *from = scores + (size_t)row * score_stride;
        float *state = tile->states[row];
        lanes sum = lanes_fill(0);
        for (size_t slot = slots.first / LANES * LANES; slot < slots.end; slot += LANES) {
            lanes probability = lanes_probability(lanes_load(from + slot) - references[row]);
            lanes_store(from + slot, probability);
            sum += probability;
        }
        lanes_store(state, lanes_fma(lanes_load(state), lanes_fill(corrections[row]), sum));
    }
}

#endif
