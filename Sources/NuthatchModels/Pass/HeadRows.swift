import NuthatchTensors

/// Queries, keys and values side by side: [row, queries | keys | values].
struct HeadRows {
    let all: Rows
    let queries: Rows
    let keys: Rows
    let values: Rows
    /// Queries and keys, which turn alike.
    let queryKey: Rows

    init(_ rows: Rows, _ heads: DecoderSpecification.Heads) {
        let valueStart = heads.queryWidth + heads.kvWidth
        all = rows
        queries = rows.columns(0..<heads.queryWidth)
        keys = rows.columns(heads.queryWidth..<valueStart)
        values = rows.columns(valueStart..<valueStart + heads.kvWidth)
        queryKey = rows.columns(0..<valueStart)
    }
}
