import Foundation

/// A tokenizer whose tokens are the 256 bytes, and one more that begins a sequence.
package enum TinyTokenizer {
    package static let vocabularySize = 257
    /// The id that begins a sequence.
    package static let beginning = 256

    /// Writes tokenizer.json.
    ///
    /// - Parameters:
    ///   - addsBeginning: puts the beginning before texts.
    ///   - special: further tokens behind the beginning.
    package static func write(
        to directory: TemporaryDirectory, addsBeginning: Bool = false, special names: [String] = []
    ) throws {
        var vocabulary: [String: Int] = [:]
        for byte in 0..<256 { vocabulary[spelling(of: byte)] = byte }
        vocabulary["<s>"] = beginning
        for (index, name) in names.enumerated() { vocabulary[name] = beginning + 1 + index }
        let special: [String: Any] = ["id": "<s>", "type_id": 0]
        let sequence: [String: Any] = ["id": "A", "type_id": 0]
        let template: [String: Any] = [
            "type": "TemplateProcessing", "pair": [] as [Any],
            "single": [["SpecialToken": special], ["Sequence": sequence]],
            "special_tokens": ["<s>": ["id": "<s>", "ids": [beginning], "tokens": ["<s>"]] as [String: Any]],
        ]
        let byteLevel: [String: Any] = [
            "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true,
        ]
        let added = (["<s>"] + names).enumerated().map { index, name -> [String: Any] in
            [
                "id": beginning + index, "content": name, "special": true, "single_word": false,
                "lstrip": false, "rstrip": false, "normalized": false,
            ]
        }
        let root: [String: Any] = [
            "version": "1.0", "added_tokens": added, "normalizer": NSNull(), "pre_tokenizer": byteLevel,
            "post_processor": addsBeginning ? template : byteLevel, "decoder": byteLevel,
            "model": ["type": "BPE", "vocab": vocabulary, "merges": [] as [Any]] as [String: Any],
        ]
        try directory.write(Array(try JSONSerialization.data(withJSONObject: root)), as: "tokenizer.json")
        let configuration: [String: Any] = ["bos_token": "<s>", "tokenizer_class": "PreTrainedTokenizerFast"]
        try directory.write(
            Array(try JSONSerialization.data(withJSONObject: configuration)), as: "tokenizer_config.json")
    }

    /// GPT-2's printable stand-in for a byte: itself where it is printable, else the next unused from 256 on.
    private static func spelling(of byte: Int) -> String {
        func isPrintable(_ byte: Int) -> Bool {
            (33...126).contains(byte) || (161...172).contains(byte) || (174...255).contains(byte)
        }
        let scalar = isPrintable(byte) ? byte : 256 + (0..<byte).filter { !isPrintable($0) }.count
        return Unicode.Scalar(UInt32(scalar)).map { String(Character($0)) } ?? ""
    }
}
