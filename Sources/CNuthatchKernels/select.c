#if defined(__linux__)
#define _GNU_SOURCE
#endif

#include "kernels.h"

#if defined(__x86_64__)

#include <cpuid.h>

#include "cpu_x86.h"

#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

// Linux gives a process the 8 KiB of tile registers only when asked (Documentation/arch/x86/xstate.rst):
// arch_prctl with ARCH_REQ_XCOMP_PERM for XFEATURE_XTILEDATA.
static bool may_use_tiles(void) {
#if defined(__linux__)
    return syscall(SYS_arch_prctl, 0x1023, 18) == 0;
#else
    return false;
#endif
}

// What the CPU has and the operating system saves for each thread, from CPUID and XCR0 (Intel SDM volume 1,
// chapters 13 and 15).
struct nuthatch_x86_features nuthatch_x86_features(void) {
    struct nuthatch_x86_features features = {0};
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return features;
    bool has_osxsave = c & bit_OSXSAVE, has_avx = c & bit_AVX, has_fma = c & bit_FMA, has_f16c = c & bit_F16C;
    if (!has_osxsave || !has_avx) return features;
    uint32_t low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    bool saves_ymm = (low & 0x6) == 0x6, saves_zmm = (low & 0xe6) == 0xe6;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return features;
    features.avx2 = saves_ymm && has_fma && has_f16c && (b & bit_AVX2);
    unsigned needed = bit_AVX512F | bit_AVX512BW | bit_AVX512VL | bit_AVX512DQ;
    features.avx512_vnni = features.avx2 && saves_zmm && (b & needed) == needed && (c & bit_AVX512VNNI);
    unsigned highest = a;
    bool saves_tiles = (low & 0x60000) == 0x60000;
    bool has_tiles = (d & bit_AMXTILE) && (d & bit_AMXINT8);
    features.amx_int8 = features.avx512_vnni && saves_tiles && has_tiles && may_use_tiles();
    if (highest >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d)) {
        features.avx_vnni = features.avx2 && (a & bit_AVXVNNI);
        features.avx512_bf16 = features.avx512_vnni && (a & bit_AVX512BF16);
    }
    return features;
}

#elif defined(__aarch64__)

struct arm_features {
    bool dotprod;
    bool i8mm;
};

#if defined(__APPLE__)
#include <sys/sysctl.h>

static bool has_feature(const char *name) {
    int value = 0;
    size_t size = sizeof(value);
    return sysctlbyname(name, &value, &size, NULL, 0) == 0 && value != 0;
}

static struct arm_features arm_features(void) {
    struct arm_features features = {.dotprod = has_feature("hw.optional.arm.FEAT_DotProd"),
                                    .i8mm = has_feature("hw.optional.arm.FEAT_I8MM")};
    return features;
}
#else
#include <sys/auxv.h>

// HWCAP_ASIMDDP and HWCAP2_I8MM of the Linux kernel's arch/arm64 hwcap.h.
static struct arm_features arm_features(void) {
    struct arm_features features = {.dotprod = getauxval(AT_HWCAP) >> 20 & 1,
                                    .i8mm = getauxval(AT_HWCAP2) >> 13 & 1};
    return features;
}
#endif

#endif

const struct nuthatch_kernel_table *nuthatch_kernel_table(size_t index) {
    const struct nuthatch_kernel_table *tables[8];
    size_t count = 0;
    tables[count++] = &nuthatch_table_scalar;
#if defined(__x86_64__)
    struct nuthatch_x86_features features = nuthatch_x86_features();
    if (features.avx2) tables[count++] = &nuthatch_table_avx2;
    if (features.avx_vnni) tables[count++] = &nuthatch_table_avxvnni;
    if (features.avx512_vnni) tables[count++] = &nuthatch_table_avx512;
    if (features.amx_int8) tables[count++] = &nuthatch_table_avx512amx;
#elif defined(__aarch64__)
    struct arm_features features = arm_features();
    tables[count++] = &nuthatch_table_neon;
    if (features.dotprod) tables[count++] = &nuthatch_table_neondot;
    if (features.dotprod && features.i8mm) tables[count++] = &nuthatch_table_neoni8mm;
#endif
    return index < count ? tables[index] : NULL;
}
