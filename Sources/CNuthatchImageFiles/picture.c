#include "picture.h"

#include <stdio.h>
#include <stdlib.h>

void nuthatch_free_picture(struct nuthatch_picture *picture) {
    free(picture->pixels);
    picture->pixels = NULL;
}

void begin_picture(struct nuthatch_picture *picture) {
    picture->pixels = NULL;
    picture->width = 0;
    picture->height = 0;
    picture->message[0] = 0;
}

enum nuthatch_decoding allocate_picture(struct nuthatch_picture *picture, size_t width, size_t height,
                                        struct nuthatch_picture_limits limits) {
    picture->width = width;
    picture->height = height;
    if (width == 0 || height == 0 || width > limits.side || height > limits.side ||
        width > limits.pixel_count / height) {
        return NUTHATCH_TOO_LARGE;
    }
    picture->pixels = malloc(width * height * 3);
    return picture->pixels ? NUTHATCH_DECODED : NUTHATCH_NO_MEMORY;
}

enum nuthatch_decoding fail_picture(struct nuthatch_picture *picture) {
    nuthatch_free_picture(picture);
    if (picture->message[0] == 0) snprintf(picture->message, NUTHATCH_MESSAGE_LENGTH, "it can't be decoded");
    return NUTHATCH_DAMAGED;
}
