// Rows by packed matrices: the shapes and row counts of MultiplicationTests.swift, where every register tile
// and every tail occurs, by all panels at once or some at a time.

#include <string.h>

#include "matrices.h"
#include "operations.h"

static const size_t row_counts[] = {1, 2, 3, 4, 5, 7, 8, 9, 14, 17};
enum { MAXIMUM_ROWS = 17, INPUT_PADDING = 3, OUTPUT_PADDING = 5 };

static const char *const kind_names[] = {"numbers", "special numbers", "extremes"};

// Wide and narrow rows, one of zeros; of extremes, rows that are quantised to nothing but 127 and -127.
static float *sample_activations(struct samples *samples, size_t column_count, enum matrix_kind kind) {
    size_t stride = column_count + INPUT_PADDING;
    float *rows = untouched_floats(MAXIMUM_ROWS * stride, 1);
    for (size_t row = 0; row < MAXIMUM_ROWS; row++) {
        float size = row == 2 ? 0 : row % 3 == 0 ? 30 : 0.3f;
        sample_floats(samples, rows + row * stride, column_count, -size, size);
        if (kind == MATRIX_SPECIAL) {
            scatter_specials(samples, rows + row * stride, column_count, row % 4 == 0 ? 9 : 400);
        }
        for (size_t column = 0; column < column_count && kind == MATRIX_EXTREME; column++) {
            size_t period = row % 5;
            rows[row * stride + column] = period != 0 && column / period % 2 == 1 ? -size : size;
        }
    }
    return rows;
}

static void add_blocks(struct record *record, const struct nuthatch_activation_block *blocks, size_t count) {
    for (size_t index = 0; index < count; index++, blocks++) {
        add_bytes(record, blocks->codes, sizeof(blocks->codes));
        add_floats(record, &blocks->scale, 1);
        add_floats(record, &blocks->scaled_sum, 1);
        add_floats(record, blocks->scaled_half_sums, 2);
        add_bytes(record, &blocks->centre, 4 * sizeof(int32_t));
    }
}

static void quantize_rows(const struct tables *tables, struct record *record, int choice) {
    (void)choice;
    static const size_t column_counts[] = {1, 15, 16, 31, 32, 33, 64, 100, 577};
    for (size_t index = 0; index < sizeof(column_counts) / sizeof(column_counts[0]); index++) {
        size_t columns = column_counts[index], stride = columns + INPUT_PADDING;
        size_t row_blocks = (columns + NUTHATCH_BLOCK_LENGTH - 1) / NUTHATCH_BLOCK_LENGTH;
        size_t block_count = row_blocks * MAXIMUM_ROWS;
        for (int kind = 0; kind < MATRIX_KIND_COUNT; kind++) {
            struct samples samples = {columns};
            const float *rows = sample_activations(&samples, columns, (enum matrix_kind)kind);
            // One more than there are: the one behind has to stay as it is.
            struct nuthatch_activation_block *blocks = zeroed_bytes((block_count + 1) * sizeof(*blocks));
            begin_case(record, "%zu columns, %s", columns, kind_names[kind]);
            // Row by row, for a table may lay out 16 rows its own way.
            for (size_t row = 0; row < MAXIMUM_ROWS; row++) {
                tables->rows->quantize_rows(rows + row * stride, stride, 1, columns,
                                            blocks + row * row_blocks);
            }
            add_blocks(record, blocks, block_count + 1);
            release_memory();
        }
    }
}

// All panels in one call, or one after another.
static void multiply(const struct tables *tables, const struct nuthatch_panels *panels, bool is_coded,
                     const float *rows, const struct nuthatch_activation_block *blocks, size_t row_count,
                     size_t at_once, float *output) {
    size_t stride = panels->input_count + INPUT_PADDING;
    size_t output_stride = panels->output_count + OUTPUT_PADDING;
    size_t panel_count = (panels->output_count + NUTHATCH_PANEL_WIDTH - 1) / NUTHATCH_PANEL_WIDTH;
    for (size_t first = 0; first < panel_count; first += at_once) {
        size_t count = first + at_once < panel_count ? at_once : panel_count - first;
        if (is_coded) {
            tables->rows->multiply_codes(panels, first, count, blocks, row_count, output, output_stride);
        } else {
            tables->rows->multiply_floats(panels, first, count, rows, stride, row_count, output,
                                          output_stride);
        }
    }
}

