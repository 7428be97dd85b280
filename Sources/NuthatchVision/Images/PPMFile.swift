import NuthatchTensors

/// Raw pixels with a header: the binary kind of the portable pixmap, `P6` (https://netpbm.sourceforge.net/doc/ppm.html).
///
///     P6 <width> <height> 255 <one white space> <width * height * 3 bytes>
///
/// Words of the header are divided by white space, and by comments from # to the end of a line.
enum PPMFile {
    static func isOne(_ bytes: [UInt8]) -> Bool { bytes.starts(with: Array("P6".utf8)) }

    static func read(_ bytes: [UInt8], path: String) throws(VisionError) -> RGBImage {
        var header = Header(bytes: bytes, path: path)
        let width = try header.number("the width")
        let height = try header.number("the height")
        let maximum = try header.number("the maximum")
        guard maximum == 255 else {
            throw .damaged(
                path: path, format: "PPM", reason: "its maximum is \(maximum), and 255 is all that is read")
        }
        try RGBImage.check(width: width, height: height, name: path)
        let pixels = bytes.dropFirst(header.position + 1)
        let byteCount = width * height * RGBImage.channelCount
        guard pixels.count >= byteCount else {
            throw .damaged(
                path: path, format: "PPM",
                reason: "it has \(pixels.count) of \(Counted.text(byteCount, "byte")) of pixels")
        }
        return try RGBImage(
            checking: Array(pixels.prefix(byteCount)), width: width, height: height, name: path)
    }

    private struct Header {
        let bytes: [UInt8]
        let path: String
        /// Behind the last word; "P6" was the first.
        var position = 2

        mutating func number(_ field: String) throws(VisionError) -> Int {
            skipSpace()
            var value = 0
            let start = position
            while position < bytes.count, (0x30...0x39).contains(bytes[position]) {
                value = value * 10 + Int(bytes[position] - 0x30)
                position += 1
                guard value <= Int(UInt32.max) else { break }
            }
            guard position > start, value <= Int(UInt32.max), position < bytes.count,
                Self.isSpace(bytes[position])
            else {
                throw .damaged(path: path, format: "PPM", reason: "\(field) is no number")
            }
            return value
        }

        private mutating func skipSpace() {
            while position < bytes.count {
                if bytes[position] == UInt8(ascii: "#") {
                    while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
                } else if Self.isSpace(bytes[position]) {
                    position += 1
                } else {
                    return
                }
            }
        }

        private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    }
}
