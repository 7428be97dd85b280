package import NuthatchTensors

extension CheckpointError: ExplainedError {
    package var code: NuthatchError.Code {
        switch self {
        case .notFound, .unreadable, .noWeights, .missingShards, .missingPart, .unwritable, .diskFull:
            .unavailable
        case .alreadyThere, .isInput, .severalModels: .usage
        case .unmapped: .outOfMemory
        default: .badData
        }
    }

    package var message: String { Self.printable(plainMessage) }

    private var plainMessage: String {
        switch self {
        case .notFound(let path):
            "There is no file or directory at \(path)."
        case .unreadable(let path, let reason):
            "\(path) cannot be read: \(reason)."
        case .unmapped(let path, let reason):
            "\(path) cannot be mapped into memory: \(reason)."
        case .notAModel(let path, let found):
            "\(path) is no model: it is \(found)."
        case .unsafePath(let file, let path):
            "\(file) names the file \"\(Self.excerpt(path))\", which is not a plain file name beside it."
        case .noWeights(let directory):
            "\(directory) holds neither model.safetensors nor model.safetensors.index.json, and no GGUF file."
        case .foreign(let path, let content):
            "\(path) is \(content.description)."
        case .foreignWeights(let directory, let file, let content):
            "\(directory) holds no weights that can be read: \(Self.excerpt(file)) is \(content.description)."
        case .severalModels(let directory, let files):
            "\(directory) holds \(Counted.text(files.count, "model")): \(Self.listed(files))."
        case .missingShards(let index, let shards, let count):
            "\(index) names \(Counted.text(count, "file")) of weights, and \(shards.count) \(Counted.are(shards.count)) not beside it: "
                + "\(Self.listed(shards))."
        case .unnumberedPart(let file, let number, let count):
            "\(file) is part \(number) of \(count) of a model, and its name doesn't say where the others are."
        case .renamedParts(let directory, let parts):
            "\(directory) holds files that look like parts of one model by their headers, and "
                + (parts.contains { $0.stem != nil } ? "some names don't" : "their names don't") + " say so: "
                + Self.listed(
                    parts.filter { $0.stem == nil }.map { "\($0.name) (part \($0.number) of \($0.count))" })
                + "."
        case .missingPart(let file, let number, let missing, let count, let path):
            "\(file) is part \(number) of \(count) of a model, and part \(missing) is missing: there is no \(path)."
        case .foreignPart(let file, let reason):
            "\(file) doesn't fit the other parts of its model: \(reason)."
        case .badMagic(let file, let found):
            "\(file) is no GGUF file: it begins with the bytes \(Hexadecimal.text(found, separator: " ")), not \"GGUF\"."
        case .bigEndian(let file):
            "\(file) is a big-endian GGUF file; only little-endian files can be read."
        case .unsupportedVersion(let file, let version):
            "\(file) is GGUF version \(version); versions 2 and 3 can be read."
        case .truncated(let file, let part, let expected, let actual):
            "\(file) ends too early: \(part) needs \(Counted.text(expected, "byte")), and the file has \(actual)."
        case .limitExceeded(let file, let limit, let value, let field):
            "\(file): \(field) has \(limit.quantity) \(value); the limit is \(limit.maximum)."
        case .malformed(let file, let field, let reason):
            "\(file): \(field) is malformed: \(reason)."
        case .invalidUTF8(let file, let field):
            "\(file): \(field) is not valid UTF-8."
        case .invalidJSON(let file, let byteOffset, let reason):
            "\(file) is not valid JSON at byte \(byteOffset): \(reason)."
        case .missingKey(let file, let key, let expected):
            "\(file) lacks \(key), which should be \(expected)."
        case .wrongType(let file, let key, let expected, let found):
            "\(file): \(key) should be \(expected) and is \(found)."
        case .duplicateKey(let file, let key):
            "\(file) gives \(key) twice."
        case .noDefaultTemplate(let path, let names):
            "\(path) has \(Counted.text(names.count, "chat template")), named \(Self.listed(names)), and none is named default."
        case .missingTensor(let file, let tensor):
            "\(file) has no tensor named \(tensor)."
        case .duplicateTensor(let file, let tensor):
            "\(file) has a tensor named \(tensor), as another of the model's files or this one has already."
        case .overlappingTensors(let file, let first, let second):
            "\(file): the bytes of tensors \(first) and \(second) overlap."
        case .misalignedTensor(let file, let tensor, let offset, let alignment):
            "\(file): tensor \(tensor) begins at offset \(offset), no multiple of the alignment \(alignment)."
        case .unsupportedFormat(let file, let tensor, let format):
            "\(file): tensor \(tensor) is stored as \(format), which Nuthatch cannot read."
        case .wrongShape(let file, let tensor, let expected, let found):
            "\(file): tensor \(tensor) should have \(expected) and has shape \(found)."
        case .alreadyThere(let path):
            "There is a file at \(path) already."
        case .isInput(let path, let input):
            "\(path) is the file that is read"
                + (path.hasSameBytes(as: input) ? "" : ", \(input) under another name")
                + "; writing it would destroy that."
        case .unwritable(let path, let reason):
            "\(path) cannot be written: \(reason)."
        case .diskFull(let path, let byteCount, let freeByteCount):
            Self.lack(path, needed: byteCount, free: freeByteCount)
        }
    }

