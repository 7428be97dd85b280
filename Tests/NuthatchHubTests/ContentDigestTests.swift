import Foundation
import NuthatchHub
import Testing

@Suite struct ContentDigestTests {
    /// FIPS 180-4's example, and what `git hash-object` prints for the same bytes.
    @Test func theTwoKindsAreWhatTheirStandardsSay() async throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(Data("abc".utf8), to: "abc")
        let sha = ContentDigest.sha256("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(try await ContentDigest.sha256("").measured(at: path) == sha)
        let git = ContentDigest.gitBlob("f2ba8f84ab5c1bce84a7b441cb1959cfc7093b7f")
        #expect(try await ContentDigest.gitBlob("").measured(at: path) == git)
    }

    @Test(arguments: [0, 1, 262_143, 262_144, 262_145, 600_000])
    func everyLengthAroundTheChunkIsHashedWhole(byteCount: Int) async throws {
        let directory = try TemporaryDirectory()
        let data = content(byteCount: byteCount)
        let path = try directory.write(data, to: "data")
        #expect(try await ContentDigest.sha256("").measured(at: path) == sha256(data))
    }

    @Test(arguments: [
        "", "sha256:", "sha256:AB", "git:00", "md5:00", "sha256:" + String(repeating: "g", count: 64),
    ])
    func aMalformedDigestIsNone(text: String) {
        #expect(ContentDigest(text) == nil)
    }
}
