/// What tells series apart besides their names: a shape and a dash pattern each, so that colour is never alone.
struct SeriesLook: Equatable, Sendable {
    enum Shape: CaseIterable {
        case circle, square, triangle, diamond
    }

    /// How the inside of a bar is drawn.
    enum Texture: String, CaseIterable {
        case full, rising, dots, falling, lines, crossed
    }

    /// Which of eight colours; both renderers begin again with the ninth series.
    let colour: Int
    let shape: Shape
    let isHollow: Bool
    /// Lengths of dashes and gaps in pixels; empty for a line without gaps.
    let dashes: String
    let texture: Texture

    init(_ index: Int) {
        colour = index % 8
        shape = Shape.allCases[index % 4]
        isHollow = index % 8 >= 4
        // Seven patterns and eight shapes: series 57 is the first that looks like another.
        dashes = ["", "9 4", "2 4", "12 4 2 4", "5 3", "16 4", "7 3 2 3 2 3"][index % 7]
        texture = Texture.allCases[index % Texture.allCases.count]
    }

    /// The shape as a character.
    var sign: Character {
        switch (shape, isHollow) {
        case (.circle, false): "●"
        case (.square, false): "■"
        case (.triangle, false): "▲"
        case (.diamond, false): "◆"
        case (.circle, true): "○"
        case (.square, true): "□"
        case (.triangle, true): "△"
        case (.diamond, true): "◇"
        }
    }
}
