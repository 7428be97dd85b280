package import NuthatchCache
package import NuthatchCheckpoints
package import NuthatchTensors

/// What can be wrong with a model or with what it is asked to compute. `file` is the path as opened.
package enum ModelError: Error {
    // Beneath.
    case checkpoint(CheckpointError)
    case tensors(TensorError)
    case cache(CacheError)

    // The header.
    case unsupportedArchitecture(file: String, found: String, supported: [String])
    case encoderOnly(file: String, architecture: String)
    case encoderDecoder(file: String, family: String)
    case unsupportedValue(file: String, field: String, found: String, supported: [String])
    case outOfRange(file: String, field: String, found: Int, limit: ModelLimit)
    case numberOutOfRange(file: String, field: String, found: Double, range: ModelNumber)
    case invalid(file: String, field: String, reason: String)
    /// A value that files may give layer by layer, and that layers have to share here.
    case differsByLayer(file: String, field: String, values: [String])
    /// The weights are codes of a method that isn't read.
    case quantizedWeights(file: String, place: CodesPlace, method: String)
    /// The file is something else that is known.
    case foreign(file: String, content: ForeignContent)

    // The tensors.
    case missingTensor(file: String, tensor: String, expected: [Int])
    case unexpectedTensors(file: String, tensors: [String], family: String)
    /// A tensor that files of the family hold as a copy of another holds other numbers.
    case differingCopy(file: String, tensor: String, original: String)
    case wrongShape(file: String, tensor: String, expected: [Int], found: [Int])

    // A file to be written.
    case notWritable(file: String, family: String, reason: String)

    // A request.
    case tokenOutOfRange(token: TokenID, index: Int, vocabularySize: Int)
    case contextLengthOutOfRange(asked: Int, maximum: Int)
    case contextFull(contextLength: Int, asked: Int)
    case invalidBatch(reason: String)
    case layersDiffer
    case withoutMemoryGates(family: String, layer: Int)
    /// Attentions were asked for of a layer whose rows look from other positions than their own.
    case unsupportedObservation(layer: Int)
    /// A cache has sinks at positions in the cache, and the model's positions can't be moved.
    case fixedPositions(family: String, layer: Int)
    case imagesNotRead(family: String)
    case imagesWithDistantPositions
    case imageTooLarge(patchCount: Int, maximum: Int)
}

/// What says that weights are codes.
package enum CodesPlace: Equatable, Sendable {
    /// A field of the header.
    case field(String)
    /// A tensor that floats don't come with.
    case tensor(String)
}

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
