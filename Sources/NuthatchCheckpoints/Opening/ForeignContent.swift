/// What a file or a directory is that is no model that can be read.
package enum ForeignContent: String, CaseIterable, Equatable, Sendable {
    // What took a file's place.
    case empty
    case pointer
    case webPage
    case archive

    // Weights in other formats.
    case torch
    case onnx
    case tensorFlow
    case hdf5
    case flax
    case numPy
    case tensorFlowLite
    case oldGGML
    case program

    // Parts of a model, and what goes with one.
    case tokenizer
    case json
    case adapter
    case adapted
    case projector
    case importanceMatrix
    case modelfile
    case text

    // Models of another kind.
    case diffusers
    case sentenceTransformers

    /// Completes "FILE is ...".
    package var description: String {
        switch self {
        case .empty: "empty"
        case .pointer: "a Git LFS pointer, a few lines that stand for the file, and not the file itself"
        case .webPage: "a web page, such as servers answer instead of a file"
        case .archive: "a compressed archive"
        case .torch: "a PyTorch checkpoint of pickled objects, which can run code when it is read"
        case .onnx: "an ONNX graph"
        case .tensorFlow: "a TensorFlow graph"
        case .hdf5: "an HDF5 file of TensorFlow or Keras weights"
        case .flax: "a file of Flax weights"
        case .numPy: "a file of NumPy arrays"
        case .tensorFlowLite: "a TensorFlow Lite model"
        case .oldGGML: "a file in a format of ggml's from before GGUF"
        case .program: "an executable program"
        case .tokenizer: "a tokenizer without a model"
        case .json: "a JSON file, and no model's config.json"
        case .adapter: "an adapter (LoRA), which changes another model's weights and is no model by itself"
        case .adapted: "a model with an adapter (LoRA) beside it, only one of which would be read"
        case .projector: "a vision projector (mmproj), which belongs beside a model and is none by itself"
        case .importanceMatrix: "an importance matrix, which tells a quantiser what to keep"
        case .modelfile: "a Modelfile of ollama, which names a model"
        case .text: "a text"
        case .diffusers: "a pipeline of diffusers, which makes images"
        case .sentenceTransformers:
            "a model of sentence-transformers, which makes embeddings of texts and doesn't continue them"
        }
    }

    package var remedy: String {
        switch self {
        case .empty, .webPage: "Fetch it again; a repository may ask for a token first (HF_TOKEN)."
        case .pointer:
            "Fetch the file itself with git lfs pull, or pull the model (nuthatch pull hf:OWNER/NAME)."
        case .archive: "Unpack it, and give the model that was in it."
        case .torch, .onnx, .tensorFlow, .hdf5, .flax, .numPy, .tensorFlowLite:
            "Take the model's safetensors or a GGUF file of it, or convert it with transformers "
                + "(from_pretrained, then save_pretrained)."
        case .oldGGML: "Fetch the model as GGUF."
        case .program: "Fetch the model's GGUF file by itself."
        case .tokenizer, .json:
            "Give the model's directory, with config.json and safetensors, or a GGUF file."
        case .adapter:
            "Merge it into the model it was made for (peft's merge_and_unload), and give the directory of that."
        case .adapted:
            "Merge the two (peft's merge_and_unload), or take adapter_config.json away to use the model without it."
        case .projector: "Give the GGUF file of the model itself."
        case .importanceMatrix, .text:
            "Give a GGUF file, or a directory in the layout of the Hugging Face Hub."
        case .modelfile: "Give the path that its line FROM names."
        case .diffusers, .sentenceTransformers: "Choose a model that generates text."
        }
    }
}

extension ForeignContent {
    /// Whether it lies where another file should, under that one's name.
    var standsForAFile: Bool { self == .empty || self == .pointer || self == .webPage }

    /// What the file's first bytes say, or where they say little its name; nil for what may be a model or is unknown.
    init?(_ bytes: UnsafeRawBufferPointer, name: String) {
        let name = name.split(separator: "/").last.map { $0.lowercased() } ?? ""
        if FileContent.isGGUF(bytes) { return nil }
        if FileContent.isSafetensors(bytes) {
            guard name.hasPrefix("adapter_") else { return nil }
            self = .adapter
            return
        }
        guard
            let content = bytes.isEmpty
                ? .empty
                : Self.ofSignature(bytes) ?? Self.ofProtocolBuffer(bytes, name) ?? Self.ofText(bytes, name)
        else { return nil }
        self = content
    }

