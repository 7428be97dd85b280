import Foundation
import NuthatchCache
import NuthatchCheckpoints
import NuthatchGeneration
import NuthatchTensors
import NuthatchTestSupport
import Testing

@Suite struct MemoryPlanTests {
    private func plan(
        _ question: MemoryPlan.Question, cache: CacheOptions = .halfFloats,
        weights: LoadOptions.Weights = .native,
        _ change: (inout [String: Any]) -> Void = { _ in }
    ) throws -> MemoryPlan {
        let directory = try TinyLlama(maxPositions: 512, layerCount: 3).write(change)
        return try MemoryPlan(
            Checkpoint.open(directory.path), weights: weights, cache: cache, question: question)
    }

    /// 3 layers of one head of 8, keys and values, 2 bytes: values are filled up to 16.
    private let pageByteCount = 64 * (8 + 16) * 2

    /// A page coded in 8 bits: a byte a number, and a scale and an offset of 2 bytes for the 64 slots of each of 16
    /// channels of keys, and for the 8 dimensions of 8 tokens' values, a region of each at a multiple of 64 bytes.
    private let codedPageByteCount = 64 * (8 + 16) + 2 * (64 + 64)

    @Test func nothingSaidPlansTheModelsOwnContext() throws {
        let plan = try plan(.init())
        #expect(plan.solution == .byteCount)
        #expect(plan.contextLength == 512)
        #expect(plan.sequenceCount == 1)
        #expect(plan.kvByteCount == 3 * 8 * pageByteCount)
        #expect(plan.byteCount == plan.weightByteCount + plan.workspaceByteCount + plan.kvByteCount)
        #expect(plan.layerKinds.map(\.layerCount) == [3])
        #expect(plan.layerKinds[0].pages.open == 8)
    }

    /// A pass of 256 tokens fills four pages beside the one begun, all open while they are coded.
    @Test func codesTakeTheOpenPagesOfAPassBeside() throws {
        let whole = try plan(.init(), cache: .default)
        #expect(whole.kvByteCount == 3 * (5 * pageByteCount + 8 * codedPageByteCount))
        #expect(whole.layerKinds[0].pages.open == 5 && whole.layerKinds[0].pages.sealed == 8)
        #expect(whole.layerKinds[0].sealedLayout.byteCount == codedPageByteCount)
        #expect(whole.halfFloatKVByteCount == 3 * 8 * pageByteCount)
        let several = try plan(.init(contextLength: 65, sequenceCount: 4), cache: .default)
        #expect(several.kvByteCount == 4 * 3 * (2 * pageByteCount + codedPageByteCount))
        #expect(several.halfFloatKVByteCount == 4 * 3 * 2 * pageByteCount)
        let reserved = try plan(.init(), cache: CacheOptions(growth: .reserved(tokenCount: 100)))
        #expect(reserved.kvByteCount == 3 * (2 * pageByteCount + codedPageByteCount))
        #expect(reserved.halfFloatKVByteCount == 3 * 2 * pageByteCount)
    }

    @Test func aMemoryGivesTheLongestContextOfCodes() throws {
        let none = try plan(.init(contextLength: 1), cache: .default)
        let besides = none.weightByteCount + none.workspaceByteCount
        let bytes = 3 * 2 * (pageByteCount + codedPageByteCount)
        let two = try plan(.init(byteBudget: besides + bytes), cache: .default)
        #expect(two.solution == .contextLength(128))
        #expect(two.kvByteCount == bytes && two.halfFloatKVByteCount == 3 * 2 * pageByteCount)
        // Without its last token the second page is not coded yet.
        let less = try plan(.init(byteBudget: besides + bytes - 1), cache: .default)
        #expect(less.solution == .contextLength(127))
        let batch = try plan(
            .init(contextLength: 64, byteBudget: besides + 7 * 3 * (pageByteCount + codedPageByteCount)),
            cache: .default)
        #expect(batch.solution == .sequenceCount(7))
    }

