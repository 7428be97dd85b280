#ifndef NUTHATCH_CPU_X86_H
#define NUTHATCH_CPU_X86_H

#include <stdbool.h>

struct nuthatch_x86_features {
    /// with FMA and F16C
    bool avx2;
    /// VPDPBUSD on 256 bits
    bool avx_vnni;
    /// with F, BW, VL, DQ
    bool avx512_vnni;
    bool avx512_bf16;
    /// with tiles, and the system's leave to use them
    bool amx_int8;
};

struct nuthatch_x86_features nuthatch_x86_features(void);

#endif
