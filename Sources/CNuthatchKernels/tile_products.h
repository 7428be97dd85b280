// The two products of attention over exact numbers, for a tile of up to 6 rows: scores with a page's keys,
// and sums of its values. See attention_kernel.h for the order of their sums.
//
// Included after the target pragma; the including file defines TILE_PANELS.

#ifndef NUTHATCH_TILE_PRODUCTS_H
#define NUTHATCH_TILE_PRODUCTS_H

#include "attention_scores.h"
#include "fetching.h"

enum {
    // Up to this many rows memory is slower than arithmetic; a larger tile has no registers left for more
    // addresses.
    FETCHING_ROWS = 4,
};

// Scores, times a factor, of `rows` queries with `panels` panels of keys, and each row's largest by lane;
// asks for as much of what lies ahead.
LANES_INLINE void score_tile(int rows, int panels, enum nuthatch_storage storage, const float *const *queries,
                             const void *keys, const struct places *ahead, size_t first_panel,
                             size_t dimension, float factor, const struct product_target *to) {
    lanes sums[TILE_ROWS][TILE_PANELS];
    size_t panel_length = dimension * LANES;
    size_t start = first_panel * panel_length;
    for (int row = 0; row < rows; row++) {
        for (int panel = 0; panel < panels; panel++) sums[row][panel] = lanes_fill(0);
    }
    for (size_t index = 0; index < dimension; index++) {
        lanes key[TILE_PANELS];
        for (int panel = 0; panel < panels; panel++) {
            size_t element = start + (size_t)panel * panel_length + index * LANES;
            key[panel] = load_stored(keys, element, storage);
            if (rows <= FETCHING_ROWS)
                fetch_step(ahead, start / LANES, index, panels, panel, stored_bytes(storage));
        }
        for (int row = 0; row < rows; row++) {
            lanes query = lanes_fill(queries[row][index]);
            for (int panel = 0; panel < panels; panel++) {
                sums[row][panel] = lanes_fma(query, key[panel], sums[row][panel]);
            }
        }
    }
    for (int row = 0; row < rows; row++) {
        for (int panel = 0; panel < panels; panel++) sums[row][panel] *= factor;
        deliver_scores(to, row, panels, first_panel, sums[row]);
    }
}

// accumulators = corrections * accumulators + probabilities x values, for `panels` panels of dimensions.
LANES_INLINE void accumulate_tile(int rows, int panels, enum nuthatch_storage storage,
                                  const float *const *probabilities, const float *corrections,
                                  const void *values, const struct places *ahead, size_t first_panel,
                                  size_t page_length, struct interval slots, float *const *accumulators) {
    lanes sums[TILE_ROWS][TILE_PANELS];
    size_t panel_length = page_length * LANES;
    size_t start = first_panel * panel_length;
    for (int row = 0; row < rows; row++) {
        lanes correction = lanes_fill(corrections[row]);
        for (int panel = 0; panel < panels; panel++) {
            const float *from = accumulators[row] + (first_panel + (size_t)panel) * LANES;
            sums[row][panel] = lanes_load(from) * correction;
        }
    }
    for (size_t slot = slots.first; slot < slots.end; slot++) {
        lanes value[TILE_PANELS];
        for (int panel = 0; panel < panels; panel++) {
            size_t element = start + (size_t)panel * panel_length + slot * LANES;
            value[panel] = load_stored(values, element, storage);
            if (rows <= FETCHING_ROWS)
                fetch_step(ahead, start / LANES, slot, panels, panel, stored_bytes(storage));
        }
        for (int row = 0; row < rows; row++) {
            lanes probability = lanes_fill(probabilities[row][slot]);
            for (int panel = 0; panel < panels; panel++) {
                sums[row][panel] = lanes_fma(probability, value[panel], sums[row][panel]);
            }
        }
    }
    for (int row = 0; row < rows; row++) {
        for (int panel = 0; panel < panels; panel++) {
            lanes_store(accumulators[row] + (first_panel + (size_t)panel) * LANES, sums[row][panel]);
        }
    }
}

// The two loops above, made for each number of rows, panels at a time and storage.
#define CASES(MACRO, PANELS, STORAGE) \
    switch (rows) { \
    case 1: MACRO(1, PANELS, STORAGE); break; \
    case 2: MACRO(2, PANELS, STORAGE); break; \
    case 3: MACRO(3, PANELS, STORAGE); break; \
    case 4: MACRO(4, PANELS, STORAGE); break; \
    case 5: MACRO(5, PANELS, STORAGE); break; \
    default: MACRO(6, PANELS, STORAGE); break; \
    }
_Static_assert(TILE_ROWS == 6, "CASES lists the row counts of a tile");

#define BY_STORAGE(MACRO, PANELS) \
    switch (storage) { \
    case NUTHATCH_STORAGE_F32: CASES(MACRO, PANELS, NUTHATCH_STORAGE_F32); break; \
    case NUTHATCH_STORAGE_F16: CASES(MACRO, PANELS, NUTHATCH_STORAGE_F16); break; \
    case NUTHATCH_STORAGE_BF16: CASES(MACRO, PANELS, NUTHATCH_STORAGE_BF16); break; \
    case NUTHATCH_STORAGE_CODES: break; \
    }

static void score(int rows, enum nuthatch_storage storage, const float *const *queries, const void *keys,
                  const struct places *ahead, struct interval panels, size_t dimension, float factor,
                  const struct product_target *to) {
#define SCORE(ROWS, PANELS, STORAGE) \
    score_tile(ROWS, PANELS, STORAGE, queries, keys, ahead, panel, dimension, factor, to)
    size_t panel = panels.first;
    for (; panel + TILE_PANELS <= panels.end; panel += TILE_PANELS) BY_STORAGE(SCORE, TILE_PANELS)
    for (; panel < panels.end; panel++) BY_STORAGE(SCORE, 1)
#undef SCORE
}

static void accumulate(int rows, enum nuthatch_storage storage, const float *const *probabilities,
                       const float *corrections, const void *values, const struct places *ahead,
                       struct share *share, size_t panel_count, size_t page_length, struct interval slots,
                       float *const *accumulators) {
#define ACCUMULATE(ROWS, PANELS, STORAGE)                                                                    \
    accumulate_tile(ROWS, PANELS, STORAGE, probabilities, corrections, values, ahead, panel, page_length,    \
                    slots, accumulators)
    size_t panel = 0;
    for (; panel + TILE_PANELS <= panel_count; panel += TILE_PANELS) {
        fetch_share(share);
        BY_STORAGE(ACCUMULATE, TILE_PANELS)
    }
    for (; panel < panel_count; panel++) BY_STORAGE(ACCUMULATE, 1)
#undef ACCUMULATE
}

#endif
