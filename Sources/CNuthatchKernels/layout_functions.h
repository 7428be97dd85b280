// One function per layout from the including file's multiply_layout, so that each has its registers to
// itself, and the switch that calls the one for `weights`.

#define LAYOUT_FUNCTION(name, layout)                                                                        \
    static __attribute__((noinline)) NUTHATCH_CODES_KERNEL(name) {                                           \
        multiply_layout(layout, weights, first_panel, panel_count, blocks, row_count, output,                \
                        output_stride);                                                                      \
    }

LAYOUT_FUNCTION(nibbles_scale, NUTHATCH_NIBBLES_SCALE)
LAYOUT_FUNCTION(nibbles_scale_minimum, NUTHATCH_NIBBLES_SCALE_MINIMUM)
LAYOUT_FUNCTION(nibbles_super_minimum, NUTHATCH_NIBBLES_SUPER_MINIMUM)
LAYOUT_FUNCTION(nibbles_super16, NUTHATCH_NIBBLES_SUPER16)
LAYOUT_FUNCTION(nibbles_super16_minimum, NUTHATCH_NIBBLES_SUPER16_MINIMUM)
LAYOUT_FUNCTION(bytes_scale, NUTHATCH_BYTES_SCALE)
LAYOUT_FUNCTION(bytes_scale_minimum, NUTHATCH_BYTES_SCALE_MINIMUM)
LAYOUT_FUNCTION(bytes_super_minimum, NUTHATCH_BYTES_SUPER_MINIMUM)
LAYOUT_FUNCTION(bytes_super16, NUTHATCH_BYTES_SUPER16)

#undef LAYOUT_FUNCTION

#define DISPATCH_LAYOUT(layout_case, function)                                                               \
    case layout_case:                                                                                        \
        function(weights, first_panel, panel_count, blocks, row_count, output, output_stride);               \
        break;

#define DISPATCH_LAYOUTS                                                                                     \
    switch (weights->layout) {                                                                               \
        DISPATCH_LAYOUT(NUTHATCH_NIBBLES_SCALE, nibbles_scale)                                               \
        DISPATCH_LAYOUT(NUTHATCH_NIBBLES_SCALE_MINIMUM, nibbles_scale_minimum)                               \
        DISPATCH_LAYOUT(NUTHATCH_NIBBLES_SUPER_MINIMUM, nibbles_super_minimum)                               \
        DISPATCH_LAYOUT(NUTHATCH_NIBBLES_SUPER16, nibbles_super16)                                           \
        DISPATCH_LAYOUT(NUTHATCH_NIBBLES_SUPER16_MINIMUM, nibbles_super16_minimum)                           \
        DISPATCH_LAYOUT(NUTHATCH_BYTES_SCALE, bytes_scale)                                                   \
        DISPATCH_LAYOUT(NUTHATCH_BYTES_SCALE_MINIMUM, bytes_scale_minimum)                                   \
        DISPATCH_LAYOUT(NUTHATCH_BYTES_SUPER_MINIMUM, bytes_super_minimum)                                   \
        DISPATCH_LAYOUT(NUTHATCH_BYTES_SUPER16, bytes_super16)                                               \
        case NUTHATCH_FLOAT32:                                                                               \
        case NUTHATCH_FLOAT16:                                                                               \
        case NUTHATCH_BFLOAT16:                                                                              \
            break;                                                                                           \
    }