    @Test func whatIsHeldInHalfFloatsTakesWhatHalfFloatsTake() throws {
        let plan = try plan(.init(contextLength: 100, sequenceCount: 2))
        #expect(plan.halfFloatKVByteCount == plan.kvByteCount)
        let floats = try self.plan(
            .init(contextLength: 100, sequenceCount: 2), cache: CacheOptions(keys: .f32, values: .f32))
        #expect(floats.halfFloatKVByteCount * 2 == floats.kvByteCount)
    }

    @Test func aContextAndABatchGiveBytes() throws {
        let plan = try plan(.init(contextLength: 65, sequenceCount: 4))
        #expect(plan.kvByteCount == 4 * 3 * 2 * pageByteCount)
    }

    @Test func aMemoryGivesTheLongestContext() throws {
        let none = try plan(.init(contextLength: 1))
        let besides = none.weightByteCount + none.workspaceByteCount
        let two = try plan(.init(byteBudget: besides + 2 * 3 * pageByteCount))
        #expect(two.solution == .contextLength(128))
        #expect(two.kvByteCount == 2 * 3 * pageByteCount)
        let less = try plan(.init(byteBudget: besides + 2 * 3 * pageByteCount - 1))
        #expect(less.solution == .contextLength(64))
        let shared = try plan(.init(sequenceCount: 2, byteBudget: besides + 2 * 3 * pageByteCount))
        #expect(shared.solution == .contextLength(64))
        let tooLittle = try plan(.init(byteBudget: besides - 1))
        #expect(tooLittle.solution == .contextLength(0))
        #expect(tooLittle.kvByteCount == 0)
    }

    @Test func aMemoryAndAContextGiveTheLargestBatch() throws {
        let none = try plan(.init(contextLength: 1))
        let besides = none.weightByteCount + none.workspaceByteCount
        let plan = try plan(.init(contextLength: 64, byteBudget: besides + 7 * 3 * pageByteCount))
        #expect(plan.solution == .sequenceCount(7))
        #expect(plan.contextLength == 64)
    }

    @Test func aReservationIsAContext() throws {
        let reserved = try plan(
            .init(), cache: CacheOptions(keys: .f16, values: .f16, growth: .reserved(tokenCount: 100)))
        #expect(reserved.contextLength == 100)
        #expect(reserved.kvByteCount == 3 * 2 * pageByteCount)
        let whole = try plan(.init(), cache: CacheOptions(growth: .reservedContext))
        #expect(whole.contextLength == 512)
    }

    @Test func aContextBeyondTheModelsIsRefusedWhereTheCacheLooksSoFar() throws {
        let error = try #require(throws: NuthatchError.self) { try plan(.init(contextLength: 513)) }
        #expect(error.message == "A context of 513 tokens was asked for; the model was made for 512.")
        let sinks = try CacheOptions(retention: .sinks(count: 4, window: 60, positions: .inCache))
        #expect(try plan(.init(contextLength: 100_000), cache: sinks).contextLength == 100_000)
    }

    @Test func aConfigurationAloneIsPlannedAsTheFilesAre() throws {
        let tiny = TinyLlama(maxPositions: 512, layerCount: 3)
        let directory = try tiny.write { $0["torch_dtype"] = "float32" }
        let alone = try TemporaryDirectory()
        try alone.write(
            Array(try Data(contentsOf: URL(fileURLWithPath: directory.path + "/config.json"))),
            as: "config.json")
        for path in [alone.path, alone.path + "/config.json"] {
            let checkpoint = try #require(try Checkpoint(configurationAloneAt: path))
            for weights in LoadOptions.Weights.allCases {
                let plan = try MemoryPlan(
                    checkpoint, weights: weights, cache: .default, question: .init())
                let whole = try MemoryPlan(
                    Checkpoint.open(directory.path), weights: weights, cache: .default, question: .init())
                #expect(plan.kvByteCount == whole.kvByteCount)
                #expect(plan.workspaceByteCount == whole.workspaceByteCount)
                #expect(plan.weightByteCount == whole.weightByteCount)
            }
            let stated = try MemoryPlan(
                .configuration(checkpoint, weightByteCount: 1_000), cache: .default, question: .init())
            #expect(stated.weightByteCount == 1_000)
        }
        #expect(try Checkpoint(configurationAloneAt: directory.path) == nil)
    }

