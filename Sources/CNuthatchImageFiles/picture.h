// What both decoders do with the picture they fill.

#include "nuthatch_image_files.h"

#pragma clang assume_nonnull begin

void begin_picture(struct nuthatch_picture *picture);

/// Notes the size and allocates its pixels, unless it is beyond the limits.
enum nuthatch_decoding allocate_picture(struct nuthatch_picture *picture, size_t width, size_t height,
                                        struct nuthatch_picture_limits limits);

/// Frees what there is of a picture whose file is damaged; its message stays.
enum nuthatch_decoding fail_picture(struct nuthatch_picture *picture);

#pragma clang assume_nonnull end
