// Rows of activations to 8 bits, 16 rows interleaved. Included after quantize.h.

static void quantize_tiles(const float *rows, size_t row_stride, size_t row_count, size_t column_count,
                           struct nuthatch_activation_block *blocks) {
    size_t block_count = block_count_of(column_count);
    size_t tiled = row_count / NUTHATCH_TILE_LENGTH * NUTHATCH_TILE_LENGTH;
    for (size_t row = 0; row < tiled; row++) {
        const float *values = rows + row * row_stride;
        struct nuthatch_activation_tile *tiles =
            (struct nuthatch_activation_tile *)(blocks + row / NUTHATCH_TILE_LENGTH * NUTHATCH_TILE_LENGTH *
                                                             block_count);
        size_t at = row % NUTHATCH_TILE_LENGTH;
        for (size_t index = 0; index < block_count; index++) {
            struct nuthatch_activation_tile *tile = tiles + index;
            struct block_sums sums = quantize_columns(values, index, column_count, tile->codes[at]);
            tile->scales[at] = sums.scale;
            tile->scaled_sums[at] = sums.scale * (float)(sums.low + sums.high);
            tile->scaled_half_sums[0][at] = sums.scale * (float)sums.low;
            tile->scaled_half_sums[1][at] = sums.scale * (float)sums.high;
        }
    }
    quantize_rows(rows + tiled * row_stride, row_stride, row_count - tiled, column_count,
                  blocks + tiled * block_count);
}
