#if ImageFiles
    import CNuthatchImageFiles

    /// PNG and JPEG, decoded by libpng and libjpeg.
    enum SystemImageFile {
        static func decode(_ bytes: [UInt8], format: String, path: String) throws(VisionError) -> RGBImage {
            let limits = nuthatch_image_limits(
                side: VisionLimit.sideLength.maximum, pixel_count: VisionLimit.pixelCount.maximum)
            var decoded = nuthatch_image()
            defer { nuthatch_free_image(&decoded) }
            let decode = format == "PNG" ? nuthatch_decode_png : nuthatch_decode_jpeg
            let outcome = bytes.withUnsafeBufferPointer { bytes in
                bytes.baseAddress.map { decode($0, bytes.count, limits, &decoded) } ?? NUTHATCH_DAMAGED
            }
            switch outcome {
            case NUTHATCH_DECODED: break
            case NUTHATCH_TOO_LARGE:
                try RGBImage.check(width: decoded.width, height: decoded.height, name: path)
                throw .damaged(path: path, format: format, reason: "its size is none")
            case NUTHATCH_NO_MEMORY:
                throw .damaged(path: path, format: format, reason: "there is no memory for its pixels")
            default: throw .damaged(path: path, format: format, reason: message(of: decoded))
            }
            let pixels = UnsafeBufferPointer(
                start: decoded.pixels, count: decoded.width * decoded.height * RGBImage.channelCount)
            let image = try RGBImage(
                checking: Array(pixels), width: decoded.width, height: decoded.height, name: path)
            guard format == "JPEG", let orientation = EXIFOrientation(ofJPEG: bytes) else { return image }
            return try image.turned(to: orientation)
        }

        /// The library's words, without what a terminal might obey.
        private static func message(of image: nuthatch_image) -> String {
            let bytes = withUnsafeBytes(of: image.message) { Array($0.prefix { $0 != 0 }) }
            let text = String(decoding: bytes.map { (0x20..<0x7F).contains($0) ? $0 : 0x3F }, as: UTF8.self)
            return text.hasSuffix(".") ? String(text.dropLast()) : text
        }
    }
#endif
