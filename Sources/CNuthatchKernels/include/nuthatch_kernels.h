#ifndef NUTHATCH_KERNELS_H
#define NUTHATCH_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nuthatch_attention.h"
#include "nuthatch_panels.h"

#pragma clang assume_nonnull begin

enum {
    /// Rows that a table may interleave. A pass that is cut among workers is cut between such tiles.
    NUTHATCH_TILE_LENGTH = 16,
};

/// One row's 32 activations quantised to 8 bits, and what the panel layouts need beside them: one cache line.
struct nuthatch_activation_block {
    int8_t codes[NUTHATCH_BLOCK_LENGTH];
    /// max |x| / 127
    float scale;
    /// scale * sum of all codes; multiplies a panel's minimum
    float scaled_sum;
    /// the same of inputs 0 to 15 and 16 to 31
    float scaled_half_sums[2];
    /// -8 * sum of all codes: undoes the zero point 8 of 4-bit codes (and, times 16, the 128 of 8-bit ones)
    int32_t centre;
    /// the same of inputs 0 to 15 and 16 to 31
    int32_t half_centres[2];
    int32_t unused;
};
_Static_assert(sizeof(struct nuthatch_activation_block) == 64, "one cache line per row and block");

/// Numbers of 16 rows in the space of their blocks, so that a tile unit finds all rows' codes side by side
/// and the rest in vectors of rows.
struct nuthatch_activation_tile {
    int8_t codes[NUTHATCH_TILE_LENGTH][NUTHATCH_BLOCK_LENGTH];
    float scales[NUTHATCH_TILE_LENGTH];
    float scaled_sums[NUTHATCH_TILE_LENGTH];
    float scaled_half_sums[2][NUTHATCH_TILE_LENGTH];
    uint8_t unused[256];
};
_Static_assert(sizeof(struct nuthatch_activation_tile) ==
                   NUTHATCH_TILE_LENGTH * sizeof(struct nuthatch_activation_block),
               "row r's blocks begin at block r x (blocks of a row) either way");

enum nuthatch_activation {
    NUTHATCH_SILU = 0,
    NUTHATCH_GELU_TANH = 1,
    NUTHATCH_GELU_ERF = 2,
    NUTHATCH_RELU = 3,
    /// x / (1 + exp(-1.702 x))
    NUTHATCH_GELU_LOGISTIC = 4,
};

/// One instruction set's kernels. Every table computes every element by the same operations in the same
/// order, so all tables give equal bits; see lanes.h and panels.h for how that order is fixed.
struct nuthatch_kernel_table {
    const char *name;
    /// What the CPU must have, for people to read.
    const char *features;

    /// blocks[row][ceil(column_count / 32)] = rows quantised; a last, partial block is filled up with zeros.
    /// A table may lay out every 16 rows from the first on as nuthatch_activation_tile[ceil(column_count /
    /// 32)]; only its own multiply_codes reads them, from a row that is a multiple of 16 and in counts that
    /// cut no such tile.
    void (*quantize_rows)(const float *rows, size_t row_stride, size_t row_count, size_t column_count,
                          struct nuthatch_activation_block *blocks);

    /// output[row][column] for the outputs of panels first .. first + count - 1; column 0 is the matrix's
    /// output 0. For panels of codes.
    void (*multiply_codes)(const struct nuthatch_panels *weights, size_t first_panel, size_t panel_count,
                           const struct nuthatch_activation_block *blocks, size_t row_count, float *output,
                           size_t output_stride);

    /// Multiplies by panels of floats.
    void (*multiply_floats)(const struct nuthatch_panels *weights, size_t first_panel, size_t panel_count,
                            const float *rows, size_t row_stride, size_t row_count, float *output,
                            size_t output_stride);

    /// output = input / sqrt(mean(input^2) + epsilon) * (weight + weight_offset), one row
    void (*rms_norm)(const float *input, const float *weight, float weight_offset, float epsilon,
                     size_t count, float *output);

    /// output = (input - mean) / sqrt(variance + epsilon) * weight + bias, one row
    void (*layer_norm)(const float *input, const float *weight, const float *_Nullable bias, float epsilon,
                       size_t count, float *output);

    /// Turns (x[i], x[i + half_count]) of each head by the angle whose cosine and sine are given; one row.
    void (*rotate_halves)(float *heads, size_t head_count, size_t head_dimension, const float *cosines,
                          const float *sines, size_t half_count);

    /// Turns (x[2 i], x[2 i + 1]) of each head; one row.
    void (*rotate_neighbours)(float *heads, size_t head_count, size_t head_dimension, const float *cosines,
                              const float *sines, size_t half_count);

    /// output = activation(gate) * up, or without the product where up is null
    void (*activate)(const float *gate, const float *_Nullable up, enum nuthatch_activation activation,
                     size_t count, float *output);

    /// target += addend
    void (*add)(const float *addend, size_t count, float *target);

    /// target *= factor
    void (*scale)(float factor, size_t count, float *target);

    /// target = cap * tanh(target / cap)
    void (*softcap)(float cap, size_t count, float *target);
};

/// The tables this CPU can run, slowest first; null past the last. Table 0 is the scalar one.
const struct nuthatch_kernel_table *_Nullable nuthatch_kernel_table(size_t index);

/// Ties the calling thread to the index-th core (counted round) of those the process may use; 0 if it is.
int nuthatch_pin_thread(int index);

/// Processors that the affinity mask of the calling thread allows; 0 where the system has no masks or says
/// nothing.
int nuthatch_allowed_processor_count(void);

/// Nanoseconds of a clock that only goes on.
uint64_t nuthatch_clock(void);

/// Nanoseconds that the calling thread has stood in a core's queue, ready to run; -1 where the system does
/// not tell.
int64_t nuthatch_queued_time(void);

/// Moves the calling thread to another of the cores it may use, where there is one, without tying it there.
void nuthatch_leave_core(void);

/// Names the calling thread, for debuggers and lists of threads; Linux refuses names beyond 15 bytes.
void nuthatch_name_thread(const char *_Nonnull name);

/// Hands memory that was allocated and freed back to the system, where the C library can.
void nuthatch_trim_heap(void);



/// Tells the core that we wait for another one's store.
static inline void nuthatch_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb" ::: "memory");
#endif
}

#pragma clang assume_nonnull end

#endif
