/// What an axis measures, and how its numbers are laid out and written.
package struct ChartAxis: Equatable, Sendable {
    /// How values are laid out along an axis.
    package enum Scale: Equatable, Sendable {
        case linear
        /// Equal ratios take equal lengths. Values that aren't positive have no place on it and are left out.
        case logarithmic
    }

    package var title: String
    /// Behind the title in brackets; empty for none, as where `format` writes the unit with each number.
    package var unit: String
    package var scale: Scale
    /// Whether the axis begins at zero whatever the values are; of a linear one.
    package var includesZero: Bool
    package var format: ChartNumber

    package init(
        title: String, unit: String = "", scale: Scale = .linear, includesZero: Bool = false,
        format: ChartNumber = .plain
    ) {
        self.title = title
        self.unit = unit
        self.scale = scale
        self.includesZero = includesZero
        self.format = format
    }
}

/// How numbers of an axis are written.
package enum ChartNumber: Equatable, Sendable {
    /// "12,500", "0.25", "3e-7".
    case plain
    /// "98.4 MB", in decimal units.
    case bytes
    /// "1k", "2.5M".
    case count
    /// Seconds, in the unit that suits them: "12 ms".
    case seconds
    /// Shares of one, as "25 %".
    case share
}
