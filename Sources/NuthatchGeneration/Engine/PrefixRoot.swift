import NuthatchCache
import NuthatchModels

/// What the pages of a sequence, its forks and its group stand on in the prefix store.
final class PrefixRoot: Sendable {
    let name: PageName
    /// Whether sequences look for what others computed; else they find only what was their own.
    let isShared: Bool
    private let prefixes: EnginePrefixes

    /// - Parameter plan: whose numbers may be shared: caches kept otherwise hold others.
    init(_ sharing: PrefixSharing, model: LanguageModel, decoder: Decoder, plan: CachePlan) {
        prefixes = model.engine.prefixes
        let salt: [UInt8]
        switch sharing {
        case .private:
            isShared = false
            salt = Array("private\n".utf8) + Self.number()
        case .group(let name):
            isShared = true
            salt = Array("group\n".utf8) + Array(name.utf8)
        }
        name = PageName(
            root: model.processIdentity(of: decoder, plan), pageLength: plan.configuration.pageLength,
            salt: salt)
    }

    deinit {
        // Nobody finds them any more.
        if !isShared { prefixes.drop(name) }
    }

    /// 32 bytes that no other has.
    static func number() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }
}
