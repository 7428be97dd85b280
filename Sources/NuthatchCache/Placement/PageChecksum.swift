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

/// How a page that was read differs from the page that was written.
package enum PageFault: Sendable, Equatable, CustomStringConvertible {
    /// The file ends within the page, or before it.
    case missingBytes(available: Int)
    /// Some bytes differ.
    case checksum(expected: UInt64, found: UInt64)
    /// Nothing was written there, or the writing failed.
    case neverWritten

    /// Ends a sentence, without its full stop.
    package var description: String {
        switch self {
        case .missingBytes(let available):
            "only \(available) of them are there"
        case .checksum(let expected, let found):
            "their checksum is \(String(found, radix: 16)) instead of \(String(expected, radix: 16))"
        case .neverWritten:
            "none was, or the writing failed"
        }
    }
}