    /// An A10 has 24 GB; a model of 7 billion parameters takes 14 GB of them at 16 bits.
    @Test func layersAloneArePlannedByTheTextbooksSum() throws {
        let layer = LayerGeometry(
            kvHeadCount: 32, keyDimension: 128, valueDimension: 128, retention: .full)
        func plan(_ cache: CacheOptions) throws -> MemoryPlan {
            try MemoryPlan(
                .shape(layers: Array(repeating: layer, count: 32), weightByteCount: 14 << 30), cache: cache,
                question: .init(byteBudget: 24 << 30))
        }
        let halves = try plan(.halfFloats)
        #expect(halves.kvByteCountPerToken == 512 * 1024)
        #expect(halves.solution == .contextLength(20_480))
        #expect(halves.modelContextLength == nil)
        // Of each head 64 tokens of 128 codes, and on either side 128 scales and offsets of 2 bytes.
        let page = 32 * 2 * (64 * 128 + 2 * 128 * 2)
        let codes = try plan(.default)
        #expect(codes.kvByteCountPerToken == Double(32 * page) / 64)
        // Beside full pages five open ones, of 512 KiB a token; a page is coded with its last token.
        let pageCount = ((10 << 30) - 5 * 64 * 512 * 1024) / (32 * page)
        #expect(codes.solution == .contextLength(pageCount * 64 + 63))
        let pageOfHalves = 64 * 512 * 1024
        #expect(codes.halfFloatKVByteCount == (pageCount + 1) * pageOfHalves)
    }

    @Test func weightsTakeWhatTheyAreComputedIn() throws {
        let floats = try plan(.init(), weights: .f32)
        let halves = try plan(.init(), weights: .bf16)
        #expect(floats.weightByteCount > halves.weightByteCount)
    }

    @Test func layersOfAKindStandTogether() throws {
        let plan = try plan(.init(contextLength: 500), cache: CacheOptions(keys: .q4, values: .q4))
        #expect(plan.layerKinds.count == 1)
        #expect(plan.layerKinds[0].pages.sealed == 7)
        #expect(plan.layerKinds.reduce(0) { $0 + $1.byteCount } == plan.kvByteCount)
        let sinks = try self.plan(
            .init(), cache: CacheOptions(retention: .sinks(count: 4, window: 60, positions: .inCache)))
        #expect(sinks.layerKinds[0].retention.description == "sinks=4+60")
        #expect(sinks.kvByteCountPerToken == 0)
    }

    @Test func moreThanCanBeCountedIsRefused() throws {
        let error = try #require(throws: NuthatchError.self) {
            let layer = LayerGeometry(
                kvHeadCount: 1, keyDimension: 8, valueDimension: 8, retention: .full)
            return try MemoryPlan(
                .shape(layers: [layer], weightByteCount: 0), cache: .default,
                question: .init(contextLength: 1 << 31, sequenceCount: 1 << 40))
        }
        #expect(error.code == .outOfMemory)
    }

    @Test func onlyWhatHelpsIsAdvisedWhereAModelDoesNotFit() async throws {
        let tiny = try TinyModel.llama()
        let error = await #expect(throws: NuthatchError.self) {
            try await LanguageModel.load(at: tiny.path, options: LoadOptions(memoryBudget: 1))
        }
        #expect(error?.remedy == "Choose a smaller model or allow more (--memory).")
        #expect(
            MemoryBudget.remedy(fitting: [.q8], isAllowed: false, isFree: false)
                == "Load its weights as q8 (--weights q8), choose a smaller model, or free memory.")
        #expect(
            MemoryBudget.remedy(fitting: [.native, .q8], isAllowed: true, isFree: false)
                == "Load its weights in the file's own formats (--weights native), load its weights as q8 (--weights q8), "
                + "choose a smaller model, or allow more (--memory) and free memory.")
    }
}
