package import NuthatchCache
package import NuthatchTensors

/// A prompt's tokens with its images among them: where a template left one token for an image there are as many as the
/// image becomes.
package struct ImagePrompt: Sendable {
    /// An image, and where it stands.
    package struct Placement: Sendable {
        package let image: PromptImage
        package let grid: TokenGrid
    }

    package private(set) var placements: [Placement] = []

    package init() {}

    package var grids: [TokenGrid] { placements.map(\.grid) }
    package var tokenCount: Int { placements.reduce(0) { $0 + $1.image.tokenCount } }

    /// Places images in tokens that follow `start` others, in which earlier images have their places already.
    ///
    /// - Parameters:
    ///   - placeholder: the token that stands for an image; nil for a model that reads text alone.
    ///   - images: as many as there are placeholders.
    /// - Returns: the tokens, longer by what images take.
    /// - Throws: `NuthatchError` where the numbers differ.
    package mutating func expand(
        _ tokens: [TokenID], behind start: Int, placeholder: TokenID?, images: [PromptImage]
    ) throws(NuthatchError) -> [TokenID] {
        guard let placeholder, !images.isEmpty else {
            // Placeholders without images are tokens like any other to models without a tower.
            let count = tokens.count { $0 == placeholder }
            guard count == 0, images.isEmpty else { throw Self.mismatch(places: count, images: images.count) }
            return tokens
        }
        let count = tokens.count { $0 == placeholder }
        guard count == images.count else { throw Self.mismatch(places: count, images: images.count) }
        var expanded: [TokenID] = []
        var rest = images[...]
        for token in tokens {
            guard token == placeholder, let image = rest.popFirst() else {
                expanded.append(token)
                continue
            }
            placements.append(Placement(image: image, grid: image.grid(at: start + expanded.count)))
            expanded += Array(repeating: placeholder, count: image.tokenCount)
        }
        return expanded
    }

    private static func mismatch(places: Int, images: Int) -> NuthatchError {
        NuthatchError(
            code: .usage,
            message:
                "The prompt has \(Counted.text(places, "place")) for images, and \(Counted.text(images, "image")) \(Counted.were(images)) given.",
            remedy:
                "Give as many images as the text has image tokens; a chat template that leaves no place for an "
                + "image can't be used with one.")
    }
}
