#ifndef NUTHATCH_FETCH_LINE_H
#define NUTHATCH_FETCH_LINE_H

// Asks for a line of memory in the second-level cache: a core takes more such requests at a time than for its
// first.
static inline __attribute__((always_inline, unused)) void fetch_line(const void *at) {
    __builtin_prefetch(at, 0, 2);
}

#endif
