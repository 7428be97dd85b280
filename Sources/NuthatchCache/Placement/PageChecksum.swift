import CNuthatchKernels

/// Integrity of pages that leave memory, against accidents; see `checksum.c` for what is detected.
package enum PageChecksum {
    /// A checksum that is equal on every machine; `seed` says where the bytes belong, so that those of another place do
    /// not pass.
    package static func of(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
        guard let base = bytes.baseAddress else {
            var none: UInt8 = 0
            return nuthatch_checksum(&none, 0, seed)
        }
        return nuthatch_checksum(base, bytes.count, seed)
    }
}
