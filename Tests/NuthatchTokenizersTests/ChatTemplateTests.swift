import NuthatchTensors
import NuthatchTokenizers
import Testing

@Suite struct ChatTemplateTests {
    private let bird = [ChatMessage(role: "user", "Where are my seeds?")]

    @Test func messagesRenderAsTheRecordedTemplatesExpectThem() throws {
        let template = try ChatTemplate(source: try ChatTemplateGoldens.source("smollm2"))
        #expect(
            try template.render(messages: bird) == """
                <|im_start|>system
                You are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>
                <|im_start|>user
                Where are my seeds?<|im_end|>
                <|im_start|>assistant

                """)
    }

    @Test func chatMLEqualsThePublishedOne() throws {
        let messages = [ChatMessage(role: "system", "Be brief.")] + bird
        let published = try ChatTemplate(source: try ChatTemplateGoldens.source("chatml"))
        for adds in [true, false] {
            let ours = try ChatTemplate.chatML().render(messages: messages, addGenerationPrompt: adds)
            #expect(try published.render(messages: messages, addGenerationPrompt: adds) == ours)
        }
    }

    @Test func toolCallsCarryTheirFieldsInOrder() throws {
        let message = ChatMessage(
            role: "assistant", content: nil,
            toolCalls: [.init(id: "c1", name: "find", arguments: ["what": "seed", "count": 2])],
            extra: [ChatMember("reasoning_content", "hm")])
        let template = try ChatTemplate(source: "{{ messages[0]|tojson }}{{ tools is none }}{{ bos_token }}")
        #expect(
            try template.render(messages: [message], variables: [ChatMember("bos_token", "<s>")])
                == #"{"role": "assistant", "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "find", "#
                + #""arguments": {"what": "seed", "count": 2}}}], "reasoning_content": "hm"}True<s>"#)
    }

    @Test func partsRenderInOrder() throws {
        let message = ChatMessage(role: "user", content: .parts([.image, .text("What is it?")]))
        let template = try ChatTemplate(
            source: "{% for part in messages[0].content %}{{ part.type }} {% endfor %}")
        #expect(try template.render(messages: [message]) == "image text ")
    }

    @Test func unknownConstructsAreNamedWithTheirLineAndWhatIsSupported() {
        for (source, construct) in [
            ("a\n\n  {{ x|frobnicate }}", "the filter 'frobnicate'"),
            ("a\n\n  {{ x is frobbed }}", "the test 'frobbed'"),
            ("a\n\n  {% include 'other' %}", "the tag 'include'"),
        ] {
            do throws(NuthatchError) {
                _ = try ChatTemplate(source: source)
                Issue.record("\(source) was accepted")
            } catch {
                let cause = error.cause as? TemplateError
                guard case .unsupported(let position, construct, let supported) = cause else {
                    Issue.record("\(error)")
                    continue
                }
                #expect(error.code == .badData)
                #expect(position.line == 3)
                #expect(supported.contains(", "))
                #expect("\(error)".contains("\(construct) at line 3, column"))
            }
        }
    }

    /// As jinja2 since version 3, over these templates.
    @Test(
        arguments: [
            ("{% if false %}{{ x|frobnicate }}{% else %}b{% endif %}", "b"),
            ("{{ 'a' if true else x|frobnicate }}", "a"), ("{{ x|frobnicate(1) if false else 'a' }}", "a"),
            ("{% if true or x is frobbed %}a{% endif %}", "a"), ("{% if x is frobbed %}a{% endif %}", nil),
            ("{% if true %}{{ x|frobnicate }}{% endif %}", nil),
        ] as [(String, String?)])
    func anUnknownFilterOfABranchIsAnErrorWhereItIsReached(source: String, text: String?) throws {
        let template = try ChatTemplate(source: source)
        guard let text else {
            let error = try #require(throws: NuthatchError.self) { try template.render(messages: bird) }
            #expect(error.message.contains("'frob"), "\(error)")
            return
        }
        #expect(try template.render(messages: bird) == text)
    }

    @Test func templatesOwnRefusalIsItsOwnError() throws {
        let template = try ChatTemplate(source: "{{ raise_exception('No system role') }}")
        let error = #expect(throws: NuthatchError.self) { try template.render(messages: bird) }
        #expect(error?.cause as? TemplateError == .raised(message: "No system role"))
        #expect(error?.message == "The chat template refused the conversation: No system role.")
        #expect(error?.remedy == "Change the conversation as the message says.")
    }

    @Test(arguments: [("no way ", ": no way."), ("Why?", ": Why?"), ("", ".")])
    func theTemplatesOwnWordsEndAsASentence(message: String, end: String) {
        #expect(
            TemplateError.raised(message: message).message
                == "The chat template refused the conversation\(end)")
    }

    @Test(arguments: [
        ("{% for m in messages %}{{ m }}", "'for' has no end 'endfor'"),
        ("{% for m in messages %}{% else %}x", "'else' has no end 'endfor'"),
        ("{% if true %}{% elif false %}", "'if' has no end 'endif'"),
        ("{% macro f() %}", "'macro' has no end 'endmacro'"),
    ])
    func aBlockThatIsNotClosedIsToldItsEnd(source: String, reason: String) throws {
        let error = try #require(throws: NuthatchError.self) { try ChatTemplate(source: source) }
        #expect(error.message.hasSuffix(": \(reason)."), "\(error)")
    }

    @Test func dateIsTheCallersOrAnError() throws {
        let template = try ChatTemplate(source: "{{ strftime_now('%A %d %B %Y') }}")
        let date = try #require(ChatDate(year: 2024, month: 2, day: 29))
        #expect(try template.render(messages: [], date: date) == "Thursday 29 February 2024")
        let error = #expect(throws: NuthatchError.self) { try template.render(messages: []) }
        #expect(error?.code == .usage)
        #expect(ChatDate(year: 2023, month: 2, day: 29) == nil)
    }

    @Test func errorsNameTheLineOfTheFailure() throws {
        let template = try ChatTemplate(
            source: "{% for m in messages %}\n{{ m.content }}\n{{ m.nosuch.field }}\n{% endfor %}")
        do throws(NuthatchError) {
            _ = try template.render(messages: bird)
            Issue.record("rendered")
        } catch {
            guard case .undefined(let position, let reason) = error.cause as? TemplateError else {
                throw error
            }
            #expect(position.line == 3)
            #expect(error.message.contains("line 3, column"))
            #expect(reason.contains("nosuch"))
        }
    }

    @Test func mutatedTemplatesNeverTrap() throws {
        var state: UInt64 = 7
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let pieces = [
            "{{", "}}", "{%", "%}", "|", "(", ")", "'", "-", "[", "]", ".", " in ", "if", "0", "**", "\\",
            ":",
        ]
        for name in ["llama3_1", "qwen3", "hermes_tool_use", "gemma3"] {
            let source = Array(try ChatTemplateGoldens.source(name).unicodeScalars)
            for _ in 0..<300 {
                var mutated = source
                for _ in 0..<(1 + random(3)) {
                    let place = random(mutated.count)
                    if random(2) == 0 {
                        mutated.remove(at: place)
                    } else {
                        mutated.insert(contentsOf: pieces[random(pieces.count)].unicodeScalars, at: place)
                    }
                }
                var text = String.UnicodeScalarView()
                text.append(contentsOf: mutated)
                _ = try? ChatTemplate(source: String(text)).render(messages: bird, tools: [["name": "t"]])
            }
        }
    }
}
