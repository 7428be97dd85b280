import NuthatchCheckpoints
import NuthatchTensors
import Testing

/// Thousands of damaged files: each is read in full or refused with an error of this room. A trap, a read past
/// the mapping or an allocation for an absurd count would end the process.
@Suite struct HostileFileTests {
    /// Reads all that a checkpoint offers.
    private func exhaust(_ checkpoint: Checkpoint) {
        _ = checkpoint.identity
        for tensor in checkpoint.tensors {
            _ = try? checkpoint.floats(named: tensor.name)
            _ = try? checkpoint.matrix(named: tensor.name)
            checkpoint.release(tensorNamed: tensor.name)
        }
        switch checkpoint {
        case .gguf(let file):
            for key in file.metadata.keys {
                if let array = try? file.metadata.value(key)?.array {
                    _ = try? file.metadata.elements(of: array)
                }
                _ = try? file.metadata.optionalStrings(key)
                _ = try? file.metadata.optionalNumbers(key)
            }
        case .directory(let directory):
            _ = try? directory.chatTemplates()
        }
    }

    /// Opens a path and counts the outcome.
    private func open(_ path: String, _ openedCount: inout Int, _ refusedCount: inout Int) {
        do {
            exhaust(try Checkpoint.open(path))
            openedCount += 1
        } catch {
            // Every message can be made, whatever bytes it quotes.
            #expect(!error.description.isEmpty)
            refusedCount += 1
        }
    }

    /// Flips bits, writes numbers that hurt, cuts, repeats.
    private func mutate(_ original: [UInt8], with generator: inout SplitMix64) -> [UInt8] {
        var bytes = original
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            guard !bytes.isEmpty else { return bytes }
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<8, using: &generator) {
            case 0...2: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 3: bytes[place] = UInt8.random(in: 0...255, using: &generator)
            case 4, 5:
                let hurtful: [UInt64] = [
                    0, 1, 0x7F, 0xFF, 1 << 31, 1 << 32, 1 << 62, 1 << 63, .max - 7, .max,
                ]
                let word = littleEndian(hurtful.randomElement(using: &generator) ?? 0)
                for (offset, byte) in word.enumerated() where place + offset < bytes.count {
                    bytes[place + offset] = byte
                }
            case 6: bytes.removeLast(bytes.count - place)
            default:
                let end = min(bytes.count, place + Int.random(in: 1...64, using: &generator))
                bytes.insert(contentsOf: bytes[place..<end], at: place)
            }
        }
        return bytes
    }

    @Test func `no damaged GGUF file traps`() throws {
        let directory = try TemporaryDirectory()
        let original = try Golden.bytes("tiny.gguf")
        var generator = SplitMix64(state: 1)
        var (openedCount, refusedCount) = (0, 0)
        for _ in 0..<3_000 {
            open(
                try directory.write(mutate(original, with: &generator), to: "fuzz.gguf"), &openedCount,
                &refusedCount)
        }
        // Both ends are reached: mutations of values open, mutations of structure do not.
        #expect(openedCount > 150)
        #expect(refusedCount > 1_500)
    }

    @Test func `no damaged safetensors directory traps`() throws {
        let directory = try TemporaryDirectory()
        let names = [
            "config.json", "model.safetensors.index.json", "model-00001-of-00002.safetensors",
            "model-00002-of-00002.safetensors",
        ]
        let originals = try names.map { try Golden.bytes("tiny-directory/\($0)") }
        for (name, bytes) in zip(names, originals) { try directory.write(bytes, to: name) }
        var generator = SplitMix64(state: 2)
        var (openedCount, refusedCount) = (0, 0)
        for round in 0..<3_000 {
            let place = round % names.count
            try directory.write(mutate(originals[place], with: &generator), to: names[place])
            open(directory.path, &openedCount, &refusedCount)
            try directory.write(originals[place], to: names[place])
        }
        #expect(openedCount > 150)
        #expect(refusedCount > 1_500)
    }
}
