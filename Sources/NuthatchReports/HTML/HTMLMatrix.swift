/// A score matrix as a table of marked cells, with a legend of the marks.
enum HTMLMatrix {
    static func element(_ matrix: ScoreMatrix, _ identifiers: inout HTMLIdentifiers) -> HTMLElement {
        let identifier = identifiers.next("matrix")
        let excerpt = matrix.excerpt()
        var caption = [
            HTMLElement(.h3, [.id: identifier], flow: matrix.title),
            HTMLElement(.p, flow: matrix.summary),
        ]
        if let leftOut = excerpt.leftOut { caption.append(HTMLElement(.p, flow: leftOut)) }
        var parts = [HTMLElement(.figcaption, [:], caption)]
        guard !matrix.cells.allSatisfy(\.isEmpty) else {
            parts.append(HTMLElement(.p, [.class: "empty"], flow: "There are no scores to show."))
            return HTMLElement(.figure, [.class: "matrix"], parts)
        }
        let legend = matrix.marks.map { mark in
            HTMLElement(
                .li, [:],
                [
                    HTMLElement(.span, [.class: "cell \(name(of: mark))", .hidden: "true"], line: mark.sign),
                    HTMLElement(.span, line: mark.meaning),
                ])
        }
        parts.append(HTMLElement(.ul, [.class: "legend", .label: "Marks"], legend))
        let titles =
            [HTMLElement(.td)]
            + excerpt.columnLabels.map { header($0, scope: "col") }
        let rows = zip(excerpt.rowLabels, excerpt.cells).map { label, cells in
            HTMLElement(.tr, [:], [header(label, scope: "row")] + cells.map(cell))
        }
        parts.append(
            HTMLBlock.scrollable(
                HTMLElement(
                    .table, [.labelledBy: identifier],
                    [
                        HTMLElement(.thead, [:], [HTMLElement(.tr, [:], titles)]),
                        HTMLElement(.tbody, [:], rows),
                    ]),
                labelledBy: identifier))
        return HTMLElement(.figure, [.class: "matrix"], parts)
    }

    private static func header(_ label: String, scope: String) -> HTMLElement {
        label.isEmpty ? HTMLElement(.td) : HTMLElement(.th, [.scope: scope], line: label)
    }

    private static func cell(_ cell: ScoreMatrix.Cell?) -> HTMLElement {
        guard let cell else { return HTMLElement(.td) }
        var content: [HTMLElement] = []
        if !cell.mark.sign.isEmpty {
            content.append(HTMLElement(.span, [.class: "sign", .hidden: "true"], line: cell.mark.sign))
        }
        if !cell.text.isEmpty { content.append(HTMLElement(.span, line: cell.text)) }
        content.append(HTMLElement(.span, [.class: "unseen"], line: " " + cell.mark.meaning))
        return HTMLElement(.td, [.class: "cell \(name(of: cell.mark))"], content)
    }

    private static func name(of mark: ScoreMatrix.Mark) -> String {
        switch mark {
        case .computed: "computed"
        case .computedAgain: "again"
        case .reused: "reused"
        case .masked: "masked"
        }
    }
}
