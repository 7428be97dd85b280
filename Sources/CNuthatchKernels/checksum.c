// Fletcher's sums over 32-bit words, eight interleaved columns of them, then a hash of the sums.
//
// The bytes are lines of 32: eight little-endian words, one per column. A last, partial line is filled up
// with zeros. For each column, over the lines i = 1 ... n of a block (65,536 lines, 2 MiB, or what is left),
//
//     sum    = w_1 + ... + w_n                       < 2^48
//     moment = n * w_1 + (n - 1) * w_2 + ... + w_n   < 2^63 + 2^47
//
// exact, in 64 bits: nothing wraps, so no bit of a word weighs less than another. What differs in
//   - one word of a column (any flipped bits of it) changes its sum;
//   - two words of a column changes its sum, or else its moment: w_i + d and w_k - d change it by (k - i) d;
//   - all of a block that was not zero and now is, or the other way round, changes a sum from or to zero;
//   - two lines that changed places changes a moment: by the product of their distance and their difference;
// and that in each column by itself. The sums of every block, the seed and the byte count then go through
// steps of which each is one to one in what it takes in and one to one in what it passes on: a change of one
// sum alone always arrives; changes of several cancel each other for one in 2^64 patterns, as do three and
// more words of a column that keep both its sums. An adversary finds such patterns; disks and cables do not.
//
// J. G. Fletcher, IEEE Transactions on Communications 30 (1982), with sums wide enough to need no modulus.

#include <stdatomic.h>
#include <string.h>

#include "cpu_x86.h"
#include "include/nuthatch_checksum.h"

// Every function that takes or returns vectors is inlined, so no calling convention matters.
#pragma clang diagnostic ignored "-Wpsabi"
#define CHECKSUM_INLINE static inline __attribute__((always_inline))

enum { LINE_BYTES = 32, LANES_PER_LINE = LINE_BYTES / 8, LINES_PER_BLOCK = 1 << 16 };

// Two columns per lane: the words of even index lie in the lanes' lower halves, those of odd index in the
// upper ones.
typedef uint64_t line __attribute__((vector_size(LINE_BYTES)));

// `whole` sums 64-bit lanes, modulo 2^64; `upper` their upper halves. Sums of lower halves need no addition
// of their own: they are below 2^64, so whole - upper * 2^32, modulo 2^64, is what they are. Five operations
// a line, where sums of both halves would be six.
struct sums {
    line whole, whole_moment, upper, upper_moment;
};

CHECKSUM_INLINE line load_line(const unsigned char *bytes) {
    line words;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    memcpy(&words, bytes, LINE_BYTES);
#else
    for (int lane = 0; lane < LANES_PER_LINE; lane++) {
        uint64_t word = 0;
        for (int byte = 7; byte >= 0; byte--) word = word << 8 | bytes[lane * 8 + byte];
        words[lane] = word;
    }
#endif
    return words;
}

CHECKSUM_INLINE void add_line(struct sums *sums, line words) {
    sums->whole += words;
    sums->whole_moment += sums->whole;
    sums->upper += words >> 32;
    sums->upper_moment += sums->upper;
}

// The `count` bytes that follow those in `sums`.
CHECKSUM_INLINE void add_rest(struct sums *result, const unsigned char *bytes, size_t count) {
    struct sums sums = *result;
    size_t whole = count / LINE_BYTES * LINE_BYTES;
    for (size_t i = 0; i < whole; i += LINE_BYTES) add_line(&sums, load_line(bytes + i));
    if (whole < count) {
        unsigned char last[LINE_BYTES] = {0};
        memcpy(last, bytes + whole, count - whole);
        add_line(&sums, load_line(last));
    }
    *result = sums;
}

// `count` bytes, at most a block of them.
CHECKSUM_INLINE void add_bytes(struct sums *result, const unsigned char *bytes, size_t count) {
    struct sums sums = {0};
    add_rest(&sums, bytes, count);
    *result = sums;
}

typedef void add_function(struct sums *result, const unsigned char *bytes, size_t count);

static void add_plain(struct sums *result, const unsigned char *bytes, size_t count) {
    add_bytes(result, bytes, count);
}

