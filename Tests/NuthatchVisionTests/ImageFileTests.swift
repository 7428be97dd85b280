import Foundation
import NuthatchTestSupport
import NuthatchVision
import Testing

/// PNG and JPEG files made by Pillow, in builds that decode them and in builds that don't.
@Suite struct ImageFileTests {
    private func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: Goldens.path(name))))
    }

    #if ImageFiles
        static let files = [
            "rgb.png", "palette.png", "gray.png", "clear.png", "bits.png", "color.jpg", "gray.jpg",
            "progressive.jpg", "held.jpg",
        ]

        @Test("Pixels are those that Pillow reads, upright", arguments: files)
        func pixels(name: String) throws {
            let sizes = try JSONDecoder().decode(
                [String: [Int]].self, from: Data(contentsOf: URL(filePath: Goldens.path("files.json"))))
            let image = try ImageFile.decode(try bytes(name), path: name)
            #expect([image.width, image.height] == sizes[name])
            let expected = try bytes("\(name).rgb")
            #expect(image.pixels.count == expected.count)
            // Two versions of libjpeg may round a colour's conversion differently.
            let tolerance = name.hasSuffix(".png") ? 0 : 2
            let largest = zip(image.pixels, expected).map { abs(Int($0) - Int($1)) }.max() ?? 0
            #expect(largest <= tolerance)
        }

        @Test(
            "A file cut short is refused, wherever it was cut",
            arguments: ["rgb.png", "color.jpg", "progressive.jpg"])
        func cutShort(name: String) throws {
            let whole = try bytes(name)
            for count in stride(from: 8, to: whole.count - 2, by: 7) {
                let error = try #require(throws: VisionError.self) {
                    _ = try ImageFile.decode(Array(whole.prefix(count)), path: name)
                }
                #expect(error.message.contains(name), "\(count) bytes")
            }
        }

        @Test("Damaged files are refused or read, and nothing traps", arguments: files)
        func damaged(name: String) throws {
            let whole = try bytes(name)
            var generator = SeededGenerator(seed: 8)
            for _ in 0..<200 {
                var bytes = whole
                for _ in 0..<4 {
                    bytes[Int.random(in: 8..<bytes.count, using: &generator)] = UInt8.random(
                        in: 0...255, using: &generator)
                }
                _ = try? ImageFile.decode(bytes, path: name)
            }
        }

        @Test("Ink is refused: it takes a profile to say what light it reflects")
        func ink() throws {
            let error = try #require(throws: VisionError.self) {
                _ = try ImageFile.decode(try bytes("ink.jpg"), path: "ink.jpg")
            }
            #expect(error.message.hasPrefix("ink.jpg is a damaged JPEG file"))
        }

        @Test("An image of absurd size is refused before its pixels are allocated")
        func absurdSize() throws {
            // The width stands behind the signature, a length and a name.
            var bytes = try bytes("rgb.png")
            bytes.replaceSubrange(16..<24, with: [0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF])
            let error = try #require(throws: VisionError.self) {
                _ = try ImageFile.decode(bytes, path: "huge.png")
            }
            #expect(error.message.contains("huge.png"))
        }
    #else
        @Test(
            "Without the trait, a file is refused with the trait to build with",
            arguments: [("rgb.png", "PNG"), ("color.jpg", "JPEG")])
        func withoutTrait(name: String, format: String) throws {
            let error = try #require(throws: VisionError.self) {
                _ = try ImageFile.decode(try bytes(name), path: name)
            }
            #expect(error.message == "\(name) is a \(format) file, and this build of Nuthatch decodes none.")
            #expect(error.remedy?.hasPrefix("Build with --traits ImageFiles") == true)
        }
    #endif

    @Test("How a camera was held is read from the file, and undone")
    func orientation() throws {
        #expect(EXIFOrientation(ofJPEG: try bytes("held.jpg")) == .left)
        #expect(EXIFOrientation(ofJPEG: try bytes("color.jpg")) == nil)
        // 1 2 / 3 4 / 5 6, as it lies in the file.
        let image = try RGBImage(
            pixels: (1...6).flatMap { [UInt8($0), 0, 0] }, width: 2, height: 3)
        let expected: [EXIFOrientation: [UInt8]] = [
            .upright: [1, 2, 3, 4, 5, 6], .mirrored: [2, 1, 4, 3, 6, 5], .upsideDown: [6, 5, 4, 3, 2, 1],
            .mirroredUpsideDown: [5, 6, 3, 4, 1, 2], .mirroredLeft: [1, 3, 5, 2, 4, 6],
            .left: [5, 3, 1, 6, 4, 2], .mirroredRight: [6, 4, 2, 5, 3, 1], .right: [2, 4, 6, 1, 3, 5],
        ]
        for (orientation, values) in expected {
            let turned = try image.turned(to: orientation)
            #expect(stride(from: 0, to: 18, by: 3).map { turned.pixels[$0] } == values, "\(orientation)")
            #expect(turned.width == (orientation.rawValue >= 5 ? 3 : 2))
        }
    }

    @Test("Damaged segments say nothing", arguments: 0..<200)
    func damagedSegments(seed: Int) throws {
        var bytes = try bytes("held.jpg")
        var generator = SeededGenerator(seed: UInt64(seed))
        for _ in 0..<3 {
            bytes[Int.random(in: 0..<80, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
        }
        _ = EXIFOrientation(ofJPEG: bytes)
        _ = EXIFOrientation(ofJPEG: Array(bytes.prefix(seed)))
    }
}
