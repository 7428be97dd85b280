import ArgumentParser
import NuthatchCache
import NuthatchCheckpoints
import NuthatchGeneration
import NuthatchModels
import NuthatchTensors
import NuthatchTokenizers

/// `nuthatch info`: what a model's file says, and what this machine would run it with.
struct Info: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show a model's architecture, formats, KV bytes per token, and the kernels in use.",
        discussion:
            "Works on files of unknown families too: what the header says, tensors and formats are listed, and why "
            + "it does not load."
    )

    @Argument(help: "\(ModelOptionGroup.modelHelp)", completion: .file())
    var model = ModelOptionGroup.defaultModel

    @OptionGroup(title: "Cache options") var cache: CacheOptionGroup

    @Flag(help: "List what the file's header says, which is done anyway for a model that does not load.")
    var metadata = false

    @Flag(help: "List the tensors.")
    var tensors = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let cache = try cache.options()
        let checkpoint = try await ModelFiles(Settings(), quiet: json).checkpoint(model)
        let report = try InfoReport(checkpoint, cache: cache)
        if json { return try Terminal.standardOutput.write(JSONOutput.line(report)) }
        var text = report.table
        if metadata || report.notLoadable != nil { text += "\n" + checkpoint.metadataTable }
        if tensors || report.notLoadable != nil { text += "\n" + checkpoint.tensorTable }
        try Terminal.standardOutput.write(text)
    }
}

/// What `info` prints.
struct InfoReport: Encodable {
    struct Architecture: Encodable {
        let family: String
        /// Layers of the model; in an encoder-decoder those of the decoder, as all below where its halves differ.
        let layers: Int
        /// Layers of an encoder-decoder's encoder; nil without a source to read.
        let encoderLayers: Int?
        let hiddenSize: Int
        let queryHeads: Int
        let kvHeads: Int
        let headDimension: Int
        let feedForwardSize: Int
        let vocabularySize: Int
        /// What the model was made for; nil where nothing bounds it.
        let contextLength: Int?
        /// What it is loaded for where no other is asked for: less where positions beyond turn in another way.
        let usualContextLength: Int?
        let windowLayers: Int
        let tiedEmbedding: Bool
    }

    struct FormatShare: Encodable {
        let format: String
        let tensors: Int
        let elements: Int
        let bytes: Int
    }

    struct Kernels: Encodable {
        let table: String
        let features: [String]
        let available: [String]
    }

    let model: ModelResult
    /// The files that the tensors lie in.
    let weightFiles: [String]
    let fileFormat: String
    let statedArchitecture: String?
    let architecture: Architecture?
    /// What was read otherwise than the header says it.
    let remark: String?
    /// Tensors that the model isn't made of, and why nothing is lost without them.
    let leftOut: [String]
    let notLoadable: String?
    let supportedFamilies: [String]?
    let parameters: Int
    let tensorBytes: Int
    let formats: [FormatShare]
    let kvKeys: String
    let kvValues: String
    /// Where layers with a window hold theirs otherwise.
    let kvWindowKeys: String?
    let kvWindowValues: String?
    let kvBytesPerToken: Double?
    /// Bytes of keys and values for a token of the source, in encoder-decoders.
    let kvBytesPerSourceToken: Double?
    let kvBytesAtContext: Int?
    /// Bytes that those would be in half floats.
    let f16KvBytes: Int?
    /// Why the model's chat template can't be used; nil for one that can, and for a model without one.
    let chatTemplateFault: String?
    let kernels: Kernels

