/// An image in a file, told by its first bytes.
package enum ImageFile {
    /// The package trait that builds decoders for PNG and JPEG in.
    package static let trait = "ImageFiles"

    private static let signatures: [(format: String, bytes: [UInt8])] = [
        ("PNG", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]),
        ("JPEG", [0xFF, 0xD8, 0xFF]),
    ]

    /// Decodes an image: PPM in every build, PNG and JPEG in those with the trait.
    ///
    /// - Parameter path: named by the errors.
    /// - Throws: `VisionError` naming the file, and what to do about it.
    package static func decode(_ bytes: [UInt8], path: String) throws(VisionError) -> RGBImage {
        if PPMFile.isOne(bytes) { return try PPMFile.read(bytes, path: path) }
        guard let format = signatures.first(where: { bytes.starts(with: $0.bytes) })?.format else {
            throw .unknownFormat(path: path)
        }
        #if ImageFiles
            return try SystemImageFile.decode(bytes, format: format, path: path)
        #else
            throw .formatNotBuilt(path: path, format: format, trait: trait)
        #endif
    }
}
