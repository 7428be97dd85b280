/// Writes safetensors files from header text as it is, so that tests can say anything.
enum SafetensorsBuilder {
    static func file(header: String, data: [UInt8], claimedHeaderByteCount: UInt64? = nil) -> [UInt8] {
        littleEndian(claimedHeaderByteCount ?? UInt64(header.utf8.count)) + Array(header.utf8) + data
    }

    /// One F32 tensor per name, [values.count], one after another.
    static func file(_ tensors: [(name: String, values: [Float])]) -> [UInt8] {
        var members: [String] = []
        var data: [UInt8] = []
        for (name, values) in tensors {
            let begin = data.count
            data += values.flatMap { littleEndian($0.bitPattern) }
            members.append(
                "\"\(name)\":{\"dtype\":\"F32\",\"shape\":[\(values.count)],\"data_offsets\":[\(begin),\(data.count)]}"
            )
        }
        return file(header: "{\(members.joined(separator: ","))}", data: data)
    }
}
