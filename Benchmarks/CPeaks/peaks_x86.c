#if defined(__x86_64__)

#include <immintrin.h>

#include "loops.h"

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

FLOAT_LOOP(multiply_floats_256, 32, __builtin_elementwise_fma, 10)

// Without products of bytes summed in 32 bits: pairs in 16 bits, pairs of those in 32, and the sum.
#define PRODUCT_AVX2(sum, a, b)                                                                              \
    _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(a, b), _mm256_set1_epi16(1)))
BYTE_LOOP(multiply_bytes_avx2, __m256i, __m256i, _mm256_set1_epi8, PRODUCT_AVX2, 8, 32)

#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx2,fma,avxvnni"))), apply_to = function)

BYTE_LOOP(multiply_bytes_avxvnni, __m256i, __m256i, _mm256_set1_epi8, _mm256_dpbusd_avx_epi32, 12, 32)

#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vnni"))), apply_to = function)

FLOAT_LOOP(multiply_floats_512, 64, __builtin_elementwise_fma, 12)
BYTE_LOOP(multiply_bytes_avx512, __m512i, __m512i, _mm512_set1_epi8, _mm512_dpbusd_epi32, 12, 64)

#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx512f,amx-tile,amx-int8"))), apply_to = function)

struct tile_configuration {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
};
_Static_assert(sizeof(struct tile_configuration) == 64, "the operand of LDTILECFG");

// Four sums, as a product takes 52 cycles and the next begins after 16; two operands on either side.
static uint64_t multiply_bytes_amx(uint64_t rounds) {
    struct tile_configuration tiles = {.palette = 1};
    for (int tile = 0; tile < 8; tile++) {
        tiles.rows[tile] = 16;
        tiles.row_bytes[tile] = 64;
    }
    int8_t operand[16][64];
    int32_t sums[16][16];
    memset(operand, 3, sizeof(operand));
    _tile_loadconfig(&tiles);
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    _tile_loadd(4, operand, 64);
    _tile_loadd(5, operand, 64);
    _tile_loadd(6, operand, 64);
    _tile_loadd(7, operand, 64);
    for (uint64_t round = 0; round < rounds; round++) {
        _tile_dpbssd(0, 4, 6);
        _tile_dpbssd(1, 4, 7);
        _tile_dpbssd(2, 5, 6);
        _tile_dpbssd(3, 5, 7);
    }
    _tile_stored(0, sums, 64);
    _tile_release();
    __asm__ volatile("" : : "r"(sums) : "memory");
    return rounds * 4 * 16 * 16 * 64;
}

#pragma clang attribute pop

const struct nuthatch_peaks nuthatch_peaks_avx2 = {"avx2", multiply_floats_256, multiply_bytes_avx2};
const struct nuthatch_peaks nuthatch_peaks_avxvnni = {"avxvnni", multiply_floats_256, multiply_bytes_avxvnni};
const struct nuthatch_peaks nuthatch_peaks_avx512 = {"avx512", multiply_floats_512, multiply_bytes_avx512};
const struct nuthatch_peaks nuthatch_peaks_avx512amx = {"avx512amx", multiply_floats_512, multiply_bytes_amx};

#endif
