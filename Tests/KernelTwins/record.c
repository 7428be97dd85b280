#include "record.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void begin_case(struct record *record, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(record->label, sizeof(record->label), format, arguments);
    va_end(arguments);
    record->case_count++;
}

void add_fault(struct record *record, const char *what) {
    if (record->fault[0] != 0) return;
    snprintf(record->fault, sizeof(record->fault), "%s: %s", record->label, what);
}

static void add_number(struct record *record, uint32_t number, size_t index) {
    if (!record->is_comparing) {
        if (record->count == record->capacity) {
            record->capacity = record->capacity == 0 ? 1 << 16 : 2 * record->capacity;
            record->numbers = realloc(record->numbers, record->capacity * sizeof(uint32_t));
            if (record->numbers == NULL) {
                fprintf(stderr, "No memory for what the scalar kernels give.\n");
                exit(70);
            }
        }
        record->numbers[record->count++] = number;
        return;
    }
    char what[100];
    if (record->cursor >= record->count) {
        add_fault(record, "gave more numbers than the scalar table");
    } else if (record->numbers[record->cursor] != number) {
        snprintf(what, sizeof(what), "number %zu is %08x, not %08x", index, number,
                 record->numbers[record->cursor]);
        add_fault(record, what);
    }
    record->cursor++;
}

void add_floats(struct record *record, const float *floats, size_t count) {
    add_stored(record, floats, NUTHATCH_STORAGE_F32, count);
}

void add_bytes(struct record *record, const void *bytes, size_t count) {
    const uint8_t *from = bytes;
    for (size_t index = 0; index < count; index++) add_number(record, from[index], index);
}

// Any NaN becomes the one with only the top bit of its fraction.
static uint32_t settled(uint32_t bits, uint32_t infinity, uint32_t sign) {
    return (bits & ~sign) > infinity ? infinity | (infinity & -infinity) >> 1 : bits;
}

void add_stored(struct record *record, const void *numbers, enum nuthatch_storage storage, size_t count) {
    const uint8_t *from = numbers;
    for (size_t index = 0; index < count; index++) {
        uint32_t word;
        uint16_t half;
        switch (storage) {
            case NUTHATCH_STORAGE_F32:
                memcpy(&word, from + 4 * index, sizeof(word));
                add_number(record, settled(word, 0x7f800000, 0x80000000), index);
                break;
            case NUTHATCH_STORAGE_F16:
                memcpy(&half, from + 2 * index, sizeof(half));
                add_number(record, settled(half, 0x7c00, 0x8000), index);
                break;
            case NUTHATCH_STORAGE_BF16:
                memcpy(&half, from + 2 * index, sizeof(half));
                add_number(record, settled(half, 0x7f80, 0x8000), index);
                break;
            case NUTHATCH_STORAGE_CODES:
                break;
        }
    }
}

uint64_t digest_of(const struct record *record) {
    uint64_t hash = 0xcbf29ce484222325;
    for (size_t index = 0; index < record->count; index++) {
        for (int shift = 0; shift < 32; shift += 8) {
            hash = (hash ^ (record->numbers[index] >> shift & 0xff)) * 0x100000001b3;
        }
    }
    return hash;
}
