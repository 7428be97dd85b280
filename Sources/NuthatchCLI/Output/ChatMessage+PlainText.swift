import NuthatchTokenizers

extension ChatMessage {
    /// What is said, other media as their place.
    var plainText: String {
        switch content {
        case nil: ""
        case .text(let text): text
        case .parts(let parts):
            parts.map { part in
                switch part {
                case .text(let text): text
                case .image: "[image]"
                case .other: "[...]"
                }
            }.joined()
        }
    }
}
