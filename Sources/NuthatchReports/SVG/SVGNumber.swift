/// Coordinates as SVG reads them: a tenth of a pixel is enough.
enum SVGNumber {
    static func text(_ value: Double) -> String {
        let tenths = Int((min(max(value, -1e6), 1e6) * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        let (whole, rest) = tenths.magnitude.quotientAndRemainder(dividingBy: 10)
        return rest == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(rest)"
    }

    static func path(_ points: [(x: Double, y: Double)], isClosed: Bool = false) -> String {
        let steps = points.enumerated().map { index, point in
            "\(index == 0 ? "M" : "L")\(text(point.x)) \(text(point.y))"
        }
        return steps.joined() + (isClosed ? "Z" : "")
    }
}
