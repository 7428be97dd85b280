package import NuthatchCheckpoints
import NuthatchTensors

extension ImagePreprocessor {
    /// Means and deviations of OpenAI's CLIP, where files say nothing else.
    private static let clipMeans = [0.48145466, 0.4578275, 0.40821073]
    private static let clipDeviations = [0.26862954, 0.26130258, 0.27577711]

    /// Reads preprocessor_config.json; fields that are missing have the reference's defaults, and a directory without
    /// the file has them all.
    ///
    /// - Throws: `VisionError` naming the field that is out of range, or says what is not done here.
    package init(_ directory: HuggingFaceDirectory) throws(VisionError) {
        let json = try reading { () throws(CheckpointError) in try directory.json(.imageProcessor) }
        try self.init(
            PreprocessorReader(root: json ?? JSONField(.object(JSONObject()), file: directory.path)))
    }

    private init(_ reader: PreprocessorReader) throws(VisionError) {
        for key in ["do_resize", "do_rescale", "do_normalize"] {
            guard try reader.flag(key) else {
                throw .unsupportedValue(file: reader.file, field: key, found: "false", supported: ["true"])
            }
        }
        let resample = try reader.integer("resample", default: 3)
        guard resample == 3 else {
            throw .unsupportedValue(
                file: reader.file, field: "resample", found: "\(resample)", supported: ["3 (bicubic)"])
        }
        layout = PatchLayout(
            patchLength: try reader.length("patch_size", default: 14),
            frameCount: try reader.length("temporal_patch_size", default: 2),
            mergeLength: try reader.length("merge_size", default: 2))
        guard layout.width <= VisionLimit.patchWidth.maximum else {
            throw .invalid(
                file: reader.file, field: "patch_size",
                reason: "makes patches of \(Counted.text(layout.width, "number"))")
        }
        resize = try reader.bounds(unit: layout.unit)
        precision = try reader.precision()
        let factor = try reader.number("rescale_factor", default: 1.0 / 255)
        let means = try reader.channels("image_mean", default: Self.clipMeans)
        let deviations = try reader.channels("image_std", default: Self.clipDeviations)
        guard factor.isFinite, means.allSatisfy(\.isFinite), deviations.allSatisfy({ $0.isFinite && $0 > 0 })
        else {
            throw .invalid(
                file: reader.file, field: "image_mean, image_std or rescale_factor",
                reason: "is not finite, or a deviation is not above 0")
        }
        levels = zip(means, deviations).map { mean, deviation in
            (0..<256).map { Float((Double($0) * factor - mean) / deviation) }
        }
    }
}

/// The fields of preprocessor_config.json.
private struct PreprocessorReader {
    let root: JSONField

    var file: String { root.file }

    func flag(_ key: String) throws(VisionError) -> Bool {
        try reading { () throws(CheckpointError) in try root.optionalBool(key) ?? true }
    }

    func integer(_ key: String, default: Int) throws(VisionError) -> Int {
        try reading { () throws(CheckpointError) in try root.optionalInteger(key) ?? `default` }
    }

    func number(_ key: String, default: Double) throws(VisionError) -> Double {
        try reading { () throws(CheckpointError) in try root.optionalNumber(key) ?? `default` }
    }

    func length(_ key: String, default: Int) throws(VisionError) -> Int {
        let value = try integer(key, default: `default`)
        guard (1...VisionLimit.patchLength.maximum).contains(value) else {
            throw .invalid(
                file: file, field: key,
                reason: "is \(value); it may be 1 to \(VisionLimit.patchLength.maximum)")
        }
        return value
    }

    func channels(_ key: String, default: [Double]) throws(VisionError) -> [Double] {
        let values = try reading { () throws(CheckpointError) in try root.optionalNumbers(key) ?? `default` }
        guard values.count == RGBImage.channelCount else {
            throw .invalid(
                file: file, field: key,
                reason: "has \(Counted.text(values.count, "entry")) for red, green and blue")
        }
        return values
    }

    /// Bounds of an image's area: `min_pixels` and `max_pixels`, or, as transformers 5 has them, in `size`.
    func bounds(unit: Int) throws(VisionError) -> SmartResize {
        let bounds = try reading { () throws(CheckpointError) in
            let size = try root.optionalObject("size")
            func bound(_ name: String, _ edge: String, _ fallback: Int) throws(CheckpointError) -> Int {
                if let stated = try root.optionalInteger(name) { return stated }
                if let stated = try size?.optionalInteger(edge) { return stated }
                return try size?.optionalInteger(name) ?? fallback
            }
            return (
                minimum: try bound("min_pixels", "shortest_edge", 56 * 56),
                maximum: try bound("max_pixels", "longest_edge", 28 * 28 * 1280)
            )
        }
        guard bounds.minimum >= 1, bounds.minimum <= bounds.maximum,
            bounds.maximum <= VisionLimit.pixelCount.maximum
        else {
            throw .invalid(
                file: file, field: "min_pixels or max_pixels",
                reason:
                    "are \(bounds.minimum) and \(bounds.maximum); they may be 1 to \(VisionLimit.pixelCount.maximum), in "
                    + "this order")
        }
        return SmartResize(
            unit: unit, minimumPixelCount: bounds.minimum, maximumPixelCount: bounds.maximum)
    }

    /// transformers 5 resizes by PyTorch unless the processor's name asks for Pillow.
    func precision() throws(VisionError) -> Resampling.Precision {
        let name = try reading { () throws(CheckpointError) in try root.optionalString("image_processor_type")
        }
        switch name {
        case nil, "Qwen2VLImageProcessor", "Qwen2VLImageProcessorFast", "Qwen2_5_VLImageProcessor":
            return .torch
        case "Qwen2VLImageProcessorPil": return .pillow
        case let name?:
            throw .unsupportedValue(
                file: file, field: "image_processor_type", found: name,
                supported: ["Qwen2VLImageProcessor", "Qwen2VLImageProcessorFast", "Qwen2VLImageProcessorPil"])
        }
    }
}

/// Runs a read of a model's files and gives its errors this room's type.
func reading<Value>(_ read: () throws(CheckpointError) -> Value) throws(VisionError) -> Value {
    do { return try read() } catch { throw .checkpoint(error) }
}
