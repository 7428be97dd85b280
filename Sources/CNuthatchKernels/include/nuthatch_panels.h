#ifndef NUTHATCH_PANELS_H
#define NUTHATCH_PANELS_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

// A matrix packed for multiplication: panels of 16 outputs, each panel its inputs in order. The outputs of a
// panel are the lanes of a vector, so no sum is ever taken across lanes, and one row or many run the same
// sums.
//
// Panels of codes hold their inputs in blocks of 32, in eight groups of four:
//
//     4-bit codes, a block of 256 bytes             8-bit codes, a block of 512 bytes
//     +--------------------------------------+      +--------------------------------------+
//     | vector 0: [output 0..15][input 0..3] |      | vector 0: [output 0..15][input 0..3] |  group 0
//     |   low nibbles group 0, high group 4  |      +--------------------------------------+
//     +--------------------------------------+      | vector 1                             |  group 1
//     | vector 1: groups 1 and 5             |      +--------------------------------------+
//     | vector 2: groups 2 and 6             |      | ...                                  |
//     | vector 3: groups 3 and 7             |      | vector 7                             |  group 7
//     +--------------------------------------+      +--------------------------------------+
//
// (a 64-byte vector is what one VPDPBUSD takes: four inputs' codes for each of 16 outputs). After all blocks
// of the panel come its scales, one record per 32 or 256 inputs; then zeros up to a multiple of 64 bytes.

enum {
    NUTHATCH_PANEL_WIDTH = 16,
    NUTHATCH_BLOCK_LENGTH = 32,
    /// inputs that share a two-level scale (the super-block of GGUF's K formats), and blocks of it
    NUTHATCH_SUPER_LENGTH = 256,
    NUTHATCH_SUPER_BLOCKS = 8,
    NUTHATCH_NIBBLE_BLOCK_BYTES = 256,
    NUTHATCH_BYTE_BLOCK_BYTES = 512,
};

/// How a panel holds its numbers. value = scale * (code - zero point) or scale * code + minimum, where the
/// zero point is 8 for 4-bit and 128 for 8-bit codes. Bits per weight stand beside.
enum nuthatch_layout {
    NUTHATCH_FLOAT32 = 0,                  // [input][16], 32
    NUTHATCH_FLOAT16 = 1,                  // [input][16], 16
    NUTHATCH_BFLOAT16 = 2,                 // [input / 2][16][2], 16
    NUTHATCH_NIBBLES_SCALE = 3,            // 4.5      Q4_0
    NUTHATCH_NIBBLES_SCALE_MINIMUM = 4,    // 5        Q4_1
    NUTHATCH_NIBBLES_SUPER_MINIMUM = 5,    // 4.625    Q4_K
    NUTHATCH_NIBBLES_SUPER16 = 6,          // 4.5625   Q3_K
    NUTHATCH_NIBBLES_SUPER16_MINIMUM = 7,  // 5.125 Q2_K
    NUTHATCH_BYTES_SCALE = 8,              // 8.5      Q8_0, Q5_0
    NUTHATCH_BYTES_SCALE_MINIMUM = 9,      // 9        Q5_1
    NUTHATCH_BYTES_SUPER_MINIMUM = 10,     // 8.625    Q5_K
    NUTHATCH_BYTES_SUPER16 = 11,           // 8.5625   Q6_K
};

/// Per block: binary16 scales.
struct nuthatch_scales {
    uint16_t scales[NUTHATCH_PANEL_WIDTH];
};
_Static_assert(sizeof(struct nuthatch_scales) * 8 == NUTHATCH_PANEL_WIDTH * NUTHATCH_BLOCK_LENGTH / 2,
               "half a bit per weight");

/// Per block: binary16 scales and minima.
struct nuthatch_scales_minima {
    uint16_t scales[NUTHATCH_PANEL_WIDTH];
    uint16_t minima[NUTHATCH_PANEL_WIDTH];
};
_Static_assert(sizeof(struct nuthatch_scales_minima) * 8 == NUTHATCH_PANEL_WIDTH * NUTHATCH_BLOCK_LENGTH,
               "one bit per weight");

/// Per 256 inputs: binary16 factors of the small integers that scale each block. Factor times integer is
/// exact in binary32 (11 + 8 bits), so nothing of the file's precision is lost. `minimum` holds the negated
/// factor of GGUF, whose formats subtract.
struct nuthatch_super_minima {
    uint16_t scale[NUTHATCH_PANEL_WIDTH];
    uint16_t minimum[NUTHATCH_PANEL_WIDTH];
    int8_t scales[NUTHATCH_SUPER_BLOCKS][NUTHATCH_PANEL_WIDTH];
    int8_t minima[NUTHATCH_SUPER_BLOCKS][NUTHATCH_PANEL_WIDTH];
};
_Static_assert(sizeof(struct nuthatch_super_minima) * 8 ==
                   NUTHATCH_PANEL_WIDTH * NUTHATCH_SUPER_LENGTH * 5 / 8,
               "0.625 bits per weight");

