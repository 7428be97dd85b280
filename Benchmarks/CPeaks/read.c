#include "include/peaks.h"

enum { PLACES = 4 };

typedef uint64_t line __attribute__((vector_size(64)));

uint64_t nuthatch_read(const void *bytes, size_t byte_count) {
    line sums[PLACES] = {0};
    size_t stride = byte_count / sizeof(line) / PLACES;
    const line *lines = bytes;
    for (size_t index = 0; index < stride; index++) {
#pragma clang loop unroll(full)
        for (size_t place = 0; place < PLACES; place++) sums[place] += lines[place * stride + index];
    }
    line sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    return __builtin_reduce_xor(sum);
}
