// Floats into blocks of 256 with nested scales: Q4_K and Q6_K.
//
// A group of values gets the line value = scale * code - minimum (Q6_K: no minimum) of least squared error
// that a few starts lead to: from each, codes are rounded to the line and the line fitted to the codes, in
// turns (Lloyd, 1982; the fit is linear regression). Then the groups' numbers become small integers times the
// block's two factors, which moves them; so for each group the integers around the nearest are tried, and the
// best pair is kept.

#include <math.h>
#include <string.h>

#include "halves.h"
#include "nuthatch_dequantize.h"
#include "nuthatch_encode.h"

// One order of sums for every machine: this many partial sums, in vectors where the machine has them.
enum { LANES = 8, GROUP_4 = 32, GROUP_6 = 16 };

#pragma STDC FP_CONTRACT OFF

#define STORE_BLOCK(name, blocks, index) \
    memcpy((uint8_t *)(blocks) + (index) * (ptrdiff_t)sizeof(name), &(name), sizeof(name))

static inline float total(const float lanes[LANES]) {
    return ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5])) + ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7]));
}

// To the nearest integer, ties to even, for |value| < 2^22: adding 1.5 * 2^23 leaves no bits below one.
static inline float nearest(float value) {
    const float shift = 0x1.8p23f;
    return (value + shift) - shift;
}

static inline float clamped(float value, float lowest, float highest) {
    value = value > lowest ? value : lowest;
    return value < highest ? value : highest;
}

struct line {
    float scale, minimum;
    /// Sum of squares of what it misses.
    float error;
};

// MARK: Q4_K

static void round_to(const struct line *line, const float *x, float *codes) {
    const float inverse = line->scale > 0 ? 1 / line->scale : 0;
    for (int i = 0; i < GROUP_4; i++) {
        codes[i] = nearest(clamped((x[i] + line->minimum) * inverse, 0, 15));
    }
}

static float error_of(const struct line *line, const float *x, const float *codes) {
    float squares[LANES] = {0};
    for (int i = 0; i < GROUP_4; i += LANES) {
        for (int l = 0; l < LANES; l++) {
            const float missed = line->scale * codes[i + l] - line->minimum - x[i + l];
            squares[l] += missed * missed;
        }
    }
    return total(squares);
}

// The regression of x on the codes, its minimum kept at or above 0: the format has no sign for it.
static struct line fitted(const float *x, const float *codes, float sum_x) {
    float q[LANES] = {0}, qq[LANES] = {0}, qx[LANES] = {0};
    for (int i = 0; i < GROUP_4; i += LANES) {
        for (int l = 0; l < LANES; l++) {
            q[l] += codes[i + l];
            qq[l] += codes[i + l] * codes[i + l];
            qx[l] += codes[i + l] * x[i + l];
        }
    }
    const float sum_q = total(q), sum_qq = total(qq), sum_qx = total(qx);
    const float determinant = GROUP_4 * sum_qq - sum_q * sum_q;
    struct line line = {0};
    if (determinant > 0) {
        line.scale = (GROUP_4 * sum_qx - sum_q * sum_x) / determinant;
        line.minimum = (sum_q * sum_qx - sum_qq * sum_x) / determinant;
    }
    if (line.minimum < 0 || line.scale <= 0) {
        line.minimum = 0;
        line.scale = sum_qq > 0 && sum_qx > 0 ? sum_qx / sum_qq : 0;
    }
    return line;
}

