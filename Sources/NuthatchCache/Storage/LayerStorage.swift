/// How sealed pages of a layer hold keys, and values.
package struct LayerStorage: Sendable, Hashable {
    package let keys: Storage
    package let values: Storage

    package init(keys: Storage, values: Storage) {
        self.keys = keys
        self.values = values
    }

    /// Whether either side is held as codes.
    var isQuantized: Bool { keys.quantization != nil || values.quantization != nil }
}
