// Every attention table of this build.

#ifndef NUTHATCH_ATTENTION_TABLES_H
#define NUTHATCH_ATTENTION_TABLES_H

#include "include/nuthatch_attention.h"

extern const struct nuthatch_attention_table nuthatch_attention_scalar;
#if defined(__x86_64__)
extern const struct nuthatch_attention_table nuthatch_attention_avx2;
extern const struct nuthatch_attention_table nuthatch_attention_avxvnni;
extern const struct nuthatch_attention_table nuthatch_attention_avx512;
#elif defined(__aarch64__)
extern const struct nuthatch_attention_table nuthatch_attention_neon;
#endif

#endif
