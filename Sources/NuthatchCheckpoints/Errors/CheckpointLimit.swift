/// A bound that files must keep, checked before anything is allocated for what it bounds.
///
/// Counts are also checked against the bytes that remain in the file, so these matter only for files that
/// are large enough to back an absurd claim.
package enum CheckpointLimit: String, Equatable, Sendable {
    case keyByteCount
    case tensorNameByteCount
    case dimensionCount
    case elementCount
    case arrayDepth
    case alignment
    case safetensorsHeaderByteCount
    case shardCount
    case jsonByteCount
    case jsonDepth
    case jsonValueCount

    package var maximum: UInt64 {
        switch self {
        // The GGUF specification's 2^16 - 1.
        case .keyByteCount: 65_535
        // ggml holds 63 bytes; safetensors sets no limit, and the longest published names have about 150.
        case .tensorNameByteCount: 1_024
        // ggml's GGML_MAX_DIMS is 4; video models in safetensors have 5.
        case .dimensionCount: 8
        // Larger than any tensor by far, and small enough that bytes and bits still count in Int.
        case .elementCount: 1 << 56
        // Published files nest none.
        case .arrayDepth: 4
        // Huge pages are 2 MiB; 1 GiB is the largest page of any current machine.
        case .alignment: 1 << 30
        // The format's own rule.
        case .safetensorsHeaderByteCount: 100_000_000
        // The largest published models have fewer than 300.
        case .shardCount: 4_096
        // The largest published tokenizer.json (Gemma 3) has 33 MB.
        case .jsonByteCount: 128 << 20
        // Published tokenizers nest about 10 deep; each level costs the parser a stack frame of about 300 bytes.
        case .jsonDepth: 128
        // Gemma 3's tokenizer.json has about 1.8 million values. At some 64 bytes a value, hostile ones stay
        // below 512 MiB.
        case .jsonValueCount: 8 << 20
        }
    }

    /// What is counted, as an error message says it.
    var quantity: String {
        switch self {
        case .keyByteCount, .tensorNameByteCount, .safetensorsHeaderByteCount, .jsonByteCount:
            "a byte count of"
        case .dimensionCount: "a dimension count of"
        case .elementCount: "an element count of at least"
        case .arrayDepth, .jsonDepth: "a nesting depth of"
        case .alignment: "an alignment of"
        case .shardCount: "a shard count of"
        case .jsonValueCount: "a value count of at least"
        }
    }
}
