#if defined(__aarch64__)

#define CODES_KERNEL nuthatch_multiply_codes_neon
#define USES_DOTPROD 0
#define USES_I8MM 0
#include "matmul_codes_neon.h"

#endif
