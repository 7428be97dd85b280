import NuthatchTensors
import NuthatchVision
import Testing

@Suite struct ImageTests {
    @Test(
        "An image of no size, of absurd size, or of other bytes than its size takes is refused",
        arguments: [
            (0, 5, 0, "0 x 5 pixels"), (5, 0, 0, "5 x 0 pixels"), (-3, 5, 0, "-3 x 5 pixels"),
            (70_000, 1, 210_000, "a side may have 65535"), (.max, .max, 0, "a side may have 65535"),
            (60_000, 60_000, 0, "67108864 in all"), (2, 2, 11, "11 bytes for 2 x 2 pixels, which are 12"),
        ])
    func refusedSizes(width: Int, height: Int, byteCount: Int, part: String) throws {
        let error = try #require(throws: NuthatchError.self) {
            _ = try RGBImage(
                pixels: Array(repeating: 0, count: byteCount), width: width, height: height)
        }
        #expect(error.message.contains(part))
        #expect(error.remedy != nil)
    }

    private func ppm(_ header: String, _ pixels: [UInt8]) -> [UInt8] { Array(header.utf8) + pixels }

    @Test(
        "Raw pixels with a header are read, comments and any white space between",
        arguments: ["P6 2 1 255\n", "P6\n# made by hand\n2 1\n255\n", "P6\t2\r\n1 #x\n255 "])
    func portablePixmap(header: String) throws {
        let image = try ImageFile.decode(ppm(header, [1, 2, 3, 4, 5, 6]), path: "a.ppm")
        #expect((image.width, image.height) == (2, 1))
        #expect(image.pixels == [1, 2, 3, 4, 5, 6])
    }

    @Test(
        "Damaged raw pixels are refused, not read beyond their end",
        arguments: [
            "P6", "P6 ", "P6 2", "P6 2 1", "P6 2 1 255", "P6 2 1 255\n12345", "P6 x 1 255\n123456",
            "P6 2 1 65535\n123456789012", "P6 0 1 255\n", "P6 99999999999999999999 1 255\n", "P6 -2 1 255\n",
            "P6 65535 65535 255\n1", "P6#",
        ])
    func damagedPixmaps(text: String) throws {
        let error = try #require(throws: VisionError.self) {
            _ = try ImageFile.decode(Array(text.utf8), path: "a.ppm")
        }
        #expect(error.message.contains("a.ppm"))
    }

    @Test("What is no image file is refused", arguments: [[], [0], Array("GIF89a".utf8)] as [[UInt8]])
    func otherFiles(bytes: [UInt8]) throws {
        let error = try #require(throws: VisionError.self) {
            _ = try ImageFile.decode(bytes, path: "notes.txt")
        }
        #expect(error.message == "notes.txt is no image file of a known kind.")
    }
}
