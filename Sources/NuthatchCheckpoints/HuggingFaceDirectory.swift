/// A directory in the layout of the Hugging Face Hub: config.json, safetensors, tokenizer files.
package final class HuggingFaceDirectory: Sendable {}
