import NuthatchCheckpoints

extension TokenizerError {
    /// Runs what reads a file, and passes its errors on as this room's.
    static func wrapping<Value>(
        _ read: () throws(CheckpointError) -> Value
    ) throws(TokenizerError) -> Value {
        do {
            return try read()
        } catch {
            throw .checkpoint(error)
        }
    }
}