    init(_ checkpoint: Checkpoint, cache: CacheOptions) throws {
        model = ModelResult(checkpoint)
        weightFiles = checkpoint.weightPaths
        fileFormat = checkpoint.formatDescription
        statedArchitecture = checkpoint.statedArchitecture.map(CheckpointError.printable)
        let tensors = checkpoint.tensors
        parameters = tensors.reduce(0) { $0 + $1.elementCount }
        tensorBytes = checkpoint.tensorByteCount
        formats = Dictionary(grouping: tensors, by: \.format.name).map { name, group in
            FormatShare(
                format: name, tensors: group.count, elements: group.reduce(0) { $0 + $1.elementCount },
                bytes: group.reduce(0) { $0 + $1.byteCount })
        }.sorted { $0.bytes > $1.bytes }
        let storage = StorageText(cache)
        (kvKeys, kvValues) = (storage.keys, storage.values)
        (kvWindowKeys, kvWindowValues) = (storage.windowKeys, storage.windowValues)
        chatTemplateFault = Self.chatTemplateFault(of: checkpoint)
        let best = KernelTable.best
        kernels = Kernels(
            table: best.name, features: best.features, available: KernelTable.available.map(\.name))
        do {
            let header = try ModelHeader(checkpoint)
            let held = try Self.held(by: header, cache)
            let heldInHalfFloats = try Self.held(by: header, cache.inHalfFloats)
            leftOut = try header.leftOutTensors(of: checkpoint).summaries.map(CheckpointError.printable)
            remark = header.remark.map(CheckpointError.printable)
            architecture = held.architecture
            notLoadable = Self.vocabularyFault(of: checkpoint, header)
            supportedFamilies = nil
            kvBytesPerToken = held.perToken
            kvBytesPerSourceToken = held.perSourceToken
            kvBytesAtContext = held.atContext
            f16KvBytes = heldInHalfFloats.atContext
        } catch let error as any ExplainedError {
            architecture = nil
            leftOut = []
            remark = nil
            notLoadable = CheckpointError.printable(error.description)
            supportedFamilies = ModelFamily.all.map(\.name) + EncoderDecoderFamily.all.map(\.name)
            kvBytesPerToken = nil
            kvBytesPerSourceToken = nil
            kvBytesAtContext = nil
            f16KvBytes = nil
        }
    }

    /// Why the text side of a model keeps it from loading; nil where it does not.
    private static func vocabularyFault(of checkpoint: Checkpoint, _ header: ModelHeader) -> String? {
        do {
            _ = try LoadCheck.vocabulary(of: checkpoint, header)
            return nil
        } catch {
            let explained = ErrorOutput.explained(error)
            return CheckpointError.printable(explained?.description ?? "\(error)")
        }
    }

    private static func chatTemplateFault(of checkpoint: Checkpoint) -> String? {
        do {
            guard let source = try checkpoint.defaultChatTemplate() else { return nil }
            _ = try ChatTemplate(source: source)
            return nil
        } catch let error as NuthatchError {
            return CheckpointError.printable(error.message)
        } catch let error as any ExplainedError {
            return CheckpointError.printable(error.message)
        } catch {
            return nil
        }
    }

    private typealias Held = (
        architecture: Architecture, perToken: Double?, perSourceToken: Double?, atContext: Int?
    )

    /// What a model is, and what its caches take.
    private static func held(by header: ModelHeader, _ cache: CacheOptions) throws -> Held {
        switch header {
        case .decoder(let description):
            let specification = description.specification
            let plan = try cache.plan(for: description, context: ContextBound(specification))
            return (
                Architecture(description.family, specification), plan.bytesPerToken, nil,
                plan.peakByteCount(contextLength: specification.unscaledContextLength)
            )
        case .encoderDecoder(let description):
            let specification = description.specification
            let context = specification.decoder.contextLength
            let configuration = try cache.configuration(of: description)
            let plan = try EncoderDecoderPlan(
                configuration.answer, targetLayers: specification.targetGeometries,
                sourceLayers: specification.sourceGeometries, sourceCapacity: configuration.sourceCapacity)
            return (
                Architecture(
                    description.family, specification.decoder,
                    encoderLayers: specification.encoder.layers.count),
                plan.target.bytesPerToken, plan.source.bytesPerToken,
                specification.contextIsBounded
                    ? plan.peakByteCount(
                        sourceLength: specification.encoder.contextLength, targetLength: context) : nil
            )
        }
    }

