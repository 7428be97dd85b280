import CNuthatchKernels

/// How one kv head's keys, or values, lie in a page.
///
/// Exact numbers are a panel after another; see `PageLayout`. Coded ones are words of 32 bits in the same panels,
/// then the scales and the offsets of all groups, each region at a multiple of 64 bytes:
///
///     keys      words    [panel of 16 slots][dimensions * bits / 32][16 slots]
///     values    words    [panel of 16 dimensions][slots * bits / 32][16 dimensions]
///     both      scales   by channel  [slots / group][dimensions, rounded up to 16]
///                        by token    [dimensions / group][slots / span]
///               offsets  likewise
///
/// A word holds the codes of adjacent dimensions of one slot (keys) or adjacent slots of one dimension (values),
/// the first in its lowest bits: what a dot product along them reads as bytes.
struct PlaneLayout: Hashable, Sendable {
    enum Role: Sendable { case keys, values }

    let storage: Storage
    let byteCount: Int
    private let scaleOffset: Int
    private let offsetOffset: Int
    private let groupLength: Int
    private let span: Int

    /// The geometry was validated, so nothing here overflows; see `CacheLimits`.
    init(_ role: Role, _ storage: Storage, dimension: Int, pageLength: Int) {
        self.storage = storage
        let padded = Self.round(dimension, upTo: PageLayout.panelWidth)
        let inner = role == .keys ? dimension : padded
        switch storage {
        case .exact(let exact):
            byteCount = Self.round(pageLength * inner * exact.elementByteCount, upTo: PageLayout.alignment)
            scaleOffset = 0
            offsetOffset = 0
            groupLength = 1
            span = 1
        case .quantized(let quantization):
            let perWord = 32 / quantization.bitCount
            let wordCount =
                role == .keys
                ? pageLength * (Self.round(dimension, upTo: perWord) / perWord)
                : padded * (pageLength / perWord)
            let parameterCount: Int
            switch quantization.axis {
            case .channel:
                span = 1
                groupLength = quantization.groupLength
                parameterCount = pageLength / groupLength * padded
            case .token:
                span = Self.span(quantization.groupLength, dimension: dimension)
                groupLength = quantization.groupLength
                parameterCount = (dimension + groupLength - 1) / groupLength * (pageLength / span)
            }
            let parameterByteCount = Self.round(
                parameterCount * quantization.parameterStorage.elementByteCount, upTo: PageLayout.alignment)
            scaleOffset = Self.round(wordCount * 4, upTo: PageLayout.alignment)
            offsetOffset = scaleOffset + parameterByteCount
            byteCount = offsetOffset + parameterByteCount
        }
    }

    /// Consecutive tokens whose whole heads share a group: the largest power of two that a group holds, at most a
    /// panel of slots.
    private static func span(_ groupLength: Int, dimension: Int) -> Int {
        var span = 1
        while span * 2 * dimension <= groupLength, span < PageLayout.panelWidth { span *= 2 }
        return span
    }

    var kernelStorage: nuthatch_storage {
        switch storage {
        case .exact(let exact): exact.kernelStorage
        case .quantized: NUTHATCH_STORAGE_CODES
        }
    }

    /// As the kernels take it; of no meaning for exact numbers.
    var coding: nuthatch_coding {
        let quantization = storage.quantization
        return nuthatch_coding(
            bits: Int32(quantization?.bitCount ?? 0), is_by_slot: quantization?.axis == .token ? 1 : 0,
            group_length: groupLength, span: span,
            parameter_storage: (quantization?.parameterStorage ?? .f32).kernelStorage,
            method: quantization?.kernelMethod ?? NUTHATCH_QUANTIZATION_AFFINE,
            scale_offset: scaleOffset, offset_offset: offsetOffset)
    }

    private static func round(_ count: Int, upTo unit: Int) -> Int { (count + unit - 1) / unit * unit }
}
