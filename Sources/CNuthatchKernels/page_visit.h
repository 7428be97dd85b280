// One page shown to a band of rows: scores with its keys, softmax, sums of its values; each side held as
// numbers, as codes, or, where enough rows share the work, widened before.
//
// Included after the target pragma.

#ifndef NUTHATCH_PAGE_VISIT_H
#define NUTHATCH_PAGE_VISIT_H

#include "attention_scores.h"
#include "band_products.h"
#include "coded_products.h"
#include "page_planes.h"
#include "tile_products.h"
#include "values_in_keys.h"

enum {
    // From this many rows on, a page is widened to floats first. Widening costs two instructions per vector
    // and, as a part of a tile, is paid once per 6 rows; done first it is paid once, but costs a store and a
    // load.
    WIDEN_ROWS = 13,
    // From this many on, codes are widened to pairs.
    PAIR_ROWS = 7,
};

struct page {
    const void *keys;
    const void *values;
    struct places keys_ahead;
    struct places values_ahead;
    struct share *share;
    enum nuthatch_storage key_storage;
    enum nuthatch_storage value_storage;
    // Where it holds codes.
    struct coded_plane coded_keys;
    struct coded_plane coded_values;
    struct plane_parameters key_parameters;
    struct plane_parameters value_parameters;
    // The same in pairs, else NULL.
    const int32_t *paired_keys;
    const int32_t *paired_values;
    float *scratch;
};

// Products of rows with a page's codes, a few rows at a time where they lie as they are, all together where
// they have been widened to pairs.
static void multiply_codes(int rows, const struct coded_plane *plane,
                           const struct plane_parameters *parameters, const int32_t *pairs,
                           const struct places *ahead, const float *const *x, const struct view *view,
                           struct interval panels, const float *factors, const struct product_target *to,
                           float *scratch) {
    if (pairs != NULL) {
        multiply_band(rows, view, plane, parameters, pairs, x, panels, factors, to, scratch);
        return;
    }
    for (int part = 0; part < part_count(rows, PRODUCT_ROWS); part++) {
        int first = part_start(rows, PRODUCT_ROWS, part);
        int count = part_start(rows, PRODUCT_ROWS, part + 1) - first;
        struct view seen = part_of(view, first, count);
        struct product_target target = target_from(to, first);
        multiply_plane(count, plane, parameters, first == 0 ? ahead : NULL, x + first, &seen, panels,
                       factors + first, &target, scratch);
    }
}

// Products with a page's keys, times a factor.
static void score_codes(const struct band *band, const struct page *page, struct interval panels,
                        float factor, const struct product_target *to) {
    float factors[BAND_ROWS];
    for (int row = 0; row < band->rows; row += LANES) lanes_store(factors + row, lanes_fill(factor));
    struct view view = {.all = {0, page->coded_keys.dimension}, .is_same = 1};
    multiply_codes(band->rows, &page->coded_keys, &page->key_parameters, page->paired_keys, &page->keys_ahead,
                   band->queries, &view, panels, factors, to, page->scratch);
}

static void score_numbers(const struct band *band, const struct page *page, struct interval panels,
                          float factor, size_t dimension, const struct product_target *to) {
    for (int tile = 0; tile < part_count(band->rows, TILE_ROWS); tile++) {
        int first = part_start(band->rows, TILE_ROWS, tile);
        struct product_target target = target_from(to, first);
        score(part_start(band->rows, TILE_ROWS, tile + 1) - first, page->key_storage, band->queries + first,
              page->keys, &page->keys_ahead, panels, dimension, factor, &target);
    }
}

// accumulators = corrections * accumulators + weights * probabilities x values, for the rows that see any.
static void accumulate_codes(const struct band *band, const struct page *page,
                             const float *const *probabilities, const struct softening *softening) {
    const struct coded_plane *values = &page->coded_values;
    struct interval panels = {0, nuthatch_padded_dimension(values->dimension) / LANES};
    size_t stride = panels.end * LANES;
    struct product_target to = {.out = page->scratch,
                                .stride = stride,
                                .states = band->states,
                                .corrections = softening->corrections};
    multiply_codes(band->rows, values, &page->value_parameters, page->paired_values, &page->values_ahead,
                   probabilities, &band->view, panels, softening->weights, &to,
                   page->scratch + BAND_ROWS * stride);
}

// Adds the values that each row of a tile of a band sees. Where the rows see different slots, those that all
// see go through the tile together, and each row takes the few before and after alone, in order.
static void accumulate_tile_visible(const struct band *band, int first, int count,
                                    const struct nuthatch_head_plane *plane, const struct page *page,
                                    const float *const *probabilities, const float *corrections) {
    struct view view = part_of(&band->view, first, count);
    float *accumulators[TILE_ROWS];
    float ones[TILE_ROWS];
    struct interval common = seen_by(&view, 0);
    int is_ragged = 0;
    for (int row = 0; row < count; row++) {
        struct interval slots = seen_by(&view, row);
        accumulators[row] = band->states[first + row] + HEADER;
        ones[row] = 1;
        is_ragged |= slots.first != common.first || slots.end != common.end;
        if (slots.first > common.first) common.first = slots.first;
        if (slots.end < common.end) common.end = slots.end;
    }
    size_t panels = (plane->value_dimension + LANES - 1) / LANES;
#define ACCUMULATE_ROWS(ROWS, FIRST, CORRECTIONS, SLOTS)                                                     \
    accumulate(ROWS, page->value_storage, probabilities + (FIRST), CORRECTIONS, page->values,                \
               &page->values_ahead, page->share, panels, plane->page_length, SLOTS, accumulators + (FIRST))
    if (!is_ragged) {
        ACCUMULATE_ROWS(count, 0, corrections, common);
        return;
    }
    if (common.end < common.first) common.end = common.first;
    for (int row = 0; row < count; row++) {
        struct interval slots = seen_by(&view, row);
        if (is_empty(slots)) continue;
        if (common.first < common.end) slots.end = common.first;
        ACCUMULATE_ROWS(1, row, corrections + row, slots);
    }
    if (common.first == common.end) return;
    ACCUMULATE_ROWS(count, 0, ones, common);
    for (int row = 0; row < count; row++) {
        struct interval slots = {common.end, seen_by(&view, row).end};
        if (!is_empty(slots)) ACCUMULATE_ROWS(1, row, ones + row, slots);
    }
#undef ACCUMULATE_ROWS
}

