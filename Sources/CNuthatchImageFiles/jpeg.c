#ifdef NUTHATCH_IMAGE_FILES

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#include <jerror.h>

#include "image.h"

/// Progressive files come in scans; published ones have about ten. Each costs as much as decoding the
/// image.
enum { MOST_SCANS = 100 };

struct handler {
    /// First, so that the library's pointer to it is one to this.
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    struct nuthatch_image *image;
    jmp_buf back;
};

_Noreturn static void fail(j_common_ptr common) {
    struct handler *handler = (struct handler *)common->err;
    char message[JMSG_LENGTH_MAX];
    common->err->format_message(common, message);
    snprintf(handler->image->message, NUTHATCH_MESSAGE_LENGTH, "%s", message);
    longjmp(handler->back, 1);
}

/// The library fills in what is missing, and says so in a warning; a file that ends early is refused here.
static void judge_warning(j_common_ptr common, int level) {
    int code = common->err->msg_code;
    if (level < 0 && (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER)) fail(common);
}

static void bound_scans(j_common_ptr common) {
    struct handler *handler = (struct handler *)common->err;
    if (((j_decompress_ptr)common)->input_scan_number <= MOST_SCANS) return;
    snprintf(handler->image->message, NUTHATCH_MESSAGE_LENGTH, "it has more than %d scans", MOST_SCANS);
    longjmp(handler->back, 1);
}

enum nuthatch_decoding nuthatch_decode_jpeg(const uint8_t *bytes, size_t byte_count,
                                            struct nuthatch_image_limits limits,
                                            struct nuthatch_image *image) {
    begin_image(image);
    struct jpeg_decompress_struct jpeg;
    struct handler handler;
    jpeg.err = jpeg_std_error(&handler.errors);
    handler.errors.error_exit = fail;
    handler.errors.emit_message = judge_warning;
    handler.progress.progress_monitor = bound_scans;
    handler.image = image;
    if (setjmp(handler.back)) {
        jpeg_destroy_decompress(&jpeg);
        return fail_image(image);
    }
    jpeg_create_decompress(&jpeg);
    jpeg.progress = &handler.progress;
    jpeg_mem_src(&jpeg, bytes, byte_count);
    jpeg_read_header(&jpeg, TRUE);
    enum nuthatch_decoding outcome =
        allocate_image(image, jpeg.image_width, jpeg.image_height, limits);
    if (outcome == NUTHATCH_DECODED) {
        // Refused by the library where the file holds ink (CMYK), which it does not turn into light.
        jpeg.out_color_space = JCS_RGB;
        jpeg_start_decompress(&jpeg);
        while (jpeg.output_scanline < jpeg.output_height) {
            JSAMPROW row = image->pixels + (size_t)jpeg.output_scanline * image->width * 3;
            jpeg_read_scanlines(&jpeg, &row, 1);
        }
        jpeg_finish_decompress(&jpeg);
    }
    jpeg_destroy_decompress(&jpeg);
    return outcome;
}

#endif
