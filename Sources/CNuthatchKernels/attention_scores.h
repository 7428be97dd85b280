// What becomes of the products of queries and keys: scores, scaled, capped, with what distances are worth and
// without the slots a row doesn't see; then probabilities. See attention_kernel.h for the algorithm.

#ifndef NUTHATCH_ATTENTION_SCORES_H
#define NUTHATCH_ATTENTION_SCORES_H

#include "band.h"
#include "lanes_across.h"

enum {
    // From this many on, rows are reduced together.
    ACROSS_ROWS = 5,
};

// How products become logarithms to base 2 of probabilities.
struct shaping {
    // What products are multiplied by,
    float factor;
    // then the hyperbolic tangent of that, unless 0.
    float cap;
    int64_t reach;
};

#define LOG2_E 0x1.715476p0f

LANES_INLINE struct shaping shaping_of(const struct nuthatch_attention_rows *rows) {
    int is_capped = rows->softcap != 0;
    struct shaping shaping = {.factor = is_capped ? rows->scale / rows->softcap : rows->scale * LOG2_E,
                              .cap = is_capped ? rows->softcap * LOG2_E : 0,
                              .reach = rows->bias.reach};
    return shaping;
}

// What 16 consecutive distances are worth, those beyond `reach` as much as the one at it; `middle` is that of
// distance 0.
LANES_INLINE lanes load_biases(const float *middle, int64_t reach, int64_t first) {
    if (first < -reach - LANES) first = -reach - LANES;
    if (first > reach + 1) first = reach + 1;
    return lanes_load(middle + first);
}

// Applies the cap to a row's scaled products, adds what slots are worth by their distance (`biases`, NULL for
// nothing; slot 0 is `distance` positions beyond the row's) and hides those it doesn't see in the panels it
// reads; returns the largest score by lane.
LANES_INLINE lanes shape_scores(float *scores, struct interval slots, const struct shaping *shaping,
                                const float *biases, int64_t distance) {
    const lanes nothing = lanes_fill(-__builtin_inff());
    lanes largest = nothing;
    for (size_t slot = slots.first / LANES * LANES; slot < slots.end; slot += LANES) {
        lanes score = lanes_load(scores + slot);
        if (shaping->cap != 0) score = lanes_tanh(score) * shaping->cap;
        if (biases != NULL) {
            lanes worth = load_biases(biases, shaping->reach, distance + (int64_t)slot);
            score = lanes_fma(worth, lanes_fill(LOG2_E), score);
        }
        if (slot < slots.first || slot + LANES > slots.end) {
            score = lanes_keep(score, (int)slots.first - (int)slot, (int)slots.end - (int)slot, nothing);
        }
        lanes_store(scores + slot, score);
        largest = lanes_maximum(largest, score);
    }
    return largest;
}

// The largest lanes of up to 16 vectors.
LANES_INLINE void store_largest(lanes *vectors, int count, float *largest) {
    if (count < ACROSS_ROWS) {
        for (int index = 0; index < count; index++) largest[index] = lanes_largest(vectors[index]);
        return;
    }
    for (int index = count; index < LANES; index++) vectors[index] = vectors[0];
    lanes_store(largest, largest_across(vectors));
}

// Probabilities of one row, relative to a maximum, in place of its scores; returns their sum by lane.
LANES_INLINE lanes exponentiate(float *scores, struct interval slots, float reference) {
    enum { AT_ONCE = 4 };
    lanes sum = lanes_fill(0);
    size_t slot = slots.first / LANES * LANES;
    for (; slot + (AT_ONCE - 1) * LANES < slots.end; slot += AT_ONCE * LANES) {
        lanes x[AT_ONCE];
        for (int v = 0; v < AT_ONCE; v++) x[v] = lanes_load(scores + slot + v * LANES) - reference;
        make_probabilities(x, AT_ONCE);
        for (int v = 0; v < AT_ONCE; v++) {
            lanes_store(scores + slot + v * LANES, x[v]);
            sum += x[v];
        }
    }
    for (; slot < slots.end; slot += LANES) {
        lanes probability = lanes_probability(lanes_load(scores + slot) - reference);
        lanes_store(scores + slot, probability);
        sum += probability;
    }
    return sum;
}

// The same of two rows of four vectors, which don't wait for each other.
LANES_INLINE void exponentiate_two(float *first, float *second, const float *references, lanes *sums) {
    enum { AT_ONCE = 4 };
    lanes x[2 * AT_ONCE];
    for (int v = 0; v < AT_ONCE; v++) {
        x[v] = lanes_load(first + v * LANES) - references[0];
        x[v + AT_ONCE] = lanes_load(second + v * LANES) - references[1];
    }
    make_probabilities(x, 2 * AT_ONCE);
    sums[0] = sums[1] = lanes_fill(0);
    for (int v = 0; v < AT_ONCE; v++) {
        lanes_store(first + v * LANES, x[v]);
        lanes_store(second + v * LANES, x[v + AT_ONCE]);
        sums[0] += x[v];
        sums[1] += x[v + AT_ONCE];
    }
}

