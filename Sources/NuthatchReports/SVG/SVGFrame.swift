/// The geometry of a drawn chart: what lies where, in pixels.
///
/// ```
/// title of y
///   tick |                          . room on the right:
///   tick |   the plot               . names of the lines, where they stand at their ends
///   tick |__________________________.
///        tick     tick      tick
///                          title of x
/// ```
struct SVGFrame {
    /// A chart is drawn twice, and a page shows the one that its width suits, so that text stays legible.
    enum Size: String, CaseIterable {
        /// For pages that have 700 pixels or more.
        case wide
        /// For telephones.
        case narrow

        var width: Double { self == .wide ? 720 : 340 }
        var plotHeight: Double { self == .wide ? 280 : 220 }
        var xTickLimit: Int { self == .wide ? 8 : 5 }
        var yTickLimit: Int { self == .wide ? 6 : 5 }
    }

    /// A marked place of an axis, in pixels, and the lines of its text.
    struct Tick: Equatable {
        let place: Double
        let lines: [String]
    }

    let size: Size
    let left: Double
    let right: Double
    let top: Double
    let bottom: Double
    let height: Double
    let xTicks: [Tick]
    let yTicks: [Tick]
    private let x: ChartScale
    private let y: ChartScale
    private let categories: [Double]?
    /// Between the plot's sides and the first and last place, so that no mark touches them.
    private static let inset = 14.0

    /// - Parameter margin: Pixels to the right of the plot.
    init(_ chart: PlottedChart, size: Size, margin: Double) {
        self.size = size
        x = chart.x
        y = chart.y(tickCount: size.yTickLimit)
        categories = chart.categories
        let yValues = y.ticks(atMost: size.yTickLimit + 1)
        let yTexts = chart.chart.y.format.texts(ofTicks: yValues)
        left = (yTexts.map(TextMeasure.width).max() ?? 0).rounded(.up) + 10
        top = chart.chart.y.fullTitle.isEmpty ? 14 : 36
        bottom = top + size.plotHeight
        let span = (left + Self.inset, size.width - margin - Self.inset)
        if let categories {
            right = size.width - margin
            xTicks = Self.ticks(of: categories, in: chart, from: left, to: right)
        } else {
            let ticks = Self.ticks(of: x, chart.chart.x.format, size: size, from: span.0, to: span.1)
            // A text may be wider than what the margin leaves it.
            let excess =
                ticks.map { $0.place + TextMeasure.width($0.lines[0]) / 2 - size.width + 2 }.max() ?? 0
            right = size.width - margin - max(0, excess)
            xTicks = Self.ticks(
                of: x, chart.chart.x.format, size: size, from: span.0, to: right - Self.inset)
        }
        let lineCount = xTicks.map(\.lines.count).max() ?? 1
        height =
            bottom + 10 + Double(lineCount) * TextMeasure.lineHeight
            + (chart.chart.x.fullTitle.isEmpty ? 0 : TextMeasure.lineHeight + 6)
        let (plotTop, plotBottom, scale) = (top, bottom, y)
        yTicks = zip(yValues, yTexts).map { value, text in
            Tick(place: plotBottom - scale.position(value) * (plotBottom - plotTop), lines: [text])
        }
    }

    func xPlace(_ value: Double) -> Double {
        guard let categories else {
            return left + Self.inset + x.position(value) * (right - left - 2 * Self.inset)
        }
        let index = categories.firstIndex(of: value) ?? 0
        return left + (Double(index) + 0.5) * (right - left) / Double(categories.count)
    }

    func yPlace(_ value: Double) -> Double {
        bottom - y.position(value) * (bottom - top)
    }

    /// Where bars begin: at zero, or at the end of an axis that has none.
    var basePlace: Double {
        y.isLogarithmic ? bottom : yPlace(min(max(0, y.range.lowerBound), y.range.upperBound))
    }

    /// What a category has to itself, from one to the next.
    var categoryWidth: Double {
        (right - left) / Double(max(1, categories?.count ?? 1))
    }

    /// As many ticks as there are texts that don't touch.
    private static func ticks(
        of scale: ChartScale, _ format: ChartNumber, size: Size, from left: Double, to right: Double
    ) -> [Tick] {
        var ticks: [Tick] = []
        for count in stride(from: size.xTickLimit, to: 0, by: -1) {
            let values = scale.ticks(atMost: count)
            ticks = zip(values, format.texts(ofTicks: values)).map { value, text in
                Tick(place: left + scale.position(value) * (right - left), lines: [text])
            }
            let areApart = zip(ticks, ticks.dropFirst()).allSatisfy { one, next in
                let room = (TextMeasure.width(one.lines[0]) + TextMeasure.width(next.lines[0])) / 2 + 10
                return next.place - one.place >= room
            }
            if areApart { return ticks }
        }
        return Array(ticks.prefix(1))
    }

    /// What a name needs at least; where categories are closer, not each is named.
    private static let leastNameWidth = 44.0
    /// What a name gets at most where not each is named.
    private static let mostNameWidth = 96.0

    /// Names of categories in up to two lines; of many, those of every second, third and so on.
    private static func ticks(
        of categories: [Double], in chart: PlottedChart, from left: Double, to right: Double
    ) -> [Tick] {
        let width = (right - left) / Double(categories.count)
        let names = categories.map { VisibleText.flow(chart.categoryName($0)) }
        var stride = 1
        if width < leastNameWidth {
            let widest = names.map(TextMeasure.width).max() ?? 0
            stride = Int(((min(max(widest, leastNameWidth), mostNameWidth) + 10) / width).rounded(.up))
        }
        return names.enumerated().filter { $0.offset.isMultiple(of: stride) }.compactMap { index, name in
            let place = left + (Double(index) + 0.5) * width
            // The first and last may stand near a side.
            let limit = min(width * Double(stride) - 8, 2 * place, 2 * (right + 4 - place))
            guard index == 0 || stride == 1 || limit >= leastNameWidth else { return nil }
            let lines = TextMeasure.wrapped(name, to: limit, lineCount: 2)
            return Tick(place: place, lines: lines.isEmpty ? [""] : lines)
        }
    }
}
