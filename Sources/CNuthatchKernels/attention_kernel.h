// Attention over pages, written once for every instruction set on the 16 lanes of lanes.h.
//
// Softmax is computed online (M. Milakov and N. Gimelshein, arXiv:1805.02867), page after page:
//
//     m' = max(m, max of the page's scores)       c = exp(m - m')       p_j = exp(s_j - m')
//     l' = c l + sum p_j                          a' = c a + sum p_j v_j
//
// and states of separate runs of pages are merged the same way (T. Dao et al., Flash-Decoding). Every sum has
// one order, fixed by positions alone, so that a row's bits don't depend on its neighbours in a tile:
//
//     a score      over dimensions, ascending, from zero: one fma each
//     l            by lane: slot mod 16, pages ascending; across lanes in lanes_sum's tree, when states merge
//     a            by dimension: c a, then over slots, ascending: one fma each
//
// Both products walk the same way: `rows` numbers are broadcast, one per row, and multiply vectors of 16 that
// lie one after another in a panel; no sum ever runs across lanes in an inner loop.
//
// A slot a row can't see takes no part at all: its score is replaced (not added to) before anything reads it,
// and the loop over values leaves it out. So what lies there (tokens of a later position, leftovers) may be
// NaN.
//
// Included after the target pragma; the including file defines TILE_PANELS, the panels a tile of 6 rows can
// take at once with its sums in registers, and HAS_HALF_CONVERSION where the instruction set converts
// binary16.

#include "attention_lanes.h"
#include "attention_scores.h"
#include "coded_products.h"
#include "compressive_memory.h"
#include "fetching.h"
#include "include/nuthatch_attention.h"
#include "page_planes.h"
#include "tile_products.h"
#include "values_in_keys.h"

enum {
    // From this many rows on, a page is widened to floats first. Widening costs two instructions per vector
    // and, as a part of a tile, is paid once per 6 rows; done first it is paid once, but costs a store and a
    // load.
    WIDEN_ROWS = 13,
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
    float *scratch;
};

// Rows of a tile from the first-th on that go through codes together: as even parts as can be.
LANES_INLINE int product_rows(int first, int rows) {
    int parts = (rows + PRODUCT_ROWS - 1) / PRODUCT_ROWS;
    int left = rows - first;
    int size = (rows + parts - 1) / parts;
    return left < size ? left : size;
}

static void score_codes(int rows, const float *const *queries, const struct page *page,
                        struct interval panels, float *scores, size_t score_stride) {
    const struct coded_plane *keys = &page->coded_keys;
    struct interval seen[PRODUCT_ROWS];
    for (int row = 0; row < PRODUCT_ROWS; row++) seen[row] = (struct interval){0, keys->dimension};
    for (int row = 0; row < rows;) {
        int count = product_rows(row, rows);
        multiply_plane(count, keys, row == 0 ? &page->keys_ahead : NULL, queries + row, seen, panels,
                       scores + (size_t)row * score_stride, score_stride, page->scratch);
        row += count;
    }
}

// accumulators = corrections * accumulators + probabilities x values, for the rows that see any.
static void accumulate_codes(const struct tile *tile, const struct page *page,
                             const float *const *probabilities, const float *corrections,
                             float *const *accumulators) {
    const struct coded_plane *values = &page->coded_values;
    struct interval panels = {0, nuthatch_padded_dimension(values->dimension) / LANES};
    size_t stride = panels.end * LANES;
    float *sums = page->scratch;
    for (int first = 0; first < tile->rows;) {
        int count = product_rows(first, tile->rows);
        multiply_plane(count, values, first == 0 ? &page->values_ahead : NULL, probabilities + first,
                       tile->slots + first, panels, sums, stride, sums + PRODUCT_ROWS * stride);
        for (int row = 0; row < count; row++) {
            if (is_empty(tile->slots[first + row])) continue;
            lanes correction = lanes_fill(corrections[first + row]);
            float *to = accumulators[first + row];
            for (size_t index = 0; index < stride; index += LANES) {
                lanes sum = lanes_load(sums + (size_t)row * stride + index);
                lanes_store(to + index, lanes_fma(lanes_load(to + index), correction, sum));
            }
        }
        first += count;
    }
}

