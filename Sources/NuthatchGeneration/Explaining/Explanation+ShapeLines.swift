extension Explanation {
    /// The sizes of each step, a line each, as introductions print them: "Generation 1 step input_shape: [1, 1]".
    public var shapeLines: [String] {
        steps.flatMap { step -> [String] in
            guard let pass = step.cached ?? step.uncached else { return [] }
            func size(_ name: String) -> String {
                "\(pass.shapes.first { $0.name == name }?.dimensions ?? [])"
            }
            let input = "Generation \(step.index) step input_shape: \(size("input"))"
            guard step.cached != nil else { return [input] }
            return [
                input, "input_Q: \(size("Q"))", "input_K: \(size("K"))", "input_V: \(size("V"))",
                "cache_K: \(size("cached K"))", "cache_V: \(size("cached V"))",
                "next token: \(step.next?.text ?? "")",
            ]
        }
    }
}
