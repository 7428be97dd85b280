// PNG and JPEG files to pixels, by libpng and libjpeg. In C because both report errors by longjmp, over which
// Swift must not be jumped. Empty unless the package trait ImageFiles is on.

#ifndef NUTHATCH_IMAGE_FILES_H
#define NUTHATCH_IMAGE_FILES_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

enum nuthatch_decoding {
    NUTHATCH_DECODED = 0,
    /// `message` says why.
    NUTHATCH_DAMAGED = 1,
    /// `width` and `height` are what the file says.
    NUTHATCH_TOO_LARGE = 2,
    NUTHATCH_NO_MEMORY = 3,
};

enum { NUTHATCH_MESSAGE_LENGTH = 256 };

struct nuthatch_image {
    /// [height][width][red, green, blue], by malloc; null unless decoded.
    uint8_t *_Nullable pixels;
    size_t width;
    size_t height;
    char message[NUTHATCH_MESSAGE_LENGTH];
};

/// What is allocated is bounded: nothing before the size in the file's header passed both.
struct nuthatch_image_limits {
    size_t side;
    size_t pixel_count;
};

enum nuthatch_decoding nuthatch_decode_png(const uint8_t *bytes, size_t byte_count,
                                           struct nuthatch_image_limits limits,
                                           struct nuthatch_image *image);

enum nuthatch_decoding nuthatch_decode_jpeg(const uint8_t *bytes, size_t byte_count,
                                            struct nuthatch_image_limits limits,
                                            struct nuthatch_image *image);

void nuthatch_free_image(struct nuthatch_image *image);

#pragma clang assume_nonnull end

#endif