// Adds the values that each row of a tile sees. Where the rows see different slots, those that all see go
// through the tile together, and each row takes the few before and after alone, in order.
static void accumulate_visible(const struct tile *tile, const struct nuthatch_head_plane *plane,
                               const struct page *page, const float *scores, const float *corrections) {
    const float *probabilities[TILE_ROWS];
    float *accumulators[TILE_ROWS];
    float ones[TILE_ROWS];
    struct interval common = tile->slots[0];
    int is_ragged = 0;
    for (int row = 0; row < tile->rows; row++) {
        struct interval slots = tile->slots[row];
        probabilities[row] = scores + (size_t)row * plane->page_length;
        accumulators[row] = tile->states[row] + HEADER;
        ones[row] = 1;
        is_ragged |= slots.first != common.first || slots.end != common.end;
        if (slots.first > common.first) common.first = slots.first;
        if (slots.end < common.end) common.end = slots.end;
    }
    if (page->value_storage == NUTHATCH_STORAGE_CODES) {
        accumulate_codes(tile, page, probabilities, corrections, accumulators);
        return;
    }
    size_t panels = (plane->value_dimension + LANES - 1) / LANES;
    if (!is_ragged) {
        accumulate(tile->rows, page->value_storage, probabilities, corrections, page->values,
                   &page->values_ahead, page->share, panels, plane->page_length, common, accumulators);
        return;
    }
    if (common.end < common.first) common.end = common.first;
    for (int row = 0; row < tile->rows; row++) {
        struct interval slots = tile->slots[row];
        if (is_empty(slots)) continue;
        if (common.first < common.end) slots.end = common.first;
        accumulate(1, page->value_storage, probabilities + row, corrections + row, page->values,
                   &page->values_ahead, page->share, panels, plane->page_length, slots, accumulators + row);
    }
    if (common.first == common.end) return;
    accumulate(tile->rows, page->value_storage, probabilities, ones, page->values, &page->values_ahead,
               page->share, panels, plane->page_length, common, accumulators);
    for (int row = 0; row < tile->rows; row++) {
        struct interval slots = {common.end, tile->slots[row].end};
        if (is_empty(slots)) continue;
        accumulate(1, page->value_storage, probabilities + row, ones + row, page->values, &page->values_ahead,
                   page->share, panels, plane->page_length, slots, accumulators + row);
    }
}

// Shows one page to up to TILE_ROWS rows.
static void visit(const struct nuthatch_attention_rows *rows, size_t first_row, int row_count,
                  const struct nuthatch_head_plane *plane, const struct page *page, int64_t page_position,
                  float *scores) {
    struct tile tile = {.rows = row_count};
    const struct nuthatch_distance_bias *bias = &rows->bias;
    struct interval seen = {plane->page_length, 0};
    size_t token = first_row / rows->head_count, head = first_row % rows->head_count;
    struct interval slots = visible_slots(rows, token, page_position, plane->page_length);
    for (int row = 0; row < row_count; row++, head++) {
        if (head == rows->head_count) {
            head = 0;
            token++;
            slots = visible_slots(rows, token, page_position, plane->page_length);
        }
        tile.slots[row] = slots;
        tile.queries[row] = rows->queries + token * rows->query_stride + head * plane->key_dimension;
        tile.states[row] = rows->states + (first_row + (size_t)row) * rows->state_stride;
        tile.biases[row] = bias->values == NULL
                               ? NULL
                               : bias->values + head * bias->stride + (size_t)bias->reach + LANES;
        tile.distances[row] = page_position - rows->first_position - (int64_t)token;
        if (is_empty(slots)) continue;
        if (slots.first < seen.first) seen.first = slots.first;
        if (slots.end > seen.end) seen.end = slots.end;
    }
    if (is_empty(seen)) return;
    struct interval panels = {seen.first / LANES, (seen.end + LANES - 1) / LANES};
    if (page->key_storage == NUTHATCH_STORAGE_CODES) {
        score_codes(row_count, tile.queries, page, panels, scores, plane->page_length);
    } else {
        score(row_count, page->key_storage, tile.queries, page->keys, &page->keys_ahead, panels,
              plane->key_dimension, scores, plane->page_length);
    }
    float corrections[LANES];
    soften(&tile, rows, scores, plane->page_length, corrections);
    accumulate_visible(&tile, plane, page, scores, corrections);
}

