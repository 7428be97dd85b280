// exp, log, tanh and the normal distribution on lanes, within 2 units in the last place (exp, log, tanh) of
// the true value. Coefficients: weighted minimax fits of our own (Lawson's iteration at 40 digits), relative
// error beside each.

#ifndef NUTHATCH_TRANSCENDENTAL_H
#define NUTHATCH_TRANSCENDENTAL_H

#include "lanes.h"

// exp(x) = 2^n exp(r), n = round(x / ln 2), |r| <= ln 2 / 2; ln 2 in two parts (Cody and Waite) so that r is
// exact to the last place. exp(r) = 1 + r + r^2 P(r), P of degree 4: 3.4e-9. Arguments outside
// [-87.33, 88.37], where the result would be subnormal or overflow, act as the bound; NaN stays NaN.
LANES_INLINE lanes lanes_exp(lanes x) {
    lanes highest = lanes_fill(88.37f), lowest = lanes_fill(-87.33f);
    x = lanes_select(x > highest, highest, x);
    x = lanes_select(x < lowest, lowest, x);
    // 1.5 * 2^23 leaves the rounded integer in the sum's low bits.
    lanes magic = lanes_fill(0x1.8p23f);
    lanes shifted = lanes_fma(x, lanes_fill(0x1.715476p0f), magic);
    lanes n = shifted - magic;
    lanes r = lanes_fma(n, lanes_fill(-0x1.62e400p-1f), x);
    r = lanes_fma(n, lanes_fill(-0x1.7f7d1cp-20f), r);
    lanes p = lanes_fill(0x1.6dbc64p-10f);
    p = lanes_fma(p, r, lanes_fill(0x1.124148p-7f));
    p = lanes_fma(p, r, lanes_fill(0x1.555454p-5f));
    p = lanes_fma(p, r, lanes_fill(0x1.555486p-3f));
    p = lanes_fma(p, r, lanes_fill(0.5f));
    lanes exponential = lanes_fma(p, r * r, r) + lanes_fill(1);
    // n is between -126 and 127: 2^n is a normal number.
    int_lanes exponent = ((int_lanes)shifted - (int_lanes)magic + 127) << 23;
    return exponential * (lanes)exponent;
}

// log(x) = n ln 2 + log(1 + f), x = 2^n (1 + f), 1 + f between sqrt(1/2) and sqrt(2); log(1 + f) = f - f^2 /
// 2 + f^3 P(f), P of degree 7: 5.9e-9; ln 2 in two parts, n times the first exact. For positive normal x
// only: zero and subnormal numbers give about -88, anything else nonsense.
LANES_INLINE lanes lanes_log(lanes x) {
    int_lanes bits = (int_lanes)x - 0x3f3504f3;
    int_lanes exponent = bits >> 23;
    lanes n = __builtin_convertvector(exponent, lanes);
    lanes f = (lanes)((int_lanes)x - (exponent << 23)) - 1.0f;
    lanes p = lanes_fill(-0x1.38b580p-4f);
    p = lanes_fma(p, f, lanes_fill(0x1.055b6ap-3f));
    p = lanes_fma(p, f, lanes_fill(-0x1.0d8542p-3f));
    p = lanes_fma(p, f, lanes_fill(0x1.22da1cp-3f));
    p = lanes_fma(p, f, lanes_fill(-0x1.547244p-3f));
    p = lanes_fma(p, f, lanes_fill(0x1.99a008p-3f));
    p = lanes_fma(p, f, lanes_fill(-0x1.000226p-2f));
    p = lanes_fma(p, f, lanes_fill(0x1.555554p-2f));
    lanes square = f * f;
    lanes tail = lanes_fma(n, lanes_fill(0x1.7f7d1cp-20f), square * (p * f - 0.5f));
    return lanes_fma(n, lanes_fill(0x1.62e400p-1f), f + tail);
}

// |x| < 0.625: x + x^3 P(x^2), P of degree 4: 4.7e-9; else 1 - 2 / (exp(2 |x|) + 1) with the sign of x.
LANES_INLINE lanes lanes_tanh(lanes x) {
    lanes magnitude = lanes_magnitude(x);
    lanes square = x * x;
    lanes p = lanes_fill(-0x1.72fc24p-8f);
    p = lanes_fma(p, square, lanes_fill(0x1.518b0cp-6f));
    p = lanes_fma(p, square, lanes_fill(-0x1.b8265cp-5f));
    p = lanes_fma(p, square, lanes_fill(0x1.11068ep-3f));
    p = lanes_fma(p, square, lanes_fill(-0x1.555530p-2f));
    lanes small = lanes_fma(p * square, x, x);
    lanes large = lanes_fill(1) - lanes_fill(2) / (lanes_exp(magnitude + magnitude) + lanes_fill(1));
    large = (lanes)((int_lanes)large | ((int_lanes)x & (int32_t)0x80000000));
    return lanes_select(magnitude < lanes_fill(0.625f), small, large);
}

// 1 + erf(z), without cancellation for negative z. |z| <= 1: 1 + z P(z^2), P of degree 6: 1.2e-9. Beyond,
// with t = |z| at most 6: erfc(t) = exp(Q(t) - t^2), Q of degree 9 fitted to log(erfcx): 1.1e-7.
LANES_INLINE lanes lanes_one_plus_erf(lanes z) {
    lanes t = lanes_magnitude(z);
    lanes square = z * z;
    lanes p = lanes_fill(0x1.4ae4c6p-14f);
    p = lanes_fma(p, square, lanes_fill(-0x1.a485e8p-11f));
    p = lanes_fma(p, square, lanes_fill(0x1.5419f4p-8f));
    p = lanes_fma(p, square, lanes_fill(-0x1.b7fbb4p-6f));
    p = lanes_fma(p, square, lanes_fill(0x1.ce2d20p-4f));
    p = lanes_fma(p, square, lanes_fill(-0x1.81273ep-2f));
    p = lanes_fma(p, square, lanes_fill(0x1.20dd74p+0f));
    lanes small = lanes_fma(p, z, lanes_fill(1));

    lanes six = lanes_fill(6);
    t = lanes_select(t > six, six, t);
    lanes q = lanes_fill(-0x1.64484ap-24f);
    q = lanes_fma(q, t, lanes_fill(0x1.be4672p-19f));
    q = lanes_fma(q, t, lanes_fill(-0x1.fae15cp-15f));
    q = lanes_fma(q, t, lanes_fill(0x1.5b5026p-11f));
    q = lanes_fma(q, t, lanes_fill(-0x1.4309b2p-8f));
    q = lanes_fma(q, t, lanes_fill(0x1.b49b0ap-6f));
    q = lanes_fma(q, t, lanes_fill(-0x1.c32e54p-4f));
    q = lanes_fma(q, t, lanes_fill(0x1.78ce1ap-2f));
    q = lanes_fma(q, t, lanes_fill(-0x1.214676p+0f));
    q = lanes_fma(q, t, lanes_fill(0x1.e0ce6ap-13f));
    lanes tail = lanes_exp(lanes_fma(-t, t, q));
    lanes large = lanes_select(z < lanes_fill(0), tail, lanes_fill(2) - tail);
    return lanes_select(t > lanes_fill(1), large, small);
}

#endif
