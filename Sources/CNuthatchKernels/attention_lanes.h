// What attention needs of 16 lanes beyond lanes.h: numbers as pages store them, and probabilities.

#ifndef NUTHATCH_ATTENTION_LANES_H
#define NUTHATCH_ATTENTION_LANES_H

#include "halves.h"
#include "include/nuthatch_attention.h"
#include "transcendental.h"

_Static_assert(LANES == NUTHATCH_ATTENTION_PANEL_WIDTH, "a panel is one vector wide");

struct interval {
    size_t first;
    size_t end;
};

LANES_INLINE int is_empty(struct interval interval) {
    return interval.first >= interval.end;
}

LANES_INLINE struct interval overlap(struct interval a, struct interval b) {
    struct interval result = {a.first > b.first ? a.first : b.first, a.end < b.end ? a.end : b.end};
    return result;
}

// The least interval that holds both.
LANES_INLINE struct interval hull(struct interval a, struct interval b) {
    if (is_empty(a)) return b;
    if (is_empty(b)) return a;
    struct interval result = {a.first < b.first ? a.first : b.first, a.end > b.end ? a.end : b.end};
    return result;
}

// What rows see of a page's slots, or of a plane's numbers.
struct view {
    // What any of them sees, ...
    struct interval all;
    // ... and whether all see just that; else what each does.
    int is_same;
    const struct interval *each;
};

LANES_INLINE struct interval seen_by(const struct view *view, int row) {
    return view->is_same ? view->all : view->each[row];
}

// Whether all see the same whole vectors, and some.
LANES_INLINE int is_whole(const struct view *view) {
    struct interval all = view->all;
    return view->is_same && !is_empty(all) && all.first % LANES == 0 && all.end % LANES == 0;
}

// What some of the rows see, from the first-th on.
LANES_INLINE struct view part_of(const struct view *view, int first, int count) {
    if (view->is_same) return *view;
    struct view part = {.each = view->each + first};
    for (int row = 0; row < count; row++) part.all = hull(part.all, part.each[row]);
    return part;
}

// a > b ? a : b, lane by lane: the second where either is NaN.
LANES_INLINE lanes lanes_maximum(lanes a, lanes b) {
    return lanes_select(a > b, a, b);
}

// The largest lane, in the tree of lanes_sum.
LANES_INLINE float lanes_largest(lanes x) {
    x = lanes_maximum(x, LANES_FROM(x, 8));
    x = lanes_maximum(x, LANES_FROM(x, 4));
    x = lanes_maximum(x, LANES_FROM(x, 2));
    x = lanes_maximum(x, LANES_FROM(x, 1));
    return x[0];
}

// Lanes first .. end - 1 of x (the bounds may lie outside 0 .. 16), `other` elsewhere.
LANES_INLINE lanes lanes_keep(lanes x, int first, int end, lanes other) {
    const int_lanes index = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    return lanes_select((index >= first) & (index < end), x, other);
}

// 2^x of a few vectors of x <= 0, side by side, for the steps of one wait for each other: 1 at 0, 2^-125.5
// for all that is less (2^x is a normal number), NaN for NaN. 2^x = 2^n 2^r, n = round(x), |r| <= 1/2; 2^r =
// 1 + r P(r), P of degree 4: 9.1e-8 (coefficients as in transcendental.h). n has at most 7 bits, so that the
// sum with 1.5 * 2^23, shifted by 23, is n as an exponent and nothing else; 2^n is multiplied in beside the
// last step of P, so that a NaN stays one whatever its payload.
LANES_INLINE void make_probabilities(lanes *x, int count) {
    enum { MOST = 8 };
    const lanes magic = lanes_fill(0x1.8p23f);
    lanes shifted[MOST], p[MOST];
#define EACH _Pragma("clang loop unroll(full)") for (int i = 0; i < count; i++)
    EACH x[i] = lanes_maximum(lanes_fill(-125.5f), x[i]);
    EACH shifted[i] = x[i] + magic;
    EACH p[i] = shifted[i] - magic;
    EACH x[i] -= p[i];
    EACH p[i] = lanes_fma(lanes_fill(0x1.5bba08p-10f), x[i], lanes_fill(0x1.3cea88p-7f));
    EACH p[i] = lanes_fma(p[i], x[i], lanes_fill(0x1.c6b754p-5f));
    EACH p[i] = lanes_fma(p[i], x[i], lanes_fill(0x1.ebf9bcp-3f));
    EACH p[i] = lanes_fma(p[i], x[i], lanes_fill(0x1.62e42ap-1f));
    EACH shifted[i] = (lanes)(((int_lanes)shifted[i] << 23) + 0x3f800000);
    EACH x[i] *= p[i];
    EACH x[i] = lanes_fma(x[i], shifted[i], shifted[i]);
#undef EACH
}

