#include "kernels.h"

#define MANY_ROWS 2
#define MANY_ROWS_PANELS 1
#define ONE_ROW_PANELS 1
#define LANES_FROM_HALF lanes_from_half

#include "elementwise.h"
#include "multiply_floats.h"
#include "quantize.h"

const struct nuthatch_kernel_table nuthatch_table_scalar = {
    .name = "scalar",
    .features = "portable C",
    .multiply_codes = nuthatch_multiply_codes_scalar,
    .quantize_rows = quantize_rows,
    NUTHATCH_SHARED_KERNELS,
};
