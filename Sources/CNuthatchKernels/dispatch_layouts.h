// Calls the including file's function for the layout of `weights`.

#define DISPATCH_LAYOUT(layout_case, function)                                                                 \
    case layout_case:                                                                                          \
        function(weights, first_panel, panel_count, blocks, row_count, output, output_stride);                 \
        break;

#define DISPATCH_LAYOUTS                                                                                       \
    switch (weights->layout) {                                                                                 \
        DISPATCH_LAYOUT(NUTHATCH_NIBBLES_SCALE, nibbles_scale)                                                 \
        DISPATCH_LAYOUT(NUTHATCH_NIBBLES_SCALE_MINIMUM, nibbles_scale_minimum)                                 \
        DISPATCH_LAYOUT(NUTHATCH_NIBBLES_SUPER_MINIMUM, nibbles_super_minimum)                                 \
        DISPATCH_LAYOUT(NUTHATCH_NIBBLES_SUPER16, nibbles_super16)                                             \
        DISPATCH_LAYOUT(NUTHATCH_NIBBLES_SUPER16_MINIMUM, nibbles_super16_minimum)                             \
        DISPATCH_LAYOUT(NUTHATCH_BYTES_SCALE, bytes_scale)                                                     \
        DISPATCH_LAYOUT(NUTHATCH_BYTES_SCALE_MINIMUM, bytes_scale_minimum)                                     \
        DISPATCH_LAYOUT(NUTHATCH_BYTES_SUPER_MINIMUM, bytes_super_minimum)                                     \
        DISPATCH_LAYOUT(NUTHATCH_BYTES_SUPER16, bytes_super16)                                                 \
        case NUTHATCH_FLOAT32:                                                                                 \
        case NUTHATCH_FLOAT16:                                                                                 \
        case NUTHATCH_BFLOAT16:                                                                                \
            break;                                                                                             \
    }
