// The definition of right: compiled for whatever the build's baseline is, on every platform.

enum { TILE_PANELS = 1, PRODUCT_PANELS = 1 };
#include "attention_kernel.h"

#include "attention_tables.h"

const struct nuthatch_attention_table nuthatch_attention_scalar = ATTENTION_TABLE("scalar");
