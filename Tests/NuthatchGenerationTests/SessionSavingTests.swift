import Foundation
import NuthatchGeneration
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// A cache that was saved goes on in another session as if it had not been away, and only where it fits.
@Suite struct SessionSavingTests {
    private let prompt = String(repeating: "A nuthatch hides its seeds. ", count: 4)

    private func model(layerCount: Int = 2) async throws -> (LanguageModel, TemporaryDirectory) {
        let tiny = TinyLlama(
            maxPositions: 256, layerCount: layerCount, vocabularySize: TinyTokenizer.vocabularySize)
        let directory = try tiny.write()
        try TinyTokenizer.write(to: directory, addsBeginning: false)
        return (
            try await LanguageModel.load(at: directory.path, options: LoadOptions(threadCount: 2)), directory
        )
    }

    private func options() throws -> GenerationOptions {
        try GenerationOptions(maximumNewTokens: 20)
    }

    @Test(arguments: [CacheOptions.Storage.f16, .q8, .q4, .q2])
    func aRestoredCacheAnswersAlike(storage: CacheOptions.Storage) async throws {
        let (model, directory) = try await model()
        let cache = try CacheOptions(keys: storage, values: storage)
        let path = "\(directory.path)/saved"
        let origin = try Session(model, cache: cache)
        let text = try await origin.streamCompletion(of: prompt, options: try options()).text()
        try await origin.saveCache(to: path)

        // The same files, loaded again.
        let again = try await LanguageModel.load(at: directory.path, options: LoadOptions(threadCount: 1))
        let restored = try Session(again, cache: cache)
        try await restored.restoreCache(from: path)
        #expect(await restored.cachedTokenCount == origin.cachedTokenCount)
        let answer = restored.streamCompletion(of: prompt, options: try options())
        #expect(try await answer.text() == text)
        let report = try await answer.report()
        #expect(report.cachedTokenCount > 0)
        #expect(report.cachedTokenCount <= report.promptTokenCount - 1)
    }

    @Test func whatDoesNotFitIsRefusedAndNamed() async throws {
        let (model, directory) = try await model()
        let path = "\(directory.path)/saved"
        let origin = try Session(model)
        _ = try await origin.streamCompletion(of: prompt, options: try options()).text()
        try await origin.saveCache(to: path)

        let (other, otherDirectory) = try await self.model(layerCount: 3)
        await refused(try Session(other), path, naming: "weights")
        let halves = try Session(model, cache: .halfFloats)
        await refused(halves, path, naming: "other cache options: it has keys q8 (method affine, axis ")
        await refused(halves, path, naming: "needed is keys f16")
        _ = try await halves.streamCompletion(of: prompt, options: try options()).text()
        try await halves.saveCache(to: path + "-f16")
        await refused(
            try Session(model), path + "-f16", naming: "other cache options: it has keys f16")
        await refused(
            try Session(model), path + "-f16", naming: "needed is keys q8 (method affine, axis ")
        let floats = try await LanguageModel.load(
            at: directory.path, options: LoadOptions(threadCount: 1, weights: .f32))
        await refused(try Session(floats), path, naming: "weights")

        var bytes = try Data(contentsOf: URL(filePath: path))
        // Behind a page the file is padded to 4,096 bytes, which nobody reads.
        bytes[bytes.count - 4_096 + 7] ^= 1
        try bytes.write(to: URL(filePath: path))
        let session = try Session(model)
        _ = try await session.streamCompletion(of: "Before.", options: try options()).text()
        let count = await session.cachedTokenCount
        await refused(session, path, naming: "damaged")
        #expect(await session.cachedTokenCount == count)
        withExtendedLifetime(otherDirectory) {}
    }

    @Test func anotherConfigurationOfTheModelIsToldFromOtherWeights() async throws {
        let (model, directory) = try await model()
        let path = "\(directory.path)/saved"
        let origin = try Session(model)
        _ = try await origin.complete(prompt, options: try options()).text
        try await origin.saveCache(to: path)
        let file = URL(filePath: directory.path + "/config.json")
        var config = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
        config["rms_norm_eps"] = 1e-6
        try JSONSerialization.data(withJSONObject: config).write(to: file)
        let edited = try await LanguageModel.load(at: directory.path, options: LoadOptions(threadCount: 1))
        await refused(
            try Session(edited), path,
            naming:
                "saved with another configuration of the model (config.json, or a GGUF file's header): it has model "
        )
    }

    @Test func aSavedCacheTakesNoOtherFilesPlace() async throws {
        let (model, directory) = try await model()
        let session = try Session(model)
        _ = try await session.complete(prompt, options: try options()).text
        for name in ["config.json", "model.safetensors"] {
            let path = "\(directory.path)/\(name)"
            let content = try Data(contentsOf: URL(filePath: path))
            await #expect(throws: NuthatchError.self) { try await session.saveCache(to: path) }
            #expect(try Data(contentsOf: URL(filePath: path)) == content)
        }
        // One takes another's, or that of a file that holds nothing.
        let path = try directory.write([], as: "saved")
        for _ in 0..<2 { try await session.saveCache(to: path) }
        try await session.restoreCache(from: path)
    }

    private func refused(_ session: Session, _ path: String, naming word: String) async {
        do {
            try await session.restoreCache(from: path)
            Issue.record("a cache with other \(word) was taken")
        } catch {
            #expect("\(error)".contains(word) || error.message.contains(word))
        }
    }
}
