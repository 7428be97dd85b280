/// The style of every page: a constant, which the page's policy knows by its hash.
package enum Stylesheet {
    package static let text = page + tables + charts

    /// SHA-256 of `text` in base 64.
    package static let hash = "3DJlN3/AjN3kGmR6nAeJ7OqbWIQ/G2p1kwRZnZX99ZU="
}
