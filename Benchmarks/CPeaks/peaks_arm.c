#if defined(__aarch64__)

#include <arm_neon.h>

#include "loops.h"

// Four units and four cycles of latency want sixteen chains.
FLOAT_LOOP(multiply_floats_neon, 16, __builtin_elementwise_fma, 16)

// Without dot products: two products in 16 bits, pairs of those in 32.
#define PRODUCT_NEON(sum, a, b)                                                                              \
    vpadalq_s16(sum, vmlal_s8(vmull_s8(vget_low_s8(a), vget_low_s8(b)), vget_high_s8(a), vget_high_s8(b)))
BYTE_LOOP(multiply_bytes_neon, int32x4_t, int8x16_t, vdupq_n_s8, PRODUCT_NEON, 16, 16)

#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)
BYTE_LOOP(multiply_bytes_neondot, int32x4_t, int8x16_t, vdupq_n_s8, vdotq_s32, 16, 16)
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("dotprod,i8mm"))), apply_to = function)
BYTE_LOOP(multiply_bytes_neoni8mm, int32x4_t, int8x16_t, vdupq_n_s8, vmmlaq_s32, 16, 32)
#pragma clang attribute pop

const struct nuthatch_peaks nuthatch_peaks_neon = {"neon", multiply_floats_neon, multiply_bytes_neon};
const struct nuthatch_peaks nuthatch_peaks_neondot = {
    "neondot", multiply_floats_neon, multiply_bytes_neondot};
const struct nuthatch_peaks nuthatch_peaks_neoni8mm = {
    "neoni8mm", multiply_floats_neon, multiply_bytes_neoni8mm};

#endif
