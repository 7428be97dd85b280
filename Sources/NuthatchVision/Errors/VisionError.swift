package import NuthatchCheckpoints
package import NuthatchTensors

/// What can be wrong with an image, or with what a model's files say of images. `name` is a path, or what else the
/// image is known by.
package enum VisionError: Error {
    case checkpoint(CheckpointError)
    case invalid(file: String, field: String, reason: String)
    case unsupportedValue(file: String, field: String, found: String, supported: [String])
    case empty(name: String, width: Int, height: Int)
    case tooLarge(name: String, width: Int, height: Int, limit: VisionLimit)
    case wrongByteCount(name: String, width: Int, height: Int, expected: Int, found: Int)
    case aspectRatio(name: String, width: Int, height: Int)
    case fileTooLarge(path: String)
    case unknownFormat(path: String)
    case formatNotBuilt(path: String, format: String, trait: String)
    case damaged(path: String, format: String, reason: String)
}

extension VisionError: ExplainedError {
    package var code: NuthatchError.Code {
        switch self {
        case .checkpoint(let error): error.code
        case .invalid, .unsupportedValue, .damaged, .unknownFormat, .wrongByteCount, .empty: .badData
        case .tooLarge, .aspectRatio, .fileTooLarge: .badData
        case .formatNotBuilt: .unavailable
        }
    }

    package var message: String {
        switch self {
        case .checkpoint(let error): error.message
        case .invalid(let file, let field, let reason): "\(file): \(field) \(reason)."
        case .unsupportedValue(let file, let field, let found, let supported):
            "\(file): \(field) is \(found), which is not one of \(supported.joined(separator: ", "))."
        case .empty(let name, let width, let height):
            "\(name) has \(width) x \(height) pixels, which is no image."
        case .tooLarge(let name, let width, let height, .sideLength):
            "\(name) has \(width) x \(height) pixels; a side may have \(VisionLimit.sideLength.maximum)."
        case .tooLarge(let name, let width, let height, let limit):
            "\(name) has \(width) x \(height) pixels; an image may have \(limit.maximum) in all."
        case .wrongByteCount(let name, let width, let height, let expected, let found):
            "\(name) has \(Counted.text(found, "byte")) for \(width) x \(height) pixels, which are \(expected)."
        case .aspectRatio(let name, let width, let height):
            "\(name) has \(width) x \(height) pixels; one side may be \(VisionLimit.aspectRatio.maximum) times as long "
                + "as the other."
        case .fileTooLarge(let path):
            "\(path) has more than \(ByteQuantity.text(VisionLimit.fileByteCount.maximum)), the most that an image file may "
                + "have."
        case .unknownFormat(let path): "\(path) is no image file of a known kind."
        case .formatNotBuilt(let path, let format, _):
            "\(path) is a \(format) file, and this build of Nuthatch decodes none."
        case .damaged(let path, let format, let reason): "\(path) is a damaged \(format) file: \(reason)."
        }
    }

    package var remedy: String? {
        switch self {
        case .checkpoint(let error): error.remedy
        case .invalid, .unsupportedValue:
            "The file is damaged, or of a variant of its family that Nuthatch does not know."
        case .empty, .damaged: "Give an image that other programs can show."
        case .tooLarge, .fileTooLarge: "Scale it down first."
        case .wrongByteCount: "Give 3 bytes for each pixel: red, green, blue."
        case .aspectRatio: "Cut it into parts."
        case .unknownFormat: "Convert it to PNG, JPEG or PPM first."
        case .formatNotBuilt(_, _, let trait):
            "Build with --traits \(trait), or convert it to PPM first, which every build reads."
        }
    }
}
