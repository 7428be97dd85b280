// swift-tools-version: 6.2
import PackageDescription

// Rooms, lowest first; a target may import only rooms listed above it (Scripts/check asserts it).
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func room(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: [.byName(name: name), "NuthatchTestSupport"] + dependencies,
        exclude: exclude,
        swiftSettings: settings)
}

let package = Package(
    name: "nuthatch",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Nuthatch", targets: ["Nuthatch"]),
        .executable(name: "nuthatch", targets: ["NuthatchCLI"]),
    ],
    traits: [
        .trait(
            name: "ImageFiles",
            description: "Decodes PNG and JPEG files, by the system's libpng and libjpeg-turbo.")
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        // Without its trait for Foundation, which would link all of that.
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        .target(name: "CNuthatchKernels"),
        room("NuthatchTensors", ["CNuthatchKernels"]),
        room("NuthatchReports", []),
        room("NuthatchCheckpoints", ["NuthatchTensors"]),
        room(
            "NuthatchCache",
            [
                "NuthatchTensors", "CNuthatchKernels",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        room("NuthatchTokenizers", ["NuthatchTensors", "NuthatchCheckpoints"]),
        // Linked with the trait ImageFiles alone.
        .systemLibrary(
            name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
        .systemLibrary(
            name: "CJPEG", pkgConfig: "libjpeg",
            providers: [.apt(["libjpeg-turbo8-dev", "libjpeg62-turbo-dev"]), .brew(["jpeg-turbo"])]),
        .target(
            name: "CNuthatchImageFiles",
            dependencies: [
                .target(name: "CPNG", condition: .when(traits: ["ImageFiles"])),
                .target(name: "CJPEG", condition: .when(traits: ["ImageFiles"])),
            ],
            cSettings: [.define("NUTHATCH_IMAGE_FILES", .when(traits: ["ImageFiles"]))]),
        room(
            "NuthatchVision",
            [
                "NuthatchTensors", "NuthatchCheckpoints",
                .target(name: "CNuthatchImageFiles", condition: .when(traits: ["ImageFiles"])),
            ]),
        room("NuthatchModels", ["NuthatchTensors", "NuthatchCheckpoints", "NuthatchCache"]),
        .target(name: "CNuthatchCurl"),
        room(
            "NuthatchHub",
            [
                "NuthatchTensors", "NuthatchCheckpoints", "CNuthatchCurl",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]),
        room(
            "NuthatchGeneration",
            [
                "NuthatchTensors", "NuthatchCheckpoints", "NuthatchCache", "NuthatchVision", "NuthatchModels",
                "NuthatchTokenizers", "NuthatchHub",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        room("Nuthatch", ["NuthatchTensors", "NuthatchVision", "NuthatchTokenizers", "NuthatchGeneration"]),
        .executableTarget(
            name: "NuthatchCLI",
            dependencies: [
                "NuthatchTensors", "NuthatchReports", "NuthatchCheckpoints", "NuthatchCache",
                "NuthatchVision",
                "NuthatchModels", "NuthatchTokenizers", "NuthatchHub", "NuthatchGeneration",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings),

        .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
        .target(
            name: "NuthatchTestSupport", dependencies: ["AllocationCounter", "NuthatchTensors"],
            path: "Tests/NuthatchTestSupport", swiftSettings: settings),
        tests(of: "NuthatchTensors", ["CNuthatchKernels"], exclude: ["Goldens"]),
        tests(of: "NuthatchReports", [.product(name: "Crypto", package: "swift-crypto")]),
        tests(of: "NuthatchCheckpoints", ["NuthatchTensors"], exclude: ["Goldens"]),
        tests(of: "NuthatchCache", ["NuthatchTensors", "CNuthatchKernels"], exclude: ["Goldens"]),
        tests(
            of: "NuthatchTokenizers", ["NuthatchTensors", "NuthatchCheckpoints"], exclude: ["Goldens"]),
        tests(of: "NuthatchVision", ["NuthatchTensors", "NuthatchCheckpoints"], exclude: ["Goldens"]),
        tests(
            of: "NuthatchModels", ["NuthatchTensors", "NuthatchCheckpoints", "NuthatchCache"],
            exclude: ["Goldens"]),
        tests(
            of: "NuthatchHub",
            ["NuthatchTensors", .product(name: "Crypto", package: "swift-crypto")]),
        tests(
            of: "NuthatchGeneration",
            [
                "NuthatchTensors", "NuthatchCheckpoints", "NuthatchCache", "NuthatchVision", "NuthatchModels",
                "NuthatchTokenizers", "NuthatchHub",
            ],
            exclude: ["Goldens"]),
        // Sees what applications see: the library's one import, and no `package` access.
        .testTarget(
            name: "NuthatchTests", dependencies: ["Nuthatch", "NuthatchTestSupport"], packageAccess: false,
            swiftSettings: settings),
        tests(
            of: "NuthatchCLI",
            [
                "NuthatchTensors", "NuthatchReports", "NuthatchCheckpoints", "NuthatchHub",
                "NuthatchGeneration",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
    ],
    cLanguageStandard: .c11
)
