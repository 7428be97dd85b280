/// Which sides are held multiplied by a Hadamard matrix.
///
/// H is orthogonal and symmetric, so scores don't change where queries are multiplied too, nor do outputs that are
/// multiplied once more: q . k = Hq . Hk, and sum p v = H (sum p Hv). What changes is how evenly a token's
/// dimensions are filled, and with it the error of groups by token (QuaRot, arXiv:2404.00456). Each head is cut
/// into blocks of the largest power of two that divides its dimension.
package struct Rotation: OptionSet, Sendable, Hashable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    package static let keys = Rotation(rawValue: 1)
    package static let values = Rotation(rawValue: 2)
}
