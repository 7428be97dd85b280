import NuthatchCache
import NuthatchTensors

/// What a decoder's pass needs to look at sources.
struct SourceAttention {
    let layers: [SourceLayer]
    let batch: CrossBatch
}

extension ForwardPass {
    /// Adds what a layer finds in the sources of its rows. Three barriers, one more for rows that are shared and one
    /// for a bias; none at the end.
    func attend(to source: SourceAttention, _ index: Int, on worker: Worker) {
        let attention = specification.attention
        let layer = source.layers[index]
        let input = readStream(layer.norm, for: layer.query.matrices, on: worker)
        // What attention had multiplied is used up.
        let queries = views.queryKeyValue.columns(0..<attention.heads.queryWidth)
        operations.multiply(
            input, isQuantized: !views.isReplicated, by: layer.query.matrices, into: views.sourceQueries,
            scratch: quantized, on: worker)
        worker.barrier()
        if let bias = layer.queryBias {
            operations.add(bias: bias.base, to: queries, on: worker)
            worker.barrier()
        }
        source.batch.attend(
            queries, layer: index, queryHeadCount: attention.heads.queryCount,
            parameters: AttentionParameters(scale: attention.scale, logitSoftcap: attention.softcap),
            into: views.attention, on: worker)
        worker.barrier()
        operations.multiply(
            views.attention, by: layer.output, into: views.branch, scratch: quantized, on: worker)
        worker.barrier()
        join(bias: layer.outputBias, norm: layer.postNorm, on: worker)
    }

    /// An encoder's states, in the first copy of `normed`.
    func computeStates(on worker: Worker) {
        let stream = views.stream.rows(of: worker)
        let normed = views.normed.rows(of: worker)
        forEachOwnTile(of: views.rowCount, on: worker) { tile in
            if let norm = stack.finalNorm {
                normalise(stream.rows(tile), norm, into: normed.rows(tile), on: worker.alone)
            } else {
                stream.rows(tile).copy(to: normed.rows(tile))
            }
        }
    }
}
