import Benchmark
import NuthatchTensors

// The name and the type that the benchmark library's generated `main` asks for.
let benchmarks: @Sendable () -> Void = {
    let tables = KernelTable.available
    // Where only integer products differ, tables share all other kernels.
    let vectorTables = tables.withDistinctVectors

    for format in WeightFormat.codes {
        for rowCount in [1, 8, 128] {
            register("codes.\(format.rawValue).\(rowCount)-rows", on: tables) {
                try CodedProduct(format: format, rowCount: rowCount)
            }
        }
    }
    for format in WeightFormat.floats {
        for rowCount in [1, 128] {
            register("floats.\(format.rawValue).\(rowCount)-rows", on: vectorTables) {
                try FloatProduct(format: format, rowCount: rowCount)
            }
        }
    }
    for rowCount in [1, 128] {
        register("quantize.\(rowCount)-rows", on: tables) { try ActivationQuantizing(rowCount: rowCount) }
    }
    for storage in PageStorage.allCases {
        // One step of a group of query heads, and a block of a prompt.
        for tokenCount in [1, 32] {
            let rowCount = tokenCount * Shape.queriesPerHead
            register("attention.\(storage.rawValue).\(rowCount)-rows", on: vectorTables) {
                try PageAttention(storage: storage, tokenCount: tokenCount)
            }
        }
    }
    for storage in PageStorage.allCases where storage.isCoded {
        register("seal.\(storage.rawValue)", on: vectorTables) { try PageSealing(storage: storage) }
    }
    for operation in RowOperation.allCases {
        register("rows.\(operation.rawValue)", on: vectorTables) { try RowKernel(operation) }
    }
    // It chooses its instructions by itself.
    register("checksum", on: [.best]) { try PageChecking() }
}
