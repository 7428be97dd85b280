/// The four Unicode normalization forms (UAX #15), for bytes that may hold invalid UTF-8, which stays as it is.
///
/// Text below U+0300 is its own NFC and is returned untouched; the rest is decomposed, ordered by combining class and
/// composed in one pass. Linear but for runs of marks, which are sorted.
struct UnicodeNormalizer: Sendable, Equatable {
    enum Form: String, Sendable, CaseIterable {
        case nfc = "NFC"
        case nfd = "NFD"
        case nfkc = "NFKC"
        case nfkd = "NFKD"

        var isComposed: Bool { self == .nfc || self == .nfkc }
        var isCompatible: Bool { self == .nfkc || self == .nfkd }
    }

    private let form: Form
    /// Full decompositions: the scalars of each that has one.
    private let decompositions: [UInt32: [UInt32]]
    /// (first, second) -> (composed, 0).
    private let compositions: PairTable

    /// The tables follow from the form.
    static func == (left: Self, right: Self) -> Bool { left.form == right.form }

    init(_ form: Form) {
        self.form = form
        var singleSteps: [UInt32: [UInt32]] = [:]
        var compositions = PairTable(minimumCapacity: 1024)
        DecompositionReader.forEach(in: DecompositionTable.canonical) { scalar, mapping, isComposed in
            singleSteps[scalar] = mapping
            if isComposed, mapping.count == 2 { compositions.set(mapping[0], mapping[1], to: (scalar, 0)) }
        }
        if form.isCompatible {
            DecompositionReader.forEach(in: DecompositionTable.compatibility) { scalar, mapping, _ in
                singleSteps[scalar] = mapping
            }
        }
        self.compositions = compositions
        // Mappings lead to scalars with mappings of their own, at most four steps deep in any Unicode version.
        var full = singleSteps
        for _ in 0..<4 {
            for (scalar, mapping) in full {
                full[scalar] = mapping.flatMap { singleSteps[$0] ?? [$0] }
            }
        }
        decompositions = full
    }

    func normalize(_ bytes: [UInt8]) -> [UInt8] {
        // Lead bytes up to 0xCB are scalars up to U+02FF: no marks, and nothing that composition changes.
        // Compatibility forms change U+00A0 and more, so for them only ASCII is safe, as for decomposition.
        let safe: UInt8 = form == .nfc ? 0xcc : 0x80
        if bytes.allSatisfy({ $0 < safe }) { return bytes }

        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + bytes.count / 8)
        var run: [Decomposed] = []
        var index = 0
        let span = bytes.span
        while index < bytes.count {
            let scalar = span.scalar(at: index, before: bytes.count)
            if scalar.byteCount == 1 && bytes[index] >= 0x80 {
                flush(&run, into: &result)
                result.append(bytes[index])
            } else {
                decompose(scalar.value, into: &run)
            }
            index += scalar.byteCount
        }
        flush(&run, into: &result)
        return result
    }

    private struct Decomposed {
        let scalar: UInt32
        let combiningClass: UInt8
    }

    private func decompose(_ scalar: UInt32, into run: inout [Decomposed]) {
        if let syllable = HangulSyllable(scalar) {
            for part in syllable.parts { run.append(Decomposed(scalar: part, combiningClass: 0)) }
        } else if scalar >= 0xa0, let mapping = decompositions[scalar] {
            for part in mapping { run.append(Self.classified(part)) }
        } else {
            run.append(Self.classified(scalar))
        }
    }

    private static func classified(_ scalar: UInt32) -> Decomposed {
        let combiningClass =
            scalar < 0x300 ? 0 : Unicode.Scalar(scalar)?.properties.canonicalCombiningClass.rawValue ?? 0
        return Decomposed(scalar: scalar, combiningClass: combiningClass)
    }

    /// Orders, composes if the form asks for it, and writes out.
    private func flush(_ run: inout [Decomposed], into result: inout [UInt8]) {
        order(&run)
        if form.isComposed { compose(&run) }
        for part in run { result.append(scalar: part.scalar) }
        run.removeAll(keepingCapacity: true)
    }

    /// The canonical ordering algorithm: marks between two starters, stably by class.
    private func order(_ run: inout [Decomposed]) {
        var start = 0
        while start < run.count {
            if run[start].combiningClass == 0 {
                start += 1
                continue
            }
            var end = start
            while end < run.count, run[end].combiningClass != 0 { end += 1 }
            if end - start > 1 {
                let sorted = run[start..<end].enumerated().sorted { left, right in
                    (left.element.combiningClass, left.offset) < (right.element.combiningClass, right.offset)
                }
                run.replaceSubrange(start..<end, with: sorted.map(\.element))
            }
            start = end
        }
    }

    /// The canonical composition algorithm: each scalar joins the last starter unless something between blocks it.
    private func compose(_ run: inout [Decomposed]) {
        var kept = 0
        var starter: Int?
        var lastClass: UInt8 = 0
        for index in run.indices {
            let part = run[index]
            if let place = starter {
                let isAdjacent = place == kept - 1
                let isBlocked = !isAdjacent && lastClass >= part.combiningClass
                if !isBlocked, let composed = composition(run[place].scalar, part.scalar) {
                    run[place] = Decomposed(scalar: composed, combiningClass: 0)
                    continue
                }
            }
            if part.combiningClass == 0 { starter = kept }
            lastClass = part.combiningClass
            run[kept] = part
            kept += 1
        }
        run.removeSubrange(kept...)
    }

    private func composition(_ first: UInt32, _ second: UInt32) -> UInt32? {
        HangulSyllable.composition(first, second) ?? compositions[first, second]?.0
    }
}
