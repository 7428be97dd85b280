import Foundation
import NuthatchCheckpoints
import NuthatchTestSupport
import Testing

@Suite struct ByteFileTests {
    @Test func aFileIsReadToItsEndOrOneByteBeyondTheLimit() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/bytes"
        let content = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 / 3) }
        try Data(content).write(to: URL(fileURLWithPath: path))
        #expect(try ByteFile.read(path, byteLimit: 1_000_000) == content)
        #expect(try ByteFile.read(path, byteLimit: 200_000) == content)
        #expect(try ByteFile.read(path, byteLimit: 199_999).count == 200_000)
        #expect(try ByteFile.read(path, byteLimit: 100_000) == Array(content.prefix(100_001)))
    }

    @Test func aPipeIsReadToItsEnd() throws {
        let pipe = Pipe()
        let content = Data((0..<3_000).map { UInt8(truncatingIfNeeded: $0) })
        try pipe.fileHandleForWriting.write(contentsOf: content)
        try pipe.fileHandleForWriting.close()
        let bytes = try ByteFile.read(
            pipe.fileHandleForReading.fileDescriptor, of: "a pipe", byteLimit: 10_000)
        #expect(bytes == Array(content))
    }

    @Test func whatCannotBeReadIsNamed() throws {
        let directory = try TemporaryDirectory()
        let missing = directory.path + "/missing"
        let error = #expect(throws: CheckpointError.self) { try ByteFile.read(missing, byteLimit: 1) }
        #expect(error?.message.contains(missing) == true)
        #expect(throws: CheckpointError.self) { try ByteFile.read(directory.path, byteLimit: 1) }
    }
}
