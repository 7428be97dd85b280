/// The style of every page: a constant, which the page's policy knows by its hash.
package enum Stylesheet {
    package static let text = page + tables + charts

    /// SHA-256 of `text` in base 64.
    package static let hash = "+eM2uHbtHY5vCQyBW7J1+BOtOVIF9swUgF6OX1H3tdI="
}
