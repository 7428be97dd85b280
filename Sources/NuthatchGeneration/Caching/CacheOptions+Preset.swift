extension CacheOptions {
    /// Where full pages live.
    public enum Placement: Sendable, Equatable {
        /// In memory.
        case memory
        /// In a file in this directory; only those of the layer in use and of the next are in memory.
        case disk(directory: String)

        /// "memory" or "disk".
        package var name: String { self == .memory ? "memory" : "disk" }
    }

    /// How pages are obtained.
    public enum Growth: Sendable, Equatable {
        /// On demand.
        case dynamic
        /// Reserved up front for so many tokens; never grows.
        case reserved(tokenCount: Int)
        /// Reserved up front for the context of the model.
        case reservedContext
    }

    /// Combinations by the names that Hugging Face's transformers gives them. Each settles what is said here and
    /// leaves the rest open.
    public enum Preset: String, CaseIterable, Sendable {
        /// Grows on demand, in memory.
        case dynamic
        /// Reserved up front for the whole context, in memory.
        case `static`
        /// Keeps the window that the model was trained with.
        case slidingWindow = "sliding_window"
        /// Grows on demand, on the disk.
        case offloaded
        /// Reserved up front for the whole context, on the disk.
        case offloadedStatic = "offloaded_static"
        /// Codes for keys and values, of 4 bits where nothing else is said.
        case quantized

        /// Whether pages are reserved up front; nil leaves it open.
        package var isReserved: Bool? {
            switch self {
            case .dynamic, .offloaded: false
            case .static, .offloadedStatic: true
            case .slidingWindow, .quantized: nil
            }
        }

        /// Whether pages are offloaded; nil leaves it open.
        package var isOnDisk: Bool? {
            switch self {
            case .dynamic, .static: false
            case .offloaded, .offloadedStatic: true
            case .slidingWindow, .quantized: nil
            }
        }

        /// Whether only a window is kept.
        package var keepsWindow: Bool { self == .slidingWindow }

        /// Whether keys and values are codes.
        package var isQuantized: Bool { self == .quantized }
    }
}
