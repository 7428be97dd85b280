import NuthatchCache
import NuthatchModels
package import NuthatchTensors
public import NuthatchTokenizers

/// A model in memory: weights, tokenizer, chat template, and the threads that compute. Immutable after loading.
public final class LanguageModel: Sendable {
    /// The model's own name, or its file's.
    public let name: String
    /// Tokens of prompt and answer together that the model was loaded for (`LoadOptions.contextLength`); of an
    /// encoder-decoder those of the answer. Sinks and a window go on beyond it where no context was asked for:
    /// `Session.contextLength` says what holds for one session.
    public let contextLength: Int
    /// Whether the model reads a prompt as a source and answers it (T5, BART, Marian) rather than continue it. Such a
    /// model holds no conversation: `Session.complete` answers.
    public var isEncoderDecoder: Bool { network.answerStart != nil }
    /// Ids in the vocabulary.
    public var vocabularySize: Int { network.vocabularySize }
    /// Bytes of the packed weights.
    public var weightByteCount: Int { network.weightByteCount + (vision?.tower.weightByteCount ?? 0) }
    /// Worker threads.
    public var threadCount: Int { workers.workerCount }
    /// The kernels chosen for this machine.
    public let kernelTableName: String

    package let network: Network
    /// Nil where it reads text alone.
    package let vision: VisionModel?
    /// Text to token ids and back, as the model reads them.
    public let tokenizer: Tokenizer
    /// How a conversation becomes one text; nil where the model's files say nothing of it, or nothing that can be read.
    public let template: ChatTemplate?
    /// Why the model's chat template can't be read.
    package let templateFault: NuthatchError?
    /// Added tokens that conversations have in the template's own text alone.
    package let markup: Set<TokenID>
    /// A token that conversations begin with where the template does not write it.
    package let conversationStart: TokenID?
    /// Tokens that end an answer.
    package let endTokens: Set<TokenID>
    /// What computes its sequences, and everybody's that shares it.
    package let engine: Engine
    /// The memory of its passes. Touched on the engine thread alone.
    nonisolated(unsafe) let runner: NetworkRunner
    package var workers: WorkerPool { engine.workers }
    /// Whether weights are computed in 32-bit floats, so that what is measured is not of their rounding; false for an
    /// encoder-decoder.
    package var computesInFloats: Bool {
        if case .decoder(let decoder) = network { decoder.precision == .f32 } else { false }
    }
    /// What a user should know of how the files were read, a sentence each: what was read otherwise than the header says
    /// it, and what was left out that no other tensor holds.
    package let remarks: [String]
    /// Digests of what saved caches depend on.
    let digests: ModelDigests
    /// 32 bytes that no other model of this process has.
    let number = PrefixRoot.number()

    init(
        name: String, network: Network, vision: VisionModel? = nil, vocabulary: Vocabulary,
        engine: Engine, digests: ModelDigests, remarks: [String] = []
    ) throws(ModelError) {
        self.remarks = remarks
        self.digests = digests
        self.name = name
        self.network = network
        self.vision = vision
        tokenizer = vocabulary.tokenizer
        template = vocabulary.template
        templateFault = vocabulary.templateFault
        markup = vocabulary.tokenizer.markup(of: vocabulary.template)
        conversationStart = vocabulary.conversationStart
        endTokens = vocabulary.endTokens
        kernelTableName = KernelTable.best.name
        contextLength = network.context.length
        self.engine = engine
        runner = try NetworkRunner(network, on: engine.workers, pool: engine.pages)
        engine.prefixes.add(runner)
    }
}
