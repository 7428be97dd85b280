#if defined(__x86_64__)

#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "attention_tables.h"

// AVX2 with products that add.
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,avxvnni"))), apply_to = function)

// As for AVX2.
enum { TILE_PANELS = 1, PRODUCT_PANELS = 1 };
#define HAS_PAIR_PRODUCTS
#define HAS_WORD_PRODUCTS
#define HAS_HALF_CONVERSION
#define PAIR_PRODUCT_TARGET __attribute__((target("avx2,fma,f16c,avxvnni,tune=znver4")))
#include "attention_kernel.h"

const struct nuthatch_attention_table nuthatch_attention_avxvnni = ATTENTION_TABLE("avxvnni");

#pragma clang attribute pop

#endif
