// Attention over pages, written once for every instruction set on the 16 lanes of lanes.h.
//
// Softmax is computed online (M. Milakov and N. Gimelshein, arXiv:1805.02867), page after page, with scores
// times the binary logarithm of e:
//
//     m' = max(m, M), M = max s_j         c = 2^(m - m')      w = 2^(M - m')      p_j = 2^(s_j - M)
//     l' = c l + w sum p_j                a' = c a + w sum p_j v_j
//
// over values that are held as codes; over numbers p_j = 2^(s_j - m'), and w is 1. States of separate runs of
// pages are merged the same way (T. Dao et al., Flash-Decoding). Every sum has one order, fixed by positions
// alone, or is one of integers, so that a row's bits don't depend on its neighbours:
//
//     a score      over dimensions, ascending, from zero: one fma each; over codes as in coded_products.h
//     l            by lane: slot mod 16, pages ascending; across lanes in lanes_sum's tree, when states merge
//     a            by dimension: c a, then over slots, ascending: one fma each; over codes likewise
//
// A page is shown to bands of up to 96 rows (page_visit.h), and their products are made in tiles of as many
// rows and panels as the registers can hold sums of: `rows` numbers are broadcast, one per row, and multiply
// vectors of 16 that lie one after another in a panel; no sum ever runs across lanes in an inner loop.
//
// A slot a row can't see takes no part: its score is replaced (not added to) before anything reads it, its
// probability beside others is nothing, and the loop over values leaves it out. So what lies there (tokens of
// a later position, leftovers) may be NaN.
//
// Included after the target pragma; the including file defines TILE_PANELS, the panels a tile of 6 rows can
// take at once with its sums in registers, and HAS_HALF_CONVERSION where the instruction set converts
// binary16.

#include "attention_scores.h"
#include "compressive_memory.h"
#include "fetching.h"
#include "include/nuthatch_attention.h"
#include "page_planes.h"
#include "page_visit.h"

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
    int row_count = (int)(rows->token_count * rows->head_count);
    float *scores = scratch;
    float *keys = scores + BAND_ROWS * plane->page_length;
    float *values = keys + nuthatch_padded_dimension(plane->key_dimension) * plane->page_length;
    float *parameters = values + nuthatch_padded_dimension(plane->value_dimension) * plane->page_length;
    float *products = parameters + nuthatch_parameter_count(plane);
    int band_count = part_count(row_count, BAND_ROWS);
    size_t tile_count = 0;
    for (int band = 0; band < band_count; band++) {
        int count = part_start(row_count, BAND_ROWS, band + 1) - part_start(row_count, BAND_ROWS, band);
        tile_count += (size_t)part_count(count, TILE_ROWS);
    }
    struct place_plan plan = plan_places(plane);
    struct shaping shaping = shaping_of(rows);
    struct band band;
    band.rows = 0;
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
        widen_page(&page, start, plane, (size_t)row_count, seen, keys, values, parameters);
        for (int part = 0; part < band_count; part++) {
            int first = part_start(row_count, BAND_ROWS, part);
            int count = part_start(row_count, BAND_ROWS, part + 1) - first;
            if (band.rows != count || band.first_row != (size_t)first) {
                gather_rows(rows, (size_t)first, count, plane->key_dimension, &band);
            }
            look_at_page(rows, plane->page_length, position, &band);
            if (!is_empty(band.view.all)) visit(&band, &shaping, plane, &page, scores);
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
        // A row that saw only scores of -infinity, or nothing, has no mean.
        if (state[MAXIMUM] == -__builtin_inff()) sum = lanes_fill(__builtin_nanf(""));
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
