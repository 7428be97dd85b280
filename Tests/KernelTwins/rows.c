// What is done to rows: counts with every tail, misaligned rows, ordinary and special numbers. Outputs lie
// over inputs, as the decoder has them, and what follows a row has to stay as it is.

#include <string.h>

#include "operations.h"
#include "samples.h"

enum { PADDING = 17 };

struct row_case {
    const struct nuthatch_kernel_table *kernels;
    struct record *record;
    struct samples samples;
    size_t count;
    bool has_specials;
    int choice;
};

typedef void case_body(struct row_case *at);

// With each count, without special numbers and with them.
static void for_each_count(const struct tables *tables, struct record *record, int choice, case_body body) {
    static const size_t counts[] = {1, 7, 15, 16, 17, 31, 32, 33, 64, 100, 577};
    for (size_t index = 0; index < 2 * sizeof(counts) / sizeof(counts[0]); index++) {
        struct row_case at = {tables->rows, record, {index}, counts[index / 2], index % 2 == 1, choice};
        begin_case(record, "%zu columns, %s", at.count, at.has_specials ? "special numbers" : "numbers");
        body(&at);
        release_memory();
    }
}

// `count` numbers and PADDING untouched floats behind.
static float *sample_row(struct samples *samples, size_t count, float low, float high, bool has_specials) {
    float *row = untouched_floats(count + PADDING, 3);
    sample_floats(samples, row, count, low, high);
    if (has_specials) scatter_specials(samples, row, count, 5);
    return row;
}

static float *case_row(struct row_case *at, float low, float high) {
    return sample_row(&at->samples, at->count, low, high, at->has_specials);
}

static float *plain_row(struct row_case *at, float low, float high) {
    return sample_row(&at->samples, at->count, low, high, false);
}

static void add_row(struct row_case *at, const float *row) {
    add_floats(at->record, row, at->count + PADDING);
}

static void rms_norm_case(struct row_case *at) {
    float *row = case_row(at, -4, 4);
    const float *weight = plain_row(at, 0.5f, 2);
    at->kernels->rms_norm(row, weight, (float)(at->count % 2), 1e-5f, at->count, row);
    add_row(at, row);
    // Squares that overflow, and that vanish.
    row = plain_row(at, 1e19f, 3e19f);
    at->kernels->rms_norm(row, weight, 1, 1e-5f, at->count, row);
    add_row(at, row);
    row = plain_row(at, 1e-25f, 3e-25f);
    at->kernels->rms_norm(row, weight, 1, 0, at->count, row);
    add_row(at, row);
}

static void rms_norm(const struct tables *tables, struct record *record, int choice) {
    for_each_count(tables, record, choice, rms_norm_case);
}

static void layer_norm_case(struct row_case *at) {
    float *row = case_row(at, 8, 12);
    const float *weight = plain_row(at, 0.5f, 2), *bias = plain_row(at, -1, 1);
    at->kernels->layer_norm(row, weight, at->choice ? bias : NULL, 1e-5f, at->count, row);
    add_row(at, row);
}

static void layer_norm(const struct tables *tables, struct record *record, int choice) {
    for_each_count(tables, record, choice, layer_norm_case);
}

static void rotate(const struct tables *tables, struct record *record, int choice) {
    static const size_t halves[] = {1, 2, 8, 10, 16, 17, 32, 40, 64};
    for (size_t index = 0; index < sizeof(halves) / sizeof(halves[0]); index++) {
        for (int has_specials = 0; has_specials < 2; has_specials++) {
            size_t half = halves[index], head_count = 3, dimension = 2 * half + 6 * (index % 2);
            struct samples samples = {half};
            float *heads = sample_row(&samples, head_count * dimension, -4, 4, has_specials);
            const float *cosines = sample_row(&samples, half, -1, 1, false);
            const float *sines = sample_row(&samples, half, -1, 1, false);
            begin_case(record, "%zu pairs, heads of %zu", half, dimension);
            if (choice == 0) {
                tables->rows->rotate_halves(heads, head_count, dimension, cosines, sines, half);
            } else {
                tables->rows->rotate_neighbours(heads, head_count, dimension, cosines, sines, half);
            }
            add_floats(record, heads, head_count * dimension + PADDING);
            release_memory();
        }
    }
}

