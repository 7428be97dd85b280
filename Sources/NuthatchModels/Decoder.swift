/// A decoder assembled from a specification.
package final class Decoder: Sendable {}
