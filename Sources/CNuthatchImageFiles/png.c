#ifdef NUTHATCH_IMAGE_FILES

#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"

struct source {
    const uint8_t *bytes;
    size_t rest;
};

static void read_bytes(png_structp png, png_bytep into, size_t count) {
    struct source *source = png_get_io_ptr(png);
    if (count > source->rest) png_error(png, "it ends early");
    memcpy(into, source->bytes, count);
    source->bytes += count;
    source->rest -= count;
}

static void note_error(png_structp png, png_const_charp message) {
    struct nuthatch_image *image = png_get_error_ptr(png);
    snprintf(image->message, NUTHATCH_MESSAGE_LENGTH, "%s", message);
    png_longjmp(png, 1);
}

static void ignore_warning(png_structp png, png_const_charp message) {
    (void)png;
    (void)message;
}

/// 8 bits each of red, green and blue, whatever the file holds. Transparency is left out, as Pillow's
/// conversion to RGB does.
static void ask_for_rgb(png_structp png) {
    png_set_expand(png);
    png_set_strip_16(png);
    png_set_gray_to_rgb(png);
    png_set_strip_alpha(png);
    png_set_interlace_handling(png);
}

enum nuthatch_decoding nuthatch_decode_png(const uint8_t *bytes, size_t byte_count,
                                           struct nuthatch_image_limits limits,
                                           struct nuthatch_image *image) {
    begin_image(image);
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, image, note_error, ignore_warning);
    if (!png) return NUTHATCH_NO_MEMORY;
    png_infop info = png_create_info_struct(png);
    if (!info) {
        png_destroy_read_struct(&png, NULL, NULL);
        return NUTHATCH_NO_MEMORY;
    }
    struct source source = {bytes, byte_count};
    // Set between setjmp and longjmp, and read behind it.
    png_bytep *volatile rows = NULL;
    if (setjmp(png_jmpbuf(png))) {
        free(rows);
        png_destroy_read_struct(&png, &info, NULL);
        return fail_image(image);
    }
    png_set_read_fn(png, &source, read_bytes);
    // Larger ones are refused below, by a message that says so.
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_read_info(png, info);
    size_t height = png_get_image_height(png, info);
    enum nuthatch_decoding outcome =
        allocate_image(image, png_get_image_width(png, info), height, limits);
    if (outcome == NUTHATCH_DECODED) {
        ask_for_rgb(png);
        png_read_update_info(png, info);
        if (png_get_rowbytes(png, info) != image->width * 3) {
            png_error(png, "its rows are of no known kind");
        }
        rows = malloc(height * sizeof(png_bytep));
        if (!rows) png_error(png, "there is no memory for its rows");
        for (size_t row = 0; row < height; row++) rows[row] = image->pixels + row * image->width * 3;
        png_read_image(png, rows);
        png_read_end(png, NULL);
    }
    free(rows);
    png_destroy_read_struct(&png, &info, NULL);
    return outcome;
}

#endif
