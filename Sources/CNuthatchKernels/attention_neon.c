#if defined(__aarch64__)

#include "attention_tables.h"

// NEON is arm64's baseline: no target pragma. 6 rows x 1 panel x 4 registers of sums, 4 of stored numbers, 1
// broadcast: 29 of 32.
enum { TILE_PANELS = 1, PRODUCT_PANELS = 1 };
#define HAS_HALF_CONVERSION
#include "attention_kernel.h"

const struct nuthatch_attention_table nuthatch_attention_neon = ATTENTION_TABLE("neon");

#endif
