internal import Crypto
package import NuthatchCache
import NuthatchCheckpoints
package import NuthatchModels
import NuthatchTensors
import NuthatchTokenizers
import Synchronization

/// Digests of what a saved cache depends on, computed when first asked for and kept: SHA-256 over the weights takes
/// about as long as reading them.
final class ModelDigests: Sendable {
    let checkpoint: Checkpoint
    private let weights = Mutex<[UInt8]?>(nil)
    private let tokenizer = Mutex<[UInt8]?>(nil)

    init(_ checkpoint: Checkpoint) {
        self.checkpoint = checkpoint
    }

    fileprivate func weightDigest() -> [UInt8] {
        weights.withLock { digest in
            if let digest { return digest }
            var hash = SHA256()
            checkpoint.forEachContent { hash.update(bufferPointer: $0) }
            let result = Array(hash.finalize())
            digest = result
            return result
        }
    }

    /// The first 8 digits of a digest of what the files say beside the weights; for messages.
    fileprivate var configurationFingerprint: String {
        var hash = SHA256()
        checkpoint.forEachConfiguration { hash.update(bufferPointer: $0) }
        return Hexadecimal.text(hash.finalize().prefix(4))
    }

    fileprivate func tokenizerDigest(_ tokenizer: Tokenizer) -> [UInt8] {
        self.tokenizer.withLock { digest in
            if let digest { return digest }
            var hash = SHA256()
            for id in 0..<tokenizer.vocabularySize {
                // A separator that no piece contains keeps pieces apart.
                hash.update(data: Array(tokenizer.text(of: Int32(id)).utf8) + [0xFF])
            }
            let result = Array(hash.finalize())
            digest = result
            return result
        }
    }
}

extension LanguageModel {
    /// What a cache of this model's belongs to, for saving and restoring it.
    package func snapshotIdentity(of decoder: Decoder, _ plan: CachePlan) -> SnapshotIdentity {
        func part(_ digest: [UInt8], _ description: String) -> SnapshotIdentity.Part {
            SnapshotIdentity.Part(digest: digest, description: description)
        }
        let precision = "\(decoder.precision)"
        let positions = decoder.positionsDescription
        let form = SequenceCache.formDescription(plan)
        return SnapshotIdentity(
            weights: part(
                Self.digest(digests.weightDigest() + Array(precision.utf8)),
                [
                    name, "weights \(precision)",
                    SnapshotIdentity.modelConfiguration + digests.configurationFingerprint,
                ].joined(separator: SnapshotIdentity.Part.separator)),
            tokenizer: part(
                digests.tokenizerDigest(tokenizer), "\(tokenizer.vocabularySize) pieces of \(name)"),
            positions: part(Self.digest(Array(positions.utf8)), positions),
            configuration: part(Self.digest(Array(form.utf8)), SequenceCache.formSummary(plan)))
    }

    /// What decides the numbers of a cache in this process, where pages are shared without leaving it: this model as it was
    /// loaded, whatever its files' bytes are.
    func processIdentity(of decoder: Decoder, _ plan: CachePlan) -> SnapshotIdentity {
        let loaded = SnapshotIdentity.Part(digest: number, description: name)
        let form = SequenceCache.formDescription(plan)
        return SnapshotIdentity(
            weights: loaded, tokenizer: loaded, positions: loaded,
            configuration: SnapshotIdentity.Part(
                digest: Self.digest(Array(form.utf8)), description: SequenceCache.formSummary(plan)))
    }

    private static func digest(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }
}
