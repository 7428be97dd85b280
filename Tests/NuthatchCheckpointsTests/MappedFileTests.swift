import Foundation
import NuthatchCheckpoints
import Testing

@Suite struct MappedFileTests {
    @Test func `the bytes are the file's`() throws {
        let directory = try TemporaryDirectory()
        let file = try MappedFile(path: directory.write([1, 2, 3], to: "three"))
        #expect(Array(file.bytes) == [1, 2, 3])
        let empty = try MappedFile(path: directory.write([UInt8](), to: "empty"))
        #expect(empty.byteCount == 0)
        empty.release(0..<10)
    }

    @Test func `what is no regular file is refused`() throws {
        let directory = try TemporaryDirectory()
        #expect(throws: CheckpointError.notFound(path: directory.path + "/none")) {
            try MappedFile(path: directory.path + "/none")
        }
        #expect(
            throws: CheckpointError.unreadable(path: directory.path, reason: "it is not a regular file")
        ) { try MappedFile(path: directory.path) }
    }

    #if os(Linux)
        /// Resident bytes of this process that files back, from /proc/self/statm.
        private func residentFileByteCount() throws -> Int {
            let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
            let pageCount = try #require(Int(text.split(separator: " ")[2]))
            return pageCount * Int(sysconf(Int32(_SC_PAGESIZE)))
        }

        @Test func `releasing a range gives its memory back and keeps its bytes`() throws {
            let byteCount = 64 << 20
            let directory = try TemporaryDirectory()
            let file = try MappedFile(
                path: directory.write([UInt8](repeating: 7, count: byteCount), to: "large"))
            func sum() -> Int {
                stride(from: 0, to: byteCount, by: 4096).reduce(0) { $0 + Int(file.bytes[$1]) }
            }
            let expected = sum()
            let touched = try residentFileByteCount()
            file.release(100..<byteCount - 100)
            let released = try residentFileByteCount()
            // Other tests run beside this one: half the file is far more than they map.
            #expect(touched - released > byteCount / 2)
            #expect(sum() == expected)
        }
    #endif
}
