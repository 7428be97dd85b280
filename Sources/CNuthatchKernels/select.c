#include "nuthatch_kernels.h"
