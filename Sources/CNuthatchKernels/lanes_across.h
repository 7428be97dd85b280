// Sums and maxima across the lanes of up to 16 vectors at once, each in the tree of lanes_sum: the same bits
// as one by one. A step for all 16 takes 45 operations where one by one they take 128 that wait for each
// other.

#ifndef NUTHATCH_LANES_ACROSS_H
#define NUTHATCH_LANES_ACROSS_H

#include "attention_lanes.h"

// Of two vectors whose parts of 2 * width lanes belong together: first the lower, then the upper halves of
// all parts.
#define LOWER_8 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23
#define UPPER_8 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31
#define LOWER_4 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27
#define UPPER_4 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31
#define LOWER_2 0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21, 24, 25, 28, 29
#define UPPER_2 2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30, 31
#define LOWER_1 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
#define UPPER_1 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31
#define HALVE(MERGE, COUNT, WIDTH)                                                                           \
    for (int index = 0; index < (COUNT); index++) {                                                          \
        x[index] = MERGE(__builtin_shufflevector(x[2 * index], x[2 * index + 1], LOWER_##WIDTH),             \
                         __builtin_shufflevector(x[2 * index], x[2 * index + 1], UPPER_##WIDTH));            \
    }

// Lane i of what NAME gives is what MERGE makes of the i-th vector's lanes.
#define ACROSS(NAME, VECTOR, MERGE)                                                                          \
    LANES_INLINE VECTOR NAME(const VECTOR *vectors) {                                                        \
        VECTOR x[LANES];                                                                                     \
        for (int index = 0; index < LANES; index++) x[index] = vectors[index];                               \
        HALVE(MERGE, 8, 8)                                                                                   \
        HALVE(MERGE, 4, 4)                                                                                   \
        HALVE(MERGE, 2, 2)                                                                                   \
        HALVE(MERGE, 1, 1)                                                                                   \
        return x[0];                                                                                         \
    }

#define LANES_ADDED(A, B) ((A) + (B))
ACROSS(sums_across, lanes, LANES_ADDED)
ACROSS(largest_across, lanes, lanes_maximum)
ACROSS(largest_integers_across, int_lanes, __builtin_elementwise_max)

#endif
