#include "samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A fused multiply-add here would give another machine other numbers.
#pragma STDC FP_CONTRACT OFF

uint64_t next_sample(struct samples *samples) {
    uint64_t z = samples->state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

size_t sample_below(struct samples *samples, size_t count) {
    return (size_t)(next_sample(samples) >> 16) % count;
}

float sample_float(struct samples *samples, float low, float high) {
    float unit = (float)(next_sample(samples) >> 40) * 0x1p-24f;
    return low + unit * (high - low);
}

void sample_floats(struct samples *samples, float *floats, size_t count, float low, float high) {
    for (size_t index = 0; index < count; index++) floats[index] = sample_float(samples, low, high);
}

void scatter_specials(struct samples *samples, float *floats, size_t count, size_t one_in) {
    static const uint32_t specials[] = {
        0x7f800000, 0xff800000, 0x7fc00000, 0xffc00000,  // infinities, NaN
        0x00000000, 0x80000000, 0x00000001, 0x807fffff,  // zeros, subnormal
        0x00800000, 0x0d800000, 0x8d7fffff, 0x33000000,  // 2^-126, 2^-100, just below, 2^-25
        0x477fe000, 0x477ff000, 0xc7800000, 0x7f7fffff,  // 65504, 65520, -65536, the largest
        0x42b0c0a5, 0xc2b0c0a5, 0xc2aeac50, 0x3f200000,  // the bounds of exp, and of tanh's two formulas
    };
    for (size_t index = 0; index < count; index++) {
        if (sample_below(samples, one_in) != 0) continue;
        size_t which = sample_below(samples, sizeof(specials) / sizeof(specials[0]));
        memcpy(floats + index, specials + which, sizeof(float));
    }
}

enum { MAXIMUM_BLOCKS = 64 };

static void *blocks[MAXIMUM_BLOCKS];
static size_t block_count;

void *zeroed_bytes(size_t count) {
    size_t rounded = (count + 63) / 64 * 64 + 64;
    void *block = block_count < MAXIMUM_BLOCKS ? aligned_alloc(64, rounded) : NULL;
    if (block == NULL) {
        fprintf(stderr, "No memory for %zu bytes of samples.\n", count);
        exit(70);
    }
    blocks[block_count++] = block;
    return memset(block, 0, rounded);
}

float *untouched_floats(size_t count, size_t shift) {
    float *floats = zeroed_bytes((count + shift) * sizeof(float));
    const uint32_t bits = 0x5ca1ab1e;
    for (size_t index = 0; index < count + shift; index++) memcpy(floats + index, &bits, sizeof(bits));
    return floats + shift;
}

void release_memory(void) {
    while (block_count > 0) free(blocks[--block_count]);
}
