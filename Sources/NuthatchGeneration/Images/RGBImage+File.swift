internal import NuthatchCheckpoints
public import NuthatchTensors
public import NuthatchVision

extension RGBImage {
    /// Reads a picture from a file: PPM (`P6`) in every build, PNG and JPEG in builds with the package trait
    /// `ImageFiles`.
    ///
    /// - Throws: `NuthatchError` for a file that can't be read, is damaged, or of a kind that this build doesn't decode.
    public init(contentsOf path: String) throws(NuthatchError) {
        let bytes: [UInt8]
        do throws(CheckpointError) {
            bytes = try ByteFile.read(path, byteLimit: VisionLimit.fileByteCount.maximum)
        } catch {
            throw NuthatchError(
                code: .unavailable, message: "There is no image file that can be read at \(path).",
                remedy: "Check the path and its permissions.", cause: error)
        }
        do throws(VisionError) {
            guard bytes.count <= VisionLimit.fileByteCount.maximum else { throw .fileTooLarge(path: path) }
            self = try ImageFile.decode(bytes, path: path)
        } catch { throw NuthatchError(error) }
    }
}
