/// Which kinds of pages were missing on the way down a chain of columns: says whether the chain can end where it is.
///
/// Takes no memory as long as nothing is missing, which is always where every layer keeps its whole history.
struct PrefixCoverage {
    private let needs: PrefixNeeds
    private let all: PageKinds
    /// For each kind the pages that are missing, ascending; empty as long as none is.
    private var gaps: [[Range<Int>]] = []
    private var pageCount = 0

    init(_ needs: PrefixNeeds) {
        self.needs = needs
        all = needs.all
    }

    /// Goes on by one column.
    mutating func append(_ kinds: PageKinds) {
        defer { pageCount += 1 }
        guard !kinds.isSuperset(of: all) else { return }
        if gaps.isEmpty { gaps = Array(repeating: [], count: needs.kinds.count) }
        for index in gaps.indices where !kinds.contains(PageKinds(index: index)) {
            var missing = pageCount..<pageCount + 1
            if let last = gaps[index].last, last.upperBound == pageCount {
                missing = last.lowerBound..<missing.upperBound
                gaps[index].removeLast()
            }
            gaps[index].append(missing)
        }
    }

    /// Whether the query behind the last column finds all that it reads.
    var isUsable: Bool {
        gaps.indices.allSatisfy { index in
            guard let needed = needs.kinds[index].needed(tokenCount: pageCount * needs.pageLength) else {
                return false
            }
            return !isMissing(index, 0..<needed.sinkEnd) && !isMissing(index, needed.others)
        }
    }

    /// Whether one of these pages is. What is read is mostly near the end, and so is the search.
    private func isMissing(_ kind: Int, _ pages: Range<Int>) -> Bool {
        guard !pages.isEmpty, let gap = gaps[kind].last(where: { $0.lowerBound < pages.upperBound }) else {
            return false
        }
        return gap.upperBound > pages.lowerBound
    }
}
