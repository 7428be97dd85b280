import Foundation
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// What rooms rely on beneath their own files; the refusals' sentences are tested where rooms make them.
@Suite struct FileLayerTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func place(_ name: String) -> String { directory.path + "/" + name }

    private func content(_ path: String) throws -> [UInt8] {
        try SystemFile(path, for: .streaming).readRest(byteLimit: 1 << 20)
    }

    @Test func `two names of one file have one identity, and its copy has another`() throws {
        let (first, second, link) = (place("first"), place("second"), place("link"))
        try FileReplacement.write([1, 2], to: first)
        try FileReplacement.write([1, 2], to: second)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: first)
        let identity = try #require(FileIdentity(path: first))
        #expect(FileIdentity(path: link) == identity)
        #expect(FileIdentity(path: place("./first")) == identity)
        #expect(FileIdentity(path: second) != identity)
        #expect(FileIdentity(path: place("none")) == nil)
    }

    @Test func `a replacement that is let go leaves the target and nothing else`() throws {
        let path = place("file")
        try FileReplacement.write([1], to: path)
        do {
            let replacement = try FileReplacement(path, access: .owner, replaces: true)
            try replacement.file.append([2])
        }
        #expect(try content(path) == [1])
        #expect(FileName.names(in: directory.path) == ["file"])
    }

    @Test func `what may not be replaced is not, even where it came after the beginning`() throws {
        let path = place("file")
        let late = try FileReplacement(path, access: .everybody, replaces: false)
        try FileReplacement.write([1], to: path)
        #expect(throws: FileError.self) { try late.commit() }
        #expect(try content(path) == [1])
        let error = #expect(throws: FileError.self) {
            try FileReplacement.write([2], to: path, replaces: false)
        }
        #expect(error?.kind == .present)
        #expect(error?.path == path)
        #expect(try content(path) == [1])
        try FileReplacement.write([3], to: path)
        #expect(try content(path) == [3])
    }

    @Test func `a directory or a device is no target`() throws {
        for path in [directory.path, "/dev/null"] {
            let error = #expect(throws: FileError.self) { try FileReplacement.write([1], to: path) }
            #expect(error?.cause == .irregular)
        }
    }

    @Test func `a file takes one lock at a time`() throws {
        let path = place("lock")
        let first = try SystemFile(path, for: .locking)
        let second = try SystemFile(path, for: .locking)
        #expect(try first.tryLock())
        #expect(try !second.tryLock())
        extendLifetime(first)
    }

    @Test func `a new file has room for what was asked, and no more is given than the disk has`() throws {
        let file = try SystemFile(place("file"), for: .creating(.owner))
        try file.extend(from: 0, to: 100_000)
        #expect(try file.byteCount() == 100_000)
        let error = #expect(throws: FileError.self) { try file.extend(from: 100_000, to: 1 << 58) }
        #expect(error.map { [.noRoom, .tooLong].contains($0.kind) } == true)
        #expect(try file.byteCount() == 100_000)
    }

    @Test func `the directory of a path is what stands before its last slash`() {
        #expect(FileName.directory(of: "/a/b") == "/a/")
        #expect(FileName.directory(of: "/a") == "/")
        #expect(FileName.directory(of: "a") == ".")
    }
}
