#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// Names of files, apart from what is in them: given, changed and taken away.
package enum FileName {
    /// Puts a file in another's place, or where none was, in one step, and makes the step durable.
    ///
    /// - Throws: `FileError`, its path the target's.
    package static func replace(_ target: String, with source: String) throws(FileError) {
        guard rename(source, target) == 0 else { throw FileError(.rename, target) }
        try makeLast(in: directory(of: target))
    }

    /// Gives a file the name `target` and takes away the old one, unless something has that name: then the refusal's
    /// kind is `present` and nothing was changed. Durable as well.
    package static func move(_ source: String, to target: String) throws(FileError) {
        // A second name is refused where there is one; a rename would not be. Both names are there for a moment.
        if link(source, target) == 0 {
            remove(source)
            return try makeLast(in: directory(of: target))
        }
        // Some file systems (FAT, some networks' and containers') have no second names.
        guard errno == EPERM || errno == ENOTSUP || errno == EOPNOTSUPP || errno == ENOSYS else {
            throw FileError(.rename, target)
        }
        guard FileStatus(path: target) == nil else { throw FileError(.rename, target, .system(EEXIST)) }
        try replace(target, with: source)
    }

    /// Removes a name, if it is there. The file lives on while it is open.
    package static func remove(_ path: String) {
        unlink(path)
    }

    /// The file that a path leads to, links followed; the path itself where nothing is there.
    package static func resolved(_ path: String) -> String {
        guard let end = realpath(path, nil) else { return path }
        defer { free(end) }
        return String(cString: end)
    }

    /// A name that no other file has, for one that lives beside others for a while.
    package static func unique(_ prefix: String) -> String {
        prefix + String(UInt64.random(in: 0...UInt64.max), radix: 36)
    }

    /// The directory that a path lies in, with the slash at its end; "." for a path of one name.
    package static func directory(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    }

    /// The plain names in a directory, sorted; empty where it cannot be listed.
    package static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            // Through a pointer: copied whole, the 256 declared bytes could reach past the short record read.
            guard let bytes = entry.pointer(to: \.d_name) else { continue }
            let name = String(cString: UnsafeRawPointer(bytes).assumingMemoryBound(to: CChar.self))
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    private static func makeLast(in directory: String) throws(FileError) {
        do throws(FileError) {
            try SystemFile(directory, for: .directory).synchronize()
        } catch  where error.cause == .system(EINVAL) {
            // A file system that can't be asked to; the name is there.
        }
    }
}
