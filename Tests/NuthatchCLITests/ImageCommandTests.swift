import Foundation
import NuthatchTestSupport
import Testing

/// `nuthatch run --image`, from files to the answer's report.
@Suite struct ImageCommandTests {
    private func promptTokenCount(_ arguments: [String]) throws -> Int {
        let result = try NuthatchProcess.run(arguments)
        #expect(result.exitCode == 0, "\(result.errors)")
        let json = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        let usage = try #require(json?["usage"] as? [String: Any])
        return try #require((usage["prompt_tokens"] ?? usage["promptTokens"]) as? Int)
    }

    @Test func imagesBecomeTokensOfThePrompt() throws {
        let directory = try TinyQwenVL().write()
        // 3 x 2 blocks of 8 pixels, and one.
        let pixels = [UInt8](repeating: 90, count: 24 * 16 * 3)
        let wide = try directory.write(Array("P6 24 16 255\n".utf8) + pixels, as: "wide.ppm")
        let small = try directory.write(Array("P6 8 8 255\n".utf8) + pixels.prefix(192), as: "small.ppm")
        let arguments = ["run", "-m", directory.path, "--json", "--max-new-tokens", "2", "What is it?"]
        let plain = try promptTokenCount(arguments)
        let shown = try promptTokenCount(arguments + ["--image", wide, "--image", small])
        // Each stands between a token that begins it and one that ends it.
        #expect(shown == plain + (6 + 2) + (1 + 2))
    }

    #if ImageFiles
        @Test(arguments: ["rgb.png", "color.jpg"])
        func compressedFilesAreShown(name: String) throws {
            let directory = try TinyQwenVL().write()
            let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            let image = tests.appending(path: "NuthatchVisionTests/Goldens/\(name)").path
            let arguments = ["run", "-m", directory.path, "--json", "--max-new-tokens", "2", "What is it?"]
            let plain = try promptTokenCount(arguments)
            // At least one token between the two around it.
            #expect(try promptTokenCount(arguments + ["--image", image]) >= plain + 3)
        }
    #endif

    @Test func chatShowsAnImageWithTheNextMessageAlone() throws {
        let directory = try TinyQwenVL().write()
        let pixels = [UInt8](repeating: 90, count: 24 * 16 * 3)
        let image = try directory.write(Array("P6 24 16 255\n".utf8) + pixels, as: "image.ppm")
        func cachedTokenCounts(_ lines: [String]) throws -> [Int] {
            let result = try NuthatchProcess.run(
                ["chat", "-m", directory.path, "--max-new-tokens", "1"],
                input: lines.joined(separator: "\n") + "\n")
            #expect(result.exitCode == 0, "\(result.errors)")
            return result.errors.matches(of: /cache: (\d+) of/).compactMap { Int($0.output.1) }
        }
        let turns = ["What is it?", "/stats", "And now?", "/stats"]
        let plain = try cachedTokenCounts(turns)
        let shown = try cachedTokenCounts(["/image \(image)x", "/image \(image)"] + turns)
        try #require(plain.count == 2)
        // 3 x 2 blocks of 8 pixels between a token that begins an image and one that ends it.
        #expect(shown == plain.map { $0 + 8 })
    }

    @Test func aDamagedImageIsBadData() throws {
        let directory = try TinyQwenVL().write()
        let path = try directory.write(Array("P6 24 16 255\n".utf8), as: "short.ppm")
        let result = try NuthatchProcess.run(["run", "-m", directory.path, "--image", path, "What is it?"])
        #expect(result.exitCode == 65)
        #expect(result.errors.contains("0 of 1152 bytes of pixels"))
        #expect(result.output.isEmpty)
    }
}
