#if defined(__x86_64__)

#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "kernels.h"

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

// 16 registers, two per value: 4 x 1 sums are eight chains of fma, what two per cycle and a latency of four
// need.
#define MANY_ROWS 4
#define MANY_ROWS_PANELS 1
#define ONE_ROW_PANELS 4

#define LANES_FROM_HALF lanes_from_halves_f16c
#include "lanes.h"

LANES_INLINE lanes lanes_from_halves_f16c(half_lanes halves) {
    __m128i parts[2];
    memcpy(parts, &halves, sizeof(halves));
    __m256 wide[2] = {_mm256_cvtph_ps(parts[0]), _mm256_cvtph_ps(parts[1])};
    lanes result;
    memcpy(&result, wide, sizeof(result));
    return result;
}

#include "elementwise.h"
#include "multiply_floats.h"
#include "quantize.h"

#pragma clang attribute pop

const struct nuthatch_kernel_table nuthatch_table_avx2 = {
    .name = "avx2",
    .features = "AVX2, FMA, F16C",
    .multiply_codes = nuthatch_multiply_codes_avx2,
    .quantize_rows = quantize_rows,
    NUTHATCH_SHARED_KERNELS,
};

// The same with the integer products of newer client processors.
const struct nuthatch_kernel_table nuthatch_table_avxvnni = {
    .name = "avxvnni",
    .features = "AVX2, FMA, F16C, AVX-VNNI",
    .multiply_codes = nuthatch_multiply_codes_avxvnni,
    .quantize_rows = quantize_rows,
    NUTHATCH_SHARED_KERNELS,
};

#endif
