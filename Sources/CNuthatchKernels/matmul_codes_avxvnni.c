#if defined(__x86_64__)

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,avxvnni"))), apply_to = function)

#define CODES_KERNEL nuthatch_multiply_codes_avxvnni
#define USES_VNNI 1
#include "matmul_codes_256.h"

#pragma clang attribute pop

#endif
