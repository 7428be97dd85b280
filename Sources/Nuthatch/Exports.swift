// What `import Nuthatch` names: every type that the public interface reaches, listed one by one, so that a type is
// either here or `package`. Scripts/check compares the list with the declarations.

@_exported public import struct NuthatchGeneration.Answer
@_exported public import struct NuthatchGeneration.AnswerStream
@_exported public import struct NuthatchGeneration.CacheOptions
@_exported public import struct NuthatchGeneration.CacheReport
@_exported public import struct NuthatchGeneration.GenerationOptions
@_exported public import struct NuthatchGeneration.GenerationReport
@_exported public import struct NuthatchGeneration.KeysAndValues
@_exported public import class NuthatchGeneration.LanguageModel
@_exported public import struct NuthatchGeneration.LoadOptions
@_exported public import struct NuthatchGeneration.ModelLibrary
@_exported public import struct NuthatchGeneration.Observation
@_exported public import enum NuthatchGeneration.PrefixSharing
@_exported public import struct NuthatchGeneration.SamplingOptions
@_exported public import struct NuthatchGeneration.SequenceShape
@_exported public import struct NuthatchGeneration.SequenceStep
@_exported public import class NuthatchGeneration.Session
@_exported public import class NuthatchGeneration.TokenSequence
@_exported public import struct NuthatchTensors.NuthatchError
@_exported public import typealias NuthatchTensors.TokenID
@_exported public import struct NuthatchTokenizers.ChatDate
@_exported public import struct NuthatchTokenizers.ChatMember
@_exported public import struct NuthatchTokenizers.ChatMessage
@_exported public import struct NuthatchTokenizers.ChatTemplate
@_exported public import enum NuthatchTokenizers.ChatValue
@_exported public import struct NuthatchTokenizers.StreamingDecoder
@_exported public import enum NuthatchTokenizers.TemplateError
@_exported public import struct NuthatchTokenizers.TemplatePosition
@_exported public import class NuthatchTokenizers.Tokenizer
@_exported public import struct NuthatchVision.RGBImage
