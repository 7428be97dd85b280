#if defined(__x86_64__)

#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "kernels.h"

#pragma clang attribute push(                                                                                \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,f16c,fma"))), apply_to = function)

// 32 registers hold 8 x 2 sums and what feeds them; two chains of fma per cycle and a latency of four ask for
// eight sums at least.
#define MANY_ROWS 8
#define MANY_ROWS_PANELS 2
#define ONE_ROW_PANELS 4
#define LANES_FROM_HALF(halves) ((lanes)_mm512_cvtph_ps((__m256i)(halves)))

#include "elementwise.h"
#include "multiply_floats.h"
#include "quantize.h"
#include "quantize_tiles.h"

#pragma clang attribute pop

const struct nuthatch_kernel_table nuthatch_table_avx512 = {
    .name = "avx512",
    .features = "AVX-512F, AVX-512BW, AVX-512DQ, AVX-512VL, AVX-512VNNI",
    .multiply_codes = nuthatch_multiply_codes_avx512,
    .quantize_rows = quantize_rows,
    NUTHATCH_SHARED_KERNELS,
};

// The same with the tile unit's integer products for 16 rows and more.
const struct nuthatch_kernel_table nuthatch_table_avx512amx = {
    .name = "avx512amx",
    .features = "AVX-512F, AVX-512BW, AVX-512DQ, AVX-512VL, AVX-512VNNI, AMX-INT8",
    .multiply_codes = nuthatch_multiply_codes_amx,
    .quantize_rows = quantize_tiles,
    NUTHATCH_SHARED_KERNELS,
};

#endif
