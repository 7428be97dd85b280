import NuthatchCache
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// Thousands of random operations on a prefix index, each against lists that are walked from end to end.
@Suite struct PrefixIndexRandomTests {
    private struct Text {
        var root: Int
        var tokens: [TokenID]
        var images: [TokenGrid]
    }

    private struct Play {
        let needs: PrefixNeeds
        let retentions: [Retention]
        var index = PrefixIndex<Int>()
        var twin: NaivePrefixes
        var numbers: NuthatchTestSupport.SeededGenerator
        var texts: [Text] = []
        var payload = 0

        private static let roots = (0..<3).map { PrefixSample.root(String($0), pageLength: 16) }

        private func names(_ text: Text, count: Int) -> [PageName] {
            PageName.chain(
                behind: Self.roots[text.root], pages: 0..<count, pageLength: 16, tokens: text.tokens,
                images: PrefixSample.images(text.images))
        }

        private func name(_ content: NaivePrefixes.Beginning) -> PageName {
            let text = Text(root: content.root, tokens: content.tokens, images: content.images)
            return names(text, count: content.tokens.count / 16).last ?? Self.roots[content.root]
        }

        private func kinds(_ set: Set<Retention>) -> PageKinds {
            set.reduce(into: []) { $0.formUnion(needs.kind($1, .open)) }
        }

        private mutating func random(_ range: ClosedRange<Int>) -> Int {
            Int.random(in: range, using: &numbers)
        }

        /// A text that goes on from some beginning of an earlier one, mostly.
        private mutating func text() -> Text {
            var text = texts.randomElement(using: &numbers) ?? Text(root: 0, tokens: [], images: [])
            if random(0...9) == 0 { text.root = random(0...2) }
            let kept = random(0...text.tokens.count)
            text.tokens.removeLast(text.tokens.count - kept)
            text.images.removeAll { $0.range.upperBound > kept }
            for _ in 0..<random(0...40) where text.tokens.count < 120 {
                text.tokens.append(TokenID(random(0...1)))
            }
            if random(0...4) == 0, text.tokens.count < 100 {
                let image = PrefixSample.image(
                    text.tokens.count, random(1...3), random(1...8), UInt8(random(0...1)))
                text.images.append(image)
                text.tokens += Array(repeating: 9, count: image.tokenCount)
            }
            texts.append(text)
            if texts.count > 12 { texts.removeFirst() }
            return text
        }

        private mutating func insert(_ text: Text) {
            let count = text.tokens.count / 16
            let names = names(text, count: count)
            for number in random(0...1) * random(0...count)..<max(count, 0) + 1 where number < count {
                payload += 1
                var column = NaivePrefixes.Column(
                    content: NaivePrefixes.Beginning(
                        root: text.root, text.tokens, text.images, count: (number + 1) * 16),
                    payload: payload, byteCount: random(0...50), kinds: Set(retentions), lastUse: 0)
                if random(0...2) == 0 { column.kinds = column.kinds.filter { _ in random(0...1) == 0 } }
                let page = PageContent(
                    number: number, pageLength: 16, tokens: text.tokens,
                    images: PrefixSample.images(text.images))
                let decided = index.insert(
                    page, named: names[number],
                    parent: number == 0 ? Self.roots[text.root] : names[number - 1],
                    payload: column.payload, byteCount: column.byteCount, kinds: kinds(column.kinds))
                switch twin.insert(column) {
                case .inserted: #expect(decided == .inserted)
                case .orphaned: #expect(decided == .orphaned)
                case .merged(let existing, let lacking):
                    #expect(decided == .merged(existing, lacking: kinds(lacking)))
                }
            }
        }

