#include "matrices.h"

#include <string.h>

#include "nuthatch_dequantize.h"

// Blocks, and where their binary16 factors lie.
static const struct {
    size_t length, bytes, factor_count, factors[2];
} formats[] = {
    [NUTHATCH_F32] = {1, 4, 0, {0}},
    [NUTHATCH_F16] = {1, 2, 0, {0}},
    [NUTHATCH_BF16] = {1, 2, 0, {0}},
    [NUTHATCH_Q4_0] = {32, sizeof(NuthatchBlockQ4_0), 1, {0}},
    [NUTHATCH_Q4_1] = {32, sizeof(NuthatchBlockQ4_1), 2, {0, 2}},
    [NUTHATCH_Q5_0] = {32, sizeof(NuthatchBlockQ5_0), 1, {0}},
    [NUTHATCH_Q5_1] = {32, sizeof(NuthatchBlockQ5_1), 2, {0, 2}},
    [NUTHATCH_Q8_0] = {32, sizeof(NuthatchBlockQ8_0), 1, {0}},
    [NUTHATCH_Q2_K] = {256, sizeof(NuthatchBlockQ2_K), 2, {80, 82}},
    [NUTHATCH_Q3_K] = {256, sizeof(NuthatchBlockQ3_K), 1, {108}},
    [NUTHATCH_Q4_K] = {256, sizeof(NuthatchBlockQ4_K), 2, {0, 2}},
    [NUTHATCH_Q5_K] = {256, sizeof(NuthatchBlockQ5_K), 2, {0, 2}},
    [NUTHATCH_Q6_K] = {256, sizeof(NuthatchBlockQ6_K), 1, {208}},
};

size_t block_length_of(enum nuthatch_format format) {
    return formats[format].length;
}

size_t block_bytes_of(enum nuthatch_format format) {
    return formats[format].bytes;
}

// 2^(least - 15) ... below 2^(last - 14), as binary16.
static uint16_t sample_half(struct samples *samples, unsigned least, unsigned last) {
    unsigned exponent = least + (unsigned)sample_below(samples, last - least + 1);
    return (uint16_t)((next_sample(samples) & 0x83ff) | exponent << 10);
}

uint8_t *sample_rows(struct samples *samples, enum nuthatch_format format, size_t row_count,
                     size_t column_count, enum matrix_kind kind) {
    static const uint8_t extremes[] = {0x00, 0xff, 0x80, 0x7f};
    size_t block_count = row_count * (column_count / formats[format].length), bytes = formats[format].bytes;
    uint8_t *rows = (uint8_t *)zeroed_bytes(block_count * bytes + 1) + 1;
    for (size_t index = 0; index < block_count * bytes; index++) rows[index] = (uint8_t)next_sample(samples);
    for (size_t block = 0; block < block_count; block++) {
        uint8_t *at = rows + block * bytes;
        if (kind == MATRIX_EXTREME && bytes > 4) memset(at, extremes[sample_below(samples, 4)], bytes);
        float value = sample_float(samples, -1, 1);
        if (kind == MATRIX_SPECIAL) scatter_specials(samples, &value, 1, 20);
        uint32_t bits;
        memcpy(&bits, &value, sizeof(bits));
        uint16_t half = kind == MATRIX_SPECIAL ? sample_half(samples, 0, 31) : sample_half(samples, 8, 14);
        if (format == NUTHATCH_F32) memcpy(at, &bits, 4);
        if (format == NUTHATCH_F16) memcpy(at, &half, 2);
        if (format == NUTHATCH_BF16) at[0] = (uint8_t)(bits >> 16), at[1] = (uint8_t)(bits >> 24);
        for (size_t factor = 0; factor < formats[format].factor_count; factor++) {
            // 2^-10 ... 2^-5
            half = kind == MATRIX_SPECIAL ? sample_half(samples, 0, 31) : sample_half(samples, 5, 9);
            memcpy(at + formats[format].factors[factor], &half, 2);
        }
    }
    return rows;
}

struct nuthatch_panels packed_rows(enum nuthatch_format format, const uint8_t *rows, size_t row_count,
                                   size_t column_count) {
    struct nuthatch_panels panels = {.output_count = row_count,
                                     .input_count = column_count,
                                     .layout = nuthatch_native_layout(format)};
    panels.panel_byte_count = nuthatch_panel_byte_count(panels.layout, column_count);
    size_t panel_count = (row_count + NUTHATCH_PANEL_WIDTH - 1) / NUTHATCH_PANEL_WIDTH;
    size_t row_bytes = column_count / formats[format].length * formats[format].bytes;
    uint8_t *base = zeroed_bytes(panel_count * panels.panel_byte_count);
    for (size_t first = 0; first < row_count; first += NUTHATCH_PANEL_WIDTH) {
        const uint8_t *pointers[NUTHATCH_PANEL_WIDTH];
        size_t count = row_count - first < NUTHATCH_PANEL_WIDTH ? row_count - first : NUTHATCH_PANEL_WIDTH;
        for (size_t row = 0; row < count; row++) pointers[row] = rows + (first + row) * row_bytes;
        nuthatch_pack_panel(format, pointers, count, column_count,
                            base + first / NUTHATCH_PANEL_WIDTH * panels.panel_byte_count);
    }
    panels.base = base;
    return panels;
}