#if defined(__x86_64__)
// A line in one register instead of two: 43 GB/s instead of 24 from the second-level cache.
__attribute__((target("avx2"))) static void add_avx2(struct sums *result, const unsigned char *bytes,
                                                     size_t count) {
    add_bytes(result, bytes, count);
}

typedef uint64_t line_pair __attribute__((vector_size(2 * LINE_BYTES)));

// Two lines a step, each with sums of its own. Of n = 2 k lines, those of odd number i = 2 j - 1 have the
// weight n - i + 1 = 2 (k - j + 1) in the moment, those of even number one less: so the moment is twice the
// sum of the two moments over pairs, less the sum over even lines. What an odd number of lines leaves over
// comes last.
__attribute__((target("avx512f"))) static void add_avx512(struct sums *result, const unsigned char *bytes,
                                                          size_t count) {
    line_pair whole = {0}, whole_moment = {0}, upper = {0}, upper_moment = {0};
    size_t paired = count / sizeof(line_pair) * sizeof(line_pair);
    for (size_t i = 0; i < paired; i += sizeof(line_pair)) {
        line_pair words;
        memcpy(&words, bytes + i, sizeof(words));
        whole += words;
        whole_moment += whole;
        upper += words >> 32;
        upper_moment += upper;
    }
#define ODD(pair) __builtin_shufflevector(pair, pair, 0, 1, 2, 3)
#define EVEN(pair) __builtin_shufflevector(pair, pair, 4, 5, 6, 7)
    struct sums sums = {
        .whole = ODD(whole) + EVEN(whole),
        .whole_moment = 2 * (ODD(whole_moment) + EVEN(whole_moment)) - EVEN(whole),
        .upper = ODD(upper) + EVEN(upper),
        .upper_moment = 2 * (ODD(upper_moment) + EVEN(upper_moment)) - EVEN(upper),
    };
#undef ODD
#undef EVEN
    add_rest(&sums, bytes + paired, count - paired);
    *result = sums;
}
#endif

// Asked of the CPU once: under a hypervisor each question takes longer than a page's sums. Threads that ask
// at the same time find the same answer.
static add_function *add_for_this_cpu(void) {
#if defined(__x86_64__)
    static _Atomic(add_function *) chosen;
    add_function *function = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (function == NULL) {
        struct nuthatch_x86_features features = nuthatch_x86_features();
        function = features.avx512_vnni ? add_avx512 : features.avx2 ? add_avx2 : add_plain;
        atomic_store_explicit(&chosen, function, memory_order_relaxed);
    }
    return function;
#else
    return add_plain;
#endif
}

// One to one in `hash` for a given `value`, and in `value` for a given `hash`: exclusive or, shifts that keep
// the upper bits and odd factors can be undone. The factors are those of SplitMix64 (G. Steele, D. Lea and
// C. Flood, OOPSLA 2014).
static uint64_t mix(uint64_t hash, uint64_t value) {
    hash ^= value;
    hash = (hash ^ hash >> 30) * 0xbf58476d1ce4e5b9;
    hash = (hash ^ hash >> 27) * 0x94d049bb133111eb;
    return hash ^ hash >> 31;
}

static uint64_t mix_sums(uint64_t hash, const struct sums *sums) {
    line lower = sums->whole - (sums->upper << 32);
    line lower_moment = sums->whole_moment - (sums->upper_moment << 32);
    for (int lane = 0; lane < LANES_PER_LINE; lane++) {
        hash = mix(hash, lower[lane]);
        hash = mix(hash, lower_moment[lane]);
        hash = mix(hash, sums->upper[lane]);
        hash = mix(hash, sums->upper_moment[lane]);
    }
    return hash;
}

uint64_t nuthatch_checksum(const void *start, size_t count, uint64_t seed) {
    add_function *add = add_for_this_cpu();
    uint64_t hash = mix(mix(0x9e3779b97f4a7c15, seed), count);
    const unsigned char *bytes = start;
    do {
        size_t block = (size_t)LINES_PER_BLOCK * LINE_BYTES;
        if (block > count) block = count;
        struct sums sums;
        add(&sums, bytes, block);
        hash = mix_sums(hash, &sums);
        bytes += block;
        count -= block;
    } while (count > 0);
    return hash;
}