static void multiply_shape(const struct tables *tables, struct record *record, enum nuthatch_format format,
                           size_t outputs, size_t inputs, enum matrix_kind kind) {
    bool is_coded = block_length_of(format) > 1;
    struct samples samples = {outputs * 10000 + inputs};
    const uint8_t *stored = sample_rows(&samples, format, outputs, inputs, kind);
    struct nuthatch_panels panels = packed_rows(format, stored, outputs, inputs);
    const float *rows = sample_activations(&samples, inputs, kind);
    size_t block_count = (inputs + NUTHATCH_BLOCK_LENGTH - 1) / NUTHATCH_BLOCK_LENGTH * MAXIMUM_ROWS;
    struct nuthatch_activation_block *blocks = zeroed_bytes(block_count * sizeof(*blocks));
    size_t output_count = MAXIMUM_ROWS * (outputs + OUTPUT_PADDING);
    float *output = untouched_floats(output_count, 3);
    float *fresh = untouched_floats(output_count, 0);
    for (size_t index = 0; index < sizeof(row_counts) / sizeof(row_counts[0]); index++) {
        size_t at_once = 1 + index * 2 % 7;
        begin_case(record, "%zu rows, %zu x %zu, %s, %zu panels at once", row_counts[index], outputs, inputs,
                   kind_names[kind], at_once);
        memcpy(output, fresh, output_count * sizeof(float));
        tables->rows->quantize_rows(rows, inputs + INPUT_PADDING, row_counts[index], inputs, blocks);
        multiply(tables, &panels, is_coded, rows, blocks, row_counts[index], at_once, output);
        add_floats(record, output, output_count);
    }
    release_memory();
}

static void multiply_format(const struct tables *tables, struct record *record, int choice) {
    enum nuthatch_format format = (enum nuthatch_format)choice;
    size_t length = block_length_of(format);
    static const size_t shapes[3][5][2] = {{{1, 1}, {16, 32}, {37, 37}, {70, 300}, {33, 515}},
                                           {{1, 32}, {37, 96}, {48, 320}, {17, 2144}, {100, 64}},
                                           {{1, 256}, {37, 512}, {17, 2304}, {80, 256}, {22, 256}}};
    for (size_t shape = 0; shape < 5; shape++) {
        const size_t *of = shapes[length == 1 ? 0 : length == 32 ? 1 : 2][shape];
        for (int kind = 0; kind < MATRIX_KIND_COUNT; kind++) {
            if (kind != MATRIX_MODERATE && of[1] > 600) continue;
            multiply_shape(tables, record, format, of[0], of[1], (enum matrix_kind)kind);
        }
    }
}

const struct operation product_operations[] = {
    {"quantize_rows", quantize_rows, 0, PART_ROWS},
    {"multiply f32", multiply_format, NUTHATCH_F32, PART_ROWS},
    {"multiply f16", multiply_format, NUTHATCH_F16, PART_ROWS},
    {"multiply bf16", multiply_format, NUTHATCH_BF16, PART_ROWS},
    {"multiply q4_0", multiply_format, NUTHATCH_Q4_0, PART_CODES},
    {"multiply q4_1", multiply_format, NUTHATCH_Q4_1, PART_CODES},
    {"multiply q5_0", multiply_format, NUTHATCH_Q5_0, PART_CODES},
    {"multiply q5_1", multiply_format, NUTHATCH_Q5_1, PART_CODES},
    {"multiply q8_0", multiply_format, NUTHATCH_Q8_0, PART_CODES},
    {"multiply q2_k", multiply_format, NUTHATCH_Q2_K, PART_CODES},
    {"multiply q3_k", multiply_format, NUTHATCH_Q3_K, PART_CODES},
    {"multiply q4_k", multiply_format, NUTHATCH_Q4_K, PART_CODES},
    {"multiply q5_k", multiply_format, NUTHATCH_Q5_K, PART_CODES},
    {"multiply q6_k", multiply_format, NUTHATCH_Q6_K, PART_CODES},
    NO_OPERATION,
};
