// Products of many float rows with a plane of codes: those of coded_products.h, bit by bit, with codes
// widened to pairs of 16 bits once for all rows.
//
// Included after the target pragma; the including file defines TILE_PANELS and how products are made
// (pair_products.h).

#ifndef NUTHATCH_BAND_PRODUCTS_H
#define NUTHATCH_BAND_PRODUCTS_H

#include "band_inputs.h"
#include "coded_products.h"

LANES_INLINE void pair_panel(int bits, const uint32_t *words, struct interval numbers, int32_t *pairs) {
    const int codes = 32 / bits;
    const uint32_t field = (uint32_t)((1u << bits) - 1) * 0x10001u;
    struct interval span = {numbers.first / (size_t)codes, (numbers.end + (size_t)codes - 1) / (size_t)codes};
    for (size_t word = span.first; word < span.end; word++) {
        uint_lanes found;
        memcpy(&found, words + word * LANES, sizeof(found));
        int32_t *to = pairs + word * (size_t)codes / 2 * LANES;
#pragma clang loop unroll(full)
        for (int code = 0; code < codes / 2; code++) {
            int_lanes both = make_pairs((int_lanes)(found >> (uint32_t)(code * bits) & field));
            memcpy(to + code * LANES, &both, sizeof(both));
        }
    }
}

// Pairs of codes of the panels, [panel][pair][16 lanes], of the numbers of each from numbers.first to below
// numbers.end, at least.
static void pair_codes(const struct coded_plane *plane, struct interval panels, struct interval numbers,
                       int32_t *pairs) {
    size_t word_count = panel_word_count(plane);
    size_t pair_count = word_count * (32 / (size_t)plane->coding->bits) / 2;
    for (size_t panel = panels.first; panel < panels.end; panel++) {
        const uint32_t *words = plane->words + panel * word_count * LANES;
        int32_t *to = pairs + panel * pair_count * LANES;
        switch (plane->coding->bits) {
        case 2: pair_panel(2, words, numbers, to); break;
        case 4: pair_panel(4, words, numbers, to); break;
        default: pair_panel(8, words, numbers, to); break;
        }
    }
}

// Pairs of a panel, or the numbers from `first` to below `end` among them.
struct pair_span {
    size_t count;
    size_t first;
    size_t end;
};

LANES_INLINE struct pair_span pairs_of(const struct coded_plane *plane, struct interval numbers) {
    size_t in_word = 32 / (size_t)plane->coding->bits;
    struct pair_span span = {.count = panel_word_count(plane) * in_word / 2,
                             .first = numbers.first / in_word * in_word / 2,
                             .end = (numbers.end + in_word - 1) / in_word * in_word / 2};
    return span;
}

// sum n_i c_i of some rows, from the first-th on, with `panels` panels over a span of pairs.
LANES_INLINE void pair_tile(int rows, int panels, struct pair_span span, const int32_t *codes, size_t panel,
                            const struct band_inputs *inputs, int first_row,
                            int_lanes sums[TILE_ROWS][TILE_PANELS]) {
    size_t stride = inputs->count / 2;
    const int32_t *numbers = inputs->pairs + (size_t)first_row * stride;
    const int32_t *from = codes + panel * span.count * LANES;
    for (int row = 0; row < rows; row++) {
        for (int p = 0; p < panels; p++) sums[row][p] = (int_lanes){0};
    }
    for (size_t pair = span.first; pair < span.end; pair++) {
        int_lanes found[TILE_PANELS];
        for (int p = 0; p < panels; p++) {
            memcpy(&found[p], from + ((size_t)p * span.count + pair) * LANES, sizeof(found[p]));
        }
#pragma clang loop unroll(full)
        for (int row = 0; row < rows; row++) {
            int32_t factor = numbers[(size_t)row * stride + pair];
            for (int p = 0; p < panels; p++) sums[row][p] = add_pairs(sums[row][p], found[p], factor);
        }
    }
}

