/// Pages that somebody is computing, by the names they will have: whoever needs one of them can wait for it instead of
/// computing it as well.
///
/// Who waits, and how long, is the caller's affair: it looks again once the page has arrived, was abandoned, or takes
/// too long. Names are only ever looked up, never walked through, so nothing depends on their order in memory.
package struct PagesUnderWay: Sendable {
    /// What becomes of whoever wants to make a page.
    package enum Announcement: Equatable, Sendable {
        /// The page is theirs to make.
        case made
        /// Another makes it.
        case wait(maker: Int)
    }

    private var makers: [PageName: Int] = [:]
    /// Each maker's pages, in the order in which they were announced.
    private var announced: [Int: [PageName]] = [:]

    package init() {}

    package var count: Int { makers.count }

    /// Says that `maker` is about to compute a page; once said, saying it again changes nothing.
    package mutating func announce(_ name: PageName, by maker: Int) -> Announcement {
        if let other = makers[name] { return other == maker ? .made : .wait(maker: other) }
        makers[name] = maker
        announced[maker, default: []].append(name)
        return .made
    }

    /// Who computes a page; nil if nobody does.
    package func maker(of name: PageName) -> Int? { makers[name] }

    /// The page is there; true if it was awaited.
    package mutating func arrived(_ name: PageName) -> Bool {
        guard let maker = makers.removeValue(forKey: name) else { return false }
        // Pages arrive in the order in which they were announced, so this is the first.
        if let index = announced[maker]?.firstIndex(of: name) { announced[maker]?.remove(at: index) }
        if announced[maker]?.isEmpty == true { announced[maker] = nil }
        return true
    }

    /// A maker gives up: the pages that nobody makes any more, in the order in which it announced them.
    package mutating func abandoned(by maker: Int) -> [PageName] {
        let names = announced.removeValue(forKey: maker) ?? []
        for name in names { makers[name] = nil }
        return names
    }
}