LANES_INLINE lanes lanes_probability(lanes x) {
    make_probabilities(&x, 1);
    return x;
}

#ifdef HAS_HALF_CONVERSION
typedef _Float16 native_half_lanes __attribute__((vector_size(32)));
#endif

LANES_INLINE lanes lanes_widen_half(half_lanes half) {
#ifdef HAS_HALF_CONVERSION
    return __builtin_convertvector((native_half_lanes)half, lanes);
#else
    return lanes_from_half(half);
#endif
}

LANES_INLINE lanes lanes_widen_bfloat(half_lanes bfloat) {
    return (lanes)(__builtin_convertvector(bfloat, uint_lanes) << 16);
}

LANES_INLINE half_lanes load_halves(const uint16_t *from) {
    half_lanes halves;
    memcpy(&halves, from, sizeof(halves));
    return halves;
}

// 16 / span numbers that lie side by side, each in `span` lanes: 1, 2, 4, 8 or 16.
#define SPREAD_2 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7
#define SPREAD_4 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3
#define SPREAD_8 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1
#define SPREAD_CASE(SPAN, NUMBER)                                                                            \
    case SPAN: {                                                                                             \
        typedef NUMBER few __attribute__((vector_size(sizeof(NUMBER) * LANES / (SPAN))));                    \
        few numbers;                                                                                         \
        memcpy(&numbers, from, sizeof(numbers));                                                             \
        return __builtin_shufflevector(numbers, numbers, SPREAD_##SPAN);                                     \
    }

LANES_INLINE half_lanes spread_halves(const uint16_t *from, size_t span) {
    switch (span) {
    case 1: return load_halves(from);
    SPREAD_CASE(2, uint16_t)
    SPREAD_CASE(4, uint16_t)
    SPREAD_CASE(8, uint16_t)
    default: return (half_lanes){0} + from[0];
    }
}

LANES_INLINE lanes spread_floats(const float *from, size_t span) {
    switch (span) {
    case 1: return lanes_load(from);
    SPREAD_CASE(2, float)
    SPREAD_CASE(4, float)
    SPREAD_CASE(8, float)
    default: return lanes_fill(from[0]);
    }
}

// -1 in the lanes of finite numbers beyond `largest`, 0 elsewhere.
LANES_INLINE int_lanes lanes_beyond(lanes x, float largest) {
    lanes magnitude = lanes_magnitude(x);
    return (magnitude > largest) & (magnitude < __builtin_inff());
}

// Finite numbers beyond the largest of a format become the largest, of the same sign; infinities and NaN
// stay. (One outlier as infinity would make every later score of its head NaN; as 65504 it still dominates.)
LANES_INLINE lanes lanes_saturate(lanes x, float largest) {
    lanes limit = (lanes)((int_lanes)lanes_fill(largest) | ((int_lanes)x & (int_lanes)lanes_fill(-0.0f)));
    return lanes_select(lanes_beyond(x, largest), limit, x);
}

// The largest finite number of a storage.
LANES_INLINE float largest_stored(enum nuthatch_storage storage) {
    switch (storage) {
    case NUTHATCH_STORAGE_F16: return 65504.0f;
    case NUTHATCH_STORAGE_BF16: return 0x1.fep127f;
    case NUTHATCH_STORAGE_F32:
    case NUTHATCH_STORAGE_CODES: break;
    }
    return __builtin_inff();
}

// Round to nearest even.
LANES_INLINE void lanes_store_half(uint16_t *to, lanes x) {
    x = lanes_saturate(x, largest_stored(NUTHATCH_STORAGE_F16));
#ifdef HAS_HALF_CONVERSION
    native_half_lanes half = __builtin_convertvector(x, native_half_lanes);
    memcpy(to, &half, sizeof(half));
#else
    for (int lane = 0; lane < LANES; lane++) to[lane] = half_from_float(x[lane]);
#endif
}

// Round to nearest even: half of the last place kept, less one bit where that place is even, carries into it.
LANES_INLINE void lanes_store_bfloat(uint16_t *to, lanes x) {
    uint_lanes bits = (uint_lanes)lanes_saturate(x, largest_stored(NUTHATCH_STORAGE_BF16));
    uint_lanes rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    uint_lanes quiet = bits >> 16 | 0x40;
    uint_lanes is_nan = (uint_lanes)(x != x);
    half_lanes result = __builtin_convertvector((is_nan & quiet) | (~is_nan & rounded), half_lanes);
    memcpy(to, &result, sizeof(result));
}

// 16 / span stored numbers from the element-th on, each in `span` lanes.
LANES_INLINE lanes load_spread(const void *stored, size_t element, size_t span,
                               enum nuthatch_storage storage) {
    const uint16_t *halves = (const uint16_t *)stored + element;
    switch (storage) {
    case NUTHATCH_STORAGE_F32: return spread_floats((const float *)stored + element, span);
    case NUTHATCH_STORAGE_F16: return lanes_widen_half(spread_halves(halves, span));
    case NUTHATCH_STORAGE_BF16: return lanes_widen_bfloat(spread_halves(halves, span));
    case NUTHATCH_STORAGE_CODES: break;
    }
    return lanes_fill(0);
}

// 16 stored numbers as floats, from the element-th on.
LANES_INLINE lanes load_stored(const void *stored, size_t element, enum nuthatch_storage storage) {
    return load_spread(stored, element, 1, storage);
}

// Bytes of 16 stored numbers.
LANES_INLINE size_t stored_bytes(enum nuthatch_storage storage) {
    return storage == NUTHATCH_STORAGE_F32 ? 4 * LANES : 2 * LANES;
}

LANES_INLINE void store_stored(void *stored, size_t element, enum nuthatch_storage storage, lanes x) {
    switch (storage) {
    case NUTHATCH_STORAGE_F32: lanes_store((float *)stored + element, x); break;
    case NUTHATCH_STORAGE_F16: lanes_store_half((uint16_t *)stored + element, x); break;
    case NUTHATCH_STORAGE_BF16: lanes_store_bfloat((uint16_t *)stored + element, x); break;
    case NUTHATCH_STORAGE_CODES: break;
    }
}

// Stores `count` <= 16 floats into every 16th element, from the element-th on.
LANES_INLINE void scatter_stored(void *stored, size_t element, enum nuthatch_storage storage,
                                 const float *floats, size_t count) {
    lanes x = count < LANES ? lanes_load_some(floats, count) : lanes_load(floats);
    if (storage == NUTHATCH_STORAGE_F32) {
        float *to = (float *)stored + element;
        for (size_t index = 0; index < count; index++) to[index * LANES] = floats[index];
        return;
    }
    uint16_t narrow[LANES];
    store_stored(narrow, 0, storage, x);
    uint16_t *to = (uint16_t *)stored + element;
    for (size_t index = 0; index < count; index++) to[index * LANES] = narrow[index];
}

#endif
