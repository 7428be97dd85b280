/// The tensors of all files that make up a model.
///
/// Invariant: no name is in two files.
struct TensorTables: Sendable {
    /// A table for each file, in order.
    let all: [TensorTable]
    private let placeOfTensor: [ExactKey: Int]
    /// What is known of tensors that may hold the same numbers.
    let comparisons = TensorComparisons()

    init(_ all: [TensorTable] = []) throws(CheckpointError) {
        var places: [ExactKey: Int] = [:]
        for (place, table) in all.enumerated() {
            for entry in table.entries {
                let name = entry.description.name
                guard places.updateValue(place, forKey: ExactKey(name)) == nil else {
                    throw .duplicateTensor(file: table.file.path, tensor: name)
                }
            }
        }
        self.all = all
        placeOfTensor = places
    }

    /// The table of the file that holds a tensor.
    func table(holding name: String) -> TensorTable? {
        placeOfTensor[ExactKey(name)].map { all[$0] }
    }
}
