/// What to do with an answer to a request for the bytes from `offset` on: a decision, made from the head alone.
package enum RangeReply: Equatable {
    /// The body goes on where the part ends.
    case append
    /// The body starts at the first byte, whatever was asked for.
    case startOver
    /// The part is already as long as the file, or longer; its digest will tell.
    case nothingMore
    case refuse(HTTPFailure)

    package static func decide(_ head: HTTPHead, offset: Int, byteCount: Int) -> RangeReply {
        switch head.status {
        case 206:
            guard let range = head.contentRange else {
                return .refuse(.wrongAnswer("a partial answer without Content-Range"))
            }
            guard range.firstByte == offset else {
                return .refuse(
                    .wrongAnswer("asked for byte \(offset), answered from byte \(range.firstByte)"))
            }
            return check(range.wholeByteCount, against: byteCount) ?? .append
        case 200:
            return check(head.contentByteCount, against: byteCount) ?? .startOver
        case 416:
            return offset >= byteCount ? .nothingMore : .refuse(.status(416, retryAfter: nil))
        default:
            return .refuse(.status(head.status, retryAfter: head.retryAfter))
        }
    }

    private static func check(_ stated: Int?, against byteCount: Int) -> RangeReply? {
        guard let stated, stated != byteCount else { return nil }
        return .refuse(.wrongAnswer("the file there has \(stated) bytes instead of \(byteCount)"))
    }
}
