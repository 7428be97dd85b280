/// A GGUF file, version 2 or 3, memory-mapped.
package final class GGUFFile: Sendable {}
