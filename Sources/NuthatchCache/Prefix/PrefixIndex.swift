import NuthatchTensors

/// Which prefixes are kept, as a tree of page columns: from a root each path is the beginning of some sequence.
///
/// Decides and counts; what a column holds is its caller's (`Payload`), and so is its memory. Names find a column,
/// tokens and images decide: both are compared wherever a name is found, so not even equal digests could bring
/// another's numbers.
///
/// Invariants:
///  - a column's parent is there as long as the column is, so whoever finds a column finds all that comes before it;
///  - a column counts as held by every holder of a column at or below it;
///  - `leaves` are the columns without children that nobody holds: those that may be given up;
///  - one operation marks the columns of one path as used, at a time of its own. So no two leaves have the same, and
///    which is given up first never depends on chance.
///
/// Finding a prefix takes a hash and a comparison for each page; adding a column O(1), giving one up O(log n), holding
/// and releasing time in proportion to the pages of a prefix. The idea of shared pages in a tree with the least
/// recently used leaf given up first is RadixAttention's (arXiv:2312.07104); here edges are pages, found by name.
package struct PrefixIndex<Payload> {
    /// A root (number -1, without a payload) or a column.
    struct Node {
        var name: PageName
        var number: Int
        var tokens: [TokenID] = []
        var images: [TokenGrid] = []
        var payload: Payload?
        var byteCount = 0
        var kinds: PageKinds = []
        var holderCount = 0
        var lastUse = 0
        var parent = Self.none
        /// The newest child; each knows the next older one.
        var firstChild = Self.none
        var previousSibling = Self.none
        var nextSibling = Self.none

        static var none: Int { -1 }
        var isRoot: Bool { number < 0 }
        var isLeaf: Bool { firstChild == Self.none }
    }

    /// Places of nodes that are gone are used again.
    var nodes: [Node] = []
    var freePlaces: [Int] = []
    var places: [PageName: Int] = [:]
    var leaves = LeafQueue()
    /// Counts operations.
    var time = 0
    package internal(set) var usage = PrefixUsage()
    /// Pages that are being computed and will be columns.
    package var underWay = PagesUnderWay()

    package init() {}

    /// What the column of this name holds; nil where there is none.
    package func payload(of name: PageName) -> Payload? {
        places[name].flatMap { nodes[$0].payload }
    }

    /// Whether other columns stand where this one does: sequences part at its beginning.
    func isJunction(before name: PageName) -> Bool {
        guard let place = places[name] else { return false }
        return nodes[place].nextSibling != Node.none || nodes[place].previousSibling != Node.none
    }

    /// The name of the column of which `matches` is true; takes time in proportion to all columns.
    func firstName(where matches: (Payload) -> Bool) -> PageName? {
        nodes.first { $0.payload.map(matches) ?? false }?.name
    }

    // MARK: Adding

    /// Adds the column of a whole page behind its parent: the column before it, or the root before page 0.
    ///
    /// A page that two sequences computed is kept once: the later one is told to take the column that is there, and
    /// which kinds of pages it brings that this one lacks (see `replace`).
    ///
    /// - Parameters:
    ///   - name: the page's; a column is never put under a name that another page has.
    ///   - byteCount: what giving the column up would free.
    ///   - kinds: those of its pages that are there.
    package mutating func insert(
        _ page: PageContent, named name: PageName, parent: PageName, payload: Payload, byteCount: Int,
        kinds: PageKinds = []
    ) -> PrefixInsertion<Payload> {
        time += 1
        _ = underWay.arrived(name)
        if let place = places[name] {
            guard isAt(place, page, parent: places[parent]), let existing = nodes[place].payload else {
                usage.mismatchCount += 1
                return .mismatched
            }
            usage.mergeCount += 1
            touch(place)
            return .merged(existing, lacking: kinds.subtracting(nodes[place].kinds))
        }
        guard let parent = parentPlace(parent, of: page) else { return .orphaned }
        var node = Node(name: name, number: page.number, payload: payload, byteCount: byteCount, kinds: kinds)
        node.tokens = Array(page.tokens)
        node.images = Array(page.images)
        node.lastUse = time
        let place = add(node, to: parent)
        leaves.insert(place, lastUse: time)
        usage.columnCount += 1
        usage.byteCount += byteCount
        return .inserted
    }

    /// Puts another payload in a column's place: one that has more of its pages, or fewer.
    ///
    /// - Returns: what was there; nil, and nothing changed, where there is no such column.
    package mutating func replace(
        _ name: PageName, by payload: Payload, byteCount: Int, kinds: PageKinds = []
    ) -> Payload? {
        guard let place = places[name], let before = nodes[place].payload else { return nil }
        let difference = byteCount - nodes[place].byteCount
        usage.byteCount += difference
        if nodes[place].holderCount > 0 { usage.heldByteCount += difference }
        nodes[place].payload = payload
        nodes[place].byteCount = byteCount
        nodes[place].kinds = kinds
        return before
    }

    /// Whether a node is the column of this page behind this parent.
    func isAt(_ place: Int, _ page: PageContent, parent: Int?) -> Bool {
        nodes[place].number == page.number && nodes[place].parent == parent
            && page.isEqual(nodes[place].tokens, nodes[place].images)
    }

    /// Roots are there once something stands on them.
    private mutating func parentPlace(_ name: PageName, of page: PageContent) -> Int? {
        if let place = places[name] { return nodes[place].number == page.number - 1 ? place : nil }
        return page.number == 0 ? add(Node(name: name, number: -1), to: Node.none) : nil
    }

    private mutating func add(_ node: Node, to parent: Int) -> Int {
        let place = freePlaces.popLast() ?? nodes.count
        if place == nodes.count { nodes.append(node) } else { nodes[place] = node }
        places[node.name] = place
        guard parent != Node.none else { return place }
        let next = nodes[parent].firstChild
        nodes[place].parent = parent
        nodes[place].nextSibling = next
        if next != Node.none { nodes[next].previousSibling = place }
        nodes[parent].firstChild = place
        leaves.remove(parent)
        return place
    }
}

extension PrefixIndex: Sendable where Payload: Sendable {}
extension PrefixIndex.Node: Sendable where Payload: Sendable {}
