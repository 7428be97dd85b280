package import NuthatchTensors

/// A tensor of a file that is to be written: known by its shape, its numbers read when its turn comes.
package struct WritableTensor {
    package let name: String
    /// Outermost dimension first.
    package let shape: [Int]
    /// How its source holds it; nil where it is made anew.
    package let storedFormat: ElementFormat?
    package let open: () throws(ModelError) -> TensorRows

    package init(
        name: String, shape: [Int], storedFormat: ElementFormat?,
        open: @escaping () throws(ModelError) -> TensorRows
    ) {
        self.name = name
        self.shape = shape
        self.storedFormat = storedFormat
        self.open = open
    }
}
