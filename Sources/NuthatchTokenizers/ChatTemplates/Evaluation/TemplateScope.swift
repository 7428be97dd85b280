/// Names visible at one place: those set in a block, then those of the blocks around it.
///
/// Scopes are references because macros see later assignments of the scope they were defined in. Values hold no
/// scopes, so no cycle can form.
final class TemplateScope {
    private var names: [String: TemplateValue]
    private let parent: TemplateScope?

    init(_ names: [String: TemplateValue] = [:], inside parent: TemplateScope? = nil) {
        self.names = names
        self.parent = parent
    }

    func value(of name: String) -> TemplateValue? {
        var scope: TemplateScope? = self
        while let current = scope {
            if let value = current.names[name] { return value }
            scope = current.parent
        }
        return nil
    }

    func set(_ value: TemplateValue, named name: String) {
        names[name] = value
    }
}
