// One GET by the system's libcurl, which is loaded when the first is asked for: a program that fetches
// nothing pays for neither the library nor the thirty that it brings, and runs where it isn't installed.

#ifndef NUTHATCH_CURL_H
#define NUTHATCH_CURL_H

#include <stdbool.h>
#include <stddef.h>

#pragma clang assume_nonnull begin

/// A request, and who takes the answer. The functions are called on the caller's thread, with `context`; one
/// that returns false ends the transfer.
struct nuthatch_http_get {
    /// http or https.
    const char *url;
    /// "Name: value"; null where there are none.
    const char *_Nonnull const *_Nullable header_lines;
    size_t header_line_count;
    void *context;
    /// One line of the answer's head, its end included. Informational answers (1xx) come first, with heads of
    /// their own; the head of a proxy's answer doesn't come.
    bool (*take_head_line)(void *context, const char *bytes, size_t count);
    bool (*take_body)(void *context, const char *bytes, size_t count);
    /// Asked some twenty times a second, whatever comes.
    bool (*goes_on)(void *context);
};

enum nuthatch_http_end {
    NUTHATCH_HTTP_COMPLETE,
    /// One of the functions said so.
    NUTHATCH_HTTP_STOPPED,
    /// `reason` says why.
    NUTHATCH_HTTP_FAILED,
    /// libcurl is missing, or lacks something; `reason` says what.
    NUTHATCH_HTTP_NO_LIBRARY,
};

enum {
    /// Bytes of a reason, its final zero included.
    NUTHATCH_HTTP_REASON_SIZE = 256,
};

/// Returns when the transfer has ended. Redirects are answers like others. Proxies are those of the
/// environment (http_proxy, https_proxy, no_proxy).
enum nuthatch_http_end nuthatch_http_get(const struct nuthatch_http_get *get, char *reason);

#pragma clang assume_nonnull end

#endif
