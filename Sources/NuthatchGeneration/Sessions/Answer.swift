public import NuthatchTensors

/// A whole answer: its text, why it ended, and what it cost. Printing it prints its text.
public struct Answer: Sendable, Equatable, CustomStringConvertible {
    /// The answer's text, stop strings and special tokens left out.
    public let text: String
    /// The tokens generated, the one that ended the turn included.
    public let tokens: [TokenID]
    /// What the answer cost, counted and measured.
    public let report: GenerationReport

    /// Why the answer ended.
    public var finishReason: GenerationReport.FinishReason { report.finishReason }

    /// The answer's text.
    public var description: String { text }

    init(text: String, tokens: [TokenID], report: GenerationReport) {
        self.text = text
        self.tokens = tokens
        self.report = report
    }
}
