import NuthatchCache
import NuthatchModels
package import NuthatchTensors
package import NuthatchTokenizers

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
    package let tokenizer: Tokenizer
    package let template: ChatTemplate?
    /// Tokens that end an answer.
    package let endTokens: Set<TokenID>
    package let workers: WorkerPool
    package let engine: EngineThread
    /// The most bytes that keys and values may take; nil leaves it to the system.
    package let kvByteBudget: Int?
    /// Of what saved caches depend on.
    let digests: ModelDigests
    /// Prompt tokens computed in one pass; the bits do not depend on it (law L1).
    package let chunkLength = DecoderWorkspace.defaultRowCount

    init(
        name: String, network: Network, vision: VisionModel? = nil, tokenizer: Tokenizer,
        template: ChatTemplate?, endTokens: Set<TokenID>,
        workers: WorkerPool, kvByteBudget: Int?, digests: ModelDigests
    ) throws(TensorError) {
        self.digests = digests
        self.name = name
        self.network = network
        self.vision = vision
        self.tokenizer = tokenizer
        self.template = template
        self.endTokens = endTokens
        self.workers = workers
        kernelTableName = KernelTable.best.name
        self.kvByteBudget = kvByteBudget
        contextLength = network.context.length
        engine = try EngineThread()
    }

    /// Whether the chat template writes the beginning-of-sequence token itself.
    var templateStatesBeginning: Bool {
        guard let first = tokenizer.beginningOfSequence, let template else { return false }
        return template.source.contains("bos_token") || template.source.contains(tokenizer.text(of: first))
    }

    /// The prompt text of a conversation, the assistant's turn begun.
    ///
    /// - Throws: `NuthatchError` where the model has no template, or the template refuses the conversation.
    func render(_ messages: [ChatMessage], date: ChatDate?) throws -> String {
        guard let template else {
            throw NuthatchError(
                code: .usage, message: "\(name) has no chat template.",
                remedy: "Complete raw text instead (--raw, or Session.complete).")
        }
        func spelled(_ name: String, _ token: TokenID?) -> [ChatMember] {
            token.map { [ChatMember(name, .string(tokenizer.text(of: $0)))] } ?? []
        }
        return try template.render(
            messages: messages,
            variables: spelled("bos_token", tokenizer.beginningOfSequence)
                + spelled("eos_token", tokenizer.endOfSequence),
            date: date)
    }
}
