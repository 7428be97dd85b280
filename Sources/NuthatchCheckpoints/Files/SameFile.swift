#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Whether two names lead to one file, which no comparison of paths can tell: links, hard ones too, are other names of
/// the same bytes.
package enum SameFile {
    /// Whether both names lead to one file; false where one leads to none.
    package static func areOne(_ first: String, _ second: String) -> Bool {
        guard let first = status(first), let second = status(second) else { return false }
        return first.st_dev == second.st_dev && first.st_ino == second.st_ino
    }

    private static func status(_ path: String) -> stat? {
        var status = stat()
        return stat(path, &status) == 0 ? status : nil
    }
}

extension Checkpoint {
    /// Every file that was or may be read for it: those with tensors, and whatever a directory holds beside them.
    package var inputPaths: [String] {
        let files = [path] + tables.map(\.file.path)
        guard case .directory = self else { return files }
        return files + MappedFile.names(in: path).map { path + "/" + $0 }
    }
}
