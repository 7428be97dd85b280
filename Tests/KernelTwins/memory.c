// Compressive memory: recalled and remembered, empty and filled, both rules.

#include <string.h>

#include "operations.h"
#include "planes.h"

static const size_t dimensions[][2] = {{64, 64}, {12, 20}, {80, 33}, {16, 16}, {7, 1}};
enum { TOKENS = 9, HEADS = 3, GUARD = 16 };

// `kind` 0: nothing remembered yet; 1: something; 2: special numbers among the tokens.
static void remember_and_recall(const struct tables *tables, struct record *record, int choice) {
    for (size_t shape = 0; shape < sizeof(dimensions) / sizeof(dimensions[0]); shape++) {
        for (int kind = 0; kind < 3; kind++) {
            struct samples samples = {3 * shape + (size_t)kind};
            size_t key_dimension = dimensions[shape][0], value_dimension = dimensions[shape][1];
            size_t matrix = key_dimension * padded(value_dimension);
            size_t normalizer = padded(key_dimension);
            float *past = untouched_floats(matrix, 1), *past_normalizer = untouched_floats(normalizer, 1);
            float *growing = untouched_floats(matrix + GUARD, 2);
            float *growing_normalizer = untouched_floats(normalizer + GUARD, 2);
            float size = kind == 0 ? 0 : 1;
            sample_floats(&samples, past, matrix, -size, size);
            sample_floats(&samples, past_normalizer, normalizer, 0, 5 * size);
            memcpy(growing, past, matrix * sizeof(float));
            memcpy(growing_normalizer, past_normalizer, normalizer * sizeof(float));
            struct nuthatch_memory memory = {.key_dimension = key_dimension,
                                             .value_dimension = value_dimension,
                                             .past = past,
                                             .past_normalizer = past_normalizer,
                                             .growing = growing,
                                             .growing_normalizer = growing_normalizer};

            size_t key_stride = HEADS * key_dimension + 2, value_stride = HEADS * value_dimension + 3;
            float *queries = untouched_floats(TOKENS * key_stride, 1);
            float *outputs = untouched_floats(TOKENS * value_stride, 3);
            float gates[HEADS];
            sample_floats(&samples, queries, TOKENS * key_stride, -3, 3);
            sample_floats(&samples, outputs, TOKENS * value_stride, -1, 1);
            sample_floats(&samples, gates, HEADS, -2, 2);
            if (kind == 2) {
                scatter_specials(&samples, queries, TOKENS * key_stride, 60);
                scatter_specials(&samples, outputs, TOKENS * value_stride, 60);
            }
            float *scratch = untouched_floats(normalizer + GUARD, 1);
            const float *fresh = untouched_floats(GUARD, 0);
            begin_case(record, "heads of %zu + %zu, kind %d", key_dimension, value_dimension, kind);
            // Keys and values of the first head; queries and outputs of all.
            tables->attention->remember(&memory, queries, key_stride, outputs, value_stride, TOKENS, choice,
                                        scratch);
            tables->attention->recall(&memory, queries, key_stride, TOKENS, HEADS, gates, outputs,
                                      value_stride, scratch);
            add_floats(record, growing, matrix + GUARD);
            add_floats(record, growing_normalizer, normalizer + GUARD);
            add_floats(record, outputs, TOKENS * value_stride);
            if (memcmp(scratch + normalizer, fresh, GUARD * sizeof(float)) != 0) {
                add_fault(record, "wrote past its scratch");
            }
            release_memory();
        }
    }
}

const struct operation memory_operations[] = {
    {"memory, sums", remember_and_recall, 0, PART_ATTENTION},
    {"memory, delta rule", remember_and_recall, 1, PART_ATTENTION},
    NO_OPERATION,
};
