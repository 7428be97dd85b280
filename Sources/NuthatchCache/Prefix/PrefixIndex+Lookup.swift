package import NuthatchTensors

extension PrefixIndex {
    /// The most children of a column that are compared for the longest shared beginning of a page, the newest first.
    /// Which of many is missed costs less than a page; comparing all of a root's thousands would cost more.
    package static var partSearchLimit: Int { 128 }

    /// The longest beginning of a sequence that is there and from whose end a sequence can go on.
    ///
    /// Whole columns first, each found by its name and compared; behind the last of them, the beginning of the page of
    /// one of its children. Where columns lack pages that a query at their end would read (`PrefixNeeds`), it ends where
    /// the last one can.
    ///
    /// Changes nothing: `hold` counts what was found. Beside its result it takes memory for hashing alone, and where
    /// pages are missing for a list of which.
    ///
    /// - Parameter limit: the most tokens to share; a sequence whose last token's logits are wanted has to compute that.
    package func longestPrefix(
        of tokens: [TokenID], images: SequenceGrids = SequenceGrids(), root: PageName, needs: PrefixNeeds,
        limit: Int = .max
    ) -> PrefixMatch {
        func page(_ number: Int) -> PageContent {
            PageContent(number: number, pageLength: needs.pageLength, tokens: tokens, images: images)
        }
        var match = PrefixMatch(askedTokenCount: min(tokens.count, limit))
        var coverage = PrefixCoverage(needs)
        var place = places[root]
        var end = (place: place, columnCount: 0)
        while (match.columns.count + 1) * needs.pageLength <= match.askedTokenCount {
            let next = page(match.columns.count)
            let name = PageName(parent: match.columns.last ?? root, page: next)
            guard let found = places[name] else {
                match.next = name
                break
            }
            guard isAt(found, next, parent: place) else {
                match.isMismatched = true
                break
            }
            match.columns.append(name)
            place = found
            coverage.append(nodes[found].kinds)
            if coverage.isUsable { end = (found, match.columns.count) }
        }
        let knownCount = match.columns.count
        if end.columnCount < knownCount {
            match.next = match.columns[end.columnCount]
            match.columns.removeLast(knownCount - end.columnCount)
        } else if match.next == nil, !match.isMismatched, (knownCount + 1) * needs.pageLength <= tokens.count
        {
            match.next = PageName(parent: match.columns.last ?? root, page: page(knownCount))
        }
        match.tokenCount = end.columnCount * needs.pageLength
        if let place = end.place {
            match.part = longestPart(
                below: place, page(end.columnCount), most: match.askedTokenCount - match.tokenCount, needs)
            match.tokenCount += match.part?.tokenCount ?? 0
        }
        match.unusableTokenCount = max(0, knownCount * needs.pageLength - match.tokenCount)
        return match
    }

    /// The child that shares the longest beginning of a page; of several the newest.
    private func longestPart(
        below place: Int, _ page: PageContent, most: Int, _ needs: PrefixNeeds
    ) -> PrefixMatch.Part? {
        let most = min(most, needs.pageLength - 1)
        var best: PrefixMatch.Part?
        var child = nodes[place].firstChild
        var comparedCount = 0
        while child != Node.none, comparedCount < Self.partSearchLimit, best?.tokenCount ?? 0 < most {
            let count = min(most, page.commonCount(nodes[child].tokens, nodes[child].images))
            if count > best?.tokenCount ?? 0,
                needs.canEnd(inPage: page.number, tokenCount: page.start + count, having: nodes[child].kinds)
            {
                best = PrefixMatch.Part(name: nodes[child].name, tokenCount: count)
            }
            comparedCount += 1
            child = nodes[child].nextSibling
        }
        return best
    }
}
