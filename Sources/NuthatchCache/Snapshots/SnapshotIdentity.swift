/// What a saved cache belongs to: numbers computed with other weights, other token ids, other positions or
/// in another form mean nothing here.
package struct SnapshotIdentity: Sendable, Equatable {
    package enum Aspect: String, CaseIterable, Sendable {
        case weights, tokenizer, positions, configuration

        /// What a cache was saved with instead.
        var otherThanNeeded: String {
            switch self {
            case .weights: "other weights"
            case .tokenizer: "another tokenizer"
            case .positions: "other positions"
            case .configuration: "other cache options"
            }
        }

        var remedy: String {
            switch self {
            case .weights: "Load the model that it was saved with, or compute the prompt again."
            case .tokenizer: "Use the tokenizer that it was saved with, or compute the prompt again."
            case .positions: "Use the rope settings that it was saved with, or compute the prompt again."
            case .configuration: "Use the cache options that it was saved with, or compute the prompt again."
            }
        }
    }

    /// One aspect, as a digest for programs and a few words for people.
    package struct Part: Sendable, Equatable {
        package static let digestByteCount = 32
        package static let descriptionByteCount = 512

        /// 32 bytes; equal digests mean the same thing.
        package let digest: [UInt8]
        /// One line; what a message says the thing is.
        package let description: String

        /// What stands between the things that a description names, for a message to name those that differ.
        package static let separator = "; "

        /// What a line can't hold is cut or replaced in the description; it is for people only.
        package init(digest: [UInt8], description: String) {
            precondition(digest.count == Self.digestByteCount, "a digest has 32 bytes")
            self.digest = digest
            var line = ""
            for character in description.unicodeScalars.lazy.map(Self.printable) {
                guard line.utf8.count + UTF8.width(character) <= Self.descriptionByteCount else { break }
                line.unicodeScalars.append(character)
            }
            self.description = line
        }

        /// Only a description that `init` leaves as it is: others were not written by this program, and may
        /// hold what a terminal obeys.
        init?(savedDigest: [UInt8], description: String) {
            self.init(digest: savedDigest, description: description)
            guard self.description == description else { return nil }
        }

        private static func printable(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: "?"
            default: scalar
            }
        }
    }

    /// How the description of weights begins what it says of the model's configuration.
    package static let modelConfiguration = "model configuration "

    package var weights: Part
    package var tokenizer: Part
    /// Rope's parameters, and whatever else says what a position does to a key.
    package var positions: Part
    package var configuration: Part

    package init(weights: Part, tokenizer: Part, positions: Part, configuration: Part) {
        self.weights = weights
        self.tokenizer = tokenizer
        self.positions = positions
        self.configuration = configuration
    }

    package subscript(aspect: Aspect) -> Part {
        switch aspect {
        case .weights: weights
        case .tokenizer: tokenizer
        case .positions: positions
        case .configuration: configuration
        }
    }
}
