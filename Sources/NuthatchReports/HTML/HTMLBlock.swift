/// The blocks of a section as elements.
enum HTMLBlock {
    /// Nil for a block that has nothing in it.
    static func element(_ block: ReportBlock, _ identifiers: inout HTMLIdentifiers) -> HTMLElement? {
        switch block {
        case .paragraph(let text) where isBlank(text), .note(let text) where isBlank(text): nil
        case .preformatted(let text) where isBlank(text): nil
        case .facts(let facts) where facts.isEmpty: nil
        case .paragraph(let text): HTMLElement(.p, flow: text)
        case .preformatted(let text): preformatted(text, &identifiers)
        case .note(let text): HTMLElement(.p, [.class: "note", .role: "note"], flow: text)
        case .facts(let facts): list(facts)
        case .table(let table): HTMLTable.element(table, &identifiers)
        case .chart(let chart): HTMLFigure.element(chart, &identifiers)
        case .matrix(let matrix): HTMLMatrix.element(matrix, &identifiers)
        }
    }

    /// A part of a page that scrolls sideways where it is wider than the page, and can be scrolled by keys.
    static func scrollable(_ element: HTMLElement, labelledBy identifier: String) -> HTMLElement {
        HTMLElement(
            .div, [.class: "scroll", .role: "region", .tabindex: "0", .labelledBy: identifier], [element])
    }

    private static func isBlank(_ text: String) -> Bool { VisibleText.flow(text).isEmpty }

    private static func preformatted(_ text: String, _ identifiers: inout HTMLIdentifiers) -> HTMLElement {
        let lines = VisibleText.lines(text).joined(separator: "\n")
        let block = HTMLElement(.pre, [:], [.text(lines)])
        return HTMLElement(
            .div,
            [
                .class: "scroll", .role: "region", .tabindex: "0",
                .label: "Preformatted text \(identifiers.nextNumber())",
            ], [block])
    }

    private static func list(_ facts: [ReportFact]) -> HTMLElement {
        HTMLElement(
            .dl, [:],
            facts.map { fact in
                HTMLElement(
                    .div, [:],
                    [HTMLElement(.dt, flow: fact.name), HTMLElement(.dd, line: fact.value)])
            })
    }
}
