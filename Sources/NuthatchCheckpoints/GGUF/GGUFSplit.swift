import NuthatchTensors

/// Where a file stands among those that a GGUF model was split into.
///
/// ```
/// NAME-00001-of-00003.gguf    split.no 0, split.count 3, split.tensors.count (of all); all that the model's header says
/// NAME-00002-of-00003.gguf    split.no 1, split.count 3, split.tensors.count
/// ```
/// Source: llama.cpp's gguf-split; numbers are counted from 0 in headers and from 1 in names.
struct GGUFSplit: Equatable {
    /// From 0.
    let number: Int
    let count: Int
    /// Tensors of all parts; nil where the file doesn't say.
    let tensorCount: Int?

    /// Nil for a file that is a whole model.
    init?(_ metadata: GGUFMetadata) throws(CheckpointError) {
        guard let count = try metadata.optionalInteger("split.count"), count != 0 && count != 1 else {
            return nil
        }
        let file = metadata.file.path
        guard count > 0 else {
            throw .malformed(file: file, field: "split.count", reason: "\(count) is no number of parts")
        }
        guard count <= CheckpointLimit.shardCount.maximum else {
            throw .limitExceeded(
                file: file, limit: .shardCount, value: UInt64(count), field: "split.count")
        }
        let number = try metadata.integer("split.no")
        guard (0..<count).contains(number) else {
            throw .malformed(
                file: file, field: "split.no",
                reason: "\(number) is no number of \(Counted.text(count, "part")), from 0")
        }
        self.number = number
        self.count = count
        tensorCount = try metadata.optionalInteger("split.tensors.count")
    }

    /// All parts of the model that `given` is part of, in order; itself alone where it is whole.
    static func parts(beside given: GGUFPart) throws(CheckpointError) -> [GGUFPart] {
        guard let split = try GGUFSplit(given.metadata) else { return [given] }
        guard let name = GGUFPartName(given.path) else {
            throw .unnumberedPart(file: given.path, number: split.number + 1, count: split.count)
        }
        guard name.number == split.number + 1, name.count == split.count else {
            throw .foreignPart(
                file: given.path,
                reason: "its header calls it part \(split.number + 1) of \(split.count), and its name part "
                    + "\(name.number) of \(name.count)")
        }
        var parts: [GGUFPart] = []
        for number in 1...split.count {
            if number == name.number {
                parts.append(given)
                continue
            }
            let path = name.path(of: number)
            guard MappedFile.kind(at: path) != nil else {
                throw .missingPart(
                    file: given.path, number: name.number, missing: number, count: split.count, path: path)
            }
            parts.append(try GGUFPart(path: path))
        }
        try check(parts, as: split)
        return parts
    }

    /// Holds the parts against each other.
    private static func check(_ parts: [GGUFPart], as split: GGUFSplit) throws(CheckpointError) {
        let architecture = try parts[0].metadata.optionalString("general.architecture")
        for (number, part) in parts.enumerated() {
            func foreign(_ reason: String) -> CheckpointError {
                .foreignPart(file: part.path, reason: reason)
            }
            guard let own = try GGUFSplit(part.metadata) else { throw foreign("its header calls it whole") }
            guard own.number == number, own.count == split.count else {
                throw foreign(
                    "its header calls it part \(own.number + 1) of \(own.count), and part \(number + 1) of "
                        + "\(split.count) belongs there")
            }
            guard own.tensorCount == split.tensorCount else {
                throw foreign(
                    "its header counts \(own.tensorCount.map(String.init) ?? "no") tensors in all parts, and another "
                        + "part's \(split.tensorCount.map(String.init) ?? "none")")
            }
            if number > 0, let stated = try part.metadata.optionalString("general.architecture"),
                stated != architecture
            {
                throw foreign(
                    "it is of the architecture \(stated), and the first part of \(architecture ?? "none")")
            }
        }
        let found = parts.reduce(0) { $0 + $1.tensors.entries.count }
        guard let tensorCount = split.tensorCount, tensorCount != found else { return }
        throw .foreignPart(
            file: parts[0].path,
            reason: "all parts are to hold \(Counted.text(tensorCount, "tensor")) together, and hold \(found)"
        )
    }
}
