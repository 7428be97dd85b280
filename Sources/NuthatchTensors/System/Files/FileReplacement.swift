/// A file that is written beside its target under a name of its own and takes the target's place in one step, when
/// all of it is on the disk.
///
/// So the target is always whole: the old one, or the new. One that is let go before leaves nothing behind.
package struct FileReplacement: ~Copyable, Sendable {
    package let target: String
    /// The target, links followed: what a link leads to is replaced, and the link stays.
    private let place: String
    package let replaces: Bool
    /// Where the bytes go until `commit`, at `file.path`.
    package let file: SystemFile

    /// - Parameter replaces: whether something at `target` may be replaced. Where not, it is looked for now and once
    ///   more, in the same step as the renaming, at the end.
    /// - Throws: `FileError`: `present` where something is there and may not be replaced,
    ///   `irregular` where it is no regular file.
    package init(_ target: String, access: SystemFile.Access, replaces: Bool) throws(FileError) {
        if let status = FileStatus(path: target) {
            guard status.kind == .file else { throw FileError(.create, target, .irregular) }
            guard replaces else { throw FileError.present(target) }
        }
        let place = FileName.resolved(target)
        let file = try SystemFile(FileName.unique(place + ".partial-"), for: .creating(access))
        self.target = target
        self.place = place
        self.file = file
        self.replaces = replaces
    }

    deinit {
        // After a commit, nothing has this name.
        FileName.remove(file.path)
    }

    /// Puts the file in the target's place, its bytes on the disk before its name.
    ///
    /// - Throws: `FileError`, its path the target's; the target is then as it was.
    package borrowing func commit() throws(FileError) {
        do throws(FileError) {
            try file.synchronize()
        } catch {
            throw FileError(error.operation, target, error.cause)
        }
        do throws(FileError) {
            if replaces {
                try FileName.replace(place, with: file.path)
            } else {
                try FileName.move(file.path, to: place)
            }
        } catch {
            throw FileError(error.operation, target, error.cause)
        }
    }
}

extension FileReplacement {
    /// Writes `bytes` to a file at `path` in one step.
    package static func write(
        _ bytes: [UInt8], to path: String, access: SystemFile.Access = .everybody, replaces: Bool = true
    ) throws(FileError) {
        let replacement = try FileReplacement(path, access: access, replaces: replaces)
        try replacement.file.append(bytes)
        try replacement.commit()
    }
}
