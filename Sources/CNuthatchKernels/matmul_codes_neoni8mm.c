#if defined(__aarch64__)

#include <arm_neon.h>

#pragma clang attribute push(__attribute__((target("dotprod,i8mm"))), apply_to = function)

#define CODES_KERNEL nuthatch_multiply_codes_neoni8mm
#define USES_DOTPROD 1
#define USES_I8MM 1
#include "matmul_codes_neon.h"

#pragma clang attribute pop

#endif
