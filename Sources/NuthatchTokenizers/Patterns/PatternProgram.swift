import NuthatchTensors

/// A pattern compiled for the parallel search: Thompson's construction, alternatives in order of preference.
///
/// Origin: K. Thompson 1968 (CACM 11:6); R. Pike's `sam` for priorities; see R. Cox, "Regular Expression Matching:
/// the Virtual Machine Approach" (2009).
struct PatternProgram: Sendable, Equatable {
    enum Instruction: Sendable, Equatable {
        case one(ScalarClass)
        case jump(Int)
        /// Goes on at both, the first preferred.
        case split(Int, Int)
        case assertion(PatternAssertion)
        case match
    }

    /// The pattern as written, for messages.
    let source: String
    private(set) var instructions: [Instruction] = []

    /// Two spellings of one pattern are one: a line feed may be written as itself or as \n.
    static func == (left: PatternProgram, right: PatternProgram) -> Bool {
        left.instructions == right.instructions
    }

    init(_ pattern: String) throws(PatternParser.Failure) {
        source = pattern
        try compile(try PatternParser.parse(pattern))
        try emit(.match)
    }

    private mutating func emit(_ instruction: Instruction) throws(PatternParser.Failure) {
        let longest = TokenizerLimit.patternInstructionCount.maximum
        if instructions.count >= longest {
            throw PatternParser.Failure(
                reason: "it compiles to more than \(Counted.text(longest, "instruction"))")
        }
        instructions.append(instruction)
    }

    private mutating func compile(_ node: PatternNode) throws(PatternParser.Failure) {
        switch node {
        case .empty: break
        case .one(let scalarClass): try emit(.one(scalarClass))
        case .assertion(let assertion): try emit(.assertion(assertion))
        case .sequence(let nodes): for node in nodes { try compile(node) }
        case .alternatives(let nodes): try emit(alternatives: nodes)
        case .repeated(let node, let minimum, let maximum, let isLazy):
            for _ in 0..<minimum { try compile(node) }
            if let maximum {
                try emit(optional: node, count: maximum - minimum, isLazy: isLazy)
            } else {
                try emit(loop: node, isLazy: isLazy)
            }
        }
    }

    private mutating func emit(alternatives nodes: [PatternNode]) throws(PatternParser.Failure) {
        var exits: [Int] = []
        for (index, node) in nodes.enumerated() {
            let isLast = index == nodes.count - 1
            let split = instructions.count
            if !isLast { try emit(.split(split + 1, 0)) }
            try compile(node)
            if !isLast {
                exits.append(instructions.count)
                try emit(.jump(0))
                instructions[split] = .split(split + 1, instructions.count)
            }
        }
        for exit in exits { instructions[exit] = .jump(instructions.count) }
    }

    /// `x?` nested `count` deep, so that giving up one gives up those after it.
    private mutating func emit(
        optional node: PatternNode, count: Int, isLazy: Bool
    ) throws(PatternParser.Failure) {
        var splits: [Int] = []
        for _ in 0..<count {
            splits.append(instructions.count)
            try emit(.split(0, 0))
            try compile(node)
        }
        for split in splits { setSplit(at: split, body: split + 1, exit: instructions.count, isLazy: isLazy) }
    }

    private mutating func emit(loop node: PatternNode, isLazy: Bool) throws(PatternParser.Failure) {
        let split = instructions.count
        try emit(.split(0, 0))
        try compile(node)
        try emit(.jump(split))
        setSplit(at: split, body: split + 1, exit: instructions.count, isLazy: isLazy)
    }

    private mutating func setSplit(at split: Int, body: Int, exit: Int, isLazy: Bool) {
        instructions[split] = isLazy ? .split(exit, body) : .split(body, exit)
    }
}
