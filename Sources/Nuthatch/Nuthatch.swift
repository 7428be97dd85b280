@_exported public import NuthatchGeneration
