import NuthatchTensors

/// Turns merge rules, spelled as text, into pairs of ids.
struct MergeRuleReader {
    let file: String
    let field: String
    let pieces: PieceTable
    /// Whether text may become an id by its spelling, [id]: rules that make another are left out.
    private let isText: [Bool]
    private var rank: UInt32 = 0
    private var rules: [MergeTable.Rule] = []
    private var scratch: [UInt8] = []

    init(
        file: String, field: String, pieces: PieceTable, isText: [Bool], ruleCount: Int
    ) throws(TokenizerError) {
        try VocabularyBuilder.check(ruleCount, .mergeCount, file: file, field: field)
        self.file = file
        self.field = field
        self.pieces = pieces
        self.isText = isText
        rules.reserveCapacity(ruleCount)
    }

    /// "left right", cut at the first space that is not the first byte.
    mutating func add(_ rule: String) throws(TokenizerError) {
        scratch.removeAll(keepingCapacity: true)
        scratch.append(contentsOf: rule.utf8)
        guard let space = scratch.dropFirst().firstIndex(of: UInt8(ascii: " ")), space + 1 < scratch.count
        else {
            throw .malformed(
                file: file, field: "\(field)[\(rank)]",
                reason: "is not two pieces with a space between")
        }
        scratch.remove(at: space)
        try addScratch(leftCount: space)
    }

    mutating func add(_ left: String, _ right: String) throws(TokenizerError) {
        scratch.removeAll(keepingCapacity: true)
        scratch.append(contentsOf: left.utf8)
        let leftCount = scratch.count
        scratch.append(contentsOf: right.utf8)
        try addScratch(leftCount: leftCount)
    }

    private mutating func addScratch(leftCount: Int) throws(TokenizerError) {
        let left = try id(0..<leftCount)
        let right = try id(leftCount..<scratch.count)
        let merged = try id(0..<scratch.count)
        defer { rank += 1 }
        guard isText[Int(merged)] else { return }
        rules.append(MergeTable.Rule(left: left, right: right, rank: rank, result: merged))
    }

    var table: MergeTable { MergeTable(rules, idCount: pieces.count) }

    private func id(_ range: Range<Int>) throws(TokenizerError) -> UInt32 {
        guard let id = pieces.id(of: scratch.span, range) else {
            throw .unknownPiece(
                file: file, field: "\(field)[\(rank)]",
                piece: String(decoding: scratch[range], as: UTF8.self)
            )
        }
        return UInt32(bitPattern: id)
    }
}