// Zeros for what a row doesn't see of the vectors that any row sees.
LANES_INLINE void clear_hidden(float *probabilities, struct interval slots, struct interval all) {
    for (size_t slot = all.first / LANES * LANES; slot < all.end; slot += LANES) {
        if (slot >= slots.first && slot + LANES <= slots.end) continue;
        int first = (int)slots.first - (int)slot, end = (int)slots.end - (int)slot;
        float *vector = probabilities + slot;
        lanes_store(vector, lanes_keep(lanes_load(vector), first, end, lanes_fill(0)));
    }
}

// What brings rows' sums to their new maximum.
struct softening {
    // The accumulators' and sums' factor,
    float corrections[BAND_ROWS];
    // and that of what the page gives: 1 where probabilities are relative to the new maximum already.
    float weights[BAND_ROWS];
};

// How probabilities are to come.
enum reference {
    // Relative to each row's maximum so far.
    REFERENCE_ROW,
    // Relative to the page's own, with zeros for slots that a row doesn't see: as products with codes take
    // them.
    REFERENCE_PAGE,
};

// Adds a page's probabilities to a row's sum.
LANES_INLINE void add_sum(const struct band *band, int row, lanes sum, enum reference reference,
                          const struct softening *softening) {
    float *state = band->states[row];
    if (reference == REFERENCE_PAGE) sum *= softening->weights[row];
    lanes_store(state, lanes_fma(lanes_load(state), lanes_fill(softening->corrections[row]), sum));
}

// Turns the rows' products with a page's keys, times shaping->factor, into probabilities. In sweeps over 16
// rows, for the steps of one row wait for each other and those of several don't.
LANES_INLINE void soften(const struct band *band, const struct shaping *shaping, enum reference reference,
                         float *scores, size_t score_stride, struct softening *softening) {
    // Then products are scores as they come, and their largest are known.
    int is_shaped = is_whole(&band->view) && shaping->cap == 0 && !band->has_biases;
    for (int first = 0; first < band->rows; first += LANES) {
        int count = band->rows - first < LANES ? band->rows - first : LANES;
        lanes found[LANES];
        float largest[LANES], references[LANES];
        float before[LANES] = {0}, beside[LANES] = {0};
        float *row_scores = scores + (size_t)first * score_stride;
        for (int row = 0; row < count; row++) {
            float *products = row_scores + (size_t)row * score_stride;
            struct interval slots = seen_by(&band->view, first + row);
            // Loops of their own for rows that need less.
            if (is_shaped) {
                found[row] = lanes_load(band->largest + (first + row) * LANES);
            } else if (!band->has_biases) {
                found[row] = shape_scores(products, slots, shaping, NULL, 0);
            } else {
                found[row] = shape_scores(products, slots, shaping, band->biases[first + row],
                                          band->distances[first + row]);
            }
        }
        store_largest(found, count, largest);
        for (int row = 0; row < count; row++) {
            if (is_empty(seen_by(&band->view, first + row))) continue;
            float *maximum = band->states[first + row] + MAXIMUM;
            float now = *maximum > largest[row] ? *maximum : largest[row];
            // Where every score so far is -infinity, -inf - (-inf) would be NaN; any finite reference will
            // do.
            float settled = now == -__builtin_inff() ? 0 : now;
            before[row] = *maximum - settled;
            beside[row] = largest[row] - settled;
            references[row] = reference == REFERENCE_ROW          ? settled
                              : largest[row] == -__builtin_inff() ? 0
                                                                  : largest[row];
            *maximum = now;
        }
        lanes_store(softening->corrections + first, lanes_probability(lanes_load(before)));
        lanes weights = lanes_fill(1);
        if (reference == REFERENCE_PAGE) weights = lanes_probability(lanes_load(beside));
        lanes_store(softening->weights + first, weights);
        int row = 0;
        if (is_whole(&band->view) && band->view.all.end - band->view.all.first == 4 * LANES) {
            float *start = row_scores + band->view.all.first;
            for (; row + 2 <= count; row += 2) {
                lanes sums[2];
                exponentiate_two(start + (size_t)row * score_stride, start + (size_t)(row + 1) * score_stride,
                                 references + row, sums);
                for (int r = 0; r < 2; r++) add_sum(band, first + row + r, sums[r], reference, softening);
            }
        }
        for (; row < count; row++) {
            struct interval slots = seen_by(&band->view, first + row);
            float *probabilities = row_scores + (size_t)row * score_stride;
            if (!is_empty(slots)) {
                add_sum(band, first + row, exponentiate(probabilities, slots, references[row]), reference,
                        softening);
            }
            if (reference == REFERENCE_PAGE && !is_whole(&band->view)) {
                clear_hidden(probabilities, slots, band->view.all);
            }
        }
    }
}

#endif
