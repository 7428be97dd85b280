extension LayerCache {
    /// The positions whose keys and values are there, ascending.
    func keptPositions(tokenCount: Int) -> [Int] {
        let start = min(firstHeldPosition, tokenCount)
        return Array(0..<min(plan.retention.sinkCount, start)) + Array(start..<tokenCount)
    }

    /// A page in the form in which the query at `tokenCount` reads it.
    func form(of number: Int, tokenCount: Int) -> (page: Page, layout: PageLayout)? {
        let pageLength = plan.openLayout.pageLength
        if plan.kept.isOpen(number, from: tokenCount / pageLength), let page = open[number] {
            return (page, plan.openLayout)
        }
        if let page = sealed[number] ?? sinks[number] { return (page, plan.sealedLayout) }
        guard plan.kept.sealing != .coding, let page = open[number] else { return nil }
        return (page, plan.openLayout)
    }

    func bitsPerValue(tokenCount: Int) -> Double {
        let keptCount = keptPositions(tokenCount: tokenCount).count
        let valueCount = keptCount * plan.openLayout.valueCount / plan.openLayout.pageLength
        let byteCount =
            open.pages.count * plan.openLayout.byteCount
            + (sealed.pages + sinks.pages).reduce(0) { $0 + $1.byteCount }
        return valueCount == 0 ? 0 : Double(byteCount * 8) / Double(valueCount)
    }
}