    private static func ofSignature(_ bytes: UnsafeRawBufferPointer) -> ForeignContent? {
        func begins(_ signature: [UInt8], at offset: Int = 0) -> Bool {
            bytes.dropFirst(offset).prefix(signature.count).elementsEqual(signature)
        }
        // ggml, ggmf, ggjt and ggla, as little-endian numbers.
        if ["lmgg", "fmgg", "tjgg", "algg"].contains(where: { begins(Array($0.utf8)) }) { return .oldGGML }
        if begins([0x89] + Array("HDF\r\n".utf8)) { return .hdf5 }
        if begins([0x93] + Array("NUMPY".utf8)) { return .numPy }
        if begins(Array("TFL3".utf8), at: 4) { return .tensorFlowLite }
        if begins(Array("PK".utf8) + [3, 4]) { return ofZIP(bytes) }
        // A pickle of protocol 2 to 5.
        if bytes.count > 1, bytes[0] == 0x80, (2...5).contains(bytes[1]) { return .torch }
        if begins([0x7F] + Array("ELF".utf8)) || begins(Array("MZ".utf8)) { return .program }
        let archives: [[UInt8]] = [
            [0x1F, 0x8B], Array("BZh".utf8), [0xFD] + Array("7zXZ".utf8), [0x28, 0xB5, 0x2F, 0xFD],
            [0x04, 0x22, 0x4D, 0x18], Array("7z".utf8) + [0xBC, 0xAF], Array("Rar!".utf8),
        ]
        if archives.contains(where: { begins($0) }) || begins(Array("ustar".utf8), at: 257) {
            return .archive
        }
        return nil
    }

    /// PyTorch and NumPy write archives of their own, told by the entries' names near the beginning.
    private static func ofZIP(_ bytes: UnsafeRawBufferPointer) -> ForeignContent {
        let beginning = String(decoding: bytes.prefix(512), as: UTF8.self)
        if beginning.contains("/data.pkl") || beginning.contains("/.format_version") { return .torch }
        if beginning.contains(".npy") { return .numPy }
        return beginning.contains("model.weights.h5") ? .hdf5 : .archive
    }

    /// ONNX, TensorFlow and SentencePiece have no signature: their first fields' numbers and kinds are one.
    private static func ofProtocolBuffer(_ bytes: UnsafeRawBufferPointer, _ name: String) -> ForeignContent? {
        guard bytes.count > 2 else { return nil }
        // SentencePiece's pieces begin with the unknown one.
        let beginning = String(decoding: bytes.prefix(64), as: UTF8.self)
        if bytes[0] == 0x0A, beginning.contains("<unk>") || name.hasPrefix("tokenizer.") { return .tokenizer }
        if name.hasSuffix(".pb") { return .tensorFlow }
        guard bytes[0] == 0x08, bytes[2] == 0x12 || bytes[2] == 0x3A else {
            return name.hasSuffix(".onnx") ? .onnx : name.hasSuffix(".msgpack") ? .flax : nil
        }
        // A saved model's schema is 1; graphs of ONNX in use have version 3 and up.
        return bytes[1] == 1 ? .tensorFlow : bytes[1] < 0x80 ? .onnx : nil
    }

    private static func ofText(_ bytes: UnsafeRawBufferPointer, _ name: String) -> ForeignContent? {
        // Enough for the longest beginning below behind a byte order mark and blank lines.
        let beginning = bytes.prefix(512)
        guard beginning.allSatisfy({ $0 >= 0x20 || (0x09...0x0D).contains($0) }),
            // The last character may be cut.
            (0...3).contains(where: { String(validating: beginning.dropLast($0), as: UTF8.self) != nil })
        else { return nil }
        let text = String(decoding: beginning, as: UTF8.self).drop { $0.isWhitespace || $0 == "\u{FEFF}" }
        if text.hasPrefix("version https://git-lfs.github.com/spec/") { return .pointer }
        if ["<!doctype", "<html", "<?xml", "<head"].contains(where: text.lowercased().hasPrefix) {
            return .webPage
        }
        if text.hasPrefix("{") || text.hasPrefix("[") {
            if name.hasPrefix("adapter_config") { return .adapter }
            return name.hasPrefix("tokenizer") || name == "vocab.json" ? .tokenizer : .json
        }
        if text.hasPrefix("FROM ") || name == "modelfile" { return .modelfile }
        return name == "merges.txt" ? .tokenizer : text.isEmpty ? .empty : .text
    }
}

extension GGUFMetadata {
    /// What the file is, where its header says that it is no model by itself.
    package var foreignContent: ForeignContent? {
        let architecture = try? optionalString("general.architecture")
        switch try? optionalString("general.type") {
        case "adapter": return .adapter
        case "mmproj": return .projector
        case "imatrix": return .importanceMatrix
        default:
            return architecture == "clip" ? .projector : architecture == "imatrix" ? .importanceMatrix : nil
        }
    }
}
