@_exported public import NuthatchGeneration
@_exported public import NuthatchVision
