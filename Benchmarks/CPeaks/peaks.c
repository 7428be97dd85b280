#include "loops.h"

// What any x86-64 or arm64 has, as portable C is compiled for it: four floats at a time, two operations
// for a product and its sum. The scalar table has to fuse them, and calls fmaf where that is missing.
#pragma STDC FP_CONTRACT OFF
#define PRODUCT_AND_SUM(a, b, c) ((a) * (b) + (c))
FLOAT_LOOP(multiply_floats, 16, PRODUCT_AND_SUM, 8)

// What the compiler makes of a dot product of bytes.
static uint64_t multiply_bytes(uint64_t rounds) {
    uint8_t codes[64];
    int8_t activations[64];
    memset(codes, 3, sizeof(codes));
    memset(activations, 5, sizeof(activations));
    int32_t sum = 0;
    for (uint64_t round = 0; round < rounds; round++) {
        // Bytes that may have changed: or else their products would be made once.
        __asm__ volatile("" : : "r"(codes), "r"(activations) : "memory");
        for (size_t i = 0; i < sizeof(codes); i++) sum += (int32_t)codes[i] * activations[i];
    }
    __asm__ volatile("" : : "r"(sum));
    return rounds * sizeof(codes);
}

const struct nuthatch_peaks nuthatch_peaks_scalar = {"scalar", multiply_floats, multiply_bytes};

const struct nuthatch_peaks *nuthatch_peaks(const char *table) {
    static const struct nuthatch_peaks *const known[] = {
        &nuthatch_peaks_scalar,
#if defined(__x86_64__)
        &nuthatch_peaks_avx2, &nuthatch_peaks_avxvnni, &nuthatch_peaks_avx512, &nuthatch_peaks_avx512amx,
#elif defined(__aarch64__)
        &nuthatch_peaks_neon, &nuthatch_peaks_neondot, &nuthatch_peaks_neoni8mm,
#endif
    };
    for (size_t index = 0; index < sizeof(known) / sizeof(known[0]); index++) {
        if (strcmp(known[index]->table, table) == 0) return known[index];
    }
    return NULL;
}
