// Integrity of pages that leave memory. See checksum.c for the construction and what it detects.

#ifndef NUTHATCH_CHECKSUM_H
#define NUTHATCH_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// A number that `count` bytes and a seed give on every machine, and other bytes or another seed do not:
/// against accidents, not against an adversary. The seed says where the bytes belong.
uint64_t nuthatch_checksum(const void *bytes, size_t count, uint64_t seed);

#pragma clang assume_nonnull end

#endif
