import NuthatchTensors

/// A file's path inside a repository, as the Hub's listing or the user states it.
enum HubPath {
    static let byteLimit = 1024

    /// Why a path may not be used, or nil when it may.
    static func objection(to path: String) -> String? {
        if path.isEmpty { return "has no name" }
        if path.utf8.count > byteLimit { return "has a path longer than \(Counted.text(byteLimit, "byte"))" }
        if path.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "\\") }) {
            return "has a control character or a backslash in its path"
        }
        for component in path.split(separator: "/", omittingEmptySubsequences: false) {
            if component.isEmpty || component == "." || component == ".." {
                return "has an empty, '.' or '..' component in its path"
            }
            if component.utf8.count > 255 { return "has a name longer than 255 bytes" }
        }
        return nil
    }
}
