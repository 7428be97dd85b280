/// Cells of a terminal to draw in: each holds two by four dots (Braille patterns, U+2800), or one character.
struct TextCanvas {
    private struct Cell {
        var dots: UInt32 = 0
        var sign: Character?
        /// The series that drew there last.
        var series: Int?
        var isCovered = false

        var isFree: Bool { dots == 0 && sign == nil && !isCovered }
    }

    let columns: Int
    let rows: Int
    private var cells: [Cell]

    init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
        cells = Array(repeating: Cell(), count: columns * rows)
    }

    /// The dot of a place: x from 0 at the left to 1 at the right, y from 0 at the bottom to 1 at the top.
    func dot(x: Double, y: Double) -> (x: Int, y: Int) {
        (
            Int((min(max(x, 0), 1) * Double(2 * columns - 1)).rounded()),
            Int(((1 - min(max(y, 0), 1)) * Double(4 * rows - 1)).rounded())
        )
    }

    /// A straight line of dots (Bresenham's).
    mutating func draw(from start: (x: Int, y: Int), to end: (x: Int, y: Int), series: Int) {
        let (width, height) = (abs(end.x - start.x), abs(end.y - start.y))
        let steps = max(width, height)
        for step in 0...max(steps, 1) {
            let share = steps == 0 ? 0 : Double(step) / Double(steps)
            let x = start.x + Int((Double(end.x - start.x) * share).rounded())
            let y = start.y + Int((Double(end.y - start.y) * share).rounded())
            // Bits of a Braille pattern, column by column; the lowest row came to the code last.
            let bits: [[UInt32]] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]]
            let cell = y / 4 * columns + x / 2
            cells[cell].dots |= bits[x % 2][y % 4]
            cells[cell].series = series
        }
    }

    /// A text beside a dot, where a line of cells is free for it and a blank on both sides: to the right, else to the left.
    mutating func label(_ text: String, at dot: (x: Int, y: Int)) {
        let size = CharacterWidth.columns(text)
        let place = dot.x / 2
        for begin in [place + 2, place - 1 - size] where begin >= 0 && begin + size <= columns {
            let row = dot.y / 4 * columns
            let span = max(begin - 1, 0)..<min(begin + size + 1, columns)
            let isFree = span.allSatisfy { $0 == place || cells[row + $0].isFree }
            guard isFree else { continue }
            var column = row + begin
            for character in text {
                cells[column].sign = character
                column += 1
                // What a wide character covers takes no room of its own.
                for _ in 1..<max(CharacterWidth.columns(character), 1) {
                    cells[column].isCovered = true
                    column += 1
                }
            }
            return
        }
    }

    mutating func mark(_ dot: (x: Int, y: Int), _ sign: Character, series: Int) {
        cells[dot.y / 4 * columns + dot.x / 2].sign = sign
        cells[dot.y / 4 * columns + dot.x / 2].series = series
    }

    /// A line across all cells where nothing is drawn yet.
    mutating func cross(row: Int, _ sign: Character) {
        for column in 0..<columns { fill(row * columns + column, sign) }
    }

    mutating func cross(column: Int, _ sign: Character) {
        for row in 0..<rows { fill(row * columns + column, sign) }
    }

    private mutating func fill(_ cell: Int, _ sign: Character) {
        if cells[cell].isFree { cells[cell].sign = sign }
    }

    func line(_ row: Int, ink: TextInk) -> String {
        var result = ""
        var run = (series: Int?.none, text: "")
        func flush() { result += run.series.map { ink.series($0, run.text) } ?? run.text }
        for cell in cells[(row * columns)..<((row + 1) * columns)] where !cell.isCovered {
            if cell.series != run.series {
                flush()
                run = (cell.series, "")
            }
            let braille = Unicode.Scalar(0x2800 + cell.dots).map(Character.init)
            run.text.append(cell.sign ?? (cell.dots == 0 ? " " : braille ?? " "))
        }
        flush()
        return result
    }
}
