package import NuthatchTensors

/// What a sequence is of: the ids of its tokens, and the images that some of them stand for.
///
/// Keys and values are a function of it and of what computed them (law L1), so two sequences may share those of their
/// common prefix. A cache has the content of what it holds, and changes both together.
///
/// Invariant: every image begins before `tokenCount`; of the last one tokens may still be to come.
package struct SequenceContent: Sendable, Hashable {
    package private(set) var tokens: [TokenID]
    package private(set) var images: SequenceGrids

    package init() {
        tokens = []
        images = SequenceGrids()
    }

    /// - Parameter images: in their order, each beginning among the tokens.
    package init(_ tokens: [TokenID], images: [TokenGrid] = []) {
        self.init()
        append(tokens[...], images: images)
    }

    package var tokenCount: Int { tokens.count }
    package var isEmpty: Bool { tokens.isEmpty }

    /// How many tokens from the first on are the same. Tokens of unlike images are not, though their ids are: there the
    /// prefix ends where the first of two unlike images begins.
    package func commonPrefix(with other: SequenceContent) -> Int {
        var count = zip(tokens, other.tokens).prefix { $0 == $1 }.count
        guard !images.isEmpty || !other.images.isEmpty else { return count }
        let alike = zip(images.all, other.images.all).prefix { $0 == $1 }.count
        for unlike in [images.all.dropFirst(alike).first, other.images.all.dropFirst(alike).first] {
            count = min(count, unlike?.start ?? count)
        }
        return count
    }

    /// Adds tokens, and the images that begin among them.
    package mutating func append(_ next: ArraySlice<TokenID>, images begun: [TokenGrid] = []) {
        tokens.append(contentsOf: next)
        for image in begun {
            precondition(image.start < tokens.count, "an image is noted once its first token is there")
            images.append(image)
        }
    }

    /// Forgets tokens from the end so that `count` remain, and images that begin among them.
    package mutating func truncate(to count: Int) {
        tokens.removeSubrange(count...)
        images.truncate(to: count)
    }

    /// Forgets everything but the room that there was for tokens.
    mutating func removeAll() {
        tokens.removeAll(keepingCapacity: true)
        images = SequenceGrids()
    }

    /// Makes room for so many tokens, so that adding them asks for no memory.
    mutating func reserveCapacity(_ tokenCount: Int) { tokens.reserveCapacity(tokenCount) }
}
