// The few functions of libcurl's interface that a GET needs, with the numbers that its headers give their
// options; both are fixed for all versions with the name libcurl.so.4 (https://curl.se/libcurl/abi.html).

#include "nuthatch_curl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum {
    OPTION_WRITE_DATA = 10001,
    OPTION_URL = 10002,
    OPTION_ERROR_BUFFER = 10010,
    OPTION_HTTP_HEADER = 10023,
    OPTION_HEADER_DATA = 10029,
    OPTION_WRITE_FUNCTION = 20011,
    OPTION_HEADER_FUNCTION = 20079,
    OPTION_BUFFER_SIZE = 98,
    OPTION_NO_SIGNAL = 99,
    OPTION_PROTOCOLS = 181,
    OPTION_SUPPRESS_CONNECT_HEADERS = 265,
    PROTOCOLS_HTTP_AND_HTTPS = 3,
    GLOBAL_ALL = 3,
    MESSAGE_DONE = 1,
    POLL_MILLISECONDS = 50,
    BUFFER_BYTES = 1 << 17,
};

// CURLMsg
struct message {
    int kind;
    void *easy;
    union {
        void *whatever;
        int result;
    } data;
};

static struct {
    int (*global_init)(long flags);
    void *(*easy_init)(void);
    int (*easy_setopt)(void *easy, int option, ...);
    void (*easy_cleanup)(void *easy);
    const char *(*easy_strerror)(int code);
    void *(*slist_append)(void *list, const char *line);
    void (*slist_free_all)(void *list);
    void *(*multi_init)(void);
    int (*multi_add_handle)(void *multi, void *easy);
    int (*multi_remove_handle)(void *multi, void *easy);
    int (*multi_perform)(void *multi, int *running);
    int (*multi_poll)(void *multi, void *extra, unsigned extra_count, int milliseconds, int *ready);
    struct message *(*multi_info_read)(void *multi, int *left);
    int (*multi_cleanup)(void *multi);
} curl;

static char missing[NUTHATCH_HTTP_REASON_SIZE];

