// Numbers that look random and are the same in every run and on every machine (SplitMix64: G. Steele, D. Lea
// and C. Flood, OOPSLA 2014), and the memory they lie in.

#ifndef KERNEL_TWINS_SAMPLES_H
#define KERNEL_TWINS_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

struct samples {
    uint64_t state;
};

uint64_t next_sample(struct samples *samples);

/// 0 ... count - 1
size_t sample_below(struct samples *samples, size_t count);

/// Between low and high, of 24 bits.
float sample_float(struct samples *samples, float low, float high);

void sample_floats(struct samples *samples, float *floats, size_t count, float low, float high);

/// Now and then, in the place of a number: infinities, NaN, zeros of both signs, subnormal, tiny and huge
/// ones.
void scatter_specials(struct samples *samples, float *floats, size_t count, size_t one_in);

/// Zeros of this many bytes from a multiple of 64 on, kept until release_memory.
void *zeroed_bytes(size_t count);

/// Floats `shift` floats past a multiple of 64 bytes, all the same finite number that no kernel gives: what
/// is left of them was not written.
float *untouched_floats(size_t count, size_t shift);

/// Gives back all that the two above gave.
void release_memory(void);

#endif
