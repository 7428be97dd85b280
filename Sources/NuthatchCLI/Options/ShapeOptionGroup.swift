import ArgumentParser
import NuthatchCache
import NuthatchGeneration
import NuthatchTensors

/// The layers of a model that is not here.
struct ShapeOptionGroup: ParsableArguments {
    @Option(help: ArgumentHelp("Layers, all of full attention.", valueName: "layers"))
    var layers: Int?

    @Option(
        help: ArgumentHelp(
            "Heads of keys and values in each layer, often fewer than query heads.", valueName: "heads"))
    var kvHeads: Int?

    @Option(help: ArgumentHelp("Numbers of a head's key, and of its value.", valueName: "numbers"))
    var headDimension: Int?

    /// What was said, each with its option.
    var given: [String] {
        [
            layers.map { "--layers \($0)" }, kvHeads.map { "--kv-heads \($0)" },
            headDimension.map { "--head-dimension \($0)" },
        ].compactMap { $0 }
    }

    /// Nil where nothing was said.
    ///
    /// - Throws: `ValidationError` naming what is missing, or out of range.
    func geometries() throws -> [LayerGeometry]? {
        guard !given.isEmpty else { return nil }
        guard let layers, let kvHeads, let headDimension else {
            let missing = [
                layers == nil ? "--layers" : nil, kvHeads == nil ? "--kv-heads" : nil,
                headDimension == nil ? "--head-dimension" : nil,
            ].compactMap { $0 }
            throw ValidationError(
                "\(given.joined(separator: " ")) describes a model that is not here; say \(missing.joined(separator: " and ")) too."
            )
        }
        for (option, value, most) in [
            ("--layers", layers, CacheLimits.layerCount), ("--kv-heads", kvHeads, CacheLimits.kvHeadCount),
            ("--head-dimension", headDimension, CacheLimits.headDimension),
        ] where !(1...most).contains(value) {
            throw ValidationError("\(option) is \(value); choose 1 to \(most).")
        }
        let layer = LayerGeometry(
            kvHeadCount: kvHeads, keyDimension: headDimension, valueDimension: headDimension, retention: .full
        )
        return Array(repeating: layer, count: layers)
    }
}

/// What `plan --weights` takes: what weights are computed in, or the bytes of weights that are not here.
enum WeightsArgument: Sendable {
    case format(LoadOptions.Weights)
    case byteCount(Int)

    init(parsing argument: String) throws {
        if let format = LoadOptions.Weights(rawValue: argument) {
            self = .format(format)
        } else if let bytes = ByteCountArgument(argument: argument) {
            self = .byteCount(bytes.byteCount)
        } else if ByteCountArgument.read(argument) == .outOfRange {
            throw ValidationError(ByteCountArgument.rangeSentence)
        } else {
            throw ValidationError(
                "choose \(LoadOptions.Weights.allCases.map(\.rawValue).joined(separator: ", ")), or the bytes of a model "
                    + "that is not here: 14GB")
        }
    }
}