    package var remedy: String? {
        switch self {
        case .notFound: "Check the path, or pull the model first."
        case .unreadable: "Check the file's kind and permissions."
        case .unmapped:
            "Raise the limit on address space if one is set (ulimit -v), or close other programs."
        case .notAModel: "Give a .gguf file, or a directory in the layout of the Hugging Face Hub."
        case .unsafePath, .truncated, .overlappingTensors, .misalignedTensor, .duplicateTensor, .duplicateKey,
            .malformed, .invalidUTF8, .invalidJSON:
            "Fetch the file again; if it stays so, its publisher has to repair it."
        case .noWeights:
            "Fetch the weights (with the index, where they are in several files), or convert them."
        case .foreign(_, let content), .foreignWeights(_, _, let content): content.remedy
        case .renamedParts(_, let parts): Self.renaming(parts)
        case .severalModels: "Give the path of one of them."
        case .missingShards: "Fetch them too, or pull the model again."
        case .unnumberedPart:
            "Put all parts in one directory under the names NAME-00001-of-00002.gguf and so on, and give one of them."
        case .missingPart: "Fetch all parts into one directory, or pull the model."
        case .foreignPart: "Fetch all parts again, from one place, and leave their names as they are."
        case .badMagic: "Fetch the file again, or give a GGUF file."
        case .bigEndian: "Convert it with gguf_convert_endian.py of the gguf Python package."
        case .unsupportedVersion: "Convert the model again with a current converter."
        case .limitExceeded: "A real model stays far below this limit; fetch the file again."
        case .missingKey, .wrongType, .missingTensor, .wrongShape:
            "The file is damaged, or of a model family that names or shapes it otherwise."
        case .unsupportedFormat:
            "Choose a file in one of \(ElementFormat.allCases.map(\.rawValue).joined(separator: ", "))."
        case .noDefaultTemplate:
            "Name one of them default, or load the model with a template of its own file."
        case .alreadyThere: "Choose another name, or say that it may be replaced (--force)."
        case .isInput: "Choose another name."
        case .unwritable: "Check the path and its permissions."
        case .diskFull: "Free some space, or write to another disk; quantize can choose a smaller type."
        }
    }

    /// A few names, and how many more there are.
    package static func listed(_ names: [String]) -> String {
        let shown = names.prefix(6).map(excerpt)
        return shown.joined(separator: ", ")
            + (names.count > shown.count ? " and \(names.count - shown.count) more" : "")
    }

    /// What the parts must be called, and which of them are not there.
    private static func renaming(_ parts: [RenamedPart]) -> String {
        guard let count = parts.first?.count, parts.allSatisfy({ $0.count == count }) else {
            return
                "Put the parts of each model into a directory of its own, under the names NAME-00001-of-00002.gguf and so on."
        }
        let renamed = parts.filter { $0.stem == nil }
        let stem = parts.lazy.compactMap(\.stem).first ?? GGUFPartName.stem(of: parts.map(\.name))
        let lacking = (1...count).filter { number in !parts.contains { $0.number == number } }
        let names = renamed.prefix(6).map {
            "\(excerpt($0.name)) to \(GGUFPartName.name(stem, $0.number, of: $0.count))"
        }
        return "Rename \(names.joined(separator: ", "))\(renamed.count > 6 ? " and so on" : "")."
            + (lacking.isEmpty
                ? ""
                : " Fetch what is missing: part \(lacking.prefix(6).map(String.init).joined(separator: ", ")) of \(count).")
    }

    private static func lack(_ path: String, needed: Int, free: Int?) -> String {
        let numbers = ByteQuantity.texts(needed, free ?? 0)
        return "\(path) needs \(numbers[0]) on the disk, which has "
            + (free == nil ? "no room for them." : "\(numbers[1]) free.")
    }

    /// A message as a terminal may show it: names that a hostile file chose could steer one, or fill it.
    package static func printable(_ message: String) -> String {
        var result = ""
        for (count, scalar) in message.unicodeScalars.enumerated() {
            // A path and a tensor's name of the longest kind, and the sentence around them.
            if count == 2_000 { return result + "…" }
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
                result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// At most 80 characters of a text that a hostile file chose.
    static func excerpt(_ text: String) -> String {
        text.count <= 80 ? text : text.prefix(80) + "…"
    }
}
