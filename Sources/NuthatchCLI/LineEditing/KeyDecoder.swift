/// Reads keys from a terminal's bytes (ECMA-48 sequences as xterm sends them, bracketed paste, UTF-8).
///
/// Bytes may come in any pieces. An escape that nothing follows is a key of its own, which only time tells: `flush`
/// says that none will come.
package struct KeyDecoder: Equatable, Sendable {
    private var pending: [UInt8] = []
    /// What has been pasted so far; nil where no paste is under way.
    private var pasted: [UInt8]?

    /// A paste is kept up to this size; what is beyond is dropped and reported by `droppedByteCount`.
    private let pasteByteLimit: Int
    /// Bytes of pastes that were beyond the limit.
    package private(set) var droppedByteCount = 0

    package init(pasteByteLimit: Int = 64 << 20) { self.pasteByteLimit = pasteByteLimit }

    /// Whether a key has begun that is not whole.
    package var isWaiting: Bool { !pending.isEmpty && pasted == nil }

    package mutating func add(_ byte: UInt8) -> EditingKey? {
        if pasted != nil { return addPasted(byte) }
        pending.append(byte)
        guard let key = Self.key(pending) else { return nil }
        pending.removeAll(keepingCapacity: true)
        if key == .pasteBegin {
            pasted = []
            return nil
        }
        return key.editing
    }

    /// Nothing more comes for now: what has begun is all there is.
    package mutating func flush() -> EditingKey? {
        guard isWaiting else { return nil }
        pending.removeAll(keepingCapacity: true)
        return .unknown
    }

    private mutating func addPasted(_ byte: UInt8) -> EditingKey? {
        guard pasted != nil else { return nil }
        if (pasted?.count ?? 0) < pasteByteLimit + Self.pasteEnd.count {
            pasted?.append(byte)
        } else {
            // The end mark still has to be seen: the newest bytes take the place of the ones before.
            droppedByteCount += 1
            pasted?.remove(at: pasteByteLimit)
            pasted?.append(byte)
        }
        guard byte == Self.pasteEnd.last, let bytes = pasted,
            bytes.suffix(Self.pasteEnd.count) == Self.pasteEnd
        else { return nil }
        pasted = nil
        let text = String(decoding: bytes.dropLast(Self.pasteEnd.count), as: UTF8.self)
        return .paste(text.replacingLineEnds)
    }

    private static let pasteEnd = ArraySlice<UInt8>("\u{1B}[201~".utf8)

    private enum Decoded: Equatable {
        case key(EditingKey)
        case pasteBegin

        var editing: EditingKey? {
            if case .key(let key) = self { key } else { nil }
        }
    }

    /// The key that these bytes are; nil where more have to come.
    private static func key(_ bytes: [UInt8]) -> Decoded? {
        guard let first = bytes.first else { return nil }
        if first == 0x1B { return escape(bytes.dropFirst()) }
        if first < 0x20 || first == 0x7F { return .key(control(first)) }
        guard first >= 0x80 else { return .key(.text(String(Unicode.Scalar(first)))) }
        let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
        let isBroken = first < 0xC2 || first > 0xF4 || bytes.dropFirst().contains { $0 & 0xC0 != 0x80 }
        if isBroken { return .key(.unknown) }
        guard bytes.count == length else { return nil }
        return .key(String(validating: bytes, as: UTF8.self).map { .text($0) } ?? .unknown)
    }

    private static func control(_ byte: UInt8) -> EditingKey {
        switch byte {
        case 0x01: .home
        case 0x02: .left
        case 0x03: .interrupt
        case 0x04: .endOfInput
        case 0x05: .end
        case 0x06: .right
        case 0x08, 0x7F: .backspace
        case 0x0A, 0x0D: .enter
        case 0x0B: .killToEnd
        case 0x0C: .clearScreen
        case 0x0E: .down
        case 0x10: .up
        case 0x12: .searchBack
        case 0x15: .killToStart
        case 0x17: .killWord
        case 0x19: .yank
        case 0x1A: .suspend
        default: .unknown
        }
    }

    private static func escape(_ rest: ArraySlice<UInt8>) -> Decoded? {
        guard let kind = rest.first else { return nil }
        switch kind {
        case UInt8(ascii: "["): return sequence(rest.dropFirst())
        case UInt8(ascii: "O"):
            guard let final = rest.dropFirst().first else { return nil }
            return .key(cursor(final, isModified: false))
        case UInt8(ascii: "b"): return .key(.wordLeft)
        case UInt8(ascii: "f"): return .key(.wordRight)
        case UInt8(ascii: "d"): return .key(.killNextWord)
        case 0x08, 0x7F: return .key(.killWord)
        case 0x0A, 0x0D: return .key(.lineBreak)
        // Alt with an arrow key, as some terminals send it.
        case 0x1B: return rest.count > 1 ? escape(rest.dropFirst()) : nil
        default: return .key(.unknown)
        }
    }

    /// A control sequence: parameters, intermediates, and a final byte from @ to ~.
    private static func sequence(_ rest: ArraySlice<UInt8>) -> Decoded? {
        guard let final = rest.last, 0x40...0x7E ~= final else {
            return rest.count > 32 ? .key(.unknown) : nil
        }
        let parameters = String(decoding: rest.dropLast(), as: UTF8.self)
            .split(separator: ";", omittingEmptySubsequences: false)
        guard final == UInt8(ascii: "~") else {
            return .key(cursor(final, isModified: parameters.count > 1))
        }
        switch parameters.first {
        case "1", "7": return .key(.home)
        case "3": return .key(.delete)
        case "4", "8": return .key(.end)
        case "200": return .pasteBegin
        default: return .key(.unknown)
        }
    }

    private static func cursor(_ final: UInt8, isModified: Bool) -> EditingKey {
        switch final {
        case UInt8(ascii: "A"): .up
        case UInt8(ascii: "B"): .down
        case UInt8(ascii: "C"): isModified ? .wordRight : .right
        case UInt8(ascii: "D"): isModified ? .wordLeft : .left
        case UInt8(ascii: "H"): .home
        case UInt8(ascii: "F"): .end
        default: .unknown
        }
    }
}

extension String {
    /// Line breaks of any system as \n: a terminal pastes \r.
    fileprivate var replacingLineEnds: String {
        String(String.UnicodeScalarView(unicodeScalars.lineEndsReplaced))
    }
}

extension String.UnicodeScalarView {
    fileprivate var lineEndsReplaced: [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        var follows = false
        for scalar in self {
            if scalar == "\n", follows {
                follows = false
                continue
            }
            follows = scalar == "\r"
            result.append(follows ? "\n" : scalar)
        }
        return result
    }
}
