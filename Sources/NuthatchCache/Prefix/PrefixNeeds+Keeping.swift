/// Which kinds of pages a column keeps: those that any prefix through it needs for as long as it is there, the others
/// where a sequence may go on.
///
/// A window's pages, open pages that will be coded, and states of a memory are of use only to a sequence that goes on
/// near them. Kept everywhere, they would make each of these cost as much as a full history held exactly.
extension PrefixNeeds {
    /// Kinds that a page keeps whatever comes.
    func lasting(_ number: Int) -> PageKinds {
        kinds(where: { $0.isLasting(number) })
    }

    /// Kinds of a page that a sequence reads which goes on behind `pageCount` pages, and that aren't lasting.
    func passing(_ number: Int, at pageCount: Int) -> PageKinds {
        kinds(where: { kind in
            guard !kind.isLasting(number) else { return false }
            guard let needed = kind.needed(tokenCount: pageCount * pageLength) else { return false }
            return needed.others.contains(number) || number < needed.sinkEnd
        })
    }

    /// The pages that keep something for a sequence that goes on behind `pageCount` pages.
    func passingPages(at pageCount: Int) -> Range<Int> {
        let first = kinds.reduce(pageCount) { first, kind in
            guard !kind.isLasting(pageCount) else { return first }
            guard let needed = kind.needed(tokenCount: pageCount * pageLength), !needed.others.isEmpty else {
                return first
            }
            return min(first, needed.others.lowerBound)
        }
        return first..<pageCount
    }

    private func kinds(where isWanted: (Kind) -> Bool) -> PageKinds {
        kinds.indices.reduce(into: PageKinds()) { result, index in
            if isWanted(kinds[index]) { result.insert(PageKinds(index: index)) }
        }
    }
}

extension PrefixNeeds.Kind {
    func isLasting(_ number: Int) -> Bool {
        switch form {
        case .memory: false
        case .open where kept.sealing == .coding: false
        case .open, .coded: retention == .full || number < kept.sinkPageCount
        }
    }
}
