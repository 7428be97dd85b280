import Foundation
import NuthatchModels
import NuthatchTestSupport
import Testing

/// T5's buckets of distances.
@Suite struct RelativePositionsTests {
    private struct File: Decodable {
        struct Case: Decodable {
            let bucketCount: Int
            let maximumDistance: Int
            let isBidirectional: Bool
            let distances: [Int]
            let buckets: [Int]
        }

        let cases: [Case]
    }

    @Test("Buckets are those of transformers")
    func bucketsAreThoseOfTransformers() throws {
        let path = Goldens.path(
            "relative_positions.json",
            testFile: #filePath.replacingOccurrences(of: "/EncoderDecoder/", with: "/"))
        let file = try JSONDecoder().decode(File.self, from: Data(contentsOf: URL(filePath: path)))
        #expect(file.cases.count == 14)
        for golden in file.cases {
            let positions = RelativePositions(
                bucketCount: golden.bucketCount, maximumDistance: golden.maximumDistance)
            let ours = golden.distances.map {
                positions.bucket($0, isBidirectional: golden.isBidirectional)
            }
            #expect(ours == golden.buckets, "\(positions)")
        }
    }

    @Test("All distances from the largest on share a bucket, so that a table ends there")
    func theLastBucketIsShared() {
        for positions in [
            RelativePositions(bucketCount: 32, maximumDistance: 128),
            .init(bucketCount: 7, maximumDistance: 50),
        ] {
            for isBidirectional in [true, false] {
                for sign in [-1, 1] {
                    let last = positions.bucket(
                        sign * positions.maximumDistance, isBidirectional: isBidirectional)
                    for distance in positions.maximumDistance...1000 {
                        #expect(positions.bucket(sign * distance, isBidirectional: isBidirectional) == last)
                    }
                }
            }
        }
    }
}
