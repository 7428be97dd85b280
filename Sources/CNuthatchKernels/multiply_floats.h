// Rows of floats times panels of floats. Body shared by every table; see lanes.h.
//
// The order of an output's sum, whatever the row count and table: inputs in chunks of 256; inside a chunk one
// chain of fma from zero, input by input; chunks added to the total in order. Summing by chunks keeps the
// rounding error near that of 256 terms, and a chunk of a panel (16 KiB of float32) stays in the first-level
// cache while rows pass.
//
// The including file defines MANY_ROWS and MANY_ROWS_PANELS (accumulators of its register tile for many rows)
// and ONE_ROW_PANELS (independent chains for one row: an fma takes 4 cycles and two can start in each).

#include "lanes.h"
#include "nuthatch_kernels.h"
#include "panels_ahead.h"

enum { CHUNK_LENGTH = 256 };

LANES_INLINE lanes widened_bfloat(uint_lanes pair, size_t which) {
    return (lanes)(which == 0 ? pair << 16 : pair & 0xffff0000u);
}

// Input `input` of a panel, all 16 outputs.
LANES_INLINE lanes panel_input(enum nuthatch_layout layout, const uint8_t *panel, size_t input) {
    if (layout == NUTHATCH_FLOAT32) {
        lanes value;
        memcpy(&value, panel + input * sizeof(lanes), sizeof(value));
        return value;
    }
    if (layout == NUTHATCH_FLOAT16) {
        half_lanes halves;
        memcpy(&halves, panel + input * sizeof(half_lanes), sizeof(halves));
        return LANES_FROM_HALF(halves);
    }
    uint_lanes pair;
    memcpy(&pair, panel + input / 2 * sizeof(uint_lanes), sizeof(pair));
    return widened_bfloat(pair, input % 2);
}

LANES_INLINE void float_tile(enum nuthatch_layout layout, const uint8_t *panels, size_t panel_byte_count,
                             int panel_count, const float *rows, size_t row_stride, int row_count,
                             size_t input_count, const struct panel_ahead *ahead, lanes *totals) {
    for (size_t start = 0; start < input_count; start += CHUNK_LENGTH) {
        size_t end = start + CHUNK_LENGTH < input_count ? start + CHUNK_LENGTH : input_count;
        lanes sums[MANY_ROWS * MANY_ROWS_PANELS > ONE_ROW_PANELS ? MANY_ROWS * MANY_ROWS_PANELS
                                                                 : ONE_ROW_PANELS];
#pragma clang loop unroll(full)
        for (int i = 0; i < row_count * panel_count; i++) sums[i] = lanes_fill(0);
        for (size_t input = start; input < end; input++) {
            if (ahead != NULL && input % NUTHATCH_BLOCK_LENGTH == 0) {
                size_t block = input / NUTHATCH_BLOCK_LENGTH;
                for (int p = 0; p < panel_count; p++) fetch_ahead(&ahead[p], block);
            }
#pragma clang loop unroll(full)
            for (int p = 0; p < panel_count; p++) {
                lanes weights = panel_input(layout, panels + (size_t)p * panel_byte_count, input);
#pragma clang loop unroll(full)
                for (int r = 0; r < row_count; r++) {
                    lanes x = lanes_fill(rows[(size_t)r * row_stride + input]);
                    sums[p * row_count + r] = lanes_fma(weights, x, sums[p * row_count + r]);
                }
            }
        }
#pragma clang loop unroll(full)
        for (int i = 0; i < row_count * panel_count; i++) {
            totals[i] = start == 0 ? sums[i] : totals[i] + sums[i];
        }
    }
}

