import NuthatchTensors
import Testing

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

@Suite struct DiskSpaceTests {
    /// Others write to the disk meanwhile: the two answers may differ, by less than a hundredth of what is there.
    @Test func `an open file's disk is that of its path`() throws {
        let descriptor = open("/", O_RDONLY)
        defer { close(descriptor) }
        let ofPath = try #require(DiskSpace.freeByteCount(at: "/"))
        let ofFile = try #require(DiskSpace.freeByteCount(besideFile: descriptor))
        var status = statvfs()
        try #require(statvfs("/", &status) == 0)
        let total = Int(clamping: UInt64(status.f_blocks) * UInt64(status.f_frsize))
        #expect((0...total).contains(ofPath))
        #expect(abs(ofPath - ofFile) <= total / 100)
    }

    @Test func `where the system will not say, there is no number`() {
        #expect(DiskSpace.freeByteCount(at: "/no/such/path") == nil)
        #expect(DiskSpace.freeByteCount(besideFile: -1) == nil)
    }
}
