// The operations that main.c compares. Each makes its own samples, runs the kernels of one instruction set on
// them and records what they gave.

#ifndef KERNEL_TWINS_OPERATIONS_H
#define KERNEL_TWINS_OPERATIONS_H

#include "record.h"

/// What of a table an operation runs. Tables that share it are not compared twice.
enum part {
    /// Products of codes.
    PART_CODES,
    /// The other kernels of rows.
    PART_ROWS,
    PART_ATTENTION,
    /// Nothing: only other machines can differ.
    PART_NONE,
};

struct operation {
    const char *name;
    void (*run)(const struct tables *tables, struct record *record, int choice);
    /// Which of its kinds: a format, an activation, a number of bits.
    int choice;
    enum part part;
};

/// Products with panels of each format: quantise, multiply.
extern const struct operation product_operations[];
/// Norms, rotations, activations and what else is done to rows.
extern const struct operation row_operations[];
/// Pages written, shown to rows, folded and finished.
extern const struct operation attention_operations[];
/// Pages sealed and read back.
extern const struct operation sealing_operations[];
/// Compressive memory.
extern const struct operation memory_operations[];
/// What no table holds: decoding, packing, checksums, rotation by Hadamard matrices.
extern const struct operation shared_operations[];

/// Ends each of the lists above.
#define NO_OPERATION {NULL, NULL, 0, PART_NONE}

#endif
