// The block formats of GGUF, read into codes and scales as panels hold them.

#ifndef NUTHATCH_BLOCKS_H
#define NUTHATCH_BLOCKS_H

#include "nuthatch_panels.h"

/// 32 weights: scale * (code - zero point) + minimum, binary16 factors as the file has them.
///
/// Codes as panels have them, which is as files do: 32 bytes, or 16 of two nibbles, code i below code 16 + i.
struct simple_block {
    uint8_t codes[NUTHATCH_BLOCK_LENGTH];
    uint16_t scale, minimum;
};

/// 256 weights with a scale (and minimum) per 16 or 32.
struct super_block {
    uint8_t codes[NUTHATCH_SUPER_LENGTH];
    int8_t scales[16], minima[16];
    uint16_t scale, minimum;
};

/// Reads one block and returns where the next begins.
const uint8_t *read_simple_block(enum nuthatch_format format, const uint8_t *from,
                                 struct simple_block *block);
const uint8_t *read_super_block(enum nuthatch_format format, const uint8_t *from, struct super_block *block);

#endif
