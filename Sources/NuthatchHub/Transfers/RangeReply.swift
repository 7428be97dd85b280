import NuthatchTensors

/// What to do with an answer to a request for the bytes from `offset` on: a decision, made from the head alone.
///
/// Mirrors do not always keep to RFC 9110: some answer a range with status 200 and a part of the file, state another
/// range than was asked for, or none. What such an answer states is taken where it fits; where not, the file is asked
/// for whole, so that no part on the disk can keep a pull from ending.
package enum RangeReply: Equatable {
    /// The body goes on where the part ends.
    case append
    /// The body starts at the first byte, whatever was asked for.
    case startOver
    /// The part is already as long as the file, or longer; its digest will tell.
    case nothingMore
    /// The answer fits neither the range nor the whole file: ask again, without a range.
    case askForAll(reason: String)
    case refuse(HTTPFailure)

    package static func decide(_ head: HTTPHead, offset: Int, byteCount: Int) -> RangeReply {
        switch head.status {
        case 206:
            guard let range = head.contentRange else {
                return misfit("a partial answer without Content-Range", offset: offset)
            }
            if let misfit = check(range, against: byteCount, offset: offset) { return misfit }
            guard range.firstByte == offset else {
                return misfit(
                    "asked for byte \(offset), answered from byte \(range.firstByte)", offset: offset)
            }
            return .append
        case 200:
            if let range = head.contentRange, offset > 0 {
                if let misfit = check(range, against: byteCount, offset: offset) { return misfit }
                if range.firstByte == offset { return .append }
                guard range.firstByte == 0 else {
                    return misfit(
                        "asked for byte \(offset), answered from byte \(range.firstByte)", offset: offset)
                }
                return .startOver
            }
            guard let stated = head.contentByteCount, stated != byteCount else { return .startOver }
            return misfit(
                "the file there has \(Counted.text(stated, "byte")) instead of \(byteCount)", offset: offset)
        case 416:
            return offset >= byteCount ? .nothingMore : .refuse(.status(416, retryAfter: nil))
        default:
            return .refuse(.status(head.status, retryAfter: head.retryAfter))
        }
    }

    /// A refusal only where no range was asked for: without one the server may do better.
    private static func misfit(_ reason: String, offset: Int) -> RangeReply {
        offset > 0 ? .askForAll(reason: reason) : .refuse(.wrongAnswer(reason))
    }

    private static func check(
        _ range: HTTPHead.ContentRange, against byteCount: Int, offset: Int
    ) -> RangeReply? {
        guard let stated = range.wholeByteCount, stated != byteCount else { return nil }
        return misfit(
            "the file there has \(Counted.text(stated, "byte")) instead of \(byteCount)", offset: offset)
    }
}
