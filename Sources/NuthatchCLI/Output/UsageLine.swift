import NuthatchGeneration
import NuthatchTensors

/// The closing line of an answer: what it cost, on one line.
enum UsageLine {
    static func text(_ report: GenerationReport) -> String {
        [
            "prompt \(Counted.text(report.promptTokenCount, "token")) (\(report.cachedTokenCount) cached)",
            "generated \(report.generatedTokenCount)",
            "prefill \(Quantities.rate(report.prefillTokensPerSecond))",
            "decode \(Quantities.rate(report.decodeTokensPerSecond))",
            "KV \(Quantities.bytes(report.kvByteCount))",
            "peak memory \(Quantities.bytes(ProcessLimits.peakResidentByteCount))",
        ].joined(separator: " | ") + (ending(report.finishReason).map { " | \($0)" } ?? "")
    }

    /// Why the answer ended, where the model did not end it itself.
    private static func ending(_ reason: GenerationReport.FinishReason) -> String? {
        switch reason {
        case .endOfTurn: nil
        case .stopString: "ended at a stop string"
        case .maximumNewTokens: "ended by --max-new-tokens"
        case .contextFull: "ended because the context or cache is full"
        case .cancelled: "stopped"
        }
    }
}
