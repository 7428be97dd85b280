// What all tables share: decoding and packing of weights, checksums, rotation. Nothing to compare within a
// machine; their digests are compared between machines.

#include <string.h>

#include "matrices.h"
#include "nuthatch_checksum.h"
#include "nuthatch_dequantize.h"
#include "nuthatch_hadamard.h"
#include "operations.h"

static void (*const decoders[])(const void *, float *, ptrdiff_t) = {
    [NUTHATCH_F32] = nuthatch_dequantize_f32,   [NUTHATCH_F16] = nuthatch_dequantize_f16,
    [NUTHATCH_BF16] = nuthatch_dequantize_bf16, [NUTHATCH_Q4_0] = nuthatch_dequantize_q4_0,
    [NUTHATCH_Q4_1] = nuthatch_dequantize_q4_1, [NUTHATCH_Q5_0] = nuthatch_dequantize_q5_0,
    [NUTHATCH_Q5_1] = nuthatch_dequantize_q5_1, [NUTHATCH_Q8_0] = nuthatch_dequantize_q8_0,
    [NUTHATCH_Q2_K] = nuthatch_dequantize_q2_k, [NUTHATCH_Q3_K] = nuthatch_dequantize_q3_k,
    [NUTHATCH_Q4_K] = nuthatch_dequantize_q4_k, [NUTHATCH_Q5_K] = nuthatch_dequantize_q5_k,
    [NUTHATCH_Q6_K] = nuthatch_dequantize_q6_k,
};

static void decode(const struct tables *tables, struct record *record, int choice) {
    (void)tables, (void)choice;
    for (int format = NUTHATCH_F32; format <= NUTHATCH_Q6_K; format++) {
        for (int kind = 0; kind < MATRIX_KIND_COUNT; kind++) {
            struct samples samples = {(uint64_t)format};
            size_t blocks = 1024 / block_length_of((enum nuthatch_format)format);
            const uint8_t *rows =
                sample_rows(&samples, (enum nuthatch_format)format, 1, 1024, (enum matrix_kind)kind);
            float *values = untouched_floats(1024, 1);
            begin_case(record, "format %d", format);
            decoders[format](rows, values, (ptrdiff_t)blocks);
            add_floats(record, values, 1024);
            release_memory();
        }
    }
}

// Files' formats into panels, and back.
static void pack(const struct tables *tables, struct record *record, int choice) {
    (void)tables, (void)choice;
    for (int format = NUTHATCH_F32; format <= NUTHATCH_Q6_K; format++) {
        struct samples samples = {(uint64_t)format};
        const uint8_t *rows = sample_rows(&samples, (enum nuthatch_format)format, 21, 512, MATRIX_MODERATE);
        struct nuthatch_panels panels = packed_rows((enum nuthatch_format)format, rows, 21, 512);
        begin_case(record, "format %d", format);
        add_bytes(record, panels.base, 2 * panels.panel_byte_count);
        for (size_t lane = 0; lane < NUTHATCH_PANEL_WIDTH; lane++) {
            float values[512];
            nuthatch_unpack_lane(panels.layout, panels.base, lane, 512, values);
            add_floats(record, values, 512);
        }
        release_memory();
    }
}

static void pack_floats(const struct tables *tables, struct record *record, int choice) {
    (void)tables, (void)choice;
    static const enum nuthatch_layout layouts[] = {NUTHATCH_FLOAT32, NUTHATCH_BFLOAT16, NUTHATCH_BYTES_SCALE};
    static const size_t counts[] = {1, 31, 96, 333};
    for (size_t layout = 0; layout < 3; layout++) {
        for (size_t index = 0; index < 4; index++) {
            for (int has_specials = 0; has_specials < 2; has_specials++) {
                size_t count = counts[index], bytes = nuthatch_panel_byte_count(layouts[layout], count);
                struct samples samples = {count};
                float *row = untouched_floats(count, 1), *values = untouched_floats(count, 2);
                sample_floats(&samples, row, count, -2, 2);
                if (has_specials) scatter_specials(&samples, row, count, 8);
                uint8_t *panel = zeroed_bytes(bytes);
                const float *rows[] = {row, row};
                begin_case(record, "layout %d, %zu inputs", layouts[layout], count);
                nuthatch_pack_floats(layouts[layout], rows, 2, count, panel);
                nuthatch_unpack_lane(layouts[layout], panel, 1, count, values);
                add_floats(record, values, count);
                release_memory();
            }
        }
    }
}

static void checksum(const struct tables *tables, struct record *record, int choice) {
    (void)tables, (void)choice;
    // The last has more than a block of 2 MiB.
    static const size_t counts[] = {0, 1, 7, 8, 31, 32, 33, 4096, 100003, 2200000};
    for (size_t index = 0; index < sizeof(counts) / sizeof(counts[0]); index++) {
        struct samples samples = {index};
        uint8_t *bytes = (uint8_t *)zeroed_bytes(counts[index] + 8) + index % 8;
        for (size_t at = 0; at < counts[index]; at++) bytes[at] = (uint8_t)next_sample(&samples);
        begin_case(record, "%zu bytes", counts[index]);
        for (uint64_t seed = 0; seed < 3; seed++) {
            uint64_t sum = nuthatch_checksum(bytes, counts[index], seed * 0x123456789abcdef);
            add_bytes(record, &sum, sizeof(sum));
        }
        release_memory();
    }
}

static void hadamard(const struct tables *tables, struct record *record, int choice) {
    (void)tables, (void)choice;
    static const size_t dimensions[] = {1, 2, 12, 20, 64, 80, 96, 128, 256};
    for (size_t index = 0; index < sizeof(dimensions) / sizeof(dimensions[0]); index++) {
        for (int has_specials = 0; has_specials < 2; has_specials++) {
            size_t dimension = dimensions[index], stride = dimension + 3;
            struct samples samples = {dimension};
            float *vectors = untouched_floats(5 * stride, 1);
            sample_floats(&samples, vectors, 5 * stride, -2, 2);
            if (has_specials) scatter_specials(&samples, vectors, 5 * stride, 30);
            begin_case(record, "dimension %zu", dimension);
            nuthatch_hadamard(vectors, 5, stride, dimension);
            add_floats(record, vectors, 5 * stride);
            release_memory();
        }
    }
}

const struct operation shared_operations[] = {
    {"decode all formats", decode, 0, PART_NONE}, {"pack all formats", pack, 0, PART_NONE},
    {"pack floats", pack_floats, 0, PART_NONE},   {"checksum", checksum, 0, PART_NONE},
    {"hadamard", hadamard, 0, PART_NONE},         NO_OPERATION,
};