        private mutating func find(_ text: Text) {
            let limit = random(0...text.tokens.count)
            let match = index.longestPrefix(
                of: text.tokens, images: PrefixSample.images(text.images), root: Self.roots[text.root],
                needs: needs, limit: limit)
            let found = twin.longestPrefix(root: text.root, text.tokens, text.images, limit: limit)
            #expect(match.columns == found.columns.map(name))
            #expect(match.part?.name == found.part.map(name))
            #expect(match.tokenCount == found.tokenCount)
            #expect(match.unusableTokenCount == found.unusableTokenCount)
            let next = match.columns.count
            #expect(
                match.next == ((next + 1) * 16 <= text.tokens.count ? names(text, count: next + 1).last : nil)
            )
            guard random(0...1) == 0 else { return }
            #expect(index.hold(match) == true)
            twin.use(
                found.columns.last ?? .init(root: text.root, [], [], count: 0), part: found.part)
            if let last = found.columns.last { twin.holds.append(last) }
        }

        private mutating func extend() {
            guard let hold = twin.holds.indices.randomElement(using: &numbers) else { return }
            let parent = twin.holds[hold]
            let children = twin.columns.map(\.content).filter {
                $0.tokens.count == parent.tokens.count + 16 && parent.isBeginning(of: $0)
            }
            guard let child = children.randomElement(using: &numbers) else { return }
            #expect(index.extendHold(to: name(child)) == true)
            twin.extendHold(hold, to: child)
        }

        private mutating func replace() {
            guard let place = twin.columns.indices.randomElement(using: &numbers) else { return }
            let before = twin.columns[place]
            payload += 1
            twin.columns[place].payload = payload
            twin.columns[place].byteCount = random(0...50)
            if random(0...1) == 0 { twin.columns[place].kinds = Set(retentions) }
            let replaced = index.replace(
                name(before.content), by: payload, byteCount: twin.columns[place].byteCount,
                kinds: kinds(twin.columns[place].kinds))
            #expect(replaced == before.payload)
        }

        mutating func step() {
            switch random(0...9) {
            case 0...2: insert(text())
            case 3, 4: find(text())
            case 5: extend()
            case 6:
                if let hold = twin.holds.indices.randomElement(using: &numbers) {
                    index.release(name(twin.holds[hold]))
                    twin.release(hold)
                }
            case 7: replace()
            case 8:
                if let column = twin.columns.randomElement(using: &numbers), twin.holds.count < 6 {
                    #expect(index.hold(name(column.content)) == true)
                    twin.hold(column.content)
                }
            default:
                let byteCount = random(0...300)
                #expect(index.evict(byteCount: byteCount).map(\.payload) == twin.evict(byteCount))
            }
            #expect(index.usage.columnCount == twin.columns.count)
            #expect(index.usage.byteCount == twin.byteCount)
            #expect(index.usage.heldByteCount == twin.heldByteCount)
        }

        /// Everything can be given up in the end, and nothing is left.
        mutating func finish() {
            while !twin.holds.isEmpty {
                index.release(name(twin.holds[0]))
                twin.release(0)
            }
            #expect(index.usage.heldByteCount == 0)
            #expect(index.evict(byteCount: .max).map(\.payload) == twin.evict(.max))
            #expect(index.usage.columnCount == 0 && index.usage.byteCount == 0)
        }
    }

    @Test(arguments: 0..<24)
    func anIndexIsItsTwin(seed: Int) throws {
        let retentions: [[Retention]] = [
            [.full], [.full, .window(length: 20)],
            [.window(length: 1), .window(length: 40), .full],
            [.sinks(count: 3, window: 10, positions: .inCache), .full],
        ]
        let rewind = seed % 3 == 2 ? 9 : 0
        let chosen = retentions[seed % 4]
        var play = Play(
            needs: try #require(
                try PrefixSample.needs(chosen, pageLength: 16, guaranteedRewind: rewind)),
            retentions: chosen,
            twin: NaivePrefixes(pageLength: 16, retentions: chosen, guaranteedRewind: rewind),
            numbers: NuthatchTestSupport.SeededGenerator(seed: UInt64(seed)))
        for _ in 0..<250 { play.step() }
        play.finish()
    }
}
