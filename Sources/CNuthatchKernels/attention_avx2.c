#if defined(__x86_64__)

#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "attention_tables.h"

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

// 6 rows x 1 panel x 2 registers of sums, 2 of stored numbers, 1 broadcast: 15 of 16.
enum { TILE_PANELS = 1, PRODUCT_PANELS = 1 };
#define HAS_PAIR_PRODUCTS
#define HAS_HALF_CONVERSION
#include "attention_kernel.h"

const struct nuthatch_attention_table nuthatch_attention_avx2 = ATTENTION_TABLE("avx2");

#pragma clang attribute pop

#endif
