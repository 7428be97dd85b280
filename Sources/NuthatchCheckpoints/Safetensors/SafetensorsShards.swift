/// The weights of a directory: model.safetensors alone, or the shards that an index names.
///
/// ```
/// model.safetensors.index.json:
/// { "metadata": { "total_size": ... }, "weight_map": { "tensor": "model-00001-of-00002.safetensors", ... } }
/// ```
/// Invariant: a tensor's name is in one shard only, and in the one the index says.
struct SafetensorsShards: Sendable {
    let files: [SafetensorsFile]
    let tensors: TensorTables

    /// No weights.
    init() throws(CheckpointError) { try self.init([]) }

    /// Opens one file that holds all tensors.
    init(singleFile path: String) throws(CheckpointError) {
        try self.init([SafetensorsFile(path: path)])
    }

    /// Opens the shards named by the index at `path`, which lie beside it in `directory`.
    init(index path: String, directory: String) throws(CheckpointError) {
        let weightMap = try Self.readWeightMap(path)
        let names = Self.shards(in: weightMap)
        guard names.count <= CheckpointLimit.shardCount.maximum else {
            throw .limitExceeded(
                file: path, limit: .shardCount, value: UInt64(names.count), field: "weight_map")
        }
        let missing = names.filter { MappedFile.kind(at: HuggingFaceDirectory.join(directory, $0)) == nil }
        guard missing.isEmpty else {
            throw .missingShards(index: path, shards: missing, count: names.count)
        }
        var files: [SafetensorsFile] = []
        for name in names {
            files.append(try SafetensorsFile(path: HuggingFaceDirectory.join(directory, name)))
        }
        try self.init(files)
        for (tensor, shard) in weightMap {
            let path = HuggingFaceDirectory.join(directory, shard)
            guard tensors.table(holding: tensor)?.file.path == path else {
                throw .missingTensor(file: path, tensor: tensor)
            }
        }
    }

    private init(_ files: [SafetensorsFile]) throws(CheckpointError) {
        self.files = files
        tensors = try TensorTables(files.map(\.tensors))
    }

    /// The plain names of the files that an index names.
    static func names(inIndex path: String) throws(CheckpointError) -> [String] {
        shards(in: try readWeightMap(path))
    }

    private static func shards(in weightMap: [(tensor: String, shard: String)]) -> [String] {
        Set(weightMap.map { ExactKey($0.shard) }).map(\.string).sorted()
    }

    /// Which shard holds which tensor, every shard a plain name of a file beside the index.
    private static func readWeightMap(
        _ path: String
    ) throws(CheckpointError) -> [(tensor: String, shard: String)] {
        let file = try MappedFile(path: path)
        let index = JSONField(
            try JSONParser.parse(file.bytes, file: path, repeatedKeys: .refused), file: path)
        var pairs: [(tensor: String, shard: String)] = []
        for member in try index.object("weight_map").value.object ?? JSONObject() {
            guard let shard = member.value.string else {
                throw JSONField(member.value, file: path, path: "weight_map.\(member.key)")
                    .wrongType(expected: "a string")
            }
            guard isPlainName(shard) else { throw .unsafePath(file: path, path: shard) }
            pairs.append((member.key, shard))
        }
        return pairs
    }

    /// Whether a name stays in its directory: no separator of any system, no control character, no "..".
    private static func isPlainName(_ name: String) -> Bool {
        !name.isEmpty && name != "." && name != ".."
            && name.utf8.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "\\") }
    }
}