static struct line best_line_4(const float *x) {
    float lowest = 0, highest = x[0], sums[LANES] = {0};
    for (int i = 0; i < GROUP_4; i++) {
        lowest = x[i] < lowest ? x[i] : lowest;
        highest = x[i] > highest ? x[i] : highest;
        sums[i % LANES] += x[i];
    }
    const float sum_x = total(sums);
    float codes[GROUP_4];
    struct line best = {.scale = (highest - lowest) / 15, .minimum = -lowest};
    if (!(best.scale > 0)) {
        best.scale = 0;
        return best;
    }
    round_to(&best, x, codes);
    best.error = error_of(&best, x, codes);
    // Ranges of codes from 14 to 17.5 steps over the values' own: beyond 15 the ends are cut off for finer
    // steps.
    for (int start = 0; start < 8; start++) {
        struct line line = {.scale = (highest - lowest) / (14 + 0.5f * (float)start), .minimum = -lowest};
        if (start > 2) {
            // Cut off at both ends alike.
            line.minimum -= 0.25f * (float)(start - 2) * line.scale;
            if (line.minimum < 0) line.minimum = 0;
        }
        for (int turn = 0; turn < 3; turn++) {
            round_to(&line, x, codes);
            line = fitted(x, codes, sum_x);
            if (!(line.scale > 0)) break;
            line.error = error_of(&line, x, codes);
            if (line.error < best.error) best = line;
        }
    }
    return best;
}

// The pair of 6-bit integers for a group that misses least, and its codes.
static void settle_4(const float *x, const struct line *wanted, float d, float dmin, uint8_t *scale,
                     uint8_t *minimum, uint8_t *result) {
    const float nearest_scale = d > 0 ? clamped(nearest(wanted->scale / d), 0, 63) : 0;
    const float nearest_minimum = dmin > 0 ? clamped(nearest(wanted->minimum / dmin), 0, 63) : 0;
    float best_error = INFINITY, codes[GROUP_4];
    for (int shift = 0; shift < 15; shift++) {
        const float tried_scale = nearest_scale + (float)(shift / 5 - 1);
        const float tried_minimum = nearest_minimum + (float)(shift % 5 - 2);
        if (tried_scale < 0 || tried_scale > 63 || tried_minimum < 0 || tried_minimum > 63) continue;
        struct line line = {.scale = d * tried_scale, .minimum = dmin * tried_minimum};
        round_to(&line, x, codes);
        line.error = error_of(&line, x, codes);
        if (line.error >= best_error) continue;
        best_error = line.error;
        *scale = (uint8_t)tried_scale;
        *minimum = (uint8_t)tried_minimum;
        for (int i = 0; i < GROUP_4; i++) result[i] = (uint8_t)codes[i];
    }
}

void nuthatch_encode_q4_k(const float *values, void *blocks, ptrdiff_t block_count) {
    for (ptrdiff_t b = 0; b < block_count; b++, values += 256) {
        struct line lines[8];
        float largest_scale = 0, largest_minimum = 0;
        for (int g = 0; g < 8; g++) {
            lines[g] = best_line_4(values + g * GROUP_4);
            largest_scale = fmaxf(largest_scale, lines[g].scale);
            largest_minimum = fmaxf(largest_minimum, lines[g].minimum);
        }
        NuthatchBlockQ4_K block = {
            .d = half_from_float(largest_scale / 63), .dmin = half_from_float(largest_minimum / 63)};
        const float d = float_from_half(block.d), dmin = float_from_half(block.dmin);
        for (int g = 0; g < 8; g++) {
            uint8_t scale = 0, minimum = 0, codes[GROUP_4] = {0};
            settle_4(values + g * GROUP_4, &lines[g], d, dmin, &scale, &minimum, codes);
            if (g < 4) {
                block.scales[g] |= scale;
                block.scales[g + 4] |= minimum;
            } else {
                block.scales[g + 4] |= (uint8_t)((scale & 0x0F) | (minimum & 0x0F) << 4);
                block.scales[g - 4] |= (uint8_t)(scale >> 4 << 6);
                block.scales[g] |= (uint8_t)(minimum >> 4 << 6);
            }
            for (int i = 0; i < GROUP_4; i++) {
                block.codes[g / 2 * GROUP_4 + i] |= (uint8_t)(codes[i] << (g % 2 ? 4 : 0));
            }
        }
        STORE_BLOCK(block, blocks, b);
    }
}

