package import NuthatchTensors

/// The sequences of one forward pass: which rows of the activations belong to which cache.
///
/// Rows of a run are consecutive tokens; the first has position `cache.tokenCount`. `reserve` was called on
/// each cache for its row count. Immutable during the pass; every worker calls the same verbs in the same order.
package struct CacheBatch {
    package struct Run {
        package let cache: SequenceCache
        package let rows: Range<Int>

        package init(cache: SequenceCache, rows: Range<Int>) {
            self.cache = cache
            self.rows = rows
        }
    }

    package let runs: [Run]

    /// - Parameter workspace: shared scratch, reused from pass to pass; grown here if needed, never in a verb.
    package init(_ runs: [Run], workspace: AttentionWorkspace, workerCount: Int) throws(CacheError) {
        self.runs = runs
    }

    /// Writes the rows' keys and values ([row, kvHead * dimension]) into the layer's pages. No barrier inside;
    /// the caller places one between `append` and `attend`.
    package func append(keys: Rows, values: Rows, layer: Int, on worker: Worker) { fatalError("not built yet") }

    /// Attention of each row's queries ([row, queryHead * keyDimension]) over its own sequence up to and
    /// including its own position; `output` is [row, queryHead * valueDimension]. Contains its own barriers;
    /// none at the end.
    package func attend(
        _ queries: Rows, layer: Int, queryHeadCount: Int, parameters: AttentionParameters, into output: Rows,
        on worker: Worker
    ) { fatalError("not built yet") }
}

/// How scores become probabilities.
package struct AttentionParameters: Sendable, Equatable {
    /// Multiplies every score (usually 1 / sqrt(keyDimension)).
    package var scale: Float
    /// score = cap * tanh(score / cap), after scaling (Gemma 2).
    package var logitSoftcap: Float?

    package init(scale: Float, logitSoftcap: Float? = nil) {
        self.scale = scale
        self.logitSoftcap = logitSoftcap
    }
}

/// Scratch memory for attention, shared by all layers of a pass.
package final class AttentionWorkspace {
    package init() {}
}