/// A superblock with one scale per 16 inputs and zero-centred codes.
struct nuthatch_super16 {
    uint16_t scale[NUTHATCH_PANEL_WIDTH];
    int8_t scales[2 * NUTHATCH_SUPER_BLOCKS][NUTHATCH_PANEL_WIDTH];
};
_Static_assert(sizeof(struct nuthatch_super16) * 8 == NUTHATCH_PANEL_WIDTH * NUTHATCH_SUPER_LENGTH * 9 / 16,
               "0.5625 bits per weight");

/// A superblock with one scale and minimum per 16 inputs.
struct nuthatch_super16_minima {
    uint16_t scale[NUTHATCH_PANEL_WIDTH];
    uint16_t minimum[NUTHATCH_PANEL_WIDTH];
    int8_t scales[2 * NUTHATCH_SUPER_BLOCKS][NUTHATCH_PANEL_WIDTH];
    int8_t minima[2 * NUTHATCH_SUPER_BLOCKS][NUTHATCH_PANEL_WIDTH];
};
_Static_assert(sizeof(struct nuthatch_super16_minima) * 8 ==
                   NUTHATCH_PANEL_WIDTH * NUTHATCH_SUPER_LENGTH * 9 / 8,
               "1.125 bits per weight");

/// A packed matrix.
struct nuthatch_panels {
    /// [panel][panel_byte_count], aligned to 64 bytes
    const uint8_t *base;
    size_t panel_byte_count;
    size_t output_count;
    size_t input_count;
    enum nuthatch_layout layout;
    /// Panels, of whatever matrix, that are multiplied behind these: kernels may ask memory for them
    /// meanwhile. [next_panel_count][next_panel_byte_count]; null where there are none.
    const uint8_t *_Nullable next;
    size_t next_panel_byte_count;
    size_t next_panel_count;
};

/// Bytes of one panel of `input_count` inputs.
size_t nuthatch_panel_byte_count(enum nuthatch_layout layout, size_t input_count);

/// How a file holds its numbers; the order is that of ElementFormat.
enum nuthatch_format {
    NUTHATCH_F32 = 0,
    NUTHATCH_F16,
    NUTHATCH_BF16,
    NUTHATCH_Q4_0,
    NUTHATCH_Q4_1,
    NUTHATCH_Q5_0,
    NUTHATCH_Q5_1,
    NUTHATCH_Q8_0,
    NUTHATCH_Q2_K,
    NUTHATCH_Q3_K,
    NUTHATCH_Q4_K,
    NUTHATCH_Q5_K,
    NUTHATCH_Q6_K,
};

/// The layout that holds a format without loss.
enum nuthatch_layout nuthatch_native_layout(enum nuthatch_format format);

/// Packs up to 16 rows of a file's format into one panel of its native layout. The panel is zero before; rows
/// not given stay zero.
void nuthatch_pack_panel(enum nuthatch_format format, const uint8_t *_Nonnull const *_Nonnull rows,
                         size_t row_count, size_t input_count, uint8_t *panel);

/// A row with a number beyond what a layout holds.
struct nuthatch_excess {
    size_t lane;
    /// The row's largest magnitude; infinity where codes were asked for a number that is none; 0: there is no
    /// such row.
    float magnitude;
};

/// Packs up to 16 rows of floats into one panel of FLOAT32, BFLOAT16 (rounded to nearest even) or BYTES_SCALE
/// (quantised: scale = max |w| / 127 rounded to binary16, code = round(w / scale) + 128). Returns the first
/// row with a number that the layout can't hold; what is packed then means nothing.
struct nuthatch_excess nuthatch_pack_floats(enum nuthatch_layout layout,
                                            const float *_Nonnull const *_Nonnull rows, size_t row_count,
                                            size_t input_count, uint8_t *panel);

/// The largest magnitude that `nuthatch_pack_floats` packs: of BYTES_SCALE 127 times the largest binary16, of
/// BFLOAT16 its own, of FLOAT32 any finite one.
float nuthatch_largest_packed(enum nuthatch_layout layout);

/// Reads row `lane` of a panel back: scale * (code - zero point), or scale * code + minimum with one
/// rounding.
void nuthatch_unpack_lane(enum nuthatch_layout layout, const uint8_t *panel, size_t lane, size_t input_count,
                          float *values);

#pragma clang assume_nonnull end

#endif
