// What select.c collects: the tables, and the kernels that files of their own hold.

#ifndef NUTHATCH_KERNELS_PRIVATE_H
#define NUTHATCH_KERNELS_PRIVATE_H

#include "nuthatch_kernels.h"

extern const struct nuthatch_kernel_table nuthatch_table_scalar;
#if defined(__x86_64__)
extern const struct nuthatch_kernel_table nuthatch_table_avx2;
extern const struct nuthatch_kernel_table nuthatch_table_avxvnni;
extern const struct nuthatch_kernel_table nuthatch_table_avx512;
extern const struct nuthatch_kernel_table nuthatch_table_avx512amx;
#elif defined(__aarch64__)
extern const struct nuthatch_kernel_table nuthatch_table_neon;
extern const struct nuthatch_kernel_table nuthatch_table_neondot;
extern const struct nuthatch_kernel_table nuthatch_table_neoni8mm;
#endif

#define NUTHATCH_CODES_KERNEL(name)                                                                          \
    void name(const struct nuthatch_panels *weights, size_t first_panel, size_t panel_count,                 \
              const struct nuthatch_activation_block *blocks, size_t row_count, float *output,               \
              size_t output_stride)

NUTHATCH_CODES_KERNEL(nuthatch_multiply_codes_scalar);
NUTHATCH_CODES_KERNEL(nuthatch_multiply_codes_avx2);
NUTHATCH_CODES_KERNEL(nuthatch_multiply_codes_avxvnni);
NUTHATCH_CODES_KERNEL(nuthatch_multiply_codes_avx512);
NUTHATCH_CODES_KERNEL(nuthatch_multiply_codes_amx);
NUTHATCH_CODES_KERNEL(nuthatch_multiply_codes_neon);
NUTHATCH_CODES_KERNEL(nuthatch_multiply_codes_neondot);
NUTHATCH_CODES_KERNEL(nuthatch_multiply_codes_neoni8mm);

/// The members of a table that elementwise.h and multiply_floats.h define in the including file.
#define NUTHATCH_SHARED_KERNELS                                                                              \
    .multiply_floats = multiply_floats, .rms_norm = rms_norm,                \
    .layer_norm = layer_norm, .rotate_halves = rotate_halves, .rotate_neighbours = rotate_neighbours,        \
    .activate = activate, .add = add, .scale = scale, .softcap = softcap

#endif
