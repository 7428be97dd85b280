// How often each thread asks for memory, for tests that claim something does not.

#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// Whether this build counts. Only glibc's allocator can be reached under other names once a program stands
/// in front of it, and a sanitizer stands there already.
bool allocation_counter_is_there(void);

/// How often the calling thread has asked for memory: by malloc and its kin, Swift's own allocations among
/// them, or by mmap.
uint64_t allocation_count(void);

/// Has the calling thread remember who asks next.
void allocation_trace_begin(void);

/// The callers of the first request since, innermost first; forgotten thereby.
///
/// - Returns: how many, at most `capacity`; 0 where nobody asked.
int allocation_trace_end(void *_Nonnull *_Nonnull callers, int capacity);

/// Writes the function that a caller lies in or, where the program does not know its name, the image and the
/// offset.
void allocation_caller_name(const void *caller, char *text, size_t capacity);

#pragma clang assume_nonnull end

#endif
