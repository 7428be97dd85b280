#ifndef NUTHATCH_ENCODE_H
#define NUTHATCH_ENCODE_H

#include <stddef.h>

// The other direction of nuthatch_dequantize.h: float32 values into the block formats of GGUF.
//
// Each encodes all elements of block_count blocks, in order, into bytes at any alignment. Values are finite
// and at most 65504 in magnitude, the largest binary16, except for f32 and bf16, which take any.

void nuthatch_encode_f32(const float *values, void *blocks, ptrdiff_t block_count);
void nuthatch_encode_f16(const float *values, void *blocks, ptrdiff_t block_count);
void nuthatch_encode_bf16(const float *values, void *blocks, ptrdiff_t block_count);

// Bit for bit what the gguf package's reference makes of the same values.
void nuthatch_encode_q4_0(const float *values, void *blocks, ptrdiff_t block_count);
void nuthatch_encode_q4_1(const float *values, void *blocks, ptrdiff_t block_count);
void nuthatch_encode_q5_0(const float *values, void *blocks, ptrdiff_t block_count);
void nuthatch_encode_q8_0(const float *values, void *blocks, ptrdiff_t block_count);

// Formats of nested scales leave the choice of scales to the encoder: these search for the least squared
// error.
void nuthatch_encode_q4_k(const float *values, void *blocks, ptrdiff_t block_count);
void nuthatch_encode_q6_k(const float *values, void *blocks, ptrdiff_t block_count);

// The largest magnitude of the values; infinity where one of them is no finite number.
float nuthatch_largest_magnitude(const float *values, ptrdiff_t count);

#endif
