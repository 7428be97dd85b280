// Stands in front of glibc's allocator: a program's own malloc goes before the library's for all that the
// program loads, the Swift runtime included. Each request is counted for its thread and passed on, so `free`
// stays glibc's.

#define _GNU_SOURCE
#include "allocation_counter.h"

#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define HAS_SANITIZER 1
#endif
#endif

#if defined(__GLIBC__) && !defined(HAS_SANITIZER)

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CALLER_CAPACITY = 32 };

// Part of the program's own image, so that reaching them asks for no memory.
static _Thread_local uint64_t count __attribute__((tls_model("initial-exec")));
static _Thread_local bool is_tracing __attribute__((tls_model("initial-exec")));
static _Thread_local int traced_count __attribute__((tls_model("initial-exec")));
static _Thread_local void *traced[CALLER_CAPACITY] __attribute__((tls_model("initial-exec")));

bool allocation_counter_is_there(void) { return true; }

uint64_t allocation_count(void) { return count; }

void allocation_trace_begin(void) {
    // The first backtrace of a program loads a library, and asks for memory itself.
    backtrace(traced, CALLER_CAPACITY);
    traced_count = 0;
    is_tracing = true;
}

int allocation_trace_end(void **callers, int capacity) {
    is_tracing = false;
    int length = traced_count < capacity ? traced_count : capacity;
    for (int i = 0; i < length; i++) callers[i] = traced[i];
    traced_count = 0;
    return length;
}

void allocation_caller_name(const void *caller, char *text, size_t capacity) {
    Dl_info place;
    if (dladdr(caller, &place) == 0) {
        snprintf(text, capacity, "%p", caller);
    } else if (place.dli_sname != NULL) {
        snprintf(text, capacity, "%s", place.dli_sname);
    } else {
        snprintf(text, capacity, "%s+%#zx", place.dli_fname,
                 (size_t)((const char *)caller - (const char *)place.dli_fbase));
    }
}

static void note(void) {
    count++;
    if (!is_tracing) return;
    is_tracing = false;
    traced_count = backtrace(traced, CALLER_CAPACITY);
}

// glibc's allocator under its other names.
void *__libc_malloc(size_t byte_count);
void *__libc_calloc(size_t element_count, size_t byte_count);
void *__libc_realloc(void *memory, size_t byte_count);
void *__libc_memalign(size_t alignment, size_t byte_count);

void *malloc(size_t byte_count) {
    note();
    return __libc_malloc(byte_count);
}

void *calloc(size_t element_count, size_t byte_count) {
    note();
    return __libc_calloc(element_count, byte_count);
}

void *realloc(void *memory, size_t byte_count) {
    note();
    return __libc_realloc(memory, byte_count);
}

void *memalign(size_t alignment, size_t byte_count) {
    note();
    return __libc_memalign(alignment, byte_count);
}

void *aligned_alloc(size_t alignment, size_t byte_count) {
    note();
    return __libc_memalign(alignment, byte_count);
}

int posix_memalign(void **result, size_t alignment, size_t byte_count) {
    note();
    bool is_power_of_two = alignment != 0 && (alignment & (alignment - 1)) == 0;
    if (!is_power_of_two || alignment % sizeof(void *) != 0) return EINVAL;
    void *memory = __libc_memalign(alignment, byte_count);
    if (memory == NULL) return ENOMEM;
    *result = memory;
    return 0;
}

void *mmap(void *address, size_t byte_count, int protection, int flags, int file, off_t offset) {
    note();
    return (void *)syscall(SYS_mmap, address, byte_count, protection, flags, file, offset);
}

#else

bool allocation_counter_is_there(void) { return false; }

uint64_t allocation_count(void) { return 0; }

void allocation_trace_begin(void) {}

int allocation_trace_end(void **callers, int capacity) {
    (void)callers;
    (void)capacity;
    return 0;
}

void allocation_caller_name(const void *caller, char *text, size_t capacity) {
    (void)caller;
    if (capacity > 0) text[0] = 0;
}

#endif
