#if defined(__x86_64__)

#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "attention_tables.h"

#pragma clang attribute push(                                                                                \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c"))),                  \
    apply_to = function)

// 6 rows x 4 panels of sums, 4 of stored numbers, 1 broadcast: 29 of 32. A page of 64 slots is 4 panels.
// Products: 3 rows x 4 panels x 2 digits, and 4 of codes.
enum { TILE_PANELS = 4, PRODUCT_PANELS = 4 };
#define HAS_BYTE_PRODUCTS
#define HAS_HALF_CONVERSION
#define PAIR_PRODUCT_TARGET                                                                                  \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c,tune=znver4")))
#include "attention_kernel.h"

const struct nuthatch_attention_table nuthatch_attention_avx512 = ATTENTION_TABLE("avx512");

#pragma clang attribute pop

#endif
