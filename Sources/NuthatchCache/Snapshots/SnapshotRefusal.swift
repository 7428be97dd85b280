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
    case damagedPage(layer: Int, run: String, page: Int)
    /// More than a saved cache holds, see `SnapshotLimits`; said when one is to be written.
    case impossibleContent(field: String)
    /// Made by another model, another tokenizer, ...: descriptions of what was expected and found.
    case foreign(SnapshotIdentity.Aspect, expected: String, found: String)

    var code: NuthatchError.Code {
        switch self {
        case .foreign, .impossibleContent: .usage
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
            "\(path) has \(found) bytes; the cache saved in it takes \(expected)."
        case .damagedHeader(let field):
            "\(path) is a damaged saved cache: its \(field) can't be what was written."
        case .damagedPage(let layer, let run, let page):
            "\(path) is a damaged saved cache: page \(page) of layer \(layer) (\(run)) has a wrong checksum."
        case .impossibleContent(let field):
            "\(path) was not written: the cache's \(field) is beyond what a saved cache holds."
        case .foreign(let aspect, let expected, let found):
            "\(path) was saved with \(aspect.article) \(aspect.rawValue): it has \(found), needed is \(expected)."
        }
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
        case .foreign(let aspect, _, _):
            aspect.remedy
        }
    }
}
