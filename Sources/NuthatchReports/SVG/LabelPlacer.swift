/// Finds places for texts in a plot where they touch neither each other nor what is marked there.
package struct LabelPlacer {
    /// A rectangle, in pixels.
    package struct Box: Equatable {
        package var x: ClosedRange<Double>
        package var y: ClosedRange<Double>

        package init(x: ClosedRange<Double>, y: ClosedRange<Double>) {
            self.x = x
            self.y = y
        }

        func overlaps(_ other: Box) -> Bool {
            x.overlaps(other.x) && y.overlaps(other.y)
        }
    }

    /// A text's anchor and baseline, as SVG takes them.
    package struct Place: Equatable {
        package enum Anchor: String { case start, middle, end }

        package let x: Double
        package let y: Double
        package let anchor: Anchor

        package init(_ x: Double, _ y: Double, _ anchor: Anchor) {
            self.x = x
            self.y = y
            self.anchor = anchor
        }

        func box(width: Double) -> Box {
            let left =
                switch anchor {
                case .start: x
                case .middle: x - width / 2
                case .end: x - width
                }
            return Box(x: left...(left + width), y: (y - TextMeasure.fontSize)...(y + 4))
        }
    }

    private let bounds: Box
    private var taken: [Box]

    /// - Parameter taken: What texts may not cover.
    package init(bounds: Box, taken: [Box]) {
        self.bounds = bounds
        self.taken = taken
    }

    /// The first of several places that is free, which it then no longer is; nil where none is.
    package mutating func place(_ text: String, at candidates: [Place]) -> Place? {
        let width = TextMeasure.width(text)
        for candidate in candidates {
            let box = candidate.box(width: width)
            let isInside =
                bounds.x.lowerBound <= box.x.lowerBound && box.x.upperBound <= bounds.x.upperBound
                && bounds.y.lowerBound <= box.y.lowerBound && box.y.upperBound <= bounds.y.upperBound
            guard isInside, !taken.contains(where: box.overlaps) else { continue }
            taken.append(box)
            return candidate
        }
        return nil
    }

    /// Places that are at least `gap` apart and as near to the wanted ones as that allows, in their order.
    ///
    /// Complexity: O(n²) for n places, of which a chart has few.
    package static func apart(
        _ wanted: [Double], gap: Double, in range: ClosedRange<Double>
    ) -> [Double] {
        let order = wanted.indices.sorted { (wanted[$0], $0) < (wanted[$1], $1) }
        var places = wanted
        var above = range.lowerBound - gap
        for index in order {
            places[index] = max(wanted[index], above + gap)
            above = places[index]
        }
        // Whoever went too far pushes those before back.
        var below = range.upperBound + gap
        for index in order.reversed() {
            places[index] = min(places[index], below - gap)
            below = places[index]
        }
        return places
    }
}
