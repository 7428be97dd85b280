import NuthatchHub
import Testing

@Suite struct TransferDecisionTests {
    @Test func aPartialAnswerHasToStartWhereThePartEnds() {
        func decide(_ first: Int, _ whole: Int?) -> RangeReply {
            let range = HTTPHead.ContentRange(firstByte: first, wholeByteCount: whole)
            return RangeReply.decide(HTTPHead(status: 206, contentRange: range), offset: 5, byteCount: 10)
        }
        #expect(decide(5, 10) == .append)
        #expect(decide(5, nil) == .append)
        #expect(decide(4, 10) == .askForAll(reason: "asked for byte 5, answered from byte 4"))
        #expect(decide(5, 11) == .askForAll(reason: "the file there has 11 bytes instead of 10"))
        #expect(
            RangeReply.decide(
                HTTPHead(status: 206, contentRange: .init(firstByte: 0, wholeByteCount: 11)), offset: 0,
                byteCount: 10)
                == .refuse(.wrongAnswer("the file there has 11 bytes instead of 10")))
        #expect(
            RangeReply.decide(HTTPHead(status: 206), offset: 5, byteCount: 10)
                == .askForAll(reason: "a partial answer without Content-Range"))
        #expect(
            RangeReply.decide(HTTPHead(status: 206), offset: 0, byteCount: 10)
                == .refuse(.wrongAnswer("a partial answer without Content-Range")))
    }

    /// As some mirrors answer a range: with status 200, and the rest of the file alone.
    @Test func theRangeThatAnAnswerOfStatus200StatesIsTaken() {
        func decide(_ range: HTTPHead.ContentRange?, _ length: Int?, offset: Int = 5) -> RangeReply {
            RangeReply.decide(
                HTTPHead(status: 200, contentByteCount: length, contentRange: range), offset: offset,
                byteCount: 10)
        }
        #expect(decide(.init(firstByte: 5, wholeByteCount: 10), 5) == .append)
        #expect(decide(.init(firstByte: 5, wholeByteCount: nil), nil) == .append)
        #expect(decide(.init(firstByte: 0, wholeByteCount: 10), 10) == .startOver)
        #expect(
            decide(.init(firstByte: 3, wholeByteCount: 10), 7)
                == .askForAll(reason: "asked for byte 5, answered from byte 3"))
        #expect(
            decide(.init(firstByte: 5, wholeByteCount: 11), 6)
                == .askForAll(reason: "the file there has 11 bytes instead of 10"))
        #expect(decide(nil, 5) == .askForAll(reason: "the file there has 5 bytes instead of 10"))
        #expect(
            decide(nil, 5, offset: 0)
                == .refuse(.wrongAnswer("the file there has 5 bytes instead of 10")))
    }

    @Test func aHeadIsWholeWithItsEmptyLine() {
        func read(_ text: String) -> [HTTPHead] {
            var lines = HTTPHeadLines()
            return text.split(separator: "\n", omittingEmptySubsequences: false)
                .compactMap { lines.take($0 + "\r\n")?.head }
        }
        #expect(
            read(
                "HTTP/1.1 206 Partial Content\nCONTENT-LENGTH: 5\nContent-Range:bytes 5-9/10\nRetry-After: 7\n"
            )
                == [
                    HTTPHead(
                        status: 206, contentByteCount: 5,
                        contentRange: .init(firstByte: 5, wholeByteCount: 10), retryAfter: .seconds(7))
                ])
        // An informational answer comes before the answer, and its fields are its own.
        #expect(
            read("HTTP/1.1 103 Early Hints\nContent-Length: 3\n\nHTTP/2 200\n")
                == [HTTPHead(status: 200)])
        #expect(
            read("HTTP/2 200\nlink: <https://h/1>; rel=\"prev\"\nlink: <https://h/3>; rel=\"next\"\n").map(
                \.nextPage)
                == ["https://h/3"])
        // Trailers have no status line.
        #expect(read("HTTP/1.1 200 OK\n\nExpires: never\n") == [HTTPHead(status: 200)])
        #expect(read("HTTP/1.1 many\nContent-Length: 3\n").isEmpty)
    }

    @Test func aMissingClientIsToldAndNotTriedAgain() {
        let failure = HTTPFailure.noClient(reason: "libcurl.so.4: no such file")
        #expect(failure.reason.contains("libcurl.so.4: no such file"))
        #expect(failure.remedy.hasPrefix("Install libcurl"))
        #expect(RetryPolicy().decide(failure, fruitlessCount: 1) == .giveUp)
    }

    @Test func otherAnswersStartOverOrRefuse() {
        #expect(RangeReply.decide(HTTPHead(status: 200), offset: 5, byteCount: 10) == .startOver)
        #expect(
            RangeReply.decide(HTTPHead(status: 200, contentByteCount: 10), offset: 0, byteCount: 10)
                == .startOver)
        #expect(RangeReply.decide(HTTPHead(status: 416), offset: 10, byteCount: 10) == .nothingMore)
        #expect(
            RangeReply.decide(HTTPHead(status: 416), offset: 5, byteCount: 10)
                == .refuse(.status(416, retryAfter: nil)))
        #expect(
            RangeReply.decide(HTTPHead(status: 204), offset: 0, byteCount: 10)
                == .refuse(.status(204, retryAfter: nil)))
    }

    @Test func contentRangesAreReadOrRejected() {
        #expect(HTTPHead.range("bytes 5-9/10") == .init(firstByte: 5, wholeByteCount: 10))
        #expect(HTTPHead.range("bytes 5-9/*") == .init(firstByte: 5, wholeByteCount: nil))
        for text in ["", "bytes 9-5/10", "bytes 5-9/9", "items 5-9/10", "bytes */10", "bytes 5-x/10"] {
            #expect(HTTPHead.range(text) == nil)
        }
    }

    @Test func theNextPageIsFoundAmongLinks() {
        #expect(HTTPHead.next("<https://h/a?c=1>; rel=\"next\"") == "https://h/a?c=1")
        #expect(HTTPHead.next("<https://h/0>; rel=\"prev\", <https://h/2>; rel=\"next\"") == "https://h/2")
        #expect(HTTPHead.next("<https://h/0>; rel=\"prev\"") == nil)
        #expect(HTTPHead.next("") == nil)
    }

    @Test func onlyWhatMayPassIsTriedAgain() {
        let policy = RetryPolicy()
        #expect(
            policy.decide(.stalled(after: .seconds(1)), fruitlessCount: 0)
                == .retry(after: .milliseconds(500)))
        #expect(policy.decide(.dropped(reason: ""), fruitlessCount: 2) == .retry(after: .seconds(1)))
        #expect(policy.decide(.dropped(reason: ""), fruitlessCount: 3) == .giveUp)
        #expect(
            policy.decide(.status(503, retryAfter: .seconds(7)), fruitlessCount: 1)
                == .retry(after: .seconds(7)))
        #expect(policy.decide(.status(429, retryAfter: .seconds(60)), fruitlessCount: 1) == .giveUp)
        #expect(policy.decide(.status(404, retryAfter: nil), fruitlessCount: 1) == .giveUp)
        #expect(policy.decide(.unreachable(host: "h", reason: ""), fruitlessCount: 1) == .giveUp)
    }

    @Test func theRateIsThatOfTheLastSeconds() {
        var meter = RateMeter()
        let start = ContinuousClock.now
        meter.note(byteCount: 0, at: start)
        #expect(meter.bytesPerSecond == nil)
        for tenth in 1...50 { meter.note(byteCount: tenth * 100, at: start + .milliseconds(tenth * 100)) }
        #expect(meter.bytesPerSecond == 1000)
        for tenth in 51...100 { meter.note(byteCount: 5000, at: start + .milliseconds(tenth * 100)) }
        #expect(meter.bytesPerSecond == 0)
    }

    @Test func theTimeLeftFollowsFromTheRate() {
        func left(_ rate: Double?) -> Duration? {
            PullProgress(
                source: .wheels(packages: ["x"]), file: "x", byteCount: 500, totalByteCount: 1500,
                bytesPerSecond: rate
            ).timeLeft
        }
        #expect(left(100) == .seconds(10))
        #expect(left(nil) == nil)
        #expect(left(0) == nil)
        #expect(left(1e-300) == .seconds(1e9))
    }
}
