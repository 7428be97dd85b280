import Foundation
import NuthatchCache
import NuthatchTestSupport

/// A saved cache as plain values: what is written, and what comes back.
struct SnapshotSample: Equatable {
    var identity: SnapshotIdentity
    var content: SnapshotContent
    /// [layer][list][page][byte]
    var pages: [[[[UInt8]]]]

    static func identity(_ seed: UInt8 = 1) -> SnapshotIdentity {
        func part(_ number: UInt8, _ description: String) -> SnapshotIdentity.Part {
            .init(digest: (0..<32).map { $0 &* 7 &+ number &* seed }, description: description)
        }
        return SnapshotIdentity(
            weights: part(1, "SmolLM2-135M"), tokenizer: part(2, "bpe of 49152 tokens"),
            positions: part(3, "rope of base 100000"), configuration: part(4, "f16 keys and values"))
    }

    /// Pages of seeded bytes for these lists.
    init(tokenCount: Int = 150, tokens: [Int32]? = nil, layers: [[SnapshotPageList]]) {
        identity = Self.identity()
        let ids = tokens ?? (0..<Int32(tokenCount)).map { $0 &* 77_777 &- 1_000_000 }
        content = SnapshotContent(tokenCount: tokenCount, tokens: ids, layers: layers)
        var seed: UInt64 = 0
        pages = layers.map { lists in
            lists.map { list in
                (0..<list.pageCount).map { _ in
                    seed += 1
                    return ChecksumTests.bytes(list.pageByteCount, seed: seed)
                }
            }
        }
    }

    static let small = SnapshotSample(layers: [
        [
            SnapshotPageList(name: "sealed", firstPage: 0, pageByteCount: 3000, pageCount: 2),
            SnapshotPageList(name: "open", firstPage: 2, pageByteCount: 5000, pageCount: 1),
        ],
        [],
        [
            SnapshotPageList(name: "sinks", firstPage: 0, pageByteCount: 4096, pageCount: 1),
            SnapshotPageList(name: "window", firstPage: 7, pageByteCount: 4096, pageCount: 0),
            SnapshotPageList(name: "open", firstPage: 7, pageByteCount: 1, pageCount: 3),
        ],
    ])

    func write(to path: String) throws {
        var writer = try SnapshotWriter(path: path, identity: identity, content: content)
        for page in pages.joined().joined() {
            try page.withUnsafeBytes { bytes in
                guard let base = bytes.baseAddress else { return }
                try writer.append(base)
            }
        }
        try writer.finish()
    }

    init(reading path: String, expecting identity: SnapshotIdentity?, checksPages: Bool = true) throws {
        let reader = try SnapshotReader(path: path, expecting: identity, checksPages: checksPages)
        self.identity = reader.identity
        content = reader.content
        pages = []
        for (layer, lists) in reader.content.layers.enumerated() {
            var pagesOfLayer: [[[UInt8]]] = []
            for (list, pages) in lists.enumerated() {
                var pagesOfList: [[UInt8]] = []
                for page in 0..<pages.pageCount {
                    var bytes = [UInt8](repeating: 0, count: pages.pageByteCount)
                    try bytes.withUnsafeMutableBytes { buffer in
                        guard let base = buffer.baseAddress else { return }
                        try reader.readPage(layer: layer, list: list, page: page, into: base)
                    }
                    pagesOfList.append(bytes)
                }
                pagesOfLayer.append(pagesOfList)
            }
            pages.append(pagesOfLayer)
        }
    }

    // MARK: The format, as its description says

    /// The file that this sample makes, written by the book and by nothing else.
    var bytesByTheBook: [UInt8] {
        let paddedEnd: (Int) -> Int = { ($0 + 4095) / 4096 * 4096 }
        var place = 0
        var body: [UInt8] = []
        var runTables: [[UInt8]] = []
        let headerCount =
            SnapshotIdentity.Aspect.allCases.reduce(0) { $0 + 36 + identity[$1].description.utf8.count }
            + 8 * 4 + 4 + 4 * content.layers.count
            + content.layers.joined().reduce(0) { $0 + 4 + $1.name.utf8.count + 32 + 8 * $1.pageCount }
        place = paddedEnd(48 + headerCount)
        let tokensPlace = place
        let tokens = content.tokens.flatMap { Self.little(UInt32(bitPattern: $0)) }
        body += tokens + [UInt8](repeating: 0, count: paddedEnd(tokens.count) - tokens.count)
        place += paddedEnd(tokens.count)
        for (layer, lists) in content.layers.enumerated() {
            var table = Self.little(UInt32(lists.count))
            for (index, list) in lists.enumerated() {
                table += Self.little(UInt32(list.name.utf8.count)) + Array(list.name.utf8)
                for number in [list.firstPage, list.pageByteCount, list.pageCount, place] {
                    table += Self.little(UInt64(number))
                }
                for page in pages[layer][index] {
                    table += Self.little(Self.checksum(page, at: place))
                    body += page + [UInt8](repeating: 0, count: paddedEnd(page.count) - page.count)
                    place += paddedEnd(page.count)
                }
            }
            runTables.append(table)
        }
        var header: [UInt8] = []
        for part in [identity.weights, identity.tokenizer, identity.positions, identity.configuration] {
            header += part.digest + Self.little(UInt32(part.description.utf8.count))
            header += Array(part.description.utf8)
        }
        for number in [content.tokenCount, content.tokens.count, tokensPlace] {
            header += Self.little(UInt64(number))
        }
        header += Self.little(Self.checksum(tokens, at: tokensPlace))
        header += Self.little(UInt32(content.layers.count)) + runTables.joined()
        var file: [UInt8] = [0x89] + Array("NUTKV\r\n".utf8)
        file += Self.little(UInt32(1)) + Self.little(UInt32(4096)) + Self.little(UInt64(header.count))
        file += Self.little(UInt64(place)) + Self.little(Self.checksum(header, at: 48))
        file += Self.little(Self.checksum(file, at: 0)) + header
        return file + [UInt8](repeating: 0, count: tokensPlace - file.count) + body
    }

    /// A file with the header's and preamble's checksums made right again: what a hostile hand does.
    static func sealed(_ file: [UInt8]) -> [UInt8] {
        guard file.count >= 48 else { return file }
        var file = file
        let count = file[16..<24].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        if count <= UInt64(file.count - 48) {
            let header = Array(file[48..<48 + Int(count)])
            file.replaceSubrange(32..<40, with: little(checksum(header, at: 48)))
        }
        file.replaceSubrange(40..<48, with: little(checksum(Array(file[..<40]), at: 0)))
        return file
    }

    static func little(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    static func checksum(_ bytes: [UInt8], at offset: Int) -> UInt64 {
        bytes.withUnsafeBytes { PageChecksum.of($0, seed: UInt64(offset)) }
    }
}
