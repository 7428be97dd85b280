/// Everything that a saved cache says before its token ids and pages, see `SnapshotLayout`.
struct SnapshotHeader {
    let identity: SnapshotIdentity
    let tokenCount: Int
    let tokenIDCount: Int
    let tokensChecksum: UInt64
    let layers: [[SnapshotPageList]]
    let grids: SequenceGrids
    /// [layer][list][page]
    let pageChecksums: [[[UInt64]]]
    let layout: SnapshotLayout
}

extension SnapshotHeader {
    var encoded: [UInt8] {
        var fields = SnapshotFieldWriter()
        for aspect in SnapshotIdentity.Aspect.allCases {
            fields.append(identity[aspect].digest)
            fields.append(text: identity[aspect].description)
        }
        fields.append64(tokenCount)
        fields.append64(tokenIDCount)
        fields.append64(layout.tokensOffset)
        fields.append(tokensChecksum)
        fields.append32(layers.count)
        for (layer, lists) in layers.enumerated() {
            fields.append32(lists.count)
            for (index, list) in lists.enumerated() {
                fields.append(text: list.name)
                fields.append64(list.firstPage)
                fields.append64(list.pageByteCount)
                fields.append64(list.pageCount)
                fields.append64(layout.listOffsets[layer][index])
                for checksum in pageChecksums[layer][index] { fields.append(checksum) }
            }
        }
        if !grids.isEmpty { grids.append(to: &fields) }
        return fields.bytes
    }

    /// The length of what `encoded` will be.
    static func byteCount(
        _ identity: SnapshotIdentity, _ layers: [[SnapshotPageList]], _ grids: SequenceGrids
    ) -> Int {
        let parts = SnapshotIdentity.Aspect.allCases.reduce(0) { sum, aspect in
            sum + SnapshotIdentity.Part.digestByteCount + 4 + identity[aspect].description.utf8.count
        }
        let lists = layers.joined().reduce(0) { sum, list in
            sum + 4 + list.name.utf8.count + 4 * 8 + list.pageCount * 8
        }
        return parts + 4 * 8 + 4 + layers.count * 4 + lists + grids.savedByteCount
    }
}

extension SnapshotHeader {
    /// - Throws: `SnapshotRefusal.damagedHeader`, naming the first field that can't be what was written.
    init(decoding bytes: [UInt8]) throws(SnapshotRefusal) {
        var fields = SnapshotFieldReader(bytes)
        identity = SnapshotIdentity(
            weights: try Self.part(.weights, from: &fields),
            tokenizer: try Self.part(.tokenizer, from: &fields),
            positions: try Self.part(.positions, from: &fields),
            configuration: try Self.part(.configuration, from: &fields))
        tokenCount = try fields.count64("token count", limit: CacheLimits.tokenCount)
        tokenIDCount = try fields.count64("number of token ids", limit: SnapshotLimits.tokenIDCount)
        let tokensOffset = try fields.number(UInt64.self, "offset of the token ids")
        tokensChecksum = try fields.number(UInt64.self, "checksum of the token ids")
        let layerCount = try fields.count32("number of layers", limit: CacheLimits.layerCount)
        var layers: [[SnapshotPageList]] = []
        var offsets: [[UInt64]] = []
        var checksums: [[[UInt64]]] = []
        for layer in 0..<layerCount {
            layers.append([])
            offsets.append([])
            checksums.append([])
            for _ in 0..<(try fields.count32("number of lists", limit: SnapshotLimits.listCount)) {
                let list = try Self.list(from: &fields)
                layers[layer].append(list)
                offsets[layer].append(try fields.number(UInt64.self, "offset of a list"))
                checksums[layer].append(try Self.checksums(list.pageCount, from: &fields))
            }
        }
        grids = try SequenceGrids(from: &fields, tokenCount: tokenCount)
        guard fields.remainingByteCount == 0 else { throw .damagedHeader(field: "length of the header") }
        // There is one place for everything: what could lie elsewhere could overlap, or lie outside the file.
        guard
            let layout = SnapshotLayout(
                headerByteCount: bytes.count, tokenIDCount: tokenIDCount, layers: layers),
            UInt64(layout.tokensOffset) == tokensOffset,
            layout.listOffsets.map({ $0.map { UInt64($0) } }) == offsets
        else {
            throw .damagedHeader(field: "table of offsets")
        }
        self.layers = layers
        self.layout = layout
        pageChecksums = checksums
    }

    private static func part(
        _ aspect: SnapshotIdentity.Aspect, from fields: inout SnapshotFieldReader
    ) throws(SnapshotRefusal) -> SnapshotIdentity.Part {
        let field = "description of the \(aspect.rawValue)"
        let digest = try fields.raw(SnapshotIdentity.Part.digestByteCount, field)
        let description = try fields.text(field, limit: SnapshotIdentity.Part.descriptionByteCount)
        guard let part = SnapshotIdentity.Part(savedDigest: digest, description: description) else {
            throw .damagedHeader(field: field)
        }
        return part
    }

    private static func list(from fields: inout SnapshotFieldReader) throws(SnapshotRefusal)
        -> SnapshotPageList
    {
        let list = SnapshotPageList(
            name: try fields.text("name of a list", limit: SnapshotLimits.nameByteCount),
            firstPage: try fields.count64("first page of a list", limit: CacheLimits.tokenCount),
            pageByteCount: try fields.count64("page size", limit: SnapshotLimits.pageByteCount),
            pageCount: try fields.count64("number of pages", limit: fields.remainingByteCount / 8))
        if let field = list.impossibleField { throw .damagedHeader(field: field) }
        return list
    }

    private static func checksums(
        _ count: Int, from fields: inout SnapshotFieldReader
    ) throws(SnapshotRefusal) -> [UInt64] {
        var checksums: [UInt64] = []
        checksums.reserveCapacity(count)
        for _ in 0..<count { checksums.append(try fields.number(UInt64.self, "checksum of a page")) }
        return checksums
    }
}
