import NuthatchVision

/// Waves, edges and noise, as Scripts/goldens/vision_models.py draws them.
enum DrawnImage {
    static func draw(width: Int, height: Int, seed: UInt64) throws -> RGBImage {
        var state = seed
        var pixels: [UInt8] = []
        for row in 0..<height {
            for column in 0..<width {
                for channel in 0..<3 {
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    let noise = Int(state >> 58)
                    let wave = (row * (3 + channel) + column * (5 - channel)) % 160
                    let edge = (row / 17 + column / 23 + channel) % 2 == 0 ? 0 : 60
                    pixels.append(UInt8(min(wave + edge + noise, 255)))
                }
            }
        }
        return try RGBImage(pixels: pixels, width: width, height: height)
    }
}