// Widens what any of `row_count` rows sees, where enough of them share the work; always where values have to
// be taken out of keys.
static void widen_page(struct page *page, const void *start, const struct nuthatch_head_plane *plane,
                       size_t row_count, struct interval seen, float *keys, float *values) {
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

static void attention_begin(float *states, size_t state_stride, size_t row_count, size_t value_dimension) {
    for (size_t row = 0; row < row_count; row++) {
        float *state = states + row * state_stride;
        lanes_store(state, lanes_fill(0));
        lanes_store(state + MAXIMUM, lanes_fill(-__builtin_inff()));
        for (size_t index = 0; index < value_dimension; index += LANES) {
            lanes_store(state + HEADER + index, lanes_fill(0));
        }
    }
}

static void attention_extend(const struct nuthatch_attention_rows *rows,
                             const struct nuthatch_attention_pages *pages, float *scratch) {
    const struct nuthatch_head_plane *plane = &pages->plane;
    size_t row_count = rows->token_count * rows->head_count;
    float *scores = scratch;
    float *keys = scores + TILE_ROWS * plane->page_length;
    float *values = keys + plane->key_dimension * plane->page_length;
    float *products = values + nuthatch_padded_dimension(plane->value_dimension) * plane->page_length;
    // Tiles as even as can be: 7 rows as 4 + 3, not as 6 + 1.
    size_t tile_count = (row_count + TILE_ROWS - 1) / TILE_ROWS;
    struct place_plan plan = plan_places(plane);
    for (size_t index = 0; index < pages->page_count; index++) {
        int64_t position = pages->first_position + (int64_t)(index * plane->page_length);
        struct interval seen = {visible_slots(rows, 0, position, plane->page_length).first,
                                visible_slots(rows, rows->token_count - 1, position, plane->page_length).end};
        if (is_empty(seen)) continue;
        const char *start = pages->pages[index];
        struct share share = {.step = 0};
        struct page page = {.keys = start + plane->key_offset,
                            .values = start + plane->value_offset,
                            .keys_ahead = places_ahead(pages, &plan, index),
                            .share = &share,
                            .key_storage = plane->key_storage,
                            .value_storage = plane->value_storage,
                            .coded_keys = coded_keys(start, plane),
                            .coded_values = coded_values(start, plane),
                            .scratch = products};
        page.values_ahead = places_further(page.keys_ahead, plan.key_byte_count);
        if (plane->holds_values_in_keys && plane->key_storage != NUTHATCH_STORAGE_CODES) {
            // Tiles go through floats, whose loops ask for too much or nothing.
            share = share_of(&page.keys_ahead, PLACES * plan.byte_count,
                             tile_count * (nuthatch_padded_dimension(plane->value_dimension) / LANES));
        }
        widen_page(&page, start, plane, row_count, seen, keys, values);
        for (size_t tile = 0; tile < tile_count; tile++) {
            size_t first = row_count * tile / tile_count;
            size_t end = row_count * (tile + 1) / tile_count;
            visit(rows, first, (int)(end - first), plane, &page, position, scores);
        }
    }
}

static void attention_fold(float *into, const float *from, size_t state_stride, size_t row_count,
                           size_t value_dimension) {
    for (size_t row = 0; row < row_count; row++, into += state_stride, from += state_stride) {
        float sum = lanes_sum(lanes_load(from));
        float before = into[MAXIMUM];
        float found = from[MAXIMUM];
        // A row that saw nothing there must not change, not even the sign of a zero.
        if (found == -__builtin_inff() && sum == 0) continue;
        int is_first = before == -__builtin_inff() && into[0] == 0;
        float now = before > found ? before : found;
        float reference = now == -__builtin_inff() ? 0 : now;
        lanes old_factor = lanes_probability(lanes_fill(before - reference));
        lanes new_factor = lanes_probability(lanes_fill(found - reference));
        into[MAXIMUM] = now;
        // Merged states keep their sum in lane 0.
        into[0] = __builtin_fmaf(sum, new_factor[0], into[0] * old_factor[0]);
        for (size_t index = HEADER; index < HEADER + value_dimension; index += LANES) {
            lanes found_part = lanes_load(from + index);
            lanes old_part = lanes_load(into + index) * old_factor;
            lanes_store(into + index, is_first ? found_part : lanes_fma(found_part, new_factor, old_part));
        }
    }
}

static void attention_finish(const float *states, size_t state_stride, size_t token_count, size_t head_count,
                             size_t value_dimension, float *output, size_t output_stride) {
    for (size_t row = 0; row < token_count * head_count; row++) {
        const float *state = states + row * state_stride;
        float *to = output + row / head_count * output_stride + row % head_count * value_dimension;
        lanes sum = lanes_fill(lanes_sum(lanes_load(state)));
        for (size_t index = 0; index < value_dimension; index += LANES) {
            lanes result = lanes_load(state + HEADER + index) / sum;
            size_t left = value_dimension - index;
            if (left >= LANES) {
                lanes_store(to + index, result);
            } else {
                lanes_store_some(to + index, result, left);
            }
        }
    }
}

#define ATTENTION_TABLE(NAME)                                                                                \
    {.name = NAME,                                                                                           \
     .begin = attention_begin,                                                                               \
     .extend = attention_extend,                                                                             \
     .fold = attention_fold,                                                                                 \
     .finish = attention_finish,                                                                             \
     .recall = memory_recall,                                                                                \
     .remember = memory_remember,                                                                            \
     .write_keys = attention_write_keys,                                                                     \
     .write_values = attention_write_values,                                                                 \
     .widen = widen,                                                                                         \
     .seal = seal,                                                                                           \
     .read_plane = read_plane}