static void load(void) {
#if defined(__APPLE__)
    const char *names[] = {"/usr/lib/libcurl.4.dylib"};
#else
    // The second is the same interface over another TLS library.
    const char *names[] = {"libcurl.so.4", "libcurl-gnutls.so.4"};
#endif
    void *library = NULL;
    for (size_t index = 0; library == NULL && index < sizeof(names) / sizeof(names[0]); index++) {
        library = dlopen(names[index], RTLD_NOW | RTLD_LOCAL);
        if (library == NULL && index == 0) {
            const char *error = dlerror();
            snprintf(missing, sizeof(missing), "%s", error == NULL ? names[0] : error);
        }
    }
    if (library == NULL) return;
    missing[0] = 0;
#define FIND(name)                                                                                           \
    *(void **)&curl.name = dlsym(library, "curl_" #name);                                                    \
    if (curl.name == NULL) snprintf(missing, sizeof(missing), "it is too old: it has no curl_" #name);
    FIND(global_init)
    FIND(easy_init)
    FIND(easy_setopt)
    FIND(easy_cleanup)
    FIND(easy_strerror)
    FIND(slist_append)
    FIND(slist_free_all)
    FIND(multi_init)
    FIND(multi_add_handle)
    FIND(multi_remove_handle)
    FIND(multi_perform)
    FIND(multi_poll)
    FIND(multi_info_read)
    FIND(multi_cleanup)
#undef FIND
    if (missing[0] == 0 && curl.global_init(GLOBAL_ALL) != 0) {
        snprintf(missing, sizeof(missing), "it could not be set up");
    }
}

struct transfer {
    const struct nuthatch_http_get *get;
    bool is_stopped;
};

static size_t take(struct transfer *transfer, bool (*taker)(void *, const char *, size_t), const char *bytes,
                   size_t count) {
    if (!transfer->is_stopped && taker(transfer->get->context, bytes, count)) return count;
    transfer->is_stopped = true;
    // Anything but `count` ends the transfer, and an empty piece has no other way of saying so.
    return count == 0 ? 1 : 0;
}

static size_t take_head_line(char *bytes, size_t size, size_t count, void *context) {
    struct transfer *transfer = context;
    return take(transfer, transfer->get->take_head_line, bytes, size * count);
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context) {
    struct transfer *transfer = context;
    return take(transfer, transfer->get->take_body, bytes, size * count);
}

// Runs the transfer to its end; libcurl's code for it.
static int drive(void *multi, struct transfer *transfer) {
    int running = 1;
    while (running > 0) {
        if (curl.multi_perform(multi, &running) != 0) break;
        if (running > 0 && curl.multi_poll(multi, NULL, 0, POLL_MILLISECONDS, NULL) != 0) break;
        if (!transfer->get->goes_on(transfer->get->context)) {
            transfer->is_stopped = true;
            return 0;
        }
    }
    int result = 2;  // CURLE_FAILED_INIT
    int left = 0;
    for (struct message *message; (message = curl.multi_info_read(multi, &left)) != NULL;) {
        if (message->kind == MESSAGE_DONE) result = message->data.result;
    }
    return result;
}

enum nuthatch_http_end nuthatch_http_get(const struct nuthatch_http_get *get, char *reason) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    if (missing[0] != 0) {
        snprintf(reason, NUTHATCH_HTTP_REASON_SIZE, "%s", missing);
        return NUTHATCH_HTTP_NO_LIBRARY;
    }
    struct transfer transfer = {.get = get};
    char error[NUTHATCH_HTTP_REASON_SIZE] = "";
    int result = 27;  // CURLE_OUT_OF_MEMORY
    void *multi = curl.multi_init(), *easy = curl.easy_init(), *lines = NULL;
    bool has_lines = true;
    for (size_t index = 0; has_lines && index < get->header_line_count; index++) {
        void *longer = curl.slist_append(lines, get->header_lines[index]);
        has_lines = longer != NULL;
        if (has_lines) lines = longer;
    }
    if (multi != NULL && easy != NULL && has_lines) {
        curl.easy_setopt(easy, OPTION_URL, get->url);
        curl.easy_setopt(easy, OPTION_HTTP_HEADER, lines);
        curl.easy_setopt(easy, OPTION_PROTOCOLS, (long)PROTOCOLS_HTTP_AND_HTTPS);
        curl.easy_setopt(easy, OPTION_SUPPRESS_CONNECT_HEADERS, 1L);
        curl.easy_setopt(easy, OPTION_NO_SIGNAL, 1L);
        curl.easy_setopt(easy, OPTION_BUFFER_SIZE, (long)BUFFER_BYTES);
        curl.easy_setopt(easy, OPTION_ERROR_BUFFER, error);
        curl.easy_setopt(easy, OPTION_HEADER_FUNCTION, take_head_line);
        curl.easy_setopt(easy, OPTION_HEADER_DATA, &transfer);
        curl.easy_setopt(easy, OPTION_WRITE_FUNCTION, take_body);
        curl.easy_setopt(easy, OPTION_WRITE_DATA, &transfer);
        if (curl.multi_add_handle(multi, easy) == 0) {
            result = drive(multi, &transfer);
            curl.multi_remove_handle(multi, easy);
        }
    }
    if (easy != NULL) curl.easy_cleanup(easy);
    if (multi != NULL) curl.multi_cleanup(multi);
    curl.slist_free_all(lines);
    if (transfer.is_stopped) return NUTHATCH_HTTP_STOPPED;
    if (result == 0) return NUTHATCH_HTTP_COMPLETE;
    snprintf(reason, NUTHATCH_HTTP_REASON_SIZE, "%s", error[0] != 0 ? error : curl.easy_strerror(result));
    return NUTHATCH_HTTP_FAILED;
}
