import NuthatchTokenizers
import Testing

@Suite struct ChatTemplateGoldenTests {
    @Test func publishedTemplatesRenderEveryConversationAsJinja2Does() throws {
        let cases = try ChatTemplateGoldens.conversations()
        #expect(cases.count > 600)
        for golden in cases {
            let outcome = ChatTemplateGoldens.rendered(golden)
            #expect(outcome == golden.outcome, "\(golden.template), \(golden.name)")
        }
    }

    @Test func everyConstructBehavesAsInJinja2() throws {
        let cases = try ChatTemplateGoldens.language()
        #expect(cases.count > 190)
        for golden in cases {
            #expect(ChatTemplateGoldens.rendered(golden) == golden.outcome, "\(golden.source)")
        }
    }
}
