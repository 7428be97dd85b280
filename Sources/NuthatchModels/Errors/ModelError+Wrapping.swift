import NuthatchCheckpoints
import NuthatchTensors

/// Runs a read of a checkpoint and gives its errors this room's type.
func reading<Value>(_ read: () throws(CheckpointError) -> Value) throws(ModelError) -> Value {
    do { return try read() } catch { throw .checkpoint(error) }
}

/// Runs what may find no memory and gives its errors this room's type.
func allocating<Value: ~Copyable>(
    _ allocate: () throws(TensorError) -> Value
) throws(ModelError) -> Value {
    do { return try allocate() } catch { throw .tensors(error) }
}
