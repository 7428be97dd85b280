// Additions and one multiplication per number, in an order that no instruction set changes: equal bits
// everywhere.

#include "include/nuthatch_hadamard.h"

#include <math.h>

static void rotate_block(float *block, size_t length, float scale) {
    for (size_t half = 1; half < length; half *= 2) {
        for (size_t start = 0; start < length; start += 2 * half) {
            for (size_t index = start; index < start + half; index++) {
                float sum = block[index] + block[index + half];
                float difference = block[index] - block[index + half];
                block[index] = sum;
                block[index + half] = difference;
            }
        }
    }
    for (size_t index = 0; index < length; index++) block[index] *= scale;
}

void nuthatch_hadamard(float *vectors, size_t count, size_t stride, size_t dimension) {
    size_t length = dimension & (~dimension + 1);
    if (length < 2) return;
    float scale = 1 / sqrtf((float)length);
    for (size_t index = 0; index < count; index++, vectors += stride) {
        for (size_t start = 0; start < dimension; start += length) {
            rotate_block(vectors + start, length, scale);
        }
    }
}
