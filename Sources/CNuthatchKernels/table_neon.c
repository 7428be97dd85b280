#if defined(__aarch64__)

#include <arm_neon.h>
#include <math.h>
#include <string.h>

#include "kernels.h"

// 32 registers, four per value: 4 x 1 sums are sixteen chains of fma, what four per cycle and a latency of
// four need.
#define MANY_ROWS 4
#define MANY_ROWS_PANELS 1
#define ONE_ROW_PANELS 4

#define LANES_FROM_HALF lanes_from_halves_neon
#include "lanes.h"

LANES_INLINE lanes lanes_from_halves_neon(half_lanes halves) {
    float16x4_t parts[4];
    memcpy(parts, &halves, sizeof(halves));
    float32x4_t wide[4] = {vcvt_f32_f16(parts[0]), vcvt_f32_f16(parts[1]), vcvt_f32_f16(parts[2]),
                           vcvt_f32_f16(parts[3])};
    lanes result;
    memcpy(&result, wide, sizeof(result));
    return result;
}

#include "elementwise.h"
#include "multiply_floats.h"
#include "quantize.h"

const struct nuthatch_kernel_table nuthatch_table_neon = {
    .name = "neon",
    .features = "NEON",
    .multiply_codes = nuthatch_multiply_codes_neon,
    .quantize_rows = quantize_rows,
    NUTHATCH_SHARED_KERNELS,
};

// The same with integer dot products, which all cores since 2018 have.
const struct nuthatch_kernel_table nuthatch_table_neondot = {
    .name = "neondot",
    .features = "NEON, dotprod",
    .multiply_codes = nuthatch_multiply_codes_neondot,
    .quantize_rows = quantize_rows,
    NUTHATCH_SHARED_KERNELS,
};

// The same with integer products of small matrices, for two rows and more.
const struct nuthatch_kernel_table nuthatch_table_neoni8mm = {
    .name = "neoni8mm",
    .features = "NEON, dotprod, i8mm",
    .multiply_codes = nuthatch_multiply_codes_neoni8mm,
    .quantize_rows = quantize_rows,
    NUTHATCH_SHARED_KERNELS,
};

#endif
