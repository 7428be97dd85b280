import NuthatchCache
import NuthatchModels
package import NuthatchTensors
import NuthatchVision

extension LanguageModel {
    /// Whether prompts may have images.
    public var readsImages: Bool { vision != nil }

    /// - Throws: `NuthatchError` where the model reads text alone, saying why.
    package func requireVision() throws(NuthatchError) -> VisionModel {
        if let vision { return vision }
        guard ModelFamily.readsImages(network.family) else {
            throw NuthatchError(ModelError.imagesNotRead(family: network.family))
        }
        throw NuthatchError(
            code: .unavailable,
            message:
                "An image was given, and \(name) is a GGUF file, which holds the decoder of a \(network.family) "
                + "model alone: its vision tower is in a file of its own (mmproj), which Nuthatch does not read.",
            remedy: "Load the model's Hugging Face directory.")
    }

    /// Images as the model takes them.
    func prepare(_ images: [RGBImage]) throws(NuthatchError) -> [PromptImage] {
        if images.isEmpty { return [] }
        let vision = try requireVision()
        var prepared: [PromptImage] = []
        for image in images { prepared.append(try PromptImage(image, for: vision)) }
        return prepared
    }

    /// An image with its vectors, computed here and now: on the engine thread.
    func place(_ placement: ImagePrompt.Placement) throws -> PlacedImage {
        PlacedImage(
            grid: placement.grid, features: try requireVision().features(of: placement.image, on: workers))
    }
}
