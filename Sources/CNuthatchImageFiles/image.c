#include "image.h"

#include <stdio.h>
#include <stdlib.h>

void nuthatch_free_image(struct nuthatch_image *image) {
    free(image->pixels);
    image->pixels = NULL;
}

void begin_image(struct nuthatch_image *image) {
    image->pixels = NULL;
    image->width = 0;
    image->height = 0;
    image->message[0] = 0;
}

enum nuthatch_decoding allocate_image(struct nuthatch_image *image, size_t width, size_t height,
                                        struct nuthatch_image_limits limits) {
    image->width = width;
    image->height = height;
    if (width == 0 || height == 0 || width > limits.side || height > limits.side ||
        width > limits.pixel_count / height) {
        return NUTHATCH_TOO_LARGE;
    }
    image->pixels = malloc(width * height * 3);
    return image->pixels ? NUTHATCH_DECODED : NUTHATCH_NO_MEMORY;
}

enum nuthatch_decoding fail_image(struct nuthatch_image *image) {
    nuthatch_free_image(image);
    if (image->message[0] == 0) snprintf(image->message, NUTHATCH_MESSAGE_LENGTH, "it can't be decoded");
    return NUTHATCH_DAMAGED;
}
