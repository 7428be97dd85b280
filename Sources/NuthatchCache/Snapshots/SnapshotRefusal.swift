import NuthatchTensors

/// Why a saved cache can't be used here.
package enum SnapshotRefusal: Error, Equatable {
    /// The file is something else.
    case notASnapshot
    /// Written by a later program, in a form this one does not know.
    case newerVersion(found: Int, known: Int)
    /// The file is shorter, or longer, than it says.
    case wrongLength(expected: Int, found: Int)
    /// What describes the content is not what was written; `field` is the first part that shows it.
    case damagedHeader(field: String)
    /// A page's bytes are not what was written.
    case damagedPage(layer: Int, list: String, page: Int)
    /// More than a saved cache holds, see `SnapshotLimits`; said when one is to be written.
    case impossibleContent(field: String)
    /// Where one is to be written, there is a file of another kind.
    case occupied
    /// Made by another model, another tokenizer, ...: descriptions of what was expected and found.
    case foreign(SnapshotIdentity.Aspect, expected: String, found: String)

    var code: NuthatchError.Code {
        switch self {
        case .foreign, .impossibleContent, .occupied: .usage
        default: .badData
        }
    }

    func message(path: String) -> String {
        switch self {
        case .notASnapshot:
            "\(path) is not a saved cache."
        case .newerVersion(let found, let known):
            "\(path) is a saved cache of version \(found); this program reads up to version \(known)."
        case .wrongLength(let expected, let found):
            "\(path) has \(Counted.text(found, "byte")); the cache saved in it takes \(expected)."
        case .damagedHeader(let field):
            "\(path) is a damaged saved cache: its \(field) can't be what was written."
        case .damagedPage(let layer, let list, let page):
            "\(path) is a damaged saved cache: page \(page) of layer \(layer) (\(list)) has a wrong checksum."
        case .impossibleContent(let field):
            "\(path) was not written: the cache's \(field) is beyond what a saved cache holds."
        case .occupied:
            "\(path) holds something other than a saved cache, which is not written over."
        case .foreign(let aspect, let expected, let found):
            Self.foreign(path, aspect, expected: expected, found: found)
        }
    }

    /// Only what differs of what both descriptions name.
    private static func foreign(
        _ path: String, _ aspect: SnapshotIdentity.Aspect, expected: String, found: String
    ) -> String {
        let needed = parts(expected)
        let held = parts(found)
        let differences = needed.count == held.count ? zip(needed, held).filter { $0 != $1 } : []
        let alike = differences.isEmpty
        let neededText = alike ? expected : differences.map(\.0).joined(separator: ", ")
        let heldText = alike ? found : differences.map(\.1).joined(separator: ", ")
        let isConfiguration =
            aspect == .weights && !alike
            && differences.allSatisfy { $0.0.hasPrefix(SnapshotIdentity.modelConfiguration) }
        let other =
            isConfiguration
            ? "another configuration of the model (config.json, or a GGUF file's header)"
            : aspect.otherThanNeeded
        return "\(path) was saved with \(other): it has \(heldText), needed is \(neededText)."
    }

    private static func parts(_ description: String) -> [Substring] {
        description.split(separator: SnapshotIdentity.Part.separator)
    }

    var remedy: String {
        switch self {
        case .notASnapshot:
            "Name a file that Nuthatch saved."
        case .newerVersion:
            "Use the version of Nuthatch that saved it, or compute the prompt again and save that."
        case .wrongLength, .damagedHeader, .damagedPage:
            "Copy the file again from where it is whole, or compute the prompt again and save that."
        case .impossibleContent:
            "Save a shorter sequence."
        case .occupied:
            "Choose another name, or remove the file."
        case .foreign(let aspect, _, _):
            aspect.remedy
        }
    }
}