static void accumulate_visible(const struct band *band, const struct nuthatch_head_plane *plane,
                               const struct page *page, const float *scores,
                               const struct softening *softening) {
    const float *probabilities[BAND_ROWS];
    for (int row = 0; row < band->rows; row++) {
        probabilities[row] = scores + (size_t)row * plane->page_length;
    }
    if (page->value_storage == NUTHATCH_STORAGE_CODES) {
        accumulate_codes(band, page, probabilities, softening);
        return;
    }
    for (int tile = 0; tile < part_count(band->rows, TILE_ROWS); tile++) {
        int first = part_start(band->rows, TILE_ROWS, tile);
        accumulate_tile_visible(band, first, part_start(band->rows, TILE_ROWS, tile + 1) - first, plane, page,
                                probabilities + first, softening->corrections + first);
    }
}

// Shows one page to a band.
static void visit(struct band *band, const struct shaping *shaping, const struct nuthatch_head_plane *plane,
                  const struct page *page, float *scores) {
    struct interval panels = {band->view.all.first / LANES, (band->view.all.end + LANES - 1) / LANES};
    struct product_target to = {
        .out = scores, .stride = plane->page_length, .largest = band->largest, .first_panel = panels.first};
    if (page->key_storage == NUTHATCH_STORAGE_CODES) {
        score_codes(band, page, panels, shaping->factor, &to);
    } else {
        score_numbers(band, page, panels, shaping->factor, plane->key_dimension, &to);
    }
    struct softening softening;
    if (page->value_storage == NUTHATCH_STORAGE_CODES) {
        soften(band, shaping, REFERENCE_PAGE, scores, plane->page_length, &softening);
    } else {
        soften(band, shaping, REFERENCE_ROW, scores, plane->page_length, &softening);
    }
    accumulate_visible(band, plane, page, scores, &softening);
}

// Widens the parameters of codes, and what any of `row_count` rows sees of the rest where enough of them
// share the work; always where values have to be taken out of keys.
static void widen_page(struct page *page, const void *start, const struct nuthatch_head_plane *plane,
                       size_t row_count, struct interval seen, float *keys, float *values,
                       float *parameters) {
    int is_paired = row_count >= PAIR_ROWS;
    struct interval all_dimensions = {0, plane->key_dimension};
    struct interval key_panels = {seen.first / LANES, (seen.end + LANES - 1) / LANES};
    struct interval value_panels = {0, nuthatch_padded_dimension(plane->value_dimension) / LANES};
    if (page->key_storage == NUTHATCH_STORAGE_CODES) {
        page->key_parameters = place_parameters(&page->coded_keys, parameters);
        widen_parameters(&page->coded_keys, key_panels, &page->key_parameters);
        if (is_paired) {
            pair_codes(&page->coded_keys, key_panels, all_dimensions, (int32_t *)keys);
            page->paired_keys = (const int32_t *)keys;
        }
    }
    if (plane->holds_values_in_keys) {
        if (page->key_storage != NUTHATCH_STORAGE_F32 && page->key_storage != NUTHATCH_STORAGE_CODES) {
            widen_keys(start, plane, seen, keys);
            page->keys = keys;
            page->key_storage = NUTHATCH_STORAGE_F32;
        }
        take_values(page->keys, page->key_storage, &page->coded_keys, plane, seen, values);
        page->values = values;
        page->value_storage = NUTHATCH_STORAGE_F32;
        return;
    }
    if (page->value_storage == NUTHATCH_STORAGE_CODES) {
        page->value_parameters =
            place_parameters(&page->coded_values, parameters + nuthatch_key_parameter_count(plane));
        widen_parameters(&page->coded_values, value_panels, &page->value_parameters);
        if (is_paired) {
            pair_codes(&page->coded_values, value_panels, seen, (int32_t *)values);
            page->paired_values = (const int32_t *)values;
        }
    }
    if (row_count < WIDEN_ROWS) return;
    if (page->key_storage == NUTHATCH_STORAGE_F16 || page->key_storage == NUTHATCH_STORAGE_BF16) {
        widen_keys(start, plane, seen, keys);
        page->keys = keys;
        page->key_storage = NUTHATCH_STORAGE_F32;
    }
    if (page->value_storage == NUTHATCH_STORAGE_F16 || page->value_storage == NUTHATCH_STORAGE_BF16) {
        widen_values(start, plane, seen, values);
        page->values = values;
        page->value_storage = NUTHATCH_STORAGE_F32;
    }
}

#endif
