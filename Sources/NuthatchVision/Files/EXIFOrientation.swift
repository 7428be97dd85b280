/// How a camera was held: what has to be done to its pixels before an image stands upright (Exif 2.32, tag 0x0112).
package enum EXIFOrientation: UInt16, Sendable, CaseIterable {
    case upright = 1
    case mirrored = 2
    case upsideDown = 3
    case mirroredUpsideDown = 4
    case mirroredLeft = 5
    case left = 6
    case mirroredRight = 7
    case right = 8

    /// What a JPEG file says; nil where it says nothing that can be understood.
    package init?(ofJPEG bytes: [UInt8]) {
        guard let tiff = Self.tiff(in: bytes) else { return nil }
        self.init(ofTIFF: tiff)
    }

    /// The first Exif segment's content. Segments come before the image: FF, marker, two bytes of length.
    private static func tiff(in bytes: [UInt8]) -> ArraySlice<UInt8>? {
        var position = 2
        while position + 4 <= bytes.count, bytes[position] == 0xFF {
            let marker = bytes[position + 1]
            let length = Int(bytes[position + 2]) << 8 | Int(bytes[position + 3])
            let end = position + 2 + length
            // Start of scan: the image itself.
            guard marker != 0xDA, length >= 2, end <= bytes.count else { return nil }
            let content = bytes[position + 4..<end]
            let name = Array("Exif\0\0".utf8)
            if marker == 0xE1, content.starts(with: name) { return content.dropFirst(name.count) }
            position = end
        }
        return nil
    }

    /// The first directory of a TIFF structure: a count, then 12 bytes for each entry.
    private init?(ofTIFF bytes: ArraySlice<UInt8>) {
        let bytes = Array(bytes)
        let isLittle = bytes.starts(with: Array("II".utf8))
        guard isLittle || bytes.starts(with: Array("MM".utf8)) else { return nil }
        func number(at position: Int, length: Int) -> Int? {
            guard position >= 0, position + length <= bytes.count else { return nil }
            let digits = bytes[position..<position + length]
            return (isLittle ? Array(digits.reversed()) : Array(digits)).reduce(0) { $0 << 8 | Int($1) }
        }
        guard number(at: 2, length: 2) == 42, let directory = number(at: 4, length: 4),
            let entryCount = number(at: directory, length: 2)
        else { return nil }
        for entry in 0..<entryCount {
            let start = directory + 2 + entry * 12
            guard let tag = number(at: start, length: 2) else { return nil }
            guard tag == 0x0112 else { continue }
            guard let value = number(at: start + 8, length: 2), let value = UInt16(exactly: value) else {
                return nil
            }
            self.init(rawValue: value)
            return
        }
        return nil
    }
}

extension RGBImage {
    /// The image upright.
    package func turned(to orientation: EXIFOrientation) throws(VisionError) -> RGBImage {
        if orientation == .upright { return self }
        let swapsSides = orientation.rawValue >= EXIFOrientation.mirroredLeft.rawValue
        let (newWidth, newHeight) = swapsSides ? (height, width) : (width, height)
        var turned: [UInt8] = []
        turned.reserveCapacity(pixels.count)
        for row in 0..<newHeight {
            for column in 0..<newWidth {
                let (fromRow, fromColumn) =
                    switch orientation {
                    case .upright: (row, column)
                    case .mirrored: (row, width - 1 - column)
                    case .upsideDown: (height - 1 - row, width - 1 - column)
                    case .mirroredUpsideDown: (height - 1 - row, column)
                    case .mirroredLeft: (column, row)
                    case .left: (height - 1 - column, row)
                    case .mirroredRight: (height - 1 - column, width - 1 - row)
                    case .right: (column, width - 1 - row)
                    }
                let pixel = (fromRow * width + fromColumn) * Self.channelCount
                turned += pixels[pixel..<pixel + Self.channelCount]
            }
        }
        return try RGBImage(checking: turned, width: newWidth, height: newHeight, name: "The image")
    }
}
