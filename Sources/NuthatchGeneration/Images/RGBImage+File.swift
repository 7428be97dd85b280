import Foundation
public import NuthatchTensors
public import NuthatchVision

extension RGBImage {
    /// Reads a picture from a file: PPM (`P6`) in every build, PNG and JPEG in builds with the package trait
    /// `ImageFiles`.
    ///
    /// - Throws: `NuthatchError` for a file that can't be read, is damaged, or of a kind that this build doesn't decode.
    public init(contentsOf path: String) throws(NuthatchError) {
        let data: Data
        do {
            guard let file = FileHandle(forReadingAtPath: path) else { throw CocoaError(.fileReadNoSuchFile) }
            data = try file.read(upToCount: VisionLimit.fileByteCount.maximum + 1) ?? Data()
        } catch {
            throw NuthatchError(
                code: .unavailable, message: "There is no image file that can be read at \(path).",
                remedy: "Check the path and its permissions.", cause: error)
        }
        do throws(VisionError) {
            guard data.count <= VisionLimit.fileByteCount.maximum else { throw .fileTooLarge(path: path) }
            self = try ImageFile.decode(Array(data), path: path)
        } catch { throw NuthatchError(error) }
    }
}
