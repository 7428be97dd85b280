import NuthatchCheckpoints
import NuthatchTensors
import Testing

@Suite struct CheckpointErrorTests {
    private static let messages: [(CheckpointError, String)] = [
        (
            CheckpointError.notFound(path: "m.gguf"),
            "There is no file or directory at m.gguf. Check the path, or pull the model first."
        ),
        (
            .truncated(file: "m.gguf", part: "tensor a", expectedByteCount: 90, actualByteCount: 80),
            """
            m.gguf ends too early: tensor a needs 90 bytes, and the file has 80. Fetch the file again; \
            if it stays so, its publisher has to repair it.
            """
        ),
        (
            .limitExceeded(file: "m.gguf", limit: .dimensionCount, value: 9, field: "tensor a"),
            """
            m.gguf: tensor a has a dimension count of 9; the limit is 8. A real model \
            stays far below this limit; fetch the file again.
            """
        ),
        (
            .badMagic(file: "m.gguf", found: [0x47, 0x0A]),
            """
            m.gguf is no GGUF file: it begins with the bytes 47 0a, not "GGUF". Fetch the file again, \
            or give a GGUF file.
            """
        ),
        (
            .unsupportedVersion(file: "m.gguf", version: 1),
            """
            m.gguf is GGUF version 1; versions 2 and 3 can be read. Convert the model again with a \
            current converter.
            """
        ),
        (
            .wrongType(file: "config.json", key: "a.b", expected: "an integer", found: "a string"),
            """
            config.json: a.b should be an integer and is a string. The file is damaged, or of a model \
            family that names or shapes it otherwise.
            """
        ),
        (
            .unsupportedFormat(file: "m.gguf", tensor: "a", format: "IQ2_XS"),
            """
            m.gguf: tensor a is stored as IQ2_XS, which Nuthatch cannot read. Choose a file in one of \
            F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K.
            """
        ),
        (
            .noWeights(directory: "m"),
            """
            m holds neither model.safetensors nor model.safetensors.index.json, and no GGUF file. Fetch the weights \
            (with the index, where they are in several files), or convert them.
            """
        ),
        (
            .unsafePath(file: "m/model.safetensors.index.json", path: "../x"),
            """
            m/model.safetensors.index.json names the file "../x", which is not a plain file name \
            beside it. Fetch the file again; if it stays so, its publisher has to repair it.
            """
        ),
    ]

    @Test(arguments: messages)
    func `messages name the file, the field and the remedy`(_ error: CheckpointError, _ text: String) {
        #expect(error.description == text)
        #expect(NuthatchError(error).description == text)
    }

    @Test func `names that a file chose cannot steer a terminal or fill it`() {
        let error = CheckpointError.missingTensor(file: "m", tensor: "a\u{1B}[2J\n\u{202E}b")
        #expect(error.message == #"m has no tensor named a\u{1b}[2J\u{a}\u{202e}b."#)
        let long = CheckpointError.duplicateKey(file: "m", key: String(repeating: "k", count: 60_000))
        #expect(long.message.count < 2_100)
    }

    @Test func `a missing file is unavailable and a wrong one is bad data`() {
        #expect(NuthatchError(CheckpointError.notFound(path: "m")).code == .unavailable)
        #expect(NuthatchError(CheckpointError.bigEndian(file: "m")).code == .badData)
    }
}
