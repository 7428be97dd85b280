import NuthatchTokenizers
import Testing

@Suite struct TemplateExpressionTests {
    @Test func randomExpressionsGiveWhatTheyGiveInJinja2() throws {
        let cases = try ChatTemplateGoldens.expressions()
        #expect(cases.count > 2000)
        var different: [String] = []
        for golden in cases {
            switch ChatTemplateGoldens.rendered(golden) {
            case .text(let text):
                if golden.outcome != .text(text) { different.append("\(golden.source) -> \(text)") }
            default:
                if case .text(let text) = golden.outcome {
                    different.append("\(golden.source) fails, not \(text)")
                }
            }
        }
        #expect(different.isEmpty, "\(different.count):\n\(different.prefix(20).joined(separator: "\n"))")
    }
}