static void activate_case(struct row_case *at) {
    enum nuthatch_activation activation = (enum nuthatch_activation)at->choice;
    // The last range goes beyond all bounds of exp and erf.
    static const float ranges[] = {1, 9, 120};
    for (size_t range = 0; range < 3; range++) {
        float *gate = case_row(at, -ranges[range], ranges[range]);
        const float *up = case_row(at, -2, 2);
        float *alone = plain_row(at, 0, 0);
        at->kernels->activate(gate, NULL, activation, at->count, alone);
        at->kernels->activate(gate, up, activation, at->count, gate);
        add_row(at, alone);
        add_row(at, gate);
    }
}

static void activate(const struct tables *tables, struct record *record, int choice) {
    for_each_count(tables, record, choice, activate_case);
}

// Every 16,411th float there is (a prime), of both signs, through all that approximates.
static void sweep(const struct tables *tables, struct record *record, int choice) {
    enum { COUNT = 16, STEP = 16411 };
    (void)choice;
    for (uint64_t start = 0; start < 1ull << 32; start += STEP * COUNT) {
        uint32_t bits[COUNT];
        float row[COUNT], output[COUNT];
        for (uint32_t index = 0; index < COUNT; index++) bits[index] = (uint32_t)start + index * STEP;
        memcpy(row, bits, sizeof(row));
        begin_case(record, "floats from %08x", bits[0]);
        for (int activation = NUTHATCH_SILU; activation <= NUTHATCH_GELU_LOGISTIC; activation++) {
            tables->rows->activate(row, NULL, (enum nuthatch_activation)activation, COUNT, output);
            add_floats(record, output, COUNT);
        }
        tables->rows->softcap(30, COUNT, row);
        add_floats(record, row, COUNT);
    }
}

enum { ADD, SCALE, SOFTCAP };

static void change_case(struct row_case *at) {
    float *row = case_row(at, -40, 40);
    const float *addend = case_row(at, -1, 1);
    if (at->choice == ADD) at->kernels->add(addend, at->count, row);
    if (at->choice == SCALE) at->kernels->scale(0.3f, at->count, row);
    if (at->choice == SOFTCAP) at->kernels->softcap(30, at->count, row);
    add_row(at, row);
}

static void change(const struct tables *tables, struct record *record, int choice) {
    for_each_count(tables, record, choice, change_case);
}

const struct operation row_operations[] = {
    {"rms_norm", rms_norm, 0, PART_ROWS},
    {"layer_norm", layer_norm, 0, PART_ROWS},
    {"layer_norm with bias", layer_norm, 1, PART_ROWS},
    {"rotate_halves", rotate, 0, PART_ROWS},
    {"rotate_neighbours", rotate, 1, PART_ROWS},
    {"activate silu", activate, NUTHATCH_SILU, PART_ROWS},
    {"activate gelu tanh", activate, NUTHATCH_GELU_TANH, PART_ROWS},
    {"activate gelu erf", activate, NUTHATCH_GELU_ERF, PART_ROWS},
    {"activate relu", activate, NUTHATCH_RELU, PART_ROWS},
    {"activate gelu logistic", activate, NUTHATCH_GELU_LOGISTIC, PART_ROWS},
    {"add", change, ADD, PART_ROWS},
    {"scale", change, SCALE, PART_ROWS},
    {"softcap", change, SOFTCAP, PART_ROWS},
    {"floats of all sizes", sweep, 0, PART_ROWS},
    NO_OPERATION,
};
