import NuthatchCache
import NuthatchCheckpoints
import NuthatchModels
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// Against transformers in float32: Euclidean distance at most 1e-4 of the golden's length.
@Suite struct VisionGoldenTests {
    @Test("The tower's vectors are those of transformers", arguments: VisionModel.all)
    func features(model: VisionModel) throws {
        let tower = try model.tower()
        let pool = WorkerPool(workerCount: 2)
        var theirs = try model.floats("features")[...]
        let width = tower.specification.outputSize
        for image in try model.patches(tower) {
            let rows = try tower.features(of: image.values, grid: image.grid, pool: pool)
            for row in 0..<rows.rows.rowCount {
                let ours = Array(UnsafeBufferPointer(start: rows.rows[row], count: width))
                #expect(relativeDistance(ours, Array(theirs.prefix(width))) <= 1e-4, "token \(row)")
                theirs = theirs.dropFirst(width)
            }
        }
        #expect(theirs.isEmpty)
    }

    @Test(
        "The frames of a film see themselves, and their vectors are those of transformers",
        arguments: VisionModel.all)
    func film(model: VisionModel) throws {
        let tower = try model.tower()
        let sides = try model.golden().film
        let grid = PatchGrid(frameCount: sides[0], rowCount: sides[1], columnCount: sides[2])
        let values = try model.floats("film")
        let patchCount = grid.patchCount * tower.specification.patches.width
        let features = try tower.features(
            of: Array(values.prefix(patchCount)), grid: grid, pool: WorkerPool(workerCount: 2))
        let ours = Array(
            UnsafeBufferPointer(
                start: features.rows.base, count: features.rows.rowCount * features.rows.columnCount))
        #expect(ours.count == values.count - patchCount)
        #expect(relativeDistance(ours, Array(values.dropFirst(patchCount))) <= 1e-4)
    }

    @Test(
        "Logits of a conversation with images are those of transformers, computed in turns",
        arguments: VisionModel.all)
    func logits(model: VisionModel) throws {
        let bench = try Bench(try model.decoder())
        let images = try model.images(try model.tower(), pool: bench.workers)
        let golden = try model.golden()
        let cache = try bench.cache()
        var ours: [[Float]] = []
        // The second turn brings an image, and meets the first one's cache.
        for turn in golden.turns {
            ours += try bench.logits(turn.tokens, Array(images.prefix(turn.imageCount)), into: cache)
        }
        let values = try model.floats("logits")
        let width = values.count / ours.count
        #expect(width == bench.decoder.specification.embedding.vocabularySize)
        for (position, our) in ours.enumerated() {
            let their = Array(values[position * width..<(position + 1) * width])
            #expect(relativeDistance(our, their) <= 1e-4, "position \(position)")
        }
    }

    @Test("Greedy tokens behind images are those of transformers", arguments: VisionModel.all)
    func greedy(model: VisionModel) throws {
        let bench = try Bench(try model.decoder())
        let images = try model.images(try model.tower(), pool: bench.workers)
        let golden = try model.golden()
        let cache = try bench.cache()
        var tokens = golden.turns[golden.turns.count - 1].tokens
        let count = tokens.count
        var last = try bench.logits(tokens, images, into: cache)[count - 1]
        while tokens.count < count + golden.greedy.count {
            // The tokens of images, which have no vectors here.
            for token in 120...122 { last[token] = -.infinity }
            tokens.append(TokenID(last.indices.max { last[$0] < last[$1] } ?? 0))
            last = try bench.logits(tokens, [], into: cache)[0]
        }
        #expect(Array(tokens[count...]) == golden.greedy)
    }

    @Test("A GGUF file holds the decoder alone, which reads text as the directory's does")
    func ggufFile() throws {
        let model = VisionModel(name: "qwen2vl-tied")
        let checkpoint = try Checkpoint.open(Goldens.path("qwen2vl-tied/model.gguf"))
        let description = try ModelDescription(checkpoint)
        #expect(description.family == "Qwen2-VL")
        #expect(description.vision == nil)
        #expect(ModelFamily.readsImages(description.family))
        let fromFile = try Bench(try Decoder.load(checkpoint, precision: .f32))
        let fromDirectory = try Bench(try model.decoder())
        let tokens = (0..<30).map { TokenID($0 * 4 + 3) }
        let ours = try fromFile.logits(tokens, into: try fromFile.cache())
        let theirs = try fromDirectory.logits(tokens, into: try fromDirectory.cache())
        for (our, their) in zip(ours, theirs) { #expect(relativeDistance(our, their) <= 1e-5) }
    }

    @Test("Text alone needs no image: the decoder is a Qwen2", arguments: VisionModel.all)
    func textAlone(model: VisionModel) throws {
        let decoder = try model.decoder()
        let bench = try Bench(decoder)
        let tokens = (0..<20).map { TokenID($0 * 5 + 3) }
        let logits = try bench.logits(tokens, into: try bench.cache())
        #expect(logits.count == 20 && logits.joined().allSatisfy(\.isFinite))
    }
}
