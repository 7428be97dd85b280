import Foundation
import NuthatchCache
import NuthatchCheckpoints
import NuthatchModels
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// A tiny random model that reads images, and what transformers computed from it; made by
/// Scripts/goldens/vision_models.py.
struct VisionModel: Sendable, CustomTestStringConvertible {
    let name: String

    var testDescription: String { name }

    static let all = ["qwen2vl-tied", "qwen2vl-wide", "qwen25vl-windows", "qwen25vl-published"].map {
        VisionModel(name: $0)
    }

    struct Golden: Decodable {
        struct Turn: Decodable {
            /// Tokens of the whole conversation so far.
            let tokens: [TokenID]
            let imageCount: Int
        }

        let turns: [Turn]
        /// Patches of each image: frames, rows, columns.
        let grids: [[Int]]
        let film: [Int]
        let greedy: [TokenID]
    }

    func golden() throws -> Golden {
        let data = try Data(contentsOf: URL(filePath: Goldens.path("\(name)/golden.json")))
        return try JSONDecoder().decode(Golden.self, from: data)
    }

    func floats(_ file: String) throws -> [Float] {
        let data = try Data(contentsOf: URL(filePath: Goldens.path("\(name)/\(file).f32")))
        return data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    }

    func checkpoint() throws -> Checkpoint { try Checkpoint.open(Goldens.path(name)) }

    func tower(_ precision: WeightPrecision = .f32) throws -> VisionTower {
        let checkpoint = try checkpoint()
        return try #require(
            try VisionTower(
                checkpoint, described: try ModelDescription(checkpoint), precision: precision))
    }

    func decoder(_ precision: WeightPrecision = .f32) throws -> Decoder {
        try Decoder.load(try checkpoint(), precision: precision)
    }

    /// The patches of each image.
    func patches(_ tower: VisionTower) throws -> [(grid: PatchGrid, values: [Float])] {
        var rest = try floats("patches")[...]
        return try golden().grids.map { sides in
            let grid = PatchGrid(frameCount: sides[0], rowCount: sides[1], columnCount: sides[2])
            let values = Array(rest.prefix(grid.patchCount * tower.specification.patches.width))
            rest = rest.dropFirst(values.count)
            return (grid, values)
        }
    }

    /// The images where the conversation has them.
    func images(_ tower: VisionTower, pool: WorkerPool) throws -> [PlacedImage] {
        let tokens = try #require(try golden().turns.last).tokens
        let merge = tower.specification.patches.mergeLength
        var next = 0
        return try patches(tower).enumerated().map { index, image in
            let start = try #require(
                tokens[next...].firstIndex(of: tower.specification.imageToken))
            let grid = TokenGrid(
                start: start, rowCount: image.grid.rowCount / merge,
                columnCount: image.grid.columnCount / merge,
                content: GridContent(digest: Array(repeating: UInt8(index), count: 32)))
            next = grid.range.upperBound
            return PlacedImage(
                grid: grid, features: try tower.features(of: image.values, grid: image.grid, pool: pool))
        }
    }
}

extension Bench {
    /// Logits of every token of a sequence with images, fed in chunks.
    func logits(
        _ tokens: [TokenID], _ images: [PlacedImage], into cache: SequenceCache, chunkLength: Int = 512
    ) throws -> [[Float]] {
        var logits: [[Float]] = []
        while cache.tokenCount < tokens.count {
            let start = cache.tokenCount
            let chunk = tokens[start..<min(start + chunkLength, tokens.count)]
            let rows = try decoder.forward(
                PassEntry(cache, chunk, images: images, logits: .all), workspace: workspace, pool: workers)
            logits += (0..<rows.rowCount).map {
                Array(UnsafeBufferPointer(start: rows[$0], count: rows.columnCount))
            }
        }
        return logits
    }
}
