import Foundation
import NuthatchCache
import NuthatchCheckpoints
import NuthatchModels
import NuthatchTensors
import NuthatchTestSupport
import Testing

@Suite struct VisionRefusalTests {
    private func features(_ count: Int, _ width: Int) throws -> ImageFeatures {
        try ImageFeatures(tokenCount: count, width: width)
    }

    private func grid(_ start: Int, _ rows: Int, _ columns: Int, content: UInt8 = 1) -> TokenGrid {
        TokenGrid(
            start: start, rowCount: rows, columnCount: columns,
            content: GridContent(digest: Array(repeating: content, count: 32)))
    }

    @Test("An image given to a text model is refused with a model that reads them")
    func textModel() throws {
        let bench = try Bench(try GoldenModel.named("llama-tied").decoder())
        let image = PlacedImage(grid: grid(0, 1, 2), features: try features(2, 72))
        let cache = try bench.cache()
        let error = try #require(throws: ModelError.self) {
            _ = try bench.logits([1, 2, 3], [image], into: cache)
        }
        #expect(error.message == "An image was given; this Llama model reads text alone.")
        #expect(error.remedy?.contains("Qwen2-VL") == true)
        #expect(cache.tokenCount == 0)
    }

    @Test("Images that overlap, have other vectors than tokens, or leave their beginning behind are refused")
    func malformedImages() throws {
        let bench = try Bench(try VisionModel(name: "qwen2vl-tied").decoder())
        let good = PlacedImage(grid: grid(1, 2, 2), features: try features(4, 72))
        let batches: [[PlacedImage]] = [
            [PlacedImage(grid: grid(1, 2, 2), features: try features(3, 72))],
            [PlacedImage(grid: grid(1, 2, 2), features: try features(4, 71))],
            [good, PlacedImage(grid: grid(4, 1, 1), features: try features(1, 72))],
            [PlacedImage(grid: grid(6, 1, 1), features: try features(1, 72)), good],
        ]
        let tokens = Array(repeating: TokenID(5), count: 9)
        for images in batches {
            let cache = try bench.cache()
            #expect(throws: ModelError.self) { try bench.logits(tokens, images, into: cache) }
            #expect(cache.tokenCount == 0 && cache.content.images.isEmpty)
        }
        let cache = try bench.cache()
        _ = try bench.logits(Array(tokens.prefix(3)), [good], into: cache)
        let other = PlacedImage(grid: grid(1, 2, 2, content: 9), features: good.features)
        #expect(throws: ModelError.self) { try bench.logits(tokens, [], into: cache) }
        #expect(throws: ModelError.self) { try bench.logits(tokens, [other], into: cache) }
        #expect(cache.tokenCount == 3)
        _ = try bench.logits(tokens, [good], into: cache)
        #expect(cache.content.images.all == [good.grid])
    }

    @Test("Sinks at positions in the cache and images are refused together")
    func distantPositions() throws {
        let bench = try Bench(try VisionModel(name: "qwen2vl-tied").decoder())
        let cache = try bench.cache(retention: .sinks(count: 2, window: 16, positions: .inCache))
        let image = PlacedImage(grid: grid(1, 2, 2), features: try features(4, 72))
        let error = try #require(throws: ModelError.self) {
            _ = try bench.logits(Array(repeating: 5, count: 9), [image], into: cache)
        }
        #expect(error.remedy?.contains("window") == true)
    }

    @Test("Patches that are not the grid's, and images beyond the limit, are refused")
    func patches() throws {
        let tower = try VisionModel(name: "qwen25vl-windows").tower()
        let pool = WorkerPool(workerCount: 1)
        let width = tower.specification.patches.width
        for grid in [
            PatchGrid(rowCount: 2, columnCount: 3), PatchGrid(rowCount: 2, columnCount: 4),
            PatchGrid(rowCount: 0, columnCount: 2), PatchGrid(rowCount: -2, columnCount: 2),
            PatchGrid(frameCount: 1 << 40, rowCount: 1 << 40, columnCount: 2),
            PatchGrid(rowCount: 1 << 9, columnCount: 1 << 8),
        ] {
            #expect(throws: ModelError.self) {
                try tower.features(of: Array(repeating: 0, count: 6 * width), grid: grid, pool: pool)
            }
        }
    }

    /// A changed config.json beside the same weights.
    private func describe(_ name: String, _ change: (inout [String: Any]) throws -> Void) throws
        -> ModelDescription
    {
        let directory = try TemporaryDirectory()
        let data = try Data(contentsOf: URL(filePath: Goldens.path("\(name)/config.json")))
        var config = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        try change(&config)
        try directory.write(
            Array(try JSONSerialization.data(withJSONObject: config)), as: "config.json")
        let weights = try Data(contentsOf: URL(filePath: Goldens.path("\(name)/model.safetensors")))
        try directory.write(Array(weights), as: "model.safetensors")
        let checkpoint = try Checkpoint.open(directory.path)
        let description = try ModelDescription(checkpoint)
        _ = try VisionTower(checkpoint, described: description)
        return description
    }

    @Test(
        "A vision tower's fields out of range are refused by name",
        arguments: [
            ("num_heads", 7, "head count"), ("num_heads", 0, "num_heads"), ("depth", 1 << 40, "depth"),
            ("depth", 5, "blocks.4"), ("patch_size", 0, "patch_size"), ("patch_size", 5, "patch_embed"),
            ("spatial_merge_size", 3, "merger"), ("window_size", 1, "window_size"),
            ("out_hidden_size", 71, "out_hidden_size"), ("intermediate_size", -1, "intermediate_size"),
            ("hidden_size", Int.max, "hidden_size"),
        ])
    func fields(key: String, value: Int, named: String) throws {
        let error = try #require(throws: ModelError.self) {
            _ = try describe("qwen25vl-windows") { config in
                var vision = try #require(config["vision_config"] as? [String: Any])
                vision[key] = value
                config["vision_config"] = vision
            }
        }
        #expect(error.message.contains(named), "\(error.message)")
    }

    @Test(
        "Sections that are not a head's pairs are refused",
        arguments: [[1, 2], [1, 3, 3], [-1, 4, 3], [7, 0, -1]])
    func sections(counts: [Int]) throws {
        let error = try #require(throws: ModelError.self) {
            _ = try describe("qwen25vl-windows") { config in
                var text = try #require(config["text_config"] as? [String: Any])
                var rope = try #require(text["rope_parameters"] as? [String: Any])
                rope["mrope_section"] = counts
                text["rope_parameters"] = rope
                config["text_config"] = text
            }
        }
        #expect(error.message.contains("mrope_section"))
    }

    @Test("An image token outside the vocabulary is refused")
    func imageToken() throws {
        let error = try #require(throws: ModelError.self) {
            _ = try describe("qwen2vl-tied") { $0["image_token_id"] = 128 }
        }
        #expect(error.message.contains("image_token_id"))
    }

    @Test("What a tower takes is known before it is loaded", arguments: VisionModel.all)
    func planned(model: VisionModel) throws {
        let checkpoint = try model.checkpoint()
        let description = try ModelDescription(checkpoint)
        for precision in [WeightPrecision.native, .f32, .q8] {
            let tower = try model.tower(precision)
            #expect(
                try VisionTower.plannedByteCount(
                    checkpoint, described: description, precision: precision) == tower.weightByteCount)
        }
    }
}
