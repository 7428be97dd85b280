import Foundation
import NuthatchCheckpoints
import NuthatchTestSupport
import NuthatchVision
import Testing

/// Against the processors of transformers; made by Scripts/goldens/vision_models.py.
@Suite struct PreprocessingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let width: Int
        let height: Int
        let seed: UInt64
        let grid: [Int]
        let rows: [Int]
        let sum: Double
        let checksum: Int
        /// preprocessor_config.json
        let told: Data

        var testDescription: String { name }
    }

    private static func goldens() throws -> [String: Any] {
        let data = try Data(contentsOf: URL(filePath: Goldens.path("preprocessing.json")))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    static func cases() throws -> [Case] {
        try #require(goldens()["cases"] as? [[String: Any]]).map { fields in
            Case(
                name: try #require(fields["name"] as? String), width: try #require(fields["width"] as? Int),
                height: try #require(fields["height"] as? Int),
                seed: UInt64(try #require(fields["seed"] as? Int)),
                grid: try #require(fields["grid"] as? [Int]), rows: try #require(fields["rows"] as? [Int]),
                sum: try #require(fields["sum"] as? Double),
                checksum: try #require(fields["checksum"] as? Int),
                told: try JSONSerialization.data(withJSONObject: try #require(fields["told"])))
        }
    }

    static func preprocessor(_ config: Data) throws -> ImagePreprocessor {
        let directory = try TemporaryDirectory()
        try directory.write(Array("{}".utf8), as: "config.json")
        try directory.write(Array(config), as: "preprocessor_config.json")
        return try ImagePreprocessor(
            try HuggingFaceDirectory(path: directory.path, requiresWeights: false))
    }

    @Test("Patches are those of the reference processor", arguments: try cases())
    func patches(golden: Case) throws {
        let image = try DrawnImage.draw(width: golden.width, height: golden.height, seed: golden.seed)
        #expect(image.pixels.reduce(0) { $0 + Int($1) } == golden.checksum)
        let preprocessor = try Self.preprocessor(golden.told)
        let patched = try preprocessor.patches(of: image)
        #expect([1, patched.rowCount, patched.columnCount] == golden.grid)
        let data = try Data(contentsOf: URL(filePath: Goldens.path("\(golden.name).f32")))
        let expected = data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
        let width = expected.count / golden.rows.count
        #expect(patched.values.count == patched.rowCount * patched.columnCount * width)
        for (index, row) in golden.rows.enumerated() {
            let ours = patched.values[row * width..<(row + 1) * width]
            let theirs = expected[index * width..<(index + 1) * width]
            let largest = zip(ours, theirs).map { abs($0 - $1) }.max() ?? 0
            #expect(largest <= 1e-3, "row \(row)")
        }
        let sum = patched.values.reduce(0.0) { $0 + Double(abs($1)) }
        #expect(abs(sum / golden.sum - 1) <= 1e-5)
        let merge = preprocessor.patchShape.mergeLength
        let tokens = try preprocessor.tokenGrid(width: golden.width, height: golden.height)
        #expect(tokens.rowCount * merge == patched.rowCount)
        #expect(tokens.columnCount * merge == patched.columnCount)
    }

    @Test("Images get the size that the reference gives them")
    func sizes() throws {
        let resize = SmartResize(unit: 28, minimumPixelCount: 3136, maximumPixelCount: 1_003_520)
        for fields in try #require(Self.goldens()["sizes"] as? [[String: Any]]) {
            let (width, height) = (
                try #require(fields["width"] as? Int), try #require(fields["height"] as? Int)
            )
            let size = try resize.size(width: width, height: height)
            #expect([size.width, size.height] == fields["resized"] as? [Int], "\(width) x \(height)")
        }
    }

    @Test("The two references differ in a last bit somewhere, which is as it should be")
    func precisionsDiffer() throws {
        let image = try DrawnImage.draw(width: 157, height: 101, seed: 1)
        let torch = try Self.preprocessor(Data(#"{"image_processor_type": "Qwen2VLImageProcessor"}"#.utf8))
        let pillow = try Self.preprocessor(
            Data(#"{"image_processor_type": "Qwen2VLImageProcessorPil"}"#.utf8))
        #expect(try torch.patches(of: image) != pillow.patches(of: image))
    }

    @Test("An image more than 200 times as long as wide is refused with its size")
    func aspectRatio() throws {
        let image = try DrawnImage.draw(width: 201, height: 1, seed: 1)
        let preprocessor = try Self.preprocessor(Data("{}".utf8))
        let error = try #require(throws: VisionError.self) {
            _ = try preprocessor.patches(of: image, name: "line.png")
        }
        #expect(
            error.message
                == "line.png has 201 x 1 pixels; one side may be 200 times as long as the other.")
    }

    @Test(
        "What a preprocessor would do that is not done here is refused by name",
        arguments: [
            (#"{"do_resize": false}"#, "do_resize"), (#"{"resample": 2}"#, "resample"),
            (#"{"patch_size": 0}"#, "patch_size"), (#"{"patch_size": 1000000}"#, "patch_size"),
            (#"{"patch_size": 128, "temporal_patch_size": 128}"#, "patch_size"),
            (#"{"min_pixels": 0}"#, "min_pixels"), (#"{"max_pixels": 100}"#, "max_pixels"),
            (#"{"max_pixels": 9000000000000000000}"#, "max_pixels"),
            (#"{"image_std": [0, 1, 1]}"#, "image_std"), (#"{"image_mean": [1]}"#, "image_mean"),
            (#"{"image_processor_type": "CLIPImageProcessor"}"#, "image_processor_type"),
        ])
    func refusals(config: String, field: String) throws {
        let error = try #require(throws: VisionError.self) { _ = try Self.preprocessor(Data(config.utf8)) }
        #expect(error.message.contains(field))
        #expect(error.remedy != nil)
    }
}
