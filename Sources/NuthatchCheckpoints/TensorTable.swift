import NuthatchTensors

/// The tensors of one mapped file: names, formats, shapes and where their bytes lie.
///
/// Invariants, made sure of at construction: names are unique; every range lies within the file; no two
/// overlap; the range of a readable tensor has exactly the bytes of its elements, and its rows are whole
/// blocks. So reading needs no further arithmetic on numbers from the file.
struct TensorTable: Sendable {
    struct Entry: Sendable {
        let description: TensorDescription
        let range: Range<Int>
    }

    let file: MappedFile
    /// In file order.
    let entries: [Entry]
    private let places: [ExactKey: Int]

    init(file: MappedFile, entries: [Entry]) throws(CheckpointError) {
        var places: [ExactKey: Int] = [:]
        places.reserveCapacity(entries.count)
        for (place, entry) in entries.enumerated() {
            try Self.check(entry, in: file)
            guard places.updateValue(place, forKey: ExactKey(entry.description.name)) == nil else {
                throw .duplicateTensor(file: file.path, tensor: entry.description.name)
            }
        }
        try Self.checkDisjoint(entries, in: file)
        self.file = file
        self.entries = entries
        self.places = places
    }

    func entry(named name: String) -> Entry? { places[ExactKey(name)].map { entries[$0] } }

    /// The bytes of an entry, borrowed from the file.
    func bytes(of entry: Entry) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: file.bytes[entry.range])
    }

    private static func check(_ entry: Entry, in file: MappedFile) throws(CheckpointError) {
        let description = entry.description
        guard entry.range.upperBound <= file.byteCount else {
            throw .truncated(
                file: file.path, part: "tensor \(description.name)",
                expectedByteCount: UInt64(entry.range.upperBound), actualByteCount: file.byteCount)
        }
        guard case .readable(let format) = description.format else { return }
        let rowLength = description.shape.last ?? 1
        guard rowLength % format.blockLength == 0 else {
            throw .wrongShape(
                file: file.path, tensor: description.name,
                expected:
                    "rows of a multiple of \(Counted.text(format.blockLength, "element")), the block of \(format.rawValue),",
                found: description.shape)
        }
        guard format.byteCount(elementCount: description.elementCount) == entry.range.count else {
            throw .malformed(
                file: file.path, field: "tensor \(description.name)",
                reason:
                    "\(Counted.text(entry.range.count, "byte")) \(Counted.are(entry.range.count)) not "
                    + "those of shape \(description.shape) in \(format.rawValue)"
            )
        }
    }

    private static func checkDisjoint(_ entries: [Entry], in file: MappedFile) throws(CheckpointError) {
        let sorted = entries.filter { !$0.range.isEmpty }.sorted { $0.range.lowerBound < $1.range.lowerBound }
        for (first, second) in zip(sorted, sorted.dropFirst())
        where first.range.upperBound > second.range.lowerBound {
            throw .overlappingTensors(
                file: file.path, first: first.description.name, second: second.description.name)
        }
    }
}
