import CNuthatchKernels

/// The C library's memory, from which Swift allocates.
package enum Heap {
    /// Hands what was allocated and freed back to the system: a C library keeps it for the next allocation, and after
    /// a model is loaded that is megabytes of text and tables that nothing asks for again.
    package static func trim() { nuthatch_trim_heap() }
}
