/// The formats of weights that are read, told by a file's first bytes: names say nothing of blobs in caches.
enum FileContent {
    static func isGGUF(_ bytes: UnsafeRawBufferPointer) -> Bool { bytes.prefix(4).elementsEqual("GGUF".utf8) }

    /// A length that may be a header's, and a JSON object where the header begins.
    static func isSafetensors(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count > 8, bytes[8] == UInt8(ascii: "{") else { return false }
        let byteCount = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        return byteCount <= CheckpointLimit.safetensorsHeaderByteCount.maximum
    }
}