    var table: String {
        var lines = [("file", model.text)]
        if weightFiles.count > 1 {
            lines += weightFiles.map { ("  weights", $0.split(separator: "/").last.map(String.init) ?? $0) }
        }
        lines.append(("format", fileFormat))
        lines.append(("architecture", statedArchitecture ?? "(the file names none)"))
        if let architecture { lines += architecture.lines }
        if let remark { lines.append(("read", remark)) }
        lines += leftOut.map { ("left out", $0) }
        if let notLoadable { lines.append(("not loadable", notLoadable)) }
        if let supportedFamilies { lines.append(("supported", supportedFamilies.joined(separator: ", "))) }
        lines.append(("parameters", "\(Quantities.count(parameters)) in \(Quantities.bytes(tensorBytes))"))
        for share in formats {
            lines.append(
                (
                    "  \(share.format)",
                    "\(Counted.text(share.tensors, "tensor")), \(Quantities.bytes(share.bytes))"
                ))
        }
        if let cacheLine { lines.append(("KV cache", cacheLine)) }
        if let chatTemplateFault {
            lines.append(
                (
                    "chat template",
                    "can't be read: \(chatTemplateFault) Pass another with --chat-template FILE, or use --raw."
                ))
        }
        lines.append(("kernels", "\(kernels.table) (\(kernels.features.joined(separator: ", ")))"))
        return lines.map { name, value in
            name.padded(to: 14) + value + "\n"
        }.joined()
    }
}

extension InfoReport {
    private var cacheLine: String? {
        guard let kvBytesPerToken else { return nil }
        let perToken = Quantities.bytes(Int(kvBytesPerToken))
        let storage = StorageText(
            keys: kvKeys, values: kvValues, windowKeys: kvWindowKeys, windowValues: kvWindowValues
        ).text
        let form = "(\(storage))"
        let whole =
            kvBytesAtContext.map { bytes in
                ", \(Quantities.bytes(bytes)) for the whole context"
                    + StorageText.inHalfFloats(f16KvBytes ?? bytes, besides: bytes)
            } ?? ""
        guard let kvBytesPerSourceToken else { return "\(perToken) per token \(form)" + whole }
        let perSourceToken = Quantities.bytes(Int(kvBytesPerSourceToken))
        return "\(perToken) per token of the answer, \(perSourceToken) per token of the source \(form)"
            + whole
    }
}

extension InfoReport.Architecture {
    init(_ family: String, _ specification: DecoderSpecification, encoderLayers: Int? = nil) {
        self.family = family
        self.encoderLayers = encoderLayers
        layers = specification.layers.count
        hiddenSize = specification.hiddenSize
        queryHeads = specification.attention.heads.queryCount
        kvHeads = specification.attention.heads.kvCount
        headDimension = specification.attention.heads.dimension
        feedForwardSize = specification.feedForward.size
        vocabularySize = specification.embedding.vocabularySize
        contextLength =
            specification.attention.relativePositions == nil ? specification.contextLength : nil
        usualContextLength = contextLength.map { _ in specification.unscaledContextLength }
        windowLayers = specification.layers.filter { $0.retention != .full }.count
        tiedEmbedding = specification.embedding.isTied
    }

    private var contextLine: String {
        guard let contextLength, let usualContextLength else { return "as long as memory allows" }
        guard usualContextLength < contextLength else { return Counted.text(contextLength, "token") }
        return
            "\(Counted.text(usualContextLength, "token")); up to \(contextLength) with --context, whose length positions are then "
            + "scaled for"
    }

    fileprivate var lines: [(String, String)] {
        [
            ("family", family + (encoderLayers == nil ? "" : ", an encoder-decoder")),
            (
                "layers",
                (encoderLayers.map { "\($0) that read the source, \(layers) that answer it" } ?? "\(layers)")
                    + (windowLayers > 0 ? ", \(windowLayers) of them with a sliding window" : "")
            ),
            ("heads", "\(queryHeads) query, \(kvHeads) key/value, of \(headDimension)"),
            ("sizes", "hidden \(hiddenSize), feed-forward \(feedForwardSize)"),
            ("vocabulary", "\(vocabularySize)" + (tiedEmbedding ? ", output tied to the embedding" : "")),
            ("context", contextLine),
        ]
    }
}
