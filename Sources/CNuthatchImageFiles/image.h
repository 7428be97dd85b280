// What both decoders do with the image they fill.

#include "nuthatch_image_files.h"

#pragma clang assume_nonnull begin

void begin_image(struct nuthatch_image *image);

/// Notes the size and allocates its pixels, unless it is beyond the limits.
enum nuthatch_decoding allocate_image(struct nuthatch_image *image, size_t width, size_t height,
                                        struct nuthatch_image_limits limits);

/// Frees what there is of an image whose file is damaged; its message stays.
enum nuthatch_decoding fail_image(struct nuthatch_image *image);

#pragma clang assume_nonnull end