// MARK: Q6_K

// Codes -32 ... 31 of x in steps of the scale, of either sign, and what they miss.
static float round_to_steps(const float *x, float scale, float *codes) {
    const float inverse = scale != 0 ? 1 / scale : 0;
    float squares[LANES] = {0};
    for (int i = 0; i < GROUP_6; i += LANES) {
        for (int l = 0; l < LANES; l++) {
            codes[i + l] = nearest(clamped(x[i + l] * inverse, -32, 31));
            const float missed = scale * codes[i + l] - x[i + l];
            squares[l] += missed * missed;
        }
    }
    return total(squares);
}

static float fitted_steps(const float *x, const float *codes) {
    float qq[LANES] = {0}, qx[LANES] = {0};
    for (int i = 0; i < GROUP_6; i += LANES) {
        for (int l = 0; l < LANES; l++) {
            qq[l] += codes[i + l] * codes[i + l];
            qx[l] += codes[i + l] * x[i + l];
        }
    }
    const float sum_qq = total(qq);
    return sum_qq > 0 ? total(qx) / sum_qq : 0;
}

static float best_steps_6(const float *x) {
    float farthest = x[0];
    for (int i = 1; i < GROUP_6; i++) {
        if (fabsf(x[i]) > fabsf(farthest)) farthest = x[i];
    }
    if (farthest == 0) return 0;
    float best = 0, best_error = INFINITY, codes[GROUP_6];
    // The farthest value at 30 to 34 steps, on the side of the codes that reaches to -32 and on the other.
    for (int start = 0; start < 18; start++) {
        const float steps = 30 + 0.5f * (float)(start / 2);
        float scale = farthest / (start % 2 ? steps : -steps);
        for (int turn = 0; turn < 2; turn++) {
            const float error = round_to_steps(x, scale, codes);
            if (error < best_error) {
                best_error = error;
                best = scale;
            }
            scale = fitted_steps(x, codes);
        }
    }
    return best;
}

static void settle_6(const float *x, float wanted, float d, int8_t *scale, uint8_t *result) {
    const float nearest_scale = d != 0 ? clamped(nearest(wanted / d), -128, 127) : 0;
    float best_error = INFINITY, codes[GROUP_6];
    for (int shift = -2; shift <= 2; shift++) {
        const float tried = nearest_scale + (float)shift;
        if (tried < -128 || tried > 127) continue;
        const float error = round_to_steps(x, d * tried, codes);
        if (error >= best_error) continue;
        best_error = error;
        *scale = (int8_t)tried;
        for (int i = 0; i < GROUP_6; i++) result[i] = (uint8_t)(codes[i] + 32);
    }
}

void nuthatch_encode_q6_k(const float *values, void *blocks, ptrdiff_t block_count) {
    for (ptrdiff_t b = 0; b < block_count; b++, values += 256) {
        float scales[16], largest = 0;
        for (int g = 0; g < 16; g++) {
            scales[g] = best_steps_6(values + g * GROUP_6);
            if (fabsf(scales[g]) > fabsf(largest)) largest = scales[g];
        }
        // The integers reach to -128.
        NuthatchBlockQ6_K block = {.d = half_from_float(largest / -128)};
        const float d = float_from_half(block.d);
        uint8_t codes[256];
        for (int g = 0; g < 16; g++) {
            settle_6(values + g * GROUP_6, scales[g], d, &block.scales[g], codes + g * GROUP_6);
        }
        for (int e = 0; e < 256; e++) {
            const int half = e / 128, within = e % 128;
            block.codes[half * 64 + within % 64] |= (uint8_t)((codes[e] & 0x0F) << (within < 64 ? 0 : 4));
            block.high_bits[half * 32 + within % 32] |= (uint8_t)(codes[e] >> 4 << within / 32 * 2);
        }
        STORE_BLOCK(block, blocks, b);
    }
}
