#ifndef NUTHATCH_KERNELS_H
#define NUTHATCH_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "nuthatch_dequantize.h"

#endif