// The whole sums of a tile whose rows see different numbers, or more than a segment, or have scales lane by
// lane.
LANES_INLINE void multiply_segments(int rows, int panels, const struct coded_plane *plane,
                                    const int32_t *codes, size_t panel, int first_row, const float *const *x,
                                    const struct view *view, const float *factors,
                                    const struct band_inputs *inputs, const struct product_target *to) {
    int is_along = groups_lie_along(plane);
    int is_first = 1, is_last = 0;
    for (struct interval segment = segment_at(plane, view->all.first); !is_last;
         segment = segment_at(plane, segment.end), is_first = 0) {
        is_last = segment.end >= view->all.end || segment.end >= along_count(plane);
        int_lanes sums[TILE_ROWS][TILE_PANELS];
        pair_tile(rows, panels, pairs_of(plane, overlap(segment, view->all)), codes, panel, inputs, first_row,
                  sums);
        for (int row = 0; row < rows; row++) {
            int index = first_row + row;
            struct interval seen = seen_by(view, index);
            if (is_empty(seen)) continue;
            struct interval part = overlap(segment, seen);
            float *out = to->out + (size_t)index * to->stride + panel * LANES;
            lanes results[TILE_PANELS];
            for (int p = 0; p < panels; p++) {
                results[p] = !is_first ? lanes_load(out + p * LANES)
                                       : lanes_fill(is_along ? 0 : inputs->biases[index]);
            }
            // What a row doesn't see must not touch it, not even a scale that is no number.
            if (!is_empty(part)) {
                lanes total = {0};
                if (is_along) total = lanes_fill(sum_numbers(x[index], part) * factors[index]);
                lanes products[TILE_PANELS];
                for (int p = 0; p < panels; p++) products[p] = __builtin_convertvector(sums[row][p], lanes);
                add_segment(panels, plane, panel, segment, lanes_fill(inputs->units[index]), total, products,
                            results);
            }
            if (is_last) {
                deliver(to, index, panels, panel, results);
            } else {
                for (int p = 0; p < panels; p++) lanes_store(out + p * LANES, results[p]);
            }
        }
    }
}

// The whole sums of a tile of one segment, of which all rows see the same, with scales by number: nothing but
// what is needed leaves the registers.
LANES_INLINE void multiply_whole(int rows, int panels, struct pair_span span, const int32_t *codes,
                                 size_t panel, int first_row, const struct band_inputs *inputs,
                                 const struct product_target *to) {
    int_lanes sums[TILE_ROWS][TILE_PANELS];
    pair_tile(rows, panels, span, codes, panel, inputs, first_row, sums);
#pragma clang loop unroll(full)
    for (int row = 0; row < rows; row++) {
        lanes products[TILE_PANELS];
        int index = first_row + row;
        for (int p = 0; p < panels; p++) products[p] = __builtin_convertvector(sums[row][p], lanes);
        finish_products(to, index, panels, panel, inputs->units[index], inputs->biases[index], products);
    }
}

// As many rows at a time as fit the registers.
LANES_INLINE void multiply_tiles(int panels, int rows, const struct coded_plane *plane, const int32_t *codes,
                                 size_t panel, const float *const *x, const struct view *view,
                                 const float *factors, int is_simple, const struct band_inputs *inputs,
                                 const struct product_target *to) {
#define MULTIPLY_TILE(ROWS)                                                                                  \
    case ROWS:                                                                                               \
        if (is_simple) {                                                                                     \
            multiply_whole(ROWS, panels, span, codes, panel, first, inputs, to);                             \
        } else {                                                                                             \
            multiply_segments(ROWS, panels, plane, codes, panel, first, x, view, factors, inputs, to);       \
        }                                                                                                    \
        break;
    struct pair_span span = pairs_of(plane, view->all);
    int tiles = part_count(rows, TILE_ROWS);
    for (int tile = 0; tile < tiles; tile++) {
        int first = part_start(rows, TILE_ROWS, tile);
        switch (part_start(rows, TILE_ROWS, tile + 1) - first) {
            MULTIPLY_TILE(1)
            MULTIPLY_TILE(2)
            MULTIPLY_TILE(3)
            MULTIPLY_TILE(4)
            MULTIPLY_TILE(5)
            MULTIPLY_TILE(6)
        }
    }
    _Static_assert(TILE_ROWS == 6, "all row counts of a tile are listed");
#undef MULTIPLY_TILE
}

// multiply_plane for up to BAND_ROWS rows, over codes in pairs.
PAIR_PRODUCT_TARGET static void
multiply_band(int rows, const struct view *view, const struct coded_plane *plane,
              const struct plane_parameters *parameters, const int32_t *codes, const float *const *x,
              struct interval panels, const float *factors, const struct product_target *to, float *scratch) {
    struct band_inputs inputs = {.count = parameters->count,
                                 .pairs = (int32_t *)(scratch + 2 * BAND_ROWS),
                                 .units = scratch,
                                 .biases = scratch + BAND_ROWS};
    int is_simple = is_one_segment(plane, view);
    for (size_t panel = panels.first; panel < panels.end;) {
        size_t end = (panel * LANES / parameters->length + 1) * parameters->length / LANES;
        if (end > panels.end) end = panels.end;
        inputs.parameters = parameters_at(parameters, panel * LANES);
        switch (plane->coding->bits) {
        case 2: prepare_band(rows, 2, plane, x, view, factors, &inputs); break;
        case 4: prepare_band(rows, 4, plane, x, view, factors, &inputs); break;
        default: prepare_band(rows, 8, plane, x, view, factors, &inputs); break;
        }
        for (; panel + TILE_PANELS <= end; panel += TILE_PANELS) {
            multiply_tiles(TILE_PANELS, rows, plane, codes, panel, x, view, factors, is_simple, &inputs, to);
        }
        for (; panel < end; panel++) {
            multiply_tiles(1, rows, plane, codes, panel, x, view, factors, is_simple, &inputs, to);
        }
    }
}

#endif
