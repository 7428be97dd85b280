/// An image as a vision tower reads it: resized, normalised and cut into patches.
package struct PatchedImage: Sendable, Equatable {
    /// Patches from top to bottom, and from left to right.
    package let rowCount: Int
    package let columnCount: Int
    /// [patch][channel][frame][row][column]: patches block by block as `PatchLayout` has them.
    package let values: [Float]
}

/// How an image is cut: blocks of mergeLength x mergeLength patches row by row, and in a block its patches row by row. A
/// patch holds each channel of each of its frames; an image, which stands still, is the same in all.
struct PatchLayout: Sendable, Equatable {
    let patchLength: Int
    let frameCount: Int
    let mergeLength: Int

    /// Pixels of a block's side.
    var unit: Int { patchLength * mergeLength }
    /// Numbers of a patch.
    var width: Int { RGBImage.channelCount * frameCount * patchLength * patchLength }

    /// - Parameters:
    ///   - pixels: [row][column][channel], both sides whole blocks.
    ///   - levels: what each of 256 values becomes, [channel][value].
    func cut(_ pixels: [UInt8], width columnPixels: Int, height rowPixels: Int, levels: [[Float]])
        -> PatchedImage
    {
        let (rowCount, columnCount) = (rowPixels / patchLength, columnPixels / patchLength)
        var values: [Float] = []
        values.reserveCapacity(rowCount * columnCount * width)
        for blockRow in stride(from: 0, to: rowCount, by: mergeLength) {
            for blockColumn in stride(from: 0, to: columnCount, by: mergeLength) {
                for row in blockRow..<blockRow + mergeLength {
                    for column in blockColumn..<blockColumn + mergeLength {
                        let corner = row * patchLength * columnPixels + column * patchLength
                        appendPatch(at: corner, of: pixels, columnPixels, levels, to: &values)
                    }
                }
            }
        }
        return PatchedImage(rowCount: rowCount, columnCount: columnCount, values: values)
    }

    private func appendPatch(
        at corner: Int, of pixels: [UInt8], _ columnPixels: Int, _ levels: [[Float]], to values: inout [Float]
    ) {
        let channels = RGBImage.channelCount
        for channel in 0..<channels {
            let first = values.count
            for row in 0..<patchLength {
                for column in 0..<patchLength {
                    let pixel = corner + row * columnPixels + column
                    values.append(levels[channel][Int(pixels[pixel * channels + channel])])
                }
            }
            let frame = first..<values.count
            for _ in 1..<frameCount { values.append(contentsOf: values[frame]) }
        }
    }
}
