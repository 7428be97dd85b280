import NuthatchCache
import NuthatchTensors

/// A prefix index as lists that are walked from end to end: no names, no tree, no counters.
///
/// Layers hold their pages open. A window's queries are asked position by position what they see.
struct NaivePrefixes {
    /// A beginning of a sequence, in whole pages; the images are those that begin in it.
    struct Beginning: Equatable {
        var root: Int
        var tokens: [TokenID]
        var images: [TokenGrid]

        init(root: Int, _ tokens: [TokenID], _ images: [TokenGrid], count: Int) {
            self.root = root
            self.tokens = Array(tokens[..<count])
            self.images = images.filter { $0.start < count }
        }

        func isBeginning(of other: Beginning) -> Bool {
            tokens.count <= other.tokens.count
                && self == Beginning(root: other.root, other.tokens, other.images, count: tokens.count)
        }
    }

    struct Column {
        var content: Beginning
        var payload: Int
        var byteCount: Int
        var kinds: Set<Retention>
        var lastUse: Int
    }

    let pageLength: Int
    let retentions: [Retention]
    let guaranteedRewind: Int
    /// In the order in which they came.
    var columns: [Column] = []
    var holds: [Beginning] = []
    var time = 0

    init(pageLength: Int, retentions: [Retention], guaranteedRewind: Int) {
        self.pageLength = pageLength
        self.retentions = retentions
        self.guaranteedRewind = guaranteedRewind
    }

    var byteCount: Int { columns.reduce(0) { $0 + $1.byteCount } }

    var heldByteCount: Int {
        columns.filter { isHeld($0.content) }.reduce(0) { $0 + $1.byteCount }
    }

    func isHeld(_ content: Beginning) -> Bool { holds.contains { content.isBeginning(of: $0) } }

    func column(_ content: Beginning) -> Column? { columns.first { $0.content == content } }

    enum Insertion: Equatable {
        case inserted, orphaned
        case merged(Int, lacking: Set<Retention>)
    }

    mutating func insert(_ column: Column) -> Insertion {
        time += 1
        if let existing = self.column(column.content) {
            touch(column.content)
            return .merged(existing.payload, lacking: column.kinds.subtracting(existing.kinds))
        }
        let parentCount = column.content.tokens.count - pageLength
        guard
            parentCount == 0
                || columns.contains(where: {
                    $0.content.tokens.count == parentCount && $0.content.isBeginning(of: column.content)
                })
        else { return .orphaned }
        columns.append(column)
        columns[columns.count - 1].lastUse = time
        return .inserted
    }

    private mutating func touch(_ content: Beginning) {
        for index in columns.indices where columns[index].content.isBeginning(of: content) {
            columns[index].lastUse = time
        }
    }

    mutating func use(_ content: Beginning, part: Beginning?) {
        time += 1
        touch(content)
        if let part { touch(part) }
    }

    mutating func hold(_ content: Beginning) {
        use(content, part: nil)
        holds.append(content)
    }

    mutating func extendHold(_ hold: Int, to content: Beginning) {
        time += 1
        holds[hold] = content
        for index in columns.indices where columns[index].content == content { columns[index].lastUse = time }
    }

    mutating func release(_ hold: Int) {
        use(holds.remove(at: hold), part: nil)
    }

    mutating func evict(_ byteCount: Int) -> [Int] {
        var evicted: [Int] = []
        var freed = 0
        while freed < byteCount {
            let leaves = columns.indices.filter { index in
                let content = columns[index].content
                return !isHeld(content)
                    && !columns.contains { $0.content != content && content.isBeginning(of: $0.content) }
            }
            guard let oldest = leaves.min(by: { columns[$0].lastUse < columns[$1].lastUse }) else { break }
            let column = columns.remove(at: oldest)
            freed += column.byteCount
            evicted.append(column.payload)
        }
        return evicted
    }

    // MARK: Finding

    struct Found: Equatable {
        var columns: [Beginning] = []
        var part: Beginning?
        var tokenCount = 0
        var unusableTokenCount = 0
    }

    func longestPrefix(root: Int, _ tokens: [TokenID], _ images: [TokenGrid], limit: Int) -> Found {
        var known: [Column] = []
        while (known.count + 1) * pageLength <= limit,
            let next = column(
                Beginning(root: root, tokens, images, count: (known.count + 1) * pageLength))
        { known.append(next) }
        var found = Found()
        let count = (0...known.count).last { canEnd(known.prefix($0)) } ?? 0
        found.columns = known.prefix(count).map(\.content)
        found.tokenCount = count * pageLength
        let most = min(limit - found.tokenCount, pageLength - 1)
        var best = 0
        for child in columns.reversed() where isChild(child.content, of: found.columns.last, root: root) {
            let shared = min(most, Self.common(child.content, tokens, images) - found.tokenCount)
            if shared > best, child.kinds.isSuperset(of: retentions) {
                best = shared
                found.part = child.content
            }
        }
        found.tokenCount += best
        found.unusableTokenCount = max(0, known.count * pageLength - found.tokenCount)
        return found
    }

    private func isChild(_ content: Beginning, of parent: Beginning?, root: Int) -> Bool {
        guard content.root == root, content.tokens.count == (parent?.tokens.count ?? 0) + pageLength else {
            return false
        }
        return parent?.isBeginning(of: content) ?? true
    }

    /// Whether every layer's query behind these pages, or one that a rewind goes back to, finds what it sees.
    private func canEnd(_ pages: ArraySlice<Column>) -> Bool {
        let count = pages.count * pageLength
        return retentions.allSatisfy { retention in
            let first = retention.firstVisible(from: count) - guaranteedRewind
            return (0..<count).allSatisfy { position in
                let isSeen = position >= first || position < retention.sinkCount
                return !isSeen || pages[position / pageLength].kinds.contains(retention)
            }
        }
    }

    /// Positions at which both have the same token, of the same image or of none.
    private static func common(_ content: Beginning, _ tokens: [TokenID], _ images: [TokenGrid]) -> Int {
        let length = min(content.tokens.count, tokens.count)
        return (0..<length).first { position in
            content.tokens[position] != tokens[position]
                || content.images.first { $0.range.contains(position) }
                    != images.first { $0.range.contains(position) }
        } ?? length
    }
}
