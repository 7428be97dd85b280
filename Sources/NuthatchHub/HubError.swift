package import NuthatchTensors

/// What can go wrong between the name of a model and its files.
package enum HubError: ExplainedError, Equatable {
    /// A reference is none of the forms; `aliases` are the names that would have worked.
    case unknownReference(text: String, aliases: [String])
    /// A reference starts like a hub reference and then breaks its form.
    case malformedReference(text: String, reason: String)
    /// A setting such as the hub's address has no meaning.
    case malformedSetting(name: String, reason: String)
    /// A path was given and nothing is there, or something of the wrong kind.
    case nothingAtPath(path: String, expected: String)
    /// The model is known and not in the store.
    case notInStore(reference: String, root: String)
    /// Size or digest differ from what was promised; such a file never counts as present.
    case wrongContent(file: String, expected: String, found: String)
    /// Every source was tried.
    case unavailable(reference: String, attempts: [SourceFailure])
    /// A repository holds several candidates and the reference names none of them.
    case ambiguousFile(repository: String, candidates: [String])
    /// A repository lacks files of a model that was split into `count`.
    case missingParts(repository: String, count: Int, missing: [String])
    /// A repository holds nothing that can be run.
    case noModelFile(repository: String, wanted: String?)
    /// A listing or a name from outside breaks a limit.
    case refusedInput(source: String, reason: String)
    /// The disk has too little room, known before the first byte is fetched.
    case diskFull(path: String, neededByteCount: Int, freeByteCount: Int)
    /// Another process holds the model's lock.
    case inUse(reference: String)
    /// The operating system refused.
    case systemFailure(operation: String, path: String, reason: String)
    /// The caller stopped the work; what was fetched is kept for the next attempt.
    case cancelled(reference: String)
}

/// One source that was tried in vain.
package struct SourceFailure: Sendable, Equatable {
    package let source: PullSource
    package let reason: String
    package let remedy: String
}

extension HubError {
    package var code: NuthatchError.Code {
        switch self {
        case .unknownReference, .malformedReference, .malformedSetting, .ambiguousFile: .usage
        case .wrongContent, .refusedInput, .noModelFile, .missingParts: .badData
        case .nothingAtPath, .notInStore, .unavailable, .diskFull, .inUse, .systemFailure: .unavailable
        case .cancelled: .cancelled
        }
    }

    package var message: String {
        switch self {
        case .unknownReference(let text, let aliases):
            "\"\(text)\" names no model." + NearestNames.question(text, among: aliases)
        case .malformedReference(let text, let reason):
            "\"\(text)\" cannot be read: \(reason)."
        case .malformedSetting(let name, let reason):
            "\(name) cannot be used: \(reason)."
        case .nothingAtPath(let path, let expected):
            "There is no \(expected) at \(path)."
        case .notInStore(let reference, let root):
            "\(reference) is not in the model store \(root)."
        case .wrongContent(let file, let expected, let found):
            "\(file) is not the file it should be: expected \(expected), found \(found)."
        case .unavailable(let reference, let attempts):
            "\(reference) could not be fetched: "
                + attempts.map { "\($0.source) (\($0.reason))" }.joined(separator: "; ") + "."
        case .ambiguousFile(let repository, let candidates):
            "\(repository) holds \(Counted.text(candidates.count, "model file")): \(candidates.joined(separator: ", "))."
        case .missingParts(let repository, let count, let missing):
            "\(repository) lacks \(missing.count) of the \(Counted.text(count, "file")) of a model: "
                + "\(missing.prefix(3).joined(separator: ", "))\(missing.count > 3 ? ", ..." : "")."
        case .noModelFile(let repository, let wanted?):
            "\(repository) holds no file that \"\(wanted)\" names."
        case .noModelFile(let repository, nil):
            "\(repository) holds neither a .gguf file nor safetensors with a config.json."
        case .refusedInput(let source, let reason):
            "\(source) was refused: \(reason)."
        case .diskFull(let path, let needed, let free):
            Self.lack(path, needed: needed, free: free)
        case .inUse(let reference):
            "\(reference) is being pulled or removed by another process."
        case .systemFailure(let operation, let path, let reason):
            "Could not \(operation) \(path): \(reason)."
        case .cancelled(let reference):
            "Pulling \(reference) was stopped."
        }
    }

    private static func lack(_ path: String, needed: Int, free: Int) -> String {
        let numbers = ByteQuantity.texts(free, needed)
        return "\(path) has \(numbers[0]) free and \(numbers[1]) are needed."
    }

    package var remedy: String? {
        switch self {
        case .unknownReference(_, let aliases):
            "Use one of the names \(aliases.joined(separator: ", ")), the path of a .gguf file, the path of a "
                + "Hugging Face directory, or hf:owner/name[@revision][:file]."
        case .malformedReference:
            "A hub reference has the form hf:owner/name[@revision][:file]."
        case .malformedSetting(let name, _):
            "Correct \(name), or unset it to use the public hub without a token."
        case .nothingAtPath:
            "Check the path; a model that is not on this disk is named by its alias or by hf:owner/name."
        case .notInStore(let reference, _):
            "Fetch it with: nuthatch pull \(reference)"
        case .wrongContent:
            "Remove it and pull the model again."
        case .unavailable(_, let attempts):
            attempts.map(\.remedy).joined(separator: " ")
        case .ambiguousFile(let repository, _):
            "Name one of them: hf:\(repository):FILE"
        case .missingParts: "Choose another repository, or another of its models."
        case .noModelFile(_, .some):
            "Leave the file out to let the repository's only model file be chosen, or name it exactly."
        case .noModelFile(_, nil):
            "Choose a repository with GGUF or safetensors weights."
        case .refusedInput:
            "Nothing was written; choose another repository or report it to its owner."
        case .diskFull:
            "Free some space, or set NUTHATCH_HOME to a directory on another disk."
        case .inUse:
            "Wait for it to finish and try again."
        case .systemFailure:
            "Check that the directory exists, belongs to you and is not full."
        case .cancelled:
            "Pull it again to go on from where it stopped."
        }
    }
}
