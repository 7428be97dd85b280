/// The text of a conversation, and which of it the chat template wrote itself.
package struct RenderedPrompt: Sendable, Equatable {
    package let text: String
    /// The template's own text, as offsets in UTF-8: ascending, none empty, no two touching. The rest is content: what
    /// messages, tools, documents and variables hold.
    package let templateRanges: [Range<Int>]

    package init(text: String, templateRanges: [Range<Int>]) {
        self.text = text
        self.templateRanges = templateRanges
    }
}
