// One binary16 or bfloat16 at a time; see lanes.h for the derivation of the first.

#ifndef NUTHATCH_HALVES_H
#define NUTHATCH_HALVES_H

#include <stdint.h>
#include <string.h>

static inline float float_from_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

static inline uint32_t bits_from_float(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

static inline float float_from_half(uint16_t half) {
    uint32_t magnitude = bits_from_float(float_from_bits((uint32_t)(half & 0x7fff) << 13) * 0x1p112f);
    if ((half & 0x7c00) == 0x7c00) magnitude |= 0x7f800000u;
    return float_from_bits(magnitude | (uint32_t)(half & 0x8000) << 16);
}

// Round to nearest even: normal halves by adding just below half of the last kept bit, and that bit, before
// the cut (a carry moves into the exponent as it should); subnormal ones (below 2^-14, ulp 2^-24) by adding
// 0.5, whose ulp is theirs, so that the adder rounds.
static inline uint16_t half_from_float(float value) {
    uint32_t bits = bits_from_float(value);
    uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
    bits &= 0x7fffffff;
    if (bits > 0x7f800000u) return sign | 0x7e00;
    if (bits >= 0x477ff000u) return sign | 0x7c00;  // 65520 and above round to infinity
    if (bits < 0x38800000u) {
        return sign | (uint16_t)(bits_from_float(float_from_bits(bits) + 0.5f) - 0x3f000000u);
    }
    uint32_t rounded = bits + 0xfff + (bits >> 13 & 1);
    return sign | (uint16_t)((rounded >> 13) - (112u << 10));
}

static inline float float_from_bfloat(uint16_t bfloat) {
    return float_from_bits((uint32_t)bfloat << 16);
}

static inline uint16_t bfloat_from_float(float value) {
    uint32_t bits = bits_from_float(value);
    if ((bits & 0x7fffffff) > 0x7f800000u) return (uint16_t)(bits >> 16 | 0x40);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

#endif
