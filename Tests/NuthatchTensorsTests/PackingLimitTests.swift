import NuthatchTensors
import Testing

/// Weights that what they are computed in can't hold are named, whoever packs them.
@Suite struct PackingLimitTests {
    private func pack(
        _ change: (inout [Float]) -> Void, _ precision: WeightPrecision, on pool: WorkerPool? = nil
    ) throws -> PackedMatrix {
        let (outputCount, inputCount) = (70, 45)
        var values = (0..<outputCount * inputCount).map { Float($0 % 11) - 5 }
        let plain = values
        change(&values)
        return try plain.withUnsafeBytes { plain in
            try values.withUnsafeBytes { changed in
                try PackedMatrix(
                    [("plain", plain), ("changed", changed)].map { name, bytes in
                        StoredMatrix(
                            format: .f32, outputCount: outputCount, inputCount: inputCount, bytes: bytes,
                            tensor: name)
                    }, precision: precision, on: pool)
            }
        }
    }

    @Test(
        "A weight beyond the limit is refused by its tensor, with the limit and what to use instead",
        arguments: [
            (
                WeightPrecision.q8, Float(1e7),
                "Tensor changed holds a number of magnitude 10000000.0; weights computed in q8 end at 8319008.0.",
                "Compute in native, f32 or bf16."
            ),
            (
                .q8, -8_400_000,
                "Tensor changed holds a number of magnitude 8400000.0; weights computed in q8 end at 8319008.0.",
                "Compute in native, f32 or bf16."
            ),
            (
                .q8, .nan, "Tensor changed holds a value that is no finite number, for which q8 has no code.",
                "Fetch the model again; if it stays so, it is damaged."
            ),
            (
                .q8, -.infinity,
                "Tensor changed holds a value that is no finite number, for which q8 has no code.",
                "Fetch the model again; if it stays so, it is damaged."
            ),
            (
                .bf16, -3.4e38,
                "Tensor changed holds a number of magnitude 3.4e+38; weights computed in bf16 end at 3.3895314e+38.",
                "Compute in native or f32."
            ),
        ])
    func beyondTheLimit(
        precision: WeightPrecision, weight: Float, message: String, remedy: String
    ) throws {
        // The first number, one in the middle of a panel, and the last: of several workers and of none.
        for place in [0, 35 * 45 + 7, 70 * 45 - 1] {
            for pool in [nil, WorkerPool(workerCount: 3)] {
                let error = #expect(throws: TensorError.self) {
                    try pack({ $0[place] = weight }, precision, on: pool)
                }
                #expect(error?.message == message)
                #expect(error?.remedy == remedy)
                #expect(error?.code == .badData)
            }
        }
    }

    @Test(
        "The largest weight that is held comes back finite",
        arguments: [
            (WeightPrecision.q8, Float(8_319_008)), (.bf16, 0x1.FEp127), (.f32, .greatestFiniteMagnitude),
        ])
    func theLargestIsHeld(precision: WeightPrecision, weight: Float) throws {
        for weight in [weight, -weight] {
            let packed = try pack({ $0[3] = weight }, precision)
            #expect(packed.weights(ofOutput: 70)[3] == weight)
        }
    }

    /// Floats hold what is none as the file does: its own numbers are its own affair.
    @Test("Floats pass on what is no number", arguments: [WeightPrecision.native, .f32, .bf16])
    func floatsPassOnWhatIsNoNumber(precision: WeightPrecision) throws {
        let packed = try pack(
            { values in
                values[0] = .infinity
                values[1] = .nan
            }, precision)
        let row = packed.weights(ofOutput: 70)
        #expect(row[0] == .infinity && row[1].isNaN)
    }
}
