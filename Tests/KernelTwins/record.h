// What an operation gives, kept number by number: the scalar table's run writes a record, every other table's
// is compared with it, and its digest is compared with other machines'.

#ifndef KERNEL_TWINS_RECORD_H
#define KERNEL_TWINS_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nuthatch_attention.h"
#include "nuthatch_kernels.h"

/// The kernels of one instruction set.
struct tables {
    const struct nuthatch_kernel_table *rows;
    const struct nuthatch_attention_table *attention;
};

struct record {
    /// Everything the scalar table gave, in order.
    uint32_t *numbers;
    size_t count;
    size_t capacity;
    /// Where a comparing run stands in it.
    size_t cursor;
    bool is_comparing;
    /// The case under way, and how many there were.
    char label[160];
    size_t case_count;
    /// What was wrong first in this run; empty if nothing was.
    char fault[400];
};

/// Begins a case and names it.
void begin_case(struct record *record, const char *format, ...) __attribute__((format(printf, 2, 3)));

/// Says that a case went wrong by itself, whatever the scalar table does.
void add_fault(struct record *record, const char *what);

/// Floats are told apart by their bits, zeros' signs included; which NaN it is, hardware decides.
void add_floats(struct record *record, const float *floats, size_t count);

void add_bytes(struct record *record, const void *bytes, size_t count);

/// Numbers as a page stores them, of 2 or 4 bytes.
void add_stored(struct record *record, const void *numbers, enum nuthatch_storage storage, size_t count);

/// FNV-1a (G. Fowler, L. C. Noll and K.-P. Vo) of all numbers, 64 bits.
uint64_t digest_of(const struct record *record);

#endif
