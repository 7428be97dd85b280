package import NuthatchTensors

/// Everything about a vision tower but its weights (Qwen2-VL, arXiv:2409.12191; Qwen2.5-VL, arXiv:2502.13923).
///
/// ```
/// x = patch embedding of [patch, channel x frame x row x column]
/// for layer in layers {
///     x += attention(norm(x))                    // each patch sees its frame, or its window
///     x += feedForward(norm(x))
/// }
/// token = w2 gelu(w1 [norm(x) of a block's patches, one behind the other])
/// ```
package struct VisionSpecification: Sendable, Equatable {
    package let patches: Patches
    package let hiddenSize: Int
    package let headCount: Int
    package let feedForward: DecoderSpecification.FeedForward
    package let norm: DecoderSpecification.Norms.Kind
    package let layers: [Reach]
    /// Pixels of a side of a window; nil where no layer has one.
    package let windowLength: Int?
    /// theta of the rotary positions in rows and columns.
    package let rotaryBase: Double
    /// What a token's vector has: the decoder's hidden size.
    package let outputSize: Int
    /// The token that stands in a prompt for each of an image's.
    package let imageToken: TokenID

    /// What a patch is, in pixels.
    package struct Patches: Sendable, Equatable {
        package var channelCount: Int
        /// Pixels of a side.
        package var length: Int
        /// Frames; an image fills them with itself.
        package var frameCount: Int
        /// Patches of a side of the block that becomes one token.
        package var mergeLength: Int

        package init(channelCount: Int = 3, length: Int, frameCount: Int, mergeLength: Int) {
            self.channelCount = channelCount
            self.length = length
            self.frameCount = frameCount
            self.mergeLength = mergeLength
        }

        /// Numbers of a patch.
        package var width: Int { channelCount * frameCount * length * length }
        /// Patches of a block.
        package var mergeCount: Int { mergeLength * mergeLength }
    }

    /// How far attention reaches in a layer.
    package enum Reach: Sendable, Equatable {
        case frame
        case window
    }

    /// The epsilon of all norms, in every published file's code.
    static let epsilon: Float = 1e-6

    package init(
        file: String, patches: Patches, hiddenSize: Int, headCount: Int,
        feedForward: DecoderSpecification.FeedForward, norm: DecoderSpecification.Norms.Kind,
        layers: [Reach], windowLength: Int?, rotaryBase: Double, outputSize: Int, imageToken: TokenID
    ) throws(ModelError) {
        self.patches = patches
        self.hiddenSize = hiddenSize
        self.headCount = headCount
        self.feedForward = feedForward
        self.norm = norm
        self.layers = layers
        self.windowLength = windowLength
        self.rotaryBase = rotaryBase
        self.outputSize = outputSize
        self.imageToken = imageToken
        try validate(file: file)
    }
}

extension VisionSpecification {
    package var headDimension: Int { hiddenSize / headCount }

    /// Patches of a side of a window.
    var windowPatchCount: Int? {
        windowLength.map { $0 / patches.mergeLength / patches.length * patches.mergeLength }
    }

    /// The most patches of an image: 16,384 tokens of 2 x 2, the largest that published preprocessors let through.
    package static let maximumPatchCount = 1 << 16

    private func validate(file: String) throws(ModelError) {
        let sizes: [(field: String, value: Int, limit: ModelLimit)] = [
            ("the vision tower's hidden size", hiddenSize, .hiddenSize),
            ("the vision tower's layer count", layers.count, .layerCount),
            ("the vision tower's head count", headCount, .headCount),
            ("the vision tower's feed-forward size", feedForward.size, .feedForwardSize),
            ("the vision tower's output size", outputSize, .hiddenSize),
            ("the patch size", patches.length, .patchLength),
            ("the number of frames of a patch", patches.frameCount, .patchLength),
            ("the number of channels", patches.channelCount, .patchLength),
            ("the merge size", patches.mergeLength, .patchLength),
        ]
        for size in sizes { try size.limit.check(size.value, file: file, field: size.field) }
        guard hiddenSize % headCount == 0, headDimension % 4 == 0 else {
            throw .invalid(
                file: file, field: "the vision tower's head count",
                reason: "\(headCount) does not cut \(hiddenSize) into heads of a multiple of 4 numbers")
        }
        try ModelLimit.headDimension.check(
            headDimension, file: file, field: "the vision tower's head dimension")
        guard rotaryBase.isFinite, rotaryBase > 0 else {
            throw .invalid(
                file: file, field: "the vision tower's rotary base",
                reason: "is \(rotaryBase), no finite number above 0")
        }
        guard let windowLength, let windowPatchCount else { return }
        try ModelLimit.windowLength.check(windowLength, file: file, field: "window_size")
        guard windowPatchCount > 0 else {
            throw .invalid(
                file: file, field: "window_size", reason: "is \(windowLength), too few pixels for one token")
        }
    }
}
