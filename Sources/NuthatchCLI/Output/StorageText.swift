import NuthatchGeneration

/// How a cache holds its numbers, in the words and the JSON of every command.
struct StorageText {
    let keys: String
    let values: String
    /// Nil where layers with a window hold theirs as all others do.
    let windowKeys: String?
    let windowValues: String?

    init(_ cache: CacheOptions) {
        keys = cache.keys.rawValue
        values = cache.values.rawValue
        windowKeys = cache.tellsWindowsApart ? cache.windowKeys.rawValue : nil
        windowValues = cache.tellsWindowsApart ? cache.windowValues.rawValue : nil
    }

    init(keys: String, values: String, windowKeys: String?, windowValues: String?) {
        self.keys = keys
        self.values = values
        self.windowKeys = windowKeys
        self.windowValues = windowValues
    }

    /// "keys q8, values q4", and behind it "; windows: keys q4, values q2".
    var text: String {
        let windows = windowKeys.flatMap { keys in
            windowValues.map { "; windows: keys \(keys), values \($0)" }
        }
        return "keys \(keys), values \(values)\(windows ?? "")"
    }

    /// "; 189 MB in f16", behind bytes that are others; nothing where half floats would take as many.
    static func inHalfFloats(_ byteCount: Int, besides other: Int) -> String {
        byteCount == other ? "" : "; \(Quantities.bytes(byteCount)) in f16"
    }
}