// One tile: panels first .. first + panel_count - 1 by row_count rows, stored as far as outputs exist. Asks
// for as many panels `ahead`, unless NULL.
LANES_INLINE void float_tile_stored(enum nuthatch_layout layout, const struct nuthatch_panels *weights,
                                    size_t first_panel, int panel_count, const struct panel_ahead *ahead,
                                    const float *rows, size_t row_stride, int row_count, float *output,
                                    size_t output_stride) {
    lanes
        totals[MANY_ROWS * MANY_ROWS_PANELS > ONE_ROW_PANELS ? MANY_ROWS * MANY_ROWS_PANELS : ONE_ROW_PANELS];
    float_tile(layout, weights->base + first_panel * weights->panel_byte_count, weights->panel_byte_count,
               panel_count, rows, row_stride, row_count, weights->input_count, ahead, totals);
    for (int p = 0; p < panel_count; p++) {
        size_t column = (first_panel + (size_t)p) * NUTHATCH_PANEL_WIDTH;
        size_t width = weights->output_count - column;
        for (int r = 0; r < row_count; r++) {
            float *to = output + (size_t)r * output_stride + column;
            if (width >= LANES) {
                lanes_store(to, totals[p * row_count + r]);
            } else {
                lanes_store_some(to, totals[p * row_count + r], width);
            }
        }
    }
}

// Panels first .. end - 1 by the next `row_count` rows, `at_once` panels in a tile.
LANES_INLINE void multiply_rows(enum nuthatch_layout layout, const struct nuthatch_panels *weights,
                                size_t first_panel, size_t end, const struct panel_ahead *ahead, int at_once,
                                const float *rows, size_t row_stride, int row_count, float *output,
                                size_t output_stride) {
#define TILES(count)                                                                                         \
    for (; panel + (size_t)(count) <= end; panel += (size_t)(count)) {                                       \
        float_tile_stored(layout, weights, panel, count, ahead ? ahead + (panel - first_panel) : NULL, rows, \
                          row_stride, row_count, output, output_stride);                                     \
    }
    size_t panel = first_panel;
    TILES(at_once)
    TILES(1)
#undef TILES
}

// Some panels, all rows: the panels stay in the first-level cache while the rows pass. The first rows ask for
// what lies ahead.
LANES_INLINE void multiply_group(enum nuthatch_layout layout, const struct nuthatch_panels *weights,
                                 size_t first_panel, size_t end, const struct panel_ahead *ahead,
                                 const float *rows, size_t row_stride, size_t row_count, float *output,
                                 size_t output_stride) {
    size_t row = 0;
#define ROWS(count, at_once)                                                                                 \
    for (; row + (count) <= row_count; row += (count), ahead = NULL) {                                       \
        multiply_rows(layout, weights, first_panel, end, ahead, at_once, rows + row * row_stride,            \
                      row_stride, count, output + row * output_stride, output_stride);                       \
    }
    ROWS(MANY_ROWS, MANY_ROWS_PANELS)
    ROWS(MANY_ROWS / 2, MANY_ROWS_PANELS)
    ROWS(1, ONE_ROW_PANELS)
#undef ROWS
}

LANES_INLINE void multiply_floats_of(enum nuthatch_layout layout, const struct nuthatch_panels *weights,
                                     size_t first_panel, size_t panel_count, const float *rows,
                                     size_t row_stride, size_t row_count, float *output,
                                     size_t output_stride) {
    enum { GROUP = 4 };
    size_t end = first_panel + panel_count;
    for (size_t panel = first_panel; panel < end; panel += GROUP) {
        struct panel_ahead ahead[GROUP];
        for (size_t p = 0; p < GROUP; p++) ahead[p] = panel_ahead(weights, panel + GROUP + p, end);
        multiply_group(layout, weights, panel, panel + GROUP < end ? panel + GROUP : end, ahead, rows,
                       row_stride, row_count, output, output_stride);
    }
}

static void multiply_floats(const struct nuthatch_panels *weights, size_t first_panel, size_t panel_count,
                            const float *rows, size_t row_stride, size_t row_count, float *output,
                            size_t output_stride) {
    switch (weights->layout) {
        case NUTHATCH_FLOAT32:
            multiply_floats_of(NUTHATCH_FLOAT32, weights, first_panel, panel_count, rows, row_stride,
                               row_count, output, output_stride);
            break;
        case NUTHATCH_FLOAT16:
            multiply_floats_of(NUTHATCH_FLOAT16, weights, first_panel, panel_count, rows, row_stride,
                               row_count, output, output_stride);
            break;
        case NUTHATCH_BFLOAT16:
            multiply_floats_of(NUTHATCH_BFLOAT16, weights, first_panel, panel_count, rows, row_stride,
                               row_count, output, output_stride);
            break;
        default:
            break;
    }
}
